//! What the node calls, and what clients call through it.

use crate::{
    AccountId, Address, Attestations, Balance, Dag, Executive, Grandpa, InferenceJobs,
    ModelRegistry, Nonce, Providers, Runtime, RuntimeCall, RuntimeGenesisConfig, SessionKeys,
    Signature, System, TransactionPayment, TxExtension, UncheckedExtrinsic, VERSION, genesis,
};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use citrate_api::{
    Block, FeeDetails, OpaqueGeneratedSessionKeys, RuntimeDispatchInfo, ViewFunctionDispatchError,
    ViewFunctionId,
};
use citrate_core::{
    ApplyExtrinsicResult, CheckInherentsResult, ExtrinsicInclusionMode, H256, Header, InherentData,
    KeyTypeId, OpaqueExtrinsic, OpaqueMetadata, RuntimeVersion, TransactionSource,
    TransactionValidity, Weight, bls,
};
use citrate_dag_types::{DagConfiguration, EquivocationProof, Slot};
use citrate_grandpa_types::{
    AuthorityId, AuthorityList, EquivocationProof as VoterEquivocation, OpaqueKeyOwnershipProof,
    SetId,
};
use citrate_host::offchain;
use citrate_inference_types::{
    AssignedJob, Attestation, Earnings, Income, JobId, JobInfo, ModelInfo, ProviderInfo,
};
use citrate_support::dispatch;
use citrate_support::genesis::{build_state, get_preset};
use citrate_support::metadata;
use citrate_support::transaction_extension::TransactionExtension;
use codec::{Decode, DecodeLimit, Encode};
use scale_info::meta_type;

/// The extrinsic in these bytes.
fn decode(extrinsic: &OpaqueExtrinsic) -> UncheckedExtrinsic {
    UncheckedExtrinsic::decode_all_with_depth_limit(
        citrate_executive::EXTRINSIC_DEPTH_MAX,
        &mut &extrinsic.encode()[..],
    )
    .expect("whoever asks for a price sends an extrinsic; the call fails otherwise")
}

/// The extrinsic as the node passes it on.
fn opaque(extrinsic: &UncheckedExtrinsic) -> Option<OpaqueExtrinsic> {
    OpaqueExtrinsic::decode(&mut &extrinsic.encode()[..]).ok()
}

/// The runtime's metadata, from which each version is made.
fn metadata_ir() -> metadata::MetadataIR {
    let mut apis = runtime_api_metadata();
    // Extrinsics are opaque to the node. Clients that make the argument themselves need to see what is in it: a type
    // of the same encoding.
    let (opaque, known) = (meta_type::<OpaqueExtrinsic>(), meta_type::<UncheckedExtrinsic>());
    let inputs = apis.iter_mut().flat_map(|api| &mut api.methods).flat_map(|m| &mut m.inputs);
    for input in inputs.filter(|input| input.ty == opaque) {
        input.ty = known;
    }
    Runtime::metadata_ir(
        metadata::extrinsic::<Address, RuntimeCall, Signature, TxExtension>(),
        apis,
    )
}

/// The metadata in a version, if it is supported.
pub fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
    metadata::opaque_at(metadata_ir(), version)
}

/// The weight of a transaction's extensions, and whether anybody pays for it.
fn extension_weight(extrinsic: &UncheckedExtrinsic) -> (Weight, bool) {
    use citrate_core::Preamble;
    match &extrinsic.preamble {
        Preamble::Bare(_) => (Weight::zero(), false),
        Preamble::Signed(_, _, extension) => (extension.weight(&extrinsic.function), true),
        Preamble::General(_, extension) => (extension.weight(&extrinsic.function), false),
    }
}

/// The weight of a call's extensions, if somebody signs it.
fn usual_extension_weight(call: &RuntimeCall) -> Weight {
    crate::extension(citrate_core::Era::Immortal, 0, 0).weight(call)
}

citrate_api::impl_runtime_apis! {
    impl citrate_api::Core for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: Block) {
            Executive::execute_block(block);
        }

        fn initialize_block(header: Header) -> ExtrinsicInclusionMode {
            Executive::initialize_block(&header)
        }
    }

    impl citrate_api::Metadata for Runtime {
        fn metadata() -> OpaqueMetadata {
            metadata::opaque(metadata_ir())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            metadata::versions()
        }
    }

    impl citrate_api::BlockBuilder for Runtime {
        fn apply_extrinsic(extrinsic: OpaqueExtrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(inherent: InherentData) -> Vec<OpaqueExtrinsic> {
            Executive::inherent_extrinsics(inherent)
        }

        fn check_inherents(block: Block, data: InherentData) -> CheckInherentsResult {
            Executive::check_inherents(block, data)
        }
    }

    impl citrate_api::TaggedTransactionQueue for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: OpaqueExtrinsic,
            block_hash: H256,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl citrate_api::AccountNonceApi for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl citrate_api::TransactionPaymentApi for Runtime {
        fn query_info(uxt: OpaqueExtrinsic, len: u32) -> RuntimeDispatchInfo {
            let xt = decode(&uxt);
            let (weight, is_signed) = extension_weight(&xt);
            TransactionPayment::query_info(&xt.function, weight, is_signed, len)
        }

        fn query_fee_details(uxt: OpaqueExtrinsic, len: u32) -> FeeDetails {
            let xt = decode(&uxt);
            let (weight, is_signed) = extension_weight(&xt);
            TransactionPayment::query_fee_details(&xt.function, weight, is_signed, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl citrate_api::TransactionPaymentCallApi<RuntimeCall> for Runtime {
        fn query_call_info(call: RuntimeCall, len: u32) -> RuntimeDispatchInfo {
            TransactionPayment::query_info(&call, usual_extension_weight(&call), true, len)
        }

        fn query_call_fee_details(call: RuntimeCall, len: u32) -> FeeDetails {
            TransactionPayment::query_fee_details(&call, usual_extension_weight(&call), true, len)
        }
    }

    #[cfg(feature = "worker")]
    impl citrate_api::OffchainWorkerApi for Runtime {
        fn offchain_worker(header: Header) {
            Executive::offchain_worker(&header);
            crate::worker::run(&header);
        }
    }

    impl citrate_api::SessionKeys for Runtime {
        fn generate_session_keys(
            owner: Vec<u8>,
            seed: Option<Vec<u8>>,
        ) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed)
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl citrate_api::GenesisBuilder for Runtime {
        fn build_state(json: Vec<u8>) -> Result<(), String> {
            build_state::<RuntimeGenesisConfig>(&json)
        }

        fn get_preset(id: Option<String>) -> Option<Vec<u8>> {
            get_preset(id.as_deref(), genesis::preset)
        }

        fn preset_names() -> Vec<String> {
            genesis::preset_names()
        }
    }

    impl citrate_api::RuntimeViewFunction for Runtime {
        fn execute_view_function(
            query_id: ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, ViewFunctionDispatchError> {
            dispatch::execute_view_function::<Self>(query_id, &input)
        }
    }

    #[cfg(feature = "try-runtime")]
    impl citrate_api::UpgradeTrial for Runtime {
        fn try_upgrade() -> Result<Weight, String> {
            Executive::try_runtime_upgrade().map_err(|error| alloc::format!("{error:?}"))
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl citrate_api::Benchmark for Runtime {
        fn benchmark_metadata() -> citrate_api::BenchmarkMetadata {
            crate::benchmarks::benchmark_metadata()
        }

        fn dispatch_benchmark(
            pallet: String,
            benchmark: String,
            components: Vec<u32>,
        ) -> Result<Option<Weight>, String> {
            crate::benchmarks::dispatch_benchmark(&pallet, &benchmark, &components)
        }
    }

    impl citrate_api::DagApi for Runtime {
        fn configuration() -> DagConfiguration {
            Dag::configuration()
        }

        fn configuration_at(slot: Slot) -> DagConfiguration {
            Dag::configuration_at(slot)
        }

        fn equivocation_report(proof: EquivocationProof) -> Option<OpaqueExtrinsic> {
            Dag::offence(&proof).ok()?;
            let proof = Box::new(proof);
            let call = pallet_dag::Call::report_equivocation_unsigned { proof };
            opaque(&UncheckedExtrinsic::new_bare(RuntimeCall::Dag(call)))
        }
    }

    impl citrate_api::GrandpaApi for Runtime {
        fn grandpa_authorities() -> AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: VoterEquivocation,
            key_owner_proof: OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            let equivocation_proof = Box::new(equivocation_proof);
            let call = pallet_grandpa::Call::report_equivocation_unsigned {
                equivocation_proof,
                key_owner_proof,
            };
            let extrinsic = UncheckedExtrinsic::new_bare(RuntimeCall::Grandpa(call));
            offchain::submit_transaction(extrinsic.encode()).ok()
        }

        fn generate_key_ownership_proof(
            set_id: SetId,
            authority_id: AuthorityId,
        ) -> Option<OpaqueKeyOwnershipProof> {
            let voters = Grandpa::authorities_of(set_id)?;
            let is_voter = voters.iter().any(|(key, _)| *key == authority_id);
            is_voter.then(OpaqueKeyOwnershipProof::default)
        }

        fn current_set_id() -> SetId {
            Grandpa::current_set_id()
        }
    }

    impl citrate_api::InferenceApi for Runtime {
        fn model(hash: H256) -> Option<ModelInfo> {
            ModelRegistry::info(&hash)
        }

        fn models(start: Option<H256>, limit: u32) -> Vec<ModelInfo> {
            ModelRegistry::page(start, limit)
        }

        fn job(id: JobId) -> Option<JobInfo> {
            InferenceJobs::job(&id)
        }

        fn jobs(start: Option<JobId>, limit: u32) -> Vec<JobInfo> {
            InferenceJobs::jobs(start, limit)
        }

        fn provider(account: AccountId) -> Option<ProviderInfo> {
            Providers::provider(&account)
        }

        fn providers(start: Option<AccountId>, limit: u32) -> Vec<ProviderInfo> {
            Providers::providers(start, limit)
        }

        fn quote(model: H256, providers: u32, blocks: u32) -> Option<Balance> {
            let price = Providers::quote(&model, providers)?;
            Some(price.max(InferenceJobs::rent(blocks)))
        }

        fn income(account: AccountId) -> Income {
            let (as_provider, as_owner) = InferenceJobs::earned(&account);
            let (count, total) = Dag::earned(&account);
            Income { as_provider, as_owner, for_blocks: Earnings { count, total } }
        }

        fn assigned_jobs(provider: AccountId) -> Vec<AssignedJob> {
            InferenceJobs::assigned_jobs(&provider)
        }

        fn attestation(job: JobId) -> Option<Attestation> {
            Attestations::attestation(job)
        }

        fn attestation_key(provider: AccountId) -> Option<bls::Public> {
            Attestations::key(provider)
        }
    }
}
