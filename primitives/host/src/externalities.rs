//! The state that host functions work on.

use crate::Extensions;
use citrate_core::{H256, StateVersion};
use citrate_trie::Removed;

/// One state with its pending changes, and the services beside it.
///
/// Reading can fail in the database below. Such a failure is kept ([`Self::fail`]) and stops the
/// runtime's call right after the host function that ran into it, so the methods here need no
/// `Result`.
pub trait Externalities {
    /// The value of `key`.
    fn get(&mut self, key: &[u8]) -> Option<Vec<u8>>;
    /// Whether `key` has a value.
    fn exists(&mut self, key: &[u8]) -> bool {
        self.get(key).is_some()
    }
    /// Sets `key`, or removes it.
    fn set(&mut self, key: Vec<u8>, value: Option<Vec<u8>>);
    /// Appends a SCALE-encoded element to the SCALE vector under `key`.
    fn append(&mut self, key: Vec<u8>, element: &[u8]);
    /// The smallest key above `key`.
    fn next_key(&mut self, key: &[u8]) -> Option<Vec<u8>>;
    /// Removes keys with `prefix`: pending ones all, others up to `limit`, from `cursor` on.
    fn clear_prefix(&mut self, prefix: &[u8], limit: Option<u32>, cursor: Option<&[u8]>)
    -> Removed;
    /// The root of the state with all pending changes.
    fn root(&mut self, version: StateVersion) -> H256;

    /// The value of `key` in a child trie.
    fn child_get(&mut self, child: &[u8], key: &[u8]) -> Option<Vec<u8>>;
    /// Sets `key` in a child trie, or removes it.
    fn child_set(&mut self, child: &[u8], key: Vec<u8>, value: Option<Vec<u8>>);
    /// The smallest key above `key` in a child trie.
    fn child_next_key(&mut self, child: &[u8], key: &[u8]) -> Option<Vec<u8>>;
    /// As [`Self::clear_prefix`], in a child trie.
    fn child_clear_prefix(
        &mut self,
        child: &[u8],
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Removed;
    /// The root of a child trie with all pending changes.
    fn child_root(&mut self, child: &[u8], version: StateVersion) -> H256;

    /// Opens a transaction inside the current one.
    fn start_transaction(&mut self);
    /// Keeps the changes of the innermost transaction. Fails when none is open.
    fn commit_transaction(&mut self);
    /// Undoes the changes of the innermost transaction. Fails when none is open.
    fn rollback_transaction(&mut self);

    /// Sets a value in the off-chain database once the block is imported.
    fn set_offchain(&mut self, key: &[u8], value: Option<&[u8]>);

    /// Begins a measurement. What is not a laboratory fails.
    fn begin_measurement(&mut self) {
        self.fail("nothing is measured in this call".into());
    }
    /// Ends the measurement.
    fn end_measurement(&mut self) {
        self.fail("nothing is measured in this call".into());
    }

    /// The node's services for this call.
    fn extensions(&mut self) -> &mut Extensions;

    /// Notes why the current host function cannot do its work; the first reason counts.
    fn fail(&mut self, reason: String);
    /// Takes the reason noted by [`Self::fail`].
    fn take_failure(&mut self) -> Option<String>;
}
