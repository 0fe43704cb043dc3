//! What makes the command a chain's own.

use anyhow::{Result, ensure};
use citrate_host::HostFunction;
use citrate_service::{ChainSpec, ExecutorConfig};
use serde_json::Value;

/// A command of a chain's own: its name, and the runtime of its built-in chains.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// Name of the command.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The runtime of the chains `dev` and `local`, with the genesis presets `development` and `local_testnet`; empty
    /// if it was not built.
    pub code: &'static [u8],
    /// The runtime's off-chain worker, for a chain that has one.
    pub worker: Option<&'static [u8]>,
    /// What wallets are told of the token.
    pub token: Token,
    /// Host functions that this chain's runtimes may import besides the Polkadot Host's. Every node of the chain needs
    /// them, at every block that a runtime with such an import executes.
    pub host_functions: Vec<HostFunction>,
}

/// What wallets are told of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its symbol.
    pub symbol: &'static str,
    /// The places behind the point.
    pub decimals: u8,
    /// The SS58 prefix of addresses, 0 to 16,383.
    pub ss58_prefix: u16,
}

impl Distribution {
    /// A built-in chain's specification; `None` if there is none of this name.
    pub(crate) fn built_in(&self, name: &str) -> Option<Result<ChainSpec>> {
        matches!(name, "dev" | "local").then(|| {
            ensure!(
                !self.code.is_empty(),
                "this command was built with SKIP_WASM_BUILD: it has no runtime"
            );
            let (code, worker) = (self.code.to_vec(), self.worker.map(<[u8]>::to_vec));
            let spec = match name {
                "dev" => ChainSpec::development(code, worker),
                _ => ChainSpec::local(code, worker),
            };
            let Token { symbol, decimals, ss58_prefix } = self.token;
            let properties = [
                ("ss58Format", Value::from(ss58_prefix)),
                ("tokenDecimals", Value::from(decimals)),
                ("tokenSymbol", Value::from(symbol)),
            ];
            let properties = properties.map(|(key, value)| (key.to_owned(), value));
            Ok(ChainSpec { properties: Some(properties.into_iter().collect()), ..spec })
        })
    }

    /// The executor's configuration.
    pub(crate) fn executor(&self) -> ExecutorConfig {
        ExecutorConfig { functions: self.host_functions.clone(), ..ExecutorConfig::default() }
    }
}
