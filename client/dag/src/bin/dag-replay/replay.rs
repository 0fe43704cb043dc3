//! Files with the headers of a real chain, and the parameters that it ran with.

use std::collections::HashMap;

use anyhow::{Context, bail, ensure};
use citrate_core::{H256, U256};
use citrate_dag::ghostdag::{BlockInfo, Claims, DagRules, K_MAX, Root};
use serde::Deserialize;

use crate::Summary;
use crate::subject::Subject;

#[derive(Deserialize)]
struct Parameters {
    difficulty_window_size: u64,
    blockrate: BlockRate,
}

#[derive(Deserialize)]
struct BlockRate {
    ghostdag_k: u16,
    difficulty_sample_rate: u64,
    max_block_parents: usize,
    mergeset_size_limit: usize,
    merge_depth: u64,
    pruning_depth: u64,
}

#[derive(Deserialize)]
struct Line {
    header: Header,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    hash: H256Hex,
    parents_by_level: Vec<Vec<H256Hex>>,
    bits: u32,
    daa_score: u64,
    blue_work: String,
    blue_score: u64,
}

/// A hash as 64 hexadecimal digits, without a prefix.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct H256Hex(H256);

impl TryFrom<String> for H256Hex {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash = text.parse().ok().filter(|_| is_hex).map(Self);
        hash.ok_or_else(|| format!("no hash of 64 hexadecimal digits: {text:?}"))
    }
}

/// What DAA scores are made of.
struct Difficulty {
    /// Blocks of a lower blue score, relative to the merging block, do not count.
    window: u64,
    genesis: H256,
    /// DAA scores so far.
    scores: HashMap<H256, u64>,
}

pub(crate) fn check(text: &str) -> anyhow::Result<Summary> {
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let (first, _) = lines.next().context("it is empty")?;
    let parameters: Parameters = serde_json::from_str(first).context("line 1")?;
    let rate = parameters.blockrate;
    ensure!(rate.ghostdag_k <= K_MAX, "k is {}; the limit is {K_MAX}", rate.ghostdag_k);
    let rules = DagRules {
        k: rate.ghostdag_k,
        parents_max: rate.max_block_parents,
        mergeset_max: rate.mergeset_size_limit,
        merge_depth: rate.merge_depth,
        pruning_depth: rate.pruning_depth,
        merge_slots_max: None,
    };
    let (line, _) = lines.next().context("it has no genesis block")?;
    let genesis = parse(line).context("line 2")?;
    ensure!(genesis.parents_by_level.is_empty(), "the first block has parents");
    let is_zero = genesis.blue_score == 0 && genesis.daa_score == 0;
    ensure!(is_zero && work(&genesis)?.is_zero(), "the first block's scores are not 0");
    let (hash, weight) = (genesis.hash.0, weight(genesis.bits)?);
    let blocks = text.lines().count();
    let mut subject = Subject::new(Root::genesis(hash, weight), rules, blocks)?;
    let window = parameters.difficulty_window_size.checked_mul(rate.difficulty_sample_rate);
    let window = window.context("the difficulty window is too large")?;
    let scores = HashMap::from([(hash, 0)]);
    let mut difficulty = Difficulty { window, genesis: hash, scores };
    // Genesis is not counted, as in the names of Kaspa's files.
    let mut count = 0;
    for (line, number) in lines {
        let header = parse(line).with_context(|| format!("line {number}"))?;
        check_block(&mut subject, &mut difficulty, &header)
            .with_context(|| format!("line {number}, block {:x}", header.hash.0))?;
        count += 1;
    }
    subject.finish(count)
}

fn parse(line: &str) -> anyhow::Result<Header> {
    let line: Line = serde_json::from_str(line)?;
    Ok(line.header)
}

fn check_block(
    subject: &mut Subject,
    difficulty: &mut Difficulty,
    header: &Header,
) -> anyhow::Result<()> {
    let parents = header.parents_by_level.first().context("it has no parents")?;
    let parents: Vec<H256> = parents.iter().map(|parent| parent.0).collect();
    let claims = Claims {
        // The first parent is the selected one.
        selected_parent: parents.first().copied(),
        blue_score: Some(header.blue_score),
        blue_work: Some(work(header)?),
    };
    let got = subject.insert(header.hash.0, &parents, weight(header.bits)?, claims)?;
    let (expected, score) = (header.daa_score, difficulty.score(subject, &got)?);
    ensure!(score == expected, "the DAA score is {score}; the header says {expected}");
    difficulty.scores.insert(header.hash.0, score);
    Ok(())
}

impl Difficulty {
    /// The DAA score: what the block merges counts, unless it is older than the difficulty window.
    fn score(&self, subject: &Subject, block: &BlockInfo) -> anyhow::Result<u64> {
        let selected = block.selected_parent.context("it has no selected parent")?;
        let mut score = *self.scores.get(&selected).context("the selected parent has no score")?;
        let lowest = block.blue_score.saturating_sub(self.window);
        for merged in block.blues.iter().chain(&block.reds) {
            let merged_score = subject.dag.block(merged).context("a block is gone")?.blue_score;
            score += u64::from(*merged != self.genesis && merged_score >= lowest);
        }
        Ok(score)
    }
}

fn work(header: &Header) -> anyhow::Result<U256> {
    let text = &header.blue_work;
    ensure!(!text.is_empty() && text.len() <= 64, "blueWork has 1 to 64 digits: {text:?}");
    U256::from_str_radix(text, 16).ok().with_context(|| format!("blueWork is no number: {text:?}"))
}

/// The work that a target in compact form proves: 2^256 / (target + 1).
fn weight(bits: u32) -> anyhow::Result<U256> {
    let (exponent, mantissa) = (bits >> 24, bits & 0x00ff_ffff);
    if mantissa & 0x0080_0000 != 0 {
        bail!("the target of bits {bits:#x} is negative");
    }
    let mantissa = U256::from(mantissa);
    let target = match exponent.checked_sub(3) {
        None => mantissa >> (8 * (3 - exponent)),
        Some(bytes) => {
            let shift = 8 * bytes;
            ensure!(
                mantissa.is_zero() || shift as usize + mantissa.bits() <= 256,
                "the target of bits {bits:#x} has more than 256 bits"
            );
            if mantissa.is_zero() { mantissa } else { mantissa << shift }
        }
    };
    ensure!(!target.is_zero() && target != U256::MAX, "the target of bits {bits:#x} is no target");
    Ok(!target / (target + U256::one()) + U256::one())
}
