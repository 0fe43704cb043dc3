use super::mock::*;
use crate::{
    BlockHash, CheckGenesis, CheckMortality, CheckNonZeroSender, CheckNonce, CheckSpecVersion,
    CheckTxVersion, CheckWeight, RawOrigin, WeightReclaim,
};
use citrate_core::{
    Era, H256, InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
    Weight,
};
use citrate_support::{
    dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
    transaction_extension::TransactionExtension,
};
use codec::Encode;

fn call() -> RuntimeCall {
    RuntimeCall::System(crate::Call::remark { remark: vec![] })
}

fn info(weight: u64, class: DispatchClass) -> DispatchInfo {
    DispatchInfo { call_weight: Weight::from_parts(weight, weight), class, ..Default::default() }
}

/// Validates and prepares, as a block does.
fn apply<E: TransactionExtension<RuntimeCall>>(
    extension: E,
    origin: RawOrigin<u64>,
    info: &DispatchInfo,
    len: usize,
) -> Result<(ValidTransaction, E::Pre), TransactionValidityError> {
    let implicit = extension.implicit()?;
    let (valid, val, origin) = extension.validate(
        origin.into(),
        &call(),
        info,
        len,
        implicit,
        &(),
        TransactionSource::InBlock,
    )?;
    let pre = extension.prepare(val, &origin, &call(), info, len)?;
    Ok((valid, pre))
}

fn invalid<T>(error: InvalidTransaction) -> Result<T, TransactionValidityError> {
    Err(error.into())
}

#[test]
fn nonces_apply_in_order() {
    ext().execute_with(|| {
        let info = DispatchInfo::default();
        let with = |nonce| {
            apply(CheckNonce::<Test>::from(nonce), RawOrigin::Signed(1), &info, 0).map(|r| r.0)
        };
        assert_eq!(with(0), invalid(InvalidTransaction::Payment), "no such account");
        System::inc_providers(&1);
        let first = with(0).unwrap();
        assert_eq!((first.requires, first.provides), (vec![], vec![(1_u64, 0_u32).encode()]));
        assert_eq!(System::account_nonce(1), 1);
        assert_eq!(with(0), invalid(InvalidTransaction::Stale));
        assert_eq!(with(2), invalid(InvalidTransaction::Future));
        let extension = CheckNonce::<Test>::from(2);
        let origin = RawOrigin::Signed(1).into();
        let source = TransactionSource::External;
        let (valid, _, _) = extension.validate(origin, &call(), &info, 0, (), &(), source).unwrap();
        assert_eq!(valid.requires, vec![(1_u64, 1_u32).encode()], "waits in the pool");
        assert_eq!(CheckNonce::<Test>::from(64).encode(), [1, 1]);
    });
}

#[test]
fn eras_end() {
    ext().execute_with(|| {
        let with = |era| {
            let info = DispatchInfo::default();
            apply(CheckMortality::<Test>::from(era), RawOrigin::Signed(1), &info, 0).map(|r| r.0)
        };
        System::set_block_number(12);
        assert_eq!(with(Era::mortal(8, 9)), invalid(InvalidTransaction::AncientBirthBlock));
        BlockHash::<Test>::insert(9, H256::repeat_byte(9));
        assert_eq!(with(Era::mortal(8, 9)).unwrap().longevity, 9 + 8 - 12);
        let implicit = CheckMortality::<Test>::from(Era::mortal(8, 9)).implicit();
        assert_eq!(implicit, Ok(H256::repeat_byte(9)));
        BlockHash::<Test>::insert(0, H256::repeat_byte(1));
        assert_eq!(with(Era::Immortal).unwrap().longevity, u64::MAX - 12);
        let immortal = CheckMortality::<Test>::from(Era::Immortal);
        assert_eq!(immortal.implicit(), Ok(H256::repeat_byte(1)), "the genesis hash");
    });
}

#[test]
fn what_is_signed_but_not_sent() {
    ext().execute_with(|| {
        BlockHash::<Test>::insert(0, H256::repeat_byte(7));
        assert_eq!(CheckSpecVersion::<Test>::new().implicit(), Ok(3));
        assert_eq!(CheckTxVersion::<Test>::new().implicit(), Ok(2));
        assert_eq!(CheckGenesis::<Test>::new().implicit(), Ok(H256::repeat_byte(7)));
        assert!(WeightReclaim::<Test>::new().encode().is_empty());
        let info = DispatchInfo::default();
        let zero = apply(CheckNonZeroSender::<Test>::new(), RawOrigin::Signed(0), &info, 0);
        assert_eq!(zero.map(|_| ()), invalid(InvalidTransaction::BadSigner));
        assert!(apply(CheckNonZeroSender::<Test>::new(), RawOrigin::Signed(1), &info, 0).is_ok());
    });
}

#[test]
fn blocks_have_room_for_so_much_weight() {
    use DispatchClass::{Mandatory, Normal, Operational};
    let exhausted = || invalid(InvalidTransaction::ExhaustsResources);
    // What is in the block, the extrinsic, and whether it fits. Every extrinsic weighs 5 more.
    let cases = [
        ("one at its limit", 0, 500, Normal, true),
        ("one above its limit", 0, 501, Normal, false),
        ("the class at its limit", 250, 495, Normal, true),
        ("the class above its limit", 251, 495, Normal, false),
        ("operational in what is left", 745, 245, Operational, true),
        ("operational in what is reserved", 900, 245, Operational, true),
        ("operational beyond what is reserved", 900, 246, Operational, false),
        ("mandatory in a full block", 2_000, 5_000, Mandatory, true),
    ];
    for (desc, used, weight, class, fits) in cases {
        ext().execute_with(|| {
            System::set_block_consumed_resources(Weight::from_parts(used, 0), 0);
            let got =
                apply(CheckWeight::<Test>::new(), RawOrigin::Signed(1), &info(weight, class), 0);
            let expected = if fits { Ok(()) } else { exhausted() };
            assert_eq!(got.map(|_| ()), expected, "{desc}");
        });
    }
}

#[test]
fn blocks_have_room_for_so_many_bytes() {
    ext().execute_with(|| {
        let with = |len, class| {
            apply(CheckWeight::<Test>::new(), RawOrigin::Signed(1), &info(0, class), len).is_ok()
        };
        assert!(with(750, DispatchClass::Normal));
        assert!(!with(1, DispatchClass::Normal));
        assert!(with(250, DispatchClass::Operational));
        assert!(!with(1, DispatchClass::Operational));
        assert_eq!(System::block_size(), 1_000);
    });
}

#[test]
fn unused_weight_is_given_back() {
    ext().execute_with(|| {
        let info = info(100, DispatchClass::Normal);
        apply(CheckWeight::<Test>::new(), RawOrigin::Signed(1), &info, 0).unwrap();
        assert_eq!(System::block_weight().total().ref_time(), 105);
        let post = PostDispatchInfo::from(Some(Weight::from_parts(40, 100)));
        let unspent =
            CheckWeight::<Test>::post_dispatch_details((), &info, &post, 0, &Ok(())).unwrap();
        assert_eq!(unspent, Weight::zero());
        assert_eq!(System::block_weight().total().ref_time(), 45);
    });
}
