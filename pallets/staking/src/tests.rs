//! Tests of the pallet on a small runtime.

use citrate_core::{AccountId32, Balance, DispatchError, Perbill};
use citrate_support::dispatch::GetDispatchInfo;
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128, Dispatchable, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::TestExternalities;

use crate::{Config, Error, Ledgers, Role, Stake, TotalBonded, Unlocking, Validators};

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Balances: pallet_balances = 1,
        Staking: crate = 2,
    }
);

#[citrate_support::derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {
    type AccountId = AccountId32;
    type Lookup = citrate_support::traits::IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData;
    type DbWeight = DbWeight;
}

#[citrate_support::derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<5>;
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
    type ValidatorsMax = ConstU32<2>;
    type SlashBeneficiary = Treasury;
}

fn account(id: u8) -> AccountId32 {
    AccountId32::new([id; 32])
}

fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

pub(crate) fn ext() -> TestExternalities {
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
    assert_eq!(<Staking as Hooks<u32>>::try_state(System::block_number()), Ok(()));
    assert!(Validators::<Test>::count() <= 2);
    assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issuance);
    let sum: Balance = pallet_system::Account::<Test>::iter()
        .map(|(_, account)| account.data.free + account.data.reserved)
        .sum();
    assert_eq!(sum, issuance);
}

#[test]
fn faults_in_the_books_are_found() {
    let faults: [(&str, fn()); 5] = [
        ("what is bonded is not the sum of all bonds", || TotalBonded::<Test>::put(1)),
        ("the index of validators is not that of the bonds", || {
            Validators::<Test>::remove(account(1));
        }),
        ("there are validators without a bond", || Validators::<Test>::insert(account(3), ())),
        ("the parts of a bond are not in the order in which they leave", || {
            Ledgers::<Test>::mutate(account(1), |ledger| {
                let ledger = ledger.as_mut().expect("there is a bond");
                let part = Unlocking { amount: 0, at: 7 };
                ledger.unlocking = vec![part.clone(), part].try_into().expect("there is room");
            });
        }),
        ("what is on hold is not what was written down", || {
            Ledgers::<Test>::mutate(account(1), |ledger| {
                ledger.as_mut().expect("there is a bond").active += 1;
            });
            TotalBonded::<Test>::mutate(|total| *total += 1);
        }),
    ];
    for (reason, fault) in faults {
        ext().execute_with(|| {
            Staking::bond(signed(1), Role::Validator, 500).unwrap();
            check(3000);
            fault();
            assert_eq!(Staking::check(), Err(DispatchError::Other(reason)));
        });
    }
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
fn validators_are_those_whose_stake_counts() {
    ext().execute_with(|| {
        let validators = || Staking::validators();
        assert_eq!(Staking::bond(signed(1), Role::Validator, 499), error(Error::BondTooLow));
        Staking::bond(signed(1), Role::Validator, 600).unwrap();
        Staking::bond(signed(2), Role::Provider, 600).unwrap();
        assert_eq!(validators(), [(account(1), 600)]);
        Staking::bond_extra(signed(1), 100).unwrap();
        assert_eq!(validators(), [(account(1), 700)]);
        Staking::chill(signed(1)).unwrap();
        assert_eq!(validators(), []);
        // What a chilled validator adds does not count before it is active again.
        Staking::bond_extra(signed(1), 100).unwrap();
        assert_eq!(validators(), []);
        Staking::activate(signed(1)).unwrap();
        assert_eq!(validators(), [(account(1), 800)]);
        Staking::slash(RuntimeOrigin::root(), account(1), 301).unwrap();
        assert_eq!(validators(), [], "too little is left");
        Staking::bond_extra(signed(1), 1).unwrap();
        assert_eq!(validators(), [(account(1), 500)]);
        Staking::unbond(signed(1), 500).unwrap();
        assert_eq!(validators(), []);
        check(3000);
    });
}

#[test]
fn there_are_no_more_validators_than_allowed() {
    ext().execute_with(|| {
        Staking::bond(signed(1), Role::Validator, 500).unwrap();
        Staking::bond(signed(2), Role::Validator, 500).unwrap();
        let full = error(Error::TooManyValidators);
        assert_eq!(transactional(|| Staking::bond(signed(3), Role::Validator, 900)), full);
        assert_eq!(free(3), 1000);
        // Providers are not counted, and each way out makes room.
        Staking::bond(signed(3), Role::Provider, 900).unwrap();
        Staking::unbond(signed(3), 900).unwrap();
        System::set_block_number(20);
        Staking::withdraw_unbonded(signed(3)).unwrap();
        Staking::chill(signed(1)).unwrap();
        Staking::bond(signed(3), Role::Validator, 500).unwrap();
        assert_eq!(transactional(|| Staking::activate(signed(1))), full);
        Staking::unbond(signed(2), 500).unwrap();
        Staking::activate(signed(1)).unwrap();
        check(3000);
    });
}

/// As a call runs: what fails changes nothing.
fn transactional(f: impl FnOnce() -> Result<(), DispatchError>) -> Result<(), DispatchError> {
    citrate_support::storage::with_storage_layer(f)
}

#[test]
fn a_punished_validator_pays_the_reporter_and_counts_no_more() {
    ext().execute_with(|| {
        Balances::transfer_allow_death(signed(3), account(99), 10).unwrap();
        Staking::bond(signed(1), Role::Validator, 800).unwrap();
        Staking::unbond(signed(1), 300).unwrap();
        let tenth = Perbill::from_percent(10);
        // A tenth of all 800, a tenth of that to the reporter.
        let reporter = account(2);
        assert_eq!(Staking::punish(&account(1), tenth, Some((&reporter, tenth))), 80);
        assert_eq!((free(2), free(99)), (1008, 82));
        assert_eq!(Ledgers::<Test>::get(account(1)).unwrap().total(), 720);
        assert_eq!(Staking::validators(), []);
        // Chilled already, it is punished all the same; nobody gains by reporting himself.
        let own = account(1);
        let before = free(1);
        assert_eq!(Staking::punish(&account(1), tenth, Some((&own, tenth))), 72);
        assert_eq!((free(1), free(99)), (before, 154));
        // Who cannot take so little gets nothing; the rest goes where it went anyway.
        let nobody = account(50);
        assert_eq!(Staking::punish(&account(1), tenth, Some((&nobody, Perbill::one()))), 64);
        assert_eq!(free(50), 64);
        assert_eq!(
            Staking::punish(&account(1), Perbill::from_percent(1), Some((&account(51), tenth))),
            5
        );
        assert_eq!((free(51), free(99)), (0, 159));
        check(3000);
    });
}

#[test]
fn a_punishment_reaches_what_is_unbonding_and_only_validators() {
    ext().execute_with(|| {
        Balances::transfer_allow_death(signed(3), account(99), 10).unwrap();
        Staking::bond(signed(1), Role::Validator, 800).unwrap();
        Staking::unbond(signed(1), 800).unwrap();
        assert_eq!(Staking::punish(&account(1), Perbill::one(), None), 800);
        assert_eq!(Staking::punish(&account(1), Perbill::one(), None), 0);
        Staking::withdraw_unbonded(signed(1)).unwrap();
        assert!(!Ledgers::<Test>::contains_key(account(1)));
        assert_eq!(Staking::punish(&account(1), Perbill::one(), None), 0, "nothing is bonded");
        Staking::bond(signed(2), Role::Provider, 800).unwrap();
        assert_eq!(Staking::punish(&account(2), Perbill::one(), None), 0, "another role");
        check(3000);
    });
}

#[test]
fn genesis_bonds_validators() {
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances: vec![(account(1), 1000)] },
        staking: crate::GenesisConfig { validators: vec![(account(1), 700)], ..Default::default() },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config).execute_with(|| {
        assert_eq!(Staking::validators(), [(account(1), 700)]);
        check(1000);
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
                let amount = Balance::from(next(700));
                let role = if next(3) == 0 { Role::Provider } else { Role::Validator };
                let total = |who| Ledgers::<Test>::get(account(who)).map_or(0, |l| l.total());
                let before = total(who);
                // Many of these fail; a failure must change nothing.
                let _ = transactional(|| match next(10) {
                    0 | 1 => Staking::bond(signed(who), role, amount),
                    2 => Staking::bond_extra(signed(who), amount),
                    3 | 4 => Staking::unbond(signed(who), amount),
                    5 => Staking::withdraw_unbonded(signed(who)),
                    6 => Staking::chill(signed(who)),
                    7 => Staking::activate(signed(who)),
                    8 => {
                        let share = Perbill::from_percent(next(101) as u32);
                        let reporter = account(1 + next(3) as u8);
                        let taken = Staking::punish(&account(who), share, Some((&reporter, share)));
                        assert!(taken <= share.mul_floor(before), "{taken} of {before}");
                        Ok(())
                    }
                    _ => Staking::slash(RuntimeOrigin::root(), account(who), amount / 8),
                });
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
    // A validator's calls also touch the index.
    run(signed(2), crate::Call::bond { role: Role::Validator, amount: 600 });
    run(signed(2), crate::Call::chill {});
    run(signed(2), crate::Call::bond_extra { amount: 100 });
    run(signed(2), crate::Call::activate {});
    run(RuntimeOrigin::root(), crate::Call::slash { who: account(2), amount: 250 });
    run(signed(2), crate::Call::bond_extra { amount: 100 });
    run(signed(2), crate::Call::unbond { amount: 550 });
    ext.execute_with(|| System::set_block_number(20));
    let weight = crate::Call::<Test>::withdraw_unbonded {}.get_dispatch_info().call_weight;
    let (result, accesses) = ext.accesses(|| Staking::withdraw_unbonded(signed(1)));
    result.unwrap();
    let needed = DbWeight::get().reads_writes(accesses.reads(), accesses.writes());
    assert!(needed.all_lte(weight), "{needed:?} of {weight:?}");
}

#[test]
fn every_call_weighs_what_its_benchmark_touches() {
    citrate_testing::assert_benchmarks_weighed::<Staking>(DbWeight::get(), ext);
}
