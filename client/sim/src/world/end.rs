//! The end of a run.

use std::collections::BTreeSet;

use citrate_finality::FinalityConfig;

use super::World;
use crate::check::{self, Violation};
use crate::node::Node;
use crate::report::Report;
use crate::transactions::Transaction;
use citrate_dag::testing::Random;

/// LIMIT: nodes whose DAG is built anew in another order.
const CHECKED_MAX: usize = 8;

impl World {
    fn honest(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|node| self.scenario.is_honest(*node))
    }

    /// Whether the honest nodes have the same selected tip, and every block that one of them made or selected.
    pub(super) fn is_agreed(&self) -> bool {
        self.disagreement().is_none()
    }

    fn disagreement(&self) -> Option<String> {
        let nodes = self.honest().filter_map(|i| Some((i, self.nodes.get(i)?)));
        let chains: Vec<_> = nodes.map(|(i, node)| (i, node.chain.read())).collect();
        let (_, first) = chains.first()?;
        for (node, chain) in &chains {
            if chain.dag().sink() != first.dag().sink() {
                let (a, b) = (first.dag().sink(), chain.dag().sink());
                return Some(format!("node {node} has tip {b:?}, not {a:?}"));
            }
        }
        let sink = first.dag().sink();
        let number = first.block(&sink).map_or(0, |block| block.header.number);
        let expected = number.saturating_sub(FinalityConfig::default().blocks_behind);
        let is_behind = |node: &&Node| node.finalised < expected;
        if let Some(node) = self.honest().filter_map(|i| self.nodes.get(i)).find(is_behind) {
            return Some(format!("block {} is final, not {expected}", node.finalised));
        }
        for (node, chain) in &chains {
            if !chain.blocks().keys().eq(first.blocks().keys()) {
                return Some(format!("node {node} has other blocks than the first one"));
            }
        }
        None
    }

    /// Judges the run.
    pub(super) fn finish(mut self) -> Result<Report, Violation> {
        if let Some(violation) = self.violation {
            return Err(violation);
        }
        if let Some(how) = self.disagreement() {
            return Err(Violation::NoAgreement(how));
        }
        let mut random = Random(self.scenario.seed);
        // They have the same blocks: in a large network not everybody needs to be asked.
        for node in self.honest().take(CHECKED_MAX).collect::<Vec<_>>() {
            let Some(state) = self.nodes.get(node) else { continue };
            check::same_in_other_order(&state.chain.read(), &self.ledger, &mut random)?;
            check::work_is_won(&state.chain.read())?;
        }
        for node in self.nodes.iter().filter_map(|node| node.secret.as_ref()) {
            check::work_is_won(node)?;
        }
        self.measure();
        Ok(self.report)
    }

    fn measure(&mut self) {
        let Some(chain) =
            self.honest().next().and_then(|i| self.nodes.get(i)).map(|n| n.chain.read())
        else {
            return;
        };
        let dag = chain.dag();
        let (sink, report) = (dag.sink(), &mut self.report);
        report.sink = sink;
        report.blocks = chain.blocks().len();
        report.number = dag.block(&sink).map_or(0, |info| info.number);
        let chain_blocks = (0..=report.number).filter_map(|number| dag.chain_block(number));
        let reds = chain_blocks.filter_map(|hash| dag.block(&hash)).map(|info| info.reds.len());
        report.reds = reds.sum();
        let all = || chain.blocks().values().flat_map(|block| &block.payload);
        let numbers: Vec<u64> = all().filter_map(Transaction::of).map(|tx| tx.number).collect();
        let different: BTreeSet<&u64> = numbers.iter().collect();
        report.transactions = (numbers.len(), different.len());
        report.sent_bytes.clone_from(&self.network.sent_bytes);
    }
}
