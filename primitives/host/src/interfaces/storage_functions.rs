//! Reading and changing the state.

use citrate_host_macros::host_functions;

/// The top trie.
#[host_functions("storage")]
pub mod storage {
    #[cfg(feature = "std")]
    use crate::Externalities;
    use crate::KillStorageResult;
    use alloc::vec::Vec;
    use citrate_core::StateVersion;

    /// The value of `key`.
    pub fn get(host: &mut dyn Externalities, key: &[u8]) -> Option<Vec<u8>> {
        host.get(key)
    }

    /// Copies the value of `key` from `offset` on to `out`, as much as fits; the number of bytes
    /// that the value has from `offset` on.
    pub fn read(
        host: &mut dyn Externalities,
        key: &[u8],
        out: &mut [u8],
        offset: u32,
    ) -> Option<u32> {
        host.get(key).map(|value| super::super::copy_from(&value, out, offset))
    }

    /// Sets the value of `key`.
    pub fn set(host: &mut dyn Externalities, key: &[u8], value: &[u8]) {
        if !super::super::is_child_root(key) {
            host.set(key.to_vec(), Some(value.to_vec()));
        }
    }

    /// Removes `key`.
    pub fn clear(host: &mut dyn Externalities, key: &[u8]) {
        if !super::super::is_child_root(key) {
            host.set(key.to_vec(), None);
        }
    }

    /// Whether `key` has a value.
    pub fn exists(host: &mut dyn Externalities, key: &[u8]) -> bool {
        host.exists(key)
    }

    /// Removes all keys with `prefix`.
    #[host(name = "clear_prefix", version = 1)]
    pub fn clear_prefix_v1(host: &mut dyn Externalities, prefix: &[u8]) {
        host.clear_prefix(prefix, None, None);
    }

    /// Removes keys with `prefix`, up to `limit` of those that the state had before this block.
    #[host(version = 2)]
    pub fn clear_prefix(
        host: &mut dyn Externalities,
        prefix: &[u8],
        limit: Option<u32>,
    ) -> KillStorageResult {
        super::super::killed(&host.clear_prefix(prefix, limit, None))
    }

    /// Appends the SCALE-encoded `value` to the SCALE vector under `key`.
    pub fn append(host: &mut dyn Externalities, key: &[u8], value: &[u8]) {
        if !super::super::is_child_root(key) {
            host.append(key.to_vec(), value);
        }
    }

    /// The root of the state, in layout V0.
    #[host(name = "root", version = 1)]
    pub fn root_v1(host: &mut dyn Externalities) -> Vec<u8> {
        host.root(StateVersion::V0).as_bytes().to_vec()
    }

    /// The root of the state with all changes.
    #[host(version = 2)]
    pub fn root(host: &mut dyn Externalities, version: StateVersion) -> Vec<u8> {
        host.root(version).as_bytes().to_vec()
    }

    /// Nothing: changes tries no longer exist.
    pub fn changes_root(parent: &[u8]) -> Option<Vec<u8>> {
        let _ = parent;
        None
    }

    /// The smallest key above `key`.
    pub fn next_key(host: &mut dyn Externalities, key: &[u8]) -> Option<Vec<u8>> {
        host.next_key(key)
    }

    /// Opens a transaction inside the current one.
    pub fn start_transaction(host: &mut dyn Externalities) {
        host.start_transaction();
    }

    /// Undoes the innermost transaction.
    pub fn rollback_transaction(host: &mut dyn Externalities) {
        host.rollback_transaction();
    }

    /// Keeps the innermost transaction.
    pub fn commit_transaction(host: &mut dyn Externalities) {
        host.commit_transaction();
    }
}

/// Child tries of the default kind.
#[host_functions("default_child_storage")]
pub mod default_child_storage {
    #[cfg(feature = "std")]
    use crate::Externalities;
    use crate::KillStorageResult;
    use alloc::vec::Vec;
    use citrate_core::StateVersion;

    /// The value of `key`.
    pub fn get(host: &mut dyn Externalities, child: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        host.child_get(child, key)
    }

    /// As [`super::storage::read`].
    pub fn read(
        host: &mut dyn Externalities,
        child: &[u8],
        key: &[u8],
        out: &mut [u8],
        offset: u32,
    ) -> Option<u32> {
        host.child_get(child, key).map(|value| super::super::copy_from(&value, out, offset))
    }

    /// Sets the value of `key`.
    pub fn set(host: &mut dyn Externalities, child: &[u8], key: &[u8], value: &[u8]) {
        host.child_set(child, key.to_vec(), Some(value.to_vec()));
    }

    /// Removes `key`.
    pub fn clear(host: &mut dyn Externalities, child: &[u8], key: &[u8]) {
        host.child_set(child, key.to_vec(), None);
    }

    /// Whether `key` has a value.
    pub fn exists(host: &mut dyn Externalities, child: &[u8], key: &[u8]) -> bool {
        host.child_get(child, key).is_some()
    }

    /// Removes the child trie.
    #[host(name = "storage_kill", version = 1)]
    pub fn storage_kill_v1(host: &mut dyn Externalities, child: &[u8]) {
        host.child_clear_prefix(child, &[], None, None);
    }

    /// Removes keys, up to `limit`; whether none is left.
    #[host(name = "storage_kill", version = 2)]
    pub fn storage_kill_v2(host: &mut dyn Externalities, child: &[u8], limit: Option<u32>) -> bool {
        host.child_clear_prefix(child, &[], limit, None).cursor.is_none()
    }

    /// Removes keys, up to `limit` of those that the state had before this block.
    #[host(version = 3)]
    pub fn storage_kill(
        host: &mut dyn Externalities,
        child: &[u8],
        limit: Option<u32>,
    ) -> KillStorageResult {
        super::super::killed(&host.child_clear_prefix(child, &[], limit, None))
    }

    /// Removes all keys with `prefix`.
    #[host(name = "clear_prefix", version = 1)]
    pub fn clear_prefix_v1(host: &mut dyn Externalities, child: &[u8], prefix: &[u8]) {
        host.child_clear_prefix(child, prefix, None, None);
    }

    /// As [`super::storage::clear_prefix`].
    #[host(version = 2)]
    pub fn clear_prefix(
        host: &mut dyn Externalities,
        child: &[u8],
        prefix: &[u8],
        limit: Option<u32>,
    ) -> KillStorageResult {
        super::super::killed(&host.child_clear_prefix(child, prefix, limit, None))
    }

    /// The child trie's root, in layout V0.
    #[host(name = "root", version = 1)]
    pub fn root_v1(host: &mut dyn Externalities, child: &[u8]) -> Vec<u8> {
        host.child_root(child, StateVersion::V0).as_bytes().to_vec()
    }

    /// The child trie's root with all changes.
    #[host(version = 2)]
    pub fn root(host: &mut dyn Externalities, child: &[u8], version: StateVersion) -> Vec<u8> {
        host.child_root(child, version).as_bytes().to_vec()
    }

    /// The smallest key above `key`.
    pub fn next_key(host: &mut dyn Externalities, child: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        host.child_next_key(child, key)
    }
}

/// The size of a storage proof, which nobody records here.
#[host_functions("storage_proof_size")]
pub mod storage_proof_size {
    /// The number that means "not recorded".
    #[host(name = "storage_proof_size")]
    pub fn storage_proof_size() -> u64 {
        u64::MAX
    }
}

/// Roots of child tries are written by the state machine alone.
#[cfg(feature = "std")]
fn is_child_root(key: &[u8]) -> bool {
    key.starts_with(citrate_core::well_known_keys::CHILD_STORAGE_KEY_PREFIX)
}

#[cfg(feature = "std")]
fn copy_from(value: &[u8], out: &mut [u8], offset: u32) -> u32 {
    let rest = value.get(offset as usize..).unwrap_or_default();
    for (to, from) in out.iter_mut().zip(rest) {
        *to = *from;
    }
    u32::try_from(rest.len()).unwrap_or(u32::MAX)
}

#[cfg(feature = "std")]
fn killed(removed: &citrate_trie::Removed) -> crate::KillStorageResult {
    match removed.cursor {
        None => crate::KillStorageResult::AllRemoved(removed.backend),
        Some(_) => crate::KillStorageResult::SomeRemaining(removed.backend),
    }
}
