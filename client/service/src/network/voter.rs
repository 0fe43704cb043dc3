//! What finality asks of the chain, the disk and the keys.

use std::sync::Arc;

use citrate_chain::{Chain, ChainError, RuntimeError};
use citrate_core::{BlockNumber, H256, Header, ed25519, key_types};
use citrate_dag::ghostdag::Status;
use citrate_db::Db;
use citrate_finality::{
    AuthoritySet, FinalityConfig, VoterChain, VoterKeys, VoterStore, prove_finality,
};
use citrate_grandpa_types::{AuthorityId, AuthorityList, AuthoritySignature};
use citrate_host::Keystore as _;
use citrate_keystore::LocalKeystore;
use codec::DecodeAll;

/// LIMIT: blocks between two that finality asks for.
const ANCESTRY_MAX: usize = 8_192;
/// Before the keys of finality's records.
const PREFIX: &[u8] = b"finality/";

/// The chain.
pub(super) struct ChainPort(pub(super) Arc<Chain>);

/// The voters after a block; none if its runtime knows of no finality by votes.
///
/// # Errors
/// The state is not there, or the runtime failed.
pub(super) fn voters(chain: &Chain, at: &H256) -> Result<AuthorityList, String> {
    match chain.call(at, "GrandpaApi_grandpa_authorities", &[]) {
        Ok(list) => AuthorityList::decode_all(&mut &*list).map_err(|error| error.to_string()),
        Err(ChainError::Runtime(RuntimeError::NoSuchMethod(_))) => Ok(AuthorityList::new()),
        Err(error) => Err(error.to_string()),
    }
}

/// The set of voters after a block.
pub(super) fn authorities(chain: &Chain, at: &H256) -> Result<AuthoritySet, String> {
    let authorities = voters(chain, at)?;
    if authorities.is_empty() {
        return Ok(AuthoritySet { id: 0, authorities });
    }
    let id = chain.call(at, "GrandpaApi_current_set_id", &[]).map_err(|error| error.to_string())?;
    let id = u64::decode_all(&mut &*id).map_err(|error| error.to_string())?;
    Ok(AuthoritySet { id, authorities })
}

/// Lets the chain give others the proofs that finality keeps.
pub(super) fn serve_justifications(
    chain: &Arc<Chain>,
    port: &Arc<ChainPort>,
    store: &Arc<StorePort>,
    config: &FinalityConfig,
) {
    let (config, store) = (config.clone(), Arc::clone(store));
    // Weak, because the chain would keep itself alive.
    let port = Arc::downgrade(port);
    chain.serve_justifications(move |number| {
        let port = port.upgrade()?;
        let proof = prove_finality(&config, port.as_ref(), store.as_ref(), number);
        proof.ok().map(|proof| proof.justification)
    });
}

impl VoterChain for ChainPort {
    fn best_containing(&self, base: &H256) -> Option<(H256, BlockNumber)> {
        let hash = self.0.with_dag(|dag| dag.best_valid_above(base))?;
        Some((hash, self.number(&hash)?))
    }

    fn ancestry(&self, base: &H256, block: &H256) -> Option<Vec<H256>> {
        let mut ancestry = Vec::new();
        let mut at = VoterChain::header(self, block)?.parent_hash;
        if base == block {
            return None;
        }
        let lowest = self.number(base)?;
        while at != *base {
            let header = VoterChain::header(self, &at)?;
            if header.number <= lowest || ancestry.len() >= ANCESTRY_MAX {
                return None;
            }
            ancestry.push(at);
            at = header.parent_hash;
        }
        Some(ancestry)
    }

    fn header(&self, hash: &H256) -> Option<Header> {
        self.0.header(hash).ok().flatten()
    }

    fn ancestor_at(&self, block: &H256, number: BlockNumber) -> Option<H256> {
        let (mut hash, mut header) = (*block, VoterChain::header(self, block)?);
        while header.number > number {
            // The rest is the selected chain, which has an index.
            if self.0.hash_at(header.number).ok().flatten() == Some(hash) {
                return self.0.hash_at(number).ok().flatten();
            }
            hash = header.parent_hash;
            header = VoterChain::header(self, &hash)?;
        }
        (header.number == number).then_some(hash)
    }

    fn is_executed(&self, hash: &H256) -> bool {
        if let Some(status) = self.0.with_dag(|dag| dag.status(hash)) {
            return status == Status::Valid;
        }
        // What is pruned from the DAG was final, or beside the final chain.
        let number = self.number(hash);
        number.is_some_and(|number| self.0.hash_at(number).ok().flatten() == Some(*hash))
    }

    fn finalized(&self) -> (H256, BlockNumber) {
        let block = self.0.finalized();
        (block.hash, block.number)
    }

    fn authorities_at(&self, hash: &H256) -> Result<AuthoritySet, String> {
        authorities(&self.0, hash)
    }

    fn finalize(&self, hash: &H256, _justification: Vec<u8>) -> Result<(), String> {
        self.0.finalize(hash).map_err(|error| error.to_string())
    }
}

/// The disk.
pub(super) struct StorePort(pub(super) Arc<Db>);

fn key(name: &[u8]) -> Vec<u8> {
    [PREFIX, name].concat()
}

impl VoterStore for StorePort {
    fn get(&self, name: &[u8]) -> Result<Option<Vec<u8>>, String> {
        self.0.auxiliary_get(&key(name)).map_err(|error| error.to_string())
    }

    fn set(&self, records: &[(&[u8], Option<&[u8]>)]) -> Result<(), String> {
        let named: Vec<(Vec<u8>, Option<&[u8]>)> =
            records.iter().map(|(name, value)| (key(name), *value)).collect();
        let records: Vec<(&[u8], Option<&[u8]>)> =
            named.iter().map(|(key, value)| (key.as_slice(), *value)).collect();
        self.0.auxiliary_set(&records).map_err(|error| error.to_string())
    }
}

/// The keys.
pub(super) struct KeysPort(pub(super) Arc<LocalKeystore>);

impl VoterKeys for KeysPort {
    fn has(&self, id: &AuthorityId) -> bool {
        self.0.has(key_types::GRANDPA, &id.0)
    }

    fn sign(&self, id: &AuthorityId, payload: &[u8]) -> Option<AuthoritySignature> {
        let key = ed25519::Public(id.0);
        self.0.ed25519_sign(key_types::GRANDPA, &key, payload)
    }
}
