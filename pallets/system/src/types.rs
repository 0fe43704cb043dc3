//! What the system pallet stores and emits.

use alloc::{borrow::Cow, vec::Vec};
use citrate_core::{H256, RuntimeVersion, Weight, generic::Phase};
use citrate_support::dispatch::{DispatchClass, Pays};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How many references of a kind an account has.
pub type RefCount = u32;

/// What is known of an account.
#[derive(
    Debug,
    Clone,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[scale_info(replace_segment("pallet_system", "frame_system"))]
pub struct AccountInfo<Nonce, AccountData> {
    /// The number of transactions that the account has sent.
    pub nonce: Nonce,
    /// Modules that need the account to live.
    pub consumers: RefCount,
    /// Modules that let the account live.
    pub providers: RefCount,
    /// Modules that let the account live for their own purposes alone.
    pub sufficients: RefCount,
    /// What other pallets keep with the account.
    pub data: AccountData,
}

/// An event, when it was deposited, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct EventRecord<E, T = H256> {
    /// When it was deposited.
    pub phase: Phase,
    /// The event.
    pub event: E,
    /// Hashes by which it can be found.
    pub topics: Vec<T>,
}

impl<E: TypeInfo + 'static, T: TypeInfo + 'static> TypeInfo for EventRecord<E, T> {
    type Identity = Self;
    // Clients find the events by this type's path.
    fn type_info() -> scale_info::Type {
        scale_info::Type::builder()
            .path(scale_info::Path::new("EventRecord", "frame_system"))
            .type_params([
                scale_info::TypeParameter::new("E", Some(scale_info::meta_type::<E>())),
                scale_info::TypeParameter::new("T", Some(scale_info::meta_type::<T>())),
            ])
            .composite(
                scale_info::build::Fields::named()
                    .field(|f| f.ty::<Phase>().name("phase").type_name("Phase"))
                    .field(|f| f.ty::<E>().name("event").type_name("E"))
                    .field(|f| f.ty::<Vec<T>>().name("topics").type_name("Vec<T>")),
            )
    }
}

/// What events say of the call that they are about.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
#[scale_info(replace_segment("pallet_system", "frame_system"))]
pub struct DispatchEventInfo {
    /// What it weighed.
    pub weight: Weight,
    /// Its class.
    pub class: DispatchClass,
    /// Whether the caller paid.
    pub pays_fee: Pays,
}

/// The runtime that the state was last migrated to.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[scale_info(replace_segment("pallet_system", "frame_system"))]
pub struct LastRuntimeUpgradeInfo {
    /// Its version.
    pub spec_version: Compact<u32>,
    /// Its name.
    pub spec_name: Cow<'static, str>,
}

impl LastRuntimeUpgradeInfo {
    /// Whether `current` is another or a later runtime.
    pub fn was_upgraded(&self, current: &RuntimeVersion) -> bool {
        current.spec_version > self.spec_version.0 || current.spec_name != self.spec_name
    }
}

impl From<RuntimeVersion> for LastRuntimeUpgradeInfo {
    fn from(version: RuntimeVersion) -> Self {
        Self { spec_version: version.spec_version.into(), spec_name: version.spec_name }
    }
}

/// A runtime that may be installed by anybody who has its code.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(replace_segment("pallet_system", "frame_system"))]
pub struct CodeUpgradeAuthorization {
    /// The hash of its code.
    pub(crate) code_hash: H256,
    /// Whether it must have the same name and a higher version.
    pub(crate) check_version: bool,
}

impl CodeUpgradeAuthorization {
    /// The hash of the code.
    pub fn code_hash(&self) -> &H256 {
        &self.code_hash
    }
}

/// Why an account's provider reference could be removed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncRefStatus {
    /// The account is new.
    Created,
    /// The account existed.
    Existed,
}

/// What removing a reference led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecRefStatus {
    /// The account is gone.
    Reaped,
    /// The account lives on.
    Exists,
}
