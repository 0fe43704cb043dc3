//! The same blocks natively and in WebAssembly: every answer and every root agree.

use crate::wasm::blob;
use citrate_core::{
    ApplyExtrinsicResult, Digest, Era, H256, Header, InherentData, InvalidTransaction,
    MultiAddress, OpaqueExtrinsic, StateVersion, hashing::blake2_256, sr25519,
};
use citrate_dag_types::{DagDigest, Merged, Slot, TIMESTAMP_INHERENT, VrfSignature};
use citrate_executive::EXTRINSIC_DEPTH_MAX;
use citrate_executor::{Executor, ExecutorConfig, Limits, Profile, RuntimeCode};
use citrate_host::{
    Externalities as _, ReadRuntimeVersion, ReadRuntimeVersionExt, StateExt, with_externalities,
};
use citrate_inference_types::{ModelCard, Policy, RefundReason, content_hash};
use citrate_runtime::constants::{CIT, SLOT_DURATION_MS};
use citrate_runtime::{
    AccountId, Executive, Runtime, RuntimeCall, RuntimeEvent, Signature, Staking, System,
    UncheckedExtrinsic, VERSION, genesis,
};
use citrate_trie::{ChangeSet, MemoryNodes, NodeStore, StateView};
use codec::{Decode, Encode};
use pallet_inference_jobs::State;
use pallet_staking::{Role, Stake as _};
use std::sync::{Arc, OnceLock};

/// Slot of the first block.
const FIRST_SLOT: u64 = 3_500_000_000;

/// The runtime in WebAssembly.
struct Machine {
    code: Vec<u8>,
    executor: Arc<Executor>,
}

fn machine() -> &'static Machine {
    static MACHINE: OnceLock<Machine> = OnceLock::new();
    MACHINE.get_or_init(|| Machine {
        code: std::fs::read(blob(None).plain).unwrap(),
        executor: Arc::new(Executor::new(&ExecutorConfig::default()).unwrap()),
    })
}

/// Tells a runtime the version of code, as the node does.
struct Versions;

impl ReadRuntimeVersion for Versions {
    fn read_runtime_version(&self, code: &[u8]) -> Option<Vec<u8>> {
        machine().executor.declared_version(code).ok().map(|version| version.encode())
    }
}

/// How calls of the runtime are run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Native,
    Wasm,
}

/// A chain of states in memory.
struct Chain {
    way: Way,
    nodes: Arc<MemoryNodes>,
    head: Header,
    root: H256,
    genesis: H256,
    /// What the last block changed.
    changes: ChangeSet,
}

fn pair(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_suri(&format!("//{name}"), None).unwrap()
}

fn account(name: &str) -> AccountId {
    AccountId::from(pair(name).public().0)
}

fn address(name: &str) -> MultiAddress<AccountId, ()> {
    MultiAddress::Id(account(name))
}

/// What the runtime's exports do, by their names.
fn native(method: &str, mut input: &[u8]) -> Vec<u8> {
    match method {
        "Core_initialize_block" => {
            Executive::initialize_block(&Header::decode(&mut input).unwrap()).encode()
        }
        "BlockBuilder_inherent_extrinsics" => {
            Executive::inherent_extrinsics(InherentData::decode(&mut input).unwrap()).encode()
        }
        "BlockBuilder_apply_extrinsic" => {
            Executive::apply_extrinsic(OpaqueExtrinsic::decode(&mut input).unwrap()).encode()
        }
        "BlockBuilder_finalize_block" => Executive::finalize_block().encode(),
        "Core_execute_block" => {
            Executive::execute_block(citrate_api::Block::decode(&mut input).unwrap());
            Vec::new()
        }
        other => panic!("{other} is not called"),
    }
}

impl Chain {
    fn development(way: Way) -> Self {
        let nodes = Arc::new(MemoryNodes::new());
        let mut ext = StateExt::new(StateView::empty());
        let preset = genesis::preset(Some(genesis::DEVELOPMENT)).unwrap();
        with_externalities(&mut ext, || genesis::build_state(&preset)).unwrap();
        let finished = ext.finish(StateVersion::V1).unwrap();
        nodes.insert(&finished.delta);
        let head = Header {
            parent_hash: H256::zero(),
            number: 0,
            state_root: finished.root,
            extrinsics_root: citrate_trie::EMPTY_ROOT,
            digest: Digest { logs: vec![] },
        };
        let (genesis, root, changes) = (head.hash(), finished.root, ChangeSet::default());
        Self { way, nodes, head, root, genesis, changes }
    }

    fn state(&self) -> StateExt {
        let nodes = Arc::clone(&self.nodes) as Arc<dyn NodeStore>;
        let mut ext = StateExt::new(StateView::new(nodes, self.root));
        ext.extensions().register(ReadRuntimeVersionExt(Arc::new(Versions)));
        ext
    }

    /// Reads from the state of the head.
    fn read<T>(&self, f: impl FnOnce() -> T) -> T {
        with_externalities(&mut self.state(), f)
    }

    fn ask(&self, ext: &mut StateExt, method: &str, input: &[u8]) -> Vec<u8> {
        if self.way == Way::Native {
            return with_externalities(ext, || native(method, input));
        }
        let Machine { code, executor } = machine();
        let (code, limits) = (RuntimeCode::new(code), Limits::default());
        executor
            .call(code, Profile::Block, method, input, ext, limits)
            .unwrap_or_else(|error| panic!("{method} traps: {error}"))
    }

    fn signed(&self, name: &str, nonce: u32, call: RuntimeCall) -> OpaqueExtrinsic {
        let extension = citrate_runtime::extension(Era::Immortal, nonce, 0);
        let metadata_hash: Option<[u8; 32]> = None;
        let (spec, transaction) = (VERSION.spec_version, VERSION.transaction_version);
        let implicit = (spec, transaction, self.genesis, self.genesis, metadata_hash);
        let payload = (&call, &extension, &implicit).encode();
        let payload = if payload.len() > 256 { blake2_256(&payload).to_vec() } else { payload };
        let signature = Signature::Sr25519(pair(name).sign(&payload));
        let xt = UncheckedExtrinsic::new_signed(call, address(name), signature, extension);
        OpaqueExtrinsic::decode(&mut &xt.encode()[..]).unwrap()
    }

    /// Builds a block of these extrinsics and makes it the head; says what came of each.
    fn build(&mut self, extrinsics: &[OpaqueExtrinsic]) -> Vec<ApplyExtrinsicResult> {
        let slot = FIRST_SLOT + u64::from(self.head.number);
        let digest = DagDigest {
            slot: Slot(slot),
            author: 0,
            vrf: VrfSignature { pre_output: [1; 32], proof: [2; 64] },
            other_parents: vec![],
            blue_score: 1,
            merged: Merged::new(vec![]),
            payload_root: H256::zero(),
        };
        let start = Header {
            parent_hash: self.head.hash(),
            number: self.head.number + 1,
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest: Digest { logs: vec![digest.to_item()] },
        };
        let mut ext = self.state();
        self.ask(&mut ext, "Core_initialize_block", &start.encode());
        let mut data = InherentData::new();
        data.put(TIMESTAMP_INHERENT, &(slot * SLOT_DURATION_MS));
        let inherents = self.ask(&mut ext, "BlockBuilder_inherent_extrinsics", &data.encode());
        let mut body = Vec::<OpaqueExtrinsic>::decode(&mut &inherents[..]).unwrap();
        body.extend_from_slice(extrinsics);
        let mut accepted = Vec::new();
        let mut outcomes = Vec::new();
        for xt in body {
            let answer = self.ask(&mut ext, "BlockBuilder_apply_extrinsic", &xt.encode());
            let outcome = ApplyExtrinsicResult::decode(&mut &answer[..]).unwrap();
            if outcome.is_ok() {
                accepted.push(xt);
            }
            outcomes.push(outcome);
        }
        let header = self.ask(&mut ext, "BlockBuilder_finalize_block", &[]);
        let header = Header::decode(&mut &header[..]).unwrap();
        let block = citrate_api::Block { header: header.clone(), extrinsics: accepted };
        if !extrinsics.is_empty() {
            self.ask(&mut self.state(), "Core_execute_block", &block.encode());
        }
        let finished = ext.finish(StateVersion::V1).unwrap();
        assert_eq!(finished.root, header.state_root);
        self.nodes.insert(&finished.delta);
        (self.root, self.head, self.changes) = (finished.root, header, finished.changes);
        outcomes
    }
}

fn transfer(to: &str, value: u128) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive { dest: address(to), value })
}

fn sudo(call: RuntimeCall) -> RuntimeCall {
    RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(call) })
}

/// Money, batches, failures, stakes, a model and a job: most of what the pallets do, in two blocks.
fn history(chain: &Chain) -> [Vec<OpaqueExtrinsic>; 2] {
    use pallet_inference_jobs::{Blob, Call as Jobs};
    let card: ModelCard =
        serde_json::from_str(include_str!("../../../scripts/models/magika.json")).unwrap();
    let model = content_hash(b"a model");
    let input = Blob::Inline(b"an input".to_vec().try_into().unwrap());
    let bond = pallet_staking::Call::bond { role: Role::Provider, amount: 200 * CIT };
    let batch = |calls| RuntimeCall::Utility(pallet_utility::Call::batch { calls });
    let first = vec![
        chain.signed("Bob", 0, transfer("Charlie", CIT)),
        chain.signed("Bob", 0, transfer("Charlie", CIT)),
        chain.signed("Bob", 2, transfer("Charlie", CIT)),
        chain.signed("Bob", 1, transfer("Charlie", u128::MAX / 2)),
        chain.signed("Dave", 0, batch(vec![transfer("Eve", 1), transfer("Eve", u128::MAX)])),
        chain.signed("Alice", 0, RuntimeCall::Staking(bond)),
        chain.signed(
            "Charlie",
            0,
            RuntimeCall::ModelRegistry(pallet_model_registry::Call::register {
                model,
                card,
                price: 3 * CIT,
            }),
        ),
    ];
    let key = pair("Alice").public();
    let set = RuntimeCall::InferenceJobs(Jobs::set_provider { session_key: key, capacity: 2 });
    let submit = RuntimeCall::InferenceJobs(Jobs::submit {
        model,
        input,
        max_fee: 5 * CIT,
        policy: Policy::Attested,
        blocks: 120,
    });
    let second = vec![
        chain.signed("Alice", 1, set),
        chain.signed("Alice", 2, RuntimeCall::InferenceJobs(Jobs::serve { model })),
        chain.signed("Dave", 1, submit),
    ];
    [first, second]
}

/// Builds the same block both ways: the same answers, the same changes of the state, the same header.
fn build_both(
    native: &mut Chain,
    wasm: &mut Chain,
    extrinsics: &[OpaqueExtrinsic],
) -> Vec<ApplyExtrinsicResult> {
    let (expected, found) = (native.build(extrinsics), wasm.build(extrinsics));
    let (theirs, ours) = (&native.changes.top, &wasm.changes.top);
    let differing: Vec<_> = theirs
        .keys()
        .chain(ours.keys())
        .filter(|key| theirs.get(*key) != ours.get(*key))
        .map(|key| {
            format!(
                "{:?}: {:?}, {:?}",
                String::from_utf8_lossy(key),
                theirs.get(key),
                ours.get(key)
            )
        })
        .collect();
    assert!(differing.is_empty(), "block {}: {differing:#?}", native.head.number);
    assert_eq!((&found, &wasm.head), (&expected, &native.head));
    found
}

#[test]
fn both_ways_agree_on_every_block() {
    let (mut native, mut wasm) = (Chain::development(Way::Native), Chain::development(Way::Wasm));
    for extrinsics in history(&native) {
        build_both(&mut native, &mut wasm, &extrinsics);
    }
    // The job is assigned, and nobody does it until it times out.
    for _ in 0..102 {
        build_both(&mut native, &mut wasm, &[]);
    }
    let jobs: Vec<_> = wasm.read(|| {
        pallet_inference_jobs::Jobs::<Runtime>::iter().map(|(_, job)| job.state).collect()
    });
    let reason = RefundReason::NoResult;
    assert_eq!(jobs, [State::Refunded { reason, at: 104 }], "it was assigned, and timed out");
    let active = wasm.read(|| Staking::active(&account("Alice"), Role::Provider));
    assert_eq!(active, 199 * CIT);
}

#[test]
fn what_is_no_runtime_is_not_installed() {
    for way in [Way::Native, Way::Wasm] {
        let mut chain = Chain::development(way);
        let mut truncated = machine().code.clone();
        truncated.truncate(1_000);
        for (nonce, code) in [(0, b"garbage".to_vec()), (1, vec![]), (2, truncated)] {
            let call = sudo(RuntimeCall::System(pallet_system::Call::set_code { code }));
            let xt = chain.signed("Alice", nonce, call);
            assert_eq!(chain.build(&[xt])[1], Ok(Ok(())), "sudo itself succeeds");
            let refused = pallet_system::Error::<Runtime>::FailedToExtractRuntimeVersion.into();
            let said = RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result: Err(refused) });
            let events = chain.read(System::events);
            assert!(events.iter().any(|record| record.event == said), "{way:?}: {events:?}");
        }
    }
}

/// A call that dispatches another one.
type Wrap = fn(RuntimeCall) -> RuntimeCall;

/// A remark in a call in a call in a call, so many deep.
fn nested(wrap: Wrap, depth: u32) -> RuntimeCall {
    let remark = pallet_system::Call::remark { remark: vec![] };
    (0..depth).fold(RuntimeCall::System(remark), |call, _| wrap(call))
}

/// A trap is not an answer: where the stack ends is not written in any rule, and who sends a call that traps pays
/// nothing for the time it takes. So the deepest call that decodes must run.
#[test]
fn the_deepest_call_runs_in_the_stack_there_is() {
    use pallet_utility::Call as Utility;
    let wraps: [(&str, Wrap); 4] = [
        ("batch", |call| RuntimeCall::Utility(Utility::batch { calls: vec![call] })),
        ("force_batch", |call| RuntimeCall::Utility(Utility::force_batch { calls: vec![call] })),
        ("as_derivative", |call| {
            RuntimeCall::Utility(Utility::as_derivative { index: 0, call: Box::new(call) })
        }),
        ("sudo", sudo),
    ];
    let run = move || {
        for (name, wrap) in wraps {
            for (depth, decodes) in
                [(1, true), (EXTRINSIC_DEPTH_MAX, true), (EXTRINSIC_DEPTH_MAX + 1, false)]
            {
                let mut native = Chain::development(Way::Native);
                let mut wasm = Chain::development(Way::Wasm);
                let xt = native.signed("Alice", 0, nested(wrap, depth));
                let outcome = build_both(&mut native, &mut wasm, &[xt])[1];
                let expected =
                    if decodes { Ok(Ok(())) } else { Err(InvalidTransaction::Call.into()) };
                assert_eq!(outcome, expected, "{name}, {depth} deep");
            }
        }
    };
    // Natively, unoptimised frames are large.
    let thread = std::thread::Builder::new().stack_size(1 << 28).spawn(run).unwrap();
    thread.join().unwrap();
}
