//! Versions of a pallet's storage layout.

use super::PalletInfoAccess;
use crate::storage::{storage_prefix, unhashed};
use codec::{Decode, Encode, MaxEncodedLen};

/// The last part of the key under which a pallet keeps its storage version.
const STORAGE_VERSION_STORAGE_KEY_POSTFIX: &[u8] = b":__STORAGE_VERSION__:";

/// The version of a pallet's storage layout.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, MaxEncodedLen,
)]
pub struct StorageVersion(u16);

impl StorageVersion {
    /// A version.
    pub const fn new(n: u16) -> Self {
        Self(n)
    }

    /// Where a pallet keeps its version.
    pub fn storage_key<P: PalletInfoAccess>() -> [u8; 32] {
        storage_prefix(P::name().as_bytes(), STORAGE_VERSION_STORAGE_KEY_POSTFIX)
    }

    /// Stores this version.
    pub fn put<P: PalletInfoAccess>(&self) {
        unhashed::put(&Self::storage_key::<P>(), self);
    }

    /// The stored version of a pallet, or zero.
    pub fn get<P: PalletInfoAccess>() -> Self {
        unhashed::get_or_default(&Self::storage_key::<P>())
    }

    /// Whether a version is stored.
    pub fn exists<P: PalletInfoAccess>() -> bool {
        unhashed::exists(&Self::storage_key::<P>())
    }
}

impl PartialEq<u16> for StorageVersion {
    fn eq(&self, other: &u16) -> bool {
        self.0 == *other
    }
}

impl PartialOrd<u16> for StorageVersion {
    fn partial_cmp(&self, other: &u16) -> Option<core::cmp::Ordering> {
        Some(self.0.cmp(other))
    }
}

impl From<StorageVersion> for u16 {
    fn from(version: StorageVersion) -> Self {
        version.0
    }
}

/// The pallet declares no storage version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoStorageVersionSet;

/// The storage versions of a pallet: of the code, and of the state.
pub trait GetStorageVersion {
    /// [`StorageVersion`], or [`NoStorageVersionSet`].
    type InCodeStorageVersion;
    /// The version that the code expects.
    fn in_code_storage_version() -> Self::InCodeStorageVersion;
    /// The version that the state has.
    fn on_chain_storage_version() -> StorageVersion;
}
