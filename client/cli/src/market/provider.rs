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
        ProviderCommand::Start { stake, capacity, model, price, wait } => {
            let models = model.iter().map(|name| Ok(session.find_model(name)?.hash));
            let models = models.collect::<Result<Vec<_>>>()?;
            start(&session, stake, capacity, &models, price)?;
            for model in &models {
                wait_active(&session, model, Duration::from_secs(wait.into()))?;
            }
        }
        ProviderCommand::Unserve { model } => unserve(&session, &model)?,
        ProviderCommand::Chill => say(&session, "chill")?,
        ProviderCommand::Activate => say(&session, "activate")?,
        ProviderCommand::Ls => {
            for provider in inference_api::providers(&session.node, None::<AccountId32>, LIST_MAX)?
            {
                let about = format!(
                    "  {}  {} models, {}/{} jobs, {} done, {} failed, {} wrong{}",
                    tokens(provider.stake),
                    provider.offers.len(),
                    provider.assigned,
                    provider.capacity,
                    provider.completed,
                    provider.failed,
                    provider.wrong,
                    match (provider.active, provider.stake) {
                        (true, _) => "",
                        (false, 0) => ", chilled",
                        (false, _) => ", not heard of",
                    }
                );
                row(&provider.account.to_string(), &about);
            }
        }
        ProviderCommand::Show { account } => {
            show(&session, account.unwrap_or_else(|| session.signer.account()))?;
        }
    }
    Ok(())
}

fn unserve(session: &Session, model: &str) -> Result<()> {
    let Session { runtime, signer, node } = session;
    let model = session.find_model(model)?;
    let call = runtime.call("Providers", "unserve", &model.hash.encode())?;
    let accepted = signer.send(node, runtime, &call)?;
    row("model unserved", &format!("{}, block {}", model.card.name, accepted.number));
    Ok(())
}

fn show(session: &Session, account: AccountId32) -> Result<()> {
    row("account", &account.to_string());
    if let Some(provider) = inference_api::provider(&session.node, account.clone())? {
        let (stake, at_risk) = (tokens(provider.stake), tokens(provider.at_risk));
        row("stake", &format!("{stake}, of which {at_risk} answer for what is not settled"));
        row("jobs", &format!("{} of {}", provider.assigned, provider.capacity));
        let record = (provider.completed, provider.failed, provider.wrong);
        row("record", &format!("{} done, {} failed, {} wrong", record.0, record.1, record.2));
        for offer in provider.offers {
            row("serves", &format!("{:?}", offer.model));
            row("", &format!("at {} or the model's own price", tokens(offer.price)));
        }
    }
    let income = inference_api::income(&session.node, account)?;
    for (name, earned, what) in [
        ("earned", income.as_provider, "results"),
        ("", income.as_owner, "jobs of its models"),
        ("", income.for_blocks, "blocks on the selected chain, and for those it merged"),
    ] {
        row(name, &format!("{} for {} {what}", tokens(earned.total), earned.count));
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

/// Sends a call of the signer's own about being a provider.
fn say(session: &Session, what: &str) -> Result<()> {
    let Session { runtime, signer, node } = session;
    let accepted = signer.send(node, runtime, &runtime.call("Staking", what, &[])?)?;
    row(&format!("provider {what}"), &format!("{}, block {}", signer.account(), accepted.number));
    Ok(())
}

/// Bonds, names the signer's own key as session key, and serves the models, at their own price where none is said, in one
/// batch; leaves out what was done before.
pub(crate) fn start(
    session: &Session,
    stake: u128,
    capacity: u32,
    models: &[H256],
    price: Option<u128>,
) -> Result<()> {
    let Session { runtime, signer, node } = session;
    let known = inference_api::provider(node, signer.account())?;
    let (bonded, served) = known.map(|known| (known.stake, known.offers)).unwrap_or_default();
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
    calls.push(runtime.call("Providers", "register", &arguments)?);
    for model in models {
        let asked = served.iter().find(|offer| offer.model == *model).map(|offer| offer.price);
        if asked.is_none() || price.is_some() && asked != price {
            let arguments = (model, Compact(price.unwrap_or_default())).encode();
            calls.push(runtime.call("Providers", "serve", &arguments)?);
        }
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
