//! The migration of the upgraded runtime.

use super::mock::Chain;
use crate::upgraded::{DIFFERENCE, KeepSpendable};
use crate::{AccountId, Balance, Runtime};
use citrate_support::traits::OnRuntimeUpgrade;
use std::collections::BTreeMap;

fn free_balances(chain: &Chain) -> BTreeMap<AccountId, Balance> {
    chain.peek(|| {
        pallet_system::Account::<Runtime>::iter()
            .map(|(account, info)| (account, info.data.free))
            .collect()
    })
}

#[test]
fn every_account_gets_the_difference_and_the_issuance_follows() {
    let mut chain = Chain::development();
    let before = free_balances(&chain);
    assert!(before.len() >= 6);
    let weight = chain.commit(KeepSpendable::on_runtime_upgrade);
    assert!(weight.ref_time() > 0);
    let after = free_balances(&chain);
    let expected: BTreeMap<_, _> =
        before.into_iter().map(|(account, free)| (account, free + DIFFERENCE)).collect();
    assert_eq!(after, expected);
    let issuance = chain.peek(pallet_balances::TotalIssuance::<Runtime>::get);
    assert_eq!(issuance, after.values().sum::<Balance>());
}
