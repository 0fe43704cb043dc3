use crate::finalized;
use anyhow::{Context, Result};
use citrate_client_tests::{Node, View, chain};
use citrate_trie::verify_proof;
use subxt::rpcs::LegacyRpcMethods;
use subxt::{SubstrateConfig, config::RpcConfigFor};
use subxt_signer::sr25519::dev;

/// What a node says about its state can be checked with nothing but a header.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_proof_verifies_against_the_headers_state_root() -> Result<()> {
    let node = Node::start()?;
    let methods = LegacyRpcMethods::<RpcConfigFor<SubstrateConfig>>::new(node.rpc().await?);
    for view in View::ALL {
        let connection = node.connect(view).await?;
        let (parent, at) = finalized(&connection, 2).await?;
        let accounts = at.storage().entry(chain::storage().system().account())?;
        let alice = accounts.fetch_key((dev::alice().public_key().to_account_id(),))?;
        let nobody = accounts.fetch_key((subxt::utils::AccountId32([9; 32]),))?;
        let number = at.storage().entry(chain::storage().system().number())?.fetch_key(())?;
        let keys = [alice.as_slice(), number.as_slice(), nobody.as_slice()];
        let proof = methods.state_get_read_proof(keys, Some(at.block_hash())).await?;
        assert_eq!(proof.at, at.block_hash());
        let nodes: Vec<Vec<u8>> = proof.proof.into_iter().map(|node| node.0).collect();

        let header = at.block_header().await?;
        let root = citrate_core::H256(header.state_root.0);
        let proven = verify_proof(&root, &nodes, &keys)?;
        let account = at.storage().fetch_raw(alice.clone()).await?;
        let expected = u32::try_from(at.block_number())?.to_le_bytes().to_vec();
        assert_eq!(proven, [Some(account), Some(expected), None], "{view:?}");

        let other = citrate_core::H256(parent.block_header().await?.state_root.0);
        assert!(verify_proof(&other, &nodes, &keys).is_err(), "another block's root");
        let mut flipped = nodes.clone();
        let last = flipped.last_mut().and_then(|node| node.last_mut()).context("a node")?;
        *last ^= 1;
        assert!(verify_proof(&root, &flipped, &keys).is_err(), "a flipped bit");
    }
    Ok(())
}
