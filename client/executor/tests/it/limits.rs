//! Hand-written modules: what runs, what is refused, and that every limit holds.

use crate::chain::executor;
use citrate_core::{H256, RuntimeVersion};
use citrate_executor::{Executor, ExecutorConfig, ExecutorError, Limits, Profile, RuntimeCode};
use citrate_host::{
    Externalities, InferenceExt, InferenceHost, ReadRuntimeVersion, ReadRuntimeVersionExt, StateExt,
};
use citrate_inference_types::{
    Capabilities, Description, Generation, InferenceError, RefereeLimits, RunLimits,
};
use citrate_trie::StateView;
use codec::Encode;
use std::{
    io::Read,
    sync::{Arc, Mutex},
    time::Duration,
};

fn module(imports: &str, body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        "(module {imports} (memory (export \"memory\") 2)
           (global (export \"__heap_base\") i32 (i32.const 1024)) {body})"
    ))
    .unwrap()
}

fn bare(body: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {body})")).unwrap()
}

/// A few kilobytes that decompress to one byte more than code may have.
fn bomb() -> Vec<u8> {
    let zeros = std::io::repeat(0).take(citrate_core::code::CODE_BYTES_MAX as u64 + 1);
    let mut bomb = citrate_core::code::ZSTD_MAGIC.to_vec();
    zstd::stream::copy_encode(zeros, &mut bomb, 1).unwrap();
    assert!(bomb.len() < 100_000);
    bomb
}

fn call(
    code: &[u8],
    profile: Profile,
    method: &str,
    input: &[u8],
) -> Result<Vec<u8>, ExecutorError> {
    let limits = Limits { time: Duration::from_millis(200), output_bytes: 100 };
    let mut ext = StateExt::new(StateView::empty());
    executor().call(RuntimeCode::new(code), profile, method, input, &mut ext, limits)
}

/// `(len << 32) | ptr` of the input itself.
const ECHO: &str = "(func (export \"echo\") (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 1)) (i64.const 32))
            (i64.extend_i32_u (local.get 0))))";

#[test]
fn input_goes_in_and_comes_out() {
    let code = module("", ECHO);
    assert_eq!(call(&code, Profile::Block, "echo", b"hello").unwrap(), b"hello");
    assert_eq!(call(&code, Profile::Block, "echo", b"").unwrap(), b"");
    let compressed = citrate_core::code::compress(&code).unwrap();
    assert_eq!(call(&compressed, Profile::Block, "echo", b"hello").unwrap(), b"hello");
}

#[test]
fn memory_may_be_imported() {
    let code = wat::parse_str(format!(
        "(module (import \"env\" \"memory\" (memory 2))
           (global (export \"__heap_base\") i32 (i32.const 1024)) {ECHO})"
    ))
    .unwrap();
    assert_eq!(call(&code, Profile::Block, "echo", b"hello").unwrap(), b"hello");
}

#[test]
fn every_failure_is_an_error_that_tells() {
    let cases = [
        ("no such export", module("", ECHO), "other", "Exported method other is not found"),
        (
            "wrong signature",
            module("", "(func (export \"echo\"))"),
            "echo",
            "exported method echo has the wrong signature",
        ),
        (
            "endless loop",
            module(
                "",
                "(func (export \"echo\") (param i32 i32) (result i64) (loop (br 0)) (i64.const 0))",
            ),
            "echo",
            "took longer than 200 ms",
        ),
        (
            "endless recursion",
            module(
                "",
                "(func $f (export \"echo\") (param i32 i32) (result i64)
                (call $f (local.get 0) (local.get 1)))",
            ),
            "echo",
            "call stack exhausted",
        ),
        (
            "unreachable",
            module("", "(func (export \"echo\") (param i32 i32) (result i64) unreachable)"),
            "echo",
            "unreachable",
        ),
        (
            "result outside memory",
            module(
                "",
                "(func (export \"echo\") (param i32 i32) (result i64) (i64.const 0x10ffffffff))",
            ),
            "echo",
            "returned 16 bytes at 0xffffffff",
        ),
        (
            "result too large",
            module(
                "",
                "(func (export \"echo\") (param i32 i32) (result i64) (i64.const 0x6500000000))",
            ),
            "echo",
            "returned 101 bytes at 0x0",
        ),
        (
            "endless start function",
            module("", "(func $f (loop (br 0))) (start $f)"),
            "echo",
            "took longer than 200 ms",
        ),
        (
            "trap in the start function",
            module("", "(func $f unreachable) (start $f)"),
            "echo",
            "runtime trapped: wasm trap: wasm `unreachable` instruction executed",
        ),
        (
            "more memory than there may be",
            bare(
                "(memory (export \"memory\") 5000) (global (export \"__heap_base\") i32 (i32.const 0))",
            ),
            "echo",
            "a minimum byte size of 327680000 which exceeds the limit",
        ),
        (
            "a table bomb",
            module("", "(table 4000000000 funcref)"),
            "echo",
            "exceeds the limit of 65536",
        ),
        (
            "two tables",
            module("", "(table 1 funcref) (table 1 funcref)"),
            "echo",
            "not a valid module",
        ),
        (
            "data outside memory",
            module("", "(data (i32.const 131070) \"abcd\")"),
            "echo",
            "out of bounds memory access",
        ),
        (
            "no memory",
            bare("(global (export \"__heap_base\") i32 (i32.const 0))"),
            "echo",
            "has no memory",
        ),
        ("no heap base", bare("(memory (export \"memory\") 1)"), "echo", "exports no __heap_base"),
        (
            "heap base of another type",
            bare(
                "(memory (export \"memory\") 1) (global (export \"__heap_base\") i64 (i64.const 0))",
            ),
            "echo",
            "exports no __heap_base",
        ),
        (
            "heap base at the end of addresses",
            bare(&format!(
                "(memory (export \"memory\") 1)
                 (global (export \"__heap_base\") i32 (i32.const -1)) {ECHO}"
            )),
            "echo",
            "out of memory",
        ),
        (
            "export that is no function",
            module("", "(global (export \"echo\") i32 (i32.const 0))"),
            "echo",
            "echo is not found",
        ),
        ("garbage", b"\0asm\x01\0\0\0garbage".to_vec(), "echo", "not a valid module"),
        (
            "not zstd",
            [&citrate_core::code::ZSTD_MAGIC[..], b"garbage"].concat(),
            "echo",
            "does not decompress",
        ),
        ("a compressed bomb", bomb(), "echo", "larger than 52428800 bytes when decompressed"),
        ("empty", Vec::new(), "echo", "not a valid module"),
    ];
    for (desc, code, method, expected) in cases {
        let error = call(&code, Profile::Block, method, b"input").unwrap_err();
        assert!(error.to_string().contains(expected), "{desc}: {error}");
    }
}

#[test]
fn post_mvp_features_are_refused() {
    let cases = [
        ("simd", "(func (result v128) (v128.const i64x2 0 0))"),
        ("bulk memory", "(func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)))"),
    ];
    for (desc, body) in cases {
        let error = call(&module("", body), Profile::Block, "echo", b"").unwrap_err();
        assert!(matches!(error, ExecutorError::Module(_)), "{desc}: {error}");
    }
}

#[test]
fn imports_follow_the_profile() {
    let signature = citrate_host::functions()
        .into_iter()
        .find(|f| f.name == "ext_inference_capabilities_version_1")
        .expect("the worker's function exists");
    assert!(signature.params.is_empty());
    let inference = module(
        "(import \"env\" \"ext_inference_capabilities_version_1\" (func (result i64)))",
        ECHO,
    );
    let error = call(&inference, Profile::Block, "echo", b"x").unwrap_err().to_string();
    assert!(error.contains("ext_inference_capabilities_version_1"), "{error}");
    assert!(error.contains("only an off-chain worker may import"), "{error}");
    assert_eq!(call(&inference, Profile::Worker, "echo", b"x").unwrap(), b"x");
    // Keys of BLS are a worker's as well.
    let bls = module(
        "(import \"env\" \"ext_crypto_bls12_381_public_keys_version_1\" (func (param i32) (result i64)))",
        ECHO,
    );
    let error = call(&bls, Profile::Block, "echo", b"x").unwrap_err().to_string();
    assert!(error.contains("only an off-chain worker may import"), "{error}");
    assert_eq!(call(&bls, Profile::Worker, "echo", b"x").unwrap(), b"x");

    // And a measurement is for benchmarks alone.
    let benchmark = module("(import \"env\" \"ext_benchmarking_begin_version_1\" (func))", ECHO);
    for profile in [Profile::Block, Profile::Worker] {
        let error = call(&benchmark, profile, "echo", b"x").unwrap_err().to_string();
        assert!(error.contains("only a benchmark may import"), "{error}");
    }
    assert_eq!(call(&benchmark, Profile::Benchmark, "echo", b"x").unwrap(), b"x");

    let cases = [
        ("unknown", "(import \"env\" \"ext_other_version_1\" (func))", "does not have"),
        (
            "other module",
            "(import \"wasi\" \"ext_misc_print_num_version_1\" (func))",
            "not a host function",
        ),
        (
            "wrong signature",
            "(import \"env\" \"ext_misc_print_num_version_1\" (func))",
            "not a valid module",
        ),
    ];
    for (desc, import, expected) in cases {
        let error = call(&module(import, ECHO), Profile::Worker, "echo", b"").unwrap_err();
        assert!(error.to_string().contains(expected), "{desc}: {error}");
    }
}

/// An engine that takes its time.
struct Slow(Duration);

impl InferenceHost for Slow {
    fn capabilities(&self) -> Capabilities {
        std::thread::sleep(self.0);
        Capabilities::unavailable("slow")
    }
    fn load(&self, _: &H256) -> Result<(), InferenceError> {
        Ok(())
    }
    fn describe(&self, _: &H256, _: RunLimits) -> Result<Description, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn run(&self, _: &H256, _: Vec<u8>, _: RunLimits) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::Busy)
    }
    fn generate(&self, _: &H256, _: Generation, _: RunLimits) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::Busy)
    }
    fn referee(
        &self,
        _: &H256,
        _: &H256,
        _: Vec<u8>,
        _: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn artifact_get(&self, _: &H256, _: u32) -> Option<Vec<u8>> {
        None
    }
    fn artifact_put(&self, _: &[u8]) -> H256 {
        H256::zero()
    }
}

#[test]
fn a_slow_model_does_not_use_up_the_time_of_the_worker() {
    let import =
        "(import \"env\" \"ext_inference_capabilities_version_1\" (func $slow (result i64)))";
    let run = |then: &str| {
        let body = format!(
            "(func (export \"go\") (param i32 i32) (result i64)
               (drop (call $slow)) (drop (call $slow)) {then} (i64.const 0))"
        );
        let mut ext = StateExt::new(StateView::empty());
        ext.extensions().register(InferenceExt(Arc::new(Slow(Duration::from_millis(300)))));
        let limits = Limits { time: Duration::from_millis(200), output_bytes: 100 };
        let code = module(import, &body);
        executor().call(RuntimeCode::new(&code), Profile::Worker, "go", b"", &mut ext, limits)
    };
    assert_eq!(run("").unwrap(), b"");
    let error = run("(loop (br 0))").unwrap_err();
    assert!(matches!(error, ExecutorError::Timeout { limit_ms: 200 }), "{error}");
}

#[test]
fn garbage_pointers_to_host_functions_are_errors() {
    let imports = "(import \"env\" \"ext_hashing_blake2_256_version_1\" (func $hash (param i64) (result i32)))
        (import \"env\" \"ext_allocator_free_version_1\" (func $free (param i32)))";
    let cases = [
        ("read outside", "(drop (call $hash (i64.const 0x10fffffff0)))"),
        ("free nothing", "(call $free (i32.const 77))"),
    ];
    for (desc, instruction) in cases {
        let body = format!(
            "(func (export \"go\") (param i32 i32) (result i64) {instruction} (i64.const 0))"
        );
        let error = call(&module(imports, &body), Profile::Block, "go", b"").unwrap_err();
        let is_expected = matches!(error, ExecutorError::Trap { .. } | ExecutorError::Memory(_));
        assert!(is_expected, "{desc}: {error}");
    }
}

#[test]
fn memory_is_bounded() {
    let imports = "(import \"env\" \"ext_allocator_malloc_version_1\" (func $malloc (param i32) (result i32)))";
    let body = "(func (export \"go\") (param i32 i32) (result i64)
        (loop (drop (call $malloc (i32.const 33554432))) (br 0)) (i64.const 0))";
    let error = call(&module(imports, body), Profile::Block, "go", b"").unwrap_err();
    assert!(
        matches!(&error, ExecutorError::Memory(text) if text.contains("out of memory")),
        "{error}"
    );
}

/// What a runtime must export, so that blocks can be made with it.
const BLOCK_EXPORTS: [&str; 7] = [
    "Core_version",
    "Core_initialize_block",
    "Core_execute_block",
    "BlockBuilder_inherent_extrinsics",
    "BlockBuilder_apply_extrinsic",
    "BlockBuilder_finalize_block",
    "TaggedTransactionQueue_validate_transaction",
];

/// Functions of these names that return nothing.
fn exports(names: &[&str]) -> String {
    let export = |name: &&str| {
        format!("(func (export \"{name}\") (param i32 i32) (result i64) (i64.const 0))")
    };
    names.iter().map(export).collect()
}

#[test]
fn the_version_is_read_from_custom_sections() {
    let version = RuntimeVersion {
        spec_name: "tiny".into(),
        impl_name: "tiny".into(),
        spec_version: 7,
        ..RuntimeVersion::default()
    };
    let mut apis = [5u8; 8].to_vec();
    apis.extend(3u32.to_le_bytes());
    let section = |name: &str, bytes: &[u8]| {
        let text: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        format!("(@custom \"{name}\" \"{text}\")")
    };
    let sections = section("runtime_version", &version.encode()) + &section("runtime_apis", &apis);
    let exports = exports(&BLOCK_EXPORTS);
    let code = module("", &(sections.clone() + &exports));
    let read = executor().runtime_version(RuntimeCode::new(&code)).unwrap();
    assert_eq!(read, RuntimeVersion { apis: vec![([5; 8], 3)].into(), ..version });
    assert_eq!(executor().declared_version(&code).unwrap(), read);
    let cut = section("runtime_version", &read.encode()[..9]) + &exports;
    let error = executor().declared_version(&module("", &cut)).unwrap_err();
    assert!(matches!(error, ExecutorError::Decode { .. }), "{error}");
    let version = |code: &[u8]| {
        let declared = executor().declared_version(code);
        let told = executor().runtime_version(RuntimeCode::new(code));
        declared.and(told)
    };
    assert!(matches!(version(b"garbage"), Err(ExecutorError::Module(_))));
    let no_version = executor().runtime_version(RuntimeCode::new(&module("", &exports)));
    assert!(matches!(no_version, Err(ExecutorError::Decode { .. })));
    // A version alone is no runtime: with such code a chain could make no block any more.
    for name in BLOCK_EXPORTS {
        let code = module("", &(sections.clone() + &exports.replace(name, "another")));
        let error = version(&code).unwrap_err();
        assert!(
            matches!(&error, ExecutorError::ExportMissing(missing) if missing == name),
            "{error}"
        );
    }
    let wrong = exports.replacen("(result i64) (i64.const 0)", "", 1);
    let error = version(&module("", &(sections + &wrong))).unwrap_err();
    assert!(matches!(error, ExecutorError::ExportMissing(_)), "another signature: {error}");
}

/// A blob that only tells its version when it is called.
fn telling(version: &RuntimeVersion) -> Vec<u8> {
    let bytes: String = version.encode().iter().map(|byte| format!("\\{byte:02x}")).collect();
    let length = version.encode().len();
    module(
        "",
        &format!(
            "(data (i32.const 2048) \"{bytes}\")
             (func (export \"Core_version\") (param i32 i32) (result i64)
               (i64.const {})) {}",
            (length << 32) | 2048,
            exports(&BLOCK_EXPORTS[1..])
        ),
    )
}

#[test]
fn what_a_block_depends_on_is_in_the_sections() {
    let version = RuntimeVersion { spec_version: 9, ..RuntimeVersion::default() };
    let code = telling(&version);
    assert_eq!(executor().runtime_version(RuntimeCode::new(&code)).unwrap(), version);
    // Asking the blob could run out of time here and not elsewhere.
    let error = executor().declared_version(&code).unwrap_err();
    assert!(matches!(error, ExecutorError::VersionMissing), "{error}");
    let silent = executor().runtime_version(RuntimeCode::new(&module("", ECHO)));
    assert!(matches!(silent, Err(ExecutorError::ExportMissing(_))));
}

#[test]
fn code_is_fetched_once() {
    let code = module("", "(func (export \"unique\") (param i32 i32) (result i64) (i64.const 0))");
    let hash = RuntimeCode::new(&code).hash();
    let run = |fetch: &dyn Fn() -> Option<Vec<u8>>| {
        let mut ext = StateExt::new(StateView::empty());
        let code = RuntimeCode::lazy(hash, fetch);
        executor().call(code, Profile::Block, "unique", b"", &mut ext, Limits::default())
    };
    assert!(matches!(run(&|| None), Err(ExecutorError::CodeMissing)));
    assert_eq!(run(&|| Some(code.clone())).unwrap(), b"");
    assert_eq!(run(&|| None).unwrap(), b"", "the compiled module is at hand");
}

#[test]
fn memory_that_the_guest_grows_is_bounded_too() {
    // Returns how many pages there are when no more are given.
    let body = "(func (export \"go\") (param i32 i32) (result i64)
        (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
        (i64.store (i32.const 0) (i64.extend_i32_u (memory.size)))
        (i64.const 0x800000000))";
    let pages = call(&module("", body), Profile::Block, "go", b"").unwrap();
    let pages = u64::from_le_bytes(pages.try_into().unwrap());
    assert!(pages <= 4096 && pages > 4096 - 16, "{pages} pages of 64 KiB, 256 MiB at most");
}

/// Asks for the version of four bytes.
const ASKS: &str = "(func (export \"go\") (param i32 i32) (result i64)
    (call $version (i64.const 0x400000000)))";
const VERSION: &str = "(import \"env\" \"ext_misc_runtime_version_version_1\"
    (func $version (param i64) (result i64)))";

#[test]
fn instances_are_bounded_and_come_back() {
    /// Calls the executor while the call that asks has its instance.
    struct Within(Arc<Executor>, Mutex<Option<Result<Vec<u8>, ExecutorError>>>);
    impl ReadRuntimeVersion for Within {
        fn read_runtime_version(&self, _code: &[u8]) -> Option<Vec<u8>> {
            *self.1.lock().unwrap() = Some(echo(&self.0));
            None
        }
    }
    fn echo(executor: &Executor) -> Result<Vec<u8>, ExecutorError> {
        let mut ext = StateExt::new(StateView::empty());
        let code = module("", ECHO);
        let code = RuntimeCode::new(&code);
        executor.call(code, Profile::Block, "echo", b"x", &mut ext, Limits::default())
    }
    for (instances_max, is_enough) in [(1, false), (2, true)] {
        let config = ExecutorConfig { instances_max, ..ExecutorConfig::default() };
        let executor = Arc::new(Executor::new(&config).unwrap());
        let within = Arc::new(Within(Arc::clone(&executor), Mutex::new(None)));
        let mut ext = StateExt::new(StateView::empty());
        ext.extensions().register(ReadRuntimeVersionExt(Arc::clone(&within) as _));
        let code = module(VERSION, ASKS);
        let code = RuntimeCode::new(&code);
        executor.call(code, Profile::Block, "go", b"", &mut ext, Limits::default()).unwrap();
        let inner = within.1.lock().unwrap().take().unwrap();
        match inner {
            Ok(answer) => assert!(is_enough && answer == b"x"),
            Err(error) => assert!(!is_enough && matches!(error, ExecutorError::Exhausted)),
        }
        assert_eq!(echo(&executor).unwrap(), b"x", "the instance is there again");
    }
}

#[test]
fn compiled_modules_are_bounded() {
    let config = ExecutorConfig { modules_max: 2, ..ExecutorConfig::default() };
    let executor = Executor::new(&config).unwrap();
    let blob = |id: u8| {
        let body = format!("(func (export \"f{id}\") (param i32 i32) (result i64) (i64.const 0))");
        module("", &body)
    };
    let is_kept = |id: u8| {
        let hash = RuntimeCode::new(&blob(id)).hash();
        let mut ext = StateExt::new(StateView::empty());
        let (code, method) = (RuntimeCode::lazy(hash, &|| None), format!("f{id}"));
        executor.call(code, Profile::Block, &method, b"", &mut ext, Limits::default()).is_ok()
    };
    for id in 0..3 {
        executor.prepare(RuntimeCode::new(&blob(id)), Profile::Block).unwrap();
    }
    assert!(is_kept(1) && is_kept(2));
    assert!(!is_kept(0), "the one that was used least recently is forgotten");
}

#[test]
fn a_deep_runtime_may_ask_for_a_version() {
    // 20000 calls deep it has used most of its megabyte of stack; compiling takes more than what a
    // thread of two megabytes then has left.
    let body = "(func $dive (param i32) (result i64)
            (if (result i64) (local.get 0)
                (then (i64.add (call $dive (i32.sub (local.get 0) (i32.const 1))) (i64.const 0)))
                (else (call $version (i64.const 0x400000000)))))
        (func (export \"go\") (param i32 i32) (result i64) (call $dive (i32.const 20000)))";
    let code = module(VERSION, body);
    struct Reader;
    impl ReadRuntimeVersion for Reader {
        fn read_runtime_version(&self, _code: &[u8]) -> Option<Vec<u8>> {
            executor().declared_version(&module("", ECHO)).ok().map(|version| version.encode())
        }
    }
    let call = || {
        let mut ext = StateExt::new(StateView::empty());
        ext.extensions().register(ReadRuntimeVersionExt(Arc::new(Reader)));
        let limits = Limits::default();
        executor().call(RuntimeCode::new(&code), Profile::Block, "go", b"", &mut ext, limits)
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let none =
        std::thread::scope(|scope| thread.spawn_scoped(scope, call).unwrap().join().unwrap());
    assert_eq!(none.unwrap(), [0], "there is no version");
}
