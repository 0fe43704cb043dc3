use crate::{Events, UNIT, names, send, transfer};
use anyhow::{Context, Result};
use chain::{balances, runtime_types::citrate_runtime::RuntimeCall, transaction_payment, utility};
use citrate_client_tests::{Connection, Node, View, chain};
use subxt::{
    config::DefaultExtrinsicParamsBuilder,
    error::{DispatchError, TransactionEventsError, TransactionFinalizedSuccessError},
    tx::TransactionStatus,
    utils::AccountId32,
};
use subxt_signer::sr25519::{Keypair, dev};

fn id(key: &Keypair) -> AccountId32 {
    key.public_key().to_account_id()
}

async fn free(connection: &Connection, key: &Keypair) -> Result<u128> {
    let at = connection.api.at_current_block().await?;
    let account = at.storage().fetch(chain::storage().system().account(), (id(key),)).await?;
    Ok(account.decode()?.data.free)
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_batches_fees_and_refusals() -> Result<()> {
    let node = Node::start()?;
    for view in View::ALL {
        let connection = node.connect(view).await?;
        watched(&connection).await.with_context(|| format!("{view:?}"))?;
        failing(&connection).await.with_context(|| format!("{view:?}"))?;
        batches(&connection).await.with_context(|| format!("{view:?}"))?;
        refused(&connection).await.with_context(|| format!("{view:?}"))?;
        let method = match view {
            View::New | View::ChainHead => "transactionWatch_v1_submitAndWatch",
            View::Legacy => "author_submitAndWatchExtrinsic",
        };
        assert!(connection.has_called(method), "{view:?} submits by {method}");
    }
    Ok(())
}

/// A transfer goes through validation, a best block and a final block, and moves what it says.
/// Dave sends it: Alice is the author, who earns the fees.
async fn watched(connection: &Connection) -> Result<()> {
    let (dave, bob) = (dev::dave(), dev::bob());
    let (before, bobs) = (free(connection, &dave).await?, free(connection, &bob).await?);
    let at = connection.api.at_current_block().await?;
    let transfer = transfer(&bob, UNIT);
    let params = DefaultExtrinsicParamsBuilder::new().tip(UNIT / 100).build();
    let signed = at.tx().create_signed(&transfer, &dave, params).await?;
    assert!(signed.validate().await?.is_valid());
    let estimate = signed.partial_fee_estimate().await?;
    assert!(estimate > 0);

    let mut progress = signed.submit_and_watch().await?;
    let mut statuses = Vec::new();
    let mut best = None;
    let last = loop {
        match progress.next().await.context("the statuses end before finality")?? {
            TransactionStatus::Validated => statuses.push("validated"),
            TransactionStatus::InBestBlock(block) => {
                statuses.push("in a best block");
                best = Some(block);
            }
            TransactionStatus::InFinalizedBlock(block) => {
                statuses.push("final");
                break block;
            }
            TransactionStatus::Broadcasted => {}
            other => anyhow::bail!("unexpected: {other:?}"),
        }
    };
    assert_eq!(statuses, ["validated", "in a best block", "final"]);
    assert!(progress.next().await.is_none(), "nothing follows");
    // Read only now: statuses and followed blocks come by subscriptions of their own, and the first
    // may name a best block before `chainHead_v1` has pinned it for the second. A final one it has.
    let best = best.context("no best block")?.wait_for_success().await?;
    check_transfer(&best, UNIT / 100, estimate)?;
    let fee = check_transfer(&last.wait_for_success().await?, UNIT / 100, estimate)?;
    assert_eq!(free(connection, &bob).await?, bobs + UNIT);
    assert_eq!(free(connection, &dave).await?, before - UNIT - fee);
    Ok(())
}

/// The events of a transfer of one token from Dave to Bob; what it cost, the tip included.
fn check_transfer(events: &Events, tip: u128, estimate: u128) -> Result<u128> {
    let moved = events.find_first::<balances::events::Transfer>().context("no transfer")??;
    assert_eq!((moved.from, moved.to, moved.amount), (id(&dev::dave()), id(&dev::bob()), UNIT));
    let paid = events
        .find_first::<transaction_payment::events::TransactionFeePaid>()
        .context("no fee was paid")??;
    assert_eq!((paid.who, paid.tip), (id(&dev::dave()), tip));
    assert_eq!(paid.actual_fee, estimate + tip, "the estimate is without the tip");
    assert_eq!(names(events)?.last().map(String::as_str), Some("System.ExtrinsicSuccess"));
    Ok(paid.actual_fee)
}

/// A call that fails in its block: the error has its pallet's name and its own.
async fn failing(connection: &Connection) -> Result<()> {
    let alice = dev::alice();
    let at = connection.api.at_current_block().await?;
    let call = chain::tx().staking().chill();
    let progress = at.tx().sign_and_submit_then_watch_default(&call, &alice).await?;
    let block = progress.wait_for_finalized().await?;
    let error = block.wait_for_success().await.err().context("Alice has no bond to chill")?;
    let TransactionEventsError::ExtrinsicFailed(DispatchError::Module(error)) = error else {
        anyhow::bail!("no module's error: {error:?}");
    };
    assert_eq!(error.details_string(), "Staking::NotBonded");
    let events = block.fetch_events().await?;
    assert_eq!(names(&events)?.last().map(String::as_str), Some("System.ExtrinsicFailed"));
    assert!(events.has::<transaction_payment::events::TransactionFeePaid>(), "the fee is paid");

    let call = transfer(&alice, u128::MAX / 2);
    let progress = at.tx().sign_and_submit_then_watch_default(&call, &dev::bob()).await?;
    let error = progress.wait_for_finalized_success().await.err().context("too much")?;
    assert!(
        matches!(error, TransactionFinalizedSuccessError::SuccessError(_)),
        "it fails in its block: {error:?}"
    );
    let text = error.to_string();
    assert!(
        text.contains("InsufficientBalance") || text.contains("Funds are unavailable"),
        "{text}"
    );
    Ok(())
}

/// A batch reports each call; one that fails interrupts it, or undoes all of it.
async fn batches(connection: &Connection) -> Result<()> {
    use chain::runtime_types::{
        pallet_balances::pallet as balances, pallet_system::pallet as system,
    };
    let bob = dev::bob();
    let pay = |value| {
        let dest = id(&bob).into();
        RuntimeCall::Balances(balances::Call::transfer_keep_alive { dest, value })
    };
    let remark = RuntimeCall::System(system::Call::remark_with_event { remark: b"note".to_vec() });
    let call = chain::tx().utility().batch(vec![pay(UNIT), remark.clone()]);
    let events = send(connection, &call, &dev::charlie()).await?;
    assert_eq!(events.find::<utility::events::ItemCompleted>().count(), 2);
    assert!(events.has::<utility::events::BatchCompleted>());
    let remarked =
        events.find_first::<chain::system::events::Remarked>().context("no remark")??;
    assert_eq!(remarked.sender, id(&dev::charlie()));

    let failing = vec![pay(UNIT), pay(u128::MAX / 2), remark];
    let call = chain::tx().utility().batch(failing.clone());
    let events = send(connection, &call, &dev::charlie()).await?;
    let stopped =
        events.find_first::<utility::events::BatchInterrupted>().context("it stops")??;
    assert_eq!(stopped.index, 1);
    assert!(!events.has::<chain::system::events::Remarked>());
    let before = free(connection, &bob).await?;
    let undone = send(connection, &chain::tx().utility().batch_all(failing), &dev::charlie()).await;
    assert!(undone.is_err());
    assert_eq!(free(connection, &bob).await?, before);
    Ok(())
}

/// What the pool does not take comes back with the reason.
async fn refused(connection: &Connection) -> Result<()> {
    let at = connection.api.at_current_block().await?;
    let call = transfer(&dev::bob(), UNIT);
    let params = DefaultExtrinsicParamsBuilder::new().nonce(0).build();
    let stale = at.tx().create_signed(&call, &dev::dave(), params).await?;
    assert!(!stale.validate().await?.is_valid());
    let reason = refusal(stale.submit_and_watch().await).await?;
    assert!(reason.contains("outdated"), "{reason}");
    let garbage = at.tx().from_bytes(vec![0x10, 0x84, 0, 0, 0]);
    let reason = refusal(garbage.submit_and_watch().await).await?;
    assert!(!reason.is_empty());
    Ok(())
}

type Progress = subxt::tx::TransactionProgress<
    subxt::SubstrateConfig,
    subxt::client::OnlineClientAtBlockImpl<subxt::SubstrateConfig>,
>;

/// The old methods refuse at once, the new ones by a status.
async fn refusal(submitted: Result<Progress, subxt::error::ExtrinsicError>) -> Result<String> {
    Ok(match submitted {
        Err(error) => format!("{error:?}"),
        Ok(progress) => {
            let error = progress.wait_for_finalized().await.err().context("it was accepted")?;
            error.to_string()
        }
    })
}
