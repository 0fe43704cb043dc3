//! The declarations.

use crate::{
    BenchmarkMetadata, Block, FeeDetails, OpaqueGeneratedSessionKeys, RuntimeDispatchInfo,
    ViewFunctionDispatchError, ViewFunctionId,
};
use alloc::{string::String, vec::Vec};
use citrate_core::{
    AccountId32, ApplyExtrinsicResult, Balance, CheckInherentsResult, ExtrinsicInclusionMode, H256,
    Header, InherentData, KeyTypeId, Nonce, OpaqueExtrinsic, OpaqueMetadata, RuntimeVersion,
    TransactionSource, TransactionValidity, Weight, bls,
};
use citrate_dag_types::{DagConfiguration, EquivocationProof, Slot};
use citrate_grandpa_types::{
    AuthorityId, AuthorityList, EquivocationProof as VoterEquivocation, OpaqueKeyOwnershipProof,
    SetId,
};
use citrate_inference_types::{
    AssignedJob, Attestation, Income, JobId, JobInfo, ModelInfo, ProviderInfo,
};

citrate_host_macros::runtime_apis! {
    /// Executes blocks.
    #[api(version = 5)]
    pub trait Core {
        /// The version of the runtime.
        fn version() -> RuntimeVersion;
        /// Executes a block and checks its roots; panics when they differ.
        fn execute_block(block: Block);
        /// Begins a block with this header.
        fn initialize_block(header: Header) -> ExtrinsicInclusionMode;
    }

    /// Describes the runtime.
    #[api(version = 2)]
    pub trait Metadata {
        /// The metadata, V14.
        fn metadata() -> OpaqueMetadata;
        /// The metadata in a version; none if it is not supported.
        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata>;
        /// The supported versions.
        fn metadata_versions() -> Vec<u32>;
    }

    /// Builds blocks.
    #[api(version = 6)]
    pub trait BlockBuilder {
        /// Applies an extrinsic.
        fn apply_extrinsic(extrinsic: OpaqueExtrinsic) -> ApplyExtrinsicResult;
        /// Ends the block and returns its header.
        fn finalize_block() -> Header;
        /// The inherents for this data.
        fn inherent_extrinsics(inherent: InherentData) -> Vec<OpaqueExtrinsic>;
        /// Checks a block's inherents against this data.
        fn check_inherents(block: Block, data: InherentData) -> CheckInherentsResult;
    }

    /// Judges transactions for the pool.
    #[api(version = 3)]
    pub trait TaggedTransactionQueue {
        /// Whether the transaction is valid at this block, and what it needs and gives.
        fn validate_transaction(
            source: TransactionSource,
            tx: OpaqueExtrinsic,
            block_hash: H256
        ) -> TransactionValidity;
    }

    /// Counts transactions.
    #[api(version = 1)]
    pub trait AccountNonceApi {
        /// The number of transactions that an account has sent.
        fn account_nonce(account: AccountId32) -> Nonce;
    }

    /// Estimates fees.
    #[api(version = 4)]
    pub trait TransactionPaymentApi {
        /// What a transaction of `len` bytes weighs and pays.
        fn query_info(uxt: OpaqueExtrinsic, len: u32) -> RuntimeDispatchInfo;
        /// What a transaction of `len` bytes pays, in parts.
        fn query_fee_details(uxt: OpaqueExtrinsic, len: u32) -> FeeDetails;
        /// The fee of a weight.
        fn query_weight_to_fee(weight: Weight) -> Balance;
        /// The fee of a length.
        fn query_length_to_fee(length: u32) -> Balance;
    }

    /// Estimates fees of calls.
    #[api(version = 3)]
    pub trait TransactionPaymentCallApi<Call> {
        /// What a call of `len` bytes weighs and pays.
        fn query_call_info(call: Call, len: u32) -> RuntimeDispatchInfo;
        /// What a call of `len` bytes pays, in parts.
        fn query_call_fee_details(call: Call, len: u32) -> FeeDetails;
    }

    /// Runs after each block, outside of consensus.
    #[api(version = 2)]
    pub trait OffchainWorkerApi {
        /// Runs the worker on the state of the block with this header.
        fn offchain_worker(header: Header);
    }

    /// Makes and reads session keys.
    #[api(version = 2)]
    pub trait SessionKeys {
        /// Makes keys of every type in the node's keystore.
        fn generate_session_keys(
            owner: Vec<u8>,
            seed: Option<Vec<u8>>
        ) -> OpaqueGeneratedSessionKeys;
        /// The public keys in the encoding of `generate_session_keys`, with their types.
        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>>;
    }

    /// Builds the genesis state.
    #[api(version = 1)]
    pub trait GenesisBuilder {
        /// Writes the state that the JSON describes.
        fn build_state(json: Vec<u8>) -> Result<(), String>;
        /// The JSON of a preset, or the default values.
        fn get_preset(id: Option<String>) -> Option<Vec<u8>>;
        /// The names of the presets.
        fn preset_names() -> Vec<String>;
    }

    /// Calls view functions.
    #[api(version = 1)]
    pub trait RuntimeViewFunction {
        /// Calls a view function with encoded arguments.
        fn execute_view_function(
            query_id: ViewFunctionId,
            input: Vec<u8>
        ) -> Result<Vec<u8>, ViewFunctionDispatchError>;
    }

    /// Upgrades on trial: only in runtimes that are built for it, with the feature `try-runtime`.
    #[api(version = 1)]
    pub trait UpgradeTrial {
        /// Runs all migrations between their checks, then checks the whole state. Gives the migrations' weight, or the
        /// first check that fails.
        fn try_upgrade() -> Result<Weight, String>;
    }

    /// Benchmarks: only in runtimes that are built for them, with the feature `runtime-benchmarks`.
    #[api(version = 1)]
    pub trait Benchmark {
        /// What can be measured.
        fn benchmark_metadata() -> BenchmarkMetadata;
        /// Prepares a benchmark with these components, runs it once between `ext_benchmarking_begin` and `_end`, and checks
        /// what it left. Gives what the call that it measured said that it weighed; none if it measured no call.
        fn dispatch_benchmark(
            pallet: String,
            benchmark: String,
            components: Vec<u32>
        ) -> Result<Option<Weight>, String>;
    }

    /// The DAG's consensus parameters.
    #[api(version = 2)]
    pub trait DagApi {
        /// The parameters of the current epoch.
        fn configuration() -> DagConfiguration;
        /// The parameters by which a slot's headers are judged: the current epoch's when the slot
        /// is in it or before it, else the next epoch's. Every state of an epoch gives the same
        /// answer for a slot.
        fn configuration_at(slot: Slot) -> DagConfiguration;
        /// The extrinsic that reports an equivocation, bare and for nothing; the node puts it into
        /// its pool. None if the proof is not sound or the author paid for that slot before.
        fn equivocation_report(proof: EquivocationProof) -> Option<OpaqueExtrinsic>;
    }

    /// The voters on finality.
    #[api(version = 3)]
    pub trait GrandpaApi {
        /// Who votes on the blocks above this one, and with which weights.
        fn grandpa_authorities() -> AuthorityList;
        /// Puts an unsigned report of a voter that voted twice into the node's pool; none when it
        /// cannot.
        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: VoterEquivocation,
            key_owner_proof: OpaqueKeyOwnershipProof
        ) -> Option<()>;
        /// Shows that a key belonged to a set; none when that is not known.
        fn generate_key_ownership_proof(
            set_id: SetId,
            authority_id: AuthorityId
        ) -> Option<OpaqueKeyOwnershipProof>;
        /// How many times the voters changed.
        fn current_set_id() -> SetId;
    }

    /// The market of inference.
    #[api(version = 1)]
    pub trait InferenceApi {
        /// The model with this content hash.
        fn model(hash: H256) -> Option<ModelInfo>;
        /// Models after `start`, in the order of storage.
        fn models(start: Option<H256>, limit: u32) -> Vec<ModelInfo>;
        /// A job.
        fn job(id: JobId) -> Option<JobInfo>;
        /// Jobs after `start`, in the order of storage.
        fn jobs(start: Option<JobId>, limit: u32) -> Vec<JobInfo>;
        /// A provider.
        fn provider(account: AccountId32) -> Option<ProviderInfo>;
        /// Providers after `start`, in the order of storage.
        fn providers(start: Option<AccountId32>, limit: u32) -> Vec<ProviderInfo>;
        /// What a job with one input that so many providers run has to offer, in the smallest unit of money, so that enough
        /// of them can take it, and it may wait for so many blocks.
        fn quote(model: H256, providers: u32, blocks: u32) -> Option<Balance>;
        /// What an account was paid so far, for results, as a model's owner, and for blocks.
        fn income(account: AccountId32) -> Income;
        /// The open jobs assigned to a provider.
        fn assigned_jobs(provider: AccountId32) -> Vec<AssignedJob>;
        /// Who attests a job's result, with their signature.
        fn attestation(job: JobId) -> Option<Attestation>;
        /// The key with which a provider attests results.
        fn attestation_key(provider: AccountId32) -> Option<bls::Public>;
    }
}
