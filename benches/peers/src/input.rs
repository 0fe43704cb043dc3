//! The DAGs that both sides are given.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;

use anyhow::{Context, bail, ensure};
use flate2::read::GzDecoder;
use serde::Deserialize;

/// LIMIT: bytes of an unpacked file.
const FILE_BYTES_MAX: u64 = 1 << 28;

/// A DAG: each block's parents by position. Blocks come after their parents, and the first has none.
#[derive(Debug)]
pub(crate) struct Topology {
    parents: Vec<Box<[u32]>>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    parents: Vec<String>,
}

impl Topology {
    /// A file of Kaspa's reachability data.
    pub(crate) fn read(path: &str) -> anyhow::Result<Self> {
        let mut text = String::new();
        let file = File::open(path).with_context(|| format!("{path} cannot be opened"))?;
        GzDecoder::new(file).take(FILE_BYTES_MAX).read_to_string(&mut text)?;
        let listed: Vec<Listed> = serde_json::from_str(&text)?;
        let mut positions = HashMap::new();
        let mut parents = Vec::with_capacity(listed.len());
        for (position, block) in listed.iter().enumerate() {
            let find =
                |id: &String| positions.get(id.as_str()).copied().context("a parent comes later");
            parents.push(block.parents.iter().map(find).collect::<anyhow::Result<Box<[u32]>>>()?);
            positions.insert(block.id.as_str(), u32::try_from(position)?);
        }
        Self::checked(parents)
    }

    /// A seeded DAG: a block names all tips of what it has seen, which is everything but the last
    /// blocks, `width` less one on average. So there are about so many blocks side by side.
    pub(crate) fn synthetic(blocks: usize, width: usize, seed: u64) -> anyhow::Result<Self> {
        ensure!(width > 0, "a DAG has a width");
        let mut random = seed;
        let mut parents: Vec<Box<[u32]>> = vec![Box::default()];
        // Who named a block first; nobody yet is the greatest number.
        let mut first_child = vec![u32::MAX];
        for block in 1..blocks {
            let unseen = usize::try_from(next(&mut random) % (2 * width as u64 - 1))?;
            let seen = block.saturating_sub(unseen).max(1);
            // What nobody within sight named is not far back: everybody names all that he sees.
            let nearest = seen.saturating_sub(64 * width)..seen;
            let tips = nearest.filter(|at| first_child[*at] as usize >= seen);
            let named =
                tips.map(|at| Ok(u32::try_from(at)?)).collect::<anyhow::Result<Box<[u32]>>>()?;
            let own = u32::try_from(block)?;
            for parent in &named {
                let first = &mut first_child[*parent as usize];
                *first = own.min(*first);
            }
            parents.push(named);
            first_child.push(u32::MAX);
        }
        Self::checked(parents)
    }

    fn checked(parents: Vec<Box<[u32]>>) -> anyhow::Result<Self> {
        let Some((first, rest)) = parents.split_first() else { bail!("a DAG has a block") };
        ensure!(
            first.is_empty() && rest.iter().all(|parents| !parents.is_empty()),
            "one block has no parent"
        );
        Ok(Self { parents })
    }

    /// How many blocks there are.
    pub(crate) fn len(&self) -> usize {
        self.parents.len()
    }

    /// The hashes of all blocks but the first with those of their parents, in order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = ([u8; 32], Vec<[u8; 32]>)> + '_ {
        let rest = self.parents.iter().enumerate().skip(1);
        rest.map(|(at, parents)| {
            (hash(at), parents.iter().map(|parent| hash(*parent as usize)).collect())
        })
    }
}

/// The hash of the block in this position: spread like a real one.
pub(crate) fn hash(position: usize) -> [u8; 32] {
    let mut random = position as u64;
    let mut hash = [0; 32];
    for word in hash.chunks_exact_mut(8) {
        word.copy_from_slice(&next(&mut random).to_le_bytes());
    }
    hash
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
