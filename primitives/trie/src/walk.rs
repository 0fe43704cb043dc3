//! Copying a state node by node.

use alloc::vec::Vec;
use citrate_core::{H256, hashing::blake2_256};
use codec::{Decode, DecodeWithMemTracking, Encode};
use trie_db::{
    NodeCodec,
    node::{NodeHandlePlan, NodePlan, ValuePlan},
};

use crate::{Blake2Hasher, EMPTY_ROOT, node::BadNode, node::TrieNodeCodec};

/// Before the name of a child trie, in the key of its root.
const CHILD_PREFIX: &[u8] = b":child_storage:default:";
/// Nibbles of that.
const PREFIX_NIBBLES: usize = CHILD_PREFIX.len() * 2;

/// What stands behind a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum StepKind {
    /// A value.
    #[codec(index = 0)]
    Value,
    /// A node whose keys name no child trie.
    #[codec(index = 1)]
    Node,
    /// A node of the top trie whose keys may: so many nibbles agree with the prefix so far.
    #[codec(index = 2)]
    Top(u8),
}

/// A node, or a value that is stored apart, on the way through a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Step {
    /// Its hash.
    pub hash: H256,
    /// What it is.
    pub kind: StepKind,
}

impl Step {
    /// The root of a state, child tries included.
    pub fn root(root: H256) -> Self {
        Self { hash: root, kind: StepKind::Top(0) }
    }

    /// Checks that these are its bytes, and gives what it leads to, in the order of the keys.
    ///
    /// # Errors
    /// They are other bytes, or no node.
    pub fn open(&self, bytes: &[u8]) -> Result<Vec<Self>, BadNode> {
        if blake2_256(bytes) != self.hash.0 {
            return Err(BadNode);
        }
        let mut next = Vec::new();
        match self.kind {
            StepKind::Value => {}
            StepKind::Node => children(bytes, None, &mut next)?,
            StepKind::Top(matched) => children(bytes, Some(matched.into()), &mut next)?,
        }
        Ok(next)
    }
}

/// How much of the prefix a key agrees with when it goes on with a nibble.
fn matched(before: Option<usize>, nibble: u8) -> Option<usize> {
    let at = before?;
    let Some(byte) = CHILD_PREFIX.get(at / 2) else { return Some(at) };
    let expected = if at % 2 == 0 { byte >> 4 } else { byte & 0xf };
    (expected == nibble).then_some(at + 1)
}

fn kind(matched: Option<usize>) -> StepKind {
    let number = matched.and_then(|count| u8::try_from(count).ok());
    number.map_or(StepKind::Node, StepKind::Top)
}

/// What a node leads to. Nodes within it are shorter than 32 bytes, so that they nest a few times only.
fn children(bytes: &[u8], before: Option<usize>, out: &mut Vec<Step>) -> Result<(), BadNode> {
    let plan = TrieNodeCodec::<Blake2Hasher>::decode_plan(bytes)?;
    let (partial, value, handles) = match &plan {
        NodePlan::Empty => return Ok(()),
        NodePlan::Leaf { partial, value } => (partial, Some(value), None),
        NodePlan::NibbledBranch { partial, value, children } => {
            (partial, value.as_ref(), Some(children))
        }
        NodePlan::Extension { .. } | NodePlan::Branch { .. } => return Err(BadNode),
    };
    let path = partial.build(bytes);
    let here = (0..path.len()).fold(before, |before, index| matched(before, path.at(index)));
    match value {
        Some(ValuePlan::Node(range)) => {
            let hash = bytes.get(range.clone()).ok_or(BadNode)?;
            out.push(Step { hash: H256::from_slice(hash), kind: StepKind::Value });
        }
        Some(ValuePlan::Inline(range)) if here == Some(PREFIX_NIBBLES) && range.len() == 32 => {
            let root = H256::from_slice(bytes.get(range.clone()).ok_or(BadNode)?);
            if root != EMPTY_ROOT {
                out.push(Step { hash: root, kind: StepKind::Node });
            }
        }
        Some(ValuePlan::Inline(_)) | None => {}
    }
    for (nibble, handle) in (0u8..).zip(handles.into_iter().flatten()) {
        let below = matched(here, nibble);
        match handle {
            None => {}
            Some(NodeHandlePlan::Hash(range)) => {
                let hash = H256::from_slice(bytes.get(range.clone()).ok_or(BadNode)?);
                out.push(Step { hash, kind: kind(below) });
            }
            Some(NodeHandlePlan::Inline(range)) => {
                children(bytes.get(range.clone()).ok_or(BadNode)?, below, out)?;
            }
        }
    }
    Ok(())
}

/// A way through a state, node by node, each as often as it occurs: what is stored with the counts that a
/// [`NodeDelta`](crate::NodeDelta) has. It can be written down and gone on with, and proves each
/// node by the one that led to it, so that all of them belong to the root that it began with.
///
/// LIMIT: it holds the nodes that hang on the path to where it is, 16 for each level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Walk {
    /// The next one last.
    steps: Vec<Step>,
}

impl Walk {
    /// Through the state with this root.
    pub fn new(root: H256) -> Self {
        let steps = (root != EMPTY_ROOT).then(|| Step::root(root));
        Self { steps: steps.into_iter().collect() }
    }

    /// Takes the next step off; its children have to come [back](Self::push).
    pub fn pop(&mut self) -> Option<Step> {
        self.steps.pop()
    }

    /// Adds steps, the first of which is the next one then.
    pub fn push(&mut self, steps: impl DoubleEndedIterator<Item = Step>) {
        self.steps.extend(steps.rev());
    }

    /// The next steps.
    pub fn upcoming(&self) -> impl DoubleEndedIterator<Item = &Step> + ExactSizeIterator {
        self.steps.iter().rev()
    }

    /// Whether it is at its end.
    pub fn is_done(&self) -> bool {
        self.steps.is_empty()
    }
}
