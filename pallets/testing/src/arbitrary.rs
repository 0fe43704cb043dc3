//! Values of any type that has type information, made from bytes that somebody else chose.
//!
//! Property tests and fuzzers choose bytes well, and shrink them well. [`Values`] reads such bytes as
//! choices (which variant, how long a list, which number) and writes an encoding that decodes.

use codec::{Compact, Decode, DecodeAll, Encode};
use scale_info::{
    Field, MetaType, PortableRegistry, Registry, TypeDef, TypeDefPrimitive, TypeInfo,
    form::PortableForm,
};
use std::{any::type_name, collections::BTreeMap, marker::PhantomData};

/// LIMIT: how many items a list gets.
const ITEMS_MAX: usize = 8;
/// LIMIT: how deep types may nest; below half of it lists are empty.
const DEPTH_MAX: usize = 40;

/// Choices still to be made; zeros once they are used up.
#[derive(Debug)]
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// As many choices as there are bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether all were made.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, self.0), |(b, rest)| (*b, rest));
        self.0 = rest;
        first
    }

    /// A number below `limit`; zero if that is zero. LIMIT: 256 are told apart.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit < 2 { 0 } else { usize::from(self.byte()) % limit }
    }

    /// A number of `bytes` bytes: small, close to the largest, or any.
    fn number(&mut self, bytes: usize) -> u128 {
        let largest = if bytes >= 16 { u128::MAX } else { (1 << (8 * bytes)) - 1 };
        match self.byte() {
            small @ 0..128 => u128::from(small % 32).min(largest),
            close @ 128..160 => largest - u128::from(close % 4),
            160.. => {
                let any = (0..bytes).fold(0, |all, _| all << 8 | u128::from(self.byte()));
                any & largest
            }
        }
    }
}

/// Makes values of the type `T`.
#[derive(Debug)]
pub struct Values<T> {
    /// `T`, and what was preferred, in the order in which they are numbered.
    roots: Vec<MetaType>,
    types: PortableRegistry,
    root: u32,
    /// Encodings that are taken half of the times, by type.
    preferred: BTreeMap<u32, Vec<Vec<u8>>>,
    of: PhantomData<T>,
}

impl<T: Decode + TypeInfo + 'static> Default for Values<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Decode + TypeInfo + 'static> Values<T> {
    /// Reads the type's information.
    pub fn new() -> Self {
        let roots = vec![MetaType::new::<T>()];
        let (types, root) = register(&roots);
        Self { roots, types, root, preferred: BTreeMap::new(), of: PhantomData }
    }

    /// Where a value holds an `X`, takes one of these half of the times: accounts that exist, or
    /// hashes that something is stored under. Any bytes would hit none of them.
    #[must_use]
    pub fn prefer<X: Encode + TypeInfo + 'static>(mut self, values: &[X]) -> Self {
        self.roots.push(MetaType::new::<X>());
        // The types before it keep their numbers.
        let (types, id) = register(&self.roots);
        self.types = types;
        self.preferred.entry(id).or_default().extend(values.iter().map(Encode::encode));
        self
    }

    /// A value; `None` if the choices lead to none, as with a type that nests without end.
    pub fn value(&self, choices: &mut Choices<'_>) -> Option<T> {
        let mut encoded = Vec::new();
        self.write(self.root, 0, choices, &mut encoded)?;
        // Bounds and other rules of a type are not in its information.
        T::decode_all(&mut encoded.as_slice()).ok()
    }

    fn write(
        &self,
        id: u32,
        depth: usize,
        choices: &mut Choices<'_>,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        if let Some(preferred) = self.preferred.get(&id)
            && choices.below(2) == 0
        {
            out.extend(preferred.get(choices.below(preferred.len()))?);
            return Some(());
        }
        let ty = self.types.resolve(id)?;
        match &ty.type_def {
            TypeDef::Composite(composite) => self.fields(&composite.fields, depth, choices, out),
            TypeDef::Tuple(tuple) => {
                tuple.fields.iter().try_for_each(|f| self.write(f.id, depth + 1, choices, out))
            }
            TypeDef::Variant(variants) => {
                let chosen = variants.variants.get(choices.below(variants.variants.len()))?;
                out.push(chosen.index);
                self.fields(&chosen.fields, depth, choices, out)
            }
            TypeDef::Sequence(sequence) => {
                let room = if depth > DEPTH_MAX / 2 { 0 } else { ITEMS_MAX };
                let length = choices.below(room + 1);
                Compact(u32::try_from(length).ok()?).encode_to(out);
                (0..length)
                    .try_for_each(|_| self.write(sequence.type_param.id, depth + 1, choices, out))
            }
            TypeDef::Array(array) => (0..array.len)
                .try_for_each(|_| self.write(array.type_param.id, depth + 1, choices, out)),
            TypeDef::Primitive(primitive) => {
                write_primitive(primitive, choices, out);
                Some(())
            }
            TypeDef::Compact(compact) => {
                // What has no number in it takes no byte.
                let bytes = self.compact_width(compact.type_param.id)?;
                if bytes > 0 {
                    Compact(choices.number(bytes)).encode_to(out);
                }
                Some(())
            }
            TypeDef::BitSequence(_) => {
                Compact(0_u32).encode_to(out);
                Some(())
            }
        }
    }

    fn fields(
        &self,
        fields: &[Field<PortableForm>],
        depth: usize,
        choices: &mut Choices<'_>,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        fields.iter().try_for_each(|field| self.write(field.ty.id, depth + 1, choices, out))
    }

    /// How many bytes the number has that is written compactly; zero for what has no number in it.
    fn compact_width(&self, id: u32) -> Option<usize> {
        match &self.types.resolve(id)?.type_def {
            TypeDef::Primitive(primitive) => Some(width(primitive)),
            TypeDef::Composite(composite) => match composite.fields.as_slice() {
                [only] => self.compact_width(only.ty.id),
                _ => None,
            },
            TypeDef::Tuple(tuple) => match tuple.fields.as_slice() {
                [] => Some(0),
                [only] => self.compact_width(only.id),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<T> Values<T> {
    /// What the values are of, for messages.
    pub fn name(&self) -> &'static str {
        type_name::<T>()
    }
}

/// All types that are needed for these, and the number of the last.
fn register(roots: &[MetaType]) -> (PortableRegistry, u32) {
    let mut registry = Registry::new();
    let ids: Vec<u32> = roots.iter().map(|root| registry.register_type(root).id).collect();
    (registry.into(), ids.last().copied().unwrap_or_default())
}

fn width(primitive: &TypeDefPrimitive) -> usize {
    use TypeDefPrimitive as P;
    match primitive {
        P::Bool | P::U8 | P::I8 => 1,
        P::U16 | P::I16 => 2,
        P::Char | P::U32 | P::I32 => 4,
        P::U64 | P::I64 => 8,
        P::U128 | P::I128 => 16,
        P::U256 | P::I256 => 32,
        P::Str => 0,
    }
}

fn write_primitive(primitive: &TypeDefPrimitive, choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    use TypeDefPrimitive as P;
    match primitive {
        P::Bool => out.push(choices.byte() & 1),
        P::Char => u32::from(b'a' + choices.byte() % 26).encode_to(out),
        P::Str => {
            let text: String = (0..choices.below(ITEMS_MAX))
                .map(|_| char::from(b'a' + choices.byte() % 26))
                .collect();
            text.encode_to(out);
        }
        P::U256 | P::I256 => {
            out.extend(choices.number(16).to_le_bytes());
            out.extend([0; 16]);
        }
        number => {
            let bytes = width(number);
            out.extend(&choices.number(bytes).to_le_bytes()[..bytes]);
        }
    }
}
