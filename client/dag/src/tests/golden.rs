//! The wire format, byte by byte: other nodes, light clients and every stored block depend on it.
//!
//! The bytes were put together outside of this code, from the field list in the design, and hashed
//! with another implementation of blake2b.

use citrate_core::{
    Digest, DigestItem, H256, Header, OpaqueExtrinsic, hashing::blake2_256, sr25519,
};
use citrate_dag_types::{
    Colour, DagBlock, DagDigest, Merged, MergedBlock, Slot, VrfSignature, seal_item, split_seal,
    vrf_message,
};
use codec::{DecodeAll, Encode};

const DIGEST: &str = concat!(
    "0807060504030201",                                                 // slot
    "03000000",                                                         // author
    "1111111111111111111111111111111111111111111111111111111111111111", // VRF: pre-output
    "2222222222222222222222222222222222222222222222222222222222222222", // VRF: proof
    "2222222222222222222222222222222222222222222222222222222222222222",
    "08", // two other parents
    "3333333333333333333333333333333333333333333333333333333333333333",
    "4444444444444444444444444444444444444444444444444444444444444444",
    "821a0600",                   // blue score, compact
    "0008",                       // merged: a list of two
    "01000000f40100000000000000", // author, slot, blue
    "abababababababababababababababababababababababababababababababab", // its pre-output
    "02000000f50100000000000001", // author, slot, red
    "abababababababababababababababababababababababababababababababab",
    "5555555555555555555555555555555555555555555555555555555555555555", // payload root
);

const HEADER: &str = concat!(
    "7777777777777777777777777777777777777777777777777777777777777777", // selected parent
    "c2450400",                                                         // number, compact
    "8888888888888888888888888888888888888888888888888888888888888888", // state root
    "9999999999999999999999999999999999999999999999999999999999999999", // extrinsics root
    "0c",                                                               // three items
    "0667646167b504", // pre-runtime, `gdag`, 301 bytes
);
const UPDATED: &str = "08";
const SEAL: &str = concat!(
    "05676461670101", // seal, `gdag`, 64 bytes
    "6666666666666666666666666666666666666666666666666666666666666666",
    "6666666666666666666666666666666666666666666666666666666666666666",
);
const HASH: &str = "47f7d1d0e77df9db7209b403feec7435b780531be36bb31ff9ffe1f770061e30";
const UNSEALED_HASH: &str = "ac123d457f13012c099e82a3eb42d3cb224493a936067d5f7c4e56668f76001f";
const MERGED_HASH: &str = "c4ea93296b29ca8e4c1727b43627dcb1f7d981049d7c053fa5cf26119e2856ff";

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest() -> DagDigest {
    let merged = |author, slot, colour| MergedBlock {
        author,
        slot: Slot(slot),
        colour,
        pre_output: [0xab; 32],
    };
    DagDigest {
        slot: Slot(0x0102_0304_0506_0708),
        author: 3,
        vrf: VrfSignature { pre_output: [0x11; 32], proof: [0x22; 64] },
        other_parents: vec![H256::repeat_byte(0x33), H256::repeat_byte(0x44)],
        blue_score: 100_000,
        merged: Merged::new(vec![merged(1, 500, Colour::Blue), merged(2, 501, Colour::Red)]),
        payload_root: H256::repeat_byte(0x55),
    }
}

fn header() -> Header {
    let seal = seal_item(sr25519::Signature([0x66; 64]));
    Header {
        parent_hash: H256::repeat_byte(0x77),
        number: 70_000,
        state_root: H256::repeat_byte(0x88),
        extrinsics_root: H256::repeat_byte(0x99),
        digest: Digest {
            logs: vec![digest().to_item(), DigestItem::RuntimeEnvironmentUpdated, seal],
        },
    }
}

#[test]
fn a_digest_is_these_bytes() {
    let bytes = digest().encode();
    assert_eq!(hex(&bytes), DIGEST);
    assert_eq!(DagDigest::decode_all(&mut &bytes[..]), Ok(digest()));
}

#[test]
fn a_header_is_these_bytes_and_has_this_hash() {
    let header = header();
    assert_eq!(hex(header.encode()), [HEADER, DIGEST, UPDATED, SEAL].concat());
    assert_eq!(hex(header.hash()), HASH);
    // What the author signs.
    let (unsealed, _) = split_seal(&header).unwrap();
    assert_eq!(hex(unsealed.hash()), UNSEALED_HASH);
}

#[test]
fn a_block_is_its_header_and_its_payload() {
    let payload = vec![OpaqueExtrinsic(vec![0xaa, 0xbb]), OpaqueExtrinsic(vec![])];
    let block = DagBlock { header: header(), payload };
    // Two extrinsics: of two bytes, of none.
    let expected = [HEADER, DIGEST, UPDATED, SEAL, "08", "08aabb", "00"].concat();
    assert_eq!(hex(block.encode()), expected);
    assert_eq!(hex(block.hash()), HASH, "the payload is in it by its root alone");
}

#[test]
fn a_long_list_is_the_hash_of_its_bytes() {
    let merged = |author: u32| MergedBlock {
        author,
        slot: Slot(u64::from(author) + 1_000),
        colour: if author.is_multiple_of(2) { Colour::Blue } else { Colour::Red },
        pre_output: [0xab; 32],
    };
    let Merged::Hash(hash) = Merged::new((0..65).map(merged).collect()) else {
        panic!("65 are more than a header lists")
    };
    assert_eq!(hex(hash), MERGED_HASH);
    assert_eq!(hex(Merged::Hash(hash).encode()), ["01", MERGED_HASH].concat());
}

#[test]
fn the_election_is_over_this_message() {
    let message = vrf_message(&[7; 32], Slot(10));
    let expected = [&[20 << 2], &b"CITRATE/dag/election"[..], &[7; 32], &[10, 0, 0, 0, 0, 0, 0, 0]];
    assert_eq!(message, expected.concat());
    // The output is a function of key and message, unlike the proof. Its value is this crate's own.
    let alice = sr25519::Pair::from_suri("//Alice", None).unwrap();
    let output = alice.vrf_sign(&message).output;
    assert_eq!(output, alice.vrf_sign(&message).output);
    assert_eq!(
        hex(blake2_256(&output)),
        "e41f73aec49e2af6054b29f628c800c7a2a2b92237d8f5a6dde805e1f504feb6"
    );
}
