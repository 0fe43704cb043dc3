//! What is in the journal and not yet in the tables.
//!
//! The tables cost the same for a write of one value as for one of a thousand, and once more for each time that a value is
//! written. The journal makes a write durable; the tables get what many writes left.

use crate::{
    columns::{COUNT, NODES},
    op::Op,
};
use citrate_core::H256;
use parity_db::Operation;
use std::collections::BTreeMap;

pub(super) type Change = (u8, Operation<Vec<u8>, Vec<u8>>);
/// The last value of each key; `None` if it was removed.
type Values = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What became of a trie node.
#[derive(Debug, Default)]
struct Node {
    /// Its bytes, if a use was added.
    bytes: Option<Vec<u8>>,
    added: u64,
    released: u64,
}

/// The operations of some frames, as far as later ones did not undo them.
#[derive(Debug, Default)]
pub(super) struct Group {
    values: [Values; COUNT as usize],
    nodes: BTreeMap<H256, Node>,
    bytes: usize,
}

impl Group {
    /// Takes the operations of the next frame.
    pub(super) fn add(&mut self, ops: Vec<Op>) {
        for op in ops {
            match op {
                Op::Set { column, key, value } => self.set(column, key, Some(value)),
                Op::Remove { column, key } => self.set(column, key, None),
                Op::Use { hash, node, count } => {
                    self.bytes += hash.0.len() + node.len();
                    let entry = self.nodes.entry(hash).or_default();
                    entry.bytes = Some(node);
                    entry.added += u64::from(count);
                }
                Op::Release { hash, count } => {
                    self.bytes += hash.0.len();
                    self.nodes.entry(hash).or_default().released += u64::from(count);
                }
            }
        }
    }

    fn set(&mut self, column: u8, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        if let Some(values) = self.values.get_mut(usize::from(column)) {
            values.insert(key, value);
        }
    }

    /// How many bytes of keys and values came, those that were overwritten included.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What a key has here: nothing, a value, or that it was removed.
    ///
    /// A node that lost its last use is still found in the tables: its bytes are right, whoever asks.
    pub(super) fn get(&self, column: u8, key: &[u8]) -> Option<Option<&[u8]>> {
        if column != NODES {
            return Some(self.values.get(usize::from(column))?.get(key)?.as_deref());
        }
        let hash = <[u8; 32]>::try_from(key).ok()?;
        Some(Some(self.nodes.get(&H256(hash))?.bytes.as_deref()?))
    }

    /// Empties the group: what has to be done to the tables.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Change> + use<> {
        let Self { values, nodes, .. } = std::mem::take(self);
        let values = (0..COUNT).zip(values).flat_map(|(column, values)| {
            values.into_iter().map(move |(key, value)| match value {
                Some(value) => (column, Operation::Set(key, value)),
                None => (column, Operation::Dereference(key)),
            })
        });
        values.chain(nodes.into_iter().flat_map(|(hash, node)| changes(hash, node)))
    }
}

/// What the tables have to do about a node, whose uses they count.
fn changes(hash: H256, node: Node) -> impl Iterator<Item = Change> {
    let key = hash.0.to_vec();
    let more = node.added.saturating_sub(node.released);
    let fewer = node.released.saturating_sub(node.added);
    let first = node.bytes.filter(|_| more > 0).map(|bytes| Operation::Set(key.clone(), bytes));
    let (again, gone) = (key.clone(), key);
    let references = (1..more).map(move |_| Operation::Reference(again.clone()));
    let releases = (0..fewer).map(move |_| Operation::Dereference(gone.clone()));
    first.into_iter().chain(references).chain(releases).map(|operation| (NODES, operation))
}
