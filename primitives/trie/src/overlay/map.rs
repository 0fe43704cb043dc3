//! One trie's changes and the way back from them.

use crate::{Changes, TrieError};
use codec::{Compact, CompactLen, Decode, Encode};
use std::collections::{BTreeMap, btree_map::Entry};

/// How to undo what a transaction did to one key.
#[derive(Debug, Clone)]
pub(super) enum Undo {
    /// The key was not among the changes.
    Absent,
    /// The key had this change.
    Restore(Option<Vec<u8>>),
    /// The key had a SCALE vector of this many bytes and elements, which has only grown since.
    Shorten { bytes: usize, elements: u32 },
}

/// What each key that a transaction touched was before it.
pub(super) type UndoMap = BTreeMap<Vec<u8>, Undo>;

/// Sets a key and remembers what it was when the transaction began.
pub(super) fn write(
    changes: &mut Changes,
    undo: Option<&mut UndoMap>,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
) {
    let Some(undo) = undo else {
        changes.insert(key, value);
        return;
    };
    let old = changes.insert(key.clone(), value);
    match undo.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(old.map_or(Undo::Absent, Undo::Restore));
        }
        Entry::Occupied(mut entry) => restore_shortened(entry.get_mut(), old.flatten()),
    }
}

/// Appends in place; `below` gives the value of a key that has no change yet.
pub(super) fn append(
    changes: &mut Changes,
    undo: Option<&mut UndoMap>,
    key: Vec<u8>,
    element: &[u8],
    below: impl FnOnce(&[u8]) -> Result<Option<Vec<u8>>, TrieError>,
) -> Result<(), TrieError> {
    let Some(current) = changes.get_mut(&key) else {
        let mut value = below(&key)?.unwrap_or_default();
        push(&mut value, element);
        write(changes, undo, key, Some(value));
        return Ok(());
    };
    match current {
        Some(value) if length(value).is_some() => {
            if let (Some(undo), Some(elements)) = (undo, length(value)) {
                let shorten = Undo::Shorten { bytes: value.len(), elements };
                undo.entry(key).or_insert(shorten);
            }
            push(value, element);
        }
        _ => {
            let mut value = Vec::new();
            push(&mut value, element);
            write(changes, undo, key, Some(value));
        }
    }
    Ok(())
}

/// Adds an inner transaction's way back to the outer one's.
pub(super) fn merge(outer: &mut UndoMap, inner: UndoMap) {
    if outer.is_empty() {
        *outer = inner;
        return;
    }
    for (key, undo) in inner {
        match outer.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(undo);
            }
            Entry::Occupied(mut entry) => {
                if let Undo::Restore(old) = undo {
                    restore_shortened(entry.get_mut(), old);
                }
            }
        }
    }
}

/// Goes all the way back.
pub(super) fn rollback(changes: &mut Changes, undo: UndoMap) {
    for (key, undo) in undo {
        match undo {
            Undo::Absent => {
                changes.remove(&key);
            }
            Undo::Restore(value) => {
                changes.insert(key, value);
            }
            Undo::Shorten { bytes, elements } => {
                if let Some(Some(value)) = changes.get_mut(&key) {
                    shorten(value, bytes, elements);
                }
            }
        }
    }
}

/// The grown vector is being replaced: from now on its old form has to be kept.
fn restore_shortened(undo: &mut Undo, grown: Option<Vec<u8>>) {
    if let (Undo::Shorten { bytes, elements }, Some(mut value)) = (&*undo, grown) {
        shorten(&mut value, *bytes, *elements);
        *undo = Undo::Restore(Some(value));
    }
}

/// Number of elements of a SCALE vector; `None` when another could not be counted either.
fn length(value: &[u8]) -> Option<u32> {
    let Compact(count) = Compact::<u32>::decode(&mut &*value).ok()?;
    (count < u32::MAX).then_some(count)
}

fn push(value: &mut Vec<u8>, element: &[u8]) {
    let Some(count) = length(value) else {
        value.clear();
        Compact(1u32).encode_to(value);
        value.extend_from_slice(element);
        return;
    };
    set_length(value, count, count + 1);
    value.extend_from_slice(element);
}

fn shorten(value: &mut Vec<u8>, bytes: usize, elements: u32) {
    if let Some(count) = length(value) {
        let grown_by = Compact::<u32>::compact_len(&count) - Compact::<u32>::compact_len(&elements);
        value.truncate(bytes + grown_by);
        set_length(value, count, elements);
    }
}

/// Rewrites the length prefix. The elements move only when its width changes, three times at most.
fn set_length(value: &mut Vec<u8>, old: u32, new: u32) {
    let prefix = Compact(new).encode();
    let old_width = Compact::<u32>::compact_len(&old);
    if prefix.len() == old_width {
        value[..old_width].copy_from_slice(&prefix);
    } else {
        value.splice(..old_width, prefix);
    }
}
