use citrate_core::{
    InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
};

use super::{block, config, extrinsic, hash, import, import_at, ready, statuses, valid};
use crate::{AcceptedTx, BestUpdate, BlockTxs, Limit, Pool, PoolConfig, PoolError, TxStatus};

fn accepted(id: u8, index: u32) -> AcceptedTx {
    AcceptedTx { hash: hash(id), index, extrinsic: extrinsic(id) }
}

fn enacted(number: u32, blocks: Vec<BlockTxs>) -> BestUpdate {
    BestUpdate { number, retracted: vec![], enacted: blocks }
}

#[test]
fn higher_priority_goes_first_and_tags_come_before() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    import(&mut pool, 2, valid(5, &[], &[b"b"])).unwrap();
    import(&mut pool, 3, valid(9, &[b"a"], &[b"c"])).unwrap();
    import(&mut pool, 4, valid(5, &[], &[b"d"])).unwrap();
    assert_eq!(ready(&pool), [2, 4, 1, 3]);
    assert!(pool.provides(b"c"));
    assert!(!pool.provides(b"z"));
}

#[test]
fn a_future_transaction_becomes_ready_with_its_tag() {
    let mut pool = Pool::new(config());
    import(&mut pool, 3, valid(1, &[b"b"], &[b"c"])).unwrap();
    import(&mut pool, 2, valid(1, &[b"a"], &[b"b"])).unwrap();
    assert_eq!(pool.status().future, 2);
    assert!(ready(&pool).is_empty());
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    assert_eq!(ready(&pool), [1, 2, 3]);
    let expected = [
        (hash(3), TxStatus::Future),
        (hash(2), TxStatus::Future),
        (hash(1), TxStatus::Ready),
        (hash(2), TxStatus::Ready),
        (hash(3), TxStatus::Ready),
    ];
    assert_eq!(statuses(&mut pool), expected);
}

#[test]
fn a_higher_priority_replaces_and_dependants_wait_again() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(5, &[], &[b"a", b"x"])).unwrap();
    import(&mut pool, 2, valid(5, &[b"a"], &[b"b"])).unwrap();
    import(&mut pool, 3, valid(5, &[b"x"], &[b"c"])).unwrap();
    let low = import(&mut pool, 4, valid(5, &[], &[b"a"]));
    assert_eq!(low, Err(PoolError::TooLowPriority { old: 5, new: 5 }));
    pool.take_outputs();
    import(&mut pool, 4, valid(6, &[], &[b"a"])).unwrap();
    assert_eq!(ready(&pool), [4, 2]);
    let expected = [
        (hash(1), TxStatus::Usurped(hash(4))),
        (hash(4), TxStatus::Ready),
        (hash(3), TxStatus::Future),
    ];
    assert_eq!(statuses(&mut pool), expected);
}

#[test]
fn to_replace_several_the_priority_must_exceed_their_sum() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(5, &[], &[b"a"])).unwrap();
    import(&mut pool, 2, valid(5, &[], &[b"b"])).unwrap();
    let low = import(&mut pool, 3, valid(10, &[], &[b"a", b"b"]));
    assert_eq!(low, Err(PoolError::TooLowPriority { old: 10, new: 10 }));
    import(&mut pool, 4, valid(11, &[], &[b"a", b"b"])).unwrap();
    assert_eq!(ready(&pool), [4]);
}

#[test]
fn what_is_refused_and_why() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    let again = import(&mut pool, 1, valid(1, &[], &[b"a"]));
    assert_eq!(again, Err(PoolError::AlreadyImported(hash(1))));
    let no_tags = import(&mut pool, 2, valid(1, &[], &[]));
    assert_eq!(no_tags, Err(PoolError::NoTagsProvided));
    let own_tag = import(&mut pool, 2, valid(1, &[b"q"], &[b"q"]));
    assert_eq!(own_tag, Err(PoolError::CycleDetected));
    let local = ValidTransaction { propagate: false, ..valid(1, &[], &[b"b"]) };
    assert_eq!(import(&mut pool, 2, local.clone()), Err(PoolError::Unactionable));
    pool.import(hash(2), extrinsic(2), TransactionSource::Local, local, 0).unwrap();
    let long = citrate_core::OpaqueExtrinsic(vec![0; 101]);
    let too_large = PoolError::TooLarge { bytes: 101, max: 100 };
    assert_eq!(pool.check(&long.hash(), &long), Err(too_large));
    let exact = citrate_core::OpaqueExtrinsic(vec![0; 100]);
    assert_eq!(pool.check(&exact.hash(), &exact), Ok(()));
    let tag = vec![0; config().tag_bytes_max + 1];
    let long_tag = import(&mut pool, 3, valid(1, &[], &[tag.as_slice()]));
    assert_eq!(long_tag, Err(PoolError::TooManyTags));
    let tags: Vec<Vec<u8>> = (0..=64).map(|i| vec![i]).collect();
    let many: Vec<&[u8]> = tags.iter().map(Vec::as_slice).collect();
    assert_eq!(import(&mut pool, 3, valid(1, &many, &[b"c"])), Err(PoolError::TooManyTags));
    import(&mut pool, 3, valid(1, &many[..64], &[b"c"])).unwrap();
}

#[test]
fn a_ring_of_tags_is_refused() {
    let mut pool = Pool::new(config());
    // 1 requires "x" of the chain, which has it from a transaction that was just included.
    import(&mut pool, 9, valid(1, &[], &[b"x"])).unwrap();
    pool.on_best(&enacted(
        1,
        vec![BlockTxs {
            hash: block(1),
            number: 1,
            accepted: vec![accepted(9, 0)],
            ..BlockTxs::default()
        }],
    ));
    import(&mut pool, 1, valid(1, &[b"x"], &[b"y"])).unwrap();
    assert_eq!(ready(&pool), [1]);
    assert_eq!(import(&mut pool, 2, valid(1, &[b"y"], &[b"x"])), Err(PoolError::CycleDetected));
    assert_eq!(ready(&pool), [1]);
}

#[test]
fn a_full_pool_evicts_the_lowest_that_nobody_needs() {
    let limit = Limit { count: 3, bytes: 1_000 };
    let mut pool = Pool::new(PoolConfig { ready: limit, ..config() });
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    import(&mut pool, 2, valid(9, &[b"a"], &[b"b"])).unwrap();
    import(&mut pool, 3, valid(5, &[], &[b"c"])).unwrap();
    pool.take_outputs();
    let low = import(&mut pool, 4, valid(4, &[], &[b"d"]));
    assert_eq!(low, Err(PoolError::ImmediatelyDropped));
    import(&mut pool, 5, valid(6, &[], &[b"e"])).unwrap();
    assert_eq!(ready(&pool), [5, 1, 2]);
    assert!(statuses(&mut pool).contains(&(hash(3), TxStatus::Dropped)));
}

#[test]
fn limits_count_bytes_too() {
    let limit = Limit { count: 100, bytes: 33 };
    let mut pool = Pool::new(PoolConfig { ready: limit, future: limit, ..config() });
    for id in 1..=3 {
        import(&mut pool, id, valid(u64::from(id), &[], &[&[id]])).unwrap();
    }
    assert_eq!(pool.status().ready_bytes, 33);
    import(&mut pool, 4, valid(4, &[], &[b"d"])).unwrap();
    assert_eq!(ready(&pool), [4, 3, 2]);
    for id in 11..=14 {
        let _ = import(&mut pool, id, valid(u64::from(id), &[b"z"], &[]));
        let _ = import(&mut pool, id, valid(u64::from(id), &[b"z"], &[&[id]]));
    }
    assert_eq!((pool.status().future, pool.status().future_bytes), (2, 24));
}

#[test]
fn a_payload_keeps_its_transactions_in_flight_until_they_are_merged() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    import(&mut pool, 2, valid(1, &[b"a"], &[b"b"])).unwrap();
    import(&mut pool, 3, valid(1, &[b"b"], &[b"c"])).unwrap();
    let payload = vec![hash(1), hash(2)];
    let first = BlockTxs { hash: block(1), number: 1, payload, ..BlockTxs::default() };
    pool.on_best(&enacted(1, vec![first]));
    assert_eq!(ready(&pool), [3], "what is in flight provides, and is not proposed again");
    assert_eq!(pool.pending().len(), 3);
    assert!(pool.is_in_flight(&hash(1)));
    let rival = import(&mut pool, 4, valid(u64::MAX, &[], &[b"a"]));
    assert_eq!(rival, Err(PoolError::TooLowPriority { old: u64::MAX, new: u64::MAX }));
    pool.take_outputs();
    let second = BlockTxs {
        hash: block(2),
        number: 2,
        accepted: vec![accepted(1, 1)],
        skipped: vec![hash(2)],
        ..BlockTxs::default()
    };
    pool.on_best(&enacted(2, vec![second]));
    assert_eq!(ready(&pool), [2, 3]);
    let in_block = TxStatus::InBlock { block: block(2), index: 1 };
    assert_eq!(statuses(&mut pool), [(hash(1), in_block)]);
    assert_eq!(pool.status().in_flight, 0);
    let batch = pool.revalidation_batch();
    assert_eq!(batch.first().map(|tx| tx.hash), Some(hash(2)), "what was skipped is asked first");
    pool.on_finalized(&[block(1), block(2)]);
    let finalized = TxStatus::Finalized { block: block(2), index: 1 };
    assert_eq!(statuses(&mut pool), [(hash(1), finalized)]);
}

#[test]
fn what_a_payload_held_that_was_not_executed_is_free_again() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    let first =
        BlockTxs { hash: block(1), number: 1, payload: vec![hash(1)], ..BlockTxs::default() };
    pool.on_best(&enacted(1, vec![first]));
    assert_eq!(ready(&pool), []);
    // The first block was its author's second one for the slot.
    pool.on_best(&enacted(2, vec![BlockTxs { hash: block(2), number: 2, ..BlockTxs::default() }]));
    assert_eq!((ready(&pool), pool.status().in_flight), (vec![1], 0));
}

#[test]
fn a_reorganisation_gives_back_what_the_new_branch_does_not_accept() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    import(&mut pool, 2, valid(1, &[], &[b"b"])).unwrap();
    let payload = vec![hash(1), hash(2)];
    let base = BlockTxs { hash: block(1), number: 1, payload, ..BlockTxs::default() };
    let left = BlockTxs {
        hash: block(2),
        number: 2,
        accepted: vec![accepted(1, 1), accepted(2, 2)],
        ..BlockTxs::default()
    };
    pool.on_best(&enacted(2, vec![base.clone(), left.clone()]));
    assert_eq!(pool.status().ready, 0);
    pool.take_outputs();
    let right = BlockTxs {
        hash: block(3),
        number: 2,
        accepted: vec![accepted(2, 1)],
        skipped: vec![hash(1)],
        ..BlockTxs::default()
    };
    let update = BestUpdate { number: 2, retracted: vec![left.clone()], enacted: vec![right] };
    assert_eq!(pool.on_best(&update), [extrinsic(1)]);
    let expected = [
        (hash(1), TxStatus::Retracted(block(2))),
        (hash(2), TxStatus::Retracted(block(2))),
        (hash(2), TxStatus::InBlock { block: block(3), index: 1 }),
    ];
    assert_eq!(statuses(&mut pool), expected);
    assert!(!pool.is_in_flight(&hash(1)));
    // A retraction down to the payload's own block leaves nothing in flight.
    let mut pool = Pool::new(config());
    pool.on_best(&enacted(2, vec![base.clone(), left.clone()]));
    let back = BestUpdate { number: 1, retracted: vec![left], enacted: vec![] };
    assert_eq!(pool.on_best(&back).len(), 2);
    assert!(pool.is_in_flight(&hash(1)), "its payload is on the chain and not merged");
    pool.on_best(&BestUpdate { number: 0, retracted: vec![base], enacted: vec![] });
    assert_eq!(pool.status().in_flight, 0);
}

#[test]
fn a_transaction_that_raced_with_its_predecessors_inclusion_is_ready() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    let mut empty = BlockTxs { hash: block(1), number: 1, ..BlockTxs::default() };
    empty.accepted = vec![accepted(1, 1)];
    pool.on_best(&enacted(1, vec![empty]));
    import(&mut pool, 2, valid(1, &[b"a"], &[b"b"])).unwrap();
    assert_eq!(ready(&pool), [2]);
    for number in 2..=4 {
        pool.on_best(&enacted(number, vec![]));
    }
    import_at(&mut pool, 3, valid(1, &[b"a"], &[b"c"]), 4).unwrap();
    assert_eq!(pool.status().future, 1, "old tags are forgotten");
}

#[test]
fn longevity_and_finality_have_an_end() {
    let mut pool = Pool::new(config());
    let short = ValidTransaction { longevity: 3, ..valid(1, &[], &[b"a"]) };
    import_at(&mut pool, 1, short, 2).unwrap();
    import(&mut pool, 2, valid(1, &[b"a"], &[b"b"])).unwrap();
    pool.take_outputs();
    pool.on_best(&enacted(5, vec![]));
    assert_eq!(ready(&pool), [1, 2]);
    let taken = BlockTxs {
        hash: block(6),
        number: 6,
        accepted: vec![accepted(7, 1)],
        ..BlockTxs::default()
    };
    pool.on_best(&enacted(6, vec![taken]));
    let in_block = TxStatus::InBlock { block: block(6), index: 1 };
    let expected = [(hash(7), in_block), (hash(2), TxStatus::Future)];
    assert_eq!(statuses(&mut pool), expected);
    assert_eq!(pool.doubtful(6), [(hash(1), extrinsic(1))]);
    pool.on_best(&enacted(26, vec![]));
    assert!(pool.take_outputs().is_empty());
    pool.on_best(&enacted(27, vec![]));
    let late = TxStatus::FinalityTimeout(block(6));
    assert_eq!(statuses(&mut pool), [(hash(1), TxStatus::Invalid), (hash(7), late)]);
}

#[test]
fn the_oldest_doubts_are_given_up_when_they_are_too_many_or_too_long() {
    let mut pool = Pool::new(config());
    let doubt = |pool: &mut Pool, id: u8, bytes: usize| {
        pool.on_best(&enacted(u32::from(id), vec![]));
        let extrinsic = citrate_core::OpaqueExtrinsic(vec![id; bytes]);
        pool.doubt(extrinsic.hash(), extrinsic.clone());
        let status = pool.status();
        let gone = statuses(pool).into_iter().map(|(hash, status)| {
            assert_eq!(status, TxStatus::Invalid);
            hash
        });
        (status.doubtful, status.doubtful_bytes, gone.collect::<Vec<_>>())
    };
    let hash = |id: u8, bytes| citrate_core::OpaqueExtrinsic(vec![id; bytes]).hash();
    for (id, held) in [(1, 10), (2, 20), (3, 30), (4, 40)] {
        assert_eq!(doubt(&mut pool, id, 10), (usize::from(id), held, vec![]));
    }
    assert_eq!(doubt(&mut pool, 5, 10), (4, 40, vec![hash(1, 10)]), "four is the limit");
    assert_eq!(doubt(&mut pool, 5, 10), (4, 40, vec![]), "the same one once");
    assert_eq!(doubt(&mut pool, 6, 20), (4, 50, vec![hash(2, 10)]));
    let oldest = [3, 4, 5].map(|id| hash(id, 10));
    assert_eq!(doubt(&mut pool, 7, 21), (2, 41, oldest.to_vec()));
    pool.exclude(&hash(6, 20));
    assert_eq!(pool.status().doubtful_bytes, 21);
    assert!(pool.revive(&hash(7, 21)));
    assert_eq!((pool.status().doubtful, pool.status().doubtful_bytes), (0, 0));
}

#[test]
fn bans_end_and_are_bounded() {
    let mut pool = Pool::new(config());
    let stale = TransactionValidityError::Invalid(InvalidTransaction::Stale);
    let poor = TransactionValidityError::Invalid(InvalidTransaction::Payment);
    pool.refuse(hash(1), &stale);
    pool.refuse(hash(2), &poor);
    assert_eq!(pool.check(&hash(1), &extrinsic(1)), Err(PoolError::TemporarilyBanned));
    assert_eq!(pool.check(&hash(2), &extrinsic(2)), Ok(()), "an account may be funded any time");
    pool.on_best(&enacted(10, vec![]));
    assert!(pool.check(&hash(1), &extrinsic(1)).is_err());
    pool.on_best(&enacted(11, vec![]));
    assert_eq!(pool.check(&hash(1), &extrinsic(1)), Ok(()));
    for id in 0..20 {
        pool.refuse(hash(id), &stale);
    }
    assert_eq!(pool.status().banned, 8);
    assert!(pool.check(&hash(19), &extrinsic(19)).is_err());
    assert_eq!(pool.check(&hash(3), &extrinsic(3)), Ok(()), "the oldest is forgotten");
}

#[test]
fn a_second_verdict_moves_or_removes() {
    let mut pool = Pool::new(config());
    import(&mut pool, 1, valid(1, &[], &[b"a"])).unwrap();
    import(&mut pool, 2, valid(1, &[b"a"], &[b"b"])).unwrap();
    import(&mut pool, 3, valid(1, &[b"z"], &[b"c"])).unwrap();
    pool.take_outputs();
    // The chain now provides what the third waits for.
    pool.revalidated(&hash(3), Ok(valid(1, &[], &[b"c"])), 1);
    assert_eq!(statuses(&mut pool), [(hash(3), TxStatus::Ready)]);
    // The same verdict again says nothing new.
    pool.revalidated(&hash(2), Ok(valid(1, &[b"a"], &[b"b"])), 1);
    assert!(pool.take_outputs().is_empty());
    let stale = TransactionValidityError::Invalid(InvalidTransaction::Stale);
    pool.revalidated(&hash(1), Err(stale), 1);
    let expected = [(hash(2), TxStatus::Future)];
    assert_eq!(statuses(&mut pool), expected);
    assert_eq!(pool.check(&hash(1), &extrinsic(1)), Err(PoolError::TemporarilyBanned));
}

#[test]
fn revalidation_goes_round_within_its_budget() {
    let limit = Limit { count: 100, bytes: 100_000 };
    let config = PoolConfig { ready: limit, future: limit, revalidate_max: 4, ..config() };
    let mut pool = Pool::new(config);
    for id in 0..10u8 {
        import(&mut pool, id, valid(1, &[], &[&[id]])).unwrap();
        import(&mut pool, 100 + id, valid(1, &[b"z"], &[&[100 + id]])).unwrap();
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let batch = pool.revalidation_batch();
        assert_eq!(batch.len(), 4);
        seen.extend(batch.iter().map(|tx| tx.hash));
    }
    assert_eq!(seen.len(), 20, "every transaction has its turn");
}
