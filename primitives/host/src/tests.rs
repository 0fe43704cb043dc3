//! Host functions natively, and through the table with a guest made of a byte vector.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use crate::{
    Externalities, Group, HostCaller, HostError, KillStorageResult, StateExt, Value, ValueType,
    crypto, default_child_storage, functions, hashing, inference, offchain, storage, trie,
    with_externalities,
};
use citrate_core::{H256, KeyTypeId, StateVersion, key_types, sr25519};
use citrate_inference_types::{
    Capabilities, DType, Description, Generation, InferenceError, Outlet, Prompt, RefereeLimits,
    RunLimits,
};
use citrate_trie::StateView;
use codec::{Decode, Encode};
use std::{collections::BTreeSet, sync::Arc};

fn with_state<R>(f: impl FnOnce() -> R) -> (R, StateExt) {
    let mut state = StateExt::new(StateView::empty());
    let output = with_externalities(&mut state, f);
    (output, state)
}

/// A guest: 64 KiB of memory, and an allocator that never reuses anything.
struct Guest {
    memory: Vec<u8>,
    next: u32,
}

impl Guest {
    fn new() -> Self {
        Self { memory: vec![0; 65536], next: 32768 }
    }

    fn put(&mut self, bytes: &[u8]) -> u64 {
        let address = self.allocate(u32::try_from(bytes.len()).unwrap()).unwrap();
        self.write_memory(address, bytes).unwrap();
        ((bytes.len() as u64) << 32) | u64::from(address)
    }

    fn fat(&self, value: Option<Value>) -> Vec<u8> {
        let Some(Value::I64(fat)) = value else { panic!("expected a fat pointer, got {value:?}") };
        self.read_memory(fat as u32, (fat >> 32) as u32).unwrap()
    }

    fn call(&mut self, name: &str, arguments: &[Value]) -> Result<Option<Value>, HostError> {
        let function = functions().into_iter().find(|f| f.name == name).unwrap();
        (function.call)(self, arguments)
    }
}

impl HostCaller for Guest {
    fn read_memory(&self, address: u32, len: u32) -> Result<Vec<u8>, HostError> {
        let range = address as usize..address as usize + len as usize;
        self.memory.get(range).map(<[u8]>::to_vec).ok_or(HostError::Memory { address, len })
    }

    fn write_memory(&mut self, address: u32, bytes: &[u8]) -> Result<(), HostError> {
        let len = u32::try_from(bytes.len()).unwrap();
        let range = address as usize..address as usize + bytes.len();
        let target = self.memory.get_mut(range).ok_or(HostError::Memory { address, len })?;
        target.copy_from_slice(bytes);
        Ok(())
    }

    fn allocate(&mut self, size: u32) -> Result<u32, HostError> {
        let address = self.next;
        self.next = address
            .checked_add(size)
            .filter(|end| *end <= 65536)
            .ok_or_else(|| HostError::Allocator("out of memory".into()))?;
        Ok(address)
    }

    fn deallocate(&mut self, _: u32) -> Result<(), HostError> {
        Ok(())
    }
}

#[test]
fn native_storage_works_on_the_threads_externalities() {
    let ((), state) = with_state(|| {
        storage::set(b"key", b"value");
        assert_eq!(storage::get(b"key").as_deref(), Some(&b"value"[..]));
        assert!(storage::exists(b"key") && !storage::exists(b"other"));
        let mut out = [0; 3];
        assert_eq!(storage::read(b"key", &mut out, 1), Some(4));
        assert_eq!(&out, b"alu");
        assert_eq!(storage::read(b"key", &mut out, 9), Some(0));
        assert_eq!(storage::read(b"other", &mut out, 0), None);

        storage::append(b"list", &1u16.encode());
        storage::append(b"list", &2u16.encode());
        assert_eq!(storage::get(b"list"), Some(vec![1u16, 2].encode()));
        assert_eq!(storage::next_key(b"key").as_deref(), Some(&b"list"[..]));

        storage::start_transaction();
        storage::clear(b"key");
        storage::start_transaction();
        storage::set(b"inner", b"1");
        storage::commit_transaction();
        assert_eq!(storage::get(b"key"), None);
        storage::rollback_transaction();
        assert!(storage::exists(b"key") && !storage::exists(b"inner"));
    });
    let changes = state.into_changes();
    assert_eq!(changes.top.keys().collect::<Vec<_>>(), [&b"key".to_vec(), &b"list".to_vec()]);
}

#[test]
fn roots_are_those_of_the_trie() {
    let (root, state) = with_state(|| {
        storage::set(b"a", &[7; 40]);
        default_child_storage::set(b"child", b"x", b"y");
        let child = default_child_storage::root(b"child", StateVersion::V1);
        assert_eq!(child, citrate_trie::root([(b"x", b"y")], StateVersion::V1).as_bytes());
        storage::root(StateVersion::V1)
    });
    let finished = state.finish(StateVersion::V1).unwrap();
    assert_eq!(finished.root.as_bytes(), root);
    let (other, delta) = StateView::empty().apply(&finished.changes, StateVersion::V1).unwrap();
    assert_eq!((finished.root, finished.delta), (other, delta));
}

#[test]
fn a_kept_root_is_not_used_after_a_change() {
    let mut state = StateExt::new(StateView::empty());
    state.set(b"a".to_vec(), Some(b"1".to_vec()));
    let before = state.root(StateVersion::V1);
    state.start_transaction();
    state.set(b"b".to_vec(), Some(b"2".to_vec()));
    let during = state.root(StateVersion::V1);
    assert_ne!(before, during);
    // Finishing undoes the open transaction, so the root asked for last is not the result.
    assert_eq!(state.finish(StateVersion::V1).unwrap().root, before);
}

#[test]
fn clearing_a_prefix_says_what_is_left() {
    with_state(|| {
        for key in [b"p1", b"p2", b"q1"] {
            storage::set(key, b"");
        }
        assert_eq!(storage::clear_prefix(b"p", None), KillStorageResult::AllRemoved(0));
        assert_eq!(storage::next_key(b"").as_deref(), Some(&b"q1"[..]));
    });
}

#[test]
fn roots_of_child_tries_cannot_be_written() {
    let ((), state) = with_state(|| {
        storage::set(b":child_storage:default:c", &[1; 32]);
        storage::append(b":child_storage:default:c", &[1]);
        storage::clear(b":child_storage:default:c");
    });
    assert!(state.into_changes().is_empty());
}

#[test]
fn without_externalities_there_is_an_error() {
    let mut guest = Guest::new();
    let key = guest.put(b"key");
    let result = guest.call("ext_storage_get_version_1", &[Value::I64(key)]);
    assert!(matches!(result, Err(HostError::NoExternalities)), "{result:?}");
    assert!(std::panic::catch_unwind(|| storage::get(b"key")).is_err());
}

#[test]
fn scopes_nest_and_end() {
    let ((), _) = with_state(|| {
        storage::set(b"outer", b"");
        with_state(|| assert!(!storage::exists(b"outer")));
        assert!(storage::exists(b"outer"));
        let panicked = std::panic::catch_unwind(|| with_state(|| panic!("inside")).1.state().root);
        assert!(panicked.is_err());
        assert!(storage::exists(b"outer"));
    });
    assert!(!crate::has_externalities());
}

#[test]
fn impossible_transactions_are_errors() {
    for name in ["commit", "rollback"] {
        let name = format!("ext_storage_{name}_transaction_version_1");
        let (result, _) = with_state(|| Guest::new().call(&name, &[]));
        assert!(matches!(result, Err(HostError::State(_))), "{result:?}");
    }
}

#[test]
fn the_table_serves_a_guest() {
    with_state(|| {
        let mut guest = Guest::new();
        let (key, value) = (Value::I64(guest.put(b"key")), Value::I64(guest.put(b"value")));
        assert_eq!(guest.call("ext_storage_set_version_1", &[key, value]).unwrap(), None);
        let output = guest.call("ext_storage_get_version_1", &[key]).unwrap();
        assert_eq!(guest.fat(output), Some(b"value".to_vec()).encode());
        let output = guest.call("ext_storage_exists_version_1", &[key]).unwrap();
        assert_eq!(output, Some(Value::I32(1)));

        let out = guest.put(&[0; 3]);
        let arguments = [key, Value::I64(out), Value::I32(2)];
        let output = guest.call("ext_storage_read_version_1", &arguments).unwrap();
        assert_eq!(guest.fat(output), Some(3u32).encode());
        assert_eq!(guest.fat(Some(Value::I64(out))), b"lue");

        let root = guest.call("ext_storage_root_version_2", &[Value::I32(1)]).unwrap();
        assert_eq!(guest.fat(root), storage::root(StateVersion::V1));

        let Some(Value::I32(hash)) =
            guest.call("ext_hashing_blake2_256_version_1", &[value]).unwrap()
        else {
            panic!("expected an address")
        };
        assert_eq!(guest.read_memory(hash, 32).unwrap(), hashing::blake2_256(b"value"));
    });
}

#[test]
fn garbage_from_a_guest_is_an_error() {
    let wild = Value::I64((u64::from(u32::MAX) << 32) | u64::from(u32::MAX));
    with_state(|| {
        let mut guest = Guest::new();
        for function in functions() {
            if function.params.is_empty() {
                continue;
            }
            let arguments: Vec<_> = function
                .params
                .iter()
                .map(|ty| match ty {
                    ValueType::I32 => Value::I32(u32::MAX),
                    ValueType::I64 => wild,
                })
                .collect();
            // Nothing panics; what takes a pointer refuses this one.
            let result = (function.call)(&mut guest, &arguments);
            if function.params.contains(&ValueType::I64) && !function.name.contains("print_num") {
                assert!(matches!(result, Err(HostError::Memory { .. })), "{function:?} {result:?}");
            }
            let result = (function.call)(&mut guest, &arguments[1..]);
            assert!(result.is_err(), "{function:?} takes too few arguments");
        }
        let bad = Value::I64(guest.put(&[9, 9]));
        let prefix = Value::I64(guest.put(b"p"));
        let result = guest.call("ext_storage_clear_prefix_version_2", &[prefix, bad]);
        assert!(matches!(result, Err(HostError::Argument(_))), "{result:?}");
        let result = guest.call("ext_storage_root_version_2", &[Value::I32(2)]);
        assert!(matches!(result, Err(HostError::StateVersion)), "{result:?}");
    });
}

/// Signatures of the imports that known runtimes have, `l` for `i64` and `i` for `i32`.
#[test]
fn imports_are_those_of_the_polkadot_host() {
    let expected = [
        ("ext_allocator_free_version_1", "i", ""),
        ("ext_allocator_malloc_version_1", "i", "i"),
        ("ext_crypto_ecdsa_sign_version_1", "iil", "l"),
        ("ext_crypto_ed25519_verify_version_1", "ili", "i"),
        ("ext_crypto_secp256k1_ecdsa_recover_compressed_version_2", "ii", "l"),
        ("ext_crypto_sr25519_generate_version_1", "il", "i"),
        ("ext_crypto_sr25519_public_keys_version_1", "i", "l"),
        ("ext_crypto_sr25519_sign_version_1", "iil", "l"),
        ("ext_crypto_sr25519_verify_version_2", "ili", "i"),
        ("ext_default_child_storage_clear_prefix_version_2", "lll", "l"),
        ("ext_default_child_storage_get_version_1", "ll", "l"),
        ("ext_default_child_storage_read_version_1", "llli", "l"),
        ("ext_default_child_storage_root_version_2", "li", "l"),
        ("ext_default_child_storage_set_version_1", "lll", ""),
        ("ext_default_child_storage_storage_kill_version_3", "ll", "l"),
        ("ext_hashing_blake2_128_version_1", "l", "i"),
        ("ext_hashing_twox_128_version_1", "l", "i"),
        ("ext_logging_log_version_1", "ill", ""),
        ("ext_logging_max_level_version_1", "", "i"),
        ("ext_misc_print_hex_version_1", "l", ""),
        ("ext_misc_print_num_version_1", "l", ""),
        ("ext_misc_print_utf8_version_1", "l", ""),
        ("ext_misc_runtime_version_version_1", "l", "l"),
        ("ext_offchain_index_set_version_1", "ll", ""),
        ("ext_offchain_local_storage_compare_and_set_version_1", "illl", "i"),
        ("ext_offchain_random_seed_version_1", "", "i"),
        ("ext_offchain_submit_transaction_version_1", "l", "l"),
        ("ext_offchain_timestamp_version_1", "", "l"),
        ("ext_panic_handler_abort_on_panic_version_1", "l", ""),
        ("ext_storage_append_version_1", "ll", ""),
        ("ext_storage_changes_root_version_1", "l", "l"),
        ("ext_storage_clear_prefix_version_2", "ll", "l"),
        ("ext_storage_clear_version_1", "l", ""),
        ("ext_storage_commit_transaction_version_1", "", ""),
        ("ext_storage_exists_version_1", "l", "i"),
        ("ext_storage_get_version_1", "l", "l"),
        ("ext_storage_next_key_version_1", "l", "l"),
        ("ext_storage_proof_size_storage_proof_size_version_1", "", "l"),
        ("ext_storage_read_version_1", "lli", "l"),
        ("ext_storage_root_version_1", "", "l"),
        ("ext_storage_root_version_2", "i", "l"),
        ("ext_storage_set_version_1", "ll", ""),
        ("ext_transaction_index_index_version_1", "iii", ""),
        ("ext_trie_blake2_256_ordered_root_version_2", "li", "i"),
        ("ext_trie_blake2_256_verify_proof_version_2", "illli", "i"),
    ];
    let letter = |ty: &ValueType| match ty {
        ValueType::I32 => 'i',
        ValueType::I64 => 'l',
    };
    let functions = functions();
    for (name, params, result) in expected {
        let function = functions.iter().find(|f| f.name == name);
        let function = function.unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(function.params.iter().map(letter).collect::<String>(), params, "{name}");
        assert_eq!(function.result.iter().map(letter).collect::<String>(), result, "{name}");
        assert_eq!(function.group, Group::Standard, "{name}");
    }
    let names: BTreeSet<_> = functions.iter().map(|f| f.name).collect();
    assert_eq!(names.len(), functions.len(), "two functions have the same name");
    for function in &functions {
        let inference = function.name.starts_with("ext_inference_");
        assert_eq!(function.group == Group::Inference, inference, "{function:?}");
        let bls = function.name.starts_with("ext_crypto_bls12_381_");
        assert_eq!(function.group == Group::Worker, bls, "{function:?}");
        let benchmarks = function.name.starts_with("ext_benchmarking_");
        assert_eq!(function.group == Group::Benchmark, benchmarks, "{function:?}");
    }
}

#[test]
fn signatures_verify_through_the_table() {
    let pair = sr25519::Pair::from_suri("//Alice", None).unwrap();
    let signature = pair.sign(b"message");
    assert!(crypto::sr25519_verify(&signature, b"message", &pair.public()));
    with_state(|| {
        let mut guest = Guest::new();
        let address = |fat: u64| Value::I32(fat as u32);
        let signature = address(guest.put(&signature.0));
        let public = address(guest.put(&pair.public().0));
        for (message, expected) in [(&b"message"[..], 1), (b"messages", 0)] {
            let message = Value::I64(guest.put(message));
            let arguments = [signature, message, public];
            let output = guest.call("ext_crypto_sr25519_verify_version_2", &arguments).unwrap();
            assert_eq!(output, Some(Value::I32(expected)));
        }
    });
}

#[test]
fn keys_need_a_keystore() {
    let (result, _) = with_state(|| {
        let mut guest = Guest::new();
        let id = guest.put(&key_types::PROVIDER.0);
        guest.call("ext_crypto_sr25519_public_keys_version_1", &[Value::I32(id as u32)])
    });
    assert!(matches!(result, Err(HostError::State(_))), "{result:?}");
}

#[test]
fn ordered_roots_are_the_tries() {
    let items = vec![b"one".to_vec(), b"two".to_vec()];
    assert_eq!(
        trie::blake2_256_ordered_root(items.clone(), StateVersion::V1),
        citrate_trie::ordered_root(&items, StateVersion::V1)
    );
}

struct Engine;

impl crate::InferenceHost for Engine {
    fn capabilities(&self) -> Capabilities {
        Capabilities { available: true, ..Capabilities::unavailable("") }
    }
    fn load(&self, _: &H256) -> Result<(), InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn describe(&self, model: &H256, limits: RunLimits) -> Result<Description, InferenceError> {
        let shape = vec![Some(limits.output_bytes_max), None];
        let outlet = Outlet { name: format!("{model:?}"), dtype: Some(DType::F32), shape };
        Ok(Description { inputs: vec![outlet.clone()], outputs: vec![outlet] })
    }
    fn run(&self, _: &H256, inputs: Vec<u8>, limits: RunLimits) -> Result<Vec<u8>, InferenceError> {
        if inputs.len() > limits.output_bytes_max as usize {
            return Err(InferenceError::OutputTooLarge);
        }
        Ok(inputs.into_iter().rev().collect())
    }
    fn generate(
        &self,
        _: &H256,
        generation: Generation,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        Ok((generation, limits).encode())
    }
    fn referee(
        &self,
        module: &H256,
        model: &H256,
        inputs: Vec<u8>,
        limits: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        Ok((module, model, inputs, limits).encode())
    }
    fn artifact_get(&self, _: &H256, max: u32) -> Option<Vec<u8>> {
        Some(vec![1; max as usize])
    }
    fn artifact_put(&self, bytes: &[u8]) -> H256 {
        citrate_inference_types::content_hash(bytes)
    }
}

#[test]
fn inference_reaches_the_engine() {
    let limits = RunLimits { output_bytes_max: 3, ..RunLimits::default() };
    let mut state = StateExt::new(StateView::empty());
    with_externalities(&mut state, || {
        let capabilities = Capabilities::decode(&mut &inference::capabilities()[..]).unwrap();
        assert!(!capabilities.available);
        let result = inference::load(&H256::zero());
        assert!(matches!(result, Err(InferenceError::Unavailable(_))));
    });
    state.extensions().register(crate::InferenceExt(Arc::new(Engine)));
    with_externalities(&mut state, || {
        assert_eq!(inference::load(&H256::zero()), Err(InferenceError::UnknownModel));
        let mut guest = Guest::new();
        let model = Value::I32(guest.put(&[0; 32]) as u32);
        let limits = Value::I64(guest.put(&limits.encode()));
        for (input, expected) in [
            (vec![1, 2, 3], Ok(vec![3, 2, 1])),
            (vec![1, 2, 3, 4], Err(InferenceError::OutputTooLarge)),
        ] {
            let input = Value::I64(guest.put(&input));
            let output = guest.call("ext_inference_run_version_1", &[model, input, limits]);
            let output = guest.fat(output.unwrap());
            let expected: Result<Vec<u8>, InferenceError> = expected;
            assert_eq!(output, expected.encode());
        }
        let described = guest.call("ext_inference_describe_version_1", &[model, limits]).unwrap();
        let bounds = RunLimits { output_bytes_max: 3, ..RunLimits::default() };
        let expected = crate::InferenceHost::describe(&Engine, &H256::zero(), bounds);
        let expected = expected.map(|description| description.encode());
        assert_eq!(guest.fat(described), expected.encode());
        let prompt = Prompt { new_tokens_max: 7, ..Prompt::default() };
        let generation = Generation { prompt, ends: vec![2, 9].try_into().unwrap() };
        let request = Value::I64(guest.put(&generation.encode()));
        let text = guest.call("ext_inference_generate_version_1", &[model, request, limits]);
        let received = (generation, RunLimits { output_bytes_max: 3, ..RunLimits::default() });
        let expected: Result<Vec<u8>, InferenceError> = Ok(received.encode());
        assert_eq!(guest.fat(text.unwrap()), expected.encode());
        let bounds = RefereeLimits { fuel: 5, memory_bytes: 6, output_bytes: 7 };
        let [module, input] = [&[9; 32][..], b"tensors"].map(|bytes| guest.put(bytes));
        let module = Value::I32(module as u32);
        let arguments = [module, model, Value::I64(input), Value::I64(guest.put(&bounds.encode()))];
        let judged = guest.call("ext_inference_referee_version_1", &arguments);
        let received = (H256([9; 32]), H256::zero(), b"tensors".to_vec(), bounds);
        let expected: Result<Vec<u8>, InferenceError> = Ok(received.encode());
        assert_eq!(guest.fat(judged.unwrap()), expected.encode());
        // What is no request is refused before the engine sees it.
        let cut = Value::I64(guest.put(&[1, 2]));
        guest.call("ext_inference_generate_version_1", &[model, cut, limits]).unwrap_err();
    });
}

#[test]
fn offchain_storage_of_an_unknown_kind_is_an_error() {
    let (result, _) = with_state(|| {
        let mut guest = Guest::new();
        let key = guest.put(b"key");
        guest.call("ext_offchain_local_storage_get_version_1", &[Value::I32(3), Value::I64(key)])
    });
    assert!(matches!(result, Err(HostError::State(_))), "{result:?}");
    assert_eq!(offchain::StorageKind::from_number(1), Some(offchain::StorageKind::Persistent));
    let _ = KeyTypeId(*b"test");
}
