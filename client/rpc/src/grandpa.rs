//! `grandpa_*`: rounds of votes, justifications and proofs of finality.

use std::sync::Arc;

use citrate_core::ss58;
use citrate_finality::{PhaseVotes, RoundReport, RoundVotes};
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::context::Context;
use crate::deps::FinalitySource;
use crate::error::{Answer, finality_not_provable, finality_not_ready, invalid_params};
use crate::feed::{Ended, Feed};
use crate::params::{Args, hex_string};
use crate::registry::{Policy, Registry};

/// The prefix of addresses where the chain names none.
const DEFAULT_PREFIX: u16 = 42;

pub(crate) fn register(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["grandpa_roundState"], safe, |context, _| {
        let report = source(context)?.round_state().ok_or_else(finality_not_ready)?;
        Ok(round_state(&report, prefix(context)))
    });
    registry.method(&["grandpa_proveFinality"], safe, prove_finality);
    registry.subscription(
        &["grandpa_subscribeJustifications"],
        "grandpa_justifications",
        &["grandpa_unsubscribeJustifications"],
        safe,
        subscribe_justifications,
    );
}

/// Finality, unless this node does not follow it.
fn source(context: &Context) -> Result<&Arc<dyn FinalitySource>, ErrorObjectOwned> {
    context.finality.as_ref().ok_or_else(finality_not_ready)
}

fn prefix(context: &Context) -> u16 {
    let format = context.info.properties.get("ss58Format").and_then(Value::as_u64);
    format.and_then(|format| u16::try_from(format).ok()).unwrap_or(DEFAULT_PREFIX)
}

fn round_state(report: &RoundReport, prefix: u16) -> Value {
    let phase = |phase: &PhaseVotes| {
        let missing: Vec<_> = phase.missing.iter().map(|id| ss58::encode(&id.0, prefix)).collect();
        json!({ "currentWeight": phase.current_weight, "missing": missing })
    };
    let round = |votes: &RoundVotes| {
        json!({
            "round": votes.round,
            "totalWeight": votes.total_weight,
            "thresholdWeight": votes.threshold_weight,
            "prevotes": phase(&votes.prevotes),
            "precommits": phase(&votes.precommits),
        })
    };
    json!({
        "setId": report.set_id,
        "best": round(&report.best),
        "background": report.background.iter().map(round).collect::<Vec<_>>(),
    })
}

/// The encoded proof, or null for a block that is not final.
fn prove_finality(context: &Context, args: &Args) -> Answer {
    let number = args.number(0, "block")?;
    let number = u32::try_from(number).map_err(|_large| invalid_params("block: too large"))?;
    let proof = source(context)?.prove_finality(number).map_err(finality_not_provable)?;
    Ok(proof.map_or(Value::Null, |proof| json!(hex_string(proof))))
}

/// The justification of each block that this node makes final itself, from now on.
async fn subscribe_justifications(
    context: Arc<Context>,
    _args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let mut justifications = match source(&context) {
        Ok(source) => source.justifications(),
        Err(error) => {
            pending.reject(error).await;
            return Ok(());
        }
    };
    let feed = Feed::accept(pending, &context).await?;
    loop {
        let justification = tokio::select! {
            justification = justifications.recv() => justification,
            () = feed.closed() => return Err(Ended::Closed),
        };
        match justification {
            Ok(justification) => feed.send(&hex_string(justification)).await?,
            Err(broadcast::error::RecvError::Lagged(_)) => return Err(Ended::Slow),
            Err(broadcast::error::RecvError::Closed) => return Err(Ended::Closed),
        }
    }
}
