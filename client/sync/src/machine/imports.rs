//! Blocks on their way into the chain.

use std::collections::{BTreeMap, VecDeque};

use citrate_core::H256;
use citrate_dag_types::DagBlock;

use crate::io::{Action, ImportOutcome, Offence, PeerId};
use crate::machine::SyncCore;
use crate::port::SyncChain;

/// Blocks on their way into the chain, with who sent them. LIMIT: [`SyncConfig`](crate::SyncConfig)'s
/// `imports_max` and `import_queue_max`.
#[derive(Debug, Default)]
pub(super) struct Imports {
    queue: VecDeque<(H256, DagBlock)>,
    senders: BTreeMap<H256, Option<PeerId>>,
}

impl Imports {
    /// All of them, handed out or not.
    pub(super) fn len(&self) -> usize {
        self.senders.len()
    }

    pub(super) fn contains(&self, hash: &H256) -> bool {
        self.senders.contains_key(hash)
    }
}

impl SyncCore {
    /// Takes a block whose parents are known. False if there is no room.
    pub(super) fn queue_import(
        &mut self,
        block: DagBlock,
        hash: H256,
        sender: Option<PeerId>,
    ) -> bool {
        if self.imports.queue.len() >= self.config.import_queue_max {
            return false;
        }
        self.wants.remove(&hash);
        self.imports.senders.insert(hash, sender);
        self.imports.queue.push_back((hash, block));
        true
    }

    pub(super) fn has_import_room(&self) -> bool {
        self.imports.queue.len() < self.config.import_queue_max
    }

    pub(super) fn hand_out_imports(&mut self) {
        while self.imports.senders.len() - self.imports.queue.len() < self.config.imports_max {
            let Some((_, block)) = self.imports.queue.pop_front() else { break };
            self.out.push(Action::Import(block));
        }
    }

    /// An import is done.
    pub(super) fn imported(&mut self, chain: &dyn SyncChain, hash: H256, outcome: ImportOutcome) {
        let sender = self.imports.senders.remove(&hash).flatten();
        match outcome {
            ImportOutcome::Imported => {
                self.session_imported(&hash);
                self.release_orphans(chain, &hash);
            }
            ImportOutcome::Invalid => {
                // The checks before said that it is valid, so that this is the exception.
                if let Some(sender) = sender {
                    self.penalise(sender, Offence::InvalidBlock);
                }
                self.session_failed(&hash, outcome);
                self.drop_descendants(&hash);
            }
            // Nobody is to blame: we know more than who sent it, or he knows more.
            ImportOutcome::TooOld => {
                self.session_failed(&hash, outcome);
                self.dismiss(hash);
            }
            // What it was needed for asks for it again: a session, or a peer's next status.
            ImportOutcome::Failed => {
                self.session_failed(&hash, outcome);
                self.drop_descendants(&hash);
            }
        }
    }
}
