//! Building, sealing and importing a block.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use citrate_chain::{BlockStatus, BuildError, BuildInput, Chain, ChainError, Place};
use citrate_core::{H256, OpaqueExtrinsic, key_types};
use citrate_dag_types::{DagBlock, Slot, seal_item};
use citrate_host::Keystore;
use citrate_txpool::{Lane, TxPool, propose};

use crate::claim::{Claim, claim};
use crate::error::AuthoringError;

/// In one of so many slots it is logged that the chain is ahead of the clock.
const BEHIND_LOGGED_EVERY: u64 = 20;

/// Authors blocks on a chain from a pool, with the keys of a keystore.
#[derive(Clone)]
pub struct Author {
    chain: Arc<Chain>,
    pool: Arc<TxPool>,
    keystore: Arc<dyn Keystore>,
}

impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Author").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl Author {
    /// An author; it needs a key of type `gdag` in the keystore to author anything.
    pub fn new(chain: Arc<Chain>, pool: Arc<TxPool>, keystore: Arc<dyn Keystore>) -> Self {
        Self { chain, pool, keystore }
    }

    /// The chain's slot duration at the best block, in milliseconds.
    ///
    /// # Errors
    /// The chain could not be read.
    pub fn slot_duration_ms(&self) -> Result<u64, ChainError> {
        let best = self.chain.best();
        Ok(self.chain.dag_configuration(&best.hash)?.slot_duration_ms)
    }

    /// Authors a block in this slot on the best block and the other tips, if a key of ours wins it;
    /// returns its hash.
    ///
    /// `None` when no key of ours wins, or when the best block is not older than the slot.
    ///
    /// # Errors
    /// See [`AuthoringError`].
    pub fn author_block(&self, slot: Slot) -> Result<Option<H256>, AuthoringError> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.author_block_at(slot, u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// As [`Self::author_block`], at a time of the caller's choice.
    ///
    /// # Errors
    /// See [`AuthoringError`].
    pub fn author_block_at(&self, slot: Slot, now_ms: u64) -> Result<Option<H256>, AuthoringError> {
        let best = self.chain.best().hash;
        let configuration = self.chain.configuration_for(&best, slot)?;
        let Some(claim) = claim(slot, &configuration, self.keystore.as_ref()) else {
            return Ok(None);
        };
        let place = self.chain.place_for(slot, &claim.key).map_err(BuildError::from)?;
        let Some(Place { parents, merges }) = place else {
            if slot.0.is_multiple_of(BEHIND_LOGGED_EVERY) {
                tracing::warn!(target: "authoring", slot = slot.0, "no block can be made on the best one in this slot: is this machine's clock right?");
            }
            return Ok(None);
        };
        // What this block merges it executes as well: that is not proposed again.
        let mut taken: BTreeSet<H256> = BTreeSet::new();
        for block in merges {
            let payload = self.chain.payload(&block)?.unwrap_or_default();
            taken.extend(payload.iter().map(OpaqueExtrinsic::hash));
        }
        let lane = Lane::draw(&configuration, &claim.output);
        // While a migration is under way, the block that merges this one would most likely skip all of it.
        let is_open = self.chain.takes_transactions(&best)?;
        let ready = if is_open { self.pool.ready() } else { Vec::new() };
        let payload = propose(&ready, &taken, &configuration, |tx| lane.holds(tx));
        let block = self.build(parents, &claim, payload)?;
        let proposed = block.payload.len();
        let imported = self.chain.import_at(block, now_ms)?;
        if let BlockStatus::Disqualified(mismatch) = imported.status {
            tracing::error!(target: "authoring", number = imported.number, ?mismatch, "our own block is disqualified");
        }
        tracing::debug!(target: "authoring", number = imported.number, hash = ?imported.hash, slot = slot.0, proposed, "authored");
        Ok(Some(imported.hash))
    }

    fn build(
        &self,
        parents: Vec<H256>,
        claim: &Claim,
        payload: Vec<OpaqueExtrinsic>,
    ) -> Result<DagBlock, AuthoringError> {
        let Claim { slot, author, key, vrf, .. } = *claim;
        let input = BuildInput { parents, slot, author, vrf, payload };
        let built = self.chain.build(input)?;
        let mut header = built.header;
        let message = header.hash();
        let signed = self.keystore.sr25519_sign(key_types::DAG, &key, message.as_bytes());
        header.digest.push(seal_item(signed.ok_or(AuthoringError::KeyLost)?));
        Ok(DagBlock { header, payload: built.payload })
    }
}
