use std::sync::Arc;

use citrate_chain::testing::{block, block_by, open, open_of, transfer};
use citrate_chain::{BlockRef, Chain};
use citrate_core::{H256, OpaqueExtrinsic, TransactionSource};
use citrate_db::DbConfig;
use citrate_txpool::{PoolConfig, TxPool, TxStatus, WatchStream};

use crate::pool::{Maintenance, Path, path};

/// A pool that follows a chain of two authors, step by step.
struct Followed {
    chain: Arc<Chain>,
    pool: Arc<TxPool>,
    maintenance: Maintenance,
}

impl Followed {
    fn new() -> Self {
        let chain = open_of(2, &DbConfig::in_memory()).unwrap();
        let pool = TxPool::new(Arc::<Chain>::clone(&chain), PoolConfig::default());
        let maintenance = Maintenance::new(Arc::clone(&chain), Arc::clone(&pool)).unwrap();
        Self { chain, pool, maintenance }
    }

    fn watch(&self, tx: &OpaqueExtrinsic) -> WatchStream {
        self.pool.submit_and_watch(TransactionSource::External, tx.clone()).unwrap().1
    }

    /// A block of an author's on these parents, which the pool hears of.
    fn grow(&self, author: u8, parents: &[H256], slot: u64, payload: &[&OpaqueExtrinsic]) -> H256 {
        let payload = payload.iter().map(|tx| (*tx).clone()).collect();
        // Beside the best chain nothing is executed until somebody asks.
        assert!(self.chain.execute(&parents[0]).unwrap());
        let block = block_by(author, &self.chain, parents.to_vec(), slot, payload).unwrap();
        let hash = self.chain.import_at(block, 1_000_000).unwrap().hash;
        self.maintenance.catch_up().unwrap();
        hash
    }
}

fn statuses(watch: &mut WatchStream) -> Vec<TxStatus> {
    std::iter::from_fn(|| watch.try_recv()).collect()
}

#[test]
fn a_watcher_is_told_of_each_reorganisation() {
    let node = Followed::new();
    let genesis = node.chain.genesis_hash();
    let (kept, lost) = (transfer(0, 3, 0, 10), transfer(1, 3, 0, 20));
    let (mut watch_kept, mut watch_lost) = (node.watch(&kept), node.watch(&lost));
    let proposing = node.grow(0, &[genesis], 10, &[&kept, &lost]);
    let first = node.grow(0, &[proposing], 11, &[]);
    assert_eq!(node.chain.best().hash, first);
    let at = |block, index| TxStatus::InBlock { block, index };
    assert_eq!(statuses(&mut watch_kept), [TxStatus::Ready, at(first, 1)]);
    assert_eq!(statuses(&mut watch_lost), [TxStatus::Ready, at(first, 2)]);

    // A longer chain beside it has another transaction of the second payer's.
    let rival = transfer(1, 2, 0, 30);
    let mut tip = genesis;
    for (slot, payload) in [(10, vec![&rival]), (11, vec![]), (12, vec![]), (13, vec![])] {
        tip = node.grow(1, &[tip], slot, &payload);
    }
    assert_eq!(node.chain.best().hash, tip);
    assert_eq!(statuses(&mut watch_kept), [TxStatus::Retracted(first), TxStatus::Ready]);
    assert_eq!(statuses(&mut watch_lost), [TxStatus::Retracted(first)], "nothing is decided yet");
    assert_eq!(node.pool.ready().iter().map(|tx| tx.hash).collect::<Vec<_>>(), [kept.hash()]);

    // Who merges both executes what the first had proposed.
    let merging = node.grow(0, &[tip, first], 14, &[]);
    assert_eq!(node.chain.best().hash, merging);
    assert_eq!(statuses(&mut watch_kept), [at(merging, 1)]);
    assert_eq!(node.pool.status().ready, 0);
    let last = node.grow(1, &[merging], 15, &[]);
    node.chain.finalize(&last).unwrap();
    node.maintenance.catch_up().unwrap();
    let end = TxStatus::Finalized { block: merging, index: 1 };
    assert_eq!(statuses(&mut watch_kept), [end]);
    assert_eq!(statuses(&mut watch_lost), [TxStatus::Invalid], "a final block has another one");
    assert_eq!(node.pool.status().doubtful, 0);
}

#[test]
fn the_way_between_blocks_goes_over_their_common_ancestor() {
    let chain = open(&DbConfig::in_memory()).unwrap();
    let genesis = BlockRef { hash: chain.genesis_hash(), number: 0 };
    let grow = |parent: BlockRef, slot: u64| {
        let block = block(&chain, parent.hash, slot, Vec::new()).unwrap();
        let imported = chain.import_at(block, 1_000_000).unwrap();
        BlockRef { hash: imported.hash, number: imported.number }
    };
    // Finality follows the best chain by one block, so the fork begins above block 1.
    let root = grow(genesis, 1);
    let (left, right) = (grow(root, 2), grow(root, 3));
    let tip = if chain.best() == left { grow(left, 4) } else { grow(right, 4) };
    let (side, main) = if chain.header(&tip.hash).unwrap().unwrap().parent_hash == left.hash {
        (right, left)
    } else {
        (left, right)
    };
    let hashes = |blocks: &[BlockRef]| -> Vec<H256> { blocks.iter().map(|b| b.hash).collect() };
    let cases = [
        ("nowhere", tip, tip, vec![], vec![]),
        ("forward", genesis, tip, vec![], vec![root, main, tip]),
        ("back", tip, root, vec![tip, main], vec![]),
        ("across", tip, side, vec![tip, main], vec![side]),
        ("across, shorter first", side, tip, vec![side], vec![main, tip]),
    ];
    for (desc, from, to, retracted, enacted) in cases {
        let expected = Path { retracted: hashes(&retracted), enacted: hashes(&enacted) };
        assert_eq!(path(&chain, from, to).unwrap(), expected, "{desc}");
    }
    let gone = BlockRef { hash: H256::repeat_byte(7), number: 2 };
    let way = path(&chain, gone, tip).unwrap();
    assert_eq!(way.enacted.last(), Some(&tip.hash), "a forgotten block is no obstacle");
}
