//! What is on hold against what a pallet wrote down, for `try_state`.

use alloc::collections::BTreeMap;
use sp_arithmetic::traits::Saturating;

use super::fungible::InspectHold;
use crate::traits::TryRuntimeError;

/// Checks that each of these accounts has on hold for a reason what was written down for it, all of that together, and that
/// nobody else was written down. Whoever holds money asks this of all accounts, so that none is held for nothing.
///
/// # Errors
/// It is not so.
pub fn check_holds<Money: InspectHold<AccountId>, AccountId: Ord>(
    reason: &Money::Reason,
    accounts: impl IntoIterator<Item = AccountId>,
    written: impl IntoIterator<Item = (AccountId, Money::Balance)>,
) -> Result<(), TryRuntimeError> {
    let mut expected: BTreeMap<AccountId, Money::Balance> = BTreeMap::new();
    for (who, amount) in written {
        let sum = expected.entry(who).or_default();
        *sum = sum.saturating_add(amount);
    }
    for who in accounts {
        let amount = expected.remove(&who).unwrap_or_default();
        if Money::balance_on_hold(reason, &who) != amount {
            return Err("what is on hold is not what was written down".into());
        }
    }
    if expected.into_values().any(|amount| amount != Money::Balance::default()) {
        return Err("something is on hold for an account that is not there".into());
    }
    Ok(())
}
