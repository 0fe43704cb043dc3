use crate::{AtBlock, UNIT, finalized, send};
use anyhow::{Context, Result};
use chain::runtime_types::citrate_runtime::RuntimeCall;
use citrate_client_tests::{Connection, Node, View, chain};
use std::collections::BTreeMap;
use subxt::utils::AccountId32;
use subxt_signer::sr25519::dev;

/// More accounts than a page of any method that lists them holds.
const ACCOUNTS: u16 = 300;

fn account(number: u16) -> AccountId32 {
    let mut id = [7; 32];
    id[..2].copy_from_slice(&number.to_be_bytes());
    AccountId32(id)
}

/// One batch that makes many accounts; the number of a final block that has them.
async fn make_accounts(connection: &Connection) -> Result<u64> {
    use chain::runtime_types::pallet_balances::pallet::Call;
    let calls = (0..ACCOUNTS).map(|number| {
        let dest = account(number).into();
        RuntimeCall::Balances(Call::transfer_allow_death { dest, value: UNIT })
    });
    send(connection, &chain::tx().utility().batch_all(calls.collect()), &dev::alice()).await?;
    Ok(connection.api.at_current_block().await?.block_number())
}

#[tokio::test(flavor = "multi_thread")]
async fn constants_storage_maps_and_runtime_calls() -> Result<()> {
    let node = Node::start()?;
    let made = make_accounts(&node.connect(View::New).await?).await?;
    for view in View::ALL {
        let connection = node.connect(view).await?;
        let (parent, at) = finalized(&connection, made + 1).await?;
        constants(&at)?;
        values(&at).await.with_context(|| format!("{view:?}"))?;
        map(&at).await.with_context(|| format!("{view:?}"))?;
        calls(&at).await.with_context(|| format!("{view:?}"))?;
        history(&connection, &parent, &at, view).await.with_context(|| format!("{view:?}"))?;
        let method = match view {
            View::New => "archive_v1_storage",
            View::ChainHead => "chainHead_v1_storage",
            View::Legacy => "state_getStorage",
        };
        assert!(connection.has_called(method), "{view:?} reads by {method}");
    }
    Ok(())
}

fn constants(at: &AtBlock) -> Result<()> {
    let constants = at.constants();
    let deposit = constants.entry(chain::constants().balances().existential_deposit())?;
    assert_eq!(deposit, UNIT / 1_000);
    assert_eq!(constants.entry(chain::constants().system().ss58_prefix())?, 42);
    let version = constants.entry(chain::constants().system().version())?;
    assert_eq!((&*version.spec_name, version.spec_version), ("citrate", at.spec_version()));
    Ok(())
}

async fn values(at: &AtBlock) -> Result<()> {
    let storage = at.storage();
    let number = storage.fetch(chain::storage().system().number(), ()).await?.decode()?;
    assert_eq!(u64::from(number), at.block_number());
    let accounts = storage.entry(chain::storage().system().account())?;
    let bob = accounts.fetch((dev::bob().public_key().to_account_id(),)).await?.decode()?;
    assert!(bob.data.free > UNIT);
    let nobody = AccountId32([9; 32]);
    assert_eq!(accounts.fetch((nobody,)).await?.decode()?.data.free, 0, "the default value");
    let code = storage.runtime_wasm_code().await?;
    assert!(code.len() > 100_000, "a value of {} bytes", code.len());
    Ok(())
}

async fn map(at: &AtBlock) -> Result<()> {
    let mut found = BTreeMap::new();
    let mut entries = at.storage().iter(chain::storage().system().account(), ()).await?;
    while let Some(entry) = entries.next().await {
        let entry = entry?;
        let (id,) = entry.key()?.decode()?;
        let is_new = found.insert(id.0, entry.value().decode()?.data).is_none();
        assert!(is_new, "{id} comes twice");
    }
    for number in 0..ACCOUNTS {
        assert_eq!(found.get(&account(number).0).map(|data| data.free), Some(UNIT), "{number}");
    }
    let issued = at.storage().fetch(chain::storage().balances().total_issuance(), ()).await?;
    let sum: u128 = found.values().map(|data| data.free + data.reserved).sum();
    assert_eq!(sum, issued.decode()?, "all accounts are there");
    Ok(())
}

async fn calls(at: &AtBlock) -> Result<()> {
    let alice = dev::alice().public_key().to_account_id();
    let call = chain::runtime_apis().account_nonce_api().account_nonce(alice);
    assert_eq!(at.runtime_apis().call(call).await?, 1, "of the batch");
    assert_eq!(at.tx().account_nonce(&alice).await?, 1);
    let version = at.runtime_apis().call(chain::runtime_apis().core().version()).await?;
    assert_eq!(version.spec_version, at.spec_version());
    let call = chain::runtime_apis().transaction_payment_api().query_length_to_fee(1_000);
    assert!(at.runtime_apis().call(call).await? > 0);
    Ok(())
}

/// The state of a block is its own, whatever came after.
async fn history(
    connection: &Connection,
    parent: &AtBlock,
    at: &AtBlock,
    view: View,
) -> Result<()> {
    assert_eq!(at.block_header().await?.parent_hash, parent.block_hash());
    assert_eq!(parent.block_number() + 1, at.block_number());
    values(parent).await?;
    if view == View::ChainHead {
        // `chainHead_v1` knows blocks by their hashes only, and only those that are pinned.
        return Ok(());
    }
    let genesis = connection.api.at_block(0u32).await?;
    assert_eq!(Some(genesis.block_hash()), genesis.genesis_hash());
    let accounts = genesis.storage().entry(chain::storage().system().account())?;
    assert!(
        accounts.fetch((dev::bob().public_key().to_account_id(),)).await?.decode()?.data.free
            > UNIT
    );
    assert_eq!(accounts.fetch((account(0),)).await?.decode()?.data.free, 0, "made later");
    assert!(connection.api.at_block(u32::MAX).await.is_err(), "no such block");
    Ok(())
}
