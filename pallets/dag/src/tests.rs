//! Tests of the pallet on a small runtime.

use crate::{
    Authorities, BlocksAuthored, Config, CurrentAuthor, CurrentEpoch, CurrentSlot, Error, Event,
    NextAuthorities, Randomness,
};
use citrate_core::{AccountId32, Digest, DigestItem, DispatchError, H256, Weight, sr25519};
use citrate_dag_types::{Authority, DagDigest, ENGINE_ID, Election, Merged, Slot, VrfSignature};
use citrate_support::traits::{ConstU32, ConstU64, FindAuthor, Hooks, Randomness as Randomness_};
use citrate_support::{assert_noop, assert_ok, parameter_types};
use citrate_testing::TestExternalities;

#[citrate_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin)]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(6)]
    pub type Dag = crate;
}

citrate_testing::system_config!(Test { AccountId = AccountId32 });

parameter_types! {
    pub const PayloadWeight: Weight = Weight::from_parts(1_000, 1_000);
}

impl Config for Test {
    type SlotDuration = ConstU64<500>;
    type EpochLength = ConstU64<10>;
    type MaxAuthorities = ConstU32<3>;
    type PayloadBytesMax = ConstU32<1_000>;
    type PayloadWeightMax = PayloadWeight;
    type MergesetMax = ConstU32<8>;
    type DelayBoundMs = ConstU32<1_000>;
}

fn authority(key: u8) -> Authority {
    Authority { key: sr25519::Public([key; 32]), weight: u64::from(key) }
}

fn ext() -> TestExternalities {
    let config = RuntimeGenesisConfig {
        dag: crate::GenesisConfig {
            authorities: vec![authority(1), authority(2)],
            randomness: [9; 32],
            ..Default::default()
        },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn digest(slot: u64, author: u32) -> Digest {
    let item = DagDigest {
        slot: Slot(slot),
        author,
        vrf: VrfSignature { pre_output: [3; 32], proof: [4; 64] },
        other_parents: vec![],
        blue_score: 1,
        merged: Merged::new(vec![]),
        payload_root: H256::zero(),
    }
    .to_item();
    Digest { logs: vec![item] }
}

fn begin(number: u32, digest: &Digest) {
    System::initialize(&number, &H256::zero(), digest);
    Dag::on_initialize(number);
}

#[test]
fn genesis_sets_the_configuration() {
    ext().execute_with(|| {
        let configuration = Dag::configuration();
        assert_eq!(configuration.slot_duration_ms, 500);
        assert_eq!(configuration.election, Election::EverySlot);
        assert_eq!(configuration.authorities, [authority(1), authority(2)]);
        assert_eq!(configuration.randomness, [9; 32]);
        assert_eq!(configuration.mergeset_max, 8);
    });
}

#[test]
fn the_digest_gives_slot_and_author() {
    ext().execute_with(|| {
        begin(1, &digest(5, 1));
        assert_eq!(Dag::current_slot(), Slot(5));
        let author = AccountId32::from([2; 32]);
        assert_eq!(Dag::author(), Some(author.clone()));
        assert_eq!(BlocksAuthored::<Test>::get(author), 1);
        let bytes = digest(5, 1).logs[0].as_pre_runtime(ENGINE_ID).unwrap().to_vec();
        assert_eq!(Dag::find_author([(ENGINE_ID, &bytes[..])]), Some(1));
        assert_eq!(Dag::find_author([(*b"aura", &bytes[..])]), None);
    });
}

#[test]
fn foreign_stale_and_missing_digests_are_harmless() {
    ext().execute_with(|| {
        begin(1, &digest(5, 0));
        let randomness = crate::RandomnessAccumulator::<Test>::get();
        let garbage = DigestItem::PreRuntime(ENGINE_ID, vec![1, 2, 3]);
        let foreign = DigestItem::PreRuntime(*b"aura", vec![1, 2, 3]);
        for (number, digest) in [
            Digest { logs: vec![] },
            Digest { logs: vec![foreign] },
            Digest { logs: vec![garbage] },
        ]
        .iter()
        .enumerate()
        {
            begin(u32::try_from(number).unwrap() + 2, digest);
            assert_eq!(CurrentSlot::<Test>::get(), 5);
            assert_eq!(CurrentAuthor::<Test>::get(), None);
            assert_eq!(Dag::author(), None);
        }
        // A copy of the parent's digest counts once; an unknown author earns nothing.
        begin(5, &digest(5, 0));
        assert_eq!(BlocksAuthored::<Test>::get(AccountId32::from([1; 32])), 1);
        assert_eq!(crate::RandomnessAccumulator::<Test>::get(), randomness);
        begin(6, &digest(6, 77));
        assert_eq!(Dag::author(), None);
        assert_eq!(CurrentSlot::<Test>::get(), 6);
    });
}

#[test]
fn an_epoch_changes_randomness_and_authorities_at_its_first_block() {
    ext().execute_with(|| {
        begin(1, &digest(5, 0));
        assert_ok!(Dag::schedule_authorities(RuntimeOrigin::root(), vec![authority(7)]));
        begin(2, &digest(9, 0));
        assert_eq!(Randomness::<Test>::get(), [9; 32]);
        assert_eq!(Authorities::<Test>::get().len(), 2);
        // Epochs 1 and 2 had no block.
        begin(3, &digest(31, 0));
        assert_eq!(CurrentEpoch::<Test>::get(), 3);
        assert_ne!(Randomness::<Test>::get(), [9; 32]);
        assert_eq!(Authorities::<Test>::get().into_inner(), [authority(7)]);
        assert_eq!(NextAuthorities::<Test>::get(), None);
        let randomness = Randomness::<Test>::get();
        assert!(System::events().iter().any(|r| {
            r.event == RuntimeEvent::Dag(Event::EpochStarted { epoch: 3, randomness })
        }));
        begin(4, &digest(32, 0));
        assert_eq!(Randomness::<Test>::get(), randomness);
    });
}

#[test]
fn randomness_depends_on_every_vrf_output() {
    let after = |slots: &[u64]| {
        ext().execute_with(|| {
            for (number, slot) in (1..).zip(slots) {
                begin(number, &digest(*slot, 0));
            }
            begin(100, &digest(10, 0));
            Randomness::<Test>::get()
        })
    };
    assert_eq!(after(&[1, 2]), after(&[3, 4]));
    assert_ne!(after(&[1, 2]), after(&[1]));
}

#[test]
fn only_sound_authorities_are_scheduled() {
    ext().execute_with(|| {
        let schedule = |authorities| Dag::schedule_authorities(RuntimeOrigin::root(), authorities);
        let error = |e: Error<Test>| DispatchError::from(e);
        assert_noop!(schedule(vec![]), error(Error::NoAuthorities));
        assert_noop!(schedule(vec![authority(0)]), error(Error::ZeroWeight));
        assert_noop!(schedule(vec![authority(1), authority(1)]), error(Error::DuplicateAuthority));
        let four = (1..=4).map(authority).collect::<Vec<_>>();
        assert_noop!(schedule(four.clone()), error(Error::TooManyAuthorities));
        assert_ok!(schedule(four[..3].to_vec()));
        assert_noop!(
            Dag::schedule_authorities(
                RuntimeOrigin::signed(AccountId32::from([1; 32])),
                vec![authority(1)]
            ),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn a_blocks_randomness_is_new_and_differs_by_subject() {
    ext().execute_with(|| {
        begin(1, &digest(1, 0));
        let (first, since) = <Dag as Randomness_<H256, u32>>::random(b"a");
        assert_eq!(since, 1);
        assert_eq!(<Dag as Randomness_<H256, u32>>::random(b"a").0, first);
        assert_ne!(<Dag as Randomness_<H256, u32>>::random(b"b").0, first);
        begin(2, &digest(2, 0));
        assert_ne!(<Dag as Randomness_<H256, u32>>::random(b"a").0, first);
    });
}
