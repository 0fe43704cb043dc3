//! Builds one blob of a runtime and prints the path of the compressed file, the one that goes on chain.
//!
//! ```text
//! cargo run --quiet -p citrate-wasm-builder -- runtime/Cargo.toml                  :code
//! cargo run --quiet -p citrate-wasm-builder -- runtime/Cargo.toml worker           :worker
//! cargo run --quiet -p citrate-wasm-builder -- runtime/Cargo.toml upgraded         :code of the next version
//! cargo run --quiet -p citrate-wasm-builder -- runtime/Cargo.toml upgraded worker  its :worker
//! ```
//!
//! The arguments after the manifest are cargo features. Blobs are kept under the target folder, so that a second run
//! takes the first one's file, and the node's build and this tool share theirs. Standard output has the path alone.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]

use citrate_wasm_builder::WasmBuilder;
use std::{path::PathBuf, process::ExitCode};

const USAGE: &str = "usage: citrate-wasm-builder <runtime's Cargo.toml> [feature]...";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(manifest) = arguments.next().filter(|first| !first.starts_with('-')) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    match build(&manifest, arguments) {
        Ok(path) => {
            println!("{}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn build(
    manifest: &str,
    features: impl Iterator<Item = String>,
) -> Result<PathBuf, Box<dyn std::error::Error>> {
    // The tool itself is <target>/<profile>/citrate-wasm-builder.
    let tool = std::env::current_exe()?;
    let target = tool.ancestors().nth(2).ok_or("this tool is in no target folder")?;
    let builder = WasmBuilder::new(manifest).target_dir(target);
    let builder = features.fold(builder, |builder, feature| builder.feature(&feature));
    Ok(builder.build()?.compressed)
}
