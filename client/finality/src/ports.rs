//! What finality asks of the rest of the node.

use citrate_core::{BlockNumber, H256, Header, ed25519};
use citrate_grandpa_types::{AuthorityId, AuthorityList, AuthoritySignature, SetId};

/// Who votes, from a block's state on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthoritySet {
    /// How many times the authorities changed before.
    pub id: SetId,
    /// The voters and their weights.
    pub authorities: AuthorityList,
}

/// What the voter asks of the chain. Numbers are heights of the selected chain.
///
/// Errors are texts for the log: finality only needs to know that it cannot go on.
pub trait VoterChain: Send + Sync {
    /// The best executed block whose selected chain contains `base`, by the order in which the
    /// chain selects its tip. Answers for every imported `base`, also one that the tip's chain does
    /// not contain: rounds may depend on it. `None` while `base` or nothing above it is executed.
    fn best_containing(&self, base: &H256) -> Option<(H256, BlockNumber)>;

    /// The selected-parent chain strictly between `base` and `block`, newest first; `None` when
    /// `block` does not descend from `base` or is `base`.
    fn ancestry(&self, base: &H256, block: &H256) -> Option<Vec<H256>>;

    /// The header of an imported block.
    fn header(&self, hash: &H256) -> Option<Header>;

    /// The height of an imported block.
    fn number(&self, hash: &H256) -> Option<BlockNumber> {
        self.header(hash).map(|header| header.number)
    }

    /// The block with this height on the selected chain of `block`, itself included. An
    /// implementation with an index by number has a faster way.
    fn ancestor_at(&self, block: &H256, number: BlockNumber) -> Option<H256> {
        let (mut hash, mut header) = (*block, self.header(block)?);
        while header.number > number {
            hash = header.parent_hash;
            header = self.header(&hash)?;
        }
        (header.number == number).then_some(hash)
    }

    /// Whether this node computed the block's state and found it as the header says.
    fn is_executed(&self, hash: &H256) -> bool;

    /// The last final block.
    fn finalized(&self) -> (H256, BlockNumber);

    /// The authorities in the state after this block: those that vote on the blocks above it.
    ///
    /// # Errors
    /// When the block is not executed, or its state is gone.
    fn authorities_at(&self, hash: &H256) -> Result<AuthoritySet, String>;

    /// Makes an executed block and everything below it final, durably.
    ///
    /// # Errors
    /// When the block conflicts with what is final, or cannot be written.
    fn finalize(&self, hash: &H256, justification: Vec<u8>) -> Result<(), String>;
}

/// Small records of finality, apart from the chain's.
pub trait VoterStore: Send + Sync {
    /// A record.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, String>;

    /// Writes or removes records, all or none. They are durable when this returns: votes are sent
    /// in this trust.
    ///
    /// # Errors
    /// When they cannot be written; nothing is known of them then.
    fn set(&self, records: &[(&[u8], Option<&[u8]>)]) -> Result<(), String>;
}

/// The node's keys.
pub trait VoterKeys: Send + Sync {
    /// Whether the node has the secret of this key.
    fn has(&self, id: &AuthorityId) -> bool;

    /// Signs a vote; `None` when the key is gone.
    fn sign(&self, id: &AuthorityId, payload: &[u8]) -> Option<AuthoritySignature>;

    /// Whether a signature is the voter's. A network of many nodes in one process may remember
    /// the answer, so that each signature is verified once and not by every node.
    fn verify(&self, id: &AuthorityId, payload: &[u8], signature: &AuthoritySignature) -> bool {
        ed25519::verify(signature, payload, id)
    }
}
