//! A provider that does not run its models, on a real chain.

use citrate_core::{AccountId32, H256};
use citrate_inference_types::{
    AssignedJob, ConformanceReport, Counters, DType, Device, EngineInfo, JobId, ModelCard, Payload,
    RECEIPT_VERSION, Receipt, Stage, Tensor, Tensors, Text, Verdict, content_hash, outputs_hash,
};
use codec::{Decode, Encode};
use serde_json::json;
use std::collections::BTreeSet;

use super::node::Node;
use crate::transaction::{Wallet, account, nonce, pair};

/// The pallet and its calls by index, as the metadata has them.
pub(super) const JOBS: u8 = 9;
const SUBMIT_RECEIPT: u8 = 2;
const REGISTRY: u8 = 8;
const REPORT: u8 = 10;
const COMMIT: u8 = 4;
const REVEAL: u8 = 5;

/// What it says that it runs models with.
fn engine() -> EngineInfo {
    EngineInfo {
        name: Text::truncated("none"),
        version: Text::truncated("0"),
        device: Device::Cpu,
        settings: H256::zero(),
    }
}

/// Signs with an account, whose transactions nobody else makes.
pub(super) struct Signer {
    name: String,
    wallet: Wallet,
    nonce: u32,
}

impl Signer {
    pub(super) fn new(node: &Node, name: &str) -> Self {
        let wallet = Wallet::of(|method, params| node.rpc(method, params));
        let next = node.rpc("system_accountNextIndex", json!([account(name).to_string()]));
        let nonce = u32::try_from(next.as_u64().unwrap()).unwrap();
        Self { name: name.to_owned(), wallet, nonce }
    }

    pub(super) fn account(&self) -> AccountId32 {
        account(&self.name)
    }

    /// Sends a call, without waiting for it.
    pub(super) fn send(&mut self, node: &Node, call: &[u8]) {
        let signed = self.wallet.sign(&self.name, call, nonce(self.nonce));
        node.rpc("author_submitExtrinsic", json!([signed]));
        self.nonce += 1;
    }
}

/// A provider whose account is its session key too.
pub(super) struct Liar {
    signer: Signer,
    /// What it has answered: the job, the attempt, and whether that was a reveal.
    answered: BTreeSet<(JobId, u32, bool)>,
}

impl Liar {
    pub(super) fn new(node: &Node, name: &str) -> Self {
        Self { signer: Signer::new(node, name), answered: BTreeSet::new() }
    }

    pub(super) fn account(&self) -> AccountId32 {
        self.signer.account()
    }

    /// Says of a model, which it has not run, that it is what its card says.
    pub(super) fn vouch(&mut self, node: &Node, model: H256) {
        let card = node.rpc("inference_model", json!([model]))["card"].take();
        let card: ModelCard = serde_json::from_value(card).unwrap();
        let report = ConformanceReport {
            genesis: self.signer.wallet.genesis(),
            model,
            card: card.hash(),
            engine: engine(),
            verdict: Verdict::Conforms { outputs: outputs_hash(&[]) },
            provider: self.account(),
        };
        let signature = pair(&self.signer.name).sign(&report.signing_payload());
        self.signer.send(node, &(REGISTRY, REPORT, report, signature).encode());
    }

    /// Answers the jobs that it has, with scores of its own invention; says how many.
    pub(super) fn lie(&mut self, node: &Node) -> usize {
        let arguments = format!("0x{}", hex::encode(self.account().encode()));
        let jobs = node.rpc("state_call", json!(["InferenceApi_assigned_jobs", arguments]));
        let jobs = hex::decode(jobs.as_str().unwrap().trim_start_matches("0x")).unwrap();
        let jobs = <Vec<AssignedJob>>::decode(&mut jobs.as_slice()).unwrap();
        let mut count = 0;
        for job in jobs {
            let is_reveal = matches!(job.stage, Stage::Reveal { .. });
            if self.answered.insert((job.id, job.attempt, is_reveal)) {
                let call = self.answer(&job);
                self.signer.send(node, &call);
                count += 1;
            }
        }
        count
    }

    /// Its answer to everything.
    pub(super) fn output() -> Vec<u8> {
        let data = std::iter::once(1.0f32).chain(std::iter::repeat_n(0.0, 213));
        let data = data.flat_map(f32::to_le_bytes).collect();
        let tensor = Tensor::try_new(DType::F32, vec![1, 214], data).unwrap();
        Tensors::single("target_label", tensor).unwrap().encode()
    }

    fn answer(&self, job: &AssignedJob) -> Vec<u8> {
        let receipt = Receipt {
            version: RECEIPT_VERSION,
            genesis: self.signer.wallet.genesis(),
            job: job.id,
            attempt: job.attempt,
            model: job.model,
            input: job.input.hash(),
            output: content_hash(&Self::output()),
            digest: None,
            engine: engine(),
            counters: Counters::default(),
            provider: self.account(),
        };
        let signature = pair(&self.signer.name).sign(&receipt.signing_payload());
        let (output, salt) = (Payload::Inline(Self::output()), H256::zero());
        match job.stage {
            Stage::Deliver => (JOBS, SUBMIT_RECEIPT, job.id, receipt, output, signature).encode(),
            Stage::Commit => {
                (JOBS, COMMIT, job.id, job.attempt, receipt.commitment(&salt)).encode()
            }
            Stage::Reveal { .. } => {
                (JOBS, REVEAL, job.id, receipt, output, salt, signature).encode()
            }
        }
    }
}
