//! The market with the runtime's own constants: jobs that nobody answers.

use super::mock::{Chain, account, pair};
use crate::constants::CIT;
use crate::{
    Balances, InferenceJobs, RuntimeCall, RuntimeEvent, Staking, System, UncheckedExtrinsic,
};
use citrate_core::H256;
use citrate_inference_types::{
    ConformanceReport, Device, EngineInfo, JobInfo, JobStatus, ModelCard, Policy, RefundReason,
    Text, Verdict, job_id, outputs_hash,
};
use pallet_inference_jobs::{Blob, Event, Fault};
use pallet_staking::{Role, Stake};

pub(super) const MODEL: H256 = H256([7; 32]);
pub(super) const PRICE: u128 = CIT / 100;
const STAKE: u128 = 1_000 * CIT;

fn card() -> ModelCard {
    let json = include_str!("../../../scripts/models/magika.json");
    serde_json::from_str(json).expect("a sound card")
}

pub(super) fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
    RuntimeCall::Utility(pallet_utility::Call::batch_all { calls })
}

/// Bob's model, served by these providers, who will say nothing.
pub(super) fn market(providers: &[&str]) -> Chain {
    let mut chain = Chain::development();
    let register =
        pallet_model_registry::Call::register { model: MODEL, card: card(), price: PRICE };
    let mut extrinsics = vec![chain.signed("Bob", 0, RuntimeCall::ModelRegistry(register))];
    for name in providers {
        let bond = pallet_staking::Call::bond { role: Role::Provider, amount: STAKE };
        let session_key = pair(name).public();
        let set = pallet_providers::Call::register { session_key, capacity: 4 };
        let serve = pallet_providers::Call::serve { model: MODEL, price: PRICE };
        let calls = batch(vec![
            RuntimeCall::Staking(bond),
            RuntimeCall::Providers(set),
            RuntimeCall::Providers(serve),
        ]);
        extrinsics.push(chain.signed(name, 0, calls));
    }
    let outcomes = chain.build(&extrinsics).outcomes;
    assert_eq!(outcomes, vec![Ok(Ok(())); extrinsics.len()]);
    let approved = approval(&chain, providers.first().expect("somebody serves"));
    assert_eq!(chain.build(&[approved]).outcomes, [Ok(Ok(()))]);
    chain
}

/// A provider's word that the model is what its card says.
fn approval(chain: &Chain, name: &str) -> UncheckedExtrinsic {
    let engine = EngineInfo {
        name: Text::truncated("onnxruntime"),
        version: Text::default(),
        device: Device::Cpu,
        settings: H256::zero(),
    };
    let report = ConformanceReport {
        genesis: chain.peek(InferenceJobs::genesis),
        model: MODEL,
        card: card().hash(),
        engine,
        verdict: Verdict::Conforms { outputs: outputs_hash(&[]) },
        provider: account(name),
    };
    let signature = pair(name).sign(&report.signing_payload());
    let call = pallet_model_registry::Call::report { report, signature };
    chain.signed(name, 1, RuntimeCall::ModelRegistry(call))
}

pub(super) fn submit(chain: &mut Chain, blocks: u32) -> H256 {
    let input = Blob::Inline(b"# Title".to_vec().try_into().expect("short"));
    let call = pallet_inference_jobs::Call::submit {
        model: MODEL,
        input,
        max_fee: 2 * PRICE,
        policy: Policy::Attested,
        blocks,
    };
    let extrinsic = chain.signed("Charlie", 0, RuntimeCall::InferenceJobs(call));
    assert_eq!(chain.build(&[extrinsic]).outcomes, [Ok(Ok(()))]);
    let genesis = chain.peek(InferenceJobs::genesis);
    job_id(&genesis, &account("Charlie"), 0)
}

pub(super) fn job(chain: &Chain, id: &H256) -> JobInfo {
    chain.peek(|| InferenceJobs::job(id)).expect("the job is kept")
}

fn held(chain: &Chain) -> u128 {
    chain.peek(|| Balances::reserved_balance(&account("Charlie")))
}

/// How many blocks it takes until a job has ended, and how many of its times ran out.
fn run_out(chain: &mut Chain, id: &H256) -> (u32, usize) {
    let mut timeouts = 0;
    for blocks in 1..=1_000 {
        chain.build(&[]);
        let is_timeout = |event: &RuntimeEvent| matches!(event, RuntimeEvent::InferenceJobs(Event::ProviderFailed { job, fault: Fault::Silent, .. }) if job == id);
        timeouts += chain
            .peek(|| System::events().iter().filter(|record| is_timeout(&record.event)).count());
        if !matches!(job(chain, id).status, JobStatus::Queued | JobStatus::Assigned { .. }) {
            return (blocks, timeouts);
        }
    }
    panic!("the job hangs: {:?}", job(chain, id));
}

#[test]
fn a_silent_providers_job_is_refunded_and_it_loses_stake() {
    let mut chain = market(&["Dave", "Eve"]);
    let id = submit(&mut chain, 1_000);
    assert_eq!(held(&chain), 2 * PRICE);
    let (blocks, timeouts) = run_out(&mut chain, &id);
    // Each had 40 blocks and the model's 30 seconds; then nobody is left, whatever the deadline.
    assert_eq!(timeouts, 2);
    assert!((2 * 100..=210).contains(&blocks), "{blocks}");
    let status = job(&chain, &id).status;
    assert!(
        matches!(status, JobStatus::Refunded { reason: RefundReason::NoResult, .. }),
        "{status:?}"
    );
    assert_eq!(held(&chain), 0, "the money went back");
    for name in ["Dave", "Eve"] {
        let left = chain.peek(|| <Staking as Stake>::active(&account(name), Role::Provider));
        assert_eq!(left, STAKE - CIT, "{name}");
    }
}

#[test]
fn a_job_that_is_out_of_time_does_not_wait_for_its_provider() {
    let mut chain = market(&["Dave"]);
    let id = submit(&mut chain, 50);
    let (blocks, timeouts) = run_out(&mut chain, &id);
    assert!(blocks <= 52, "{blocks}");
    assert_eq!(timeouts, 1);
    assert!(matches!(
        job(&chain, &id).status,
        JobStatus::Refunded { reason: RefundReason::NoResult, .. }
    ));
    assert_eq!(held(&chain), 0);
}
