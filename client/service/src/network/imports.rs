//! Importing blocks, one after the other, on a thread of its own.

use std::sync::Arc;

use citrate_chain::{BlockStatus, Chain, ImportError};
use citrate_dag_types::DagBlock;
use citrate_sync::{ImportOutcome, Input};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::SyncJob;

/// LIMIT: blocks that wait; sync hands out fewer than that at a time.
const BLOCKS_MAX: usize = 64;

/// Starts the thread. It ends when nobody can send to it any more.
pub(super) fn start(
    chain: Arc<Chain>,
    jobs: mpsc::Sender<SyncJob>,
) -> (mpsc::Sender<DagBlock>, JoinHandle<()>) {
    let (sender, mut blocks) = mpsc::channel::<DagBlock>(BLOCKS_MAX);
    let thread = tokio::task::spawn_blocking(move || {
        while let Some(block) = blocks.blocking_recv() {
            let hash = block.hash();
            let outcome = import(&chain, block);
            if jobs.blocking_send(SyncJob::Input(Input::Imported { hash, outcome })).is_err() {
                return;
            }
        }
    });
    (sender, thread)
}

fn import(chain: &Chain, block: DagBlock) -> ImportOutcome {
    let (hash, number) = (block.hash(), block.header.number);
    match chain.import(block) {
        Ok(imported) => {
            if let BlockStatus::Disqualified(mismatch) = imported.status {
                tracing::warn!(target: "sync", number, ?hash, ?mismatch, "a block with a wrong outcome");
            }
            ImportOutcome::Imported
        }
        Err(ImportError::AlreadyKnown(_)) => ImportOutcome::Imported,
        Err(ImportError::TooOld(_)) => ImportOutcome::TooOld,
        Err(error) if error.is_invalid() => {
            tracing::warn!(target: "sync", number, ?hash, %error, "an invalid block");
            ImportOutcome::Invalid
        }
        Err(error) => {
            tracing::warn!(target: "sync", number, ?hash, %error, "a block is not imported");
            ImportOutcome::Failed
        }
    }
}
