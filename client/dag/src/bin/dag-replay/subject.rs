//! The DAG under test.

use anyhow::{Context, ensure};
use citrate_core::{H256, U256};
use citrate_dag::ghostdag::{BlockInfo, Claims, Dag, DagRules, NewBlock, Root};
use citrate_dag::reachability::BlockId;

use crate::Summary;

/// How often the whole index is validated, in blocks, and how often at most.
const VALIDATE_EVERY: usize = 100;
const VALIDATIONS_MAX: usize = 200;
/// LIMIT: ancestor answers that are compared with a search.
const ANSWERS_MAX: usize = 20_000_000;

/// A DAG that is built block by block and checked on the way.
pub(crate) struct Subject {
    pub(crate) dag: Dag,
    /// Parents by position, in the order of insertion.
    parents: Vec<Vec<usize>>,
    ids: Vec<BlockId>,
    validate_every: usize,
    summary: Summary,
}

impl Subject {
    /// Starts with the root; `expected` blocks will follow.
    pub(crate) fn new(root: Root, rules: DagRules, expected: usize) -> anyhow::Result<Self> {
        let hash = root.hash;
        let dag = Dag::new(root, rules);
        let id = dag.id(&hash).context("the root is not in its DAG")?;
        let validate_every = VALIDATE_EVERY.max(expected / VALIDATIONS_MAX);
        let (parents, ids) = (vec![Vec::new()], vec![id]);
        Ok(Self { dag, parents, ids, validate_every, summary: Summary::default() })
    }

    /// The rules of a file that sets no limit but `k`.
    pub(crate) fn unlimited(k: u16) -> DagRules {
        DagRules {
            k,
            parents_max: usize::MAX,
            mergeset_max: usize::MAX,
            merge_depth: u64::MAX,
            pruning_depth: u64::MAX,
            merge_slots_max: None,
        }
    }

    /// Inserts a block by Kaspa's rules, where the hash breaks ties.
    pub(crate) fn insert(
        &mut self,
        hash: H256,
        parents: &[H256],
        weight: U256,
        claims: Claims,
    ) -> anyhow::Result<BlockInfo> {
        let (tie_break, producer, parents) = (hash.0, None, parents.to_vec());
        self.dag.insert(&NewBlock { hash, parents, tie_break, weight, producer, claims })?;
        let info = self.dag.block(&hash).context("the block is not there after its insertion")?;
        let merged = info.blues.len() + info.reds.len();
        self.summary.mergeset_max = self.summary.mergeset_max.max(merged);
        self.summary.reds += info.reds.len();
        let mut positions = Vec::new();
        for parent in &info.parents {
            let id = self.dag.id(parent).context("a parent is gone")?;
            positions.push(self.ids.binary_search(&id).ok().context("a parent's id is unknown")?);
        }
        self.parents.push(positions);
        self.ids.push(self.dag.id(&hash).context("the block has no id")?);
        if self.ids.len().is_multiple_of(self.validate_every) {
            self.dag.reachability().validate()?;
        }
        Ok(info)
    }

    /// Checks the index as a whole, and answers about ancestors against a search through the parents.
    pub(crate) fn finish(mut self, blocks: usize) -> anyhow::Result<Summary> {
        self.dag.reachability().validate()?;
        let count = self.ids.len();
        let samples = (ANSWERS_MAX / count).clamp(1, count);
        let mut seen = vec![usize::MAX; count];
        for sample in 0..samples {
            let block = count - 1 - sample * count / samples;
            let mut queue = vec![block];
            seen[block] = block;
            while let Some(at) = queue.pop() {
                for parent in &self.parents[at] {
                    if seen[*parent] != block {
                        seen[*parent] = block;
                        queue.push(*parent);
                    }
                }
            }
            for (other, seen) in seen.iter().enumerate() {
                let got = self.dag.reachability().is_ancestor(self.ids[other], self.ids[block]);
                ensure!(
                    got == (*seen == block),
                    "the index says {got} to whether block {other} is in the past of {block}"
                );
            }
            self.summary.answers += count as u64;
        }
        Ok(Summary { blocks, ..self.summary })
    }
}
