//! One line of log every few seconds: how the node is doing.

use std::sync::Arc;
use std::time::Duration;

use citrate_chain::Chain;
use citrate_txpool::TxPool;
use tokio::sync::watch;

use crate::error::ServiceError;
use crate::tasks::stopped;

const PERIOD: Duration = Duration::from_secs(5);

/// Writes the line until the node stops.
pub(crate) async fn run(
    chain: Arc<Chain>,
    pool: Arc<TxPool>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), ServiceError> {
    let mut before = chain.best().number;
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return Ok(()),
            () = tokio::time::sleep(PERIOD) => {}
        }
        let (best, finalized, pooled) = (chain.best(), chain.finalized(), pool.status());
        let grown = best.number.saturating_sub(before);
        before = best.number;
        tracing::info!(
            target: "node",
            best = best.number,
            hash = %best.hash,
            finalized = finalized.number,
            new = grown,
            ready = pooled.ready,
            future = pooled.future,
            "{}", if grown > 0 { "growing" } else { "idle" }
        );
    }
}
