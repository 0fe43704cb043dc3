use super::*;
use citrate_core::{AccountId32, MultiAddress, MultiSignature, ecdsa, ed25519, sr25519};

crate::parameter_types! {
    const Two: u32 = 2;
    static Changing: u32 = 1;
}

#[test]
fn parameters_give_their_values() {
    assert_eq!((<Two as Get<u64>>::get(), Two::get()), (2, 2));
    Changing::set(8);
    Changing::mutate(|v| *v += 1);
    assert_eq!(<Changing as Get<u32>>::get(), 9);
    assert_eq!((Changing::take(), Changing::get()), (9, 0));
}

#[test]
fn sets() {
    struct Even;
    impl Contains<u32> for Even {
        fn contains(n: &u32) -> bool {
            n.is_multiple_of(2)
        }
    }
    let cases = [
        ("equals", Equals::<Two>::contains(&2u32), true),
        ("other", Equals::<Two>::contains(&3u32), false),
        ("except", TheseExcept::<Even, Equals<Two>>::contains(&2), false),
        ("these", TheseExcept::<Even, Equals<Two>>::contains(&4), true),
        ("both", InsideBoth::<Even, Equals<Two>>::contains(&4), false),
        ("either", <(Even, Nothing)>::contains(&4), true),
        ("everything", <Everything as Contains<u32>>::contains(&1), true),
    ];
    for (desc, got, expected) in cases {
        assert_eq!(got, expected, "{desc}");
    }
}

#[test]
fn only_accounts_are_looked_up() {
    type Accounts = AccountIdLookup<AccountId32, ()>;
    let account = AccountId32::new([1; 32]);
    assert_eq!(
        <Accounts as StaticLookup>::lookup(Accounts::unlookup(account.clone())),
        Ok(account)
    );
    assert_eq!(<Accounts as StaticLookup>::lookup(MultiAddress::Raw(vec![1])), Err(LookupError));
}

#[test]
fn signatures_of_all_schemes() {
    let message = b"message".as_slice();
    let (a, b, c) = (
        sr25519::Pair::from_suri("//Alice", None).unwrap(),
        ed25519::Pair::from_suri("//Alice", None).unwrap(),
        ecdsa::Pair::from_suri("//Alice", None).unwrap(),
    );
    let cases: [(MultiSignature, AccountId32); 3] = [
        (a.sign(message).into(), citrate_core::MultiSigner::from(a.public()).into_account()),
        (b.sign(message).into(), citrate_core::MultiSigner::from(b.public()).into_account()),
        (c.sign(message).into(), citrate_core::MultiSigner::from(c.public()).into_account()),
    ];
    for (signature, account) in &cases {
        assert!(Verify::verify(signature, message, account));
        assert!(!Verify::verify(signature, b"another", account));
        assert!(!Verify::verify(signature, message, &AccountId32::new([0; 32])));
    }
}

#[test]
fn inherents_come_first() {
    struct Odd;
    impl IsInherent<u32> for Odd {
        fn is_inherent(n: &u32) -> bool {
            n % 2 == 1
        }
    }
    let cases: [(&[u32], Result<u32, u32>); 4] =
        [(&[], Ok(0)), (&[1, 3, 2], Ok(2)), (&[2, 4], Ok(0)), (&[1, 2, 3], Err(2))];
    for (list, expected) in cases {
        assert_eq!(Odd::inherents_first(list), expected, "{list:?}");
    }
}

#[test]
fn idle_hooks_share_what_is_left() {
    use crate::weights::Weight;
    struct Takes<const N: u64>;
    impl<const N: u64> OnIdle<u32> for Takes<N> {
        fn on_idle(_: u32, left: Weight) -> Weight {
            Weight::from_parts(N, 0).min(left)
        }
    }
    let left = Weight::from_parts(10, 0);
    for n in 0..3 {
        assert_eq!(<(Takes<6>, Takes<7>)>::on_idle(n, left), left);
    }
}
