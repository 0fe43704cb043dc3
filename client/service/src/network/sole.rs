//! What is final without votes.

use std::sync::{Arc, Weak};

use citrate_chain::Chain;
use citrate_core::H256;
use citrate_dag::{Finality, SingleAuthority, Tip};

use super::voter::voters;

/// Finality of a chain whose voters change. Where nobody but the author votes, a block is final once its
/// author has built on it; where there are several, only their votes say so.
///
/// Whose turn it is follows from final states alone, as with votes: the voters before a block are in charge
/// of it, and only a final block changes them. So all nodes agree on which blocks need votes.
pub(super) struct SoleVoter {
    /// Weak, because the chain would keep itself alive.
    chain: Weak<Chain>,
    /// The last final block, and whether at most one votes on what is above it.
    known: Option<(H256, bool)>,
}

impl SoleVoter {
    pub(super) fn new(chain: &Arc<Chain>) -> Self {
        Self { chain: Arc::downgrade(chain), known: None }
    }
}

/// Whether at most one votes on the blocks above this one. If that cannot be told, votes are waited for.
fn is_sole(chain: &Chain, at: &H256) -> bool {
    match voters(chain, at) {
        Ok(voters) => voters.len() <= 1,
        Err(error) => {
            tracing::warn!(target: "finality", block = ?at, %error, "who votes is not known");
            false
        }
    }
}

impl Finality for SoleVoter {
    fn on_best(&mut self, tip: &Tip) -> Option<H256> {
        let mut at = SingleAuthority.on_best(tip)?;
        let chain = self.chain.upgrade()?;
        let finalized = chain.finalized();
        let known = self.known.filter(|(block, _)| *block == finalized.hash);
        let known = known.unwrap_or_else(|| (finalized.hash, is_sole(&chain, &finalized.hash)));
        self.known = Some(known);
        if !known.1 {
            return None;
        }
        // Usually one step: blocks become final as they come.
        let mut target = at;
        while at != finalized.hash {
            let header = chain.header(&at).ok().flatten()?;
            if header.number <= finalized.number {
                return None;
            }
            let parent = header.parent_hash;
            if parent != finalized.hash && !is_sole(&chain, &parent) {
                target = parent;
            }
            at = parent;
        }
        (target != finalized.hash).then_some(target)
    }
}
