//! Changing keys of a state and computing its new root.
//!
//! The peer is what Substrate's `sp-trie` does: the same `trie-db` over `memory-db`, new nodes kept apart in
//! another. Ours counts references to nodes as it goes. `sp-trie` itself would add `sp-core` and what hangs on
//! it to the build, for the same calls. Roots are compared first.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, ensure};
use citrate_benches::{Bench, Side, Timed, timed};
use citrate_core::hashing::blake2_256;
use citrate_trie::{
    Blake2Hasher, ChangeSet, EMPTY_ROOT, H256, LayoutV1, MemoryNodes, StateVersion, StateView,
};
use hash_db::{AsHashDB, HashDB, Prefix};
use trie_db::{TrieDBMutBuilder, TrieMut};

/// Keys in the state.
const KEYS: u32 = 20_000;
/// Changes at a time: half of them to keys that are there, half to new ones.
const CHANGES: [u32; 2] = [100, 1_000];

/// Runs the benches of the trie.
pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    if !bench.wants("trie") {
        return Ok(());
    }
    let base = changes(0..KEYS, 0);
    let nodes = Arc::new(MemoryNodes::new());
    let (root, delta) = StateView::new(nodes.clone(), StateView::empty().root)
        .apply(&ChangeSet { top: base.clone(), ..ChangeSet::default() }, StateVersion::V1)?;
    nodes.apply(&delta);
    let state = StateView::new(nodes, root);
    for count in CHANGES {
        let top = changes(KEYS - count / 2..KEYS + count / 2, 1);
        let set = ChangeSet { top, ..ChangeSet::default() };
        let (expected, delta) = state.apply(&set, StateVersion::V1)?;
        ensure!(!delta.is_empty(), "something changes");
        let name = format!("trie/change/{count}");
        let mut ours = timed(|| state.apply(&set, StateVersion::V1).expect("it did before"));
        against(bench, &name, &base, &set.top, expected, &mut ours)?;
    }
    Ok(())
}

type Values = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Keys and values as long as those of accounts: a pallet's and map's prefix, then a hash and the account.
fn changes(numbers: std::ops::Range<u32>, version: u8) -> Values {
    let pair = |number: u32| {
        let hash = blake2_256(&number.to_le_bytes());
        // Sixteen bytes of prefix; the layout's short keys end at 48 bytes.
        let key = [[9; 16].as_slice(), &hash[..]].concat();
        let value = [hash.as_slice(), &hash, &[version; 16]].concat();
        (key, Some(value))
    };
    numbers.map(pair).collect()
}

fn against(
    bench: &mut Bench,
    name: &str,
    base: &Values,
    changes: &Values,
    expected: H256,
    ours: &mut Timed<'_>,
) -> Result<()> {
    let store = Peer::new(base);
    let (root, _) = store.change(changes);
    ensure!(root == expected, "the peer's root is {root:?}, ours {expected:?}");
    let mut peer = timed(|| store.change(changes));
    let (ours, peer) = (Side::new("ours", ours), Side::new("memory-db", &mut peer));
    bench.duel(name, (changes.len() as u64, "changes"), ours, peer);
    Ok(())
}

type Nodes = memory_db::MemoryDB<Blake2Hasher, memory_db::HashKey<Blake2Hasher>, Vec<u8>>;

/// What `sp_trie::delta_trie_root` does over Substrate's store in memory.
struct Peer {
    nodes: Nodes,
    root: H256,
}

impl Peer {
    fn new(base: &Values) -> Self {
        let mut nodes = Nodes::default();
        let root = change(&mut nodes, EMPTY_ROOT, base);
        Self { nodes, root }
    }

    /// The root after the changes, and the nodes that are new.
    fn change(&self, changes: &Values) -> (H256, Nodes) {
        let mut above = Above { below: &self.nodes, new: Nodes::default() };
        let root = change(&mut above, self.root, changes);
        (root, above.new)
    }
}

fn change(nodes: &mut dyn HashDB<Blake2Hasher, Vec<u8>>, mut root: H256, changes: &Values) -> H256 {
    let mut trie = TrieDBMutBuilder::<LayoutV1>::from_existing(nodes, &mut root).build();
    for (key, value) in changes {
        match value {
            Some(value) => trie.insert(key, value).map(|_old| ()),
            None => trie.remove(key).map(|_old| ()),
        }
        .expect("every node is there");
    }
    trie.commit();
    drop(trie);
    root
}

/// New nodes above a store that stays as it is, as Substrate's `Ephemeral`.
struct Above<'a> {
    below: &'a Nodes,
    new: Nodes,
}

impl HashDB<Blake2Hasher, Vec<u8>> for Above<'_> {
    fn get(&self, key: &H256, prefix: Prefix<'_>) -> Option<Vec<u8>> {
        let new = HashDB::get(&self.new, key, prefix);
        new.or_else(|| HashDB::get(self.below, key, prefix))
    }

    fn contains(&self, key: &H256, prefix: Prefix<'_>) -> bool {
        HashDB::get(self, key, prefix).is_some()
    }

    fn insert(&mut self, prefix: Prefix<'_>, value: &[u8]) -> H256 {
        self.new.insert(prefix, value)
    }

    fn emplace(&mut self, key: H256, prefix: Prefix<'_>, value: Vec<u8>) {
        self.new.emplace(key, prefix, value);
    }

    fn remove(&mut self, key: &H256, prefix: Prefix<'_>) {
        self.new.remove(key, prefix);
    }
}

impl AsHashDB<Blake2Hasher, Vec<u8>> for Above<'_> {
    fn as_hash_db(&self) -> &dyn HashDB<Blake2Hasher, Vec<u8>> {
        self
    }

    fn as_hash_db_mut<'a>(&'a mut self) -> &'a mut (dyn HashDB<Blake2Hasher, Vec<u8>> + 'a) {
        self
    }
}
