//! Tests of the pallet on a small runtime.

use citrate_core::{AccountId32, Balance, DispatchError};
use citrate_support::dispatch::GetDispatchInfo;
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128, Dispatchable};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::TestExternalities;

use crate::{Config, Error, HoldReason, Ledgers, Role, Stake, TotalBonded};

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
    pub type Staking = crate;
}

citrate_testing::system_config!(Test {
    AccountId = AccountId32,
    AccountData = pallet_balances::AccountData,
    DbWeight = DbWeight,
});

impl pallet_balances::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type AccountStore = System;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<5>;
    type MaxLocks = ConstU32<3>;
    type MaxReserves = ConstU32<2>;
    type MaxFreezes = ConstU32<3>;
}

parameter_types! {
    pub const Treasury: AccountId32 = AccountId32::new([99; 32]);
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 1_000 };
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProviderBondMin = ConstU128<100>;
    type ValidatorBondMin = ConstU128<500>;
    type UnbondingDelay = ConstU32<10>;
    type UnlockingMax = ConstU32<3>;
    type SlashBeneficiary = Treasury;
}

fn account(id: u8) -> AccountId32 {
    AccountId32::new([id; 32])
}

fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

fn ext() -> TestExternalities {
    let balances = (1..=3).map(|id| (account(id), 1000)).collect();
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn error(error: Error<Test>) -> Result<(), DispatchError> {
    Err(error.into())
}

fn free(id: u8) -> Balance {
    pallet_system::Account::<Test>::get(account(id)).data.free
}

/// What is on hold is what the ledgers say, and no money is made or lost.
fn check(issuance: Balance) {
    let mut bonded = 0;
    for (who, ledger) in Ledgers::<Test>::iter() {
        let held = Balances::on_hold(&HoldReason::Bond.into(), &who);
        assert_eq!(held, ledger.total(), "hold of {who}");
        bonded += held;
    }
    assert_eq!(TotalBonded::<Test>::get(), bonded);
    assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issuance);
    let sum: Balance = pallet_system::Account::<Test>::iter()
        .map(|(_, account)| account.data.free + account.data.reserved)
        .sum();
    assert_eq!(sum, issuance);
}

#[test]
fn a_bond_counts_for_its_role_only_and_while_it_is_large_enough() {
    ext().execute_with(|| {
        assert_eq!(Staking::bond(signed(1), Role::Provider, 99), error(Error::BondTooLow));
        Staking::bond(signed(1), Role::Provider, 100).unwrap();
        assert_eq!(Staking::bond(signed(1), Role::Provider, 100), error(Error::AlreadyBonded));
        assert_eq!(<Staking as Stake>::active(&account(1), Role::Provider), 100);
        assert_eq!(<Staking as Stake>::active(&account(1), Role::Validator), 0);
        assert_eq!(free(1), 900);
        Staking::bond_extra(signed(1), 50).unwrap();
        assert_eq!(Staking::unbond(signed(1), 51), error(Error::BondTooLow));
        assert_eq!(Staking::unbond(signed(1), 151), error(Error::MoreThanActive));
        Staking::chill(signed(1)).unwrap();
        assert_eq!(<Staking as Stake>::active(&account(1), Role::Provider), 0);
        Staking::activate(signed(1)).unwrap();
        assert_eq!(<Staking as Stake>::active(&account(1), Role::Provider), 150);
        Staking::slash(RuntimeOrigin::root(), account(1), 51).unwrap();
        assert_eq!(<Staking as Stake>::active(&account(1), Role::Provider), 0);
        check(3000);
    });
}

#[test]
fn unbonded_money_comes_back_after_the_delay_and_not_before() {
    ext().execute_with(|| {
        Staking::bond(signed(1), Role::Provider, 400).unwrap();
        Staking::unbond(signed(1), 300).unwrap();
        System::set_block_number(10);
        assert_eq!(Staking::withdraw_unbonded(signed(1)), error(Error::NothingToWithdraw));
        System::set_block_number(11);
        Staking::withdraw_unbonded(signed(1)).unwrap();
        assert_eq!(free(1), 900);
        Staking::unbond(signed(1), 100).unwrap();
        System::set_block_number(21);
        Staking::withdraw_unbonded(signed(1)).unwrap();
        assert_eq!(free(1), 1000);
        assert!(!Ledgers::<Test>::contains_key(account(1)));
        check(3000);
    });
}

#[test]
fn the_number_of_unbonding_parts_is_bounded_and_one_block_is_one_part() {
    ext().execute_with(|| {
        Staking::bond(signed(1), Role::Provider, 500).unwrap();
        for block in 1..=3 {
            System::set_block_number(block);
            Staking::unbond(signed(1), 10).unwrap();
            Staking::unbond(signed(1), 10).unwrap();
        }
        System::set_block_number(4);
        assert_eq!(Staking::unbond(signed(1), 10), error(Error::TooManyUnlocking));
        check(3000);
    });
}

#[test]
fn what_unbonds_can_still_be_slashed_and_only_root_slashes() {
    ext().execute_with(|| {
        Staking::bond(signed(1), Role::Provider, 400).unwrap();
        Staking::unbond(signed(1), 400).unwrap();
        assert!(Staking::slash(signed(2), account(1), 1).is_err());
        Staking::slash(RuntimeOrigin::root(), account(1), 1_000_000).unwrap();
        assert_eq!(free(99), 400);
        // A bond of nothing is cleared away.
        Staking::withdraw_unbonded(signed(1)).unwrap();
        assert!(!Ledgers::<Test>::contains_key(account(1)));
        check(3000);
    });
}

#[test]
fn a_slash_too_small_for_the_beneficiary_is_burnt() {
    ext().execute_with(|| {
        Staking::bond(signed(1), Role::Provider, 400).unwrap();
        Staking::slash(RuntimeOrigin::root(), account(1), 3).unwrap();
        assert_eq!(free(99), 0);
        check(2997);
    });
}

#[test]
fn money_is_conserved_over_random_calls() {
    for seed in 0..20u64 {
        ext().execute_with(|| {
            let mut state = seed * 2_654_435_761 + 1;
            let mut next = |bound: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) % bound
            };
            // Lets every slash have a beneficiary, so that nothing is burnt.
            Balances::transfer_allow_death(signed(3), account(99), 10).unwrap();
            for step in 1..150 {
                System::set_block_number(step);
                let who = 1 + next(3) as u8;
                let amount = Balance::from(next(400));
                // Many of these fail; a failure must change nothing.
                let _ = match next(7) {
                    0 => Staking::bond(signed(who), Role::Provider, amount),
                    1 => Staking::bond_extra(signed(who), amount),
                    2 | 3 => Staking::unbond(signed(who), amount),
                    4 | 5 => Staking::withdraw_unbonded(signed(who)),
                    _ => Staking::slash(RuntimeOrigin::root(), account(who), amount / 8),
                };
                check(3000);
            }
        });
    }
}

#[test]
fn calls_weigh_what_they_do() {
    let mut ext = ext();
    let mut run = |origin: RuntimeOrigin, call: crate::Call<Test>| {
        let call = RuntimeCall::Staking(call);
        let what = format!("{call:?}");
        let weight = call.get_dispatch_info().call_weight.ref_time();
        let (result, accesses) = ext.accesses(|| call.dispatch(origin));
        result.unwrap();
        let did = (accesses.reads(), accesses.writes());
        assert!(did.0 <= weight % 1_000 && did.1 <= weight / 1_000, "{what} of {weight}: {did:?}");
    };
    run(signed(1), crate::Call::bond { role: Role::Provider, amount: 400 });
    run(signed(1), crate::Call::bond_extra { amount: 100 });
    run(signed(1), crate::Call::chill {});
    run(signed(1), crate::Call::activate {});
    run(RuntimeOrigin::root(), crate::Call::slash { who: account(1), amount: 50 });
    run(RuntimeOrigin::root(), crate::Call::slash { who: account(1), amount: 3 });
    run(signed(1), crate::Call::unbond { amount: 447 });
    ext.execute_with(|| System::set_block_number(20));
    let weight = crate::Call::<Test>::withdraw_unbonded {}.get_dispatch_info().call_weight;
    let (result, accesses) = ext.accesses(|| Staking::withdraw_unbonded(signed(1)));
    result.unwrap();
    let needed = DbWeight::get().reads_writes(accesses.reads(), accesses.writes());
    assert!(needed.all_lte(weight), "{needed:?} of {weight:?}");
}
