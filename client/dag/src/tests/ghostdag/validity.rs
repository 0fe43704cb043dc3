use citrate_core::U256;

use super::{block, chain, dag, hash, insert, unlimited, won};
use crate::ghostdag::{Claims, DagError, DagRules, INVALID_REMEMBERED_MAX, NewBlock};

#[test]
fn what_is_no_dag_is_refused() {
    let mut dag = dag(DagRules { parents_max: 3, mergeset_max: 3, ..unlimited(3) });
    for number in 1..=4 {
        assert_eq!(insert(&mut dag, number, &[0]), Ok(()));
    }
    assert_eq!(insert(&mut dag, 1, &[0]), Err(DagError::Known(hash(1))));
    assert_eq!(insert(&mut dag, 10, &[1, 99]), Err(DagError::UnknownParent(hash(99))));
    assert_eq!(insert(&mut dag, 11, &[]), Err(DagError::NoParent));
    assert_eq!(insert(&mut dag, 12, &[0, 1]), Err(DagError::RelatedParents(hash(0))));
    assert_eq!(insert(&mut dag, 13, &[1, 1]), Err(DagError::RelatedParents(hash(1))));
    let too_many = DagError::TooManyParents { got: 4, max: 3 };
    assert_eq!(insert(&mut dag, 14, &[1, 2, 3, 4]), Err(too_many));
    // Three in the mergeset, the selected parent included, and then a fourth.
    assert_eq!(insert(&mut dag, 15, &[1, 2, 3]), Ok(()));
    assert_eq!(insert(&mut dag, 16, &[1, 2]), Ok(()));
    let too_large = DagError::MergesetTooLarge { max: 3 };
    assert_eq!(insert(&mut dag, 17, &[1]), Ok(()));
    assert_eq!(insert(&mut dag, 18, &[17]), Ok(()));
    assert_eq!(insert(&mut dag, 25, &[18]), Ok(()));
    assert_eq!(insert(&mut dag, 19, &[25, 2, 3]), Ok(()));
    assert_eq!(insert(&mut dag, 20, &[17, 2]), Ok(()));
    assert_eq!(insert(&mut dag, 21, &[20, 3, 4]), Ok(()));
    assert_eq!(insert(&mut dag, 22, &[19, 21]), Err(too_large));
    // Only what broke a rule is remembered, and what builds on it is invalid as well.
    assert_eq!(insert(&mut dag, 22, &[1]), Err(DagError::KnownInvalid(hash(22))));
    assert_eq!(insert(&mut dag, 23, &[1, 22]), Err(DagError::InvalidParent(hash(22))));
    assert_eq!(insert(&mut dag, 24, &[23]), Err(DagError::InvalidParent(hash(23))));
    assert_eq!(insert(&mut dag, 10, &[1, 2]), Ok(()), "an orphan may come again");
}

#[test]
fn only_so_many_invalid_blocks_are_remembered() {
    let mut dag = dag(unlimited(3));
    for number in 1..=INVALID_REMEMBERED_MAX {
        assert_eq!(insert(&mut dag, number, &[]), Err(DagError::NoParent));
    }
    assert_eq!(insert(&mut dag, 1, &[0]), Err(DagError::KnownInvalid(hash(1))));
    assert_eq!(insert(&mut dag, 1_000_000, &[]), Err(DagError::NoParent));
    assert_eq!(insert(&mut dag, 1, &[0]), Ok(()), "the oldest was forgotten");
    assert_eq!(insert(&mut dag, 2, &[0]), Err(DagError::KnownInvalid(hash(2))));
}

#[test]
fn what_a_header_claims_is_checked() {
    let mut dag = dag(unlimited(3));
    insert(&mut dag, 1, &[0]).unwrap();
    insert(&mut dag, 2, &[1]).unwrap();
    insert(&mut dag, 3, &[1]).unwrap();
    let selected = hash(2).max(hash(3));
    let other = hash(2).min(hash(3));
    let right = Claims {
        selected_parent: Some(selected),
        blue_score: Some(4),
        blue_work: Some(U256::from(4)),
    };
    let try_claims = |claims| dag.preview(&NewBlock { claims, ..block(4, &[2, 3]) });
    assert_eq!(try_claims(right).unwrap().blue_score, 4);
    let error = try_claims(Claims { selected_parent: Some(other), ..right }).unwrap_err();
    assert_eq!(error, DagError::SelectedParent { expected: selected, got: other });
    let error = try_claims(Claims { blue_score: Some(5), ..right }).unwrap_err();
    assert_eq!(error, DagError::BlueScore { expected: 4, got: 5 });
    let work = U256::from(3);
    let error = try_claims(Claims { blue_work: Some(work), ..right }).unwrap_err();
    assert_eq!(error, DagError::BlueWork { expected: U256::from(4), got: work });
    assert!(error.is_invalid() && !DagError::UnknownParent(hash(9)).is_invalid());
}

#[test]
fn ties_are_broken_by_what_the_caller_gives() {
    let mut dag = dag(unlimited(3));
    let (low, high) = if hash(1) < hash(2) { (1, 2) } else { (2, 1) };
    dag.insert(&NewBlock { tie_break: [9; 32], ..block(low, &[0]) }).unwrap();
    dag.insert(&NewBlock { tie_break: [1; 32], ..block(high, &[0]) }).unwrap();
    insert(&mut dag, 3, &[high, low]).unwrap();
    let got = dag.block(&hash(3)).unwrap().selected_parent;
    assert_eq!(got, Some(hash(low)), "its tie-break is greater, though its hash is not");

    let mut dag = super::dag(unlimited(3));
    dag.insert(&NewBlock { tie_break: [9; 32], ..block(1, &[0]) }).unwrap();
    // 160 bits of weight, as in proof of work.
    let weight = U256::one() << 160;
    dag.insert(&NewBlock { tie_break: [1; 32], weight, ..block(2, &[0]) }).unwrap();
    insert(&mut dag, 3, &[1]).unwrap();
    insert(&mut dag, 4, &[2]).unwrap();
    insert(&mut dag, 5, &[3, 4]).unwrap();
    let got = dag.block(&hash(5)).unwrap();
    assert_eq!(got.selected_parent, Some(hash(4)), "more work behind it");
    assert_eq!(got.blue_work, weight + 4);
}

#[test]
fn slots_increase_along_every_edge() {
    let mut dag = dag(DagRules { merge_slots_max: Some(10), ..unlimited(3) });
    dag.insert(&won(1, &[0], 1, 5)).unwrap();
    dag.insert(&won(2, &[0], 2, 7)).unwrap();
    let error = DagError::SlotNotAfterParent { parent: 7, got: 7 };
    assert_eq!(dag.insert(&won(3, &[1, 2], 3, 7)), Err(error));
    let error = DagError::SlotNotAfterParent { parent: 5, got: 4 };
    assert_eq!(dag.insert(&won(4, &[1], 3, 4)), Err(error));
    dag.insert(&won(5, &[1, 2], 3, 8)).unwrap();
    // The merge window: block 6 of slot 9 may be merged in slot 19, and no later.
    dag.insert(&won(6, &[1], 4, 9)).unwrap();
    dag.insert(&won(7, &[5], 4, 12)).unwrap();
    let error = DagError::MergeWindow { merged: hash(6), slot: 9, first: 10 };
    assert_eq!(dag.insert(&won(8, &[7, 6], 5, 20)), Err(error));
    dag.insert(&won(9, &[7, 6], 5, 19)).unwrap();
}

/// A chain of 20 blocks with a merge depth of 7, and branches that leave it further down.
#[test]
fn merging_is_bounded_unless_a_blue_block_vouches_for_it() {
    let rules = DagRules { merge_depth: 7, ..unlimited(2) };
    let mut dag = dag(rules);
    chain(&mut dag, 0, 1..21);
    // On block 20 the score is 21, and the merge root block 13.
    chain(&mut dag, 13, 100..102);
    chain(&mut dag, 12, 200..202);
    assert_eq!(insert(&mut dag, 300, &[20, 101]), Ok(()), "red, but on the merge root");
    let info = dag.block(&hash(300)).unwrap();
    assert_eq!(info.reds.len(), 2);
    let error = insert(&mut dag, 301, &[20, 201]);
    assert_eq!(error, Err(DagError::MergeDepth(hash(200))));
    assert_eq!(insert(&mut dag, 302, &[19, 201]), Ok(()), "one block earlier it was in time");
    // Block 302 is blue on the next chain block, and has the merge root on its chain.
    assert_eq!(insert(&mut dag, 21, &[20]), Ok(()));
    assert_eq!(insert(&mut dag, 303, &[21, 302]), Ok(()));
    let info = dag.block(&hash(303)).unwrap();
    assert!(info.blues.contains(&hash(302)) && info.reds.contains(&hash(200)));
}
