//! `citrate attestation`.

use super::{heading, row};
use crate::output;
use crate::remote::Node;
use anyhow::{Context, Result, bail, ensure};
use citrate_api::inference_api;
use citrate_bls::Key;
use citrate_core::{AccountId32, H256, bls};
use citrate_inference_types::{Attestation, JobStatus, Payload, content_hash};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Which attestation.
#[derive(Args, Debug)]
pub(crate) struct AttestationArgs {
    /// URL of a node's JSON-RPC over HTTP.
    #[arg(long, default_value = "http://127.0.0.1:9944", env = "CITRATE_NODE")]
    node: String,
    /// The job, by its id.
    job: H256,
    /// Check the attestation in this file, as `inference_attestation` gave it, instead of the chain's.
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Print the attestation as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn execute(args: &AttestationArgs) -> Result<()> {
    let node = Node::new(&args.node);
    let attestation = match &args.file {
        Some(file) => {
            let text = std::fs::read(file).with_context(|| file.display().to_string())?;
            serde_json::from_slice(&text).with_context(|| file.display().to_string())?
        }
        None => inference_api::attestation(&node, args.job)?
            .with_context(|| format!("nobody attests job {:?}, or not yet", args.job))?,
    };
    check_signature(&attestation)?;
    check_statement(&node, args.job, &attestation)?;
    let mut signers = Vec::new();
    for (account, key) in &attestation.signers {
        let registered = inference_api::attestation_key(&node, account.clone())?;
        signers.push((account, registered == Some(*key)));
    }
    if args.json {
        output::line(&json!(attestation).to_string());
        return Ok(());
    }
    heading();
    row("job", &format!("{:?}", attestation.statement.job));
    row("result", &format!("{:?}", attestation.statement.output));
    for (account, is_registered) in signers {
        let note = if is_registered { "" } else { ", whose key is another one now" };
        row("signed by", &format!("{account}{note}"));
    }
    row("signature", "true, checked here");
    Ok(())
}

/// Checks the signature by the keys in the attestation, trusting nobody.
fn check_signature(attestation: &Attestation) -> Result<()> {
    let key = |(account, key): &(AccountId32, bls::Public)| {
        Key::try_new(key).with_context(|| format!("the key of {account}"))
    };
    let keys = attestation.signers.iter().map(key).collect::<Result<Vec<Key>>>()?;
    let payload = attestation.statement.signing_payload();
    citrate_bls::verify_aggregate(&keys, &payload, &attestation.signature)
        .context("the attestation is not true")
}

/// Checks that it is about this chain's job and its result, and signed by those who gave it.
fn check_statement(node: &Node, id: H256, attestation: &Attestation) -> Result<()> {
    let statement = &attestation.statement;
    ensure!(statement.genesis == node.block_hash(Some(0))?, "it is of another chain");
    ensure!(statement.job == id, "it is of job {:?}", statement.job);
    let job = inference_api::job(node, id)?.context("the chain has forgotten the job")?;
    let JobStatus::Settled { provider, confirmed_by, output, .. } = job.status else {
        bail!("the job is not settled");
    };
    let hash = match &output {
        Payload::Inline(bytes) => content_hash(bytes),
        Payload::Content { hash, .. } | Payload::Digested { hash, .. } => *hash,
    };
    ensure!(statement.output == hash, "it is of another result: the job's is {hash:?}");
    ensure!(statement.attempt == job.attempt, "it is of attempt {}", statement.attempt);
    let mut seen: Vec<&AccountId32> = Vec::new();
    for (account, _) in &attestation.signers {
        let has_given = *account == provider || confirmed_by.contains(account);
        ensure!(has_given, "{account} has not given this result");
        ensure!(!seen.contains(&account), "{account} is named twice");
        seen.push(account);
    }
    Ok(())
}
