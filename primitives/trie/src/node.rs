//! The encoding of a trie node.
//!
//! | first bits | node |
//! | --- | --- |
//! | `01` | leaf |
//! | `10` | branch without a value |
//! | `11` | branch with a value |
//! | `001` | leaf whose value is given by its hash |
//! | `0001` | branch whose value is given by its hash |
//! | `00000000` | empty trie |
//!
//! The remaining bits of the first byte, and as many bytes after it as needed, count the nibbles of
//! the partial key. The partial key follows (an odd first nibble in a byte of its own), for a
//! branch a 16-bit bitmap of its children, the value, and the children.

use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use core::{borrow::Borrow, fmt, marker::PhantomData, ops::Range};
use hash_db::Hasher;
use trie_db::{
    ChildReference, NodeCodec,
    node::{NibbleSlicePlan, NodeHandlePlan, NodePlan, Value, ValuePlan},
};

const HASH_BYTES: usize = 32;
const CHILDREN: usize = 16;
const BITMAP_BYTES: usize = 2;
/// LIMIT: nibbles in one partial key.
const NIBBLES_MAX: usize = u16::MAX as usize;
const EMPTY: u8 = 0;
/// Marks, in a compact proof, a node whose value has been taken out.
const ESCAPE: u8 = 1;

/// Bytes that are not the encoding of a trie node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BadNode;

impl fmt::Display for BadNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes are not a trie node")
    }
}

impl core::error::Error for BadNode {}

/// Kinds of nodes, each with the prefix bits of its header and their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Leaf,
    Branch,
    BranchWithValue,
    LeafWithHash,
    BranchWithHash,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::Leaf, Self::Branch, Self::BranchWithValue, Self::LeafWithHash, Self::BranchWithHash];

    fn prefix(self) -> (u8, u32) {
        match self {
            Self::Leaf => (0b0100_0000, 2),
            Self::Branch => (0b1000_0000, 2),
            Self::BranchWithValue => (0b1100_0000, 2),
            Self::LeafWithHash => (0b0010_0000, 3),
            Self::BranchWithHash => (0b0001_0000, 4),
        }
    }

    /// The largest number that the first byte can hold: it announces further bytes.
    fn full(self) -> u8 {
        u8::MAX >> self.prefix().1
    }

    fn of(first: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| first & !kind.full() == kind.prefix().0)
    }

    fn encode_header(self, nibbles: usize, out: &mut Vec<u8>) {
        let full = self.full();
        match u8::try_from(nibbles) {
            Ok(short) if short < full => out.push(self.prefix().0 | short),
            _ => {
                out.push(self.prefix().0 | full);
                let mut rest = nibbles - usize::from(full);
                // 255 announces another byte, so it cannot be the last one.
                while rest >= usize::from(u8::MAX) {
                    out.push(u8::MAX);
                    rest -= usize::from(u8::MAX);
                }
                out.push(rest.to_le_bytes()[0]);
            }
        }
    }
}

/// A reader over a node's bytes that remembers where it is.
struct Cursor<'a> {
    data: &'a [u8],
    offset: usize,
}

impl Cursor<'_> {
    fn take(&mut self, count: usize) -> Result<Range<usize>, BadNode> {
        let end = self.offset.checked_add(count).filter(|end| *end <= self.data.len());
        let range = self.offset..end.ok_or(BadNode)?;
        self.offset = range.end;
        Ok(range)
    }

    fn byte(&mut self) -> Result<u8, BadNode> {
        let at = self.take(1)?.start;
        Ok(self.data[at])
    }

    fn length(&mut self) -> Result<usize, BadNode> {
        let mut rest = &self.data[self.offset..];
        let before = rest.len();
        let Ok(Compact(length)) = Compact::<u32>::decode(&mut rest) else { return Err(BadNode) };
        self.offset += before - rest.len();
        usize::try_from(length).ok().ok_or(BadNode)
    }

    fn nibble_count(&mut self, kind: Kind, first: u8) -> Result<usize, BadNode> {
        let full = kind.full();
        let mut count = usize::from(first & full);
        if first & full < full {
            return Ok(count);
        }
        loop {
            let byte = self.byte()?;
            count += usize::from(byte);
            if count > NIBBLES_MAX {
                return Err(BadNode);
            }
            if byte < u8::MAX {
                return Ok(count);
            }
        }
    }

    fn partial(&mut self, nibbles: usize) -> Result<NibbleSlicePlan, BadNode> {
        let odd = nibbles % 2;
        let range = self.take(nibbles.div_ceil(2))?;
        if odd == 1 && self.data[range.start] & 0xf0 != 0 {
            return Err(BadNode);
        }
        Ok(NibbleSlicePlan::new(range, odd))
    }

    fn inline_value(&mut self) -> Result<ValuePlan, BadNode> {
        let length = self.length()?;
        Ok(ValuePlan::Inline(self.take(length)?))
    }

    fn hashed_value(&mut self) -> Result<ValuePlan, BadNode> {
        Ok(ValuePlan::Node(self.take(HASH_BYTES)?))
    }

    fn bitmap(&mut self) -> Result<u16, BadNode> {
        let range = self.take(BITMAP_BYTES)?;
        let bitmap = u16::from_le_bytes([self.data[range.start], self.data[range.start + 1]]);
        if bitmap == 0 { Err(BadNode) } else { Ok(bitmap) }
    }

    fn children(&mut self, bitmap: u16) -> Result<[Option<NodeHandlePlan>; CHILDREN], BadNode> {
        let mut children = [const { None }; CHILDREN];
        for (index, child) in children.iter_mut().enumerate() {
            if bitmap & (1 << index) == 0 {
                continue;
            }
            let length = self.length()?;
            if length > HASH_BYTES {
                return Err(BadNode);
            }
            let range = self.take(length)?;
            *child = Some(if length == HASH_BYTES {
                NodeHandlePlan::Hash(range)
            } else {
                NodeHandlePlan::Inline(range)
            });
        }
        Ok(children)
    }
}

/// Encodes and decodes nodes in Substrate's format, over any 32-byte hash.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrieNodeCodec<H>(PhantomData<H>);

impl<H> NodeCodec for TrieNodeCodec<H>
where
    H: Hasher,
    H::Out: From<[u8; 32]>,
{
    const ESCAPE_HEADER: Option<u8> = Some(ESCAPE);
    type Error = BadNode;
    type HashOut = H::Out;

    fn hashed_null_node() -> H::Out {
        H::hash(Self::empty_node())
    }

    fn decode_plan(data: &[u8]) -> Result<NodePlan, BadNode> {
        let mut cursor = Cursor { data, offset: 0 };
        let first = cursor.byte()?;
        if first == EMPTY {
            return if data.len() == 1 { Ok(NodePlan::Empty) } else { Err(BadNode) };
        }
        let kind = Kind::of(first).ok_or(BadNode)?;
        let nibbles = cursor.nibble_count(kind, first)?;
        let partial = cursor.partial(nibbles)?;
        Ok(match kind {
            Kind::Leaf => NodePlan::Leaf { partial, value: cursor.inline_value()? },
            Kind::LeafWithHash => NodePlan::Leaf { partial, value: cursor.hashed_value()? },
            Kind::Branch | Kind::BranchWithValue | Kind::BranchWithHash => {
                let bitmap = cursor.bitmap()?;
                let value = match kind {
                    Kind::BranchWithValue => Some(cursor.inline_value()?),
                    Kind::BranchWithHash => Some(cursor.hashed_value()?),
                    Kind::Branch | Kind::Leaf | Kind::LeafWithHash => None,
                };
                NodePlan::NibbledBranch { partial, value, children: cursor.children(bitmap)? }
            }
        })
    }

    fn is_empty_node(data: &[u8]) -> bool {
        data == Self::empty_node()
    }

    fn empty_node() -> &'static [u8] {
        &[EMPTY]
    }

    fn leaf_node(partial: impl Iterator<Item = u8>, nibbles: usize, value: Value<'_>) -> Vec<u8> {
        let kind = if matches!(value, Value::Node(_)) { Kind::LeafWithHash } else { Kind::Leaf };
        let mut out = Vec::new();
        kind.encode_header(nibbles, &mut out);
        out.extend(partial);
        encode_value(&value, &mut out);
        out
    }

    fn extension_node(
        _partial: impl Iterator<Item = u8>,
        _nibbles: usize,
        _child: ChildReference<H::Out>,
    ) -> Vec<u8> {
        unreachable!("the layouts have no extension nodes")
    }

    fn branch_node(
        _children: impl Iterator<Item = impl Borrow<Option<ChildReference<H::Out>>>>,
        _value: Option<Value<'_>>,
    ) -> Vec<u8> {
        unreachable!("the layouts have branches with partial keys only")
    }

    fn branch_node_nibbled(
        partial: impl Iterator<Item = u8>,
        nibbles: usize,
        children: impl Iterator<Item = impl Borrow<Option<ChildReference<H::Out>>>>,
        value: Option<Value<'_>>,
    ) -> Vec<u8> {
        let kind = match value {
            None => Kind::Branch,
            Some(Value::Inline(_)) => Kind::BranchWithValue,
            Some(Value::Node(_)) => Kind::BranchWithHash,
        };
        let mut out = Vec::new();
        kind.encode_header(nibbles, &mut out);
        out.extend(partial);
        let bitmap_at = out.len();
        out.extend([0; BITMAP_BYTES]);
        if let Some(value) = &value {
            encode_value(value, &mut out);
        }
        let mut bitmap = 0u16;
        for (index, child) in children.enumerate() {
            match child.borrow() {
                Some(ChildReference::Hash(hash)) => hash.as_ref().encode_to(&mut out),
                Some(ChildReference::Inline(bytes, length)) => {
                    bytes.as_ref()[..*length].encode_to(&mut out);
                }
                None => continue,
            }
            bitmap |= 1 << index;
        }
        out[bitmap_at..bitmap_at + BITMAP_BYTES].copy_from_slice(&bitmap.to_le_bytes());
        out
    }
}

fn encode_value(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Inline(bytes) => bytes.encode_to(out),
        Value::Node(hash) => out.extend_from_slice(hash),
    }
}
