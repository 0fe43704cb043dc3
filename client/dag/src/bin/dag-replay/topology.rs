//! Files that list blocks and parents only.

use anyhow::{Context, bail, ensure};
use citrate_core::{H256, U256};
use citrate_dag::ghostdag::{Claims, Root};
use serde::Deserialize;

use crate::Summary;
use crate::subject::Subject;

/// The `k` of the simulation that Kaspa's files come from; they name it in their file names only.
const K: u16 = 18;

#[derive(Deserialize)]
struct Block {
    id: String,
    parents: Vec<String>,
}

pub(crate) fn check(text: &str) -> anyhow::Result<Summary> {
    let blocks: Vec<Block> = serde_json::from_str(text)?;
    let (root, rest) = blocks.split_first().context("it lists no block")?;
    ensure!(root.parents.is_empty(), "the first block has parents");
    let genesis = Root::genesis(hash(&root.id)?, U256::one());
    let mut subject = Subject::new(genesis, Subject::unlimited(K), blocks.len())?;
    for block in rest {
        insert(&mut subject, block).with_context(|| format!("block {}", block.id))?;
    }
    subject.finish(blocks.len())
}

fn insert(subject: &mut Subject, block: &Block) -> anyhow::Result<()> {
    let parents = block.parents.iter().map(|id| hash(id)).collect::<anyhow::Result<Vec<H256>>>()?;
    subject.insert(hash(&block.id)?, &parents, U256::one(), Claims::default())?;
    Ok(())
}

/// The number after the ID, since nothing has the hash zero.
fn hash(id: &str) -> anyhow::Result<H256> {
    match id.parse::<u64>().ok().and_then(|id| id.checked_add(1)) {
        Some(number) => Ok(H256::from_low_u64_le(number)),
        None => bail!("an id is a whole number: {id:?}"),
    }
}
