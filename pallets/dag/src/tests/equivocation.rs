//! What proves an equivocation, and what follows.

use super::mock::*;
use crate::{Authorities, Call, Error, Event, Offences};
use citrate_core::{
    Balance, DispatchError, InvalidTransaction, TransactionPriority, TransactionSource,
    TransactionValidity, TransactionValidityError,
};
use citrate_dag_types::{EVIDENCE_HEADER_BYTES_MAX, EquivocationProof};
use citrate_support::dispatch::{GetDispatchInfo, Pays};
use citrate_support::traits::{Dispatchable, ValidateUnsigned};

/// Validators 1, 2 and 3 with 10,000 each, who author from epoch 12 on; it is slot 5 of epoch 13.
fn ext() -> citrate_testing::TestExternalities {
    let mut ext = ext_with((1..=3).map(|id| (account(id), 10_000)).collect());
    ext.execute_with(|| {
        for epoch in 10..14 {
            block(first(epoch), 0);
        }
        block(NOW, 0);
    });
    ext
}

const NOW: u64 = 13 * EPOCH + 5;

fn report(proof: Box<EquivocationProof>) -> Result<(), DispatchError> {
    Dag::report_equivocation_unsigned(RuntimeOrigin::none(), proof)
}

fn validate(proof: Box<EquivocationProof>) -> TransactionValidity {
    let call = Call::report_equivocation_unsigned { proof };
    Dag::validate_unsigned(TransactionSource::External, &call)
}

fn invalid(reason: InvalidTransaction) -> TransactionValidity {
    Err(TransactionValidityError::Invalid(reason))
}

fn error(error: Error<Test>) -> Result<(), DispatchError> {
    Err(error.into())
}

fn bonded(id: u8) -> Balance {
    pallet_staking::Ledgers::<Test>::get(account(id)).map_or(0, |ledger| ledger.total())
}

fn free(id: u8) -> Balance {
    Balances::free_balance(&account(id))
}

#[test]
fn an_equivocator_loses_stake_and_his_place() {
    ext().execute_with(|| {
        let (before, treasury) = (issuance(), free(99));
        let events = System::events().len();
        assert_eq!(report(equivocation(1, NOW, 2)), Ok(()));
        assert_eq!((bonded(1), bonded(2), bonded(3)), (10_000, 9_000, 10_000));
        assert_eq!((free(99), issuance()), (treasury + 1_000, before));
        assert_eq!(Dag::offences(pair(2).public()), [NOW]);
        let punished = RuntimeEvent::Dag(Event::EquivocationPunished {
            account: account(2),
            key: pair(2).public(),
            slot: NOW,
            slashed: 1_000,
        });
        assert!(System::events()[events..].iter().any(|record| record.event == punished));
        // What is fixed stays: he authors in this epoch and the next.
        let all = [1, 2, 3].map(|id| pair(id).public());
        block(first(14), 0);
        assert_eq!(keys(&Authorities::<Test>::get()), all);
        block(first(15), 0);
        assert_eq!(keys(&Authorities::<Test>::get()), [all[0], all[2]]);
        // His key is spent. With another one he may come back, by what is left to him.
        Staking::activate(signed(2)).unwrap();
        for epoch in 16..20 {
            block(first(epoch), 0);
        }
        assert_eq!(keys(&Authorities::<Test>::get()), [all[0], all[2]]);
        set_key(2, 20);
        for epoch in 20..23 {
            block(first(epoch), 0);
        }
        assert_eq!(Authorities::<Test>::get()[2], member(2, 20, 9_000));
    });
}

#[test]
fn who_signs_the_report_gets_his_part_for_nothing() {
    ext().execute_with(|| {
        let treasury = free(99);
        let result = Dag::report_equivocation(signed(5), equivocation(1, NOW, 2));
        assert_eq!(result.unwrap().pays_fee, Pays::No);
        assert_eq!((free(5), free(99)), (100_000 + 100, treasury + 900));
        // A wrong report is paid for.
        let wrong = Dag::report_equivocation(signed(5), equivocation(1, NOW, 2)).unwrap_err();
        assert_eq!(wrong.post_info.pays_fee, Pays::Yes);
        assert!(Dag::report_equivocation(RuntimeOrigin::none(), equivocation(0, NOW, 1)).is_err());
        let signed_bare = Dag::report_equivocation_unsigned(signed(5), equivocation(0, NOW, 1));
        assert_eq!(signed_bare, Err(DispatchError::BadOrigin));
        // Nobody earns by his own offence.
        let before = free(3);
        Dag::report_equivocation(signed(3), equivocation(2, NOW, 3)).unwrap();
        assert_eq!(free(3), before);
    });
}

#[test]
fn each_slot_is_punished_once_and_no_key_without_end() {
    ext().execute_with(|| {
        assert_eq!(report(equivocation(1, NOW, 2)), Ok(()));
        let twice = error(Error::AlreadyPunished);
        assert_eq!(report(equivocation(1, NOW, 2)), twice);
        let other_pair = Box::new(EquivocationProof {
            first: header(1, NOW, 7, 2),
            second: header(1, NOW, 8, 2),
        });
        assert_eq!(report(other_pair), twice);
        let swapped = equivocation(1, NOW, 2);
        let swapped = EquivocationProof { first: swapped.second, second: swapped.first };
        assert_eq!(report(Box::new(swapped)), twice);
        assert_eq!(validate(equivocation(1, NOW, 2)), invalid(InvalidTransaction::Stale));
        // Another slot, by what is left.
        assert_eq!(report(equivocation(1, NOW - 1, 2)), Ok(()));
        assert_eq!(bonded(2), 8_100);
        assert_eq!(report(equivocation(1, NOW - 2, 2)), error(Error::TooManyOffences));
        assert_eq!(bonded(2), 8_100);
        // Another author's slot is another matter.
        assert_eq!(report(equivocation(0, NOW, 1)), Ok(()));
    });
}

#[test]
fn only_an_authors_own_seals_accuse_him() {
    ext().execute_with(|| {
        let sound = |number| header(1, NOW, number, 2);
        let forged = |number| header(1, NOW, number, 3);
        let one = sound(1);
        let mut huge = sound(2);
        huge.digest
            .logs
            .insert(1, citrate_core::DigestItem::Other(vec![0; EVIDENCE_HEADER_BYTES_MAX]));
        let mut bare = sound(2);
        bare.digest.pop();
        let mut tampered = sound(2);
        tampered.state_root = citrate_core::H256::repeat_byte(1);
        let cases = [
            ("one block", one.clone(), one),
            ("one forged seal", sound(1), forged(2)),
            ("two forged seals", forged(1), forged(2)),
            ("a changed header", sound(1), tampered),
            ("another slot", sound(1), header(1, NOW - 1, 2, 2)),
            ("another author", sound(1), header(0, NOW, 2, 1)),
            ("no seal", sound(1), bare),
            ("no authority", header(3, NOW, 1, 4), header(3, NOW, 2, 4)),
            ("a large header", sound(1), huge),
        ];
        for (desc, first, second) in cases {
            let proof = Box::new(EquivocationProof { first, second });
            assert_eq!(report(proof.clone()), error(Error::InvalidProof), "{desc}");
            assert_eq!(validate(proof), invalid(InvalidTransaction::BadProof), "{desc}");
        }
        assert_eq!(Offences::<Test>::iter().count(), 0);
        assert_eq!((bonded(1), bonded(2), bonded(3)), (10_000, 10_000, 10_000));
        // One header with two seals makes two blocks of the DAG.
        let twice = EquivocationProof { first: sound(1), second: sound(1) };
        assert_eq!(report(Box::new(twice)), Ok(()));
    });
}

#[test]
fn evidence_is_judged_by_the_authorities_of_its_epoch() {
    ext().execute_with(|| {
        // Epoch 11 had the authorities of genesis: two.
        assert_eq!(report(equivocation(2, first(11) + 1, 3)), error(Error::InvalidProof));
        assert_eq!(report(equivocation(1, first(11) + 1, 2)), Ok(()));
        // The next epoch is prepared, the one after it is not.
        assert_eq!(report(equivocation(2, first(14), 3)), Ok(()));
        let early = equivocation(2, first(15), 3);
        assert_eq!(validate(early.clone()), invalid(InvalidTransaction::Future));
        assert_eq!(report(early), error(Error::TooEarly));
        // Four epochs later it can still be reported, one more and it is too late.
        block(first(17), 0);
        assert_eq!(report(equivocation(0, NOW, 1)), Ok(()));
        block(first(18), 0);
        let late = equivocation(0, NOW - 1, 1);
        assert_eq!(validate(late.clone()), invalid(InvalidTransaction::Stale));
        assert_eq!(report(late), error(Error::TooOld));
    });
}

#[test]
fn leaving_and_new_keys_do_not_help() {
    ext().execute_with(|| {
        // He leaves with all he has, and gives his key away.
        Staking::unbond(signed(2), 10_000).unwrap();
        Session::purge_keys(signed(2)).unwrap();
        set_key(4, 2);
        for epoch in 14..17 {
            block(first(epoch), 0);
        }
        assert_eq!(keys(&Authorities::<Test>::get()), [pair(1).public(), pair(3).public()]);
        assert_eq!(report(equivocation(1, NOW, 2)), Ok(()));
        assert_eq!(bonded(2), 9_000, "what is unbonding is reached");
        // The key is of no use to who has it now.
        bond(4, 20_000);
        for epoch in 17..20 {
            block(first(epoch), 0);
        }
        assert_eq!(keys(&Authorities::<Test>::get()), [pair(1).public(), pair(3).public()]);
    });
}

#[test]
fn who_has_nothing_left_is_banned_all_the_same() {
    ext().execute_with(|| {
        Staking::unbond(signed(2), 10_000).unwrap();
        System::set_block_number(1_000);
        Staking::withdraw_unbonded(signed(2)).unwrap();
        let before = issuance();
        assert_eq!(report(equivocation(1, NOW, 2)), Ok(()));
        assert_eq!(issuance(), before);
        // A stake for another role answers for nothing.
        Staking::bond(signed(2), pallet_staking::Role::Provider, 5_000).unwrap();
        assert_eq!(report(equivocation(1, NOW - 1, 2)), Ok(()));
        assert_eq!(bonded(2), 5_000);
        assert_eq!(Dag::offences(pair(2).public()), [NOW, NOW - 1]);
    });
}

#[test]
fn the_last_authorities_stay_though_they_all_equivocated() {
    ext().execute_with(|| {
        for (index, key) in [(0, 1), (1, 2), (2, 3)] {
            assert_eq!(report(equivocation(index, NOW, key)), Ok(()));
        }
        for epoch in 14..20 {
            block(first(epoch), 0);
            assert!(!Authorities::<Test>::get().is_empty());
        }
        bond(4, 600);
        for epoch in 20..23 {
            block(first(epoch), 0);
        }
        assert_eq!(Authorities::<Test>::get().into_inner(), [member(4, 4, 600)]);
    });
}

#[test]
fn the_pool_takes_one_report_for_a_key_and_slot_before_all_else() {
    ext().execute_with(|| {
        let valid = validate(equivocation(1, NOW, 2)).unwrap();
        assert_eq!(valid.priority, TransactionPriority::MAX);
        assert!(valid.requires.is_empty() && valid.propagate);
        assert_eq!(valid.provides.len(), 1);
        let other = EquivocationProof { first: header(1, NOW, 7, 2), second: header(1, NOW, 8, 2) };
        assert_eq!(validate(Box::new(other)).unwrap().provides, valid.provides);
        assert_ne!(validate(equivocation(1, NOW - 1, 2)).unwrap().provides, valid.provides);
        assert_ne!(validate(equivocation(2, NOW, 3)).unwrap().provides, valid.provides);
        // No other call is for nothing.
        let signed_call = Call::report_equivocation { proof: equivocation(1, NOW, 2) };
        let validity = Dag::validate_unsigned(TransactionSource::Local, &signed_call);
        assert_eq!(validity, invalid(InvalidTransaction::Call));
        let call = Call::report_equivocation_unsigned { proof: equivocation(1, NOW, 2) };
        assert!(Dag::pre_dispatch(&call).is_ok());
        report(equivocation(1, NOW, 2)).unwrap();
        assert!(Dag::pre_dispatch(&call).is_err());
    });
}

#[test]
fn a_report_weighs_what_it_does() {
    let signed_report = |slot| Call::report_equivocation { proof: equivocation(1, slot, 2) };
    let bare = Call::report_equivocation_unsigned { proof: equivocation(1, first(11), 2) };
    // The second reporter has no account yet.
    for (origin, call) in [
        (signed(5), signed_report(first(12))),
        (signed(50), signed_report(NOW)),
        (RuntimeOrigin::none(), bare),
    ] {
        let mut ext = ext();
        let call = RuntimeCall::Dag(call);
        let weight = call.get_dispatch_info().call_weight.ref_time() % 1_000_000;
        let (result, accesses) = ext.accesses(|| call.dispatch(origin));
        result.unwrap();
        let did = (accesses.reads(), accesses.writes());
        assert!(did.0 <= weight % 1_000 && did.1 <= weight / 1_000, "{weight}: {did:?}");
    }
}
