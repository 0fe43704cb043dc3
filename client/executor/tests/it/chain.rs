//! A chain of the Citrate runtime in memory, whose blocks are made natively and in WASM.

use citrate_core::{
    AccountId32, ApplyExtrinsicResult, Digest, Era, H256, Header, InherentData, MultiAddress,
    MultiSignature, OpaqueExtrinsic, StateVersion, TransactionSource, hashing::blake2_256, sr25519,
};
use citrate_dag_types::{DagDigest, Merged, Slot, TIMESTAMP_INHERENT, VrfSignature};
use citrate_executor::{Executor, ExecutorConfig, ExecutorError, Limits, Profile, RuntimeCode};
use citrate_host::{
    Externalities, ReadRuntimeVersion, ReadRuntimeVersionExt, StateExt, with_externalities,
};
use citrate_trie::{ChangeSet, MemoryNodes, NodeStore, StateView};
use citrate_wasm_builder::WasmBuilder;
use codec::{Compact, Decode, Encode};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, OnceLock},
};

/// Slot of the first block.
const FIRST_SLOT: u64 = 3_500_000_000;
const SLOT_MS: u64 = citrate_runtime::constants::SLOT_DURATION_MS;

/// What runs the runtime.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Machine {
    Native,
    Wasm,
}

/// The method trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trapped;

/// The runtime's blob, compressed.
pub(crate) fn code() -> &'static [u8] {
    static CODE: OnceLock<Vec<u8>> = OnceLock::new();
    CODE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        // The folder where build scripts put it too.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
        let builder = WasmBuilder::new(root.join("runtime/Cargo.toml")).target_dir(target);
        std::fs::read(builder.build().unwrap().compressed).unwrap()
    })
}

/// An executor with the settings of a node.
pub(crate) fn executor() -> &'static Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR.get_or_init(|| Executor::new(&ExecutorConfig::default()).unwrap())
}

impl Machine {
    pub(crate) const BOTH: [Self; 2] = [Self::Native, Self::Wasm];

    pub(crate) fn call(
        self,
        ext: &mut StateExt,
        method: &str,
        data: &[u8],
    ) -> Result<Vec<u8>, Trapped> {
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

/// Tells a runtime the version of code, as the node does.
struct Versions;

impl ReadRuntimeVersion for Versions {
    fn read_runtime_version(&self, code: &[u8]) -> Option<Vec<u8>> {
        executor().declared_version(code).ok().map(|version| version.encode())
    }
}

/// A chain of states that both sides share: they must agree on each before the next.
pub(crate) struct Chain {
    nodes: Arc<MemoryNodes>,
    pub(crate) root: H256,
    pub(crate) head: Header,
    /// The hash of block 0.
    pub(crate) genesis: H256,
}

/// What one side made of a block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) header: Header,
    /// What the block accepts, the inherent first.
    pub(crate) body: Vec<OpaqueExtrinsic>,
    /// What came of each extrinsic, accepted or not.
    pub(crate) results: Vec<Result<ApplyExtrinsicResult, Trapped>>,
    /// What the pool is told of each.
    verdicts: Vec<Result<Vec<u8>, Trapped>>,
    root: H256,
    changes: ChangeSet,
}

impl Chain {
    /// The development chain's genesis, built by both sides.
    pub(crate) fn new() -> Self {
        let nodes = Arc::new(MemoryNodes::new());
        let view =
            StateView::new(Arc::clone(&nodes) as Arc<dyn NodeStore>, citrate_trie::EMPTY_ROOT);
        let preset = citrate_runtime::genesis::preset("development").unwrap();
        let preset = serde_json::to_vec(&preset).unwrap().encode();
        let roots = Machine::BOTH.map(|machine| {
            let mut ext = StateExt::new(view.clone());
            machine.call(&mut ext, "GenesisBuilder_build_state", &preset).unwrap();
            let finished = ext.finish(StateVersion::V1).unwrap();
            nodes.insert(&finished.delta);
            finished.root
        });
        assert_eq!(roots[0], roots[1], "genesis differs");
        let head = Header {
            parent_hash: H256::zero(),
            number: 0,
            state_root: roots[0],
            extrinsics_root: citrate_trie::EMPTY_ROOT,
            digest: Digest::default(),
        };
        let genesis = head.hash();
        Self { nodes, root: roots[0], head, genesis }
    }

    /// The state of the head.
    pub(crate) fn ext(&self) -> StateExt {
        self.ext_at(self.root)
    }

    /// The state with this root.
    pub(crate) fn ext_at(&self, root: H256) -> StateExt {
        let nodes = Arc::clone(&self.nodes) as Arc<dyn NodeStore>;
        let mut ext = StateExt::new(StateView::new(nodes, root));
        ext.extensions().register(ReadRuntimeVersionExt(Arc::new(Versions)));
        ext
    }

    /// Reads from the state of the head, with the pallets' own functions.
    pub(crate) fn read<T>(&self, f: impl FnOnce() -> T) -> T {
        with_externalities(&mut self.ext(), f)
    }

    /// Builds a block on both sides and makes it the head.
    ///
    /// # Panics
    /// They differ, in an answer, in a header or in what they change.
    pub(crate) fn extend(&mut self, extrinsics: &[OpaqueExtrinsic]) -> Outcome {
        let [native, wasm] = Machine::BOTH.map(|machine| self.build(machine, extrinsics));
        // First, because it names the keys.
        let differing = differing(&native.changes, &wasm.changes);
        assert!(differing.is_empty(), "block {}: {differing:#?}", native.header.number);
        assert_eq!(native, wasm);
        assert_eq!(native.header.state_root, native.root);
        (self.root, self.head) = (native.root, native.header.clone());
        native
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
        let (root, changes) = (finished.root, finished.changes);
        Outcome { header, body, results, verdicts, root, changes }
    }

    /// A transaction as a wallet makes it.
    pub(crate) fn signed(&self, name: &str, nonce: u32, tip: u128, call: &[u8]) -> OpaqueExtrinsic {
        let version = citrate_runtime::VERSION;
        let explicit = (Era::Immortal, Compact(nonce), Compact(tip), 0u8).encode();
        let versions = (version.spec_version, version.transaction_version);
        let implicit = (versions, self.genesis, self.genesis, None::<[u8; 32]>).encode();
        let payload = [call, &explicit, &implicit].concat();
        let payload = if payload.len() > 256 { blake2_256(&payload).to_vec() } else { payload };
        let signature = MultiSignature::Sr25519(pair(name).sign(&payload));
        let preamble = (0x84u8, address(name), signature).encode();
        OpaqueExtrinsic([&preamble, &explicit, call].concat())
    }
}

pub(crate) fn pair(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_suri(&format!("//{name}"), None).unwrap()
}

pub(crate) fn account(name: &str) -> AccountId32 {
    AccountId32::from(pair(name).public().0)
}

pub(crate) fn address(name: &str) -> MultiAddress<AccountId32, ()> {
    MultiAddress::Id(account(name))
}

/// The keys that two sets of changes differ in, with both values.
fn differing(one: &ChangeSet, other: &ChangeSet) -> Vec<String> {
    let (one, other) = (&one.top, &other.top);
    one.keys()
        .chain(other.keys())
        .filter(|key| one.get(*key) != other.get(*key))
        .map(|key| {
            let name = String::from_utf8_lossy(key);
            format!("{name:?}: {:?}, {:?}", one.get(key), other.get(key))
        })
        .collect()
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
