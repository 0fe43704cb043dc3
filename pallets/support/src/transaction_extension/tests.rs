use super::*;
use crate::{
    dispatch::{DispatchResultWithPostInfo, RawOrigin},
    impl_tx_ext_default,
};
use citrate_core::InvalidTransaction;
use codec::{Decode, DecodeWithMemTracking};
use scale_info::TypeInfo;

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Call;

impl Dispatchable for Call {
    type RuntimeOrigin = RawOrigin<u64>;
    type Info = DispatchInfo;
    type PostInfo = PostDispatchInfo;
    fn dispatch(self, _: RawOrigin<u64>) -> DispatchResultWithPostInfo {
        Ok(().into())
    }
}

/// Demands that it is signed, and adds its number to everything.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
struct Number(u8);

impl TransactionExtension<Call> for Number {
    const IDENTIFIER: &'static str = "Number";
    type Implicit = u16;
    type Val = u8;
    type Pre = u8;
    fn implicit(&self) -> Result<u16, TransactionValidityError> {
        Ok(u16::from(self.0) + 256)
    }
    fn weight(&self, _: &Call) -> Weight {
        Weight::from_parts(u64::from(self.0), 0)
    }
    fn validate(
        &self,
        origin: RawOrigin<u64>,
        _: &Call,
        _: &DispatchInfo,
        _: usize,
        implicit: u16,
        _: &impl Implication,
        _: TransactionSource,
    ) -> ValidateResult<u8, Call> {
        assert_eq!(implicit, u16::from(self.0) + 256, "each extension gets its own implicit");
        if origin.as_signed().is_none() {
            return Err(InvalidTransaction::BadSigner.into());
        }
        let valid = ValidTransaction {
            priority: u64::from(self.0),
            provides: vec![vec![self.0]],
            ..Default::default()
        };
        Ok((valid, self.0, origin))
    }
    fn prepare(
        self,
        val: u8,
        _: &RawOrigin<u64>,
        _: &Call,
        _: &DispatchInfo,
        _: usize,
    ) -> Result<u8, TransactionValidityError> {
        Ok(val * 2)
    }
    fn post_dispatch_details(
        pre: u8,
        _: &DispatchInfo,
        _: &PostDispatchInfo,
        _: usize,
        _: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        Ok(Weight::from_parts(u64::from(pre), 0))
    }
}

/// Does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
struct Nothing;

impl TransactionExtension<Call> for Nothing {
    const IDENTIFIER: &'static str = "Nothing";
    type Implicit = ();
    type Val = ();
    type Pre = ();
    fn implicit(&self) -> Result<(), TransactionValidityError> {
        Ok(())
    }
    impl_tx_ext_default!(Call; validate prepare);
}

type Tuple = (Number, Nothing, Number);

fn tuple() -> Tuple {
    (Number(1), Nothing, Number(2))
}

#[test]
fn tuples_do_what_their_members_do() {
    let info = DispatchInfo::default();
    assert_eq!(tuple().encode(), [1, 2]);
    assert_eq!(tuple().implicit().unwrap().encode(), [1, 1, 2, 1]);
    assert_eq!(tuple().weight(&Call), Weight::from_parts(3, 0));
    let names: Vec<_> = Tuple::metadata().iter().map(|m| m.identifier).collect();
    assert_eq!(names, ["Number", "Nothing", "Number"]);

    let implicit = tuple().implicit().unwrap();
    let source = TransactionSource::External;
    let (valid, val, origin) =
        tuple().validate(RawOrigin::Signed(1), &Call, &info, 0, implicit, &(), source).unwrap();
    assert_eq!((valid.priority, valid.provides), (3, vec![vec![1], vec![2]]));
    assert_eq!(val, (1, (), 2));
    let pre = tuple().prepare(val, &origin, &Call, &info, 0).unwrap();
    assert_eq!(pre, (2, (), 4));

    let mut post = PostDispatchInfo::from(Some(Weight::from_parts(10, 0)));
    Tuple::post_dispatch(pre, &info, &mut post, 0, &Ok(())).unwrap();
    assert_eq!(post.actual_weight, Some(Weight::from_parts(4, 0)));
}

#[test]
fn one_member_can_refuse() {
    let implicit = tuple().implicit().unwrap();
    let refused = tuple().validate(
        RawOrigin::None,
        &Call,
        &DispatchInfo::default(),
        0,
        implicit,
        &(),
        TransactionSource::External,
    );
    assert_eq!(refused.err(), Some(InvalidTransaction::BadSigner.into()));
}

#[test]
fn long_payloads_are_hashed_before_they_are_signed() {
    // A vector of 254 bytes is encoded in 256.
    let payload = |len: usize| SignedPayload::from_raw(vec![7_u8; len], (), ());
    assert_eq!(payload(254).using_bytes(<[u8]>::len), 256);
    assert_eq!(payload(255).using_bytes(<[u8]>::len), 32);
}
