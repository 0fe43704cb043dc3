//! What must hold after a run.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::{BlockNumber, H256, U256};
use citrate_dag::ghostdag::{BlockInfo, Status};
use citrate_dag_types::{AuthorityIndex, DagBlock, DagDigest, Slot};
use citrate_sync::testing::MemoryChain;
use citrate_sync::{ImportOutcome, Offence};

use citrate_dag::testing::Random;

use crate::transactions::Ledger;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// The honest nodes did not come to agree.
    NoAgreement(String),
    /// The same blocks gave another DAG when they came in another order.
    OtherOrder(H256),
    /// The same block was found right by one node and wrong by another, or did something else.
    OtherState(H256),
    /// A block claims more blue work than slots were won in its past.
    TooMuchWork(H256),
    /// Two honest nodes have different final blocks of this height.
    TwoFinal {
        /// The height.
        number: BlockNumber,
        /// The second of them.
        by: usize,
    },
    /// A transaction was accepted twice.
    AcceptedTwice(H256),
    /// A node took a transaction that is neither accepted in the end nor said to be lost.
    Unaccounted {
        /// Which.
        hash: H256,
        /// What the node said last.
        said: String,
    },
    /// An honest node banned an honest one.
    HonestBanned {
        /// Who.
        by: usize,
        /// Whom.
        whom: usize,
        /// For what.
        offence: Offence,
    },
    /// A gossip message was judged twice, a request answered twice, or the like.
    Protocol(String),
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoAgreement(how) => write!(f, "the honest nodes do not agree: {how}"),
            Self::OtherOrder(hash) => write!(f, "another order gives another DAG at {hash:?}"),
            Self::OtherState(hash) => write!(f, "another order gives another state at {hash:?}"),
            Self::TooMuchWork(hash) => write!(f, "{hash:?} has more blue work than slots won"),
            Self::TwoFinal { number, by } => {
                write!(f, "node {by} has another final block {number} than others")
            }
            Self::AcceptedTwice(hash) => write!(f, "transaction {hash:?} is accepted twice"),
            Self::Unaccounted { hash, said } => {
                write!(f, "nobody knows what became of transaction {hash:?}, last {said}")
            }
            Self::HonestBanned { by, whom, offence } => {
                write!(f, "honest node {by} banned honest node {whom}: {offence:?}")
            }
            Self::Protocol(what) => write!(f, "the machine broke its contract: {what}"),
        }
    }
}

impl std::error::Error for Violation {}

fn parents(block: &DagBlock) -> Vec<H256> {
    let others = DagDigest::from_header(&block.header).map(|digest| digest.other_parents);
    std::iter::once(block.header.parent_hash).chain(others.unwrap_or_default()).collect()
}

/// Builds the DAG anew from a chain's blocks, in a random order in which parents come first, and compares
/// what is known of every block. Blocks that were all mixed must give the same tip.
pub(crate) fn same_in_other_order(
    chain: &MemoryChain,
    ledger: &Ledger,
    random: &mut Random,
) -> Result<(), Violation> {
    let mut other = MemoryChain::new(*chain.rules());
    let mut children: BTreeMap<H256, Vec<H256>> = BTreeMap::new();
    let mut missing: BTreeMap<H256, usize> = BTreeMap::new();
    let blocks = chain.blocks().iter().filter(|(_, block)| block.header.number > 0);
    for (hash, block) in blocks {
        let parents = parents(block);
        missing.insert(*hash, parents.len());
        for parent in parents {
            children.entry(parent).or_default().push(*hash);
        }
    }
    let genesis = chain.blocks().iter().find(|(_, block)| block.header.number == 0);
    let first = genesis.map(|(hash, _)| *hash).unwrap_or_default();
    let mut ready: Vec<H256> = Vec::new();
    let mut done = Some(first);
    while let Some(hash) = done {
        for child in children.remove(&hash).unwrap_or_default() {
            if let Some(left) = missing.get_mut(&child) {
                *left -= 1;
                if *left == 0 {
                    ready.push(child);
                }
            }
        }
        done = (!ready.is_empty()).then(|| ready.swap_remove(random.below(ready.len())));
        let block = done.and_then(|hash| chain.block(&hash));
        if let Some(block) = block
            && other.import(block.clone()) != ImportOutcome::Imported
        {
            return Err(Violation::OtherOrder(block.hash()));
        }
    }
    for hash in chain.blocks().keys() {
        let (a, b) = (chain.dag(), other.dag());
        let (mut old, mut new) = (a.block(hash), b.block(hash));
        // Whether a block is executed depends on what was the best one meanwhile; what that showed
        // does not.
        let judged = |info: &Option<BlockInfo>| {
            let status = info.as_ref().map(|info| info.status);
            status.filter(|status| matches!(status, Status::Valid | Status::Disqualified))
        };
        if judged(&old).zip(judged(&new)).is_some_and(|(old, new)| old != new) {
            return Err(Violation::OtherState(*hash));
        }
        for info in old.iter_mut().chain(&mut new) {
            info.status = Status::Header;
        }
        if old != new || a.consensus_order(hash) != b.consensus_order(hash) {
            return Err(Violation::OtherOrder(*hash));
        }
    }
    // What is final decides where the selected chain may end.
    let finalised = chain.dag().finalised();
    if !other.execute(&finalised) || other.finalise(&finalised).is_err() {
        return Err(Violation::OtherOrder(finalised));
    }
    if chain.dag().sink() != other.dag().sink() {
        return Err(Violation::OtherOrder(other.dag().sink()));
    }
    let anew = Ledger::default();
    for hash in (0..).map_while(|number| chain.dag().chain_block(number)) {
        let (old, new) = (ledger.outcome(chain, &hash), anew.outcome(&other, &hash));
        if old.is_none() || old != new {
            return Err(Violation::OtherState(hash));
        }
    }
    Ok(())
}

/// Whether every tip's blue work is at most the distinct slots won in its past, and genesis.
pub(crate) fn work_is_won(chain: &MemoryChain) -> Result<(), Violation> {
    for tip in chain.dag().tips() {
        let mut elections: BTreeSet<(Slot, AuthorityIndex)> = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut queue = chain.block(&tip).map(parents).unwrap_or_default();
        while let Some(hash) = queue.pop() {
            let Some(block) = chain.block(&hash).filter(|_| seen.insert(hash)) else { continue };
            if let Ok(digest) = DagDigest::from_header(&block.header) {
                elections.insert((digest.slot, digest.author));
            }
            queue.extend(parents(block));
        }
        let work = chain.dag().block(&tip).map(|info| info.blue_work).unwrap_or_default();
        if work > U256::from(elections.len()) + U256::one() {
            return Err(Violation::TooMuchWork(tip));
        }
    }
    Ok(())
}
