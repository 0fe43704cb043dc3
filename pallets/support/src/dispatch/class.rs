//! Classes of calls, which have separate weight limits.

use citrate_core::Weight;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What kind of call it is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub enum DispatchClass {
    /// An ordinary call.
    #[default]
    Normal,
    /// A call that keeps the chain working; it has room of its own in every block.
    Operational,
    /// A call that every block must have; no limit applies.
    Mandatory,
}

impl DispatchClass {
    /// All classes.
    pub const fn all() -> &'static [Self] {
        &[Self::Normal, Self::Operational, Self::Mandatory]
    }

    /// The classes to which limits apply.
    pub const fn non_mandatory() -> &'static [Self] {
        &[Self::Normal, Self::Operational]
    }
}

/// Whether a call pays its fee.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
)]
pub enum Pays {
    /// The caller pays.
    #[default]
    Yes,
    /// The call is free.
    No,
}

macro_rules! unit_type_info {
    ($name:ident { $($variant:ident = $index:literal),+ }) => {
        impl TypeInfo for $name {
            type Identity = Self;
            fn type_info() -> scale_info::Type {
                scale_info::Type::builder()
                    .path(scale_info::Path::new(stringify!($name), "frame_support::dispatch"))
                    .variant(
                        scale_info::build::Variants::new()
                            $(.variant(stringify!($variant), |v| v.index($index)))+,
                    )
            }
        }
    };
}

unit_type_info!(DispatchClass { Normal = 0, Operational = 1, Mandatory = 2 });
unit_type_info!(Pays { Yes = 0, No = 1 });

/// One class or several, for functions that take either.
pub trait OneOrMany<T> {
    /// Goes through the members.
    type Iter: Iterator<Item = T>;
    /// The members.
    fn into_iter(self) -> Self::Iter;
}

impl OneOrMany<Self> for DispatchClass {
    type Iter = core::iter::Once<Self>;
    fn into_iter(self) -> Self::Iter {
        core::iter::once(self)
    }
}

impl<'a> OneOrMany<DispatchClass> for &'a [DispatchClass] {
    type Iter = core::iter::Copied<core::slice::Iter<'a, DispatchClass>>;
    fn into_iter(self) -> Self::Iter {
        self.iter().copied()
    }
}

/// One value for each class.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct PerDispatchClass<T> {
    normal: T,
    operational: T,
    mandatory: T,
}

impl<T: TypeInfo + 'static> TypeInfo for PerDispatchClass<T> {
    type Identity = Self;
    fn type_info() -> scale_info::Type {
        scale_info::Type::builder()
            .path(scale_info::Path::new("PerDispatchClass", "frame_support::dispatch"))
            .type_params([scale_info::TypeParameter::new("T", Some(scale_info::meta_type::<T>()))])
            .composite(
                scale_info::build::Fields::named()
                    .field(|f| f.ty::<T>().name("normal").type_name("T"))
                    .field(|f| f.ty::<T>().name("operational").type_name("T"))
                    .field(|f| f.ty::<T>().name("mandatory").type_name("T")),
            )
    }
}

impl<T> PerDispatchClass<T> {
    /// Makes the value of each class.
    pub fn new(f: impl Fn(DispatchClass) -> T) -> Self {
        Self {
            normal: f(DispatchClass::Normal),
            operational: f(DispatchClass::Operational),
            mandatory: f(DispatchClass::Mandatory),
        }
    }

    /// The value of a class.
    pub fn get(&self, class: DispatchClass) -> &T {
        match class {
            DispatchClass::Normal => &self.normal,
            DispatchClass::Operational => &self.operational,
            DispatchClass::Mandatory => &self.mandatory,
        }
    }

    /// The value of a class, to change.
    pub fn get_mut(&mut self, class: DispatchClass) -> &mut T {
        match class {
            DispatchClass::Normal => &mut self.normal,
            DispatchClass::Operational => &mut self.operational,
            DispatchClass::Mandatory => &mut self.mandatory,
        }
    }

    /// Sets the value of one class or of several.
    pub fn set(&mut self, new: T, class: impl OneOrMany<DispatchClass>)
    where
        T: Clone,
    {
        for class in class.into_iter() {
            *self.get_mut(class) = new.clone();
        }
    }
}

impl PerDispatchClass<Weight> {
    /// The weight of all classes together.
    pub fn total(&self) -> Weight {
        self.normal.saturating_add(self.operational).saturating_add(self.mandatory)
    }

    /// Adds weight to a class.
    pub fn add(&mut self, weight: Weight, class: DispatchClass) {
        self.accrue(weight, class);
    }

    /// Adds weight to a class, saturating.
    pub fn accrue(&mut self, weight: Weight, class: DispatchClass) {
        let value = self.get_mut(class);
        *value = value.saturating_add(weight);
    }

    /// Adds weight to a class, or fails and changes nothing.
    ///
    /// # Errors
    /// The sum overflows.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn checked_accrue(&mut self, weight: Weight, class: DispatchClass) -> Result<(), ()> {
        let value = self.get_mut(class);
        *value = value.checked_add(&weight).ok_or(())?;
        Ok(())
    }

    /// Takes weight from a class, down to zero.
    pub fn reduce(&mut self, weight: Weight, class: DispatchClass) {
        let value = self.get_mut(class);
        *value = value.saturating_sub(weight);
    }

    /// Takes weight from a class, down to zero.
    pub fn sub(&mut self, weight: Weight, class: DispatchClass) {
        self.reduce(weight, class);
    }
}
