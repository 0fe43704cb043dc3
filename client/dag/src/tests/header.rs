use citrate_core::{Digest, DigestItem, H256, Header, OpaqueExtrinsic, Weight, sr25519};
use citrate_dag_types::{
    Authority, DagConfiguration, DagDigest, DigestError, Election, Merged, Slot, VrfSignature,
    seal_item, vrf_message,
};

use crate::{
    CheckedHeader, HeaderError, LOGS_MAX, PAYLOAD_BYTES_MAX, ParentInfo, Rules, check_header,
    check_payload, payload_root,
};

const PARENT: ParentInfo = ParentInfo { number: 4, slot: Some(Slot(9)) };

fn pair(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_suri(name, None).unwrap()
}

fn configuration() -> DagConfiguration {
    let authority = |name| Authority { key: pair(name).public(), weight: 1 };
    DagConfiguration {
        slot_duration_ms: 500,
        epoch_length: 100,
        election: Election::EverySlot,
        authorities: vec![authority("//Alice"), authority("//Bob")],
        randomness: [7; 32],
        payload_bytes_max: 320,
        payload_weight_max: Weight::MAX,
        mergeset_max: 1,
        delay_bound_ms: 1_000,
    }
}

fn digest() -> DagDigest {
    let slot = Slot(10);
    let vrf = pair("//Alice").vrf_sign(&vrf_message(&[7; 32], slot));
    DagDigest {
        slot,
        author: 0,
        vrf: VrfSignature { pre_output: vrf.pre_output, proof: vrf.proof },
        other_parents: vec![],
        blue_score: 5,
        merged: Merged::new(vec![]),
        payload_root: payload_root(&[]),
    }
}

fn unsealed(digest: &DagDigest) -> Header {
    Header {
        parent_hash: H256::repeat_byte(1),
        number: 5,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs: vec![digest.to_item()] },
    }
}

fn seal(mut header: Header, by: &str) -> Header {
    let signature = pair(by).sign(header.hash().as_bytes());
    header.digest.push(seal_item(signature));
    header
}

fn check(header: &Header) -> Result<CheckedHeader, HeaderError> {
    check_header(header, &PARENT, &configuration(), &Rules::default(), Slot(10))
}

#[test]
fn a_good_header_passes() {
    let digest = digest();
    let header = seal(unsealed(&digest), "//Alice");
    let checked = check(&header).unwrap();
    assert_eq!(checked.unsealed, unsealed(&digest));
    assert_eq!(checked.digest, digest);
    assert_eq!(checked.author, pair("//Alice").public());
    let output = pair("//Alice").vrf_sign(&vrf_message(&[7; 32], Slot(10))).output;
    assert_eq!(checked.vrf_output, output);
}

#[test]
fn each_rule_refuses_what_breaks_it() {
    let with = |change: &dyn Fn(&mut DagDigest)| {
        let mut digest = digest();
        change(&mut digest);
        seal(unsealed(&digest), "//Alice")
    };
    let long = DigestItem::Other(vec![0; crate::LOG_BYTES_MAX]);
    let mut too_long = unsealed(&digest());
    too_long.digest.push(long);
    let mut too_many = unsealed(&digest());
    too_many.digest.logs.resize(LOGS_MAX, DigestItem::RuntimeEnvironmentUpdated);
    let mut wrong_number = unsealed(&digest());
    wrong_number.number = 6;
    let before = HeaderError::SlotNotAfterParent { parent: Slot(9), got: Slot(9) };
    let ahead = HeaderError::SlotInFuture { now: Slot(10), got: Slot(15) };
    let cases = [
        ("bytes of the digest", seal(too_long, "//Alice"), HeaderError::DigestTooLong),
        ("items of the digest", seal(too_many, "//Alice"), HeaderError::DigestTooLong),
        ("no seal", unsealed(&digest()), HeaderError::Digest(DigestError::SealMissing)),
        ("number", seal(wrong_number, "//Alice"), HeaderError::Number { parent: 4, got: 6 }),
        ("slot of the parent", with(&|d| d.slot = Slot(9)), before),
        ("slot in the future", with(&|d| d.slot = Slot(15)), ahead),
        ("authority", with(&|d| d.author = 2), HeaderError::UnknownAuthority(2)),
        ("another's proof", with(&|d| d.author = 1), HeaderError::BadVrf),
        ("another slot's proof", with(&|d| d.slot = Slot(14)), HeaderError::BadVrf),
        ("proof", with(&|d| d.vrf.proof[0] ^= 1), HeaderError::BadVrf),
        ("seal", seal(unsealed(&digest()), "//Bob"), HeaderError::BadSeal),
    ];
    for (desc, header, error) in cases {
        assert_eq!(check(&header), Err(error), "{desc}");
    }
    // The signature covers all of the header.
    let mut changed = seal(unsealed(&digest()), "//Alice");
    changed.state_root = H256::repeat_byte(1);
    assert_eq!(check(&changed), Err(HeaderError::BadSeal));
}

#[test]
fn the_lottery_decides() {
    let header = seal(unsealed(&digest()), "//Alice");
    let mut configuration = configuration();
    let mut elect = |rate_millionths| {
        configuration.election = Election::Lottery { rate_millionths };
        check_header(&header, &PARENT, &configuration, &Rules::default(), Slot(10)).map(|_| ())
    };
    assert_eq!(elect(0), Err(HeaderError::NotElected));
    assert_eq!(elect(u32::MAX), Ok(()));
}

#[test]
fn payloads_are_limited_and_committed_to() {
    let configuration = configuration();
    let check = |payload: &[OpaqueExtrinsic]| {
        let digest = DagDigest { payload_root: payload_root(payload), ..digest() };
        check_payload(&digest, payload, &configuration)
    };
    // The length prefix counts: 2 + 318.
    assert_eq!(check(&[OpaqueExtrinsic(vec![1; 318])]), Ok(()));
    let bytes = HeaderError::PayloadBytes { got: 321, max: 320 };
    assert_eq!(check(&[OpaqueExtrinsic(vec![1; 319])]), Err(bytes));
    assert_eq!(check(&vec![OpaqueExtrinsic(vec![1; 4]); 10]), Ok(()));
    let count = HeaderError::PayloadCount { got: 11, max: 10 };
    assert_eq!(check(&vec![OpaqueExtrinsic(vec![1; 4]); 11]), Err(count));
    let other = check_payload(&digest(), &[OpaqueExtrinsic(vec![1])], &configuration);
    assert!(matches!(other, Err(HeaderError::PayloadRoot { .. })));
    assert_eq!(payload_root(&[]), citrate_trie::EMPTY_ROOT);
    // What nodes send each other ends there, whatever the runtime says.
    let any = DagConfiguration { payload_bytes_max: u32::MAX, ..configuration };
    let large = [OpaqueExtrinsic(vec![1; PAYLOAD_BYTES_MAX - 3])];
    let bytes = HeaderError::PayloadBytes { got: PAYLOAD_BYTES_MAX + 1, max: PAYLOAD_BYTES_MAX };
    assert_eq!(check_payload(&digest(), &large, &any), Err(bytes));
}
