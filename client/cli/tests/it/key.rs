//! `key`: values that every wallet knows.

use crate::command::{citrate, citrate_in, fails, succeeds};

const ALICE: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
const ALICE_SS58: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const DEV_PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

#[test]
fn known_secrets_have_their_known_keys() {
    let cases: [(&[&str], &[&str]); 8] = [
        (&["//Alice"], &[ALICE, ALICE_SS58]),
        (&[&format!("{DEV_PHRASE}//Alice")], &[ALICE, ALICE_SS58]),
        (
            &["//Alice", "--scheme", "ed25519"],
            &["5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"],
        ),
        (
            &["//Alice", "--scheme", "ecdsa"],
            &[
                "0x020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1",
                "5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X",
            ],
        ),
        (&["//Alice", "--prefix", "0"], &["15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"]),
        // Alice's seed, and her key.
        (
            &["0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"],
            &["Secret", ALICE, ALICE_SS58],
        ),
        (&[ALICE, "--public"], &[ALICE, ALICE_SS58]),
        (&[ALICE_SS58], &[ALICE, ALICE_SS58]),
    ];
    for (args, expected) in cases {
        let printed = succeeds(citrate(["key", "inspect"].iter().chain(args)));
        for part in expected {
            assert!(printed.contains(part), "{args:?}: {printed}");
        }
    }
    let public = succeeds(citrate(["key", "inspect", "--public", ALICE]));
    assert!(!public.contains("Secret"), "{public}");
    let secret = succeeds(citrate(["key", "inspect", ALICE]));
    assert!(
        !secret.contains(ALICE_SS58),
        "64 digits are a seed unless one says otherwise: {secret}"
    );
}

#[test]
fn a_made_key_is_a_phrase_that_gives_it_again() {
    for scheme in ["sr25519", "ed25519", "ecdsa"] {
        let made = succeeds(citrate(["key", "generate", "--scheme", scheme]));
        let phrase = made.lines().next().unwrap().strip_prefix("Secret").unwrap().trim();
        assert_eq!(phrase.split(' ').count(), 12, "{made}");
        let again = succeeds(citrate(["key", "inspect", "--scheme", scheme, phrase]));
        assert_eq!(again, made);
        assert_ne!(succeeds(citrate(["key", "generate", "--scheme", scheme])), made);
    }
}

#[test]
fn what_is_no_key_is_said() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["no words of a phrase", "0x12", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ"]
    {
        let error = fails(citrate(["key", "inspect", text]));
        assert!(error.contains("not a secret or an address"), "{text}: {error}");
        assert!(!error.contains(text), "what may be a secret is not repeated: {error}");
    }
    let error = fails(citrate(["key", "inspect", "--public", "//Alice"]));
    assert!(error.contains("not a public key"), "{error}");
    let insert = |key_type, suri| {
        let args = ["key", "insert", "--key-type", key_type, "--suri", suri];
        fails(citrate_in(folder.path(), args))
    };
    assert!(insert("toolong", "//Alice").contains("four characters"));
    assert!(insert("gdag", "no secret").contains("invalid secret"));
}
