use super::mock::*;
use crate::{BlockHash, Event, EventRecord, EventTopics, Events, Phase, limits::BlockWeights};
use citrate_core::{Digest, DigestItem, DispatchError, H256, StateVersion, Weight};
use citrate_support::{
    dispatch::{DispatchClass, DispatchInfo},
    storage::StorageInstance,
    traits::PalletInfoAccess,
};

fn start(number: u32) {
    let digest = Digest { logs: vec![DigestItem::PreRuntime(*b"test", vec![1])] };
    System::reset_events();
    System::initialize(&number, &H256::repeat_byte(number as u8 - 1), &digest);
    System::note_finished_initialize();
}

#[test]
fn the_hashes_of_the_last_blocks_are_kept_and_the_first() {
    ext().execute_with(|| {
        for number in 1..=20 {
            start(number);
            System::note_finished_extrinsics();
            let header = System::finalize();
            assert_eq!((header.number, header.parent_hash.0[0]), (number, number as u8 - 1));
        }
        let mut kept: Vec<_> = BlockHash::<Test>::iter_keys().collect();
        kept.sort_unstable();
        assert_eq!(kept, [0].into_iter().chain(10..20).collect::<Vec<_>>());
        assert_eq!(System::genesis_hash(), H256::zero());
    });
}

#[test]
fn a_header_commits_to_extrinsics_and_state() {
    let mut ext = ext();
    let header = ext.execute_with(|| {
        start(1);
        for bytes in [vec![4_u8, 1], vec![4, 2]] {
            System::note_extrinsic(bytes);
            System::note_applied_extrinsic(&Ok(().into()), &DispatchInfo::default());
        }
        System::deposit_log(DigestItem::RuntimeEnvironmentUpdated);
        System::note_finished_extrinsics();
        System::finalize()
    });
    assert_eq!(header.state_root, ext.commit());
    let expected = citrate_trie::ordered_root(&[vec![4, 1], vec![4, 2]], StateVersion::V0);
    assert_eq!(header.extrinsics_root, expected);
    assert_eq!(header.digest.logs.len(), 2);
}

#[test]
fn events_know_their_phase_and_topics() {
    ext().execute_with(|| {
        let remarked = |sender| Event::<Test>::Remarked { sender, hash: H256::zero() };
        System::reset_events();
        System::initialize(&1, &H256::zero(), &Digest::default());
        System::deposit_event(remarked(1));
        System::note_finished_initialize();
        System::deposit_event_indexed(&[H256::repeat_byte(9)], remarked(2).into());
        let error = DispatchError::BadOrigin.into();
        System::note_applied_extrinsic(&Err(error), &DispatchInfo::default());
        System::note_finished_extrinsics();
        System::deposit_event(remarked(3));
        let phases: Vec<_> = System::events().into_iter().map(|e| e.phase).collect();
        let zero = Phase::ApplyExtrinsic(0);
        assert_eq!(phases, [Phase::Initialization, zero, zero, Phase::Finalization]);
        assert!(matches!(
            System::events()[2].event,
            RuntimeEvent::System(Event::ExtrinsicFailed {
                dispatch_error: DispatchError::BadOrigin,
                ..
            })
        ));
        assert_eq!(EventTopics::<Test>::get(H256::repeat_byte(9)), vec![(1, 1)]);
        assert_eq!(System::event_count(), 4);
        System::reset_events();
        assert_eq!((System::event_count(), Events::<Test>::exists()), (0, false));
        assert_eq!(EventTopics::<Test>::iter().count(), 0);
    });
}

#[test]
fn genesis_deposits_no_events() {
    ext().execute_with(|| {
        System::set_block_number(0);
        System::inc_providers(&1);
        assert_eq!(System::event_count(), 0);
    });
}

#[test]
fn clients_find_the_types_and_places_that_they_know() {
    use scale_info::TypeInfo;
    let path = EventRecord::<u8>::type_info().path;
    assert_eq!(path.segments, ["frame_system", "EventRecord"]);
    assert_eq!(Phase::type_info().path.segments[0], "frame_system");
    assert_eq!((System::name(), System::index()), ("System", 0));
    let key = hex(&Events::<Test>::hashed_key());
    assert_eq!(key, "26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7");
    struct Account;
    impl StorageInstance for Account {
        const STORAGE_PREFIX: &'static str = "Account";
        fn pallet_prefix() -> &'static str {
            "System"
        }
    }
    assert_eq!(crate::Account::<Test>::hashed_key_for(0)[..32], Account::prefix_hash());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    let weight = |n| Weight::from_parts(n, n);
    let too_large_extrinsic = BlockWeights::builder()
        .for_class(DispatchClass::Normal, |w| {
            w.base_extrinsic = Weight::zero();
            w.max_total = Some(weight(100));
            w.max_extrinsic = Some(weight(101));
        })
        .base_block(Weight::zero())
        .build();
    assert!(too_large_extrinsic.is_err());
    let defaults = BlockWeights::default();
    let normal = defaults.get(DispatchClass::Normal);
    assert!(normal.max_extrinsic.unwrap().all_lt(normal.max_total.unwrap()));
    assert_eq!(defaults.validate(), Ok(()));
}
