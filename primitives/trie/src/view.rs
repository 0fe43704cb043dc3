//! One state, read out of a store.

use crate::{
    Blake2Hasher, EMPTY_ROOT, H256, LayoutV0, LayoutV1, MemoryNodes, NodeStore, StateVersion,
    TrieError, child_root_key, node::BadNode,
};
use hash_db::{HashDBRef, Prefix};
use std::{cell::RefCell, collections::BTreeSet, fmt, sync::Arc};
use trie_db::{
    MerkleValue, Trie, TrieDB, TrieDBBuilder, TrieDBIterator, TrieDBKeyIterator, TrieIterator,
};

/// The state with a certain root. Cloning is cheap.
#[derive(Clone)]
pub struct StateView {
    /// Where the nodes are.
    pub nodes: Arc<dyn NodeStore>,
    /// The root of the top trie.
    pub root: H256,
}

impl fmt::Debug for StateView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateView").field("root", &self.root).finish_non_exhaustive()
    }
}

type TopTrie<'a> = TrieDB<'a, 'a, LayoutV1>;
type Failure = Box<trie_db::TrieError<H256, BadNode>>;

/// Keys and values.
type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

impl StateView {
    /// The state with this root in `nodes`.
    pub fn new(nodes: Arc<dyn NodeStore>, root: H256) -> Self {
        Self { nodes, root }
    }

    /// The state without a key, over a store of its own.
    pub fn empty() -> Self {
        Self::new(Arc::new(MemoryNodes::new()), EMPTY_ROOT)
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// As all methods here: when a node on the way cannot be read.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        self.read(self.root, |trie| trie.get(key))
    }

    /// Blake2-256 of the value of `key`.
    pub fn hash_of(&self, key: &[u8]) -> Result<Option<H256>, TrieError> {
        self.read(self.root, |trie| trie.get_hash(key))
    }

    /// The smallest key above `key`.
    pub fn next_key(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        self.read(self.root, |trie| next_key(trie, key))
    }

    /// Up to `limit` keys with `prefix`, ascending, above `start_after`.
    pub fn keys_with_prefix(
        &self,
        prefix: &[u8],
        start_after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, TrieError> {
        self.read(self.root, |trie| keys(trie, prefix, start_after, limit))
    }

    /// As [`Self::keys_with_prefix`], with values.
    pub fn pairs_with_prefix(
        &self,
        prefix: &[u8],
        start_after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Pairs, TrieError> {
        self.read(self.root, |trie| pairs(trie, prefix, start_after, limit))
    }

    /// The node at `key` or below it: its hash, or its bytes when shorter than 32.
    pub fn closest_merkle_value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        self.read(self.root, |trie| trie.lookup_first_descendant(key)).map(merkle_bytes)
    }

    /// The root of the child trie `name`; `None` when there is no such trie.
    pub fn child_root(&self, name: &[u8]) -> Result<Option<H256>, TrieError> {
        match self.get(&child_root_key(name))? {
            Some(root) if root.len() == 32 => Ok(Some(H256::from_slice(&root))),
            Some(_) => Err(TrieError::BadChildRoot),
            None => Ok(None),
        }
    }

    /// The value of `key` in the child trie `name`.
    pub fn child_get(&self, name: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        self.in_child(name, |trie| trie.get(key))
    }

    /// Blake2-256 of the value of `key` in the child trie `name`.
    pub fn child_hash_of(&self, name: &[u8], key: &[u8]) -> Result<Option<H256>, TrieError> {
        self.in_child(name, |trie| trie.get_hash(key))
    }

    /// The smallest key above `key` in the child trie `name`.
    pub fn child_next_key(&self, name: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        self.in_child(name, |trie| next_key(trie, key))
    }

    /// As [`Self::keys_with_prefix`], in the child trie `name`.
    pub fn child_keys_with_prefix(
        &self,
        name: &[u8],
        prefix: &[u8],
        start_after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, TrieError> {
        self.in_child(name, |trie| keys(trie, prefix, start_after, limit))
    }

    /// As [`Self::pairs_with_prefix`], in the child trie `name`.
    pub fn child_pairs_with_prefix(
        &self,
        name: &[u8],
        prefix: &[u8],
        start_after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Pairs, TrieError> {
        self.in_child(name, |trie| pairs(trie, prefix, start_after, limit))
    }

    /// As [`Self::closest_merkle_value`], in the child trie `name`.
    pub fn child_closest_merkle_value(
        &self,
        name: &[u8],
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, TrieError> {
        self.in_child(name, |trie| trie.lookup_first_descendant(key)).map(merkle_bytes)
    }

    /// The nodes that show the values of `keys`, or their absence, under this root.
    pub fn prove<K: AsRef<[u8]>>(&self, keys: &[K]) -> Result<Vec<Vec<u8>>, TrieError> {
        let recorder = Arc::new(Recorder::new(self.nodes.clone()));
        let view = Self::new(recorder.clone(), self.root);
        for key in keys {
            view.get(key.as_ref())?;
        }
        Ok(recorder.proof())
    }

    /// The nodes that show the values of `keys` in the child trie `name`, and the child's root.
    pub fn prove_child<K: AsRef<[u8]>>(
        &self,
        name: &[u8],
        keys: &[K],
    ) -> Result<Vec<Vec<u8>>, TrieError> {
        let recorder = Arc::new(Recorder::new(self.nodes.clone()));
        let view = Self::new(recorder.clone(), self.root);
        view.child_root(name)?;
        for key in keys {
            view.child_get(name, key.as_ref())?;
        }
        Ok(recorder.proof())
    }

    /// A compact proof of single items, for [`crate::verify_item_proof`].
    pub fn prove_items<K: AsRef<[u8]>>(
        &self,
        keys: &[K],
        version: StateVersion,
    ) -> Result<Vec<Vec<u8>>, TrieError> {
        let reader = Reader::new(self.nodes.as_ref());
        let result = match version {
            StateVersion::V0 => {
                trie_db::proof::generate_proof::<_, LayoutV0, _, _>(&reader, &self.root, keys)
            }
            StateVersion::V1 => {
                trie_db::proof::generate_proof::<_, LayoutV1, _, _>(&reader, &self.root, keys)
            }
        };
        reader.finish(result)
    }

    fn read<T>(
        &self,
        root: H256,
        query: impl FnOnce(&TopTrie<'_>) -> Result<T, Failure>,
    ) -> Result<T, TrieError> {
        let reader = Reader::new(self.nodes.as_ref());
        // Both layouts decode alike, so one reads states of either version.
        let result = query(&TrieDBBuilder::<LayoutV1>::new(&reader, &root).build());
        reader.finish(result)
    }

    fn in_child<T: Default>(
        &self,
        name: &[u8],
        query: impl FnOnce(&TopTrie<'_>) -> Result<T, Failure>,
    ) -> Result<T, TrieError> {
        match self.child_root(name)? {
            Some(root) => self.read(root, query),
            None => Ok(T::default()),
        }
    }
}

/// Reads the values of `keys` out of a proof made by [`StateView::prove`].
///
/// # Errors
/// When the proof lacks a node for one of the keys, or holds a wrong one.
pub fn verify_proof<K: AsRef<[u8]>>(
    root: &H256,
    proof: &[Vec<u8>],
    keys: &[K],
) -> Result<Vec<Option<Vec<u8>>>, TrieError> {
    let view = StateView::new(Arc::new(MemoryNodes::from_proof(proof)), *root);
    keys.iter().map(|key| view.get(key.as_ref())).collect()
}

/// Reads the values of `keys` in the child trie `name` out of [`StateView::prove_child`]'s proof.
///
/// # Errors
/// As [`verify_proof`].
pub fn verify_child_proof<K: AsRef<[u8]>>(
    root: &H256,
    proof: &[Vec<u8>],
    name: &[u8],
    keys: &[K],
) -> Result<Vec<Option<Vec<u8>>>, TrieError> {
    let view = StateView::new(Arc::new(MemoryNodes::from_proof(proof)), *root);
    // The root is read first, so that a proof is complete even when it is for no key.
    view.child_root(name)?;
    keys.iter().map(|key| view.child_get(name, key.as_ref())).collect()
}

fn next_key(trie: &TopTrie<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    let mut iter = TrieDBKeyIterator::new(trie)?;
    iter.seek(key)?;
    first_above(iter, key)
}

fn first_above(
    iter: impl Iterator<Item = Result<Vec<u8>, Failure>>,
    key: &[u8],
) -> Result<Option<Vec<u8>>, Failure> {
    for found in iter {
        let found = found?;
        if found.as_slice() > key {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn keys(
    trie: &TopTrie<'_>,
    prefix: &[u8],
    start_after: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<Vec<u8>>, Failure> {
    let start = start_after.filter(|start| *start > prefix).unwrap_or(prefix);
    let mut iter = TrieDBKeyIterator::new(trie)?;
    iter.seek(start)?;
    let skip = start_after.unwrap_or_default();
    iter.skip_while(|key| {
        start_after.is_some() && key.as_ref().is_ok_and(|key| key.as_slice() <= skip)
    })
    .take_while(|key| key.as_ref().map_or(true, |key| key.starts_with(prefix)))
    .take(limit)
    .collect()
}

fn pairs(
    trie: &TopTrie<'_>,
    prefix: &[u8],
    start_after: Option<&[u8]>,
    limit: usize,
) -> Result<Pairs, Failure> {
    let start = start_after.filter(|start| *start > prefix).unwrap_or(prefix);
    let mut iter = TrieDBIterator::new(trie)?;
    iter.seek(start)?;
    let skip = start_after.unwrap_or_default();
    iter.skip_while(|pair| {
        start_after.is_some() && pair.as_ref().is_ok_and(|(key, _)| key.as_slice() <= skip)
    })
    .take_while(|pair| pair.as_ref().map_or(true, |(key, _)| key.starts_with(prefix)))
    .take(limit)
    .collect()
}

fn merkle_bytes(value: Option<MerkleValue<H256>>) -> Option<Vec<u8>> {
    value.map(|value| match value {
        MerkleValue::Node(bytes) => bytes,
        MerkleValue::Hash(hash) => hash.0.to_vec(),
    })
}

#[expect(
    clippy::boxed_local,
    clippy::needless_pass_by_value,
    reason = "trie-db hands its errors out boxed, and map_err hands them on by value"
)]
pub(crate) fn convert(failure: Failure) -> TrieError {
    match *failure {
        trie_db::TrieError::InvalidStateRoot(hash)
        | trie_db::TrieError::IncompleteDatabase(hash) => TrieError::MissingNode(hash),
        trie_db::TrieError::DecoderError(hash, BadNode)
        | trie_db::TrieError::InvalidHash(hash, _) => TrieError::BadNode(hash),
        trie_db::TrieError::ValueAtIncompleteKey(..) => TrieError::BadNode(H256::zero()),
    }
}

/// Lets trie-db read from a store, and keeps the store's error for it.
struct Reader<'a> {
    nodes: &'a dyn NodeStore,
    failure: RefCell<Option<TrieError>>,
}

impl<'a> Reader<'a> {
    fn new(nodes: &'a dyn NodeStore) -> Self {
        Self { nodes, failure: RefCell::new(None) }
    }

    fn finish<T>(self, result: Result<T, Failure>) -> Result<T, TrieError> {
        match self.failure.into_inner() {
            Some(failure) => Err(failure),
            None => result.map_err(convert),
        }
    }
}

impl HashDBRef<Blake2Hasher, Vec<u8>> for Reader<'_> {
    fn get(&self, hash: &H256, _prefix: Prefix<'_>) -> Option<Vec<u8>> {
        if *hash == EMPTY_ROOT {
            return Some(vec![0]);
        }
        self.nodes.node(hash).unwrap_or_else(|failure| {
            self.failure.replace(Some(failure));
            None
        })
    }

    fn contains(&self, hash: &H256, prefix: Prefix<'_>) -> bool {
        self.get(hash, prefix).is_some()
    }
}

/// A store that remembers which nodes were read.
struct Recorder {
    nodes: Arc<dyn NodeStore>,
    read: std::sync::Mutex<BTreeSet<Vec<u8>>>,
}

impl Recorder {
    fn new(nodes: Arc<dyn NodeStore>) -> Self {
        Self { nodes, read: std::sync::Mutex::default() }
    }

    fn proof(&self) -> Vec<Vec<u8>> {
        let mut read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *read).into_iter().collect()
    }
}

impl NodeStore for Recorder {
    fn node(&self, hash: &H256) -> Result<Option<Vec<u8>>, TrieError> {
        let node = self.nodes.node(hash)?;
        if let Some(bytes) = &node {
            let mut read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            read.insert(bytes.clone());
        }
        Ok(node)
    }
}
