//! Tests of the pallet on a small runtime.

use crate::{Announcements, Config, Error, Event, HoldReason, Proxies};
use citrate_core::{Balance, DispatchError, TokenError};
use citrate_support::dispatch::DispatchResult;
use citrate_support::traits::{BlakeTwo256, ConstU32, ConstU128, Hash, Hooks, InstanceFilter};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{assert_noop, assert_ok, parameter_types};
use citrate_testing::{TestExternalities, assert_weighed};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

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
    pub type Utility = pallet_utility;

    #[runtime::pallet_index(3)]
    pub type Proxy = crate;
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

impl pallet_utility::Config for Test {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
}

/// What proxies of the tests may do.
#[derive(
    Copy,
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum Kind {
    #[default]
    Any,
    /// Transfers, and batches of them.
    Transfers,
    /// Proxies and batches.
    Proxies,
}

impl InstanceFilter<RuntimeCall> for Kind {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::Transfers => {
                matches!(call, RuntimeCall::Balances(_) | RuntimeCall::Utility(_))
            }
            Self::Proxies => matches!(call, RuntimeCall::Proxy(_) | RuntimeCall::Utility(_)),
        }
    }
    fn is_superset(&self, other: &Self) -> bool {
        *self == Self::Any || self == other
    }
}

impl Config for Test {
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProxyType = Kind;
    type ProxyDepositBase = ConstU128<10>;
    type ProxyDepositFactor = ConstU128<1>;
    type MaxProxies = ConstU32<3>;
    type MaxPending = ConstU32<2>;
    type AnnouncementDepositBase = ConstU128<20>;
    type AnnouncementDepositFactor = ConstU128<2>;
}

fn ext() -> TestExternalities {
    let balances = (1..=4).map(|who| (who, 1_000)).chain([(5, 5)]).collect();
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn signed(who: u64) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn send(value: Balance) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_allow_death { dest: 9, value })
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
    RuntimeCall::Utility(pallet_utility::Call::batch_all { calls })
}

/// What came of a call that `who` made for `real`.
fn act(who: u64, real: u64, call: RuntimeCall) -> DispatchResult {
    assert_ok!(Proxy::proxy(signed(who), real, None, Box::new(call)));
    last_result()
}

fn last_result() -> DispatchResult {
    match events().pop() {
        Some(Event::ProxyExecuted { result }) => result,
        other => panic!("not executed: {other:?}"),
    }
}

fn free(who: u64) -> Balance {
    Balances::free_balance(&who)
}

fn held(who: u64) -> (Balance, Balance) {
    (
        Balances::on_hold(&HoldReason::Proxies.into(), &who),
        Balances::on_hold(&HoldReason::Announcements.into(), &who),
    )
}

fn events() -> Vec<Event<Test>> {
    let events = System::events().into_iter().filter_map(|r| match r.event {
        RuntimeEvent::Proxy(event) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn faults_in_the_state_are_found() {
    let faults: [(&str, fn()); 4] = [
        ("less is on hold for proxies than was written down", || {
            Proxies::<Test>::mutate(1, |(_, deposit)| *deposit += 1);
        }),
        ("an account has no proxies, and a place for them", || {
            Proxies::<Test>::mutate(1, |(proxies, _)| proxies.clear());
        }),
        ("proxies are not in order", || {
            Proxies::<Test>::mutate(1, |(proxies, _)| {
                let first = proxies.first().cloned().expect("there is one");
                proxies.try_push(first).expect("there is room");
            });
        }),
        ("what is on hold is not what was written down", || {
            Announcements::<Test>::mutate(2, |(_, deposit)| *deposit = 0);
        }),
    ];
    for (reason, fault) in faults {
        ext().execute_with(|| {
            assert_ok!(Proxy::add_proxy(signed(1), 2, Kind::Any, 5));
            assert_ok!(Proxy::announce(signed(2), 1, BlakeTwo256::hash(b"a call")));
            assert_eq!(<Proxy as Hooks<u32>>::try_state(1), Ok(()));
            fault();
            assert_eq!(Proxy::check(), Err(DispatchError::Other(reason)));
        });
    }
}

#[test]
fn a_proxy_acts_as_far_as_its_kind_allows() {
    ext().execute_with(|| {
        assert_ok!(Proxy::add_proxy(signed(1), 2, Kind::Transfers, 0));
        assert_eq!(held(1), (11, 0));
        assert_ok!(act(2, 1, send(100)));
        assert_eq!((free(9), free(1), free(2)), (100, 889, 1_000));
        let remark = || RuntimeCall::System(pallet_system::Call::remark { remark: vec![] });
        let filtered = act(2, 1, remark()).unwrap_err();
        assert_eq!(filtered, pallet_system::Error::<Test>::CallFiltered.into());
        // Nor in a batch, nor as an account derived from it.
        assert!(act(2, 1, batch(vec![send(1), remark()])).is_err());
        let derived = pallet_utility::Call::as_derivative { index: 1, call: Box::new(remark()) };
        assert_eq!(act(2, 1, RuntimeCall::Utility(derived)).unwrap_err(), filtered);
        assert_ok!(act(2, 1, batch(vec![send(1), send(2)])));
        assert_eq!(free(9), 103);
        for (who, real) in [(3, 1), (1, 2), (1, 1)] {
            let call = Box::new(send(1));
            let proxied = Proxy::proxy(signed(who), real, None, call);
            assert_noop!(proxied, Error::<Test>::NotProxy);
        }
        let forced = Proxy::proxy(signed(2), 1, Some(Kind::Any), Box::new(remark()));
        assert_noop!(forced, Error::<Test>::NotProxy);
        assert_ok!(Proxy::remove_proxy(signed(1), 2, Kind::Transfers, 0));
        assert_eq!((held(1), Proxies::<Test>::iter().count()), ((0, 0), 0));
        let over = Proxy::proxy(signed(2), 1, None, Box::new(send(1)));
        assert_noop!(over, Error::<Test>::NotProxy);
    });
}

#[test]
fn no_proxy_gets_beyond_its_kind() {
    ext().execute_with(|| {
        let add = |delegate, proxy_type| {
            RuntimeCall::Proxy(crate::Call::add_proxy { delegate, proxy_type, delay: 0 })
        };
        let remove = |delegate, proxy_type| {
            RuntimeCall::Proxy(crate::Call::remove_proxy { delegate, proxy_type, delay: 0 })
        };
        let remove_all = || RuntimeCall::Proxy(crate::Call::remove_proxies {});
        assert_ok!(Proxy::add_proxy(signed(1), 2, Kind::Proxies, 0));
        assert_ok!(Proxy::add_proxy(signed(1), 3, Kind::Any, 0));
        for call in [
            add(2, Kind::Any),
            add(4, Kind::Transfers),
            remove(3, Kind::Any),
            remove_all(),
            batch(vec![add(2, Kind::Any)]),
            batch(vec![remove_all()]),
        ] {
            assert!(act(2, 1, call.clone()).is_err(), "{call:?}");
        }
        assert_ok!(act(2, 1, add(4, Kind::Proxies)));
        assert_ok!(act(2, 1, remove(4, Kind::Proxies)));
        // A proxy of a proxy: 4 for 2, who is only one for proxies of 1.
        assert_ok!(Proxy::add_proxy(signed(2), 4, Kind::Any, 0));
        let nested = |call| {
            RuntimeCall::Proxy(crate::Call::proxy {
                real: 1,
                force_proxy_type: None,
                call: Box::new(call),
            })
        };
        assert_ok!(act(4, 2, nested(send(7))));
        assert_eq!(free(9), 0);
        assert_ok!(act(3, 1, remove_all()));
        assert_eq!(Proxies::<Test>::get(1).0.len(), 0);
        assert_eq!(held(1), (0, 0));
    });
}

#[test]
fn proxies_have_a_limit_a_price_and_no_doubles() {
    ext().execute_with(|| {
        let add = |who, to, kind, delay| Proxy::add_proxy(signed(who), to, kind, delay);
        assert_noop!(add(1, 1, Kind::Any, 0), Error::<Test>::NoSelfProxy);
        assert_ok!(add(1, 2, Kind::Any, 0));
        assert_noop!(add(1, 2, Kind::Any, 0), Error::<Test>::Duplicate);
        assert_ok!(add(1, 2, Kind::Any, 1));
        assert_ok!(add(1, 2, Kind::Transfers, 0));
        assert_eq!(held(1), (13, 0));
        assert_noop!(add(1, 3, Kind::Any, 0), Error::<Test>::TooMany);
        let missing = Proxy::remove_proxy(signed(1), 3, Kind::Any, 0);
        assert_noop!(missing, Error::<Test>::NotFound);
        assert_noop!(add(5, 3, Kind::Any, 0), TokenError::FundsUnavailable);
        assert_ok!(Proxy::remove_proxies(signed(1)));
        assert_eq!((held(1), free(1)), ((0, 0), 1_000));
        let nobody = Proxy::add_proxy(RuntimeOrigin::none(), 3, Kind::Any, 0);
        assert_noop!(nobody, DispatchError::BadOrigin);
    });
}

#[test]
fn a_delayed_proxy_announces_first_and_can_be_stopped() {
    ext().execute_with(|| {
        assert_ok!(Proxy::add_proxy(signed(1), 2, Kind::Any, 5));
        let hash = |value| BlakeTwo256::hash_of(&send(value));
        let announced =
            |value| Proxy::proxy_announced(signed(4), 2, 1, None, Box::new(send(value)));
        let at_once = Proxy::proxy(signed(2), 1, None, Box::new(send(7)));
        assert_noop!(at_once, Error::<Test>::Unannounced);
        assert_noop!(announced(7), Error::<Test>::Unannounced);
        assert_noop!(Proxy::announce(signed(3), 1, hash(7)), Error::<Test>::NotProxy);
        assert_ok!(Proxy::announce(signed(2), 1, hash(7)));
        assert_ok!(Proxy::announce(signed(2), 1, hash(8)));
        assert_noop!(Proxy::announce(signed(2), 1, hash(9)), Error::<Test>::TooMany);
        assert_eq!(held(2), (0, 24));
        assert_noop!(Proxy::reject_announcement(signed(3), 2, hash(8)), Error::<Test>::NotFound);
        assert_ok!(Proxy::reject_announcement(signed(1), 2, hash(8)));
        assert_eq!(held(2), (0, 22));
        System::set_block_number(5);
        assert_noop!(announced(7), Error::<Test>::Unannounced);
        System::set_block_number(6);
        assert_noop!(announced(8), Error::<Test>::Unannounced);
        assert_ok!(announced(7));
        assert_ok!(last_result());
        assert_eq!((free(9), held(2)), (7, (0, 0)));
        assert_noop!(announced(7), Error::<Test>::Unannounced);
        assert_eq!(Announcements::<Test>::iter().count(), 0);
        // Taken back by the proxy itself.
        assert_ok!(Proxy::announce(signed(2), 1, hash(7)));
        assert_ok!(Proxy::remove_announcement(signed(2), 1, hash(7)));
        let again = Proxy::remove_announcement(signed(2), 1, hash(7));
        assert_noop!(again, Error::<Test>::NotFound);
        // Once it is no proxy, what it announced is worth nothing.
        assert_ok!(Proxy::announce(signed(2), 1, hash(7)));
        assert_ok!(Proxy::remove_proxy(signed(1), 2, Kind::Any, 5));
        System::set_block_number(50);
        assert_noop!(announced(7), Error::<Test>::NotProxy);
    });
}

#[test]
fn a_pure_account_is_reached_by_its_proxies_only_and_money_is_given_back() {
    ext().execute_with(|| {
        System::set_extrinsic_index(3);
        assert_ok!(Proxy::create_pure(signed(1), Kind::Any, 0, 7));
        let pure = Proxy::pure_account(&1, &Kind::Any, 7, Some((1, 3)));
        let created =
            Event::PureCreated { pure, who: 1, proxy_type: Kind::Any, disambiguation_index: 7 };
        assert_eq!(events(), [created]);
        let again = Proxy::create_pure(signed(1), Kind::Any, 0, 7);
        assert_noop!(again, Error::<Test>::Duplicate);
        assert_ok!(Proxy::create_pure(signed(1), Kind::Any, 0, 8));
        assert_eq!(held(1), (22, 0));
        assert_ok!(Balances::do_mint(&pure, 500));
        assert_ok!(act(1, pure, send(100)));
        // It takes a proxy of its own, for its own money.
        let add = crate::Call::add_proxy { delegate: 3, proxy_type: Kind::Any, delay: 0 };
        assert_ok!(act(1, pure, RuntimeCall::Proxy(add)));
        assert_eq!((held(pure), held(1)), ((1, 0), (22, 0)));

        let kill = |height| {
            RuntimeCall::Proxy(crate::Call::kill_pure {
                spawner: 1,
                proxy_type: Kind::Any,
                index: 7,
                height,
                ext_index: 3,
            })
        };
        let direct = Proxy::kill_pure(signed(1), 1, Kind::Any, 7, 1, 3);
        assert_noop!(direct, Error::<Test>::NoPermission);
        assert_eq!(act(1, pure, kill(2)), Err(Error::<Test>::NoPermission.into()));
        assert_ok!(act(3, pure, kill(1)));
        // Its own deposit back to it, its creator's to its creator, and the other pure account's stays.
        assert_eq!((held(pure), held(1)), ((0, 0), (11, 0)));
        let gone = Proxy::proxy(signed(1), pure, None, Box::new(send(1)));
        assert_noop!(gone, Error::<Test>::NotProxy);
    });
}

#[test]
fn what_is_done_is_within_its_weight() {
    let mut ext = ext();
    let mut run = |who, call| assert_weighed(&mut ext, signed(who), RuntimeCall::Proxy(call));
    let (kind, call) = (Kind::Any, || Box::new(send(10)));
    let call_hash = BlakeTwo256::hash_of(&send(10));
    run(1, crate::Call::add_proxy { delegate: 2, proxy_type: kind, delay: 0 });
    run(1, crate::Call::add_proxy { delegate: 3, proxy_type: kind, delay: 1 });
    run(2, crate::Call::proxy { real: 1, force_proxy_type: None, call: call() });
    for _ in 0..2 {
        run(3, crate::Call::announce { real: 1, call_hash });
    }
    run(3, crate::Call::remove_announcement { real: 1, call_hash });
    run(3, crate::Call::announce { real: 1, call_hash });
    run(1, crate::Call::reject_announcement { delegate: 3, call_hash });
    run(2, crate::Call::announce { real: 1, call_hash });
    run(
        4,
        crate::Call::proxy_announced { delegate: 2, real: 1, force_proxy_type: None, call: call() },
    );
    run(1, crate::Call::remove_proxy { delegate: 3, proxy_type: kind, delay: 1 });
    run(1, crate::Call::remove_proxies {});
    run(1, crate::Call::create_pure { proxy_type: kind, delay: 0, index: 0 });
    let pure = Proxy::pure_account(&1, &kind, 0, Some((1, 0)));
    let kill =
        crate::Call::kill_pure { spawner: 1, proxy_type: kind, index: 0, height: 1, ext_index: 0 };
    run(pure, kill);
    ext.execute_with(|| assert_eq!((free(9), held(1)), (20, (0, 0))));
}

#[test]
fn indices_are_fixed() {
    let call_hash = citrate_core::H256::zero();
    let call = crate::Call::<Test>::announce { real: 1, call_hash };
    assert_eq!(call.encode()[0], 6);
    let call = crate::Call::<Test>::add_proxy { delegate: 2, proxy_type: Kind::Proxies, delay: 3 };
    assert_eq!(call.encode(), [1, 2, 0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0]);
    let event = Event::<Test>::Announced { real: 1, proxy: 2, call_hash };
    assert_eq!(event.encode()[0], 2);
    assert_eq!(Event::<Test>::ProxyExecuted { result: Ok(()) }.encode(), [0, 0]);
}
