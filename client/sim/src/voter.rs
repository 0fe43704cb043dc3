//! What finality asks of a simulated node: the chain, the disk, the keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use citrate_core::hashing::{blake2_128, blake2_256};
use citrate_core::{BlockNumber, H256, Header, ed25519};
use citrate_dag::ghostdag::Status;
use citrate_finality::{AuthoritySet, VoterChain, VoterKeys, VoterStore};
use citrate_grandpa_types::{
    AuthorityId, AuthorityList, AuthoritySignature, Message, RoundNumber, SetId, SignedMessage,
    localized_payload,
};
use citrate_sync::testing::MemoryChain;
use codec::Encode;
use parking_lot::{Mutex, RwLock};

/// A chain that finality reads beside its node.
pub(crate) type SharedChain = Arc<RwLock<MemoryChain>>;

/// LIMIT: signatures whose judgement is remembered; then all are forgotten.
const JUDGED_MAX: usize = 1 << 20;

/// The keys of all voters. Signatures are real; each is verified once in a run and not by every node.
#[derive(Debug)]
pub(crate) struct Keyring {
    pairs: Vec<ed25519::Pair>,
    pub(crate) authorities: AuthorityList,
    judged: Mutex<BTreeMap<[u8; 16], bool>>,
}

impl Keyring {
    /// The keys of so many voters.
    pub(crate) fn new(count: usize) -> Self {
        let pair = |index: usize| {
            ed25519::Pair::from_suri(&format!("//Voter//{index}"), None).expect("the path is one")
        };
        let pairs: Vec<_> = (0..count).map(pair).collect();
        let authorities = pairs.iter().map(|pair| (pair.public(), 1)).collect();
        Self { pairs, authorities, judged: Mutex::default() }
    }

    /// A vote by a voter, whatever it voted before.
    pub(crate) fn vote(
        &self,
        voter: usize,
        set_id: SetId,
        round: RoundNumber,
        message: Message,
    ) -> Option<SignedMessage> {
        let pair = self.pairs.get(voter)?;
        let signature = pair.sign(&localized_payload(round, set_id, &message));
        Some(SignedMessage { message, signature, id: pair.public() })
    }

    /// The voter with this key.
    pub(crate) fn voter(&self, id: &AuthorityId) -> Option<usize> {
        self.authorities.iter().position(|(key, _)| key == id)
    }

    fn verify(&self, id: &AuthorityId, payload: &[u8], signature: &AuthoritySignature) -> bool {
        let name = (id, payload, signature).using_encoded(blake2_128);
        let mut judged = self.judged.lock();
        if let Some(is_valid) = judged.get(&name) {
            return *is_valid;
        }
        let is_valid = ed25519::verify(signature, payload, id);
        if judged.len() >= JUDGED_MAX {
            judged.clear();
        }
        judged.insert(name, is_valid);
        is_valid
    }
}

/// The key of one node.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) ring: Arc<Keyring>,
    pub(crate) voter: usize,
}

impl VoterKeys for Key {
    fn has(&self, id: &AuthorityId) -> bool {
        self.ring.authorities.get(self.voter).is_some_and(|(key, _)| key == id)
    }

    fn sign(&self, id: &AuthorityId, payload: &[u8]) -> Option<AuthoritySignature> {
        self.ring.pairs.get(self.voter).filter(|_| self.has(id)).map(|pair| pair.sign(payload))
    }

    fn verify(&self, id: &AuthorityId, payload: &[u8], signature: &AuthoritySignature) -> bool {
        self.ring.verify(id, payload, signature)
    }
}

/// A disk that keeps what is written.
#[derive(Debug, Default)]
pub(crate) struct Disk(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl VoterStore for Disk {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.lock().get(key).cloned())
    }

    fn set(&self, records: &[(&[u8], Option<&[u8]>)]) -> Result<(), String> {
        let mut all = self.0.lock();
        for (key, value) in records {
            match value {
                Some(value) => all.insert(key.to_vec(), value.to_vec()),
                None => all.remove(*key),
            };
        }
        Ok(())
    }
}

/// The chain; the voters never change.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) chain: SharedChain,
    pub(crate) ring: Arc<Keyring>,
}

impl VoterChain for Port {
    fn best_containing(&self, base: &H256) -> Option<(H256, BlockNumber)> {
        let hash = self.chain.read().dag().best_valid_above(base)?;
        Some((hash, self.number(&hash)?))
    }

    fn ancestry(&self, base: &H256, block: &H256) -> Option<Vec<H256>> {
        let chain = self.chain.read();
        if base == block || !chain.dag().is_chain_ancestor(base, block) {
            return None;
        }
        let mut ancestry = Vec::new();
        let mut at = chain.block(block)?.header.parent_hash;
        while at != *base {
            ancestry.push(at);
            at = chain.block(&at)?.header.parent_hash;
        }
        Some(ancestry)
    }

    fn header(&self, hash: &H256) -> Option<Header> {
        self.chain.read().block(hash).map(|block| block.header.clone())
    }

    fn number(&self, hash: &H256) -> Option<BlockNumber> {
        self.chain.read().block(hash).map(|block| block.header.number)
    }

    fn is_executed(&self, hash: &H256) -> bool {
        self.chain.read().dag().status(hash) == Some(Status::Valid)
    }

    fn finalized(&self) -> (H256, BlockNumber) {
        let hash = self.chain.read().dag().finalised();
        (hash, self.number(&hash).unwrap_or_default())
    }

    fn authorities_at(&self, _hash: &H256) -> Result<AuthoritySet, String> {
        Ok(AuthoritySet { id: 0, authorities: self.ring.authorities.clone() })
    }

    fn finalize(&self, hash: &H256, _justification: Vec<u8>) -> Result<(), String> {
        self.chain.write().finalise(hash).map_err(|error| error.to_string())
    }
}

/// The votes of a run, to see who voted twice.
#[derive(Debug, Default)]
pub(crate) struct Votes {
    cast: BTreeMap<(RoundNumber, usize, u8), [u8; 32]>,
    /// Voters that voted twice in a phase of a round.
    pub(crate) twice: BTreeSet<usize>,
}

impl Votes {
    /// Notes what a voter sent.
    pub(crate) fn note(&mut self, voter: usize, round: RoundNumber, message: &Message) {
        let phase = match message {
            Message::Prevote(_) => 0,
            Message::Precommit(_) => 1,
            Message::PrimaryPropose(_) => 2,
        };
        let vote = message.using_encoded(blake2_256);
        if *self.cast.entry((round, voter, phase)).or_insert(vote) != vote {
            self.twice.insert(voter);
        }
    }
}
