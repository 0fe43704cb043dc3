//! Tests of the pallet on a small runtime.

use crate::types::{Conviction, ReferendumInfo, Tally, Vote, Voting};
use crate::{Call, Config, Error, Event, HoldReason, OngoingCount, ReferendumInfoFor, VotingFor};
use citrate_core::{Balance, DispatchError, Permill, Weight};
use citrate_support::dispatch::{DispatchResult, DispatchResultWithPostInfo, GetDispatchInfo};
use citrate_support::traits::{ConstU32, ConstU128, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{assert_err_ignore_postinfo, assert_noop, assert_ok, parameter_types};
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
    pub type Preimage = pallet_preimage;

    #[runtime::pallet_index(3)]
    pub type Referenda = crate;
}

citrate_testing::system_config!(Test {
    AccountId = u64,
    AccountData = pallet_balances::AccountData,
    DbWeight = DbWeight,
});
citrate_testing::balances_config!(Test { ExistentialDeposit = 1 });

const POT: u64 = 99;

parameter_types! {
    pub const DbWeight: RuntimeDbWeight = citrate_testing::DB_WEIGHT;
    pub const MostWeight: Weight = Weight::from_parts(u64::MAX - 1, u64::MAX);
    pub const Tenth: Permill = Permill::from_percent(10);
    pub const Pot: u64 = POT;
}

impl pallet_preimage::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ManagerOrigin = EnsureRoot<u64>;
    type BaseDeposit = ConstU128<1>;
    type ByteDeposit = ConstU128<1>;
}

impl Config for Test {
    type RuntimeCall = RuntimeCall;
    type Preimages = Preimage;
    type SubmissionDeposit = ConstU128<10>;
    type VotingPeriod = ConstU32<10>;
    type EnactmentPeriod = ConstU32<5>;
    type VoteLockingPeriod = ConstU32<100>;
    type SupportMin = Tenth;
    type MaxOngoing = ConstU32<3>;
    type MaxVotes = ConstU32<2>;
    type MaxProposalWeight = MostWeight;
    type CancelOrigin = EnsureRoot<u64>;
    type KillOrigin = EnsureRoot<u64>;
    type SlashTo = Pot;
}

/// Accounts 1 to 4 have a quarter of the money each, less what the pot has.
fn ext() -> TestExternalities {
    let balances = vec![(1, 250), (2, 250), (3, 250), (4, 249), (POT, 1)];
    citrate_testing::new_test_ext(&RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    })
}

/// Gives account 7 money that was not there before.
fn gift(new_free: Balance) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::force_set_balance { who: 7, new_free })
}

/// A call of more bytes than are stored in place.
fn long() -> RuntimeCall {
    RuntimeCall::System(pallet_system::Call::remark_with_event { remark: vec![7; 500] })
}

fn submit(who: u64, call: RuntimeCall) -> DispatchResult {
    Referenda::submit(RuntimeOrigin::signed(who), Box::new(call))
}

fn vote(
    who: u64,
    index: u32,
    aye: bool,
    conviction: Conviction,
    amount: Balance,
) -> DispatchResult {
    Referenda::vote(RuntimeOrigin::signed(who), index, aye, conviction, amount)
}

fn close(index: u32, call: &RuntimeCall) -> DispatchResultWithPostInfo {
    let weight = call.get_dispatch_info().call_weight;
    Referenda::close(RuntimeOrigin::signed(9), index, weight, call.encoded_size() as u32)
}

fn remove(who: u64, index: u32) -> DispatchResult {
    Referenda::remove_vote(RuntimeOrigin::signed(who), index)
}

fn unlock(who: u64) -> DispatchResult {
    Referenda::unlock(RuntimeOrigin::signed(9), who)
}

fn free(who: u64) -> Balance {
    Balances::free_balance(&who)
}

fn held(who: u64) -> Balance {
    Balances::on_hold(&HoldReason::Submission.into(), &who)
}

fn locked(who: u64) -> Balance {
    let locks = pallet_balances::Locks::<Test>::get(who);
    locks.iter().find(|lock| lock.id == *b"pyconvot").map_or(0, |lock| lock.amount)
}

fn check() {
    assert_eq!(Referenda::try_state(System::block_number()), Ok(()));
}

#[test]
fn what_passes_is_dispatched_as_root_once_it_may() {
    ext().execute_with(|| {
        assert_ok!(submit(1, gift(500)));
        assert_eq!(held(1), 10);
        assert_ok!(vote(1, 0, true, Conviction::None, 200));
        assert_ok!(vote(2, 0, false, Conviction::None, 190));
        assert_noop!(close(0, &gift(500)), Error::<Test>::TooEarly);
        System::set_block_number(11);
        let late = vote(3, 0, false, Conviction::Locked6x, 200);
        assert_noop!(late, Error::<Test>::VotingOver);
        assert_noop!(close(0, &gift(500)), Error::<Test>::TooEarly);
        System::set_block_number(16);
        assert_eq!(free(7), 0);
        assert_ok!(close(0, &gift(500)));
        assert_eq!(free(7), 500);
        let tally = Tally { ayes: 20, nays: 19, support: 200 };
        System::assert_last_event(Event::Approved { index: 0, tally, result: Ok(()) }.into());
        assert_eq!(ReferendumInfoFor::<Test>::get(0), Some(ReferendumInfo::Approved { end: 11 }));
        assert_eq!((held(1), OngoingCount::<Test>::get()), (0, 0));
        assert_noop!(close(0, &gift(500)), Error::<Test>::NotOngoing);
        check();
    });
}

#[test]
fn money_behind_it_and_more_votes_for_it_than_against_it_are_needed() {
    for (desc, votes, passes) in [
        ("nobody votes", vec![], false),
        ("too little money for it", vec![(1, true, Conviction::Locked6x, 99)], false),
        ("just enough money", vec![(1, true, Conviction::None, 100)], true),
        (
            "conviction outweighs money",
            vec![(1, true, Conviction::None, 240), (2, false, Conviction::Locked1x, 25)],
            false,
        ),
        (
            "as many against it",
            vec![(1, true, Conviction::Locked2x, 100), (2, false, Conviction::Locked1x, 200)],
            false,
        ),
        (
            "money against it supports nothing",
            vec![(1, true, Conviction::Locked3x, 90), (2, false, Conviction::None, 240)],
            false,
        ),
    ] {
        ext().execute_with(|| {
            assert_ok!(submit(4, gift(5)));
            for (who, aye, conviction, amount) in votes {
                assert_ok!(vote(who, 0, aye, conviction, amount));
            }
            System::set_block_number(16);
            assert_ok!(close(0, &gift(5)));
            assert_eq!(free(7) == 5, passes, "{desc}");
            check();
        });
    }
}

#[test]
fn a_vote_can_be_changed_and_taken_back_until_the_end() {
    ext().execute_with(|| {
        assert_ok!(submit(1, gift(5)));
        assert_ok!(vote(2, 0, true, Conviction::Locked2x, 100));
        assert_ok!(vote(2, 0, false, Conviction::Locked1x, 50));
        let tally = Tally { ayes: 0, nays: 50, support: 0 };
        let vote_of = Vote { aye: false, conviction: Conviction::Locked1x, balance: 50 };
        System::assert_last_event(Event::Voted { who: 2, index: 0, vote: vote_of, tally }.into());
        assert_eq!(locked(2), 100, "until somebody asks");
        assert_ok!(unlock(2));
        assert_eq!(locked(2), 50);
        check();
        assert_ok!(remove(2, 0));
        assert_eq!(locked(2), 0);
        assert!(!VotingFor::<Test>::contains_key(2));
        assert_noop!(remove(2, 0), Error::<Test>::NotVoter);
        let Some(ReferendumInfo::Ongoing(status)) = ReferendumInfoFor::<Test>::get(0) else {
            unreachable!("it is open")
        };
        assert_eq!(status.tally, Tally::default());
        check();
    });
}

#[test]
fn money_that_is_voted_with_cannot_leave() {
    ext().execute_with(|| {
        assert_ok!(submit(1, gift(5)));
        let too_much = vote(2, 0, true, Conviction::None, 251);
        assert_noop!(too_much, Error::<Test>::InsufficientFunds);
        assert_ok!(vote(2, 0, true, Conviction::None, 200));
        let send = |value| Balances::transfer_allow_death(RuntimeOrigin::signed(2), 3, value);
        assert!(send(51).is_err());
        assert_ok!(send(50));
    });
}

#[test]
fn winners_with_conviction_wait_and_others_do_not() {
    ext().execute_with(|| {
        assert_ok!(submit(1, gift(5)));
        assert_ok!(vote(1, 0, true, Conviction::Locked2x, 100));
        assert_ok!(vote(2, 0, true, Conviction::None, 100));
        assert_ok!(vote(3, 0, false, Conviction::Locked1x, 150));
        // The vote is over, and what passed is not enacted: the sides are known.
        System::set_block_number(11);
        assert_ok!(remove(3, 0));
        assert_eq!(locked(3), 0, "lost");
        System::set_block_number(16);
        assert_ok!(close(0, &gift(5)));
        for who in [1, 2] {
            assert_ok!(remove(who, 0));
        }
        assert_eq!(locked(2), 0, "no conviction");
        assert_eq!(locked(1), 100);
        check();
        // Two periods of a hundred blocks after block 11.
        System::set_block_number(210);
        assert_ok!(unlock(1));
        assert_eq!(locked(1), 100);
        System::set_block_number(211);
        assert_ok!(unlock(1));
        assert_eq!(locked(1), 0);
        assert!(!VotingFor::<Test>::contains_key(1));
    });
}

#[test]
fn a_cancelled_referendum_keeps_nothing_and_a_killed_one_costs_the_deposit() {
    ext().execute_with(|| {
        assert_ok!(submit(1, long()));
        assert_ok!(submit(1, long()));
        assert_eq!(held(1), 20);
        assert_ok!(vote(2, 0, true, Conviction::Locked6x, 100));
        assert_noop!(Referenda::cancel(RuntimeOrigin::signed(1), 0), DispatchError::BadOrigin);
        assert_noop!(Referenda::kill(RuntimeOrigin::signed(1), 0), DispatchError::BadOrigin);
        assert_ok!(Referenda::cancel(RuntimeOrigin::root(), 0));
        assert_eq!((held(1), free(POT)), (10, 1));
        assert_ok!(remove(2, 0));
        assert_eq!(locked(2), 0);
        assert_ok!(Referenda::kill(RuntimeOrigin::root(), 1));
        assert_eq!((held(1), free(1), free(POT)), (0, 240, 11));
        System::assert_last_event(Event::Killed { index: 1, slashed: 10 }.into());
        assert_noop!(Referenda::cancel(RuntimeOrigin::root(), 1), Error::<Test>::NotOngoing);
        check();
    });
}

#[test]
fn a_call_that_fails_is_told_and_a_long_one_is_kept_until_it_is_done() {
    ext().execute_with(|| {
        let fails = RuntimeCall::Balances(pallet_balances::Call::transfer_allow_death {
            dest: 3,
            value: 1,
        });
        for (index, call) in [(0, fails), (1, long())] {
            assert_ok!(submit(1, call.clone()));
            assert_ok!(vote(1, index, true, Conviction::None, 200));
            System::set_block_number(System::block_number() + 15);
            assert_ok!(close(index, &call));
        }
        let results: Vec<DispatchResult> = System::events()
            .into_iter()
            .filter_map(|record| match record.event {
                RuntimeEvent::Referenda(Event::Approved { result, .. }) => Some(result),
                _ => None,
            })
            .collect();
        // Root has no money, and signs no remark; both were dispatched.
        assert_eq!(results, [Err(DispatchError::BadOrigin); 2]);
    });
}

#[test]
fn limits_hold() {
    ext().execute_with(|| {
        for _ in 0..3 {
            assert_ok!(submit(1, gift(5)));
        }
        assert_noop!(submit(1, gift(5)), Error::<Test>::TooManyOngoing);
        let proposal_weight_bound = Weight::MAX;
        let heavy = Call::close { index: 0, proposal_weight_bound, length_bound: 0 };
        let heavy = submit(1, RuntimeCall::Referenda(heavy));
        assert_noop!(heavy, Error::<Test>::WrongProposalWeight);
        assert_ok!(vote(2, 0, true, Conviction::None, 1));
        assert_ok!(vote(2, 2, true, Conviction::None, 1));
        let third = vote(2, 1, true, Conviction::None, 1);
        assert_noop!(third, Error::<Test>::MaxVotesReached);
        assert_noop!(vote(2, 3, true, Conviction::None, 1), Error::<Test>::NotOngoing);
        System::set_block_number(16);
        assert_ok!(close(1, &gift(5)));
        assert_ok!(submit(4, gift(5)));
        let call = gift(5);
        assert_ok!(vote(1, 3, true, Conviction::None, 200));
        System::set_block_number(40);
        let weight = call.get_dispatch_info().call_weight;
        let length = call.encoded_size() as u32;
        let close = |weight, length| Referenda::close(RuntimeOrigin::signed(9), 3, weight, length);
        let light = weight - Weight::from_parts(1, 0);
        assert_err_ignore_postinfo!(close(light, length), Error::<Test>::WrongProposalWeight);
        assert_err_ignore_postinfo!(close(weight, length - 1), Error::<Test>::WrongProposalLength);
        assert_ok!(close(weight, length));
        check();
    });
}

#[test]
fn what_stays_locked_is_bounded_and_never_too_little() {
    let locked = |voting: &Voting<ConstU32<2>>, at| voting.locked(at);
    let mut voting = Voting::<ConstU32<2>>::default();
    voting.keep(100, 50, 0);
    voting.keep(200, 20, 0);
    assert_eq!([0, 99, 100, 199, 200].map(|at| locked(&voting, at)), [50, 50, 20, 20, 0]);
    // A smaller amount that ends earlier changes nothing, and a larger one that ends later covers all.
    voting.keep(150, 10, 0);
    assert_eq!([99, 100, 199].map(|at| locked(&voting, at)), [50, 20, 20]);
    // There are two places: the earliest is kept as long as the next.
    voting.keep(300, 5, 0);
    assert_eq!([99, 100, 199, 200, 299].map(|at| locked(&voting, at)), [50, 50, 50, 5, 5]);
    voting.keep(400, 60, 250);
    assert_eq!([250, 399, 400].map(|at| locked(&voting, at)), [60, 60, 0]);
}

#[test]
fn convictions_weigh_and_lock_as_elsewhere() {
    let all = [
        (Conviction::None, 10, 0),
        (Conviction::Locked1x, 100, 1),
        (Conviction::Locked2x, 200, 2),
        (Conviction::Locked3x, 300, 4),
        (Conviction::Locked4x, 400, 8),
        (Conviction::Locked5x, 500, 16),
        (Conviction::Locked6x, 600, 32),
    ];
    for (place, (conviction, votes, periods)) in all.into_iter().enumerate() {
        assert_eq!((conviction.votes(100), conviction.lock_periods()), (votes, periods));
        assert_eq!(conviction.encode(), [place as u8]);
    }
    assert_eq!(Conviction::Locked6x.votes(Balance::MAX), Balance::MAX);
}

#[test]
fn no_call_takes_more_than_it_weighs() {
    let mut ext = ext();
    let signed = RuntimeOrigin::signed;
    let vote =
        |balance| Call::vote { index: 0, aye: true, conviction: Conviction::Locked1x, balance };
    let call = long();
    let close = Call::close {
        index: 0,
        proposal_weight_bound: call.get_dispatch_info().call_weight,
        length_bound: call.encoded_size() as u32,
    };
    let submit = || Call::submit { proposal: Box::new(long()) };
    let mut weighed = |origin, call: Call<Test>| {
        assert_weighed(&mut ext, origin, RuntimeCall::Referenda(call));
    };
    weighed(signed(1), submit());
    weighed(signed(1), vote(100));
    weighed(signed(1), vote(200));
    weighed(signed(2), Call::unlock { target: 1 });
    weighed(signed(1), submit());
    weighed(RuntimeOrigin::root(), Call::cancel { index: 1 });
    weighed(signed(1), submit());
    weighed(RuntimeOrigin::root(), Call::kill { index: 2 });
    ext.execute_with(|| System::set_block_number(16));
    let mut weighed = |origin, call: Call<Test>| {
        assert_weighed(&mut ext, origin, RuntimeCall::Referenda(call));
    };
    weighed(signed(9), close);
    weighed(signed(1), Call::remove_vote { index: 0 });
}
