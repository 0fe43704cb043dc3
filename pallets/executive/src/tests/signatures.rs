//! Who signed, for which chain, when, and in which order.

use super::mock::{
    Address, ENDOWMENT, Executive, Extrinsic, Key, System, Wallet, genesis, hash_of, header,
    in_block, signed, value, write,
};
use citrate_core::{
    ApplyExtrinsicResult, Era, H256, InvalidTransaction, MultiAddress, Preamble, TransactionSource,
    TransactionValidity, TransactionValidityError, UnknownTransaction,
};
use citrate_support::storage::{TransactionOutcome, with_transaction_unchecked};

pub(super) fn invalid<T>(error: InvalidTransaction) -> Result<T, TransactionValidityError> {
    Err(TransactionValidityError::Invalid(error))
}

pub(super) fn unknown<T>(error: UnknownTransaction) -> Result<T, TransactionValidityError> {
    Err(TransactionValidityError::Unknown(error))
}

/// In the block that was begun.
pub(super) fn apply(extrinsic: &Extrinsic) -> ApplyExtrinsicResult {
    Executive::apply_extrinsic(extrinsic.clone())
}

/// In the pool, on the state of block `number`; what it does to the state is forgotten.
pub(super) fn validate(extrinsic: &Extrinsic, number: u32) -> TransactionValidity {
    let source = TransactionSource::External;
    with_transaction_unchecked(|| {
        let validity = Executive::validate_transaction(source, extrinsic.clone(), hash_of(number));
        TransactionOutcome::Rollback(validity)
    })
}

#[test]
fn every_scheme_signs_transactions() {
    for key in Key::all() {
        in_block(|| {
            let good = Wallet::default().sign(key, write(5));
            assert_eq!((apply(&good), value()), (Ok(Ok(())), 5), "{key:?}");
        });
        genesis().execute_with(|| {
            assert!(validate(&Wallet::default().sign(key, write(5)), 0).is_ok(), "{key:?}");
        });
    }
}

#[test]
fn a_signature_of_something_else_is_refused() {
    for key in Key::all() {
        let good = Wallet::default().sign(key, write(5));
        let Preamble::Signed(address, signature, extension) = good.preamble.clone() else {
            panic!("it is signed")
        };
        let sign = |call, address: &Address, signature| {
            Extrinsic::new_signed(call, address.clone(), signature, extension.clone())
        };
        let mut forgeries = vec![
            ("another call", sign(write(6), &address, signature)),
            ("nothing", sign(write(5), &address, key.sign(b""))),
        ];
        // The same keys in the name of others, of the same scheme and of the two others.
        for other in Key::all().iter().chain([Key::poor()]) {
            if other.account() != key.account() {
                let name = MultiAddress::Id(other.account());
                forgeries.push(("another account", sign(write(5), &name, signature)));
            }
        }
        for (what, forged) in forgeries {
            let expected = invalid(InvalidTransaction::BadProof);
            assert_eq!(in_block(|| apply(&forged)), expected, "{key:?}: {what}");
            let refused = genesis().execute_with(|| validate(&forged, 0).map(|_| ()));
            assert_eq!(refused, invalid(InvalidTransaction::BadProof), "{key:?}: {what}");
        }
    }
}

#[test]
fn only_accounts_are_addresses() {
    let good = signed(0, write(5));
    let Preamble::Signed(_, signature, extension) = good.preamble else { panic!("it is signed") };
    let account: [u8; 32] = Key::alice().account().into();
    for address in [
        Address::Index(()),
        Address::Raw(account.to_vec()),
        Address::Address32(account),
        Address::Address20([1; 20]),
    ] {
        let extrinsic =
            Extrinsic::new_signed(write(5), address.clone(), signature, extension.clone());
        let expected = unknown(UnknownTransaction::CannotLookup);
        assert_eq!(in_block(|| apply(&extrinsic)), expected, "{address:?}");
    }
}

#[test]
fn a_transaction_is_for_one_chain_and_one_runtime() {
    let wallets = [
        ("spec version", Wallet { spec_version: 2, ..Wallet::default() }),
        ("transaction version", Wallet { transaction_version: 4, ..Wallet::default() }),
        ("genesis", Wallet { genesis: H256::zero(), ..Wallet::default() }),
        ("birth block", Wallet { birth: H256::zero(), ..Wallet::default() }),
    ];
    for (what, wallet) in wallets {
        let extrinsic = wallet.sign(Key::alice(), write(5));
        assert_eq!(in_block(|| apply(&extrinsic)), invalid(InvalidTransaction::BadProof), "{what}");
    }
    // This build has no metadata hash to compare with.
    let wallet = Wallet { metadata_hash: true, ..Wallet::default() };
    let extrinsic = wallet.sign(Key::alice(), write(5));
    assert_eq!(in_block(|| apply(&extrinsic)), unknown(UnknownTransaction::CannotLookup));
}

#[test]
fn nonces_are_in_order() {
    in_block(|| {
        assert_eq!(apply(&signed(1, write(1))), invalid(InvalidTransaction::Future));
        assert_eq!(apply(&signed(0, write(2))), Ok(Ok(())));
        assert_eq!(apply(&signed(0, write(3))), invalid(InvalidTransaction::Stale));
        assert_eq!(apply(&signed(2, write(4))), invalid(InvalidTransaction::Future));
        assert_eq!(apply(&signed(1, write(5))), Ok(Ok(())));
        assert_eq!((value(), System::account_nonce(Key::alice().account())), (5, 2));
    });
    genesis().execute_with(|| {
        System::inc_account_nonce(Key::alice().account());
        assert_eq!(validate(&signed(0, write(1)), 0), invalid(InvalidTransaction::Stale));
        assert_eq!(validate(&signed(1, write(1)), 0).unwrap().requires, Vec::<Vec<u8>>::new());
        // What the next one waits for, the pool knows.
        let waits = validate(&signed(2, write(1)), 0).unwrap();
        assert_eq!(waits.requires, validate(&signed(1, write(1)), 0).unwrap().provides);
    });
}

#[test]
fn eras_begin_and_end() {
    genesis().execute_with(|| {
        for number in 1..20 {
            Executive::initialize_block(&header(number));
            Executive::finalize_block();
        }
        Executive::initialize_block(&header(20));
        let with = |period, birth: u32| {
            let era = Era::mortal(period, u64::from(birth));
            let wallet = Wallet { era, birth: hash_of(birth), ..Wallet::default() };
            wallet.sign(Key::alice(), write(birth))
        };
        // Hashes of the blocks from 11 on are known.
        let ancient = || invalid(InvalidTransaction::AncientBirthBlock);
        assert_eq!(apply(&with(64, 5)), ancient(), "the hash is forgotten");
        assert_eq!(apply(&with(64, 10)), ancient(), "the hash is just forgotten");
        assert_eq!(apply(&with(4, 12)), ancient(), "it would begin with this block");
        let bad = || invalid(InvalidTransaction::BadProof);
        assert_eq!(apply(&with(4, 13)), bad(), "over: it would begin again in block 17");
        let other = Wallet { era: Era::mortal(64, 15), birth: hash_of(14), ..Wallet::default() };
        assert_eq!(apply(&other.sign(Key::alice(), write(1))), bad(), "another chain's block 15");
        assert_eq!(apply(&with(64, 11)), Ok(Ok(())), "the oldest that is known");
        let mut young = Wallet { era: Era::mortal(4, 17), birth: hash_of(17), ..Wallet::default() };
        young.nonce = 1;
        assert_eq!(apply(&young.sign(Key::alice(), write(1))), Ok(Ok(())), "its last block");

        // The pool asks for the block after.
        assert_eq!(validate(&with(64, 11), 20).map(|_| ()), invalid(InvalidTransaction::Stale));
        let pool = validate(&with(4, 17), 20);
        assert_eq!(pool, invalid(InvalidTransaction::AncientBirthBlock));
        young.nonce = 2;
        (young.era, young.birth) = (Era::mortal(8, 18), hash_of(18));
        let valid = validate(&young.sign(Key::alice(), write(1)), 20).unwrap();
        assert_eq!(valid.longevity, 18 + 8 - 21);
    });
}

#[test]
fn who_cannot_pay_is_refused() {
    let poor = Wallet::default().sign(Key::poor(), write(5));
    assert_eq!(in_block(|| apply(&poor)), invalid(InvalidTransaction::Payment));
    let refused = genesis().execute_with(|| validate(&poor, 0));
    assert_eq!(refused, invalid(InvalidTransaction::Payment));
    in_block(|| {
        let alice = Key::alice().account();
        let before = super::mock::Balances::free_balance(&alice);
        assert_eq!(before, ENDOWMENT);
        // One less than the fee of the next transaction, and what must stay.
        assert_eq!(apply(&signed(0, write(1))), Ok(Ok(())));
        let fee = before - super::mock::Balances::free_balance(&alice);
        let set = |free| {
            super::mock::Balances::force_set_balance(
                super::mock::RuntimeOrigin::root(),
                MultiAddress::Id(alice.clone()),
                free,
            )
            .unwrap();
        };
        set(fee + 9);
        assert_eq!(apply(&signed(1, write(2))), invalid(InvalidTransaction::Payment));
        set(fee + 10);
        assert_eq!(apply(&signed(1, write(2))), Ok(Ok(())));
    });
}
