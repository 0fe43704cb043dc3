//! What a runtime knows of its pallets.

use alloc::vec::Vec;

/// Answers by pallet type.
pub trait PalletInfo {
    /// The pallet's index in the runtime.
    fn index<P: 'static>() -> Option<usize>;
    /// The pallet's name in the runtime; its storage prefix.
    fn name<P: 'static>() -> Option<&'static str>;
    /// The hash of the pallet's name.
    fn name_hash<P: 'static>() -> Option<[u8; 16]>;
    /// The Rust module of the pallet.
    fn module_name<P: 'static>() -> Option<&'static str>;
    /// The version of the pallet's crate.
    fn crate_version<P: 'static>() -> Option<CrateVersion>;
}

/// What the runtime knows of one pallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PalletInfoData {
    /// The pallet's index in the runtime.
    pub index: usize,
    /// The pallet's name in the runtime.
    pub name: &'static str,
    /// The Rust module of the pallet.
    pub module_name: &'static str,
    /// The version of the pallet's crate.
    pub crate_version: CrateVersion,
}

/// What a pallet knows of itself in its runtime.
pub trait PalletInfoAccess {
    /// The pallet's index in the runtime.
    fn index() -> usize;
    /// The pallet's name in the runtime.
    fn name() -> &'static str;
    /// The hash of the pallet's name.
    fn name_hash() -> [u8; 16];
    /// The Rust module of the pallet.
    fn module_name() -> &'static str;
    /// The version of the pallet's crate.
    fn crate_version() -> CrateVersion;
}

/// What is known of a tuple of pallets.
pub trait PalletsInfoAccess {
    /// The number of pallets.
    fn count() -> usize {
        Self::infos().len()
    }
    /// All of them, in order.
    fn infos() -> Vec<PalletInfoData> {
        let mut all = Vec::new();
        Self::accumulate(&mut all);
        all
    }
    /// Appends what is known.
    fn accumulate(_accumulator: &mut Vec<PalletInfoData>) {}
}

#[impl_trait_for_tuples::impl_for_tuples(32)]
impl PalletsInfoAccess for Tuple {
    fn accumulate(accumulator: &mut Vec<PalletInfoData>) {
        for_tuples!( #( Tuple::accumulate(accumulator); )* );
    }
}

/// The version of a crate.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, codec::Encode, codec::Decode,
)]
pub struct CrateVersion {
    /// Major.
    pub major: u16,
    /// Minor.
    pub minor: u8,
    /// Patch.
    pub patch: u8,
}

impl CrateVersion {
    /// A version.
    pub const fn new(major: u16, minor: u8, patch: u8) -> Self {
        Self { major, minor, patch }
    }
}
