use crate::{UNIT, names, send, transfer};
use anyhow::{Context, Result};
use citrate_client_tests::{METADATA, Node, View, chain};
use codec::Decode;
use subxt::{Metadata, rpcs::LegacyRpcMethods};
use subxt::{SubstrateConfig, config::RpcConfigFor};
use subxt_signer::sr25519::dev;

/// The newest version of the metadata that the node has.
const NEWEST: u32 = 16;

/// The types of [`chain`] are those of the node. Documentation may differ.
#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_that_types_are_made_of_is_the_nodes() -> Result<()> {
    let node = Node::start()?;
    if std::env::var_os("BLESS").is_some() {
        return bless(&node).await;
    }
    let golden = Metadata::decode(&mut &METADATA[..])?.hasher().hash();
    for view in View::ALL {
        let at = node.connect(view).await?.api.at_current_block().await?;
        let own = at.metadata_ref().hasher().hash();
        assert_eq!(golden, own, "{view:?}: see `src/lib.rs` for how to write metadata.scale anew");
        assert!(chain::is_codegen_valid_for(at.metadata_ref()));
    }
    Ok(())
}

async fn bless(node: &Node) -> Result<()> {
    let methods = LegacyRpcMethods::<RpcConfigFor<SubstrateConfig>>::new(node.rpc().await?);
    let version = codec::Encode::encode(&NEWEST);
    let method = "Metadata_metadata_at_version";
    let answer = methods.state_call(method, Some(&version), None).await?;
    let metadata = Option::<Vec<u8>>::decode(&mut &answer[..])?.context("no such version")?;
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/metadata.scale"), metadata)?;
    Ok(())
}

/// Older versions of the metadata serve for the same work.
#[tokio::test(flavor = "multi_thread")]
async fn older_versions_of_the_metadata_serve_too() -> Result<()> {
    let node = Node::start()?;
    for version in [14, 15, NEWEST] {
        let connection = node.connect_with_metadata(version).await?;
        let at = connection.api.at_current_block().await?;
        // Version 14 does not describe runtime APIs, so that their absence tells what was read.
        assert_eq!(at.metadata_ref().runtime_api_traits().count() == 0, version == 14);
        let deposit = at.constants().entry(chain::constants().balances().existential_deposit())?;
        assert_eq!(deposit, UNIT / 1_000, "{version}");
        let events = send(&connection, &transfer(&dev::bob(), UNIT), &dev::alice()).await?;
        let names = names(&events)?;
        assert!(names.iter().any(|name| name == "Balances.Transfer"), "{version}: {names:?}");
        assert_eq!(names.last().map(String::as_str), Some("System.ExtrinsicSuccess"), "{version}");
    }
    Ok(())
}
