use anyhow::{Context, Result};
use citrate_client_tests::{Connection, Node, View, chain};
use subxt::{
    SubstrateConfig,
    client::{Block, Blocks},
    config::substrate::DigestItem,
    rpcs::rpc_params,
};

/// Blocks that each stream is followed for.
const BLOCKS: u64 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn best_and_final_blocks_come_in_order_without_gaps() -> Result<()> {
    let node = Node::start()?;
    for view in View::ALL {
        let connection = node.connect(view).await?;
        let api = &connection.api;
        follow(&node, api.stream_blocks().await?).await.with_context(|| format!("{view:?}"))?;
        follow(&node, api.stream_best_blocks().await?)
            .await
            .with_context(|| format!("{view:?}"))?;
        follow(&node, api.stream_all_blocks().await?).await.with_context(|| format!("{view:?}"))?;
        follows(&connection, view);
    }
    Ok(())
}

/// Follows a stream for some blocks that come after it was opened.
async fn follow(node: &Node, mut stream: Blocks<SubstrateConfig>) -> Result<()> {
    // A stream starts with what there is already, and subxt opens some when they are first read.
    stream.next().await.context("the stream ended")??;
    let rpc = node.rpc().await?;
    let header: serde_json::Value = rpc.request("chain_getHeader", rpc_params![]).await?;
    let digits = header["number"].as_str().and_then(|text| text.strip_prefix("0x"));
    let mut expected = u64::from_str_radix(digits.context("a number in hex")?, 16)? + 1;
    let end = expected + BLOCKS;
    let mut last: Option<Block<SubstrateConfig>> = None;
    while expected < end {
        let block = stream.next().await.context("the stream ended")??;
        if last.is_none() && block.number() < expected {
            continue;
        }
        assert_eq!(block.number(), expected);
        if let Some(last) = last {
            assert_eq!(block.header().parent_hash, last.hash());
        }
        last = Some(block);
        expected += 1;
    }
    body(&last.context("there were blocks")?).await
}

/// A block's extrinsics, their events and its digest decode.
async fn body(block: &Block<SubstrateConfig>) -> Result<()> {
    let at = block.at().await?;
    assert_eq!(at.block_hash(), block.hash());
    let logs = &block.header().digest.logs;
    assert!(matches!(logs.first(), Some(DigestItem::PreRuntime(engine, _)) if engine == b"gdag"));
    assert!(matches!(logs.last(), Some(DigestItem::Seal(engine, _)) if engine == b"gdag"));
    let extrinsics = at.extrinsics().fetch().await?;
    let set =
        extrinsics.find_first::<chain::timestamp::calls::Set>().context("no time is set")??;
    let now = at.storage().fetch(chain::storage().timestamp().now(), ()).await?.decode()?;
    assert_eq!(set.now, now);
    let first = extrinsics.iter().next().context("no extrinsic")??;
    assert!(!first.is_signed());
    assert!(first.events().await?.has::<chain::system::events::ExtrinsicSuccess>());
    Ok(())
}

fn follows(connection: &Connection, view: View) {
    let methods: &[&str] = match view {
        View::New | View::ChainHead => &["chainHead_v1_follow"],
        View::Legacy => {
            &["chain_subscribeFinalizedHeads", "chain_subscribeNewHeads", "chain_subscribeAllHeads"]
        }
    };
    for method in methods {
        assert!(connection.has_called(method), "{view:?} follows by {method}");
    }
}
