use std::fs;

use citrate_core::{key_types, sr25519};

use crate::{KeystoreError, LocalKeystore, Scheme};

const ALICE: &str = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

fn alice() -> Vec<u8> {
    hex::decode(ALICE).unwrap()
}

#[test]
fn a_key_file_has_substrates_name_and_content() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalKeystore::open(folder.path(), None).unwrap();
    store.insert(key_types::DAG, "//Alice", &alice()).unwrap();
    let path = folder.path().join(format!("{}{ALICE}", hex::encode(b"gdag")));
    assert_eq!(fs::read_to_string(&path).unwrap(), "\"//Alice\"");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn keys_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    for password in [None, Some("correct horse")] {
        let store = LocalKeystore::open(folder.path(), password).unwrap();
        let made = store.generate(key_types::PROVIDER, Scheme::Ed25519, None).unwrap();
        drop(store);
        let store = LocalKeystore::open(folder.path(), password).unwrap();
        assert!(store.has(key_types::PROVIDER, &made));
        assert!(store.public_keys(key_types::PROVIDER, Scheme::Ed25519).contains(&made));
        assert!(store.public_keys(key_types::PROVIDER, Scheme::Sr25519).is_empty());
    }
}

#[test]
fn an_encrypted_file_does_not_show_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalKeystore::open(folder.path(), Some("correct horse")).unwrap();
    store.insert(key_types::DAG, "//Alice", &alice()).unwrap();
    let path = folder.path().join(format!("{}{ALICE}", hex::encode(b"gdag")));
    let text = fs::read_to_string(path).unwrap();
    assert!(!text.contains("Alice") && text.contains("ciphertext"), "{text}");

    let locked = LocalKeystore::open(folder.path(), None).unwrap_err();
    assert!(matches!(locked, KeystoreError::Locked { .. }), "{locked}");
    let wrong = LocalKeystore::open(folder.path(), Some("battery staple")).unwrap_err();
    assert!(matches!(wrong, KeystoreError::WrongPassword { .. }), "{wrong}");
}

#[test]
fn a_flipped_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalKeystore::open(folder.path(), Some("p")).unwrap();
    store.insert(key_types::DAG, "//Alice", &alice()).unwrap();
    let path = folder.path().join(format!("{}{ALICE}", hex::encode(b"gdag")));
    let mut object: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let text = object["ciphertext"].as_str().unwrap();
    let first = if text.starts_with('0') { "1" } else { "0" };
    object["ciphertext"] = format!("{first}{}", &text[1..]).into();
    fs::write(&path, object.to_string()).unwrap();
    let error = LocalKeystore::open(folder.path(), Some("p")).unwrap_err();
    assert!(matches!(error, KeystoreError::WrongPassword { .. }), "{error}");
}

#[test]
fn bad_files_are_named_in_the_error_and_foreign_ones_ignored() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("README"), "not a key").unwrap();
    assert!(LocalKeystore::open(folder.path(), None).unwrap().keys().is_empty());

    let path = folder.path().join(format!("{}{ALICE}", hex::encode(b"gdag")));
    for content in ["\"//Bob\"", "{}", "", "\"\\u0000", "[1]"] {
        fs::write(&path, content).unwrap();
        let error = LocalKeystore::open(folder.path(), None).unwrap_err();
        assert!(matches!(error, KeystoreError::Corrupted { .. }), "{content}: {error}");
    }
    fs::write(&path, vec![b' '; 16 * 1024 + 1]).unwrap();
    let error = LocalKeystore::open(folder.path(), None).unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
}

#[test]
fn a_secret_of_another_key_is_refused() {
    let store = LocalKeystore::in_memory();
    let error = store.insert(key_types::DAG, "//Bob", &alice()).unwrap_err();
    assert!(matches!(error, KeystoreError::PublicMismatch(_)), "{error}");
    let error = store.insert(key_types::DAG, "no such words", &alice()).unwrap_err();
    assert!(matches!(error, KeystoreError::InvalidSecret(_)), "{error}");
    assert!(store.keys().is_empty());
}

#[test]
fn keys_sign_and_prove_for_their_own_type_only() {
    let store = LocalKeystore::in_memory();
    store.insert(key_types::DAG, "//Alice", &alice()).unwrap();
    let public = sr25519::Public(alice().try_into().unwrap());
    assert!(store.sr25519_pair(key_types::PROVIDER, &public).is_none());
    let pair = store.sr25519_pair(key_types::DAG, &public).unwrap();
    assert!(sr25519::verify(&pair.sign(b"message"), b"message", &public));
    let vrf = store.vrf_sign(key_types::DAG, &public, b"slot").unwrap();
    let output = sr25519::vrf_verify(b"slot", &vrf.pre_output, &vrf.proof, &public);
    assert_eq!(output, Some(vrf.output));
}

#[test]
fn a_removed_key_stays_away() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalKeystore::open(folder.path(), None).unwrap();
    let made = store.generate(key_types::DAG, Scheme::Ecdsa, None).unwrap();
    store.remove(key_types::DAG, &made).unwrap();
    assert!(store.remove(key_types::DAG, &made).is_err());
    assert!(LocalKeystore::open(folder.path(), None).unwrap().keys().is_empty());
}

#[test]
fn the_runtime_makes_and_uses_keys_through_the_host() {
    use citrate_core::{ecdsa, ed25519};
    use citrate_host::Keystore;

    let store = LocalKeystore::in_memory();
    let host: &dyn Keystore = &store;
    let id = key_types::PROVIDER;
    let sr = host.sr25519_generate(id, Some("//Alice")).unwrap();
    assert_eq!(sr.0.to_vec(), alice());
    assert_eq!(host.sr25519_public_keys(id), [sr]);
    let signature = host.sr25519_sign(id, &sr, b"m").unwrap();
    assert!(sr25519::verify(&signature, b"m", &sr));
    assert!(host.sr25519_sign(key_types::DAG, &sr, b"m").is_none());
    assert!(host.sr25519_vrf_sign(id, &sr, b"m").is_some());
    let ed = host.ed25519_generate(id, None).unwrap();
    assert!(ed25519::verify(&host.ed25519_sign(id, &ed, b"m").unwrap(), b"m", &ed));
    let ec = host.ecdsa_generate(id, None).unwrap();
    assert!(ecdsa::verify(&host.ecdsa_sign(id, &ec, b"m").unwrap(), b"m", &ec));
    assert!(host.ed25519_generate(id, Some("not a secret")).is_none());
}

#[test]
fn a_providers_key_comes_with_one_of_bls() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalKeystore::open(folder.path(), None).unwrap();
    store.insert(key_types::DAG, "//Alice", &alice()).unwrap();
    assert!(store.public_keys(key_types::PROVIDER_BLS, Scheme::Bls).is_empty());
    store.insert(key_types::PROVIDER, "//Alice", &alice()).unwrap();
    let made = store.public_keys(key_types::PROVIDER_BLS, Scheme::Bls);
    assert_eq!(made.len(), 1);
    // Another secret has another one, and a soft derivation none.
    store.insert_suri(key_types::PROVIDER, Scheme::Sr25519, "//Bob").unwrap();
    store.insert_suri(key_types::PROVIDER, Scheme::Sr25519, "//Bob/soft").unwrap();
    assert_eq!(store.public_keys(key_types::PROVIDER_BLS, Scheme::Bls).len(), 2);

    // A store from before there were any gets it when it is opened.
    let path = folder.path().join(format!("{}{}", hex::encode(b"pbls"), hex::encode(&made[0])));
    fs::remove_file(&path).unwrap();
    let store = LocalKeystore::open(folder.path(), None).unwrap();
    assert!(store.has(key_types::PROVIDER_BLS, &made[0]));
    assert_eq!(fs::read_to_string(&path).unwrap(), "\"//Alice\"");
}

#[test]
fn workers_make_and_use_keys_of_bls() {
    use citrate_host::Keystore;

    let store = LocalKeystore::in_memory();
    let host: &dyn Keystore = &store;
    let id = key_types::PROVIDER_BLS;
    assert!(host.bls_public_keys(id).is_empty());
    let made = host.bls_generate(id, None).unwrap();
    assert_eq!(host.bls_public_keys(id), [made]);
    let signature = host.bls_sign(id, &made, b"m").unwrap();
    assert_eq!(citrate_bls::verify(&signature, b"m", &made), Ok(()));
    let proof = host.bls_prove(id, &made, b"holder").unwrap();
    assert!(citrate_bls::verify_proof(&proof, &made, b"holder").is_ok());
    assert!(host.bls_sign(key_types::PROVIDER, &made, b"m").is_none());
    assert!(host.bls_generate(id, Some("//Alice/soft")).is_none());
    assert_eq!(host.bls_generate(id, Some("//Alice")), host.bls_generate(id, Some("//Alice")));
    assert_ne!(host.bls_generate(id, Some("//Alice")), host.bls_generate(id, Some("//Bob")));
}
