//! What an account has earned is in the state.

#![expect(clippy::disallowed_types, reason = "scores of a model; the chain reads them as integers")]

use citrate_core::{AccountId32, Balance};
use citrate_inference_types::{Access, Earnings, job_id};
use citrate_support::dispatch::Pays;

use super::life::deliver;
use super::mock::{
    MODEL, Market, OWNER, PRICE, Registry, System, Test, account, add_provider, assigned, check,
    ext, free, input, next_block, panel, provider_account, scores, signed, submit,
    submit_redundant,
};
use super::panel::{commit, reveal};
use crate::{Earned, JobCount, Pallet};

/// A provider's part of the price.
const TO_PROVIDER: Balance = PRICE * 75 / 100;
/// The owner's.
const TO_OWNER: Balance = PRICE * 20 / 100;

fn earned(who: &AccountId32) -> [(u64, Balance); 2] {
    let (as_provider, as_owner) = Pallet::<Test>::earned(who);
    [as_provider, as_owner].map(|Earnings { count, total }| (count, total))
}

#[test]
fn a_job_counts_for_its_provider_and_its_models_owner() {
    ext().execute_with(|| {
        add_provider(0, 8);
        let (who, owner) = (provider_account(0), account(OWNER));
        Registry::set_access(signed(&owner), MODEL, Access::PayPerUse { fee: 300 }).unwrap();
        for done in 1..=2u8 {
            let before = [&who, &owner].map(free);
            let job = submit(1, 50);
            next_block();
            assert_eq!(deliver(0, job), Ok(Pays::No));
            let gained = [free(&who) - before[0], free(&owner) - before[1]];
            assert_eq!(gained, [TO_PROVIDER, TO_OWNER + 300]);
            let times = Balance::from(done);
            assert_eq!(earned(&who), [(done.into(), times * gained[0]), (0, 0)]);
            assert_eq!(earned(&owner), [(0, 0), (done.into(), times * gained[1])]);
        }
        // What comes to nothing counts for nobody.
        let job = submit(1, 50);
        Market::cancel(signed(&account(1)), job).unwrap();
        next_block();
        assert_eq!(earned(&who)[0].0, 2);
        assert_eq!(earned(&account(1)), [(0, 0); 2]);
        check();
    });
}

#[test]
fn each_of_a_panel_that_agrees_has_its_part_and_who_is_wrong_has_none() {
    ext().execute_with(|| {
        (0..3).for_each(|number| add_provider(number, 1));
        let job = submit_redundant(1, 3, 2, 60);
        next_block();
        let numbers = panel(job);
        let score = |number: u8| scores(if number == numbers[1] { 0.1 } else { 0.9 });
        numbers.iter().for_each(|number| commit(*number, job, &score(*number)).unwrap());
        numbers.iter().for_each(|number| reveal(*number, job, &score(*number)).unwrap());
        for number in &numbers {
            let expected = if *number == numbers[1] { (0, 0) } else { (1, TO_PROVIDER) };
            assert_eq!(earned(&provider_account(*number))[0], expected);
        }
        assert_eq!(earned(&account(OWNER))[1], (1, 2 * TO_OWNER));
    });
}

/// Else anybody could make its own income what it likes.
#[test]
fn what_an_account_pays_itself_is_no_income() {
    ext().execute_with(|| {
        add_provider(0, 8);
        let who = provider_account(0);
        let job = job_id(&Pallet::<Test>::genesis(), &who, JobCount::<Test>::get(&who));
        Market::submit(signed(&who), MODEL, input(), PRICE, Default::default(), 50).unwrap();
        next_block();
        assert_eq!(assigned(job), Some(0));
        assert_eq!(deliver(0, job), Ok(Pays::No));
        assert_eq!(earned(&who), [(0, 0); 2]);
        let owner = account(OWNER);
        assert_eq!(earned(&owner)[1], (1, TO_OWNER));
        // As an owner too.
        let job = job_id(&Pallet::<Test>::genesis(), &owner, JobCount::<Test>::get(&owner));
        Market::submit(signed(&owner), MODEL, input(), PRICE, Default::default(), 50).unwrap();
        System::set_block_number(System::block_number() + 1);
        next_block();
        assert_eq!(deliver(0, job), Ok(Pays::No));
        assert_eq!(earned(&owner)[1], (1, TO_OWNER));
        assert_eq!(earned(&who)[0], (1, TO_PROVIDER));
    });
}

#[test]
fn sums_do_not_go_beyond_their_largest() {
    ext().execute_with(|| {
        add_provider(0, 8);
        let most = Earnings { count: u64::MAX, total: Balance::MAX };
        Earned::<Test>::insert(provider_account(0), (most, Earnings::default()));
        let job = submit(1, 50);
        next_block();
        assert_eq!(deliver(0, job), Ok(Pays::No));
        assert_eq!(Pallet::<Test>::earned(&provider_account(0)).0, most);
    });
}
