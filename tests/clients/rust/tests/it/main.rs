//! subxt, unmodified, against a node of each test's own.

mod blocks;
mod job;
mod metadata;
mod proof;
mod reads;
mod transactions;
mod upgrade;

use anyhow::{Context, Result};
use citrate_client_tests::{Connection, chain};
use subxt::{OnlineClientAtBlock, SubstrateConfig, extrinsics::ExtrinsicEvents, tx::Payload};
use subxt_signer::sr25519::Keypair;

type AtBlock = OnlineClientAtBlock<SubstrateConfig>;
type Events = ExtrinsicEvents<SubstrateConfig>;

/// One token.
const UNIT: u128 = 1_000_000_000_000;

/// Waits for a final block of at least this number; it comes with its parent.
///
/// `chainHead_v1` answers about pinned blocks only, and subxt keeps those pinned that one holds.
async fn finalized(connection: &Connection, number: u64) -> Result<(AtBlock, AtBlock)> {
    let mut blocks = connection.api.stream_blocks().await?;
    let mut parent = None;
    loop {
        let block = blocks.next().await.context("the stream ended")??;
        let at = block.at().await?;
        match parent {
            Some(parent) if block.number() >= number => return Ok((parent, at)),
            _ => parent = Some(at),
        }
    }
}

/// Sends a call and waits until it has succeeded in a final block.
async fn send(connection: &Connection, call: &impl Payload, signer: &Keypair) -> Result<Events> {
    let at = connection.api.at_current_block().await?;
    let progress = at.tx().sign_and_submit_then_watch_default(call, signer).await?;
    Ok(progress.wait_for_finalized_success().await?)
}

/// `Pallet.Event` of each event, in order.
fn names(events: &Events) -> Result<Vec<String>> {
    let name = |event: Result<subxt::events::Event<'_, SubstrateConfig>, _>| {
        let event = event?;
        Ok(format!("{}.{}", event.pallet_name(), event.event_name()))
    };
    events.iter().map(name).collect()
}

/// A transfer from whoever signs it.
fn transfer(to: &Keypair, value: u128) -> impl Payload + use<> {
    let to = to.public_key().to_account_id().into();
    chain::tx().balances().transfer_keep_alive(to, value)
}
