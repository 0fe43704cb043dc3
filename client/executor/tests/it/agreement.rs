//! The runtime natively and in WASM: the same calls give the same answers, and the same blocks the
//! same roots.
//!
//! Both sides build each block from the same random extrinsics, as the node does, and then execute
//! it as a foreign tool would. What one side calls a trap has to be one on the other.

use citrate_core::{
    AccountId32, ApplyExtrinsicResult, Digest, Era, H256, Header, InherentData, MultiAddress,
    MultiSignature, OpaqueExtrinsic, StateVersion, TransactionSource, hashing::blake2_256, sr25519,
};
use citrate_dag_types::{DagDigest, Merged, Slot, TIMESTAMP_INHERENT, VrfSignature};
use citrate_executor::{Executor, ExecutorConfig, ExecutorError, Limits, Profile, RuntimeCode};
use citrate_host::{Externalities, StateExt, with_externalities};
use citrate_trie::{MemoryNodes, NodeStore, StateView};
use citrate_wasm_builder::WasmBuilder;
use codec::{Compact, Decode, Encode};
use proptest::prelude::*;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, OnceLock},
};

const FIRST_SLOT: u64 = 3_500_000_000;
const SLOT_MS: u64 = citrate_runtime::constants::SLOT_DURATION_MS;
const NAMES: [&str; 5] = ["Alice", "Bob", "Charlie", "Dave", "Nobody"];

/// What runs the runtime.
#[derive(Clone, Copy, Debug)]
enum Machine {
    Native,
    Wasm,
}

/// The method trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Trapped;

fn code() -> &'static [u8] {
    static CODE: OnceLock<Vec<u8>> = OnceLock::new();
    CODE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        // The folder where build scripts put it too.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
        let builder = WasmBuilder::new(root.join("runtime/Cargo.toml")).target_dir(target);
        std::fs::read(builder.build().unwrap().compressed).unwrap()
    })
}

fn executor() -> &'static Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR.get_or_init(|| Executor::new(&ExecutorConfig::default()).unwrap())
}

impl Machine {
    fn call(self, ext: &mut StateExt, method: &str, data: &[u8]) -> Result<Vec<u8>, Trapped> {
        match self {
            Self::Native => {
                let call = || citrate_runtime::apis::dispatch(method, data).expect(method);
                catch_unwind(AssertUnwindSafe(|| with_externalities(ext, call)))
                    .map_err(|_panic| Trapped)
            }
            Self::Wasm => {
                let (code, limits) = (RuntimeCode::new(code()), Limits::default());
                match executor().call(code, Profile::Block, method, data, ext, limits) {
                    Ok(answer) => Ok(answer),
                    Err(ExecutorError::Trap { .. }) => Err(Trapped),
                    Err(other) => panic!("{method}: {other}"),
                }
            }
        }
    }
}

/// A chain of states that both sides share: they must agree on each before the next.
struct Chain {
    nodes: Arc<MemoryNodes>,
    root: H256,
    head: Header,
    genesis: H256,
    nonces: [u32; NAMES.len()],
}

/// What one side made of a block.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    header: Header,
    body: Vec<OpaqueExtrinsic>,
    results: Vec<Result<ApplyExtrinsicResult, Trapped>>,
    verdicts: Vec<Result<Vec<u8>, Trapped>>,
    root: H256,
}

impl Chain {
    fn new() -> Self {
        let nodes = Arc::new(MemoryNodes::new());
        let view =
            StateView::new(Arc::clone(&nodes) as Arc<dyn NodeStore>, citrate_trie::EMPTY_ROOT);
        let preset = citrate_runtime::genesis::preset(Some("development")).unwrap().encode();
        let mut roots = [Machine::Native, Machine::Wasm].map(|machine| {
            let mut ext = StateExt::new(view.clone());
            machine.call(&mut ext, "GenesisBuilder_build_state", &preset).unwrap();
            let finished = ext.finish(StateVersion::V1).unwrap();
            nodes.insert(&finished.delta);
            finished.root
        });
        roots.sort();
        assert_eq!(roots[0], roots[1], "genesis differs");
        let head = Header {
            parent_hash: H256::zero(),
            number: 0,
            state_root: roots[0],
            extrinsics_root: citrate_trie::EMPTY_ROOT,
            digest: Digest::default(),
        };
        let genesis = head.hash();
        Self { nodes, root: roots[0], head, genesis, nonces: [0; NAMES.len()] }
    }

    fn ext(&self) -> StateExt {
        StateExt::new(StateView::new(Arc::clone(&self.nodes) as Arc<dyn NodeStore>, self.root))
    }

    /// Builds a block on one side, as the node does, and executes it there.
    fn build(&self, machine: Machine, extrinsics: &[OpaqueExtrinsic]) -> Outcome {
        let slot = Slot(FIRST_SLOT + u64::from(self.head.number));
        let start = Header {
            parent_hash: self.head.hash(),
            number: self.head.number + 1,
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest: Digest { logs: vec![digest(slot).to_item()] },
        };
        let verdicts = extrinsics.iter().map(|extrinsic| {
            let data = (TransactionSource::External, extrinsic, self.head.hash()).encode();
            machine.call(&mut self.ext(), "TaggedTransactionQueue_validate_transaction", &data)
        });
        let verdicts = verdicts.collect();
        let mut ext = self.ext();
        let call = |ext: &mut StateExt, method, data: &[u8]| machine.call(ext, method, data);
        call(&mut ext, "Core_initialize_block", &start.encode()).unwrap();
        let mut inherents = InherentData::new();
        inherents.put(TIMESTAMP_INHERENT, &slot.starts_at_ms(SLOT_MS));
        let inherents =
            call(&mut ext, "BlockBuilder_inherent_extrinsics", &inherents.encode()).unwrap();
        let mut body = Vec::<OpaqueExtrinsic>::decode(&mut &inherents[..]).unwrap();
        for inherent in &body {
            call(&mut ext, "BlockBuilder_apply_extrinsic", &inherent.encode()).unwrap();
        }
        let mut results = Vec::new();
        for extrinsic in extrinsics {
            let depth = ext.overlay().transaction_depth();
            ext.start_transaction();
            let answer = call(&mut ext, "BlockBuilder_apply_extrinsic", &extrinsic.encode());
            let result = answer.map(|bytes| ApplyExtrinsicResult::decode(&mut &bytes[..]).unwrap());
            if matches!(result, Ok(Ok(_))) {
                ext.commit_transaction();
                body.push(extrinsic.clone());
            }
            while ext.overlay().transaction_depth() > depth {
                ext.rollback_transaction();
            }
            results.push(result);
        }
        let header = call(&mut ext, "BlockBuilder_finalize_block", &[]).unwrap();
        let header = Header::decode(&mut &header[..]).unwrap();
        let finished = ext.finish(StateVersion::V1).unwrap();
        self.nodes.insert(&finished.delta);
        let block = (&header, &body).encode();
        call(&mut self.ext(), "Core_execute_block", &block).expect("it executes what it built");
        Outcome { header, body, results, verdicts, root: finished.root }
    }

    /// A transaction as a wallet makes it.
    fn signed(&self, from: usize, nonce: u32, tip: u128, call: &[u8]) -> OpaqueExtrinsic {
        let version = citrate_runtime::VERSION;
        let explicit = (Era::Immortal, Compact(nonce), Compact(tip), 0u8).encode();
        let versions = (version.spec_version, version.transaction_version);
        let implicit = (versions, self.genesis, self.genesis, None::<[u8; 32]>).encode();
        let payload = [call, &explicit, &implicit].concat();
        let payload = if payload.len() > 256 { blake2_256(&payload).to_vec() } else { payload };
        let signature = MultiSignature::Sr25519(pair(from).sign(&payload));
        let from: MultiAddress<AccountId32, ()> = MultiAddress::Id(account(from));
        let preamble = (0x84u8, from, signature).encode();
        OpaqueExtrinsic([&preamble, &explicit, call].concat())
    }
}

fn pair(name: usize) -> sr25519::Pair {
    sr25519::Pair::from_suri(&format!("//{}", NAMES[name]), None).unwrap()
}

fn account(name: usize) -> AccountId32 {
    AccountId32::from(pair(name).public().0)
}

fn digest(slot: Slot) -> DagDigest {
    DagDigest {
        slot,
        author: 0,
        vrf: VrfSignature { pre_output: [1; 32], proof: [2; 64] },
        other_parents: vec![],
        blue_score: 1,
        merged: Merged::new(vec![]),
        payload_root: H256::zero(),
    }
}

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
        let id = |to: &usize| MultiAddress::<AccountId32, ()>::Id(account(*to));
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

impl Chain {
    fn make(&mut self, plan: &Plan) -> OpaqueExtrinsic {
        match plan {
            Plan::Signed { from, off, tip, call } => {
                let nonce = self.nonces[*from];
                self.nonces[*from] += u32::from(*off == 0);
                self.signed(*from, nonce + off, *tip, &call.encoded())
            }
            Plan::Damaged { from, call, bit } => {
                let mut extrinsic = self.signed(*from, self.nonces[*from], 0, &call.encoded());
                let at = bit / 8 % extrinsic.0.len();
                extrinsic.0[at] ^= 1 << (bit % 8);
                extrinsic
            }
            Plan::Bare(call) => OpaqueExtrinsic([vec![4], call.encoded()].concat()),
            Plan::Garbage(bytes) => OpaqueExtrinsic(bytes.clone()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn native_and_wasm_agree(
        blocks in prop::collection::vec(prop::collection::vec(plan(), 0..10), 1..4)
    ) {
        let mut chain = Chain::new();
        for plans in &blocks {
            let extrinsics: Vec<_> = plans.iter().map(|plan| chain.make(plan)).collect();
            let native = chain.build(Machine::Native, &extrinsics);
            let wasm = chain.build(Machine::Wasm, &extrinsics);
            prop_assert_eq!(&native, &wasm);
            prop_assert_eq!(native.header.state_root, native.root);
            // The other side takes what one has built.
            let block = (&native.header, &native.body).encode();
            prop_assert!(Machine::Wasm.call(&mut chain.ext(), "Core_execute_block", &block).is_ok());
            let short = (&native.header, &native.body[1..]).encode();
            for machine in [Machine::Native, Machine::Wasm] {
                let refused = machine.call(&mut chain.ext(), "Core_execute_block", &short);
                prop_assert_eq!(refused, Err(Trapped));
            }
            (chain.root, chain.head) = (native.root, native.header);
        }
    }
}

#[test]
fn answers_are_the_same() {
    let chain = Chain::new();
    let alice = account(0).encode();
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
