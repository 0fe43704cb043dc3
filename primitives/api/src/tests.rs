//! A runtime with a few APIs, called as the node calls it.

use crate::{Metadata, RuntimeCaller, TransactionPaymentCallApi};
use citrate_core::{ExtrinsicInclusionMode, Header, OpaqueMetadata, RuntimeVersion};
use codec::{Decode, Encode};
use std::borrow::Cow;

struct Runtime;

const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("test"),
    impl_name: Cow::Borrowed("test-node"),
    authoring_version: 1,
    spec_version: 100,
    impl_version: 2,
    apis: Cow::Borrowed(RUNTIME_API_VERSIONS),
    transaction_version: 3,
    system_version: 1,
};

crate::impl_runtime_apis! {
    impl crate::Core for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }
        fn execute_block(block: crate::Block) {
            assert!(block.extrinsics.is_empty(), "no extrinsics expected");
        }
        fn initialize_block(header: Header) -> ExtrinsicInclusionMode {
            if header.number == 0 {
                ExtrinsicInclusionMode::OnlyInherents
            } else {
                ExtrinsicInclusionMode::AllExtrinsics
            }
        }
    }

    impl Metadata for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata(vec![1, 2])
        }
        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            (version == 14).then(Self::metadata)
        }
        fn metadata_versions() -> Vec<u32> {
            vec![14]
        }
    }

    #[cfg(any())]
    impl crate::DagApi for Runtime {}

    impl TransactionPaymentCallApi<(u8, u64)> for Runtime {
        fn query_call_info(call: (u8, u64), len: u32) -> crate::RuntimeDispatchInfo {
            crate::RuntimeDispatchInfo {
                partial_fee: u128::from(call.1) + u128::from(len),
                ..Default::default()
            }
        }
        fn query_call_fee_details(_: (u8, u64), _: u32) -> crate::FeeDetails {
            crate::FeeDetails::default()
        }
    }
}

struct Native;

impl RuntimeCaller for Native {
    type Error = String;
    fn call(&self, method: &str, data: &[u8]) -> Result<Vec<u8>, String> {
        dispatch(method, data).ok_or_else(|| format!("Exported method {method} is not found"))
    }
}

#[test]
fn typed_calls_reach_the_runtime() {
    assert_eq!(crate::core::version(&Native).unwrap(), VERSION);
    let header = Header::decode(&mut &[0; 98][..]).unwrap();
    let mode = crate::core::initialize_block(&Native, &header).unwrap();
    assert_eq!(mode, ExtrinsicInclusionMode::OnlyInherents);
    let metadata = crate::metadata::metadata_at_version(&Native, 14).unwrap();
    assert_eq!(metadata, Some(OpaqueMetadata(vec![1, 2])));
    assert_eq!(crate::metadata::metadata_at_version(&Native, 15).unwrap(), None);
    let info =
        crate::transaction_payment_call_api::query_call_info(&Native, (1u8, 5u64), 7).unwrap();
    assert_eq!(info.partial_fee, 12);
}

#[test]
fn failures_of_calls_are_told_apart() {
    let error = crate::dag_api::configuration(&Native).unwrap_err();
    assert_eq!(error.to_string(), "Exported method DagApi_configuration is not found");

    struct Garbage;
    impl RuntimeCaller for Garbage {
        type Error = String;
        fn call(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, String> {
            Ok(vec![7])
        }
    }
    let error = crate::core::version(&Garbage).unwrap_err();
    assert!(error.to_string().starts_with("result of Core_version does not decode"), "{error}");
}

#[test]
fn arguments_that_do_not_decode_panic_with_the_methods_name() {
    for (method, data) in [
        ("Core_version", &[0][..]),
        ("Core_initialize_block", &[]),
        ("Metadata_metadata_at_version", &[14, 0, 0, 0, 0]),
    ] {
        let panic = std::panic::catch_unwind(|| dispatch(method, data)).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        let expected = format!("Bad input data provided to {method}: ");
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn ids_are_those_that_clients_know() {
    let ids = [
        (crate::core::ID, "df6acb689907609b", crate::core::VERSION, 5),
        (crate::metadata::ID, "37e397fc7c91f5e4", crate::metadata::VERSION, 2),
        (crate::block_builder::ID, "40fe3ad401f8959a", crate::block_builder::VERSION, 6),
        (
            crate::tagged_transaction_queue::ID,
            "d2bc9897eed08f15",
            crate::tagged_transaction_queue::VERSION,
            3,
        ),
        (crate::account_nonce_api::ID, "bc9d89904f5b923f", crate::account_nonce_api::VERSION, 1),
        (
            crate::transaction_payment_api::ID,
            "37c8bb1350a9a2a8",
            crate::transaction_payment_api::VERSION,
            4,
        ),
        (
            crate::transaction_payment_call_api::ID,
            "f3ff14d5ab527059",
            crate::transaction_payment_call_api::VERSION,
            3,
        ),
        (
            crate::offchain_worker_api::ID,
            "f78b278be53f454c",
            crate::offchain_worker_api::VERSION,
            2,
        ),
        (crate::session_keys::ID, "ab3c0572291feb8b", crate::session_keys::VERSION, 2),
        (crate::genesis_builder::ID, "fbc577b9d747efd6", crate::genesis_builder::VERSION, 1),
        (
            crate::runtime_view_function::ID,
            "ccd9de6396c899ca",
            crate::runtime_view_function::VERSION,
            1,
        ),
    ];
    for (id, expected, version, expected_version) in ids {
        assert_eq!(hex::encode(id), expected);
        assert_eq!(version, expected_version, "{expected}");
    }
}

#[test]
fn versions_list_what_is_implemented() {
    assert_eq!(
        RUNTIME_API_VERSIONS,
        [
            (crate::core::ID, 5),
            (crate::metadata::ID, 2),
            (crate::transaction_payment_call_api::ID, 3)
        ]
    );
    assert_eq!(crate::__private::api_record(crate::core::ID, 5)[..8], crate::core::ID);
    assert_eq!(crate::__private::api_record(crate::core::ID, 5)[8..], [5, 0, 0, 0]);
}

#[test]
fn metadata_describes_the_declarations() {
    let metadata = runtime_api_metadata();
    let names: Vec<_> = metadata.iter().map(|api| api.name).collect();
    assert_eq!(names, ["Core", "Metadata", "TransactionPaymentCallApi"]);
    let core = &metadata[0];
    assert_eq!(core.docs, ["Executes blocks."]);
    assert_eq!(core.version.0, 5);
    let methods: Vec<_> = core.methods.iter().map(|method| method.name).collect();
    assert_eq!(methods, ["version", "execute_block", "initialize_block"]);
    assert_eq!(core.methods[2].inputs[0].name, "header");
    assert_eq!(core.methods[2].inputs[0].ty, scale_info::meta_type::<Header>());
    assert_eq!(metadata[2].methods[0].inputs[0].ty, scale_info::meta_type::<(u8, u64)>());
}

#[test]
fn the_section_holds_the_version_without_apis() {
    static STATIC: RuntimeVersion = VERSION;
    const LEN: usize = crate::__private::version_len(&STATIC);
    const BYTES: [u8; LEN] = crate::__private::encode_version(&STATIC);
    let expected = RuntimeVersion { apis: Cow::Borrowed(&[]), ..VERSION };
    assert_eq!(BYTES[..], expected.encode());
}
