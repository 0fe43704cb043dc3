use super::{AccountId32, MultiSignature, MultiSigner, ecdsa, ed25519, sr25519, ss58, suri};

const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// Addresses of the development accounts, known to every Substrate tool.
#[test]
fn development_accounts() {
    let sr = |text| MultiSigner::Sr25519(sr25519::Pair::from_suri(text, None).unwrap().public());
    let ed = |text| MultiSigner::Ed25519(ed25519::Pair::from_suri(text, None).unwrap().public());
    let ec = |text| MultiSigner::Ecdsa(ecdsa::Pair::from_suri(text, None).unwrap().public());
    let cases = [
        ("//Alice", sr("//Alice"), ALICE),
        ("//Bob", sr("//Bob"), "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"),
        (
            "//Alice//stash",
            sr("//Alice//stash"),
            "5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY",
        ),
        ("ed //Alice", ed("//Alice"), "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"),
        ("ecdsa //Alice", ec("//Alice"), "5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X"),
    ];
    for (desc, signer, address) in cases {
        assert_eq!(signer.into_account().to_string(), address, "{desc}");
    }
}

#[test]
fn ss58_round_trips_under_every_prefix_width() {
    let account: AccountId32 = ALICE.parse().unwrap();
    for prefix in [0, 42, 63, 64, 255, 256, 1284, 16383] {
        let text = account.to_ss58(prefix);
        let (bytes, decoded) = ss58::decode(&text).unwrap();
        assert_eq!((AccountId32::from(bytes), decoded), (account.clone(), prefix), "{prefix}");
    }
    assert_eq!(account.to_ss58(0), "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5");
}

#[test]
fn a_mistyped_address_is_refused() {
    let cases = [
        (
            "typo",
            "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ",
            ss58::Ss58Error::InvalidChecksum,
        ),
        ("not base58", "0OIl", ss58::Ss58Error::BadBase58),
        ("empty", "", ss58::Ss58Error::BadLength),
        ("short", "F7Hs", ss58::Ss58Error::BadLength),
    ];
    for (desc, text, error) in cases {
        assert_eq!(text.parse::<AccountId32>().unwrap_err(), error, "{desc}");
    }
}

#[test]
fn every_scheme_signs_and_refuses_another_message() {
    let sr = sr25519::Pair::from_suri("//Alice", None).unwrap();
    let ed = ed25519::Pair::from_suri("//Alice", None).unwrap();
    let ec = ecdsa::Pair::from_suri("//Alice", None).unwrap();
    let cases: [(MultiSignature, MultiSigner); 3] = [
        (sr.sign(b"message").into(), sr.public().into()),
        (ed.sign(b"message").into(), ed.public().into()),
        (ec.sign(b"message").into(), ec.public().into()),
    ];
    for (signature, signer) in cases {
        assert!(signature.verify(b"message", &signer.into_account()), "{signer:?}");
        assert!(!signature.verify(b"massage", &signer.into_account()), "{signer:?}");
        assert!(!signature.verify(b"message", &[9; 32].into()), "{signer:?}");
    }
}

#[test]
fn vrf_output_is_unique_and_proved() {
    let pair = sr25519::Pair::from_suri("//Alice", None).unwrap();
    let other = sr25519::Pair::from_suri("//Bob", None).unwrap();
    let (first, second) = (pair.vrf_sign(b"slot 1"), pair.vrf_sign(b"slot 1"));
    assert_eq!(first.output, second.output, "the proof is randomised, the output is not");
    let check = |message: &[u8], key: &sr25519::Public| {
        sr25519::vrf_verify(message, &first.pre_output, &first.proof, key)
    };
    assert_eq!(check(b"slot 1", &pair.public()), Some(first.output));
    assert_eq!(check(b"slot 2", &pair.public()), None);
    assert_eq!(check(b"slot 1", &other.public()), None);
}

#[test]
fn secret_uris() {
    let phrase = suri::generate_phrase();
    assert_eq!(phrase.split(' ').count(), 12);
    let of = |text: &str, password| sr25519::Pair::from_suri(text, password).map(|p| p.public());
    assert_eq!(of(&format!("{phrase}///secret"), None), of(&phrase, Some("secret")));
    assert_ne!(of(&phrase, None), of(&phrase, Some("secret")));
    assert_ne!(of("//1", None), of("/1", None));
    assert_eq!(of("not a phrase", None), Err(suri::SuriError::InvalidPhrase));
    assert_eq!(of(&"x".repeat(1025), None), Err(suri::SuriError::TooLong));
    assert_eq!(
        ed25519::Pair::from_suri("/soft", None).map(|p| p.public()),
        Err(suri::SuriError::SoftDerivation)
    );
}
