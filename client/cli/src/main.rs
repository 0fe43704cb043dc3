//! The stock command, with the Citrate chain built in.

use citrate_cli::{Distribution, Token};
use std::process::ExitCode;

fn main() -> ExitCode {
    citrate_cli::run(&Distribution {
        name: "citrate",
        version: env!("CARGO_PKG_VERSION"),
        code: include_bytes!(env!("CITRATE_CODE")),
        worker: Some(include_bytes!(env!("CITRATE_WORKER"))),
        token: Token { symbol: "CIT", decimals: 12, ss58_prefix: 42 },
        host_functions: Vec::new(),
    })
}
