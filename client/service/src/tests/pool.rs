use citrate_chain::BlockRef;
use citrate_chain::testing::{block, open};
use citrate_core::H256;
use citrate_db::DbConfig;

use crate::pool::{Path, path};

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
