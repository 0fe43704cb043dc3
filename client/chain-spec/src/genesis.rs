//! The state at block 0, and block 0.

use std::collections::BTreeMap;

use citrate_core::{Digest, H256, Header, StateVersion};
use citrate_trie::{EMPTY_ROOT, child_root_key, root};

/// Keys and values.
type Pairs = BTreeMap<Vec<u8>, Vec<u8>>;

/// The state at block 0.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GenesisState {
    /// The top trie.
    pub top: Pairs,
    /// Child tries by name: the key of the child's root without `:child_storage:default:`.
    pub children: BTreeMap<Vec<u8>, Pairs>,
}

impl GenesisState {
    /// Its root.
    pub fn root(&self, version: StateVersion) -> H256 {
        let children = self.children.iter().filter(|(_, pairs)| !pairs.is_empty());
        let roots: Vec<(Vec<u8>, H256)> = children
            .map(|(name, pairs)| (child_root_key(name), root(pairs.iter(), version)))
            .collect();
        let top = self.top.iter().map(|(key, value)| (&key[..], &value[..]));
        root(top.chain(roots.iter().map(|(key, root)| (&key[..], &root[..]))), version)
    }

    /// Block 0: no parent, no extrinsic, no digest.
    pub fn header(&self, version: StateVersion) -> Header {
        Header {
            parent_hash: H256::zero(),
            number: 0,
            state_root: self.root(version),
            extrinsics_root: EMPTY_ROOT,
            digest: Digest::default(),
        }
    }
}
