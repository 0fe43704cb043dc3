//! What clients and the state can see of a runtime: calls, storage and constants, each by its shape.

use citrate_core::hashing::blake2_256;
use frame_metadata::v14::{RuntimeMetadataV14, StorageEntryMetadata, StorageEntryType};
use scale_info::{PortableRegistry, TypeDef, form::PortableForm};
use std::collections::BTreeMap;

/// Items by name (`Pallet.Item`), each with what must stay the same.
pub(super) type Items = BTreeMap<String, String>;

/// What can be seen of a runtime.
#[derive(Clone, Default)]
pub(super) struct Schema {
    /// Pallets, with their indices.
    pub(super) pallets: Items,
    /// Calls, with their indices and the shapes of their arguments.
    pub(super) calls: Items,
    /// Storage, with hashers and the shapes of keys and values.
    pub(super) storage: Items,
    /// Constants, with their values.
    pub(super) constants: Items,
}

/// Reads it from metadata.
pub(super) fn shapes(metadata: &RuntimeMetadataV14) -> Schema {
    let mut shapes = Shapes { types: &metadata.types, known: BTreeMap::new() };
    let mut schema = Schema::default();
    for pallet in &metadata.pallets {
        let name = &pallet.name;
        schema.pallets.insert(name.clone(), format!("index {}", pallet.index));
        let calls = pallet.calls.as_ref().and_then(|calls| metadata.types.resolve(calls.ty.id));
        if let Some(TypeDef::Variant(calls)) = calls.map(|ty| &ty.type_def) {
            for call in &calls.variants {
                let arguments = call.fields.iter().map(|field| shapes.of(field.ty.id));
                let shape = arguments.collect::<Vec<_>>().join(", ");
                let what = format!("{}.{} ({shape})", pallet.index, call.index);
                schema.calls.insert(format!("{name}.{}", call.name), what);
            }
        }
        for entry in pallet.storage.iter().flat_map(|storage| &storage.entries) {
            let prefix = pallet.storage.as_ref().map(|s| s.prefix.clone()).unwrap_or_default();
            schema.storage.insert(format!("{prefix}.{}", entry.name), shapes.entry(entry));
        }
        // Every runtime has another version.
        let constants = pallet.constants.iter();
        for constant in
            constants.filter(|c| (name.as_str(), c.name.as_str()) != ("System", "Version"))
        {
            let value = format!("0x{}", hex::encode(&constant.value));
            schema.constants.insert(format!("{name}.{}", constant.name), value);
        }
    }
    schema
}

/// Types by what they encode to, so that a renamed type is the same one.
struct Shapes<'a> {
    types: &'a PortableRegistry,
    /// What is known of a type; none while it is being looked at, which is where a type contains itself.
    known: BTreeMap<u32, Option<String>>,
}

impl Shapes<'_> {
    fn entry(&mut self, entry: &StorageEntryMetadata<PortableForm>) -> String {
        match &entry.ty {
            StorageEntryType::Plain(value) => self.of(value.id),
            StorageEntryType::Map { hashers, key, value } => {
                let (key, value) = (self.of(key.id), self.of(value.id));
                format!("{hashers:?} {key} => {value}")
            }
        }
    }

    /// A short text that is the same for types of the same encoding.
    fn of(&mut self, id: u32) -> String {
        match self.known.get(&id) {
            Some(Some(shape)) => return shape.clone(),
            Some(None) => return "itself".to_owned(),
            None => {}
        }
        self.known.insert(id, None);
        let ty = self.types.resolve(id);
        let shape = ty.map(|ty| self.describe(&ty.type_def)).unwrap_or_default();
        // What is long is named by its hash: an enum of all calls is in many types.
        let shape = match shape.len() {
            0..=64 => shape,
            _ => format!("#{}", hex::encode(&blake2_256(shape.as_bytes())[..6])),
        };
        self.known.insert(id, Some(shape.clone()));
        shape
    }

    fn describe(&mut self, def: &TypeDef<PortableForm>) -> String {
        let mut all = |ids: Vec<u32>| {
            let shapes: Vec<String> = ids.into_iter().map(|id| self.of(id)).collect();
            shapes.join(", ")
        };
        match def {
            TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
            TypeDef::Compact(compact) => format!("compact {}", self.of(compact.type_param.id)),
            TypeDef::Sequence(sequence) => format!("[{}]", self.of(sequence.type_param.id)),
            TypeDef::Array(array) => format!("[{}; {}]", self.of(array.type_param.id), array.len),
            TypeDef::Tuple(tuple) => {
                format!("({})", all(tuple.fields.iter().map(|f| f.id).collect()))
            }
            TypeDef::Composite(composite) => {
                format!("({})", all(composite.fields.iter().map(|f| f.ty.id).collect()))
            }
            TypeDef::BitSequence(_) => "bits".to_owned(),
            TypeDef::Variant(variant) => {
                let variants = variant.variants.iter().map(|variant| {
                    let fields = all(variant.fields.iter().map(|f| f.ty.id).collect());
                    format!("{} {}({fields})", variant.index, variant.name)
                });
                format!("enum {{{}}}", variants.collect::<Vec<_>>().join(", "))
            }
        }
    }
}
