//! Blocks that pass in tests, with every hook in its place.

use super::mock::{RuntimeEvent, RuntimeOrigin, System, Test, ext};
use crate::Event;
use citrate_core::Weight;
use citrate_support::{
    parameter_types,
    traits::{OnFinalize, OnIdle, OnInitialize, OnPoll},
    weights::WeightMeter,
};

parameter_types! {
    static Seen: Vec<(&'static str, u32)> = vec![];
}

/// Notes what is called.
struct Spy;

impl OnInitialize<u32> for Spy {
    fn on_initialize(n: u32) -> Weight {
        Seen::mutate(|seen| seen.push(("initialize", n)));
        Weight::from_parts(7, 0)
    }
}

impl OnPoll<u32> for Spy {
    fn on_poll(n: u32, _: &mut WeightMeter) {
        Seen::mutate(|seen| seen.push(("poll", n)));
    }
}

impl OnIdle<u32> for Spy {
    fn on_idle(n: u32, _: Weight) -> Weight {
        Seen::mutate(|seen| seen.push(("idle", n)));
        Weight::zero()
    }
}

impl OnFinalize<u32> for Spy {
    fn on_finalize(n: u32) {
        Seen::mutate(|seen| seen.push(("finalize", n)));
    }
}

#[test]
fn blocks_pass_with_all_hooks_in_order() {
    ext().execute_with(|| {
        let mut told = vec![];
        System::run_to_block_with::<Spy>(3, |number| told.push(number));
        assert_eq!((System::block_number(), told), (3, vec![2, 3]));
        assert_eq!(
            Seen::get(),
            [
                ("poll", 1),
                ("idle", 1),
                ("finalize", 1),
                ("initialize", 2),
                ("poll", 2),
                ("idle", 2),
                ("finalize", 2),
                ("initialize", 3),
            ]
        );
        assert_ne!(System::parent_hash(), System::block_hash(1), "each block has its own hash");
        assert_eq!(System::parent_hash(), System::block_hash(2));
        // What the hooks weighed, and the base of a block.
        assert_eq!(System::block_weight().total(), Weight::from_parts(17, 0));
        System::run_to_block::<Spy>(2);
        assert_eq!(System::block_number(), 3, "time does not run backwards");
    });
}

#[test]
fn a_block_starts_without_the_events_of_the_last() {
    ext().execute_with(|| {
        let remark = |byte: u8| System::remark_with_event(RuntimeOrigin::signed(1), vec![byte]);
        let event = |byte: u8| {
            let hash = citrate_core::hashing::blake2_256(&[byte]).into();
            RuntimeEvent::System(Event::<Test>::Remarked { sender: 1, hash })
        };
        remark(1).expect("anybody may");
        let before = System::event_count();
        remark(2).expect("anybody may");
        remark(3).expect("anybody may");
        System::assert_events_since(before, &[event(2), event(3)]);
        System::run_to_block::<()>(2);
        System::assert_events_since(0, &[]);
    });
}

#[test]
#[should_panic(expected = "the events since the 0 before are others")]
fn an_event_too_many_is_noticed() {
    ext().execute_with(|| {
        System::remark_with_event(RuntimeOrigin::signed(1), vec![]).expect("anybody may");
        System::assert_events_since(0, &[]);
    });
}
