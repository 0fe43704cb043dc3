//! Blocks of most of what the pallets do, natively and in WASM, and what comes of them.

use citrate_core::{ApplyExtrinsicResult, H256, InvalidTransaction, OpaqueExtrinsic};
use citrate_executive::EXTRINSIC_DEPTH_MAX;
use citrate_inference_types::{
    ConformanceReport, Device, EngineInfo, ModelCard, Policy, RefundReason, Text, Verdict,
    content_hash, outputs_hash,
};
use citrate_runtime::constants::CIT;
use citrate_runtime::{Runtime, RuntimeCall, RuntimeEvent, Staking, System};
use codec::Encode;
use pallet_inference_jobs::State;
use pallet_staking::{Role, Stake as _};

use crate::chain::{Chain, account, address, code, pair};

/// Extends the chain on both sides; what came of each extrinsic, of which none may trap.
pub(crate) fn extend(
    chain: &mut Chain,
    extrinsics: &[OpaqueExtrinsic],
) -> Vec<ApplyExtrinsicResult> {
    let results = chain.extend(extrinsics).results;
    results.into_iter().map(|result| result.expect("no extrinsic traps")).collect()
}

pub(crate) fn signed(chain: &Chain, name: &str, nonce: u32, call: &RuntimeCall) -> OpaqueExtrinsic {
    chain.signed(name, nonce, 0, &call.encode())
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
    use pallet_providers::Call as Providers;
    let card: ModelCard =
        serde_json::from_str(include_str!("../../../../scripts/models/magika.json")).unwrap();
    let model = content_hash(b"a model");
    let input = Blob::Inline(b"an input".to_vec().try_into().unwrap());
    let bond = pallet_staking::Call::bond { role: Role::Provider, amount: 200 * CIT };
    let batch = |calls| RuntimeCall::Utility(pallet_utility::Call::batch { calls });
    let first = vec![
        signed(chain, "Bob", 0, &transfer("Charlie", CIT)),
        signed(chain, "Bob", 0, &transfer("Charlie", CIT)),
        signed(chain, "Bob", 2, &transfer("Charlie", CIT)),
        signed(chain, "Bob", 1, &transfer("Charlie", u128::MAX / 2)),
        signed(chain, "Dave", 0, &batch(vec![transfer("Eve", 1), transfer("Eve", u128::MAX)])),
        signed(chain, "Alice", 0, &RuntimeCall::Staking(bond)),
        signed(
            chain,
            "Charlie",
            0,
            &RuntimeCall::ModelRegistry(pallet_model_registry::Call::register {
                model,
                card: card.clone(),
                price: 3 * CIT,
            }),
        ),
    ];
    let key = pair("Alice").public();
    let set = RuntimeCall::Providers(Providers::register { session_key: key, capacity: 2 });
    let submit = RuntimeCall::InferenceJobs(Jobs::submit {
        model,
        input,
        max_fee: 5 * CIT,
        policy: Policy::Attested,
        blocks: 120,
    });
    let report = ConformanceReport {
        genesis: chain.genesis,
        model,
        card: card.hash(),
        engine: EngineInfo {
            name: Text::truncated("onnxruntime"),
            version: Text::default(),
            device: Device::Cpu,
            settings: H256::zero(),
        },
        verdict: Verdict::Conforms { outputs: outputs_hash(&[]) },
        provider: account("Alice"),
    };
    let signature = pair("Alice").sign(&report.signing_payload());
    let report = pallet_model_registry::Call::report { report, signature };
    let second = vec![
        signed(chain, "Alice", 1, &set),
        signed(
            chain,
            "Alice",
            2,
            &RuntimeCall::Providers(Providers::serve { model, price: 3 * CIT }),
        ),
        signed(chain, "Alice", 3, &RuntimeCall::ModelRegistry(report)),
        signed(chain, "Dave", 1, &submit),
    ];
    [first, second]
}

#[test]
fn both_ways_agree_on_every_block() {
    let mut chain = Chain::new();
    for extrinsics in history(&chain) {
        extend(&mut chain, &extrinsics);
    }
    // The job is assigned, and nobody does it until it times out.
    for _ in 0..102 {
        extend(&mut chain, &[]);
    }
    let jobs: Vec<_> = chain.read(|| {
        pallet_inference_jobs::Jobs::<Runtime>::iter().map(|(_, job)| job.state).collect()
    });
    let reason = RefundReason::NoResult;
    assert_eq!(jobs, [State::Refunded { reason, at: 104 }], "it was assigned, and timed out");
    let active = chain.read(|| Staking::active(&account("Alice"), Role::Provider));
    assert_eq!(active, 199 * CIT);
}

#[test]
fn what_is_no_runtime_is_not_installed() {
    let mut chain = Chain::new();
    let plain = citrate_core::code::decompress(code()).unwrap();
    for (nonce, code) in [
        (0, b"garbage".to_vec()),
        (1, vec![]),
        (2, plain[..1_000].to_vec()),
        (3, code()[..1_000].to_vec()),
    ] {
        let call = sudo(RuntimeCall::System(pallet_system::Call::set_code { code }));
        let xt = signed(&chain, "Alice", nonce, &call);
        assert_eq!(extend(&mut chain, &[xt]), [Ok(Ok(()))], "sudo itself succeeds");
        let refused = pallet_system::Error::<Runtime>::FailedToExtractRuntimeVersion.into();
        let said = RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result: Err(refused) });
        let events = chain.read(System::events);
        assert!(events.iter().any(|record| record.event == said), "{events:?}");
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
    let wraps: [(&str, Wrap); 5] = [
        ("batch", |call| RuntimeCall::Utility(Utility::batch { calls: vec![call] })),
        ("force_batch", |call| RuntimeCall::Utility(Utility::force_batch { calls: vec![call] })),
        ("as_derivative", |call| {
            RuntimeCall::Utility(Utility::as_derivative { index: 0, call: Box::new(call) })
        }),
        ("sudo", sudo),
        ("as_multi_threshold_1", |call| {
            RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
                other_signatories: vec![account("Bob")],
                call: Box::new(call),
            })
        }),
    ];
    let run = move || {
        for (name, wrap) in wraps {
            for (depth, decodes) in
                [(1, true), (EXTRINSIC_DEPTH_MAX, true), (EXTRINSIC_DEPTH_MAX + 1, false)]
            {
                let mut chain = Chain::new();
                let xt = signed(&chain, "Alice", 0, &nested(wrap, depth));
                let outcome = extend(&mut chain, &[xt])[0];
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
