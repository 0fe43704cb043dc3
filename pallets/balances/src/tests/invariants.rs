//! Whatever is done to balances, the books are right.

use super::mock::{
    Balances, RuntimeHoldReason, RuntimeOrigin, Test, TestHold, assert_invariants, ext,
};
use crate::Reasons;
use citrate_support::storage::with_storage_layer;
use citrate_support::traits::tokens::fungible::{InspectHold, Mutate, MutateHold};
use citrate_support::traits::tokens::{Fortitude, Precision, Preservation, Restriction};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Op {
    Transfer(u64, u64, u128, bool),
    TransferAll(u64, u64, bool),
    Mint(u64, u128),
    Burn(u64, u128, bool),
    Set(u64, u128),
    Hold(u64, bool, u128),
    Release(u64, bool, u128, bool),
    PayHeld(u64, u64, bool, u128, bool),
    BurnHeld(u64, bool, u128),
    Reserve(u64, u128),
    Unreserve(u64, u128),
    Lock(u64, u8, u128),
    FeeAndRefund(u64, u128, u128),
}

fn op() -> impl Strategy<Value = Op> {
    let who = || 1u64..5;
    let amount = || prop_oneof![0u128..20, 0u128..300, Just(u128::MAX)];
    prop_oneof![
        (who(), who(), amount(), any::<bool>()).prop_map(|(a, b, n, k)| Op::Transfer(a, b, n, k)),
        (who(), who(), any::<bool>()).prop_map(|(a, b, k)| Op::TransferAll(a, b, k)),
        (who(), amount()).prop_map(|(a, n)| Op::Mint(a, n)),
        (who(), amount(), any::<bool>()).prop_map(|(a, n, k)| Op::Burn(a, n, k)),
        (who(), amount()).prop_map(|(a, n)| Op::Set(a, n)),
        (who(), any::<bool>(), amount()).prop_map(|(a, r, n)| Op::Hold(a, r, n)),
        (who(), any::<bool>(), amount(), any::<bool>())
            .prop_map(|(a, r, n, e)| Op::Release(a, r, n, e)),
        (who(), who(), any::<bool>(), amount(), any::<bool>())
            .prop_map(|(a, b, r, n, f)| Op::PayHeld(a, b, r, n, f)),
        (who(), any::<bool>(), amount()).prop_map(|(a, r, n)| Op::BurnHeld(a, r, n)),
        (who(), amount()).prop_map(|(a, n)| Op::Reserve(a, n)),
        (who(), amount()).prop_map(|(a, n)| Op::Unreserve(a, n)),
        (who(), 0u8..3, amount()).prop_map(|(a, id, n)| Op::Lock(a, id, n)),
        (who(), amount(), amount()).prop_map(|(a, n, r)| Op::FeeAndRefund(a, n, r)),
    ]
}

fn reason(bond: bool) -> RuntimeHoldReason {
    if bond { TestHold::Bond.outer() } else { TestHold::Escrow.outer() }
}

fn signed(who: u64) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// What each account should have on hold, by reason.
type Model = BTreeMap<(u64, bool), u128>;

#[expect(clippy::too_many_lines, reason = "one arm for each operation")]
/// Does it, in a layer of its own as a dispatch would be, and notes holds in the model.
fn run(op: &Op, model: &mut Model) {
    let held = |model: &Model, who, bond| model.get(&(who, bond)).copied().unwrap_or(0);
    match *op {
        Op::Transfer(from, to, amount, keep) => {
            let _ = with_storage_layer(|| {
                if keep {
                    Balances::transfer_keep_alive(signed(from), to, amount)
                } else {
                    Balances::transfer_allow_death(signed(from), to, amount)
                }
            });
        }
        Op::TransferAll(from, to, keep) => {
            let _ = with_storage_layer(|| Balances::transfer_all(signed(from), to, keep));
        }
        Op::Mint(who, amount) => {
            let _ = with_storage_layer(|| Balances::mint_into(&who, amount));
        }
        Op::Burn(who, amount, keep) => {
            let _ = with_storage_layer(|| Balances::burn(signed(who), amount, keep));
        }
        Op::Set(who, amount) => {
            let _ = with_storage_layer(|| {
                Balances::force_set_balance(RuntimeOrigin::root(), who, amount)
            });
        }
        Op::Hold(who, bond, amount) => {
            if with_storage_layer(|| Balances::hold(&reason(bond), &who, amount)).is_ok() {
                *model.entry((who, bond)).or_default() += amount;
            }
        }
        Op::Release(who, bond, amount, exact) => {
            let precision = if exact { Precision::Exact } else { Precision::BestEffort };
            let result =
                with_storage_layer(|| Balances::release(&reason(bond), &who, amount, precision));
            let there = held(model, who, bond);
            // A release never fails for want of anything but the hold.
            assert_eq!(result.is_ok(), !exact || amount <= there);
            if let Ok(released) = result {
                assert_eq!(released, amount.min(there));
                model.insert((who, bond), there - released);
            }
        }
        Op::PayHeld(from, to, bond, amount, free) => {
            let restriction = if free { Restriction::Free } else { Restriction::OnHold };
            let result = with_storage_layer(|| {
                Balances::transfer_on_hold(
                    &reason(bond),
                    &from,
                    &to,
                    amount,
                    Precision::BestEffort,
                    restriction,
                    Fortitude::Force,
                )
            });
            if let Ok(moved) = result {
                *model.entry((from, bond)).or_default() -= moved;
                if !free {
                    *model.entry((to, bond)).or_default() += moved;
                }
            }
        }
        Op::BurnHeld(who, bond, amount) => {
            let burned = with_storage_layer(|| {
                Balances::burn_held(
                    &reason(bond),
                    &who,
                    amount,
                    Precision::BestEffort,
                    Fortitude::Force,
                )
            });
            *model.entry((who, bond)).or_default() -= burned.unwrap_or(0);
        }
        Op::Reserve(who, amount) => {
            let _ = with_storage_layer(|| Balances::reserve(&who, amount));
        }
        Op::Unreserve(who, amount) => {
            let _missing = Balances::unreserve(&who, amount);
        }
        Op::Lock(who, id, amount) => {
            let _ = with_storage_layer(|| Balances::set_lock([id; 8], &who, amount, Reasons::All));
        }
        Op::FeeAndRefund(who, fee, refund) => {
            let _ = with_storage_layer(|| {
                let credit = Balances::withdraw(
                    &who,
                    fee,
                    Precision::Exact,
                    Preservation::Preserve,
                    Fortitude::Polite,
                )?;
                let (refund, rest) = credit.split(refund);
                // What does not fit anywhere burns.
                drop(Balances::resolve(&who, refund));
                drop(Balances::resolve(&4, rest));
                Ok::<_, citrate_core::DispatchError>(())
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_books_are_right_after_any_operations(ops in prop::collection::vec(op(), 1..60)) {
        ext(&[(1, 1_000), (2, 100), (3, super::mock::ED)]).execute_with(|| {
            let mut model = Model::new();
            for op in &ops {
                run(op, &mut model);
                assert_invariants();
                for ((who, bond), amount) in &model {
                    assert_eq!(
                        Balances::balance_on_hold(&reason(*bond), who),
                        *amount,
                        "hold of {who} after {op:?}"
                    );
                }
            }
            // Everything on hold can be had back, exactly.
            for ((who, bond), amount) in &model {
                assert_eq!(
                    Balances::release(&reason(*bond), who, *amount, Precision::Exact),
                    Ok(*amount)
                );
            }
            assert_invariants();
            assert_eq!(crate::Holds::<Test>::iter().count(), 0);
        });
    }
}
