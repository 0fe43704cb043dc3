//! The runtime natively and in WASM: the same calls give the same answers, and the same blocks the
//! same roots, whatever is in them.
//!
//! Both sides build each block from the same random extrinsics, as the node does, and then execute
//! it as a foreign tool would. What one side calls a trap has to be one on the other.

use citrate_core::{AccountId32, OpaqueExtrinsic};
use codec::{Compact, Encode};
use proptest::prelude::*;

use crate::chain::{Chain, Machine, Trapped, account, address};

const NAMES: [&str; 5] = ["Alice", "Bob", "Charlie", "Dave", "Nobody"];

/// An extrinsic to be; it is made when the chain says at which nonce the account is.
#[derive(Clone, Debug)]
enum Plan {
    /// A call that somebody signs: nonce off by so much, and a tip.
    Signed { from: usize, off: u32, tip: u128, call: Call },
    /// A signed one with a bit turned.
    Damaged { from: usize, call: Call, bit: usize },
    /// A call that nobody signs.
    Bare(Call),
    /// Bytes.
    Garbage(Vec<u8>),
}

#[derive(Clone, Debug)]
enum Call {
    Transfer {
        to: usize,
        amount: u128,
    },
    TransferAll {
        to: usize,
    },
    Remark(Vec<u8>),
    Batch(Vec<Self>),
    BatchAll(Vec<Self>),
    Sudo(Box<Self>),
    SetTime(u64),
    KillStorage(Vec<Vec<u8>>),
    SetCode(Vec<u8>),
    /// Any pallet's call with any arguments; most do not decode.
    Any(u8, u8, Vec<u8>),
}

impl Call {
    fn encoded(&self) -> Vec<u8> {
        let id = |to: &usize| address(NAMES[*to]);
        let all = |calls: &[Self]| {
            let encoded = calls.iter().flat_map(Self::encoded).collect::<Vec<u8>>();
            [Compact(u32::try_from(calls.len()).unwrap()).encode(), encoded].concat()
        };
        match self {
            Self::Transfer { to, amount } => (2u8, 3u8, id(to), Compact(*amount)).encode(),
            Self::TransferAll { to } => (2u8, 4u8, id(to), false).encode(),
            Self::Remark(bytes) => (0u8, 7u8, bytes).encode(),
            Self::Batch(calls) => [vec![5, 0], all(calls)].concat(),
            Self::BatchAll(calls) => [vec![5, 2], all(calls)].concat(),
            Self::Sudo(call) => [vec![4, 0], call.encoded()].concat(),
            Self::SetTime(now) => (1u8, 0u8, Compact(*now)).encode(),
            Self::KillStorage(keys) => (0u8, 5u8, keys).encode(),
            Self::SetCode(code) => (0u8, 2u8, code).encode(),
            Self::Any(pallet, call, data) => [&[*pallet, *call], &data[..]].concat(),
        }
    }
}

fn call() -> impl Strategy<Value = Call> {
    let amount = prop_oneof![0u128..10_000_000_000_000, any::<u128>()];
    let leaf = prop_oneof![
        6 => (0..NAMES.len(), amount).prop_map(|(to, amount)| Call::Transfer { to, amount }),
        1 => (0..NAMES.len()).prop_map(|to| Call::TransferAll { to }),
        2 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Call::Remark),
        1 => any::<u64>().prop_map(Call::SetTime),
        1 => prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..3)
            .prop_map(Call::KillStorage),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Call::SetCode),
        3 => (0u8..12, 0u8..12, prop::collection::vec(any::<u8>(), 0..80))
            .prop_map(|(pallet, call, data)| Call::Any(pallet, call, data)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Call::Batch),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Call::BatchAll),
            inner.prop_map(|call| Call::Sudo(Box::new(call))),
        ]
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let tip = prop_oneof![4 => Just(0u128), 1 => any::<u128>(), 1 => 0u128..1_000_000];
    prop_oneof![
        12 => (0..NAMES.len(), prop_oneof![8 => Just(0u32), 1 => 1u32..3], tip, call())
            .prop_map(|(from, off, tip, call)| Plan::Signed { from, off, tip, call }),
        2 => (0..NAMES.len(), call(), 0usize..4_000)
            .prop_map(|(from, call, bit)| Plan::Damaged { from, call, bit }),
        1 => call().prop_map(Plan::Bare),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Plan::Garbage),
    ]
}

/// The next nonce of each account.
type Nonces = [u32; NAMES.len()];

impl Plan {
    fn make(&self, chain: &Chain, nonces: &mut Nonces) -> OpaqueExtrinsic {
        match self {
            Self::Signed { from, off, tip, call } => {
                let nonce = nonces[*from];
                nonces[*from] += u32::from(*off == 0);
                chain.signed(NAMES[*from], nonce + off, *tip, &call.encoded())
            }
            Self::Damaged { from, call, bit } => {
                let call = call.encoded();
                let mut extrinsic = chain.signed(NAMES[*from], nonces[*from], 0, &call);
                let at = bit / 8 % extrinsic.0.len();
                extrinsic.0[at] ^= 1 << (bit % 8);
                extrinsic
            }
            Self::Bare(call) => OpaqueExtrinsic([vec![4], call.encoded()].concat()),
            Self::Garbage(bytes) => OpaqueExtrinsic(bytes.clone()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn native_and_wasm_agree(
        blocks in prop::collection::vec(prop::collection::vec(plan(), 0..10), 1..4)
    ) {
        let (mut chain, mut nonces) = (Chain::new(), Nonces::default());
        for plans in &blocks {
            let extrinsics: Vec<_> =
                plans.iter().map(|plan| plan.make(&chain, &mut nonces)).collect();
            let before = chain.root;
            let made = chain.extend(&extrinsics);
            // The other side takes what one has built, and neither takes less.
            let block = (&made.header, &made.body).encode();
            prop_assert!(Machine::Wasm.call(&mut chain.ext_at(before), "Core_execute_block", &block).is_ok());
            let short = (&made.header, &made.body[1..]).encode();
            for machine in Machine::BOTH {
                let refused = machine.call(&mut chain.ext_at(before), "Core_execute_block", &short);
                prop_assert_eq!(refused, Err(Trapped));
            }
        }
    }
}

#[test]
fn answers_are_the_same() {
    let chain = Chain::new();
    let alice = account("Alice").encode();
    let cases: [(&str, Vec<u8>); 12] = [
        ("Core_version", vec![]),
        ("Metadata_metadata", vec![]),
        ("Metadata_metadata_versions", vec![]),
        ("Metadata_metadata_at_version", 15u32.encode()),
        ("Metadata_metadata_at_version", 16u32.encode()),
        ("AccountNonceApi_account_nonce", alice.clone()),
        ("DagApi_configuration", vec![]),
        ("GenesisBuilder_preset_names", vec![]),
        ("GenesisBuilder_get_preset", Some("development").encode()),
        ("TransactionPaymentApi_query_weight_to_fee", (Compact(7u64), Compact(9u64)).encode()),
        ("InferenceApi_providers", (None::<AccountId32>, 10u32).encode()),
        ("AccountNonceApi_account_nonce", alice[..9].to_vec()),
    ];
    for (method, data) in cases {
        let native = Machine::Native.call(&mut chain.ext(), method, &data);
        let wasm = Machine::Wasm.call(&mut chain.ext(), method, &data);
        assert!(native == wasm, "{method} gives another answer");
    }
}
