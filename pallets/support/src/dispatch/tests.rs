use super::*;
use citrate_core::Weight;
use codec::Encode;

fn weight(n: u64) -> Weight {
    Weight::from_parts(n, n)
}

fn info() -> DispatchInfo {
    DispatchInfo {
        call_weight: weight(10),
        extension_weight: weight(3),
        class: DispatchClass::Normal,
        pays_fee: Pays::Yes,
    }
}

#[test]
fn weights_that_calls_report() {
    let cases = [
        ("as announced", None, 13, 0),
        ("less", Some(4), 7, 6),
        ("more than announced", Some(50), 13, 0),
    ];
    for (desc, actual, total, unspent) in cases {
        let mut post = PostDispatchInfo::from(actual.map(weight));
        post.set_extension_weight(&info());
        assert_eq!(post.calc_actual_weight(&info()), weight(total), "{desc}");
        assert_eq!(post.calc_unspent(&info()), weight(unspent), "{desc}");
    }
}

#[test]
fn a_call_is_free_if_either_side_says_so() {
    let free = PostDispatchInfo::from(Pays::No);
    assert_eq!(free.pays_fee(&info()), Pays::No);
    let announced = DispatchInfo { pays_fee: Pays::No, ..info() };
    assert_eq!(PostDispatchInfo::default().pays_fee(&announced), Pays::No);
    assert_eq!(PostDispatchInfo::default().pays_fee(&info()), Pays::Yes);
}

#[test]
fn errors_carry_what_is_known() {
    let error: DispatchErrorWithPostInfo = DispatchError::BadOrigin.into();
    assert_eq!(error.post_info, PostDispatchInfo::default());
    let error = DispatchError::BadOrigin.with_weight(weight(2));
    assert_eq!(extract_actual_weight(&Err(error), &info()), weight(2));
}

#[test]
fn weight_expressions() {
    type Expression<'a> = &'a dyn Fn() -> (Weight, DispatchClass, Pays);
    let cases: [(Expression<'_>, _); 3] = [
        (&|| of(&weight(1)), (weight(1), DispatchClass::Normal, Pays::Yes)),
        (
            &|| of(&(weight(2), DispatchClass::Operational)),
            (weight(2), DispatchClass::Operational, Pays::Yes),
        ),
        (&|| of(&(weight(3), Pays::No)), (weight(3), DispatchClass::Normal, Pays::No)),
    ];
    for (got, expected) in cases {
        assert_eq!(got(), expected);
    }
}

fn of<W: WeighData<()> + ClassifyDispatch<()> + PaysFee<()>>(
    w: &W,
) -> (Weight, DispatchClass, Pays) {
    (w.weigh_data(()), w.classify_dispatch(()), w.pays_fee(()))
}

#[test]
fn classes_are_counted_apart() {
    let mut all = PerDispatchClass::<Weight>::default();
    all.accrue(weight(5), DispatchClass::Normal);
    all.set(weight(2), DispatchClass::non_mandatory());
    all.accrue(weight(1), DispatchClass::Mandatory);
    assert_eq!(all.total(), weight(5));
    all.reduce(weight(9), DispatchClass::Normal);
    assert_eq!(*all.get(DispatchClass::Normal), Weight::zero());
    assert!(all.checked_accrue(Weight::MAX, DispatchClass::Mandatory).is_err());
    assert_eq!(*all.get(DispatchClass::Mandatory), weight(1));
}

#[test]
fn encodings_of_clients() {
    assert_eq!(DispatchClass::all().encode(), [12, 0, 1, 2]);
    assert_eq!((Pays::Yes, Pays::No).encode(), [0, 1]);
    assert_eq!(RawOrigin::Signed(7_u8).encode(), [1, 7]);
    assert_eq!(RawOrigin::<u8>::Root.encode(), [0]);
}
