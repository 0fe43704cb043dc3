//! Types that only the runtime's APIs use.

use alloc::{string::String, vec::Vec};
use citrate_core::{Balance, Header, OpaqueExtrinsic, Weight};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// A header and the list of extrinsics that was executed under it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(replace_segment("citrate_api", "sp_runtime"))]
pub struct Block {
    /// The header.
    pub header: Header,
    /// The extrinsics, in order.
    pub extrinsics: Vec<OpaqueExtrinsic>,
}

/// What kind of call it is.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub enum DispatchClass {
    /// An ordinary call.
    #[default]
    Normal,
    /// A call that keeps the chain working.
    Operational,
    /// A call that every block must have.
    Mandatory,
}

/// What is known of a transaction before it runs.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct RuntimeDispatchInfo {
    /// Its weight.
    pub weight: Weight,
    /// Its class.
    pub class: DispatchClass,
    /// Its fee without the tip, before any refund.
    pub partial_fee: Balance,
}

/// What a transaction pays for being included.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct InclusionFee {
    /// For being a transaction at all.
    pub base_fee: Balance,
    /// For its bytes.
    pub len_fee: Balance,
    /// For its weight.
    pub adjusted_weight_fee: Balance,
}

/// What a transaction pays.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct FeeDetails {
    /// For being included; nothing for a transaction that is free or has no signer.
    pub inclusion_fee: Option<InclusionFee>,
    /// To be included earlier.
    pub tip: Balance,
}

/// New session keys, with the proof that their maker owns them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct OpaqueGeneratedSessionKeys {
    /// The public keys, as the runtime encodes them.
    pub keys: Vec<u8>,
    /// The proof, as the runtime encodes it.
    pub proof: Vec<u8>,
}

/// Identifies a view function: the pallet's hash and the function's.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct ViewFunctionId {
    /// The pallet's part.
    pub prefix: [u8; 16],
    /// The function's part.
    pub suffix: [u8; 16],
}

/// Why a view function did not run.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum ViewFunctionDispatchError {
    /// No view functions here.
    NotImplemented,
    /// No function with this id.
    NotFound(ViewFunctionId),
    /// The arguments do not decode.
    Codec,
}

/// A number that a benchmark's work grows with.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct BenchmarkComponent {
    /// Its name: an argument of the benchmark.
    pub name: String,
    /// The least that it may be.
    pub min: u32,
    /// The most that it may be.
    pub max: u32,
}

/// One benchmark: usually a call of the pallet that has its name.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct BenchmarkInfo {
    /// Its name.
    pub name: String,
    /// Whether it is for its author's curiosity, and no weight is made of it.
    pub is_extra: bool,
    /// What its work grows with.
    pub components: Vec<BenchmarkComponent>,
}

/// The benchmarks of a pallet.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct PalletBenchmarks {
    /// The pallet's crate.
    pub krate: String,
    /// Its name in the runtime.
    pub pallet: String,
    /// What it measures.
    pub benchmarks: Vec<BenchmarkInfo>,
}

/// All that a runtime can measure.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct BenchmarkMetadata {
    /// By pallet.
    pub pallets: Vec<PalletBenchmarks>,
    /// Prefixes of keys that every block has in memory anyway: accesses to them weigh nothing.
    pub free: Vec<Vec<u8>>,
}
