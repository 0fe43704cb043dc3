//! From a change set to a new root and the nodes that differ.

use crate::{
    Blake2Hasher, ChangeSet, Changes, EMPTY_ROOT, H256, LayoutV0, LayoutV1, MAX_KEY_BYTES,
    NodeDelta, NodeStore, StateVersion, StateView, TrieError, TrieNodeCodec, child_root_key,
    view::convert,
};
use hash_db::{AsHashDB, HashDB, Hasher, Prefix};
use std::{collections::BTreeMap, sync::Mutex};
use trie_db::{TrieDBMutBuilder, TrieLayout, TrieMut};

/// Keys up to this length change the trie on the caller's stack.
pub(crate) const SHORT_KEY_BYTES: usize = 48;
/// Stack that trie-db takes for a level of the trie: up to 16 KiB in unoptimised builds.
const LEVEL_STACK_BYTES: usize = 20 << 10;
/// Stack for everything but the levels.
const STACK_BYTES_MIN: usize = 1 << 20;

impl StateView {
    /// The state after `changes`: its root, and the nodes to store and to forget.
    ///
    /// Nothing is stored here. A child trie that becomes empty loses its root's key.
    ///
    /// # Errors
    /// When a node on the way cannot be read, or a key is too long.
    pub fn apply(
        &self,
        changes: &ChangeSet,
        version: StateVersion,
    ) -> Result<(H256, NodeDelta), TrieError> {
        let children = changes.children.values().flat_map(|child| child.keys());
        let longest = changes.top.keys().chain(children).map(Vec::len).max().unwrap_or_default();
        if longest <= SHORT_KEY_BYTES {
            return self.apply_here(changes, version);
        }
        if longest > MAX_KEY_BYTES {
            return Err(TrieError::KeyTooLong { bytes: longest });
        }
        // trie-db recurses once for each level of the trie; a key's nibbles bound their number.
        std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(STACK_BYTES_MIN + longest * 2 * LEVEL_STACK_BYTES)
                .spawn_scoped(scope, || self.apply_here(changes, version))
                .map_err(|error| TrieError::Store(Box::new(error)))?
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn apply_here(
        &self,
        changes: &ChangeSet,
        version: StateVersion,
    ) -> Result<(H256, NodeDelta), TrieError> {
        let mut db = DeltaDb::new(self.nodes.as_ref());
        let mut roots = Changes::new();
        for (name, child) in changes.children.iter().filter(|(_, child)| !child.is_empty()) {
            let old = self.child_root(name)?.unwrap_or(EMPTY_ROOT);
            let new = db.apply(old, child.iter(), version)?;
            let value = (new != EMPTY_ROOT).then(|| new.0.to_vec());
            roots.insert(child_root_key(name), value);
        }
        let top = changes.top.iter().filter(|(key, _)| !roots.contains_key(*key));
        let root = db.apply(self.root, top.chain(roots.iter()), version)?;
        Ok((root, db.into_delta()))
    }
}

/// Removes a key that is there.
///
/// trie-db 0.32 takes a key that ends where a branch's partial key begins for the branch's own and
/// removes that one's value, so it is not asked to remove an absent key.
fn remove<L: TrieLayout>(
    trie: &mut trie_db::TrieDBMut<'_, L>,
    key: &[u8],
) -> trie_db::Result<(), trie_db::TrieHash<L>, trie_db::CError<L>> {
    if trie.contains(key)? { trie.remove(key).map(|_old| ()) } else { Ok(()) }
}

/// A store with net changes on top of it.
struct DeltaDb<'a> {
    nodes: &'a dyn NodeStore,
    pending: BTreeMap<H256, (Vec<u8>, i64)>,
    failure: Mutex<Option<TrieError>>,
}

impl<'a> DeltaDb<'a> {
    fn new(nodes: &'a dyn NodeStore) -> Self {
        Self { nodes, pending: BTreeMap::new(), failure: Mutex::new(None) }
    }

    fn apply<'c>(
        &mut self,
        root: H256,
        changes: impl Iterator<Item = (&'c Vec<u8>, &'c Option<Vec<u8>>)>,
        version: StateVersion,
    ) -> Result<H256, TrieError> {
        match version {
            StateVersion::V0 => self.apply_with::<LayoutV0>(root, changes),
            StateVersion::V1 => self.apply_with::<LayoutV1>(root, changes),
        }
    }

    fn apply_with<'c, L: TrieLayout<Hash = Blake2Hasher, Codec = TrieNodeCodec<Blake2Hasher>>>(
        &mut self,
        mut root: H256,
        changes: impl Iterator<Item = (&'c Vec<u8>, &'c Option<Vec<u8>>)>,
    ) -> Result<H256, TrieError> {
        let mut result = Ok(());
        {
            let mut trie = TrieDBMutBuilder::<L>::from_existing(self, &mut root)
                .disable_commit_on_drop()
                .build();
            for (key, value) in changes {
                result = match value {
                    Some(value) => trie.insert(key, value).map(|_old| ()),
                    None => remove(&mut trie, key),
                }
                .map_err(convert);
                if result.is_err() {
                    break;
                }
            }
            if result.is_ok() {
                trie.commit();
            }
        }
        let failure = self.failure.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        match failure.take() {
            Some(failure) => Err(failure),
            None => result.map(|()| root),
        }
    }

    fn into_delta(self) -> NodeDelta {
        let mut delta = NodeDelta::default();
        for (hash, (bytes, count)) in self.pending {
            let references = u32::try_from(count.unsigned_abs()).unwrap_or(u32::MAX);
            match count {
                1.. => delta.inserted.push((hash, bytes, references)),
                0 => {}
                ..0 => delta.removed.push((hash, references)),
            }
        }
        delta
    }
}

impl HashDB<Blake2Hasher, Vec<u8>> for DeltaDb<'_> {
    fn get(&self, hash: &H256, _prefix: Prefix<'_>) -> Option<Vec<u8>> {
        if *hash == EMPTY_ROOT {
            return Some(vec![0]);
        }
        if let Some((bytes, 1..)) = self.pending.get(hash) {
            return Some(bytes.clone());
        }
        self.nodes.node(hash).unwrap_or_else(|failure| {
            *self.failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(failure);
            None
        })
    }

    fn contains(&self, hash: &H256, prefix: Prefix<'_>) -> bool {
        self.get(hash, prefix).is_some()
    }

    fn insert(&mut self, prefix: Prefix<'_>, value: &[u8]) -> H256 {
        let hash = Blake2Hasher::hash(value);
        self.emplace(hash, prefix, value.to_vec());
        hash
    }

    fn emplace(&mut self, hash: H256, _prefix: Prefix<'_>, value: Vec<u8>) {
        if hash == EMPTY_ROOT {
            return;
        }
        let (bytes, count) = self.pending.entry(hash).or_default();
        *count += 1;
        if bytes.is_empty() {
            *bytes = value;
        }
    }

    fn remove(&mut self, hash: &H256, _prefix: Prefix<'_>) {
        if *hash != EMPTY_ROOT {
            self.pending.entry(*hash).or_default().1 -= 1;
        }
    }
}

impl AsHashDB<Blake2Hasher, Vec<u8>> for DeltaDb<'_> {
    fn as_hash_db(&self) -> &dyn HashDB<Blake2Hasher, Vec<u8>> {
        self
    }

    fn as_hash_db_mut<'a>(&'a mut self) -> &'a mut (dyn HashDB<Blake2Hasher, Vec<u8>> + 'a) {
        self
    }
}
