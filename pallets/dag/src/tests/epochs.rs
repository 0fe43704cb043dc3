//! What is fixed when: authorities, randomness, parameters.

use super::mock::*;
use crate::validators::weights;
use crate::{
    Authorities, CurrentEpoch, ElectionRule, Event, NextAuthorities, NextRandomness,
    PastAuthorities, PastEpochs, QueuedAuthorities, Randomness, RandomnessAccumulator, SeenAuthors,
};
use citrate_dag_types::{Election, MergedBlock, Slot};

/// Goes through the first blocks of these epochs.
fn epochs(range: impl IntoIterator<Item = u64>) {
    for epoch in range {
        block(first(epoch), 0);
    }
}

#[test]
fn a_stake_counts_two_epochs_after_the_one_whose_beginning_it_saw() {
    ext().execute_with(|| {
        epochs([10]);
        bond(3, 1_000);
        bond(4, 3_000);
        let genesis = [authority(1, 1), authority(2, 1)];
        let elected = [member(4, 4, 3_000), member(3, 3, 1_000)];
        epochs([11]);
        assert_eq!(QueuedAuthorities::<Test>::get().into_inner(), elected);
        assert_eq!(Dag::configuration_at(Slot(first(12))).authorities, genesis);
        epochs([12]);
        assert_eq!(Dag::configuration().authorities, genesis);
        assert_eq!(NextAuthorities::<Test>::get().into_inner(), elected);
        epochs([13]);
        assert_eq!(Authorities::<Test>::get().into_inner(), elected);
        assert_eq!(Recorder::heard(), Some((13, elected.to_vec())));
        let randomness = Randomness::<Test>::get();
        let started = RuntimeEvent::Dag(Event::EpochStarted { epoch: 13, randomness });
        assert!(System::events().iter().any(|record| record.event == started));
    });
}

#[test]
fn genesis_authorities_answer_with_the_accounts_that_registered_their_keys() {
    ext().execute_with(|| {
        epochs([10]);
        let expected = [member(1, 1, 1), member(2, 2, 1)];
        assert_eq!(Authorities::<Test>::get().into_inner(), expected);
        assert_eq!(Dag::author(), Some(account(1)));
    });
}

/// The seed of epoch 14, when so many blocks are in the last third of epoch 12.
fn seed_of_14(late_blocks: u64) -> [u8; 32] {
    ext_with(vec![(account(1), 1_000)]).execute_with(|| {
        epochs(10..13);
        for late in 0..late_blocks {
            block(first(12) + 8 + late, 0);
        }
        epochs([13]);
        NextRandomness::<Test>::get()
    })
}

#[test]
fn a_key_changed_when_the_seed_is_known_elects_nobody_with_that_seed() {
    ext_with(vec![(account(1), 1_000)]).execute_with(|| {
        epochs(10..13);
        // The outputs of epoch 12 that make the seed of epoch 14 are complete: it can be computed, and keys and stakes
        // tried out against it.
        block(first(12) + 8, 0);
        set_key(1, 50);
        bond(2, 50_000);
        assert_eq!(seed_of_14(0), seed_of_14(4));
        epochs([13]);
        let at_14 = Dag::configuration_at(Slot(first(14)));
        assert_eq!(at_14.randomness, seed_of_14(0));
        assert_eq!(at_14.authorities, [authority(1, 1_000)], "neither the key nor the stake");
        epochs(14..16);
        // They author in epoch 15, whose seed is made of what came after.
        assert_eq!(keys(&Authorities::<Test>::get()), [pair(2).public(), pair(50).public()]);
    });
}

/// The randomness of the epoch after the next, when these blocks are in epoch 10 after its first.
fn seed(blocks: &[(u64, u32, Vec<MergedBlock>)]) -> [u8; 32] {
    ext().execute_with(|| {
        epochs([10]);
        let fixed = (Randomness::<Test>::get(), NextRandomness::<Test>::get());
        for (position, author, list) in blocks {
            merging(first(10) + position, *author, list.clone());
            let now = (Randomness::<Test>::get(), NextRandomness::<Test>::get());
            assert_eq!(now, fixed, "what is fixed is fixed");
        }
        epochs([11]);
        assert_eq!(Randomness::<Test>::get(), fixed.1);
        NextRandomness::<Test>::get()
    })
}

#[test]
fn all_outputs_of_two_thirds_of_an_epoch_make_the_randomness_of_the_second_next() {
    let at = |position| first(10) + position;
    let base = seed(&[(2, 0, vec![])]);
    assert_ne!(seed(&[]), base);
    assert_ne!(seed(&[(2, 1, vec![])]), base);
    assert_ne!(seed(&[(3, 0, vec![])]), base);
    // A merged block counts, blue or red, and only its slot and author matter.
    let with_blue = seed(&[(2, 0, vec![blue(1, at(1))])]);
    assert_ne!(with_blue, base);
    assert_eq!(seed(&[(2, 0, vec![red(1, at(1))])]), with_blue);
    // Once, whoever lists it again: in the same block, in a later one, or an own block as another's.
    assert_eq!(seed(&[(2, 0, vec![blue(1, at(1)), red(1, at(1))])]), with_blue);
    let later = |list| seed(&[(2, 0, vec![]), (4, 0, list)]);
    assert_eq!(later(vec![red(0, at(2))]), later(vec![]));
    assert_ne!(later(vec![red(1, at(2))]), later(vec![]));
}

#[test]
fn withholding_in_the_last_third_changes_no_randomness() {
    let base = seed(&[(2, 0, vec![]), (7, 0, vec![])]);
    for withheld in [8, 9, 11] {
        let list = vec![blue(1, first(10) + 6)];
        assert_eq!(seed(&[(2, 0, vec![]), (7, 0, vec![]), (withheld, 0, list)]), base);
    }
    assert_ne!(seed(&[(2, 0, vec![])]), base, "position 7 is within the first two thirds");
}

#[test]
fn a_long_list_counts_with_the_blocks_own_output_alone() {
    let long = |author| (0..65).map(|i| blue(author, first(10) + 1 + i % 2)).collect::<Vec<_>>();
    assert_eq!(seed(&[(4, 0, long(0))]), seed(&[(4, 0, long(1))]));
    assert_eq!(seed(&[(4, 0, long(0))]), seed(&[(4, 0, vec![])]));
}

#[test]
fn blocks_that_cannot_be_merged_do_not_count() {
    let at = first(10) + 4;
    let with = |list| seed(&[(4, 0, list)]);
    let base = with(vec![]);
    // Not before the merging block; older than an epoch; of an author that cannot be.
    for wrong in [blue(1, at), blue(1, at + 1), blue(1, at - EPOCH - 1), blue(3, at - 1)] {
        assert_eq!(with(vec![wrong]), base, "{wrong:?}");
    }
    assert_ne!(with(vec![blue(1, at - EPOCH)]), base);
}

#[test]
fn all_blocks_of_an_epoch_agree_about_the_next() {
    for case in 0..30u64 {
        let mut state = case.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1;
        let mut next = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % bound
        };
        ext_with(vec![(account(1), 1_000), (account(2), 2_000)]).execute_with(|| {
            let mut slot = first(1_000);
            let mut prepared = Dag::configuration_at(Slot(slot));
            let mut epoch = 0;
            for _ in 0..80 {
                slot += 1 + next(4) * next(5) * next(3);
                let author = u32::try_from(next(3)).unwrap();
                merging(slot, author, vec![blue(1, slot - 1), red(2, slot - 1)]);
                let later = |by: u64| Dag::configuration_at(Slot(first(slot / EPOCH + by)));
                if slot / EPOCH > epoch {
                    assert_eq!(Dag::configuration(), prepared, "as was said before");
                    epoch = slot / EPOCH;
                    prepared = later(1);
                }
                assert!(!prepared.authorities.is_empty());
                disturb(&mut next, slot);
                for by in [1, 2, 50] {
                    assert_eq!(later(by), prepared);
                }
                for earlier in [slot, first(epoch), 0] {
                    assert_eq!(Dag::configuration_at(Slot(earlier)), Dag::configuration());
                }
            }
        });
    }
}

/// Anything that may happen in a block; much of it fails.
fn disturb(next: &mut impl FnMut(u64) -> u64, slot: u64) {
    let id = u8::try_from(1 + next(5)).unwrap();
    let _ = match next(9) {
        0 => Staking::bond(signed(id), pallet_staking::Role::Validator, 500),
        1 => Staking::bond_extra(signed(id), u128::from(next(500))),
        2 => Staking::unbond(signed(id), u128::from(next(1_000))),
        3 => Staking::chill(signed(id)),
        4 => try_set_key(id, u8::try_from(100 + next(100)).unwrap()),
        5 => Dag::schedule_authorities(RuntimeOrigin::root(), vec![authority(id, 5)]),
        6 => {
            PayloadBytes::set(u32::try_from(next(1_000)).unwrap());
            Ok(())
        }
        7 => {
            let rate_millionths = u32::try_from(next(1_000)).unwrap();
            ElectionRule::<Test>::put(Election::Lottery { rate_millionths });
            Ok(())
        }
        _ => {
            let proof = equivocation(u32::try_from(next(3)).unwrap(), slot, id);
            Dag::report_equivocation_unsigned(RuntimeOrigin::none(), proof)
        }
    };
}

#[test]
fn parameters_change_with_the_epoch_after_the_next() {
    ext().execute_with(|| {
        epochs([10]);
        PayloadBytes::set(7);
        ElectionRule::<Test>::put(Election::Lottery { rate_millionths: 3 });
        let parameters = || {
            let configuration = Dag::configuration();
            (configuration.payload_bytes_max, configuration.election)
        };
        epochs([11]);
        assert_eq!(parameters(), (1_000, Election::EverySlot));
        epochs([12]);
        assert_eq!(parameters(), (7, Election::Lottery { rate_millionths: 3 }));
    });
}

#[test]
fn epochs_without_a_block_are_skipped() {
    ext_with(vec![(account(3), 1_000)]).execute_with(|| {
        epochs([10, 11, 12]);
        assert_eq!(Authorities::<Test>::get().into_inner(), [member(3, 3, 1_000)]);
        bond(4, 2_000);
        let prepared = Dag::configuration_at(Slot(first(40)));
        merging(first(40) + 5, 0, vec![blue(0, first(40) + 4)]);
        assert_eq!(CurrentEpoch::<Test>::get(), 40);
        assert_eq!(Dag::configuration(), prepared);
        // No past set is young enough for evidence now, and nothing is left of what was seen before.
        assert!(PastEpochs::<Test>::get().is_empty());
        assert_eq!(PastAuthorities::<Test>::iter().count(), 0);
        assert_eq!(SeenAuthors::<Test>::iter_keys().count(), 2);
        // The stake of before the silence came in line at its end.
        epochs([41, 42]);
        assert_eq!(Authorities::<Test>::get().len(), 2);
    });
}

#[test]
fn past_authorities_are_kept_for_evidence_and_no_longer() {
    ext().execute_with(|| {
        for epoch in 10..30 {
            block(first(epoch), 0);
            assert!(PastEpochs::<Test>::get().len() <= 4);
        }
        assert_eq!(PastEpochs::<Test>::get().into_inner(), [25, 26, 27, 28]);
        assert_eq!(PastAuthorities::<Test>::iter().count(), 4);
        assert!(Dag::authorities_of(Slot(first(24) + 11)).is_err());
        for epoch in 25..=30 {
            assert_eq!(Dag::authorities_of(Slot(first(epoch))).unwrap().len(), 2);
        }
        assert!(Dag::authorities_of(Slot(first(31))).is_err());
    });
}

#[test]
fn a_slot_of_a_skipped_epoch_was_won_under_what_was_next() {
    ext_with(vec![(account(3), 1_000)]).execute_with(|| {
        epochs([10, 11]);
        // Epoch 11 has the authorities of genesis; those of 12 and, as it is skipped, of 13 are the validators.
        epochs([13, 14]);
        let of = |epoch| keys(&Dag::authorities_of(Slot(first(epoch))).unwrap());
        assert_eq!(of(11), [pair(1).public(), pair(2).public()]);
        assert_eq!(of(12), [pair(3).public()]);
        assert_eq!(of(13), [pair(3).public()]);
    });
}

#[test]
fn without_validators_the_authorities_stay() {
    ext_with(vec![(account(3), 1_000)]).execute_with(|| {
        epochs(10..13);
        let one = [member(3, 3, 1_000)];
        assert_eq!(Authorities::<Test>::get().into_inner(), one);
        Staking::unbond(signed(3), 1_000).unwrap();
        epochs(13..17);
        assert_eq!(Authorities::<Test>::get().into_inner(), one, "somebody has to author");
        // A stake without a key, or a key without a stake, elects nobody.
        bond(6, 1_000);
        epochs(17..20);
        assert_eq!(Authorities::<Test>::get().into_inner(), one);
        bond(4, 1_000);
        epochs(20..23);
        assert_eq!(Authorities::<Test>::get().into_inner(), [member(4, 4, 1_000)]);
    });
}

#[test]
fn root_chooses_the_next_authorities() {
    ext().execute_with(|| {
        epochs([10]);
        let choice = vec![authority(5, 8), authority(60, 9)];
        Dag::schedule_authorities(RuntimeOrigin::root(), choice.clone()).unwrap();
        epochs([11]);
        assert_eq!(Dag::configuration().authorities, [authority(1, 1), authority(2, 1)]);
        epochs([12]);
        // The account that registered the key, or the key's own.
        let unregistered =
            crate::Member { account: pair(60).public().0.into(), authority: choice[1] };
        let set = [member(5, 5, 8), unregistered];
        assert_eq!(Authorities::<Test>::get().into_inner(), set);
        epochs(13..16);
        assert_eq!(Authorities::<Test>::get().into_inner(), set, "nobody has a stake");
        bond(1, 600);
        epochs([16]);
        Dag::schedule_authorities(RuntimeOrigin::root(), choice).unwrap();
        epochs(17..19);
        assert_eq!(Authorities::<Test>::get().into_inner(), set);
        epochs([19]);
        assert_eq!(Authorities::<Test>::get().into_inner(), [member(1, 1, 600)]);
    });
}

#[test]
fn the_largest_stakes_author_and_ties_go_to_the_lower_account() {
    ext().execute_with(|| {
        for (id, amount) in [(1, 700), (2, 600), (3, 600), (4, 900), (5, 600)] {
            bond(id, amount);
        }
        epochs(10..13);
        let expected = [member(4, 4, 900), member(1, 1, 700), member(2, 2, 600)];
        assert_eq!(Authorities::<Test>::get().into_inner(), expected);
    });
}

#[test]
fn weights_keep_the_stakes_proportion_within_64_bits() {
    let of = |stakes: &[u128]| weights(stakes.iter().copied());
    assert_eq!(of(&[]), [0u64; 0]);
    assert_eq!(of(&[5, 1]), [5, 1]);
    let limit = 1 << 62;
    assert_eq!(of(&[limit, limit - 1]), [1 << 62, (1 << 62) - 1]);
    assert_eq!(of(&[limit, limit]), [1 << 61, 1 << 61], "one bit too many");
    // A stake too small to count weighs the least there is.
    assert_eq!(of(&[u128::MAX / 2, 1]), [(1 << 62) - 1, 1]);
    let many = of(&[u128::MAX / 1_000; 1_000]);
    let sum = many.iter().try_fold(0u64, |sum, weight| sum.checked_add(*weight));
    assert!(sum.is_some_and(|sum| sum > 1 << 61), "{sum:?}");
}

#[test]
fn the_accumulator_starts_anew() {
    ext().execute_with(|| {
        epochs([10]);
        let one = RandomnessAccumulator::<Test>::get();
        block(first(10) + 1, 0);
        assert_ne!(RandomnessAccumulator::<Test>::get(), one);
        block(first(11) + 8, 0);
        assert_eq!(RandomnessAccumulator::<Test>::get(), [0; 32]);
    });
}
