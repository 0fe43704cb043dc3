//! The migration of the upgraded runtime.

use super::mock::Chain;
use crate::upgraded::{DIFFERENCE, KeepSpendable};
use crate::{AccountId, Balance, Runtime};
use citrate_support::migrations::SteppedMigration;
use citrate_support::weights::WeightMeter;
use std::collections::BTreeMap;

fn free_balances(chain: &Chain) -> BTreeMap<AccountId, Balance> {
    chain.peek(|| {
        pallet_system::Account::<Runtime>::iter()
            .map(|(account, info)| (account, info.data.free))
            .collect()
    })
}

#[test]
fn every_account_gets_the_difference_once_and_the_issuance_follows() {
    let mut chain = Chain::development();
    let before = free_balances(&chain);
    assert!(before.len() >= 6);
    let noted = chain.peek(KeepSpendable::pre_upgrade).unwrap();
    assert!(chain.peek(|| KeepSpendable::post_upgrade(noted.clone())).is_err(), "nothing was done");
    let (mut cursor, mut steps) = (None, 0);
    loop {
        steps += 1;
        let next = chain.commit(|| KeepSpendable::step(cursor, &mut WeightMeter::new())).unwrap();
        match next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    // One account in every third block, and one more to see that there is no other.
    assert_eq!(steps, before.len() * 3 + 1);
    chain.peek(|| KeepSpendable::post_upgrade(noted)).unwrap();
    let after = free_balances(&chain);
    let expected: BTreeMap<_, _> =
        before.into_iter().map(|(account, free)| (account, free + DIFFERENCE)).collect();
    assert_eq!(after, expected);
    let issuance = chain.peek(pallet_balances::TotalIssuance::<Runtime>::get);
    assert_eq!(issuance, after.values().sum::<Balance>());
    let starved = chain.peek(|| {
        KeepSpendable::step(None, &mut WeightMeter::with_limit(citrate_core::Weight::zero()))
    });
    assert!(starved.is_err(), "a step is weighed");
}
