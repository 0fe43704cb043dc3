//! The node of a chain made from the template.

use citrate_cli::{Distribution, Token};
use std::process::ExitCode;

fn main() -> ExitCode {
    citrate_cli::run(&Distribution {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        code: include_bytes!(env!("RUNTIME_CODE")),
        worker: None,
        token: Token { symbol: "UNIT", decimals: 12, ss58_prefix: 42 },
        host_functions: Vec::new(),
    })
}
