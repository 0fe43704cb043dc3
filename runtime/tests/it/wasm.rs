//! `:code` runs on every Polkadot Host: what it imports and exports, and which WASM it is made of.

use citrate_wasm_builder::{Blob, WasmBuilder};
use std::collections::BTreeMap;
use std::path::Path;
use wasmparser::{Parser, Payload, TypeRef, ValType, Validator, WasmFeatures};

/// Builds a blob, or takes the one that the node's build made of the same inputs.
fn blob(feature: Option<&str>) -> Blob {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let target =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target folder");
    let builder = WasmBuilder::new(manifest).target_dir(target);
    let builder = feature.into_iter().fold(builder, WasmBuilder::feature);
    builder.build().expect("the runtime builds")
}

/// A function's parameters and result, as letters: `i` for 32 bits, `I` for 64.
type Signature = (String, String);

struct Module {
    imports: BTreeMap<String, Signature>,
    exports: Vec<String>,
    sections: Vec<String>,
    features: Vec<String>,
}

fn letters(types: &[ValType]) -> String {
    types
        .iter()
        .map(|ty| match ty {
            ValType::I32 => 'i',
            ValType::I64 => 'I',
            // No host function has these; the runtime's own functions may.
            _ => '?',
        })
        .collect()
}

fn module(bytes: &[u8]) -> Module {
    let (mut imports, mut exports) = (BTreeMap::new(), Vec::new());
    let (mut sections, mut features) = (Vec::new(), Vec::new());
    let mut types: Vec<Signature> = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.expect("a sound module") {
            Payload::TypeSection(reader) => {
                for ty in reader.into_iter_err_on_gc_types() {
                    let ty = ty.expect("a sound type");
                    types.push((letters(ty.params()), letters(ty.results())));
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import.expect("a sound import");
                    assert_eq!(import.module, "env", "{}", import.name);
                    if let TypeRef::Func(index) = import.ty {
                        let signature = types[usize::try_from(index).expect("32 bits fit")].clone();
                        imports.insert(import.name.to_owned(), signature);
                    }
                }
            }
            Payload::ExportSection(reader) => {
                exports.extend(reader.into_iter().map(|e| e.expect("sound").name.to_owned()));
            }
            Payload::CustomSection(section) => {
                if section.name() == "target_features" {
                    features = target_features(section.data());
                }
                sections.push(section.name().to_owned());
            }
            _ => {}
        }
    }
    Module { imports, exports, sections, features }
}

/// A count, then for each feature a sign and a name with its length; all short.
fn target_features(data: &[u8]) -> Vec<String> {
    let mut rest = &data[1..];
    let mut features = Vec::new();
    while let [sign, len, tail @ ..] = rest {
        let (name, after) = tail.split_at(usize::from(*len));
        features.push(format!("{}{}", char::from(*sign), String::from_utf8_lossy(name)));
        rest = after;
    }
    features
}

/// Functions of the Polkadot Host that smoldot's executor, and so chopsticks, can link: all that a runtime may import
/// (compat spec, section 10). Parameters and result as in [`Signature`].
const STANDARD: &[(&str, &str, &str)] = &[
    ("ext_storage_set_version_1", "II", ""),
    ("ext_storage_get_version_1", "I", "I"),
    ("ext_storage_read_version_1", "IIi", "I"),
    ("ext_storage_clear_version_1", "I", ""),
    ("ext_storage_exists_version_1", "I", "i"),
    ("ext_storage_clear_prefix_version_1", "I", ""),
    ("ext_storage_clear_prefix_version_2", "II", "I"),
    ("ext_storage_append_version_1", "II", ""),
    ("ext_storage_root_version_1", "", "I"),
    ("ext_storage_root_version_2", "i", "I"),
    ("ext_storage_next_key_version_1", "I", "I"),
    ("ext_storage_start_transaction_version_1", "", ""),
    ("ext_storage_rollback_transaction_version_1", "", ""),
    ("ext_storage_commit_transaction_version_1", "", ""),
    ("ext_default_child_storage_set_version_1", "III", ""),
    ("ext_default_child_storage_get_version_1", "II", "I"),
    ("ext_default_child_storage_clear_version_1", "II", ""),
    ("ext_default_child_storage_exists_version_1", "II", "i"),
    ("ext_default_child_storage_next_key_version_1", "II", "I"),
    ("ext_default_child_storage_root_version_2", "Ii", "I"),
    ("ext_default_child_storage_storage_kill_version_3", "II", "I"),
    ("ext_default_child_storage_clear_prefix_version_2", "III", "I"),
    ("ext_hashing_twox_64_version_1", "I", "i"),
    ("ext_hashing_twox_128_version_1", "I", "i"),
    ("ext_hashing_twox_256_version_1", "I", "i"),
    ("ext_hashing_blake2_128_version_1", "I", "i"),
    ("ext_hashing_blake2_256_version_1", "I", "i"),
    ("ext_hashing_keccak_256_version_1", "I", "i"),
    ("ext_hashing_keccak_512_version_1", "I", "i"),
    ("ext_hashing_sha2_256_version_1", "I", "i"),
    ("ext_crypto_sr25519_verify_version_2", "iIi", "i"),
    ("ext_crypto_ed25519_verify_version_1", "iIi", "i"),
    ("ext_crypto_ecdsa_verify_version_1", "iIi", "i"),
    ("ext_crypto_secp256k1_ecdsa_recover_version_2", "ii", "I"),
    ("ext_crypto_secp256k1_ecdsa_recover_compressed_version_2", "ii", "I"),
    ("ext_crypto_sr25519_public_keys_version_1", "i", "I"),
    ("ext_crypto_sr25519_generate_version_1", "iI", "i"),
    ("ext_crypto_sr25519_sign_version_1", "iiI", "I"),
    ("ext_crypto_ed25519_public_keys_version_1", "i", "I"),
    ("ext_crypto_ed25519_generate_version_1", "iI", "i"),
    ("ext_crypto_ed25519_sign_version_1", "iiI", "I"),
    ("ext_trie_blake2_256_root_version_2", "Ii", "i"),
    ("ext_trie_blake2_256_ordered_root_version_2", "Ii", "i"),
    ("ext_allocator_malloc_version_1", "i", "i"),
    ("ext_allocator_free_version_1", "i", ""),
    ("ext_logging_log_version_1", "iII", ""),
    ("ext_logging_max_level_version_1", "", "i"),
    ("ext_misc_print_num_version_1", "I", ""),
    ("ext_misc_print_utf8_version_1", "I", ""),
    ("ext_misc_print_hex_version_1", "I", ""),
    ("ext_misc_runtime_version_version_1", "I", "I"),
    ("ext_panic_handler_abort_on_panic_version_1", "I", ""),
    ("ext_offchain_is_validator_version_1", "", "i"),
    ("ext_offchain_submit_transaction_version_1", "I", "I"),
    ("ext_offchain_timestamp_version_1", "", "I"),
    ("ext_offchain_random_seed_version_1", "", "i"),
    ("ext_offchain_local_storage_set_version_1", "iII", ""),
    ("ext_offchain_local_storage_clear_version_1", "iI", ""),
    ("ext_offchain_local_storage_get_version_1", "iI", "I"),
    ("ext_offchain_local_storage_compare_and_set_version_1", "iIII", "i"),
    ("ext_offchain_index_set_version_1", "II", ""),
    ("ext_offchain_index_clear_version_1", "I", ""),
];

/// The Polkadot Host's functions that `module` imports otherwise than any host has them.
fn strangers(module: &Module) -> Vec<&String> {
    module
        .imports
        .iter()
        .filter(|(name, (params, result))| {
            !STANDARD
                .iter()
                .any(|(n, p, r)| (*n, *p, *r) == (name.as_str(), params.as_str(), result.as_str()))
        })
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn the_code_blob_runs_on_every_polkadot_host() {
    let blob = blob(None);
    let plain = std::fs::read(&blob.plain).unwrap();
    Validator::new_with_features(WasmFeatures::WASM1)
        .validate_all(&plain)
        .expect("WebAssembly 1.0 is enough");
    let code = module(&plain);
    assert_eq!(strangers(&code), Vec::<&String>::new(), "imports that hosts do not know");
    for export in [
        "__heap_base",
        "__indirect_function_table",
        "Core_version",
        "Core_execute_block",
        "Core_initialize_block",
        "Metadata_metadata",
        "Metadata_metadata_at_version",
        "Metadata_metadata_versions",
        "BlockBuilder_apply_extrinsic",
        "BlockBuilder_finalize_block",
        "BlockBuilder_inherent_extrinsics",
        "BlockBuilder_check_inherents",
        "TaggedTransactionQueue_validate_transaction",
        "AccountNonceApi_account_nonce",
        "TransactionPaymentApi_query_info",
        "TransactionPaymentApi_query_fee_details",
        "TransactionPaymentCallApi_query_call_info",
        "SessionKeys_generate_session_keys",
        "SessionKeys_decode_session_keys",
        "GenesisBuilder_build_state",
        "GenesisBuilder_get_preset",
        "GenesisBuilder_preset_names",
        "RuntimeViewFunction_execute_view_function",
        "DagApi_configuration",
        "DagApi_configuration_at",
        "DagApi_equivocation_report",
        "InferenceApi_model",
    ] {
        assert!(code.exports.iter().any(|e| e == export), "no export {export}");
    }
    assert!(!code.exports.iter().any(|e| e.starts_with("OffchainWorkerApi")));
    for section in ["runtime_version", "runtime_apis"] {
        assert!(code.sections.iter().any(|s| s == section), "no section {section}");
    }
    // The builder may strip the section; the validator above has the last word.
    assert!(code.features.iter().all(|f| f == "+mutable-globals"), "{:?}", code.features);
    let compressed = std::fs::read(&blob.compressed).unwrap();
    assert!(compressed.starts_with(&[0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05]));
    assert!(compressed.len() < plain.len());
}

#[test]
fn the_worker_blob_has_the_inference_functions() {
    let plain = std::fs::read(blob(Some("worker")).plain).unwrap();
    let worker = module(&plain);
    assert!(worker.exports.iter().any(|e| e == "OffchainWorkerApi_offchain_worker"));
    let strangers = strangers(&worker);
    for name in &strangers {
        // The node's own keys, which no block may use either.
        let is_ours = ["ext_inference_", "ext_crypto_bls12_381_"].map(|own| name.starts_with(own));
        assert!(is_ours.contains(&true), "{name}");
    }
    assert!(strangers.iter().any(|name| name.starts_with("ext_inference_")), "{strangers:?}");
}
