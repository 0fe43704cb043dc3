//! `citrate demo`: the whole market once, on a development chain.

use super::{Session, heading, infer, infer::Order, input::Source, model, provider, row, tokens};
use crate::args::DemoArgs;
use anyhow::Result;
use citrate_inference_types::Policy;
use std::time::Duration;

/// One CIT.
const UNIT: u128 = 1_000_000_000_000;
/// Price of a run of the demo's model.
const PRICE: u128 = UNIT / 100;
/// The demo provider's stake.
const STAKE: u128 = 1_000 * UNIT;
/// Jobs that the demo's provider takes at once.
const CAPACITY: u32 = 4;
/// How long the demo's provider may take to check the model.
const CHECK_PATIENCE: Duration = Duration::from_secs(120);
/// Blocks within which the demo's result must come.
const BLOCKS: u32 = 100;

/// Bob owns the model, the signer (Alice) provides, Charlie buys.
pub(crate) fn execute(args: &DemoArgs) -> Result<()> {
    let url = &args.remote.node;
    heading();
    let owner = Session::open(url, "//Bob")?;
    let hash = match owner.find_model("magika") {
        Ok(found) => {
            model::registered(&found.card, &found.hash, found.registered_at);
            found.hash
        }
        Err(_) => model::register(&owner, &args.model, &model::read(&args.card)?, PRICE)?,
    };
    let serving = Session::open(url, &args.remote.signer)?;
    let account = serving.signer.account();
    match citrate_api::inference_api::provider(&serving.node, account)? {
        Some(found) if found.offers.iter().any(|offer| offer.model == hash) => {
            row("provider staked", &format!("{}, {}, before", found.account, tokens(found.stake)));
        }
        _ => provider::start(&serving, STAKE, CAPACITY, &[hash], None)?,
    }
    provider::wait_active(&serving, &hash, CHECK_PATIENCE)?;
    let buyer = Session::open(url, "//Charlie")?;
    let model = buyer.find_model(&format!("{hash:?}"))?;
    let max_fee = model.price.saturating_add(model.access.fee());
    let order = Order { max_fee, policy: Policy::Attested, blocks: BLOCKS };
    let source = Source::File(&args.file);
    infer::print(&infer::buy(&buyer, &model, &[source], &order)?);
    Ok(())
}
