//! Roots and encodings.

use super::{Model, VERSIONS, key, state_of, stream::ReferenceStream, value, version};
use crate::{
    Blake2Hasher, EMPTY_ROOT, H256, StateVersion, TrieNodeCodec, keccak_root, ordered_root, root,
};
use proptest::prelude::*;
use trie_db::{NodeCodec, node::Node};

fn reference(model: &Model, version: StateVersion) -> H256 {
    let threshold = (version == StateVersion::V1).then_some(33);
    trie_root::trie_root_no_extension::<Blake2Hasher, ReferenceStream, _, _, _>(model, threshold)
}

fn hash(text: &str) -> H256 {
    H256::from_slice(&hex::decode(text).expect("hex"))
}

#[test]
fn published_empty_roots() {
    let empty = hash("03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314");
    for version in VERSIONS {
        assert_eq!(root(Model::new(), version), empty);
        assert_eq!(ordered_root::<Vec<u8>>(&[], version), empty);
    }
    assert_eq!(EMPTY_ROOT, empty);
    // keccak-256 of one zero byte.
    assert_eq!(
        keccak_root(Model::new(), StateVersion::V0),
        hash("bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a")
    );
}

#[test]
fn one_leaf_by_hand() {
    // Leaf of two nibbles (0xaa), then a value of one byte.
    let leaf = [0x42, 0xaa, 0x04, 0xbb];
    let expected = H256(citrate_core::hashing::blake2_256(&leaf));
    assert_eq!(root([(vec![0xaau8], vec![0xbbu8])], StateVersion::V0), expected);
}

#[test]
fn two_keys_by_hand() {
    // From Substrate's own encoding tests: keys 0x48,0x19 -> 0xfe and 0x13,0x14 -> 0xff.
    let node = [
        0x80,
        0x12,
        0x00, // branch without a partial key; children 1 and 4
        0x05 << 2,
        0x43,
        0x03,
        0x14,
        0x04,
        0xff, // leaf of nibbles 3, 1, 4
        0x05 << 2,
        0x43,
        0x08,
        0x19,
        0x04,
        0xfe, // leaf of nibbles 8, 1, 9
    ];
    let expected = H256(citrate_core::hashing::blake2_256(&node));
    let pairs = [(vec![0x48u8, 0x19], vec![0xfeu8]), (vec![0x13, 0x14], vec![0xff])];
    assert_eq!(root(pairs, StateVersion::V0), expected);
}

/// Keys, values and roots of the Web3 Foundation's conformance tests of the Polkadot Host API
/// (`ext_trie_blake2_256_root_version_1` and `ext_trie_blake2_256_ordered_root_version_1`).
#[test]
fn published_roots_of_three_pairs() {
    let cases = [
        (
            [("static", "Inverse"), ("even-keeled", "Future-proofed"), ("static", "even-keeled")],
            "1192e3ed48d28fba2eeae885fa367c535eca6a149eafad982265586902783d4f",
        ),
        (
            [
                ("function", "Horizontal"),
                ("Face to face", "Expanded"),
                ("function", "Face to face"),
            ],
            "92aafcf31cc2012d7467fa96b47caa389762ef02e97c27c30484a7ffd4b3780e",
        ),
        (
            [
                ("disintermediate", "Grass-roots"),
                ("policy", "function"),
                ("disintermediate", "policy"),
            ],
            "c1029b1ceb237b33f1d1e99c82e8d00c687342ae373474d3d7f0ed0f3f278cd6",
        ),
        (
            [
                ("contingency", "value-added"),
                ("context-sensitive", "Configurable"),
                ("contingency", "context-sensitive"),
            ],
            "cff475bc0c4aa0344ce0e0966415123ac4ef541122b1365be0884a3713c020cd",
        ),
    ];
    for (pairs, expected) in cases {
        let pairs = pairs.map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec()));
        assert_eq!(root(pairs.clone(), StateVersion::V0), hash(expected), "{pairs:?}");
        // Inserted one after another, the last one of a key counts.
        let model: Model = pairs.into_iter().collect();
        assert_eq!(state_of(&model, StateVersion::V0).1.root, hash(expected));
    }
}

#[test]
fn published_roots_of_two_pairs() {
    // `ext_default_child_storage_root_version_1` of the same suite.
    let cases = [
        (
            [("static", "Inverse"), ("even-keeled", "Future-proofed")],
            "e04eb753bc044436c6624b2062f7ad2be3bf19c62ed6f10aa2d7ee2586828cd5",
        ),
        (
            [("Optional", "secondary"), ("object-oriented", "toolset")],
            "3b71375a64a94627d03b257d2d2538474ac0263c0a5e6872d848ce6889092e15",
        ),
    ];
    for (pairs, expected) in cases {
        let model: Model =
            pairs.map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec())).into();
        assert_eq!(root(&model, StateVersion::V0), hash(expected), "{pairs:?}");
    }
}

#[test]
fn published_ordered_roots() {
    let cases = [
        (
            ["static", "even-keeled", "Future-proofed"],
            "d847b86d0219a384d11458e829e9f4f4cce7e3cc2e6dcd0e8a6ad6f12c64a737",
        ),
        (
            ["Inverse", "Face to face", "Expanded"],
            "ea32273c604a609a83979acc5dc5c19d91112967c5690d660684118fac03d087",
        ),
        (
            ["portal", "object-oriented", "toolset"],
            "fd61ef3767be4899488dc3331726f3b9abaae1fc08532327631ece6198686e25",
        ),
    ];
    for (items, expected) in cases {
        let items = items.map(|item| item.as_bytes().to_vec());
        assert_eq!(ordered_root(&items, StateVersion::V0), hash(expected), "{items:?}");
    }
}

#[test]
fn ordered_root_counts_in_compact_indices() {
    let items: Vec<Vec<u8>> = (0..70u8).map(|i| vec![i; 40]).collect();
    let pairs: Model = (0u32..)
        .zip(&items)
        .map(|(i, item)| (codec::Encode::encode(&codec::Compact(i)), item.clone()))
        .collect();
    for version in VERSIONS {
        assert_eq!(ordered_root(&items, version), reference(&pairs, version));
    }
}

#[test]
fn long_partial_keys() {
    for length in [31usize, 32, 62, 63, 64, 158, 159, 160, 286, 287, 414, 600] {
        for value in [1usize, 33] {
            let model = Model::from([(vec![0x12; length], vec![7; value])]);
            let branch: Model =
                model.clone().into_iter().chain([(vec![0x12; length + 1], vec![1])]).collect();
            for version in VERSIONS {
                assert_eq!(root(&model, version), reference(&model, version), "{length}");
                assert_eq!(root(&branch, version), reference(&branch, version), "{length}");
                assert_eq!(state_of(&branch, version).1.root, reference(&branch, version));
            }
        }
    }
}

#[test]
fn values_of_33_bytes_get_a_hash_in_version_1_only() {
    let of = |bytes: usize, version| root([(vec![1u8], vec![9u8; bytes])], version);
    assert_eq!(of(32, StateVersion::V0), of(32, StateVersion::V1));
    assert_ne!(of(33, StateVersion::V0), of(33, StateVersion::V1));
}

#[test]
fn bad_nodes_are_refused() {
    let cases: [(&str, &[u8]); 12] = [
        ("no byte", &[]),
        ("escape header", &[0x01]),
        ("reserved header", &[0x02, 0, 0]),
        ("bytes after the empty node", &[0x00, 0x00]),
        ("leaf without its key", &[0x42]),
        ("odd key with a full first byte", &[0x41, 0x1a, 0x00]),
        ("value beyond the end", &[0x40, 0x08, 0x01]),
        ("hash beyond the end", &[0x20, 0x01]),
        ("branch without a child", &[0x80, 0x00, 0x00]),
        ("child beyond the end", &[0x80, 0x01, 0x00, 0x08, 0x00]),
        ("child longer than a hash", &[&[0x80, 0x01, 0x00, 33 << 2][..], &[0; 33]].concat()),
        ("more nibbles than allowed", &[&[0x7f][..], &[0xff; 300]].concat()),
    ];
    for (what, bytes) in cases {
        assert!(TrieNodeCodec::<Blake2Hasher>::decode(bytes).is_err(), "{what}");
    }
}

proptest! {
    #[test]
    fn same_root_as_the_reference(
        model in prop::collection::btree_map(key(), value(), 0..40),
        version in version(),
    ) {
        let expected = reference(&model, version);
        prop_assert_eq!(root(&model, version), expected);
        prop_assert_eq!(state_of(&model, version).1.root, expected);
    }

    #[test]
    fn decoding_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(Node::NibbledBranch(_, children, _)) =
            TrieNodeCodec::<Blake2Hasher>::decode(&bytes)
        {
            prop_assert!(children.iter().any(Option::is_some));
        }
    }
}
