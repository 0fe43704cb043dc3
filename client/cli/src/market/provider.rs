//! `citrate provider`.

use super::{LIST_MAX, Session, row, tokens};
use crate::args::{ProviderCommand, RemoteArgs};
use anyhow::{Context, Result, bail};
use citrate_api::inference_api;
use citrate_core::{AccountId32, H256};
use citrate_inference_types::ModelStatus;
use codec::{Compact, Encode};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// The staking role of providers, by its index in `pallet_staking::Role`.
const ROLE_PROVIDER: u8 = 0;
/// How often the chain is asked whether a model is active.
const POLL: Duration = Duration::from_millis(200);

pub(crate) fn execute(remote: &RemoteArgs, command: ProviderCommand) -> Result<()> {
    let session = Session::open(&remote.node, &remote.signer)?;
    match command {
        ProviderCommand::Start { stake, capacity, model, wait } => {
            let models = model.iter().map(|name| Ok(session.find_model(name)?.hash));
            let models = models.collect::<Result<Vec<_>>>()?;
            start(&session, stake, capacity, &models)?;
            for model in &models {
                wait_active(&session, model, Duration::from_secs(wait.into()))?;
            }
        }
        ProviderCommand::Ls => {
            for provider in inference_api::providers(&session.node, None::<AccountId32>, LIST_MAX)?
            {
                let about = format!(
                    "  {}  {} models, {}/{} jobs, {} done, {} failed, {} wrong{}",
                    tokens(provider.stake),
                    provider.models.len(),
                    provider.assigned,
                    provider.capacity,
                    provider.completed,
                    provider.failed,
                    provider.wrong,
                    if provider.active { "" } else { ", chilled" }
                );
                row(&provider.account.to_string(), &about);
            }
        }
    }
    Ok(())
}

/// Waits for so long until a provider has found a model to be what its card says. Without a time to wait it says how things
/// stand.
///
/// # Errors
/// The signer's node has found that it is not, or nobody has found anything in time.
pub(super) fn wait_active(session: &Session, hash: &H256, patience: Duration) -> Result<()> {
    let until = Instant::now() + patience;
    let me = session.signer.account();
    loop {
        let model = inference_api::model(&session.node, *hash)?.context("the model is gone")?;
        let name = &model.card.name;
        let own = model.rejections.iter().find(|rejection| rejection.provider == me);
        match (model.status, own) {
            (ModelStatus::Active, _) => {
                let approval = model.approval.context("nobody has approved the model")?;
                row("model active", &format!("{name}, checked in block {}", approval.at));
                row("", &format!("by {}", approval.provider));
                return Ok(());
            }
            (ModelStatus::Deprecated, _) => bail!("{name} is deprecated"),
            (ModelStatus::Pending, Some(rejection)) => {
                bail!("{name} is not what its card says: {}", rejection.reason)
            }
            (ModelStatus::Pending, None) if patience.is_zero() => {
                row("model pending", &format!("{name}, until this provider's node has checked it"));
                return Ok(());
            }
            (ModelStatus::Pending, None) if Instant::now() >= until => bail!(
                "{name} is still pending after {} s: no provider has checked it (their logs say why)",
                patience.as_secs()
            ),
            (ModelStatus::Pending, None) => sleep(POLL),
        }
    }
}

/// Bonds, names the signer's own key as session key, and serves the models, in one batch; leaves out what was done
/// before.
pub(crate) fn start(session: &Session, stake: u128, capacity: u32, models: &[H256]) -> Result<()> {
    let Session { runtime, signer, node } = session;
    let known = inference_api::provider(node, signer.account())?;
    let (bonded, served) = known.map(|known| (known.stake, known.models)).unwrap_or_default();
    let mut calls = Vec::new();
    match stake.checked_sub(bonded) {
        Some(missing) if bonded > 0 && missing > 0 => {
            calls.push(runtime.call("Staking", "bond_extra", &Compact(missing).encode())?);
        }
        Some(missing) if missing > 0 => {
            let arguments = (ROLE_PROVIDER, Compact(missing)).encode();
            calls.push(runtime.call("Staking", "bond", &arguments)?);
        }
        _ => {}
    }
    let arguments = (signer.public(), capacity).encode();
    calls.push(runtime.call("InferenceJobs", "set_provider", &arguments)?);
    for model in models.iter().filter(|model| !served.contains(model)) {
        calls.push(runtime.call("InferenceJobs", "serve", &model.encode())?);
    }
    let mut batch = Compact(u32::try_from(calls.len())?).encode();
    batch.extend(calls.concat());
    let call = runtime.call("Utility", "batch_all", &batch)?;
    let accepted = signer.send(node, runtime, &call)?;
    let stake = tokens(stake.max(bonded));
    let about = format!("{}, {stake}, block {}", signer.account(), accepted.number);
    row("provider staked", &about);
    Ok(())
}
