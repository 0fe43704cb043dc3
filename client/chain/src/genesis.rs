//! The first block.

use std::collections::BTreeMap;

use citrate_core::{Digest, H256, Header, well_known_keys};
use citrate_db::{BlockCommit, Db, Executed, Head};
use citrate_trie::{ChangeSet, EMPTY_ROOT, NodeDelta, StateView};

use crate::error::ChainError;
use crate::machine::{Code, Machine};

/// The state before block 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenesisState {
    /// Keys and values of the main trie.
    pub top: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Keys and values of each default child trie, by its name.
    pub children: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl From<ChangeSet> for GenesisState {
    /// What a state that was empty holds after these changes.
    fn from(changes: ChangeSet) -> Self {
        type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
        let set = |changes: Changes| -> BTreeMap<Vec<u8>, Vec<u8>> {
            changes.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
        };
        let children = changes.children.into_iter().map(|(name, child)| (name, set(child)));
        Self { top: set(changes.top), children: children.collect() }
    }
}

impl GenesisState {
    fn changes(&self) -> ChangeSet {
        let set = |values: &BTreeMap<Vec<u8>, Vec<u8>>| {
            values.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect()
        };
        let children = self.children.iter().map(|(name, child)| (name.clone(), set(child)));
        ChangeSet { top: set(&self.top), children: children.collect() }
    }

    /// The first block's header and the nodes of its state.
    ///
    /// # Errors
    /// There is no usable runtime code in the state.
    pub(crate) fn block(&self, machine: &dyn Machine) -> Result<(Header, NodeDelta), ChainError> {
        let key = well_known_keys::CODE;
        let no_code = || ChainError::NoCode { at: H256::zero(), key: key.to_vec() };
        let bytes = self.top.get(key).ok_or_else(no_code)?;
        let hash = citrate_core::hashing::blake2_256(bytes).into();
        let code = Code { bytes: bytes.as_slice().into(), hash };
        let version = machine.runtime_version(&code)?.state_version();
        let (state_root, delta) = StateView::empty().apply(&self.changes(), version)?;
        let header = Header {
            parent_hash: H256::zero(),
            number: 0,
            state_root,
            extrinsics_root: EMPTY_ROOT,
            digest: Digest::default(),
        };
        Ok((header, delta))
    }
}

/// Writes the first block, or checks that it is this one.
pub(crate) fn ensure(
    db: &Db,
    machine: &dyn Machine,
    genesis: &GenesisState,
) -> Result<H256, ChainError> {
    let (header, delta) = genesis.block(machine)?;
    let hash = header.hash();
    if let Some(found) = db.genesis_hash() {
        if found != hash {
            return Err(ChainError::OtherGenesis { expected: hash, found });
        }
        return Ok(hash);
    }
    db.commit(BlockCommit {
        hash,
        header,
        payload: Vec::new(),
        executed: Some(Executed { delta, ..Executed::default() }),
        head: Head::Best,
        transactions: Vec::new(),
        dag: None,
    })?;
    Ok(hash)
}
