//! Files with the exact outcome of GHOSTDAG for each block.

use anyhow::{Context, ensure};
use citrate_core::{H256, U256};
use citrate_dag::ghostdag::{Claims, K_MAX, Root};
use serde::Deserialize;

use crate::Summary;
use crate::subject::Subject;

#[derive(Deserialize)]
struct DagFile {
    #[serde(rename = "K")]
    k: u16,
    #[serde(rename = "GenesisID")]
    genesis: String,
    #[serde(rename = "Blocks")]
    blocks: Vec<Block>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Block {
    #[serde(rename = "ID")]
    id: String,
    expected_score: u64,
    expected_selected_parent: String,
    expected_reds: Vec<String>,
    expected_blues: Vec<String>,
    parents: Vec<String>,
}

pub(crate) fn check(text: &str) -> anyhow::Result<Summary> {
    let file: DagFile = serde_json::from_str(text)?;
    ensure!(file.k <= K_MAX, "K is {}; the limit is {K_MAX}", file.k);
    let genesis = Root::genesis(hash(&file.genesis)?, U256::one());
    let mut subject = Subject::new(genesis, Subject::unlimited(file.k), file.blocks.len())?;
    for block in &file.blocks {
        check_block(&mut subject, block).with_context(|| format!("block {}", block.id))?;
    }
    subject.finish(file.blocks.len())
}

fn check_block(subject: &mut Subject, block: &Block) -> anyhow::Result<()> {
    let parents = hashes(&block.parents)?;
    let got = subject.insert(hash(&block.id)?, &parents, U256::one(), Claims::default())?;
    let selected: Vec<H256> = got.selected_parent.into_iter().collect();
    equal("selected parent", &selected, std::slice::from_ref(&block.expected_selected_parent))?;
    equal("blues", &got.blues, &block.expected_blues)?;
    equal("reds", &got.reds, &block.expected_reds)?;
    let (score, expected) = (got.blue_score, block.expected_score);
    ensure!(score == expected, "the blue score is {score}; the file says {expected}");
    Ok(())
}

fn equal(what: &str, got: &[H256], expected: &[String]) -> anyhow::Result<()> {
    let names = got.iter().map(name).collect::<Vec<_>>().join(", ");
    let says = expected.join(", ");
    ensure!(got == hashes(expected)?, "the {what}: {names}; the file says: {says}");
    Ok(())
}

/// A hash that is an ID's characters and then zeros.
fn hash(id: &str) -> anyhow::Result<H256> {
    ensure!(!id.is_empty() && id.len() <= 32, "an ID has 1 to 32 characters: {id:?}");
    let mut hash = H256::zero();
    hash.0[..id.len()].copy_from_slice(id.as_bytes());
    Ok(hash)
}

fn hashes(ids: &[String]) -> anyhow::Result<Vec<H256>> {
    ids.iter().map(|id| hash(id)).collect()
}

fn name(hash: &H256) -> String {
    String::from_utf8_lossy(hash.as_bytes()).trim_end_matches('\0').to_owned()
}
