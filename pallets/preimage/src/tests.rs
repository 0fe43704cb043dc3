//! Tests of the pallet on a small runtime.

use crate::{
    Config, Error, Event, HoldReason, MAX_SIZE, PreimageFor, RequestStatus, RequestStatusFor,
};
use citrate_core::{Balance, DispatchError, H256, TokenError};
use citrate_support::dispatch::Pays;
use citrate_support::traits::preimages::{Bounded, QueryPreimage, StorePreimage};
use citrate_support::traits::{BlakeTwo256, ConstU128, Hash, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{
    BoundedVec, assert_err, assert_err_ignore_postinfo, assert_noop, assert_ok, parameter_types,
};
use citrate_testing::{TestExternalities, assert_weighed};
use codec::Encode;
use pallet_system::EnsureRoot;

#[citrate_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeHoldReason,
        RuntimeFreezeReason
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;

    #[runtime::pallet_index(2)]
    pub type Preimage = crate;
}

citrate_testing::system_config!(Test {
    AccountId = u64,
    AccountData = pallet_balances::AccountData,
    DbWeight = DbWeight,
});
parameter_types! {
    pub const DbWeight: RuntimeDbWeight = citrate_testing::DB_WEIGHT;
}

citrate_testing::balances_config!(Test { ExistentialDeposit = 1 });

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ManagerOrigin = EnsureRoot<u64>;
    type BaseDeposit = ConstU128<100>;
    type ByteDeposit = ConstU128<1>;
}

fn ext() -> TestExternalities {
    let balances = vec![(1, 1_000), (2, 1_000), (3, 90)];
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn signed(who: u64) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn held(who: u64) -> Balance {
    Balances::on_hold(&HoldReason::Preimage.into(), &who)
}

fn hash(bytes: &[u8]) -> H256 {
    BlakeTwo256::hash(bytes)
}

/// There are bytes where a status says so, they have their hash, and on hold is what the tickets say.
fn check() {
    assert_eq!(<Preimage as Hooks<u32>>::try_state(System::block_number()), Ok(()));
    for ((hash, len), bytes) in PreimageFor::<Test>::iter() {
        assert_eq!((super::tests::hash(&bytes), bytes.len() as u32), (hash, len));
    }
}

#[test]
fn faults_in_the_state_are_found() {
    let faults: [(&str, fn()); 4] = [
        ("bytes are missing", || PreimageFor::<Test>::remove((hash(b"some"), 4))),
        ("there are bytes without a status", || {
            PreimageFor::<Test>::insert((hash(b""), 0), BoundedVec::default());
        }),
        ("bytes are requested by nobody", || {
            let status = RequestStatus::Requested { maybe_ticket: None, count: 0, maybe_len: None };
            RequestStatusFor::<Test>::insert(hash(b""), status);
        }),
        ("what is on hold is not what was written down", || {
            let status = RequestStatus::Unrequested { ticket: (1, 7), len: 4 };
            RequestStatusFor::<Test>::insert(hash(b"some"), status);
        }),
    ];
    for (reason, fault) in faults {
        ext().execute_with(|| {
            assert_ok!(Preimage::note_preimage(signed(1), b"some".to_vec()));
            check();
            fault();
            assert_eq!(Preimage::check(), Err(DispatchError::Other(reason)));
        });
    }
}

#[test]
fn bytes_are_kept_for_a_deposit() {
    ext().execute_with(|| {
        let info = Preimage::note_preimage(signed(1), b"0123456789".to_vec()).unwrap();
        assert_eq!(info.pays_fee, Pays::Yes);
        assert_eq!(held(1), 110);
        let id = hash(b"0123456789");
        assert_eq!(<Preimage as QueryPreimage>::len(&id), Some(10));
        assert_ok!(<Preimage as QueryPreimage>::fetch(&id, None), b"0123456789".to_vec());
        assert_ok!(<Preimage as QueryPreimage>::fetch(&id, Some(10)), b"0123456789".to_vec());
        let wrong = <Preimage as QueryPreimage>::fetch(&id, Some(11));
        assert_err!(wrong, DispatchError::Unavailable);
        assert!(!<Preimage as QueryPreimage>::is_requested(&id));
        check();
        for who in [1, 2] {
            let again = Preimage::note_preimage(signed(who), b"0123456789".to_vec());
            assert_noop!(again, Error::<Test>::AlreadyNoted);
        }
        assert_noop!(Preimage::unnote_preimage(signed(2), id), Error::<Test>::NotAuthorized);
        assert_ok!(Preimage::unnote_preimage(signed(1), id));
        assert_eq!(held(1), 0);
        assert_noop!(Preimage::unnote_preimage(signed(1), id), Error::<Test>::NotNoted);
        check();
        // Who cannot pay keeps nothing.
        let poor = Preimage::note_preimage(signed(3), vec![1]);
        assert_err_ignore_postinfo!(poor, TokenError::FundsUnavailable);
        let nobody = Preimage::note_preimage(RuntimeOrigin::none(), vec![1]);
        assert_noop!(nobody, DispatchError::BadOrigin);
    });
}

#[test]
fn requested_bytes_are_brought_for_nothing_and_once() {
    ext().execute_with(|| {
        let id = hash(b"wanted");
        assert_noop!(Preimage::request_preimage(signed(1), id), DispatchError::BadOrigin);
        assert_ok!(Preimage::request_preimage(RuntimeOrigin::root(), id));
        assert!(<Preimage as QueryPreimage>::is_requested(&id));
        assert_eq!(<Preimage as QueryPreimage>::len(&id), None);
        let info = Preimage::note_preimage(signed(3), b"wanted".to_vec()).unwrap();
        assert_eq!((info.pays_fee, held(3)), (Pays::No, 0));
        let again = Preimage::note_preimage(signed(3), b"wanted".to_vec());
        assert_noop!(again, Error::<Test>::AlreadyNoted);
        check();
        assert_noop!(Preimage::unnote_preimage(signed(3), id), Error::<Test>::NotAuthorized);
        assert_noop!(Preimage::unrequest_preimage(signed(1), id), DispatchError::BadOrigin);
        assert_ok!(Preimage::unrequest_preimage(RuntimeOrigin::root(), id));
        assert_eq!(PreimageFor::<Test>::iter().count(), 0);
        let unrequest = Preimage::unrequest_preimage(RuntimeOrigin::root(), id);
        assert_noop!(unrequest, Error::<Test>::NotRequested);
    });
}

#[test]
fn a_request_outlives_the_deposit_and_the_deposit_the_request() {
    ext().execute_with(|| {
        let id = hash(b"both");
        assert_ok!(Preimage::note_preimage(signed(1), b"both".to_vec()));
        assert_noop!(
            Preimage::unrequest_preimage(RuntimeOrigin::root(), id),
            Error::<Test>::NotRequested
        );
        assert_ok!(Preimage::request_preimage(RuntimeOrigin::root(), id));
        assert_ok!(Preimage::unrequest_preimage(RuntimeOrigin::root(), id));
        assert_eq!((held(1), <Preimage as QueryPreimage>::len(&id)), (104, Some(4)));
        check();
        assert_ok!(Preimage::request_preimage(RuntimeOrigin::root(), id));
        assert_ok!(Preimage::unnote_preimage(signed(1), id));
        assert_eq!((held(1), <Preimage as QueryPreimage>::len(&id)), (0, Some(4)));
        check();
        assert_ok!(Preimage::unrequest_preimage(RuntimeOrigin::root(), id));
        assert_eq!(<Preimage as QueryPreimage>::len(&id), None);
        check();
    });
}

#[test]
fn the_manager_keeps_and_gives_up_without_a_deposit() {
    ext().execute_with(|| {
        let info = Preimage::note_preimage(RuntimeOrigin::root(), b"mine".to_vec()).unwrap();
        assert_eq!(info.pays_fee, Pays::No);
        let id = hash(b"mine");
        assert!(<Preimage as QueryPreimage>::is_requested(&id));
        assert_ok!(Preimage::unnote_preimage(RuntimeOrigin::root(), id));
        check();
        // What an account keeps, the manager may clear; the account has its money back.
        assert_ok!(Preimage::note_preimage(signed(1), b"spam".to_vec()));
        assert_ok!(Preimage::unnote_preimage(RuntimeOrigin::root(), hash(b"spam")));
        assert_eq!((held(1), PreimageFor::<Test>::iter().count()), (0, 0));
    });
}

#[test]
fn a_preimage_has_a_limit() {
    ext().execute_with(|| {
        let longest = vec![0; MAX_SIZE as usize];
        assert_ok!(Preimage::note_preimage(RuntimeOrigin::root(), longest));
        let too_long = vec![0; MAX_SIZE as usize + 1];
        let noted = Preimage::note_preimage(RuntimeOrigin::root(), too_long.clone());
        assert_noop!(noted, Error::<Test>::TooBig);
        assert_err!(<Preimage as StorePreimage>::note(too_long), DispatchError::Exhausted);
    });
}

#[test]
fn the_chain_carries_short_values_and_keeps_long_ones() {
    ext().execute_with(|| {
        let short = <Preimage as StorePreimage>::bound(&vec![1_u8; 126]).unwrap();
        assert!(matches!(short, Bounded::Inline(_)), "126 bytes and their length of two");
        assert_eq!(RequestStatusFor::<Test>::iter().count(), 0);
        assert_ok!(<Preimage as QueryPreimage>::realize(&short), vec![1_u8; 126]);

        let long = vec![7_u8; 200];
        let first = <Preimage as StorePreimage>::bound(&long).unwrap();
        let second = <Preimage as StorePreimage>::bound(&long).unwrap();
        let hash = BlakeTwo256::hash_of(&long);
        assert_eq!(first, Bounded::Lookup { hash, len: 202 });
        // Each of two users has a request of its own.
        assert_ok!(<Preimage as QueryPreimage>::realize(&first), long.clone());
        assert_ok!(<Preimage as QueryPreimage>::peek(&second), long.clone());
        assert_ok!(<Preimage as QueryPreimage>::realize(&second), long);
        assert_err!(<Preimage as QueryPreimage>::peek(&second), DispatchError::Unavailable);
        assert_eq!(RequestStatusFor::<Test>::iter().count(), 0);
        check();
    });
}

#[test]
fn bytes_that_are_no_value_are_told_from_missing_ones() {
    ext().execute_with(|| {
        assert_ok!(Preimage::note_preimage(signed(1), vec![3]));
        let bounded = Bounded::<bool>::Lookup { hash: hash(&[3]), len: 1 };
        assert_err!(<Preimage as QueryPreimage>::peek(&bounded), DispatchError::Corruption);
        let inline = Bounded::<bool>::Inline(vec![1, 1].try_into().unwrap());
        assert_err!(<Preimage as QueryPreimage>::peek(&inline), DispatchError::Corruption);
    });
}

#[test]
fn what_is_done_is_within_its_weight() {
    let mut ext = ext();
    let id = hash(b"bytes");
    let root = || RuntimeOrigin::root();
    let mut run = |origin, call| assert_weighed(&mut ext, origin, RuntimeCall::Preimage(call));
    let note = || crate::Call::note_preimage { bytes: b"bytes".to_vec() };
    run(signed(1), note());
    run(root(), crate::Call::request_preimage { hash: id });
    run(root(), crate::Call::unrequest_preimage { hash: id });
    run(signed(1), crate::Call::unnote_preimage { hash: id });
    run(root(), note());
    run(root(), crate::Call::unrequest_preimage { hash: id });
}

#[test]
fn encodings_are_the_known_ones() {
    let hash = H256([1; 32]);
    let lookup = Bounded::<u8>::Lookup { hash, len: 2 };
    assert_eq!(lookup.encode(), (2_u8, hash, 2_u32).encode());
    let inline = Bounded::<u8>::Inline(vec![9].try_into().unwrap());
    assert_eq!(inline.encode(), [1, 4, 9]);
    assert_eq!(crate::Call::<Test>::request_preimage { hash }.encode()[0], 2);
    assert_eq!(Event::<Test>::Cleared { hash }.encode()[0], 2);
}
