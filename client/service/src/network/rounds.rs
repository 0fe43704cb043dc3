//! What RPC is told of finality.

use std::sync::Arc;

use citrate_chain::Chain;
use citrate_core::BlockNumber;
use citrate_finality::{FinalityConfig, ProofError, RoundReport, prove_finality};
use citrate_rpc::FinalitySource;
use codec::Encode;
use parking_lot::Mutex;
use tokio::sync::broadcast;

use super::voter::{ChainPort, StorePort};

/// LIMIT: justifications that wait for a slow subscriber, who is dropped then.
const JUSTIFICATIONS_MAX: usize = 64;

/// What RPC is told of finality; the thread that votes keeps it up to date.
pub(crate) struct Rounds {
    config: FinalityConfig,
    chain: ChainPort,
    store: StorePort,
    report: Mutex<Option<RoundReport>>,
    justifications: broadcast::Sender<Vec<u8>>,
}

impl Rounds {
    pub(super) fn new(chain: &Arc<Chain>, config: FinalityConfig) -> Self {
        Self {
            config,
            chain: ChainPort(Arc::clone(chain)),
            store: StorePort(Arc::clone(chain.db())),
            report: Mutex::new(None),
            justifications: broadcast::channel(JUSTIFICATIONS_MAX).0,
        }
    }

    /// Notes where the voter is.
    pub(super) fn note(&self, report: Option<RoundReport>) {
        *self.report.lock() = report;
    }

    /// Tells subscribers that a block is final.
    pub(super) fn finalized(&self, justification: Vec<u8>) {
        // Nobody may be subscribed.
        let _ = self.justifications.send(justification);
    }
}

impl FinalitySource for Rounds {
    fn round_state(&self) -> Option<RoundReport> {
        self.report.lock().clone()
    }

    fn prove_finality(&self, number: BlockNumber) -> Result<Option<Vec<u8>>, String> {
        match prove_finality(&self.config, &self.chain, &self.store, number) {
            Ok(proof) => Ok(Some(proof.encode())),
            Err(ProofError::NotProvable(_)) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn justifications(&self) -> broadcast::Receiver<Vec<u8>> {
        self.justifications.subscribe()
    }
}
