//! Voters on finality that come and go.

use citrate_chain::Chain;
use citrate_chain::testing::{TestCall, genesis_with_voters, voters};
use citrate_core::TransactionSource;

use super::peers::{address, agree, member};
use super::{eventually, start_on};
use crate::Node;

/// A node of a chain with one author; all that could vote have a key.
async fn node(index: u8, bootnode: Option<&str>) -> Node {
    start_on(member(Some(index), None, bootnode), genesis_with_voters(1)).await.unwrap()
}

/// Lets so many vote, by a transaction; gives the number of the block that executes it: the last one
/// that the voters before are in charge of.
async fn set_voters(node: &Node, count: u8) -> u32 {
    let chain = node.chain();
    let (_, sets) = voters(chain, &chain.best().hash);
    let call = TestCall::SetVoters(count).extrinsic();
    node.pool().submit(TransactionSource::External, call).unwrap();
    eventually("other voters", || {
        (voters(chain, &chain.best().hash) == (count, sets + 1)).then_some(())
    })
    .await;
    let is_before = |number: u32| voters(chain, &chain.hash_at(number).unwrap().unwrap()).1 == sets;
    (0..chain.best().number).rev().find(|number| is_before(*number)).unwrap() + 1
}

async fn grow(chain: &Chain) -> u32 {
    let number = chain.best().number + 6;
    eventually("blocks", || (chain.best().number >= number).then_some(())).await;
    number
}

async fn finalise(what: &str, node: &Node, number: u32) {
    let chain = node.chain();
    eventually(what, || (chain.finalized().number >= number).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_gets_a_second_voter_and_loses_it_without_a_restart_slow() {
    let alice = node(0, None).await;
    finalise("one voter", &alice, 3).await;
    let last = set_voters(&alice, 2).await;
    grow(alice.chain()).await;
    finalise("the last block of the sole voter", &alice, last).await;
    grow(alice.chain()).await;
    assert_eq!(alice.chain().finalized().number, last, "one of two voters finalises nothing");
    // Who comes late knows which blocks need no votes.
    let bob = node(1, Some(&address(&alice).await)).await;
    let number = alice.chain().best().number;
    finalise("two voters", &alice, number).await;
    finalise("two voters", &bob, number).await;
    assert!(bob.chain().justification(number).is_some(), "votes prove it");
    let last = set_voters(&alice, 1).await;
    finalise("the last block of two voters", &alice, last).await;
    finalise("the last block of two voters", &bob, last).await;
    // Both follow the author alone again, also when the other one is gone.
    let number = grow(alice.chain()).await;
    finalise("one voter again", &bob, number).await;
    agree("the chain", &[&alice, &bob], number).await;
    bob.stop().await;
    let number = grow(alice.chain()).await;
    finalise("one voter on its own", &alice, number).await;
    alice.stop().await;
}
