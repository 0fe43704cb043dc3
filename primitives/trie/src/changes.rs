//! Changes to a state, and the keys under which child tries hang.

use citrate_core::well_known_keys::{CHILD_STORAGE_KEY_PREFIX, DEFAULT_CHILD_STORAGE_KEY_PREFIX};
use std::collections::BTreeMap;

/// Changes to one trie: a new value for each key, `None` to remove it.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Changes to a state: its top trie and its child tries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// Changes to the top trie.
    pub top: Changes,
    /// Changes to child tries, by name: the key of the child's root without
    /// `:child_storage:default:`. They win over a root that `top` sets.
    pub children: BTreeMap<Vec<u8>, Changes>,
}

impl ChangeSet {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.top.is_empty() && self.children.values().all(Changes::is_empty)
    }
}

/// Key in the top trie under which the root of the child trie `name` lies.
pub fn child_root_key(name: &[u8]) -> Vec<u8> {
    [DEFAULT_CHILD_STORAGE_KEY_PREFIX, name].concat()
}

/// The name of the child trie whose root lies under `key`; `None` for any other key.
pub fn split_child_key(key: &[u8]) -> Option<&[u8]> {
    key.strip_prefix(DEFAULT_CHILD_STORAGE_KEY_PREFIX)
}

/// Whether keys with this prefix could be roots of child tries, which nobody may write directly.
pub fn is_child_storage_prefix(prefix: &[u8]) -> bool {
    prefix.starts_with(CHILD_STORAGE_KEY_PREFIX) || CHILD_STORAGE_KEY_PREFIX.starts_with(prefix)
}
