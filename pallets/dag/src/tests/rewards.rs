//! Who is paid for which block, and how much.

use super::mock::*;
use crate::{BlockIssuance, BlockRewards, Event, SeenAuthors};
use citrate_core::{Balance, Digest, DispatchError};
use citrate_dag_types::MergedBlock;
use citrate_support::traits::Hooks;
use std::collections::BTreeMap;

/// Of [`ISSUANCE`]: 70 % to the author, 20 % to the merger, 10 % to the treasury.
const AUTHOR: Balance = 700;
const MERGER: Balance = 200;
const TREASURY: Balance = 100;

/// The accounts of validators 1, 2 and 3, who author with index 0, 1 and 2 from epoch 12 on; the chain is at the
/// beginning of epoch 12, by author 0, and what was earned before is forgotten.
fn three() -> citrate_testing::TestExternalities {
    let mut ext = ext_with((1..=3).map(|id| (account(id), 1_000)).collect());
    ext.execute_with(|| {
        for epoch in 10..13 {
            block(first(epoch), 0);
        }
        let _ = BlockRewards::<Test>::clear(u32::MAX, None);
    });
    ext
}

/// Slot of epoch 12.
fn at(position: u64) -> u64 {
    first(12) + position
}

/// What accounts 1, 2, 3 and the treasury earned so far.
fn earned() -> [Balance; 4] {
    [1, 2, 3, 99].map(|id| Dag::block_rewards(account(id)))
}

/// Merges `list` in position 2, by author 1, and gives what the block's merging brought.
fn merge(list: Vec<MergedBlock>) -> [Balance; 4] {
    three().execute_with(|| {
        let before = issuance();
        merging(at(2), 1, list);
        let earned = earned();
        assert_eq!(issuance() - before, earned.iter().sum::<Balance>(), "what is paid is issued");
        earned
    })
}

#[test]
fn the_selected_parents_author_the_merger_and_the_treasury_share_a_blocks_issuance() {
    assert_eq!(merge(vec![]), [AUTHOR, MERGER, 0, TREASURY]);
    three().execute_with(|| {
        block(at(1), 2);
        block(at(2), 2);
        assert_eq!(earned(), [AUTHOR, 0, AUTHOR + 2 * MERGER, 2 * TREASURY]);
        let rewarded = RuntimeEvent::Dag(Event::BlocksRewarded { blocks: 1, issued: ISSUANCE });
        assert!(System::events().iter().any(|record| record.event == rewarded));
    });
}

#[test]
fn each_blue_block_earns_and_no_red_one() {
    let list = vec![blue(2, at(1)), red(1, at(1)), blue(0, at(1))];
    assert_eq!(merge(list), [2 * AUTHOR, 3 * MERGER, AUTHOR, 3 * TREASURY]);
}

#[test]
fn an_author_is_paid_once_a_slot() {
    let base = merge(vec![blue(2, at(1))]);
    assert_eq!(merge(vec![blue(2, at(1)), blue(2, at(1))]), base);
    // The first in the order counts, whatever its colour.
    assert_eq!(merge(vec![red(2, at(1)), blue(2, at(1))]), merge(vec![]));
    // The selected parent's own slot again.
    assert_eq!(merge(vec![blue(0, at(0))]), merge(vec![]));
    three().execute_with(|| {
        merging(at(2), 1, vec![blue(2, at(1))]);
        let before = earned();
        // In a later block: the pair merged before, and a block of the chain.
        merging(at(3), 1, vec![blue(2, at(1)), blue(1, at(2))]);
        let now = earned();
        assert_eq!(now[0] - before[0], 0);
        assert_eq!(now[1] - before[1], AUTHOR + MERGER, "the selected parent, as ever");
        assert_eq!(now[2] - before[2], 0);
    });
}

#[test]
fn what_cannot_be_merged_earns_nothing() {
    let base = merge(vec![]);
    for wrong in [
        blue(2, at(2)),
        blue(2, at(3)),
        blue(2, at(2) - EPOCH - 1),
        blue(3, at(1)),
        blue(u32::MAX, at(1)),
    ] {
        assert_eq!(merge(vec![wrong]), base, "{wrong:?}");
    }
    // One slot younger it earns; its author is by the authorities of its epoch, those of genesis.
    assert_eq!(merge(vec![blue(1, at(2) - EPOCH)]), [AUTHOR, AUTHOR + 2 * MERGER, 0, 2 * TREASURY]);
    assert_eq!(merge(vec![blue(2, at(2) - EPOCH)]), base, "there were two");
}

#[test]
fn a_list_that_is_given_by_its_hash_pays_the_selected_parent_alone() {
    let list: Vec<_> = (0..65).map(|i| blue(i % 3, at(1) - u64::from(i) / 8)).collect();
    assert_eq!(merge(list), merge(vec![]));
}

#[test]
fn a_full_list_is_paid_and_forgotten() {
    three().execute_with(|| {
        // 11 slots of three authors, and the parent's slot; the rest repeats.
        let list: Vec<_> = (0..64).map(|i| blue(i % 3, at(10) - u64::from(i) / 3)).collect();
        merging(at(11), 0, list);
        let authors: Balance = earned()[..3].iter().sum();
        assert!(authors >= 20 * AUTHOR, "{authors}");
        assert!(SeenAuthors::<Test>::iter_keys().count() <= 14);
        block(at(11) + 3 * EPOCH, 0);
        assert_eq!(SeenAuthors::<Test>::iter_keys().collect::<Vec<_>>(), [at(11) + 3 * EPOCH]);
    });
}

#[test]
fn who_equivocated_earns_nothing_any_more() {
    three().execute_with(|| {
        let report = |index, key| {
            let proof = equivocation(index, at(0), key);
            Dag::report_equivocation_unsigned(RuntimeOrigin::none(), proof).unwrap();
        };
        report(2, 3);
        merging(at(2), 1, vec![blue(2, at(1))]);
        assert_eq!(earned(), [AUTHOR, MERGER, 0, TREASURY]);
        // Neither as the parent's author nor as the merger.
        report(1, 2);
        block(at(3), 1);
        assert_eq!(earned(), [AUTHOR, MERGER, 0, TREASURY]);
        block(at(4), 0);
        block(at(5), 1);
        assert_eq!(earned(), [2 * AUTHOR, MERGER, 0, 2 * TREASURY], "without a merger's part");
    });
}

#[test]
fn foreign_blocks_between_do_not_lose_or_double_a_reward() {
    three().execute_with(|| {
        begin(&Digest { logs: vec![] });
        block(at(0), 0);
        assert_eq!(earned(), [0; 4]);
        block(at(1), 1);
        assert_eq!(earned(), [AUTHOR, MERGER, 0, TREASURY]);
        // An author that is none is not paid, nor is its parent's reward lost.
        block(at(2), 9);
        assert_eq!(earned(), [AUTHOR, MERGER + AUTHOR, 0, 2 * TREASURY]);
        block(at(3), 0);
        assert_eq!(earned(), [AUTHOR, MERGER + AUTHOR, 0, 2 * TREASURY]);
    });
}

#[test]
fn root_sets_the_issuance() {
    three().execute_with(|| {
        assert_eq!(Dag::set_block_issuance(signed(1), 5), Err(DispatchError::BadOrigin));
        Dag::set_block_issuance(RuntimeOrigin::root(), 0).unwrap();
        let before = issuance();
        merging(at(2), 1, vec![blue(2, at(1))]);
        assert_eq!((earned(), issuance()), ([0; 4], before));
        // Parts are rounded down; the author has the rest.
        Dag::set_block_issuance(RuntimeOrigin::root(), 9).unwrap();
        block(at(3), 0);
        assert_eq!(earned(), [1, 8, 0, 0]);
        assert_eq!(BlockIssuance::<Test>::get(), 9);
        assert_eq!(issuance(), before + 9);
    });
}

#[test]
fn what_is_too_little_for_a_new_account_is_not_issued() {
    ext().execute_with(|| {
        Dag::set_block_issuance(RuntimeOrigin::root(), 40).unwrap();
        let before = issuance();
        block(first(10), 0);
        block(first(10) + 1, 1);
        assert_eq!(earned(), [28, 8, 0, 0], "the treasury's 4 are below the existential deposit");
        assert_eq!(issuance(), before + 36);
    });
}

#[test]
fn no_more_is_issued_than_the_blue_blocks_bring() {
    for case in 0..20u64 {
        let mut state = case.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1;
        let mut next = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % bound
        };
        three().execute_with(|| {
            let mut slot = at(0);
            let mut paid = BTreeMap::from([((slot, 0), 1u32)]);
            let start = issuance();
            let mut blocks = 0u128;
            for _ in 0..60 {
                slot += 1 + next(3) * next(2) * next(8);
                let author = u32::try_from(next(3)).unwrap();
                let mut list = Vec::new();
                for _ in 0..next(6) {
                    let old = slot.saturating_sub(1 + next(15));
                    let colour = if next(3) == 0 { red } else { blue };
                    list.push(colour(u32::try_from(next(4)).unwrap(), old));
                }
                blocks += 1;
                for block in &list {
                    let is_first = paid.insert((block.slot.0, block.author), 1).is_none();
                    let counts = is_first && block.author < 3 && slot - block.slot.0 <= EPOCH;
                    let is_blue = block.colour == citrate_dag_types::Colour::Blue;
                    blocks += u128::from(counts && is_blue);
                }
                paid.insert((slot, author), 1);
                merging(slot, author, list);
                // Less where a slot is of epoch 11, which had two authors.
                assert!(issuance() - start <= blocks * ISSUANCE);
            }
            let earned: Balance = BlockRewards::<Test>::iter().map(|(_, sum)| sum).sum();
            assert_eq!(issuance() - start, earned);
            assert!(earned >= 60 * ISSUANCE);
        });
    }
}

/// Checks that the next block weighs what it does, and gives what that is: reads and writes.
fn weigh(
    ext: &mut citrate_testing::TestExternalities,
    slot: u64,
    list: Vec<MergedBlock>,
) -> (u64, u64) {
    ext.execute_with(|| {
        let digest = Digest { logs: vec![dag_digest(slot, 1, list).to_item()] };
        System::initialize(&100, &Default::default(), &digest);
    });
    let (weight, accesses) = ext.accesses(|| Dag::on_initialize(100));
    let weight = (weight.ref_time() % 1_000, weight.ref_time() / 1_000);
    let did = (accesses.reads(), accesses.writes());
    assert!(did.0 <= weight.0 && did.1 <= weight.1, "{did:?} of {weight:?} in slot {slot}");
    // Plausible, too: not many times as much.
    assert!(weight.0 <= 3 * did.0 + 20 && weight.1 <= 3 * did.1 + 20, "{did:?} of {weight:?}");
    did
}

#[test]
fn a_block_weighs_what_it_does() {
    let mut ext = three();
    weigh(&mut ext, at(1), vec![]);
    let full: Vec<_> = (0..64).map(|i| blue(i % 3, at(5) - u64::from(i) / 3)).collect();
    weigh(&mut ext, at(6), full);
    // An epoch's first block, with candidates and old evidence; then after a silence.
    weigh(&mut ext, at(EPOCH), vec![red(2, at(7))]);
    ext.execute_with(|| (0..2).for_each(|id| bond(4 + id, 500)));
    for epoch in 2..6 {
        weigh(&mut ext, at(epoch * EPOCH), vec![]);
    }
    weigh(&mut ext, at(5 * EPOCH + 9), vec![blue(0, at(5 * EPOCH + 8))]);
    weigh(&mut ext, at(50 * EPOCH), vec![]);
    // No digest, nothing to do.
    ext.execute_with(|| System::initialize(&101, &Default::default(), &Digest { logs: vec![] }));
    let (weight, _) = ext.accesses(|| Dag::on_initialize(101));
    assert!(weight.ref_time() < 10_000);
}
