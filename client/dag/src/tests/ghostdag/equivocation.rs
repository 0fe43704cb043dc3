use citrate_core::{H256, U256};
use citrate_dag_types::{Colour, DagDigest, Merged, Slot, VrfSignature};

use super::{block, dag, hash, hashes, insert, unlimited, won};
use crate::Mergeset;
use crate::ghostdag::{Author, Repeated};

const ALICE: Author = [1; 32];

#[test]
fn the_second_block_of_a_slot_is_red_and_proves_it() {
    let mut dag = dag(unlimited(10));
    dag.insert(&won(1, &[0], 2, 1)).unwrap();
    // Alice signs two blocks of slot 2, and one of slot 3 beside them.
    dag.insert(&won(2, &[1], 1, 2)).unwrap();
    dag.insert(&won(3, &[1], 1, 2)).unwrap();
    dag.insert(&won(4, &[1], 1, 3)).unwrap();
    dag.insert(&won(5, &[1], 3, 3)).unwrap();

    // Who sees one of them only counts it.
    dag.insert(&won(6, &[5, 2], 4, 5)).unwrap();
    let info = dag.block(&hash(6)).unwrap();
    assert!(info.reds.is_empty() && info.repeated.is_empty() && info.disabled.is_empty());
    assert_eq!((info.blue_score, info.blue_work), (4, U256::from(4)));

    // Who sees both counts the first, and everything else of hers is red from here on.
    dag.insert(&won(7, &[2, 3, 4, 5], 4, 6)).unwrap();
    let info = dag.block(&hash(7)).unwrap();
    let order = dag.consensus_order(&hash(7));
    let position = |number: usize| order.iter().position(|block| *block == hash(number)).unwrap();
    let (first, second) = if position(2) < position(3) { (2, 3) } else { (3, 2) };
    assert_eq!(info.repeated, [Repeated { block: hash(second), first: hash(first) }]);
    assert!(info.reds.contains(&hash(second)));
    assert_eq!(info.disabled.as_ref(), [ALICE]);
    let selected = info.selected_parent.unwrap();
    for hers in hashes(&[2, 3, 4]) {
        assert!(hers == selected || info.reds.contains(&hers), "{hers:?} is blue");
    }
}

#[test]
fn an_equivocation_that_the_chain_knows_disables_for_good() {
    let mut dag = dag(unlimited(10));
    dag.insert(&won(1, &[0], 1, 1)).unwrap();
    dag.insert(&won(2, &[0], 1, 1)).unwrap();
    dag.insert(&won(3, &[1], 2, 2)).unwrap();
    dag.insert(&won(4, &[3, 2], 3, 3)).unwrap();
    let info = dag.block(&hash(4)).unwrap();
    assert_eq!(info.selected_parent, Some(hash(3)));
    assert_eq!(info.repeated, [Repeated { block: hash(2), first: hash(1) }]);
    assert_eq!(info.blue_work, U256::from(3), "genesis and blocks 1 and 3");
    // A block of hers beside the next one is merged red, as long as she is remembered.
    dag.insert(&won(5, &[4], 2, 4)).unwrap();
    dag.insert(&won(6, &[4], 1, 4)).unwrap();
    dag.insert(&won(7, &[5], 3, 5)).unwrap();
    dag.insert(&won(8, &[7, 6], 2, 6)).unwrap();
    let info = dag.block(&hash(8)).unwrap();
    assert_eq!(info.reds, [hash(6)]);
    assert!(info.repeated.is_empty(), "it is the only one of its slot");
    assert_eq!(info.disabled.as_ref(), [ALICE]);
}

#[test]
fn a_disabled_author_adds_no_work_and_the_order_stays_topological() {
    let mut dag = dag(unlimited(10));
    dag.insert(&won(1, &[0], 1, 1)).unwrap();
    dag.insert(&won(2, &[0], 1, 1)).unwrap();
    dag.insert(&won(3, &[1, 2], 2, 2)).unwrap();
    let before = dag.block(&hash(3)).unwrap();
    let zero = before.blue_work;
    assert_eq!(zero, U256::one(), "even as a selected parent she adds nothing");
    // A chain of hers: each block sees the one below, which weighs nothing.
    let base = zero + 1;
    for number in 4..14 {
        dag.insert(&won(number, &[number - 1], 1, number as u64)).unwrap();
        let info = dag.block(&hash(number)).unwrap();
        assert_eq!(info.blue_work, base);
        assert!(dag.order(&hash(number)) > dag.order(&hash(number - 1)));
    }
    // One block of somebody else grows the work again.
    dag.insert(&won(20, &[13], 2, 20)).unwrap();
    dag.insert(&won(21, &[20], 2, 21)).unwrap();
    assert_eq!(dag.block(&hash(21)).unwrap().blue_work, base + 1);
    assert_eq!(dag.order(&hash(21)).unwrap().stall, 0);
}

#[test]
fn without_producers_there_is_no_equivocation() {
    let mut dag = dag(unlimited(10));
    for number in 1..6 {
        insert(&mut dag, number, &[0]).unwrap();
    }
    dag.insert(&block(6, &[1, 2, 3, 4, 5])).unwrap();
    let info = dag.block(&hash(6)).unwrap();
    assert!(info.reds.is_empty() && info.repeated.is_empty());
}

#[test]
fn a_mergeset_lists_everything_and_executes_no_repetition() {
    let mut dag = dag(unlimited(3));
    dag.insert(&won(1, &[0], 1, 5)).unwrap();
    dag.insert(&won(2, &[0], 1, 5)).unwrap();
    dag.insert(&won(3, &[0], 2, 5)).unwrap();
    dag.insert(&won(4, &[1, 2, 3], 3, 6)).unwrap();
    let info = dag.block(&hash(4)).unwrap();
    let mergeset = Mergeset::of(&dag, &info);
    let listed: Vec<H256> = mergeset.blocks.iter().map(|(hash, _)| *hash).collect();
    assert_eq!(listed, dag.consensus_order(&hash(4)));
    let repeated = info.repeated[0].block;
    for (hash, colour) in &mergeset.blocks {
        let is_red = info.reds.contains(hash);
        assert_eq!(*colour, if is_red { Colour::Red } else { Colour::Blue }, "{mergeset:?}");
    }
    assert!(info.reds.contains(&repeated));
    let others: Vec<H256> = listed.iter().copied().filter(|hash| *hash != repeated).collect();
    assert_eq!(mergeset.executed, others);
    // What the digest lists leaves the selected parent out.
    let digest_of = |hash: &H256| {
        let author = u32::try_from(listed.iter().position(|other| other == hash).unwrap()).unwrap();
        Ok::<_, ()>(DagDigest {
            slot: Slot(5),
            author,
            vrf: VrfSignature { pre_output: [0; 32], proof: [0; 64] },
            other_parents: vec![],
            blue_score: 1,
            merged: Merged::new(vec![]),
            payload_root: H256::zero(),
        })
    };
    let Merged::List(list) = mergeset.merged(digest_of).unwrap() else { panic!("it is short") };
    assert_eq!(list.iter().map(|block| block.author).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(mergeset.merged(|_| Err("gone")), Err("gone"));
}
