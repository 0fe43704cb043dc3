//! The state, node by node.

use citrate_core::H256;
use citrate_trie::Step;

use crate::io::{Offence, PeerId};
use crate::warp::io::{Batch, WarpChain};
use crate::warp::machine::WarpCore;
use crate::wire::{Depth, Request, STEPS_MAX};

/// LIMIT: nodes that are read from the disk at a time.
const LOCAL_MAX: usize = 1_024;

impl WarpCore {
    /// Takes nodes that are here already, of another state, until there are enough to be asked for.
    pub(super) fn take_local(&mut self, chain: &mut dyn WarpChain) -> Result<(), String> {
        let mut missing: Vec<Step> = Vec::new();
        let mut nodes = Vec::new();
        let mut looked = 0;
        while missing.len() < STEPS_MAX && looked < LOCAL_MAX {
            let Some(step) = self.progress.walk.pop() else { break };
            looked += 1;
            let node = chain.node(&step.hash);
            let opened = node.and_then(|node| Some((step.open(&node).ok()?, node)));
            match opened {
                Some((children, node)) => {
                    self.progress.walk.push(children.into_iter());
                    nodes.push((step.hash, node));
                }
                None => missing.push(step),
            }
        }
        self.progress.walk.push(missing.into_iter());
        // Whether the limit was reached, or the walk is over.
        self.has_more = looked >= LOCAL_MAX || self.progress.walk.is_done();
        if nodes.is_empty() {
            return Ok(());
        }
        self.count(&nodes);
        chain.write(Batch { nodes, records: vec![self.progress.record()], ..Batch::default() })
    }

    fn count(&mut self, nodes: &[(H256, Vec<u8>)]) {
        self.progress.nodes += nodes.len() as u64;
        self.progress.bytes += nodes.iter().map(|(_, node)| node.len() as u64).sum::<u64>();
    }

    /// What to ask for: the next steps of the walk.
    pub(super) fn state_question(&self, block: H256) -> Option<Request> {
        let steps: Vec<Step> = self.progress.walk.upcoming().take(STEPS_MAX).copied().collect();
        // Below a node that changed are many that did not.
        let is_new = self.progress.retired.is_empty();
        let depth = if is_new { Depth::Below } else { Depth::Named };
        (!steps.is_empty()).then_some(Request::State { block, steps, depth })
    }

    /// A chunk of the state: each node has to be the next one.
    pub(super) fn chunk(
        &mut self,
        chain: &mut dyn WarpChain,
        peer: PeerId,
        steps: &[Step],
        depth: Depth,
        chunk: Vec<Vec<u8>>,
    ) -> Result<(), String> {
        let mut walk = self.progress.walk.clone();
        let mut nodes = Vec::new();
        let mut later: Vec<Step> = Vec::new();
        // What was asked for, which nobody has taken off meanwhile.
        let mut named = steps.iter();
        for node in chunk {
            let step = match depth {
                Depth::Below => walk.pop(),
                Depth::Named => named.next().and_then(|_| walk.pop()),
            };
            let Some((step, children)) = step.and_then(|step| Some((step, step.open(&node).ok()?)))
            else {
                self.penalise(peer, Offence::InvalidState);
                return Ok(());
            };
            match depth {
                Depth::Below => walk.push(children.into_iter()),
                Depth::Named => later.extend(children),
            }
            nodes.push((step.hash, node));
        }
        walk.push(later.into_iter());
        self.progress.walk = walk;
        self.progress.downloaded += nodes.len() as u64;
        self.count(&nodes);
        chain.write(Batch { nodes, records: vec![self.progress.record()], ..Batch::default() })
    }

    /// Counts the nodes of a state off that was given up: on the same way, as far as the download had come.
    pub(super) fn release_retired(&mut self, chain: &mut dyn WarpChain) -> Result<(), String> {
        let Some(mut retired) = self.progress.retired.pop() else { return Ok(()) };
        let mut released = Vec::new();
        while released.len() < LOCAL_MAX {
            let Some(step) = retired.walk.pop() else { break };
            // As often as a step was not taken it is not taken here.
            if let Ok(index) = retired.pending.binary_search(&step.hash) {
                retired.pending.remove(index);
                continue;
            }
            let missing = || format!("node {:?} of a state that was begun is gone", step.hash);
            let node = chain.node(&step.hash).ok_or_else(missing)?;
            let children = step.open(&node).map_err(|_bad| missing())?;
            retired.walk.push(children.into_iter());
            released.push(step.hash);
        }
        if !retired.walk.is_done() {
            self.progress.retired.push(retired);
        }
        self.has_more = true;
        chain.write(Batch { released, records: vec![self.progress.record()], ..Batch::default() })
    }
}
