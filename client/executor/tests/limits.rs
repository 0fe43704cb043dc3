//! Hand-written modules: what runs, what is refused, and that every limit holds.

use citrate_core::{H256, RuntimeVersion};
use citrate_executor::{Executor, ExecutorConfig, ExecutorError, Limits, Profile, RuntimeCode};
use citrate_host::{Externalities, InferenceExt, InferenceHost, StateExt};
use citrate_inference_types::{Capabilities, InferenceError, RunLimits};
use citrate_trie::StateView;
use codec::Encode;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

fn executor() -> &'static Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR.get_or_init(|| Executor::new(&ExecutorConfig::default()).unwrap())
}

fn module(imports: &str, body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        "(module {imports} (memory (export \"memory\") 2)
           (global (export \"__heap_base\") i32 (i32.const 1024)) {body})"
    ))
    .unwrap()
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
        ("garbage", b"\0asm\x01\0\0\0garbage".to_vec(), "echo", "not a valid module"),
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
    fn run(&self, _: &H256, _: Vec<u8>, _: RunLimits) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::Busy)
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
    let exports: String = BLOCK_EXPORTS
        .iter()
        .map(|name| {
            format!("(func (export \"{name}\") (param i32 i32) (result i64) (i64.const 0))")
        })
        .collect();
    let code = module("", &(sections.clone() + &exports));
    let read = executor().runtime_version(RuntimeCode::new(&code)).unwrap();
    assert_eq!(read, RuntimeVersion { apis: vec![([5; 8], 3)].into(), ..version });
    let version = |code: &[u8]| executor().runtime_version(RuntimeCode::new(code));
    assert!(matches!(version(b"garbage"), Err(ExecutorError::Module(_))));
    let no_version = version(&module("", &exports)).unwrap_err();
    assert!(matches!(no_version, ExecutorError::Decode { .. }), "{no_version}");
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
