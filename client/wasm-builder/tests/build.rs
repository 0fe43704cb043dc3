//! Builds a tiny runtime: the cache holds until an input changes, and errors are clear.

use citrate_wasm_builder::{BuildError, WasmBuilder};
use std::{fs, path::Path, process::Command};

fn write_crate(folder: &Path, source: &str, crate_type: &str) {
    fs::create_dir_all(folder.join("src")).expect("a temporary folder can be written");
    let manifest = format!(
        "[package]\nname = \"tiny-runtime\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [lib]\ncrate-type = [\"{crate_type}\"]\n[features]\nworker = []\n[workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).expect("a temporary folder can be written");
    fs::write(folder.join("src/lib.rs"), source).expect("a temporary folder can be written");
}

fn source(answer: u32) -> String {
    format!(
        "#![no_std]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! {{ loop {{}} }}\n\
         #[unsafe(no_mangle)]\npub extern \"C\" fn answer() -> u32 {{ \
         if cfg!(feature = \"worker\") {{ 1000 }} else {{ {answer} }} }}\n"
    )
}

#[test]
fn blobs_follow_their_inputs() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("runtime");
    let target = temp.path().join("target");
    write_crate(&folder, &source(41), "cdylib");
    let builder = || WasmBuilder::new(folder.join("Cargo.toml")).target_dir(&target);

    let blob = builder().build().unwrap();
    let code = fs::read(&blob.plain).unwrap();
    assert!(code.starts_with(b"\0asm"));
    let exports_heap_base = code.windows(11).any(|window| window == b"__heap_base");
    assert!(exports_heap_base, "clients' allocators need it");
    let compressed = fs::read(&blob.compressed).unwrap();
    assert_eq!(citrate_core::code::decompress(&compressed).unwrap(), code);

    let built_at = fs::metadata(&blob.plain).unwrap().modified().unwrap();
    assert_eq!(builder().build().unwrap(), blob);
    assert_eq!(fs::metadata(&blob.plain).unwrap().modified().unwrap(), built_at, "cached");

    let worker = builder().feature("worker").build().unwrap();
    assert_ne!(worker.plain, blob.plain);
    assert_ne!(fs::read(&worker.plain).unwrap(), code);

    write_crate(&folder, &source(42), "cdylib");
    builder().build().unwrap();
    assert_ne!(fs::read(&blob.plain).unwrap(), code, "a changed source is rebuilt");

    let development = builder().development(true).build().unwrap();
    assert_ne!(development.plain, blob.plain, "neither takes the other one's place");
    assert!(fs::read(&development.plain).unwrap().starts_with(b"\0asm"));
    let again = builder().build().unwrap();
    assert_eq!(fs::read(&again.plain).unwrap(), fs::read(&blob.plain).unwrap());
    write_crate(&folder, &source(43), "cdylib");
    builder().development(true).build().unwrap();
    assert_ne!(fs::read(&development.plain).unwrap(), fs::read(&blob.plain).unwrap());

    write_crate(&folder, "compile_error!(\"broken on purpose\");", "cdylib");
    let error = builder().build().unwrap_err();
    assert!(error.to_string().contains("broken on purpose"), "{error}");
}

#[test]
fn a_crate_that_makes_no_blob_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    write_crate(temp.path(), &source(1), "rlib");
    let manifest = temp.path().join("Cargo.toml");
    let error = WasmBuilder::new(&manifest).target_dir(temp.path()).build().unwrap_err();
    assert!(matches!(error, BuildError::NoLibrary(path) if path == manifest));
}

#[test]
fn the_command_prints_the_path_of_a_blob() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("runtime");
    write_crate(&folder, &source(41), "cdylib");
    // The command builds in the target folder that it is in.
    let tool = temp.path().join("target/debug/tool");
    fs::create_dir_all(tool.parent().unwrap()).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_citrate-wasm-builder"), &tool).unwrap();

    let manifest = folder.join("Cargo.toml");
    let output = Command::new(&tool).arg(&manifest).arg("worker").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = String::from_utf8(output.stdout).unwrap();
    let compressed = fs::read(path.trim_end()).unwrap();
    let builder = WasmBuilder::new(&manifest).target_dir(temp.path().join("target"));
    let worker = builder.feature("worker").build().unwrap();
    assert_eq!(fs::read(worker.compressed).unwrap(), compressed);

    let wrong = Command::new(&tool).output().unwrap();
    assert!(!wrong.status.success() && wrong.stdout.is_empty());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("usage"));
}

#[test]
fn a_blob_is_the_same_wherever_it_is_built() {
    let build = |name: &str| {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join(name);
        // What the blob has of its own source and of a crate that it depends on are these files' names.
        let source = source(41)
            + "#[unsafe(no_mangle)]\npub extern \"C\" fn file() -> *const u8 { file!().as_ptr() }\n\
               #[unsafe(no_mangle)]\npub extern \"C\" fn other() -> *const u8 { other::file().as_ptr() }\n";
        write_crate(&folder.join("runtime"), &source, "cdylib");
        let other = folder.join("other");
        write_crate(&other, "#![no_std]\npub fn file() -> &'static str { file!() }\n", "rlib");
        let manifest = fs::read_to_string(other.join("Cargo.toml")).unwrap();
        let manifest = manifest.replace("tiny-runtime", "other").replace("[workspace]", "");
        fs::write(other.join("Cargo.toml"), manifest).unwrap();
        let manifest = folder.join("runtime/Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap()
            + "[dependencies]\nother = { path = \"../other\" }\n";
        fs::write(&manifest, text).unwrap();
        let blob = WasmBuilder::new(manifest).target_dir(temp.path()).build().unwrap();
        let code = fs::read(blob.plain).unwrap();
        let has = |text: &str| code.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has("other/src/lib.rs"), "the file is named");
        assert!(!has(&temp.path().display().to_string()), "its folder is not");
        fs::read(blob.compressed).unwrap()
    };
    assert_eq!(build("one"), build("another/place"));
}
