//! A whole node on the small native runtime of `citrate-chain`, in milliseconds rather than the
//! seconds that compiling a runtime takes. `tests/it` has the same over the real one.

mod artifacts;
mod network;
mod node;
mod peers;
mod pool;
mod votes;
mod warp;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use citrate_chain::GenesisState;
use citrate_chain::testing::{self, TestRuntime};

use crate::{ChainSpec, InferenceConfig, Node, NodeConfig, ServiceError};

/// LIMIT of every wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// A node of the test runtime's chain, with its one authority's key, on a free port.
fn config(base: Option<&Path>) -> NodeConfig {
    let mut config = NodeConfig::new(ChainSpec::development(vec![1], None));
    config.base_path = base.map(Path::to_owned);
    config.rpc.listen.set_port(0);
    config.keys.seeds.push(format!("0x{}", "01".repeat(32)).into());
    config.inference = InferenceConfig { enabled: false, ..InferenceConfig::default() };
    config
}

async fn start(config: NodeConfig) -> Result<Node, ServiceError> {
    start_on(config, testing::genesis()).await
}

async fn start_on(config: NodeConfig, genesis: GenesisState) -> Result<Node, ServiceError> {
    Node::start_on(config, Arc::new(TestRuntime), genesis).await
}

/// Looks every few milliseconds until there is something to see.
async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
