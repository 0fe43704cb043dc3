//! Builds the runtime to WASM, so that the command has its chain built in.

use citrate_wasm_builder::WasmBuilder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/Cargo.toml");
    let code = WasmBuilder::new(runtime).build()?;
    println!("cargo::rustc-env=RUNTIME_CODE={}", code.compressed.display());
    Ok(())
}
