//! Data that the node hands to the runtime for its inherents.

use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Names one kind of inherent data.
pub type InherentIdentifier = [u8; 8];

/// What the node knows and the runtime makes inherents of, by identifier.
#[derive(Clone, Default, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct InherentData {
    data: BTreeMap<InherentIdentifier, Vec<u8>>,
}

impl InherentData {
    /// No data.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts or replaces the value of `identifier`.
    pub fn put<T: Encode>(&mut self, identifier: InherentIdentifier, value: &T) {
        self.data.insert(identifier, value.encode());
    }

    /// The value of `identifier`, if there is one.
    ///
    /// # Errors
    /// When the value does not decode as a `T`.
    pub fn get<T: Decode>(
        &self,
        identifier: &InherentIdentifier,
    ) -> Result<Option<T>, codec::Error> {
        self.data.get(identifier).map(|bytes| T::decode(&mut &bytes[..])).transpose()
    }
}

/// What the runtime found wrong with a block's inherents.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct CheckInherentsResult {
    okay: bool,
    fatal_error: bool,
    errors: InherentData,
}

impl Default for CheckInherentsResult {
    fn default() -> Self {
        Self { okay: true, fatal_error: false, errors: InherentData::new() }
    }
}

impl CheckInherentsResult {
    /// Records that the inherent `identifier` is wrong. After a fatal error nothing is added.
    pub fn put_error<E: Encode>(
        &mut self,
        identifier: InherentIdentifier,
        error: &E,
        is_fatal: bool,
    ) {
        if self.fatal_error {
            return;
        }
        if is_fatal {
            self.errors = InherentData::new();
        }
        self.okay = false;
        self.fatal_error = is_fatal;
        self.errors.put(identifier, error);
    }

    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.okay
    }

    /// Whether the block must be refused.
    pub fn is_fatal(&self) -> bool {
        self.fatal_error
    }
}
