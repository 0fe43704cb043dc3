//! The format once more, written from its description, for `trie-root`'s reference builder.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]

use citrate_core::hashing::blake2_256;
use codec::{Compact, Encode};
use trie_root::{Hasher, TrieStream, Value};

#[derive(Default)]
pub(super) struct ReferenceStream(Vec<u8>);

impl ReferenceStream {
    fn header(&mut self, prefix: u8, prefix_bits: u32, nibbles: &[u8]) {
        let max = 0xffusize >> prefix_bits;
        if nibbles.len() < max {
            self.0.push(prefix + nibbles.len() as u8);
        } else {
            self.0.push(prefix + max as u8);
            let rest = nibbles.len() - max;
            self.0.extend(std::iter::repeat_n(255, rest / 255));
            self.0.push((rest % 255) as u8);
        }
        let (odd, pairs) = nibbles.split_at(nibbles.len() % 2);
        self.0.extend(odd);
        self.0.extend(pairs.chunks(2).map(|pair| pair[0] << 4 | pair[1]));
    }
}

impl TrieStream for ReferenceStream {
    fn new() -> Self {
        Self::default()
    }

    fn append_empty_data(&mut self) {
        self.0.push(0);
    }

    fn begin_branch(
        &mut self,
        key: Option<&[u8]>,
        value: Option<Value<'_>>,
        children: impl Iterator<Item = bool>,
    ) {
        let (prefix, bits) = match value {
            None => (0x80, 2),
            Some(Value::Inline(_)) => (0xc0, 2),
            Some(Value::Node(_)) => (0x10, 4),
        };
        self.header(prefix, bits, key.expect("branches have partial keys"));
        let bitmap = children.enumerate().fold(0u16, |map, (i, has)| map | u16::from(has) << i);
        self.0.extend(bitmap.to_le_bytes());
        match value {
            None => {}
            Some(Value::Inline(value)) => value.encode_to(&mut self.0),
            Some(Value::Node(hash)) => self.0.extend(hash),
        }
    }

    fn append_leaf(&mut self, key: &[u8], value: Value<'_>) {
        match value {
            Value::Inline(value) => {
                self.header(0x40, 2, key);
                value.encode_to(&mut self.0);
            }
            Value::Node(hash) => {
                self.header(0x20, 3, key);
                self.0.extend(hash);
            }
        }
    }

    fn append_extension(&mut self, _key: &[u8]) {
        unreachable!("no extension nodes");
    }

    fn append_substream<H: Hasher>(&mut self, other: Self) {
        let node = other.out();
        if node.len() < 32 {
            node.encode_to(&mut self.0);
        } else {
            Compact(32u32).encode_to(&mut self.0);
            self.0.extend(blake2_256(&node));
        }
    }

    fn out(self) -> Vec<u8> {
        self.0
    }
}
