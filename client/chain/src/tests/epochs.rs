//! Epochs: who may author follows from a block's own chain, also where that is not this node's.

use std::sync::Arc;

use citrate_core::H256;
use citrate_dag::HeaderError;
use citrate_dag::ghostdag::Status;
use citrate_dag_types::DagBlock;
use citrate_db::{Db, DbConfig, Pruning};

use crate::testing::{EPOCH_LENGTH, TestRuntime, block_by, genesis_with_epochs};
use crate::{BlockStatus, Chain, ChainConfig, ImportError};

/// After every slot here.
const LATE_MS: u64 = 1_000_000_000;

fn chain(config: &DbConfig) -> Arc<Chain> {
    let db = Arc::new(Db::open(config).unwrap());
    let genesis = genesis_with_epochs(2);
    Chain::open(db, Arc::new(TestRuntime), &genesis, ChainConfig::default()).unwrap()
}

fn take(chain: &Chain, block: &DagBlock) -> BlockStatus {
    chain.import_at(block.clone(), LATE_MS).unwrap().status
}

/// Lets an author make so many blocks in each of these epochs, one after the other.
fn alone(chain: &Chain, author: u8, epochs: std::ops::Range<u64>, count: u64) -> Vec<DagBlock> {
    let slots = epochs.flat_map(|epoch| (20..20 + count).map(move |n| epoch * EPOCH_LENGTH + n));
    slots
        .map(|slot| {
            let block = block_by(author, chain, vec![chain.best().hash], slot, vec![]).unwrap();
            take(chain, &block);
            block
        })
        .collect()
}

fn randomness(chain: &Chain) -> [u8; 32] {
    chain.dag_configuration(&chain.best().hash).unwrap().randomness
}

/// Two chains with a block in common that hear nothing of each other for epochs, and what each of them made.
fn parted() -> ([Arc<Chain>; 2], [Vec<DagBlock>; 2]) {
    parted_in(&[DbConfig::in_memory(), DbConfig::in_memory()])
}

fn parted_in(databases: &[DbConfig; 2]) -> ([Arc<Chain>; 2], [Vec<DagBlock>; 2]) {
    let chains = databases.each_ref().map(chain);
    let first = block_by(0, &chains[0], vec![chains[0].genesis_hash()], 10, vec![]).unwrap();
    for chain in &chains {
        take(chain, &first);
    }
    let made = [alone(&chains[0], 0, 0..5, 2), alone(&chains[1], 1, 0..5, 3)];
    assert_ne!(randomness(&chains[0]), randomness(&chains[1]), "they are different by now");
    (chains, made)
}

#[test]
fn a_chain_that_parted_epochs_ago_is_judged_by_its_own_authors_and_taken_over() {
    let ([lighter, heavier], [few, many]) = parted();
    let (mut executed, mut moved) = (Vec::new(), false);
    for block in &many {
        let judged = lighter.judge_header(&block.header);
        assert!(matches!(judged, Ok(()) | Err(ImportError::UnknownEpoch(_))), "{judged:?}");
        executed.push(judged.is_ok());
        moved |= take(&lighter, block) == BlockStatus::Best;
    }
    // The first block of the third epoch is the first one that needs blocks to be executed.
    assert_eq!(executed.iter().position(|is_known| !is_known), Some(6));
    assert!(moved);
    assert_eq!(lighter.best(), heavier.best());
    assert_eq!(randomness(&lighter), randomness(&heavier));
    // The other way round it changes nothing.
    let best = heavier.best();
    for block in &few {
        assert_eq!(take(&heavier, block), BlockStatus::Side);
    }
    assert_eq!(heavier.best(), best);
}

#[test]
fn whoever_passes_on_a_block_of_another_chain_is_not_blamed() {
    let ([here, _], [_, many]) = parted();
    for block in &many {
        let judged = here.judge_author(&block.header);
        assert!(judged.as_ref().err().is_none_or(|error| !error.is_invalid()), "{judged:?}");
    }
    let last = here.judge_author(&many.last().unwrap().header).unwrap_err();
    assert!(matches!(last, ImportError::UnknownEpoch(_)), "{last}");
}

/// Where finality went on, the other part's chain is of no use, and its blocks are no offence.
#[test]
fn what_parted_below_what_is_final_is_too_old() {
    let db = DbConfig { pruning: Pruning::Keep(1), ..DbConfig::in_memory() };
    let ([archive, there], [few, many]) = parted_in(&[DbConfig::in_memory(), db]);
    there.finalize(&many.last().unwrap().hash()).unwrap();
    for judged in [
        there.judge_header(&few[0].header).unwrap_err(),
        there.import_at(few[0].clone(), LATE_MS).unwrap_err(),
    ] {
        assert!(matches!(judged, ImportError::TooOld(_)), "{judged}");
        assert!(!judged.is_invalid());
    }
    // What is beside the final chain, in the epoch that it tells of, can still be judged.
    for block in &many {
        take(&archive, block);
    }
    let [before, inside] = [&many[many.len() - 4], &many[many.len() - 3]].map(DagBlock::hash);
    for (parent, slot, is_told) in [
        (inside, 4 * EPOCH_LENGTH + 30, true),
        (before, 4 * EPOCH_LENGTH + 30, true),
        (before, 3 * EPOCH_LENGTH + 30, false),
    ] {
        assert!(there.state_at(&parent).is_err(), "its state is forgotten");
        let block = block_by(0, &archive, vec![parent], slot, vec![]).unwrap();
        let judged = there.judge_header(&block.header);
        assert_eq!(judged.is_ok(), is_told, "{judged:?}");
        assert!(judged.err().is_none_or(|error| matches!(error, ImportError::TooOld(_))));
    }
}

#[test]
fn on_its_own_chain_a_block_must_be_by_the_epochs_author() {
    let ([here, there], [_, many]) = parted();
    // By the randomness of the one chain, on a block of the other one.
    let last = there.best().hash;
    let slot = 5 * EPOCH_LENGTH + 1;
    let (header, payload) = {
        let right = block_by(0, &there, vec![last], slot, vec![]).unwrap();
        let wrong = block_by(0, &here, vec![here.best().hash], slot, vec![]).unwrap();
        let (mut header, _) = citrate_dag_types::split_seal(&right.header).unwrap();
        let mut digest = citrate_dag_types::DagDigest::from_header(&header).unwrap();
        digest.vrf = citrate_dag_types::DagDigest::from_header(&wrong.header).unwrap().vrf;
        header.digest.logs[0] = digest.to_item();
        (header, right.payload)
    };
    let wrong = crate::testing::seal_by(0, header, payload);
    for block in &many {
        take(&here, block);
    }
    for chain in [&here, &there] {
        let error = chain.import_at(wrong.clone(), LATE_MS).unwrap_err();
        assert!(matches!(error, ImportError::Header(HeaderError::BadVrf)), "{error}");
        assert!(error.is_invalid());
    }
}

/// A chain that is wrong cannot be executed; nothing of it is selected, and nothing follows in epochs that it would prepare.
#[test]
fn a_chain_that_is_not_what_it_says_prepares_no_epoch() {
    let ([here, _], [_, many]) = parted();
    let first = &many[0];
    let (mut header, _) = citrate_dag_types::split_seal(&first.header).unwrap();
    header.state_root = H256::zero();
    let wrong = crate::testing::seal_by(1, header, first.payload.clone());
    let best = here.best();
    assert_eq!(take(&here, &wrong), BlockStatus::Side);
    let (mut parent, mut taken) = (wrong.hash(), 0);
    for block in &many[1..] {
        let (mut header, _) = citrate_dag_types::split_seal(&block.header).unwrap();
        header.parent_hash = parent;
        let next = crate::testing::seal_by(1, header, block.payload.clone());
        let Ok(imported) = here.import_at(next, LATE_MS) else { break };
        assert_ne!(imported.status, BlockStatus::Best);
        (parent, taken) = (imported.hash, taken + 1);
    }
    // Two epochs are known where the chains parted. The third has to be prepared, which shows what the first block is.
    assert_eq!(taken, 5);
    let status = here.with_dag(|dag| dag.status(&wrong.hash()));
    assert_eq!(status, Some(Status::Disqualified));
    assert_eq!(here.best(), best);
}
