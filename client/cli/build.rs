//! Builds the Citrate runtime's two blobs, so that `citrate --dev` needs no file.

use citrate_wasm_builder::WasmBuilder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Whoever builds a command of their own has another runtime.
    if std::env::var_os("CARGO_FEATURE_CITRATE").is_none() {
        return Ok(());
    }
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtime/Cargo.toml");
    let code = WasmBuilder::new(manifest).build()?;
    let worker = WasmBuilder::new(manifest).feature("worker").build()?;
    println!("cargo::rustc-env=CITRATE_CODE={}", code.compressed.display());
    println!("cargo::rustc-env=CITRATE_WORKER={}", worker.compressed.display());
    Ok(())
}
