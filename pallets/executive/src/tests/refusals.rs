//! What is no extrinsic, what may not be one, and what does not fit.

use super::mock::{
    Executive, Extrinsic, Key, RuntimeCall, System, Test, Wallet, genesis, in_block, probe, signed,
    value, write,
};
use super::signatures::{apply, invalid, unknown, validate};
use crate::EXTRINSIC_DEPTH_MAX;
use citrate_core::{
    ApplyExtrinsicResult, InvalidTransaction, OpaqueExtrinsic, Preamble, TransactionSource,
    UnknownTransaction, Weight,
};
use citrate_support::traits::Get;
use citrate_support::transaction_extension::TransactionExtension;
use codec::Encode;

/// Bytes as they are.
struct Raw(Vec<u8>);

impl Encode for Raw {
    fn encode(&self) -> Vec<u8> {
        self.0.clone()
    }
}

fn apply_raw(bytes: &[u8]) -> ApplyExtrinsicResult {
    Executive::apply_extrinsic(Raw(bytes.to_vec()))
}

fn set_time(now: u64) -> Extrinsic {
    Extrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set { now }))
}

fn with_version(mut extrinsic: Extrinsic, version: u8) -> Extrinsic {
    extrinsic.preamble = Preamble::Bare(version);
    extrinsic
}

#[test]
fn what_is_no_extrinsic_is_refused() {
    let good = signed(0, write(5)).encode();
    let wrong_length: Vec<u8> = [&[good[0] + 4], &good[1..]].concat();
    let mut version = good.clone();
    version[2] = 0x83;
    let mut pallet = good.clone();
    let call = good.len() - write(5).encoded_size();
    pallet[call] = 200;
    let mut variant = good.clone();
    variant[call + 1] = 200;
    let longer = OpaqueExtrinsic([&good[2..], &[0]].concat()).encode();
    let cases = [
        ("nothing", vec![]),
        ("an empty body", vec![0]),
        ("another length", wrong_length),
        ("another version", version),
        ("no such pallet", pallet),
        ("no such call", variant),
        ("a byte after the call", longer),
        ("a byte after the extrinsic", [&good[..], &[0]].concat()),
        ("a version of extensions that there is not", vec![12, 0x45, 1, 0]),
    ];
    in_block(|| {
        let expected = || invalid(InvalidTransaction::Call);
        for (what, bytes) in cases {
            assert_eq!(apply_raw(&bytes), expected(), "{what}");
            let source = TransactionSource::External;
            let pool = Executive::validate_transaction(source, Raw(bytes), super::mock::hash_of(0));
            assert_eq!(pool.map(|_| ()), invalid(InvalidTransaction::Call), "{what}");
        }
        for len in 0..good.len() {
            assert_eq!(apply_raw(&good[..len]), expected(), "the first {len} bytes");
        }
    });
    in_block(|| assert_eq!(apply_raw(&good), Ok(Ok(())), "the whole of it"));
}

#[test]
fn calls_are_nested_so_deep_and_no_deeper() {
    // Encoded by hand: a batch of one batch of one batch, and a remark in the last.
    let nested = |depth: u32| {
        let mut call = Vec::new();
        for _ in 0..depth {
            call.extend_from_slice(&[5, 0, 4]);
        }
        call.extend(RuntimeCall::System(pallet_system::Call::remark { remark: vec![] }).encode());
        OpaqueExtrinsic([&[4][..], &call].concat()).encode()
    };
    in_block(|| {
        // Decoded, and refused because nobody signed it.
        let refused = unknown(UnknownTransaction::NoUnsignedValidator);
        assert_eq!(apply_raw(&nested(EXTRINSIC_DEPTH_MAX)), refused);
        let too_deep = nested(EXTRINSIC_DEPTH_MAX + 1);
        assert_eq!(apply_raw(&too_deep), invalid(InvalidTransaction::Call));
        assert_eq!(apply_raw(&nested(10_000)), invalid(InvalidTransaction::Call));
    });
}

#[test]
fn what_nobody_signed_is_refused() {
    let bare = Extrinsic::new_bare(write(5));
    for version in [4, 5] {
        let bare = with_version(bare.clone(), version);
        let expected = unknown(UnknownTransaction::NoUnsignedValidator);
        assert_eq!(in_block(|| apply(&bare)), expected, "version {version}");
        let pool = genesis().execute_with(|| validate(&bare, 0));
        assert_eq!(pool, unknown(UnknownTransaction::NoUnsignedValidator), "version {version}");
    }
    // Version 5 with extensions: none of ours makes an origin, so that there is none.
    let general = Extrinsic {
        preamble: Preamble::General(0, Wallet::default().extension()),
        function: write(5),
    };
    assert_eq!(in_block(|| apply(&general)), invalid(InvalidTransaction::UnknownOrigin));
    let pool = genesis().execute_with(|| validate(&general, 0));
    assert_eq!(pool, invalid(InvalidTransaction::UnknownOrigin));
}

#[test]
fn inherents_come_first_and_from_the_author_alone() {
    for version in [4, 5] {
        in_block(|| {
            assert_eq!(apply(&with_version(set_time(10), version)), Ok(Ok(())));
            assert_eq!(super::mock::Timestamp::now(), 10);
        });
    }
    in_block(|| {
        assert_eq!(apply(&signed(0, write(5))), Ok(Ok(())));
        let late = apply(&set_time(10));
        assert_eq!(late, invalid(InvalidTransaction::MandatoryValidation));
    });
    genesis().execute_with(|| {
        let pool = validate(&set_time(10), 0);
        assert_eq!(pool, invalid(InvalidTransaction::MandatoryValidation));
        let call = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: 10 });
        let pool = validate(&signed(0, call), 0);
        assert_eq!(pool, invalid(InvalidTransaction::MandatoryValidation));
    });
}

#[test]
fn a_mandatory_call_that_fails_may_not_be_in_a_block() {
    in_block(|| {
        assert_eq!(apply(&set_time(10)), Ok(Ok(())));
        assert_eq!(apply(&set_time(20)), invalid(InvalidTransaction::BadMandatory));
        let call = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: 30 });
        let in_a_name = signed(0, call);
        assert_eq!(apply(&in_a_name), invalid(InvalidTransaction::BadMandatory));
        assert_eq!(super::mock::Timestamp::now(), 10);
        assert_eq!(System::account_nonce(Key::alice().account()), 0, "no trace of it");
    });
}

#[test]
fn what_does_not_fit_is_refused() {
    let weigh = |weight| RuntimeCall::Probe(probe::Call::weigh { weight });
    let limits = <<Test as pallet_system::Config>::BlockWeights as Get<
        pallet_system::limits::BlockWeights,
    >>::get();
    let normal = *limits.get(citrate_support::dispatch::DispatchClass::Normal);
    // The extensions weigh something too.
    let own = Wallet::default().extension().weight(&write(5));
    let max = normal.max_extrinsic.unwrap().saturating_sub(own);
    let exhausted = || invalid(InvalidTransaction::ExhaustsResources);
    in_block(|| {
        let above = max.saturating_add(Weight::from_parts(1, 0));
        assert_eq!(apply(&signed(0, weigh(above))), exhausted(), "in no block");
        assert_eq!(apply(&signed(0, weigh(max))), Ok(Ok(())));
        assert_eq!(apply(&signed(1, weigh(max))), exhausted(), "not in this one");
        assert_eq!(apply(&signed(1, write(5))), Ok(Ok(())), "something lighter fits");
    });
    genesis().execute_with(|| {
        let above = max.saturating_add(Weight::from_parts(1, 0));
        let pool = validate(&signed(0, weigh(above)), 0);
        assert_eq!(pool, invalid(InvalidTransaction::ExhaustsResources));
        assert!(validate(&signed(0, weigh(max)), 0).is_ok());
    });
    // 7,500 bytes of ordinary calls fit.
    let remark = |len| RuntimeCall::System(pallet_system::Call::remark { remark: vec![0; len] });
    in_block(|| {
        assert_eq!(apply(&signed(0, remark(7_500))), exhausted());
        assert_eq!(apply(&signed(0, remark(5_000))), Ok(Ok(())));
        assert_eq!(apply(&signed(1, remark(5_000))), exhausted());
        assert_eq!(value(), 0);
    });
}
