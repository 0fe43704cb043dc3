mod elections;
mod liars;
mod net;
mod orphans;
mod pruned;
mod relay;
mod serve;
mod sync;
mod warp;
mod wire;

use citrate_core::OpaqueExtrinsic;
use citrate_dag::testing::Random;
use citrate_dag_types::DagBlock;

use crate::testing::{MemoryChain, TestRules};
use crate::{
    Action, GossipId, InboundId, Input, PeerId, Request, RequestId, Response, SyncChain,
    SyncConfig, SyncCore, Verdict, Wire,
};

/// The time of tests that do not let it pass; long after every slot that they use.
const NOW: u64 = 1_000_000_000;

/// A machine, its chain, and what is needed to talk to it.
struct Rig {
    chain: MemoryChain,
    core: SyncCore,
    now: u64,
    next: u64,
}

impl Rig {
    fn new(config: SyncConfig) -> Self {
        let chain = MemoryChain::new(TestRules::small());
        Self { chain, core: SyncCore::new(config, 7), now: NOW, next: 0 }
    }

    fn handle(&mut self, input: Input) -> Vec<Action> {
        self.core.handle(&self.chain, self.now, input)
    }

    /// Connects a peer, which says that it stands where we stand.
    fn connect(&mut self, peer: u64) {
        let peer = PeerId(peer);
        let actions = self.handle(Input::Connected(peer));
        let status = self.chain.status();
        let answered = self.answer_status(&actions, status);
        assert!(answered.is_empty(), "{answered:?}");
    }

    fn answer_status(&mut self, actions: &[Action], status: crate::Status) -> Vec<Action> {
        let id = requests(actions).find(|(_, _, request)| **request == Request::Status);
        let (_, id, _) = id.expect("the status is asked for");
        self.respond(id, &Response::Status(status))
    }

    fn respond(&mut self, id: RequestId, response: &Response) -> Vec<Action> {
        self.handle(Input::Response { id, bytes: response.to_bytes() })
    }

    fn gossip(&mut self, peer: u64, block: &DagBlock) -> (GossipId, Vec<Action>) {
        self.next += 1;
        let id = GossipId(self.next);
        let bytes = block.to_bytes();
        (id, self.handle(Input::Gossip { peer: PeerId(peer), id, bytes }))
    }

    /// The verdict on a block that is judged at once.
    fn judged(&mut self, peer: u64, block: &DagBlock) -> Verdict {
        let (id, actions) = self.gossip(peer, block);
        verdict(&actions, id).expect("a verdict at once")
    }

    fn ask(&mut self, peer: u64, request: &Request) -> Vec<Action> {
        self.next += 1;
        let (id, bytes) = (InboundId(self.next), request.to_bytes());
        self.handle(Input::Request { peer: PeerId(peer), id, bytes })
    }

    /// Imports what is to be imported, and what that leads to.
    fn import_all(&mut self, actions: &[Action]) -> Vec<Action> {
        let mut all = Vec::new();
        for action in actions {
            if let Action::Import(block) = action {
                let hash = block.hash();
                let outcome = self.chain.import(block.clone());
                let more = self.handle(Input::Imported { hash, outcome });
                let deeper = self.import_all(&more);
                all.extend(more);
                all.extend(deeper);
            }
        }
        all
    }
}

fn requests(actions: &[Action]) -> impl Iterator<Item = (PeerId, RequestId, &Request)> {
    actions.iter().filter_map(|action| match action {
        Action::Request { peer, id, request } => Some((*peer, *id, request)),
        _ => None,
    })
}

fn verdict(actions: &[Action], of: GossipId) -> Option<Verdict> {
    actions.iter().find_map(|action| match action {
        Action::Judge { id, verdict } if *id == of => Some(*verdict),
        _ => None,
    })
}

fn penalties(actions: &[Action]) -> Vec<(u64, crate::Offence)> {
    let penalty = |action: &Action| match action {
        Action::Penalise { peer, offence } => Some((peer.0, *offence)),
        _ => None,
    };
    actions.iter().filter_map(penalty).collect()
}

fn imports(actions: &[Action]) -> Vec<citrate_core::H256> {
    let import = |action: &Action| match action {
        Action::Import(block) => Some(block.hash()),
        _ => None,
    };
    actions.iter().filter_map(import).collect()
}

fn payload(number: u64) -> Vec<OpaqueExtrinsic> {
    vec![OpaqueExtrinsic(number.to_le_bytes().to_vec())]
}

/// A chain of blocks, one on the other.
fn chain_of(count: u64) -> Vec<DagBlock> {
    let mut chain = MemoryChain::new(TestRules::small());
    let blocks = (1..=count).map(|slot| {
        let block = chain.build(0, slot, payload(slot)).expect("every author wins every slot");
        chain.import(block.clone());
        block
    });
    blocks.collect()
}

/// Blocks of several authors that did not always know of each other's, parents first.
fn random_dag(random: &mut Random, rules: TestRules, count: u64) -> Vec<DagBlock> {
    let mut views = vec![MemoryChain::new(rules); 3];
    let mut late: Vec<Vec<DagBlock>> = vec![Vec::new(); views.len()];
    let mut blocks: Vec<DagBlock> = Vec::new();
    let mut slot = 0;
    while u64::try_from(blocks.len()).unwrap() < count {
        slot += u64::from(!random.one_in(3));
        let view = random.below(views.len());
        if random.one_in(3) {
            for block in std::mem::take(&mut late[view]) {
                views[view].import(block);
            }
        }
        // Two authors of each view, so that nobody makes two blocks of a slot.
        let author = u32::try_from(view + views.len() * random.below(2)).unwrap();
        let text = payload(random.draw());
        let Some(block) = views[view].build(author, slot, text) else { continue };
        if blocks.iter().rev().take(20).any(|other| is_same_election(other, &block)) {
            continue;
        }
        views[view].import(block.clone());
        for (other, queue) in late.iter_mut().enumerate() {
            if other != view {
                queue.push(block.clone());
            }
        }
        blocks.push(block);
    }
    blocks
}

fn is_same_election(a: &DagBlock, b: &DagBlock) -> bool {
    let of = |block: &DagBlock| {
        let digest = citrate_dag_types::DagDigest::from_header(&block.header).unwrap();
        (digest.slot, digest.author)
    };
    of(a) == of(b)
}
