//! What clients rely on: type paths, names, indices and keys.

use super::mock::{Chain, account};
use crate::{
    Address, Runtime, RuntimeCall, RuntimeEvent, UncheckedExtrinsic, VERSION, apis, extension,
};
use citrate_core::{DispatchError, Era, Weight};
use codec::{Decode, Encode};
use frame_metadata::v14::RuntimeMetadataV14;
use frame_metadata::v16::RuntimeMetadataV16;
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use scale_info::form::PortableForm;
use scale_info::{PortableRegistry, TypeDef};

/// The metadata as a client reads it.
pub(super) fn metadata(version: u32) -> RuntimeMetadata {
    let bytes = apis::metadata_at_version(version).expect("the version is supported");
    let prefixed = RuntimeMetadataPrefixed::decode(&mut &bytes.0[..]).expect("it decodes");
    assert_eq!(prefixed.0, 0x6174_656d, "the magic word");
    prefixed.1
}

fn v14() -> RuntimeMetadataV14 {
    match metadata(14) {
        RuntimeMetadata::V14(metadata) => metadata,
        other => panic!("not version 14: {}", other.version()),
    }
}

fn v16() -> RuntimeMetadataV16 {
    match metadata(16) {
        RuntimeMetadata::V16(metadata) => metadata,
        other => panic!("not version 16: {}", other.version()),
    }
}

fn paths(types: &PortableRegistry) -> Vec<String> {
    types.types.iter().map(|t| t.ty.path.segments.join("::")).collect()
}

fn find<'a>(types: &'a PortableRegistry, path: &str) -> &'a scale_info::Type<PortableForm> {
    &types
        .types
        .iter()
        .find(|t| t.ty.path.segments.join("::") == path)
        .unwrap_or_else(|| panic!("no type {path}"))
        .ty
}

#[test]
fn metadata_has_three_versions() {
    assert_eq!(<Runtime as citrate_api::Metadata>::metadata_versions(), [14, 15, 16]);
    for version in [14, 15, 16] {
        assert_eq!(metadata(version).version(), version);
    }
    assert!(apis::metadata_at_version(13).is_none());
    assert!(apis::metadata_at_version(17).is_none());
}

#[test]
fn types_have_the_paths_that_clients_know() {
    for types in [v14().types, v16().types] {
        let paths = paths(&types);
        for path in [
            "sp_core::crypto::AccountId32",
            "sp_runtime::multiaddress::MultiAddress",
            "frame_system::EventRecord",
            "sp_runtime::DispatchError",
            "sp_weights::weight_v2::Weight",
            "sp_runtime::generic::era::Era",
            "primitive_types::H256",
        ] {
            assert!(paths.iter().any(|p| p == path), "{path}");
        }
        assert!(paths.iter().any(|p| p.ends_with("::RuntimeCall")));
        assert!(paths.iter().any(|p| p.ends_with("::RuntimeEvent")));

        let TypeDef::Variant(signature) = &find(&types, "sp_runtime::MultiSignature").type_def
        else {
            panic!("a signature is an enum")
        };
        let names: Vec<_> = signature.variants.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(&names[..3], ["Ed25519", "Sr25519", "Ecdsa"]);
        let TypeDef::Variant(era) = &find(&types, "sp_runtime::generic::era::Era").type_def else {
            panic!("an era is an enum")
        };
        assert_eq!(era.variants.len(), 256);
    }
    let v14 = v14();
    let extrinsic = v14.types.resolve(v14.extrinsic.ty.id).expect("it is registered");
    assert_eq!(
        extrinsic.path.segments.join("::"),
        "sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic"
    );
    let params: Vec<_> = extrinsic.type_params.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(params, ["Address", "Call", "Signature", "Extra"]);
}

#[test]
fn extensions_are_in_the_order_that_clients_know() {
    let expected = [
        "CheckNonZeroSender",
        "CheckSpecVersion",
        "CheckTxVersion",
        "CheckGenesis",
        "CheckMortality",
        "CheckNonce",
        "CheckWeight",
        "ChargeTransactionPayment",
        "CheckMetadataHash",
        "WeightReclaim",
    ];
    let v14 = v14();
    assert_eq!(v14.extrinsic.version, 4);
    let names: Vec<_> =
        v14.extrinsic.signed_extensions.iter().map(|e| e.identifier.as_str()).collect();
    assert_eq!(names, expected);
    let v16 = v16();
    assert_eq!(v16.extrinsic.versions[0], 4);
    let names: Vec<_> =
        v16.extrinsic.transaction_extensions.iter().map(|e| e.identifier.as_str()).collect();
    assert_eq!(names, expected);
    let versions: Vec<_> = v16.extrinsic.transaction_extensions_by_version.keys().collect();
    assert_eq!(versions, [&0]);
    // Era, nonce, tip and mode are all that an extension sends.
    assert_eq!(extension(Era::Immortal, 0, 0).encode(), [0, 0, 0, 0]);
    assert_eq!(extension(Era::Immortal, 3, 2).encode(), [0, 12, 8, 0]);
}

#[test]
fn pallets_have_fixed_indices_and_names() {
    let names: Vec<_> = v16().pallets.iter().map(|p| (p.index, p.name.clone())).collect();
    let expected = [
        (0, "System"),
        (1, "Timestamp"),
        (2, "Balances"),
        (3, "TransactionPayment"),
        (4, "Sudo"),
        (5, "Utility"),
        (6, "Dag"),
        (7, "Staking"),
        (8, "ModelRegistry"),
        (9, "InferenceJobs"),
        (10, "Session"),
        (11, "Grandpa"),
        (12, "Referee"),
        (13, "Providers"),
        (14, "Attestations"),
        (15, "Treasury"),
        (16, "Preimage"),
        (17, "Scheduler"),
        (18, "Council"),
        (19, "Multisig"),
        (20, "Proxy"),
        (21, "Vesting"),
        (22, "Assets"),
        (23, "MultiBlockMigrations"),
        (24, "Referenda"),
    ];
    let expected: Vec<_> = expected.map(|(i, n)| (i, n.to_string())).to_vec();
    assert_eq!(names, expected);
}

/// The variants of a pallet's calls, events or errors, by index.
fn variants(types: &PortableRegistry, ty: u32) -> Vec<(u8, String)> {
    let TypeDef::Variant(def) = &types.resolve(ty).expect("it is registered").type_def else {
        panic!("an enum")
    };
    def.variants.iter().map(|v| (v.index, v.name.clone())).collect()
}

fn named(expected: &[(u8, &str)]) -> Vec<(u8, String)> {
    expected.iter().map(|(i, n)| (*i, (*n).to_string())).collect()
}

#[test]
fn calls_and_events_have_the_indices_that_clients_know() {
    let metadata = v14();
    let pallet =
        |name: &str| metadata.pallets.iter().find(|p| p.name == name).expect("the pallet exists");
    let calls =
        |name| variants(&metadata.types, pallet(name).calls.as_ref().expect("it has calls").ty.id);
    let events =
        |name| variants(&metadata.types, pallet(name).event.as_ref().expect("it has events").ty.id);
    assert_eq!(calls("Timestamp"), named(&[(0, "set")]));
    assert_eq!(
        calls("Balances"),
        named(&[
            (0, "transfer_allow_death"),
            (2, "force_transfer"),
            (3, "transfer_keep_alive"),
            (4, "transfer_all"),
            (5, "force_unreserve"),
            (8, "force_set_balance"),
            (9, "force_adjust_total_issuance"),
            (10, "burn"),
        ])
    );
    assert_eq!(
        calls("Sudo"),
        named(&[
            (0, "sudo"),
            (1, "sudo_unchecked_weight"),
            (2, "set_key"),
            (3, "sudo_as"),
            (4, "remove_key"),
        ])
    );
    assert_eq!(
        calls("Utility"),
        named(&[
            (0, "batch"),
            (1, "as_derivative"),
            (2, "batch_all"),
            (3, "dispatch_as"),
            (4, "force_batch"),
            (5, "with_weight"),
        ])
    );
    let system = calls("System");
    for call in [(0, "remark"), (2, "set_code"), (7, "remark_with_event")] {
        assert!(system.contains(&(call.0, call.1.to_string())), "{call:?}");
    }
    assert_eq!(
        events("System")[..6],
        named(&[
            (0, "ExtrinsicSuccess"),
            (1, "ExtrinsicFailed"),
            (2, "CodeUpdated"),
            (3, "NewAccount"),
            (4, "KilledAccount"),
            (5, "Remarked"),
        ])
    );
    assert_eq!(events("Balances")[..3], named(&[(0, "Endowed"), (1, "DustLost"), (2, "Transfer")]));
    assert_eq!(events("TransactionPayment"), named(&[(0, "TransactionFeePaid")]));
}

#[test]
fn runtime_apis_show_what_an_extrinsic_is() {
    let metadata = v16();
    let api = metadata.apis.iter().find(|a| a.name == "TransactionPaymentApi").expect("declared");
    let method = api.methods.iter().find(|m| m.name == "query_info").expect("declared");
    let ty = metadata.types.resolve(method.inputs[0].ty.id).expect("it is registered");
    assert_eq!(
        ty.path.segments.join("::"),
        "sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic"
    );
}

#[test]
fn constants_are_there() {
    let metadata = v14();
    let constant = |pallet: &str, name: &str| {
        let pallet = metadata.pallets.iter().find(|p| p.name == pallet).expect("it exists");
        let found = pallet.constants.iter().find(|c| c.name == name);
        found.unwrap_or_else(|| panic!("no constant {name}")).value.clone()
    };
    assert_eq!(constant("System", "SS58Prefix"), 42u16.encode());
    assert_eq!(constant("System", "BlockHashCount"), 4096u32.encode());
    assert_eq!(constant("System", "Version"), VERSION.encode());
    assert_eq!(constant("Timestamp", "MinimumPeriod"), 250u64.encode());
    assert_eq!(constant("Dag", "SlotDuration"), 500u64.encode());
    assert_eq!(constant("Balances", "ExistentialDeposit"), 1_000_000_000u128.encode());
    assert!(constant("Utility", "batched_calls_limit") != 0u32.encode());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn storage_keys_are_the_known_ones() {
    assert_eq!(
        hex(&pallet_system::Events::<Runtime>::hashed_key()),
        "26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7"
    );
    assert_eq!(
        hex(&pallet_system::Number::<Runtime>::hashed_key()),
        "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac"
    );
    assert_eq!(
        hex(&pallet_timestamp::Now::<Runtime>::hashed_key()),
        "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"
    );
    // Alice's account, as every explorer knows it.
    assert_eq!(
        hex(&pallet_system::Account::<Runtime>::hashed_key_for(account("Alice"))),
        "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9\
         de1e86a9a8c739864cf3cc5ec2bea59f\
         d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
    );
}

#[test]
fn encodings_are_the_known_ones() {
    let chain = Chain::development();
    let info = chain.peek(|| pallet_system::Account::<Runtime>::get(account("Bob")));
    assert_eq!(info.encode().len(), 80);
    // Flags: the highest bit of the last 16 bytes.
    assert_eq!(info.encode()[79], 0x80);

    let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Address::Id(account("Bob")),
        value: 1,
    });
    let expected = ["0203", "00", &hex(account("Bob").as_ref()), "04"].concat();
    assert_eq!(hex(&transfer.encode()), expected);

    let set = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: 1 });
    let inherent = UncheckedExtrinsic::new_bare(set);
    // Length, version 4 or 5 without a signature, call.
    assert_eq!(inherent.encode()[2..], [1, 0, 4]);
    for version in [4, 5] {
        let mut bytes = inherent.encode();
        bytes[1] = version;
        assert_eq!(
            UncheckedExtrinsic::decode(&mut &bytes[..]).expect("both are accepted").function,
            inherent.function
        );
    }

    let error = DispatchError::from(pallet_sudo::Error::<Runtime>::RequireSudo);
    assert_eq!(error.encode(), [3, 4, 0, 0, 0, 0]);
    let event = RuntimeEvent::Utility(pallet_utility::Event::BatchCompleted);
    assert_eq!(event.encode(), [5, 1]);
    assert_eq!(Weight::from_parts(1, 2).encode(), [4, 8]);
}

#[test]
fn the_version_says_what_runs() {
    // smoldot knows no system version above 1.
    assert_eq!((&*VERSION.spec_name, VERSION.system_version), ("citrate", 1));
    let id = |name: &str| {
        let hash = blake2_64(name.as_bytes());
        VERSION.apis.iter().find(|(id, _)| *id == hash).map(|(_, version)| *version)
    };
    for (name, version) in [
        ("Core", 5),
        ("Metadata", 2),
        ("BlockBuilder", 6),
        ("TaggedTransactionQueue", 3),
        ("AccountNonceApi", 1),
        ("TransactionPaymentApi", 4),
        ("TransactionPaymentCallApi", 3),
        ("SessionKeys", 2),
        ("GenesisBuilder", 1),
        ("RuntimeViewFunction", 1),
        ("DagApi", 2),
        ("InferenceApi", 1),
    ] {
        assert_eq!(id(name), Some(version), "{name}");
    }
    assert_eq!(id("AuraApi"), None);
}

/// The first eight bytes of the 64-bit Blake2b hash, by which APIs are known.
fn blake2_64(data: &[u8]) -> [u8; 8] {
    use blake2::digest::{Update, VariableOutput};
    let mut hasher = blake2::Blake2bVar::new(8).expect("a valid length");
    hasher.update(data);
    let mut out = [0; 8];
    hasher.finalize_variable(&mut out).expect("the length is right");
    out
}
