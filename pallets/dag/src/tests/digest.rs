//! What a block says, and what the pallet makes of strange digests.

use super::mock::*;
use crate::{Author, BlockEntropy, BlocksAuthored, CurrentAuthor, CurrentSlot, Error};
use citrate_core::{Digest, DigestItem, DispatchError, H256};
use citrate_dag_types::{ENGINE_ID, Election, Slot};
use citrate_support::traits::{FindAuthor, Randomness};
use citrate_support::{assert_noop, assert_ok};

#[test]
fn genesis_sets_the_configuration() {
    ext().execute_with(|| {
        let configuration = Dag::configuration();
        assert_eq!(configuration.slot_duration_ms, 500);
        assert_eq!(configuration.epoch_length, EPOCH);
        assert_eq!(configuration.election, Election::EverySlot);
        assert_eq!(configuration.authorities, [authority(1, 1), authority(2, 1)]);
        assert_eq!(configuration.randomness, [9; 32]);
        assert_eq!((configuration.payload_bytes_max, configuration.mergeset_max), (1_000, 8));
        assert_eq!(configuration.delay_bound_ms, 1_000);
        // The chain's first block is in whatever slot it is when the chain starts.
        assert_eq!(Dag::configuration_at(Slot(first(1_000))), configuration);
    });
}

#[test]
fn the_digest_gives_slot_and_author() {
    ext().execute_with(|| {
        block(5, 1);
        assert_eq!(Dag::current_slot(), Slot(5));
        assert_eq!((CurrentAuthor::<Test>::get(), Dag::author()), (Some(1), Some(account_of(2))));
        assert_eq!(BlocksAuthored::<Test>::get(account_of(2)), 1);
        let digest = dag_digest(5, 1, vec![]).to_item();
        let bytes = digest.as_pre_runtime(ENGINE_ID).unwrap().to_vec();
        assert_eq!(Dag::find_author([(ENGINE_ID, &bytes[..])]), Some(1));
        assert_eq!(Dag::find_author([(*b"aura", &bytes[..])]), None);
    });
}

/// The account of a genesis authority before the first epoch began: its key's own.
fn account_of(key: u8) -> citrate_core::AccountId32 {
    pair(key).public().0.into()
}

#[test]
fn foreign_stale_and_missing_digests_are_harmless() {
    ext().execute_with(|| {
        block(5, 0);
        let entropy = BlockEntropy::<Test>::get();
        let garbage = DigestItem::PreRuntime(ENGINE_ID, vec![1, 2, 3]);
        let foreign = DigestItem::PreRuntime(*b"aura", vec![1, 2, 3]);
        for logs in [vec![], vec![foreign], vec![garbage]] {
            begin(&Digest { logs });
            assert_eq!(CurrentSlot::<Test>::get(), 5);
            assert_eq!((CurrentAuthor::<Test>::get(), Author::<Test>::get()), (None, None));
        }
        // A copy of the parent's digest counts once; an unknown author earns nothing.
        block(5, 0);
        assert_eq!(Dag::author(), Some(account_of(1)));
        assert_eq!(BlocksAuthored::<Test>::get(account_of(1)), 1);
        assert_eq!(BlockEntropy::<Test>::get(), entropy);
        block(6, 77);
        assert_eq!((Dag::author(), CurrentSlot::<Test>::get()), (None, 6));
    });
}

#[test]
fn only_sound_authorities_are_scheduled() {
    ext().execute_with(|| {
        let schedule = |authorities| Dag::schedule_authorities(RuntimeOrigin::root(), authorities);
        let error = |e: Error<Test>| DispatchError::from(e);
        assert_noop!(schedule(vec![]), error(Error::NoAuthorities));
        assert_noop!(schedule(vec![authority(1, 0)]), error(Error::ZeroWeight));
        let twice = vec![authority(1, 1), authority(1, 2)];
        assert_noop!(schedule(twice), error(Error::DuplicateAuthority));
        let four = (1..=4).map(|id| authority(id, 1)).collect::<Vec<_>>();
        assert_noop!(schedule(four.clone()), error(Error::TooManyAuthorities));
        assert_ok!(schedule(four[..3].to_vec()));
        let unprivileged = Dag::schedule_authorities(signed(1), vec![authority(1, 1)]);
        assert_noop!(unprivileged, DispatchError::BadOrigin);
    });
}

#[test]
fn a_blocks_randomness_is_new_and_differs_by_subject() {
    let random = |subject: &[u8]| <Dag as Randomness<H256, u32>>::random(subject);
    ext().execute_with(|| {
        block(1, 0);
        let (seed, since) = random(b"a");
        assert_eq!(since, pallet_system::Number::<Test>::get());
        assert_eq!(random(b"a").0, seed);
        assert_ne!(random(b"b").0, seed);
        // In an epoch's last third, too, an author's output decides, not the slot alone.
        let ends = [0, 1].map(|author| {
            ext().execute_with(|| {
                block(1, 0);
                block(EPOCH - 1, author);
                random(b"a").0
            })
        });
        assert_ne!(ends[0], seed);
        assert_ne!(ends[0], ends[1]);
    });
}
