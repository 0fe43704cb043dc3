//! Tests of the pallet on a small runtime.

use crate::{Approvals, Call, Config, Error, Event, Proposals, Spends};
use citrate_core::{Balance, BlockNumber, DispatchError};
use citrate_support::dispatch::{DispatchResult, Pays};
use citrate_support::traits::{
    ConstU32, EitherOf, EnsureWithSuccess, Hooks, OnInitialize, SortedMembers,
};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{assert_err_ignore_postinfo, assert_noop, assert_ok, parameter_types};
use citrate_testing::{TestExternalities, assert_weighed};
use codec::Encode;
use pallet_system::{EnsureRoot, EnsureSignedBy};
use sp_arithmetic::Permill;

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
    pub type Treasury = crate;
}

citrate_testing::system_config!(Test {
    AccountId = u64,
    AccountData = pallet_balances::AccountData,
    DbWeight = DbWeight,
});
citrate_testing::balances_config!(Test { ExistentialDeposit = 10 });

/// The treasurer, who may spend [`SMALL`].
const TREASURER: u64 = 7;
const SMALL: Balance = 100;
const POT: u64 = 99;

#[derive(Debug)]
pub struct Treasurers;

impl SortedMembers<u64> for Treasurers {
    fn sorted_members() -> Vec<u64> {
        vec![TREASURER]
    }
}

parameter_types! {
    pub const DbWeight: RuntimeDbWeight = citrate_testing::DB_WEIGHT;
    pub const Pot: u64 = POT;
    pub const All: Balance = Balance::MAX;
    pub const Small: Balance = SMALL;
    pub static Burn: Permill = Permill::zero();
}

impl Config for Test {
    type Currency = Balances;
    type PotAccount = Pot;
    type SpendOrigin = EitherOf<
        EnsureWithSuccess<EnsureRoot<u64>, All>,
        EnsureWithSuccess<EnsureSignedBy<Treasurers, u64>, Small>,
    >;
    type RejectOrigin = EnsureRoot<u64>;
    type SpendPeriod = ConstU32<10>;
    type Burn = Burn;
    type MaxApprovals = ConstU32<3>;
    type PayoutPeriod = ConstU32<5>;
}

/// The pot has 1010, of which 1000 can be spent.
fn ext() -> TestExternalities {
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances: vec![(1, 50), (POT, 1_010)] },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn free(who: u64) -> Balance {
    Balances::free_balance(&who)
}

fn events() -> Vec<Event<Test>> {
    let events = System::events().into_iter().filter_map(|r| match r.event {
        RuntimeEvent::Treasury(event) => Some(event),
        _ => None,
    });
    events.collect()
}

fn end_period() {
    let block = System::block_number() / 10 * 10 + 10;
    System::set_block_number(block);
    <Treasury as OnInitialize<BlockNumber>>::on_initialize(block);
}

fn spend(origin: RuntimeOrigin, amount: Balance, from: Option<BlockNumber>) -> DispatchResult {
    Treasury::spend(origin, (), amount, Box::new(2), from)
}

#[test]
fn a_spend_is_paid_out_once_to_whom_it_was_approved_for() {
    ext().execute_with(|| {
        assert_ok!(spend(RuntimeOrigin::root(), 400, None));
        assert_eq!(free(2), 0, "approved is not paid");
        assert_ok!(Treasury::payout(RuntimeOrigin::signed(5), 0));
        assert_eq!((free(2), free(POT)), (400, 610));
        assert_noop!(
            Treasury::payout(RuntimeOrigin::signed(5), 0),
            Error::<Test>::AlreadyAttempted
        );
        assert_noop!(
            Treasury::void_spend(RuntimeOrigin::root(), 0),
            Error::<Test>::AlreadyAttempted
        );
        let info = Treasury::check_status(RuntimeOrigin::signed(5), 0).unwrap();
        assert_eq!(info.pays_fee, Pays::No);
        assert_eq!(Spends::<Test>::iter().count(), 0);
        assert_noop!(Treasury::payout(RuntimeOrigin::signed(5), 0), Error::<Test>::InvalidIndex);
        assert_eq!(
            events(),
            [
                Event::AssetSpendApproved {
                    index: 0,
                    asset_kind: (),
                    amount: 400,
                    beneficiary: 2,
                    valid_from: 1,
                    expire_at: 6
                },
                Event::Paid { index: 0, payment_id: () },
                Event::SpendProcessed { index: 0 },
            ]
        );
    });
}

#[test]
fn nobody_else_spends_and_nobody_more_than_it_may() {
    ext().execute_with(|| {
        for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::signed(POT), RuntimeOrigin::none()]
        {
            assert_noop!(spend(origin.clone(), 1, None), DispatchError::BadOrigin);
            assert_noop!(Treasury::spend_local(origin.clone(), 1, 2), DispatchError::BadOrigin);
            assert_noop!(Treasury::void_spend(origin.clone(), 0), DispatchError::BadOrigin);
            assert_noop!(Treasury::remove_approval(origin, 0), DispatchError::BadOrigin);
        }
        let treasurer = || RuntimeOrigin::signed(TREASURER);
        let error = Error::<Test>::InsufficientPermission;
        assert_noop!(spend(treasurer(), SMALL + 1, None), error);
        let error = Error::<Test>::InsufficientPermission;
        assert_noop!(Treasury::spend_local(treasurer(), SMALL + 1, 2), error);
        assert_ok!(spend(treasurer(), SMALL, None));
        assert_ok!(Treasury::spend_local(treasurer(), SMALL, 2));
        assert_noop!(Treasury::void_spend(treasurer(), 0), DispatchError::BadOrigin);
    });
}

#[test]
fn a_spend_has_its_time() {
    ext().execute_with(|| {
        System::set_block_number(10);
        let error = Error::<Test>::SpendExpired;
        assert_noop!(spend(RuntimeOrigin::root(), 1, Some(5)), error);
        assert_ok!(spend(RuntimeOrigin::root(), 100, Some(12)));
        assert_noop!(Treasury::payout(RuntimeOrigin::signed(1), 0), Error::<Test>::EarlyPayout);
        System::set_block_number(16);
        let check = || Treasury::check_status(RuntimeOrigin::signed(1), 0);
        assert_err_ignore_postinfo!(check(), Error::<Test>::NotAttempted);
        System::set_block_number(17);
        assert_noop!(Treasury::payout(RuntimeOrigin::signed(1), 0), Error::<Test>::SpendExpired);
        assert_ok!(check());
        assert_eq!(Spends::<Test>::iter().count(), 0);
        assert_eq!(free(POT), 1_010);
        // The last block in which it is valid.
        assert_ok!(spend(RuntimeOrigin::root(), 100, None));
        System::set_block_number(21);
        assert_ok!(Treasury::payout(RuntimeOrigin::signed(1), 1));
    });
}

#[test]
fn a_voided_spend_is_never_paid() {
    ext().execute_with(|| {
        assert_ok!(spend(RuntimeOrigin::root(), 100, None));
        assert_ok!(Treasury::void_spend(RuntimeOrigin::root(), 0));
        assert_noop!(Treasury::payout(RuntimeOrigin::signed(1), 0), Error::<Test>::InvalidIndex);
        assert_noop!(Treasury::void_spend(RuntimeOrigin::root(), 0), Error::<Test>::InvalidIndex);
        assert_eq!(events().last(), Some(&Event::AssetSpendVoided { index: 0 }));
    });
}

#[test]
fn what_cannot_be_paid_stays_approved_and_the_pot_stays_alive() {
    ext().execute_with(|| {
        assert_ok!(spend(RuntimeOrigin::root(), 1_001, None));
        assert_noop!(Treasury::payout(RuntimeOrigin::signed(1), 0), Error::<Test>::PayoutError);
        // Less than an account may have.
        assert_ok!(spend(RuntimeOrigin::root(), 9, None));
        assert_noop!(Treasury::payout(RuntimeOrigin::signed(1), 1), Error::<Test>::PayoutError);
        assert_ok!(spend(RuntimeOrigin::root(), 1_000, None));
        assert_ok!(Treasury::payout(RuntimeOrigin::signed(1), 2));
        assert_eq!((free(POT), Treasury::pot()), (10, 0));
        // Once the pot has money again, what failed can be paid.
        assert_ok!(Balances::do_mint(&POT, 2_000));
        assert_ok!(Treasury::payout(RuntimeOrigin::signed(1), 0));
        assert_eq!(free(2), 2_001);
    });
}

#[test]
fn the_pot_can_take_small_amounts_from_the_first_block_on() {
    citrate_testing::new_test_ext(&RuntimeGenesisConfig::default()).execute_with(|| {
        assert_eq!((free(POT), Treasury::pot()), (10, 0));
        assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), 10);
        assert_ok!(Balances::do_mint(&POT, 1));
        assert_eq!(Treasury::pot(), 1);
    });
}

#[test]
fn the_queue_is_paid_in_its_order_as_far_as_the_pot_lasts() {
    ext().execute_with(|| {
        for (amount, to) in [(700, 2), (400, 3), (300, 4)] {
            assert_ok!(Treasury::spend_local(RuntimeOrigin::root(), amount, to));
        }
        Burn::set(Permill::from_percent(50));
        end_period();
        assert_eq!((free(2), free(3), free(4), free(POT)), (700, 0, 300, 10));
        assert_eq!(Approvals::<Test>::get().to_vec(), [1]);
        assert_eq!(
            events()[3..],
            [
                Event::Spending { budget_remaining: 1_000 },
                Event::Awarded { proposal_index: 0, award: 700, account: 2 },
                Event::Awarded { proposal_index: 2, award: 300, account: 4 },
                Event::Rollover { rollover_balance: 0 },
            ],
            "nothing is destroyed while something waits"
        );
        assert_ok!(Balances::do_mint(&POT, 600));
        end_period();
        assert_eq!((free(3), free(POT)), (400, 110));
        assert_eq!(Proposals::<Test>::iter().count(), 0);
        assert_eq!(
            events()[events().len() - 2..],
            [Event::Burnt { burnt_funds: 100 }, Event::Rollover { rollover_balance: 100 },]
        );
        assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), 1_060 + 600 - 100);
    });
}

#[test]
fn the_queue_is_paid_at_the_end_of_a_period_only_and_has_a_limit() {
    ext().execute_with(|| {
        for _ in 0..3 {
            assert_ok!(Treasury::spend_local(RuntimeOrigin::root(), 20, 2));
        }
        let full = Treasury::spend_local(RuntimeOrigin::root(), 20, 2);
        assert_noop!(full, Error::<Test>::TooManyApprovals);
        assert_ok!(Treasury::remove_approval(RuntimeOrigin::root(), 1));
        let again = Treasury::remove_approval(RuntimeOrigin::root(), 1);
        assert_noop!(again, Error::<Test>::ProposalNotApproved);
        for block in 2..10 {
            System::set_block_number(block);
            <Treasury as OnInitialize<BlockNumber>>::on_initialize(block);
        }
        assert_eq!(free(2), 0);
        end_period();
        assert_eq!(free(2), 40);
    });
}

#[test]
fn what_is_done_is_within_its_weight() {
    let mut ext = ext();
    let root = || RuntimeOrigin::root();
    let spend = || Call::<Test>::spend {
        asset_kind: (),
        amount: 20,
        beneficiary: Box::new(2),
        valid_from: None,
    };
    for _ in 0..2 {
        assert_weighed(&mut ext, root(), RuntimeCall::Treasury(spend()));
        let local = Call::spend_local { amount: 20, beneficiary: 3 };
        assert_weighed(&mut ext, root(), RuntimeCall::Treasury(local));
    }
    let signed = || RuntimeOrigin::signed(1);
    assert_weighed(&mut ext, signed(), RuntimeCall::Treasury(Call::payout { index: 0 }));
    assert_weighed(&mut ext, signed(), RuntimeCall::Treasury(Call::check_status { index: 0 }));
    assert_weighed(&mut ext, root(), RuntimeCall::Treasury(Call::void_spend { index: 1 }));
    let local = Call::spend_local { amount: 20, beneficiary: 4 };
    assert_weighed(&mut ext, root(), RuntimeCall::Treasury(local));
    let remove = Call::remove_approval { proposal_id: 1 };
    assert_weighed(&mut ext, root(), RuntimeCall::Treasury(remove));
    Burn::set(Permill::from_percent(1));
    for what in ["a queue's end", "an empty queue's end"] {
        let (weight, accesses) =
            ext.accesses(|| <Treasury as OnInitialize<BlockNumber>>::on_initialize(10));
        accesses.assert_within(weight, what);
    }
}

#[test]
fn indices_and_constants_are_fixed_and_sound() {
    let call = Call::<Test>::spend {
        asset_kind: (),
        amount: 1,
        beneficiary: Box::new(2),
        valid_from: None,
    };
    assert_eq!(call.encode(), [5, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(Call::<Test>::spend_local { amount: 1, beneficiary: 2 }.encode()[0], 3);
    assert_eq!(Call::<Test>::void_spend { index: 0 }.encode()[0], 8);
    assert_eq!(Event::<Test>::Rollover { rollover_balance: 0 }.encode()[0], 3);
    assert_eq!(Event::<Test>::AssetSpendVoided { index: 0 }.encode()[0], 8);
    assert_eq!(Event::<Test>::Paid { index: 0, payment_id: () }.encode()[0], 9);
    assert_eq!(Event::<Test>::SpendProcessed { index: 0 }.encode()[0], 11);
    assert_eq!(Treasury::pot_account(), POT);
    <Treasury as Hooks<BlockNumber>>::integrity_test();
}
