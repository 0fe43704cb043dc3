use crate::{AtBlock, UNIT, names, send, transfer};
use anyhow::{Context, Result, ensure};
use chain::{
    runtime_types::{citrate_runtime::RuntimeCall, pallet_system, pallet_utility},
    sudo::events::Sudid,
    system::events::CodeUpdated,
};
use citrate_client_tests::{Connection, Node, View, chain};
use citrate_wasm_builder::WasmBuilder;
use std::path::Path;
use subxt::{
    SubstrateConfig,
    client::Blocks,
    config::{RpcConfigFor, substrate::DigestItem},
    rpcs::{
        ChainHeadRpcMethods, LegacyRpcMethods,
        methods::chain_head::{FollowEvent, RuntimeEvent},
    },
    utils::H256,
};
use subxt_signer::sr25519::dev;

/// The existential deposit before the upgrade; afterwards it is twice as much.
const DEPOSIT: u128 = UNIT / 1_000;
/// Blocks within which an upgrade takes effect.
const BLOCKS: u64 = 100;

/// The runtime is replaced under connections that stay open, one of each view.
#[tokio::test(flavor = "multi_thread")]
async fn clients_see_an_upgrade_without_a_restart() -> Result<()> {
    let (code, worker) = (blob(&["upgraded"])?, blob(&["upgraded", "worker"])?);
    let node = Node::start()?;
    let mut watchers = Vec::new();
    for view in View::ALL {
        watchers.push(Watcher::new(node.connect(view).await?).await?);
    }
    let rpc = node.rpc().await?;
    let modern = ChainHeadRpcMethods::<RpcConfigFor<SubstrateConfig>>::new(rpc.clone());
    let mut follow = modern.chainhead_v1_follow(true).await?;
    let legacy = LegacyRpcMethods::<RpcConfigFor<SubstrateConfig>>::new(rpc);
    let mut versions = legacy.state_subscribe_runtime_version().await?;
    assert_eq!(versions.next().await.context("the version")??.spec_version, 100);

    let events = send(&watchers[0].connection, &both(&code, &worker), &dev::alice()).await?;
    let sudid = events.find_first::<Sudid>().context("no root call")??;
    assert!(sudid.sudo_result.is_ok(), "{:?}", sudid.sudo_result);
    assert!(events.has::<CodeUpdated>(), "{:?}", names(&events)?);

    // Whoever follows is told, by either kind of subscription.
    assert_eq!(versions.next().await.context("the version")??.spec_version, 101);
    let (announced, version) = loop {
        let event = follow.next().await.context("the stream ended")??;
        if let FollowEvent::NewBlock(event) = event
            && let Some(RuntimeEvent::Valid(runtime)) = event.new_runtime
        {
            break (event.block_hash, runtime.spec.spec_version);
        }
    };
    assert_eq!(version, 101);
    for (watcher, view) in watchers.into_iter().zip(View::ALL) {
        let upgraded = watcher.watch().await.with_context(|| format!("{view:?}"))?;
        assert_eq!(upgraded, announced, "{view:?}");
    }
    Ok(())
}

/// The compressed blob of the runtime with these features; built if it is not there.
fn blob(features: &[&str]) -> Result<Vec<u8>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../runtime/Cargo.toml");
    // The test itself is <target>/<profile>/deps/it.
    let test = std::env::current_exe()?;
    let target = test.ancestors().nth(3).context("a target folder")?;
    let builder = WasmBuilder::new(manifest.canonicalize()?).target_dir(target);
    let builder = features.iter().fold(builder, |builder, feature| builder.feature(feature));
    Ok(std::fs::read(builder.build()?.compressed)?)
}

/// A client from before the upgrade.
struct Watcher {
    connection: Connection,
    blocks: Blocks<SubstrateConfig>,
    before: AtBlock,
    /// What Dave had, who does nothing here.
    had: u128,
}

impl Watcher {
    async fn new(connection: Connection) -> Result<Self> {
        let before = connection.api.at_current_block().await?;
        assert_eq!(before.spec_version(), 100);
        check(&before, DEPOSIT)?;
        let had = free(&before).await?;
        let mut blocks = connection.api.stream_blocks().await?;
        // Read from now on: subxt opens some streams when they are first read.
        blocks.next().await.context("the stream ended")??;
        Ok(Self { connection, blocks, before, had })
    }

    /// Sees the upgrade and works on after it; the hash of the block that brought it.
    async fn watch(self) -> Result<H256> {
        let Self { connection, mut blocks, before, had } = self;
        let (upgraded, after) = switch(&mut blocks).await?;
        check(&after, 2 * DEPOSIT)?;
        // The first block of the new runtime migrates: each account got the deposit's growth.
        assert_eq!(free(&after).await?, had + DEPOSIT, "the migration ran once");
        let last = chain::storage().system().last_runtime_upgrade();
        let last = after.storage().fetch(last, ()).await?.decode()?;
        assert_eq!((last.spec_version, &*last.spec_name), (101, "citrate"));

        // What is signed for the new version is accepted; what came before reads as before.
        assert_eq!(connection.api.at_current_block().await?.spec_version(), 101);
        let events = send(&connection, &transfer(&dev::bob(), UNIT), &dev::charlie()).await?;
        assert_eq!(names(&events)?.last().map(String::as_str), Some("System.ExtrinsicSuccess"));
        assert_eq!(free(&before).await?, had);
        check(&before, DEPOSIT)?;
        Ok(upgraded)
    }
}

/// Both blobs in one call, as they belong together.
fn both(code: &[u8], worker: &[u8]) -> impl subxt::tx::Payload + use<> {
    use pallet_system::pallet::Call as System;
    let items = vec![(b":worker".to_vec(), worker.to_vec())];
    let calls = vec![
        RuntimeCall::System(System::set_storage { items }),
        RuntimeCall::System(System::set_code { code: code.to_vec() }),
    ];
    let batch = pallet_utility::pallet::Call::batch_all { calls };
    chain::tx().sudo().sudo(RuntimeCall::Utility(batch))
}

/// The hash of the final block that brings the new version, and a client at the block after it.
async fn switch(blocks: &mut Blocks<SubstrateConfig>) -> Result<(H256, AtBlock)> {
    let mut first = None;
    let mut upgraded: Option<H256> = None;
    loop {
        let block = blocks.next().await.context("the stream ended")??;
        let begin = *first.get_or_insert(block.number());
        ensure!(block.number() < begin + BLOCKS, "the version stays the same");
        let at = block.at().await?;
        if let Some(hash) = upgraded {
            assert_eq!(block.header().parent_hash, hash);
            assert_eq!(at.spec_version(), 101);
            return Ok((hash, at));
        }
        let logs = &block.header().digest.logs;
        let is_marked = logs.contains(&DigestItem::RuntimeEnvironmentUpdated);
        assert_eq!(is_marked, at.spec_version() == 101, "the header tells of the new code");
        upgraded = is_marked.then(|| block.hash());
    }
}

fn check(at: &AtBlock, deposit: u128) -> Result<()> {
    let constants = at.constants();
    let version = constants.entry(chain::constants().system().version())?;
    assert_eq!(version.spec_version, at.spec_version(), "metadata and runtime agree");
    assert_eq!(constants.entry(chain::constants().balances().existential_deposit())?, deposit);
    Ok(())
}

/// What Dave has, who does nothing here.
async fn free(at: &AtBlock) -> Result<u128> {
    let dave = dev::dave().public_key().to_account_id();
    let account = at.storage().fetch(chain::storage().system().account(), (dave,)).await?;
    Ok(account.decode()?.data.free)
}
