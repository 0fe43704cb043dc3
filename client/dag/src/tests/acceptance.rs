use std::collections::BTreeMap;

use citrate_core::{
    ApplyExtrinsicResult, DispatchError, H256, InvalidTransaction, OpaqueExtrinsic,
    TransactionValidityError,
};
use proptest::prelude::*;

use crate::{Acceptance, Candidate, PASSES_MAX, SkipReason, Step};

fn invalid(reason: InvalidTransaction) -> TransactionValidityError {
    TransactionValidityError::Invalid(reason)
}

/// `(account, nonce)` as an extrinsic.
fn tx(account: u8, nonce: u8) -> OpaqueExtrinsic {
    OpaqueExtrinsic(vec![account, nonce])
}

/// Account and nonce.
type Pair = (u8, u8);

/// Runs the derivation on accounts with nonces; account 9 traps, account 8 is never payable.
fn derive(payload: &[Pair]) -> (Vec<Pair>, Vec<(Pair, SkipReason)>, usize) {
    let mut nonces: BTreeMap<u8, u8> = BTreeMap::new();
    let block = H256::repeat_byte(1);
    let candidates =
        payload.iter().map(|(account, nonce)| Candidate::new(block, tx(*account, *nonce)));
    let mut acceptance = Acceptance::new(candidates);
    let mut steps = 0;
    while let Step::Apply(candidate) = acceptance.next_step() {
        assert_eq!(acceptance.next_step(), Step::Apply(candidate.clone()), "repeats itself");
        steps += 1;
        let (account, nonce) = (candidate.extrinsic.0[0], candidate.extrinsic.0[1]);
        let next = nonces.entry(account).or_default();
        let result: ApplyExtrinsicResult = match account {
            9 => {
                acceptance.report_trap();
                continue;
            }
            8 => Err(invalid(InvalidTransaction::Payment)),
            _ if nonce < *next => Err(invalid(InvalidTransaction::Stale)),
            _ if nonce > *next => Err(invalid(InvalidTransaction::Future)),
            _ => {
                *next += 1;
                // A failed dispatch is accepted all the same: it pays its fee.
                if account == 7 { Ok(Err(DispatchError::BadOrigin)) } else { Ok(Ok(())) }
            }
        };
        acceptance.report(&result);
    }
    let (accepted, skipped) = acceptance.finish();
    let pair = |candidate: &Candidate| (candidate.extrinsic.0[0], candidate.extrinsic.0[1]);
    let skipped = skipped.iter().map(|(candidate, why)| (pair(candidate), *why)).collect();
    (accepted.iter().map(pair).collect(), skipped, steps)
}

#[test]
fn what_is_accepted_and_what_is_skipped() {
    let future = SkipReason::Invalid(invalid(InvalidTransaction::Future));
    let payment = SkipReason::Invalid(invalid(InvalidTransaction::Payment));
    type Case = (&'static str, Vec<(u8, u8)>, Vec<(u8, u8)>, Vec<((u8, u8), SkipReason)>);
    let cases: Vec<Case> = vec![
        ("nothing", vec![], vec![], vec![]),
        ("in order", vec![(1, 0), (1, 1), (2, 0)], vec![(1, 0), (1, 1), (2, 0)], vec![]),
        (
            "the future is tried again after the pass",
            vec![(1, 2), (1, 1), (2, 0), (1, 0)],
            vec![(2, 0), (1, 0), (1, 1), (1, 2)],
            vec![],
        ),
        (
            "a nonce that was used",
            vec![(1, 0), (1, 1), (2, 1), (2, 0), (1, 3)],
            vec![(1, 0), (1, 1), (2, 0), (2, 1)],
            vec![((1, 3), future)],
        ),
        ("a gap", vec![(1, 0), (1, 2)], vec![(1, 0)], vec![((1, 2), future)]),
        ("a failed dispatch pays", vec![(7, 0)], vec![(7, 0)], vec![]),
        ("a trap", vec![(9, 0), (1, 0)], vec![(1, 0)], vec![((9, 0), SkipReason::Trapped)]),
        ("who cannot pay", vec![(8, 0), (1, 0)], vec![(1, 0)], vec![((8, 0), payment)]),
        (
            "the same twice",
            vec![(1, 0), (1, 0), (1, 1)],
            vec![(1, 0), (1, 1)],
            vec![((1, 0), SkipReason::Duplicate)],
        ),
    ];
    for (desc, payload, accepted, skipped) in cases {
        let derived = derive(&payload);
        assert_eq!((derived.0, derived.1), (accepted, skipped), "{desc}");
    }
}

#[test]
fn passes_end_when_they_make_no_progress() {
    let payload: Vec<(u8, u8)> = (0..6).map(|account| (account, 1)).collect();
    let (accepted, skipped, steps) = derive(&payload);
    assert_eq!((accepted.len(), skipped.len(), steps), (0, 6, 6), "one pass, not two");
}

#[test]
fn a_payload_in_reverse_costs_a_bounded_number_of_attempts() {
    let payload: Vec<(u8, u8)> = (0..200).rev().map(|nonce| (1, nonce)).collect();
    let (accepted, skipped, steps) = derive(&payload);
    let passes = u8::try_from(PASSES_MAX).unwrap();
    let expected: Vec<(u8, u8)> = (0..passes).map(|nonce| (1, nonce)).collect();
    assert_eq!(accepted, expected, "one for each pass");
    assert_eq!(skipped.len(), payload.len() - PASSES_MAX);
    let future = SkipReason::Invalid(invalid(InvalidTransaction::Future));
    assert!(skipped.iter().all(|(_, why)| *why == future), "{skipped:?}");
    assert!(steps <= PASSES_MAX * payload.len(), "{steps} attempts");
}

proptest! {
    #[test]
    fn every_candidate_ends_up_on_one_side(
        payload in prop::collection::vec((0u8..10, 0u8..6), 0..40)
    ) {
        let (accepted, skipped, _) = derive(&payload);
        let mut both: Vec<(u8, u8)> = accepted.clone();
        both.extend(skipped.iter().map(|(pair, _)| *pair));
        let mut expected = payload.clone();
        both.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(both, expected);
        // Every account's longest run of nonces from 0 is accepted, in order.
        for account in (0u8..10).filter(|account| *account < 8) {
            let run = (0u8..).take_while(|nonce| payload.contains(&(account, *nonce))).count();
            let got: Vec<u8> =
                accepted.iter().filter(|(who, _)| *who == account).map(|(_, nonce)| *nonce).collect();
            let expected: Vec<u8> = (0u8..).take(run).collect();
            prop_assert_eq!(got, expected);
        }
    }
}
