//! Extrinsics: bytes as anybody sends them, and calls of any pallet, signed and not.
//!
//! What the pool takes a block takes; what the pool refuses a block refuses.

use citrate_core::{
    InvalidTransaction, OpaqueExtrinsic, Preamble, TransactionSource, TransactionValidityError,
};
use citrate_runtime::{Address, Executive, RuntimeCall, UncheckedExtrinsic};
use citrate_support::keyring::Keyring;
use citrate_testing::Choices;
use codec::{DecodeLimit, Encode};

use crate::Outcome;
use crate::runtime::{apply, at_genesis, call, genesis_hash, opaque, signed};

/// LIMIT: how deep an extrinsic nests, as in the runtime.
const DEPTH_MAX: u32 = 64;

/// The first byte says whether the rest is an extrinsic's bytes, or choices of which one is made.
pub(crate) fn run(bytes: &[u8]) -> Outcome {
    let Some((kind, rest)) = bytes.split_first() else { return Outcome::Refused };
    if *kind < 128 {
        return judge(rest);
    }
    match made(*kind, &mut Choices::new(rest)) {
        Some(extrinsic) => judge(&extrinsic.encode()),
        None => Outcome::Refused,
    }
}

/// Alice is not among those who sign: she has root's key, and root may break what it likes.
fn made(kind: u8, choices: &mut Choices<'_>) -> Option<UncheckedExtrinsic> {
    let signers = [Keyring::Bob, Keyring::Charlie, Keyring::Dave, Keyring::Eve, Keyring::Ferdie];
    let who = *signers.get(choices.below(signers.len()))?;
    let nonce = u32::from(choices.byte() / 200);
    let tip = u128::from(choices.byte() / 128) << choices.below(128);
    let call = call(choices)?;
    Some(match kind % 4 {
        0 => UncheckedExtrinsic::new_bare(call),
        1 => {
            let extension = citrate_runtime::extension(citrate_core::Era::Immortal, nonce, tip);
            UncheckedExtrinsic { preamble: Preamble::General(0, extension), function: call }
        }
        _ => signed(who, nonce, tip, call),
    })
}

fn judge(bytes: &[u8]) -> Outcome {
    let decoded = UncheckedExtrinsic::decode_all_with_depth_limit(DEPTH_MAX, &mut &*bytes);
    let Ok(opaque) = OpaqueExtrinsic::from_encoded(bytes) else {
        assert!(decoded.is_err(), "the runtime takes what the node does not: {decoded:?}");
        return Outcome::Refused;
    };
    assert_eq!(opaque.encode(), bytes, "an extrinsic has two encodings, and with them two hashes");
    let is_mandatory = match &decoded {
        Ok(extrinsic) => {
            assert_eq!(extrinsic.encode(), bytes, "{extrinsic:?} has two encodings");
            matches!(extrinsic.function, RuntimeCall::Timestamp(_))
        }
        Err(_) => false,
    };
    let validity = at_genesis(|| {
        Executive::validate_transaction(TransactionSource::External, opaque.clone(), genesis_hash())
    });
    let applied = apply(&opaque);
    let refused = TransactionValidityError::Invalid(InvalidTransaction::Call);
    if decoded.is_err() {
        assert_eq!(validity, Err(refused), "what does not decode is valid");
        assert_eq!(applied, Err(refused), "what does not decode is applied");
    }
    match &validity {
        Ok(valid) => {
            assert!(!valid.provides.is_empty(), "the pool could not tell it from others");
            assert!(valid.longevity > 0);
            // It may wait for another; otherwise the next block takes it.
            let waits = !valid.requires.is_empty();
            assert!(applied.is_ok() || waits, "{validity:?}, but {applied:?}: {decoded:?}");
        }
        Err(_) => {
            assert!(applied.is_err() || is_mandatory, "{validity:?}, but {applied:?}: {decoded:?}");
        }
    }
    Outcome::taken(validity.is_ok())
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let transfer = || {
        RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
            dest: Address::Id(Keyring::Bob.account()),
            value: 1_000_000_000_000,
        })
    };
    let raw = |extrinsic: &UncheckedExtrinsic| [vec![0], extrinsic.encode()].concat();
    let ok = signed(Keyring::Alice, 0, 0, transfer());
    let ahead = signed(Keyring::Alice, 7, 0, transfer());
    let mut forged = ok.clone();
    if let Preamble::Signed(address, ..) = &mut forged.preamble {
        *address = Address::Id(Keyring::Charlie.account());
    }
    let bare = UncheckedExtrinsic::new_bare(transfer());
    let time = UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set {
        now: 1_750_000_000_000,
    }));
    let nested = (0..100).fold(transfer(), |call, _| {
        RuntimeCall::Utility(pallet_utility::Call::batch { calls: vec![call] })
    });
    let batch = RuntimeCall::Utility(pallet_utility::Call::batch_all {
        calls: vec![transfer(), transfer()],
    });
    let batch = signed(Keyring::Dave, 0, 5, batch);
    let too_long = [vec![0], opaque(&ok).0.encode(), vec![0]].concat();
    let mut seeds = vec![
        ("ok-transfer".to_owned(), raw(&ok)),
        ("ok-ahead".to_owned(), raw(&ahead)),
        ("ok-batch".to_owned(), raw(&batch)),
        ("forged".to_owned(), raw(&forged)),
        ("bare".to_owned(), raw(&bare)),
        ("inherent".to_owned(), raw(&time)),
        ("nested".to_owned(), raw(&UncheckedExtrinsic::new_bare(nested))),
        ("too-long".to_owned(), too_long),
    ];
    // Calls of each pallet.
    for pallet in 0..46u8 {
        let kind = 128 + pallet % 4;
        let choices = [kind, pallet % 6, 0, 0, 0, pallet % 23, pallet, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        seeds.push((format!("made-{pallet}"), choices.to_vec()));
    }
    seeds
}
