//! Builds the runtime to WASM, so that the command has its chain built in.

use citrate_wasm_builder::WasmBuilder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/Cargo.toml");
    // A debug build's is compiled faster after a change, and runs slower.
    let in_debug = std::env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    let code = WasmBuilder::new(runtime).development(in_debug).build()?;
    println!("cargo::rustc-env=RUNTIME_CODE={}", code.compressed.display());
    Ok(())
}
