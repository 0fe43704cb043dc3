//! Messages to everybody.

use citrate_network::{PublishError, ReservedOnly, Topic, Verdict};

use crate::node::{Node, meshed, pair, until};

/// Nodes in a line: each talks to its neighbours only.
async fn line(length: usize) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for _ in 0..length {
        let last = nodes.last().map(|node| node.address.clone());
        let node = Node::start(|config| {
            config.reserved_only = ReservedOnly::Yes;
            config.reserved.extend(last);
            config.ban.recovery_per_minute = 0;
        })
        .await;
        if let Some(last) = nodes.last_mut() {
            assert!(last.network.add_reserved(&node.address));
            last.connected(node.peer()).await;
        }
        nodes.push(node);
    }
    let last = length - 1;
    let neighbours = |at: usize| if at == 0 || at == last { 1 } else { 2 };
    let expected: Vec<_> =
        nodes.iter().enumerate().map(|(at, node)| (node, neighbours(at))).collect();
    meshed(&expected).await;
    drop(expected);
    nodes
}

#[tokio::test]
async fn a_message_goes_down_the_line_as_each_node_accepts_it() {
    let mut nodes = line(4).await;
    for (number, topic) in (0_u8..).zip(Topic::ALL) {
        let message = vec![number; 1_000];
        nodes[0].network.publish(topic, message.clone()).unwrap();
        for at in 1..4 {
            let before = nodes[at - 1].peer();
            let (seen, from, id, data) = nodes[at].gossip().await;
            assert_eq!((seen, from, &data), (topic, before, &message));
            // What it says itself reaches its neighbours before the message that waits for its verdict.
            let marker = vec![number, at as u8];
            nodes[at].network.publish(Topic::Votes, marker.clone()).unwrap();
            for neighbour in [Some(at - 1), Some(at + 1).filter(|next| *next < 4)] {
                let Some(neighbour) = neighbour else { continue };
                let (_, _, id, data) = nodes[neighbour].gossip().await;
                assert_eq!(data, marker, "the message does not wait");
                nodes[neighbour].network.verdict(id, Verdict::Ignore);
            }
            nodes[at].network.verdict(id, Verdict::Accept);
        }
    }
}

#[tokio::test]
async fn a_rejected_message_goes_no_further_and_costs_its_sender() {
    let mut nodes = line(3).await;
    for (message, verdict, score) in [(2, Verdict::Ignore, 0), (3, Verdict::Reject, -25)] {
        nodes[0].network.publish(Topic::Blocks, vec![message; 10]).unwrap();
        let (_, from, id, _) = nodes[1].gossip().await;
        nodes[1].network.verdict(id, verdict);
        let info = |nodes: &[Node]| {
            let infos = nodes[1].network.peers();
            infos.into_iter().find(|info| info.peer == from).unwrap()
        };
        until("judged", || info(&nodes).score == score).await;
    }
    // What comes after it arrives, so it did not.
    nodes[0].network.publish(Topic::Blocks, vec![1]).unwrap();
    let (_, _, id, _) = nodes[1].gossip().await;
    nodes[1].network.verdict(id, Verdict::Accept);
    let (_, _, _, data) = nodes[2].gossip().await;
    assert_eq!(data, [1]);
    assert_eq!(nodes[2].network.state().gossip_received, 1);
}

#[tokio::test]
async fn the_size_limit_is_exact_on_both_sides() {
    let max = 500;
    let mut one = Node::start(|config| config.gossip.vote_bytes_max = max).await;
    let two = Node::start(|config| config.bootnodes = vec![one.address.clone()]).await;
    meshed(&[(&one, 1), (&two, 1)]).await;
    let error = one.network.publish(Topic::Votes, vec![0; max + 1]).unwrap_err();
    assert_eq!(error, PublishError::TooLarge { bytes: max + 1, max });
    // The other node's own limit lets it send one past ours, which we do not take.
    two.network.publish(Topic::Votes, vec![0; max + 1]).unwrap();
    two.network.publish(Topic::Votes, vec![1; max]).unwrap();
    let (_, _, id, data) = one.gossip().await;
    assert_eq!(data, vec![1; max]);
    one.network.verdict(id, Verdict::Accept);
    assert_eq!(one.network.state().gossip_received, 1);
}

#[tokio::test]
async fn a_large_message_arrives() {
    let [mut one, two] = pair(|_| {}).await;
    meshed(&[(&one, 1), (&two, 1)]).await;
    let data: Vec<u8> = (0..4 * 1024 * 1024_u32).map(|at| (at / 7) as u8).collect();
    two.network.publish(Topic::Blocks, data.clone()).unwrap();
    let (_, _, id, received) = one.gossip().await;
    assert!(received == data);
    one.network.verdict(id, Verdict::Accept);
}

#[tokio::test]
async fn what_waits_to_be_published_is_bounded() {
    let one = Node::start(|config| {
        config.gossip.block_bytes_max = 600;
        config.gossip.transaction_bytes_max = 600;
        config.gossip.vote_bytes_max = 600;
        config.gossip.publish_bytes_max = 1_000;
    })
    .await;
    // The task runs on this thread: nothing is sent before the test waits.
    one.network.publish(Topic::Blocks, vec![1; 600]).unwrap();
    one.network.publish(Topic::Blocks, vec![2; 400]).unwrap();
    assert_eq!(one.network.publish(Topic::Blocks, vec![3]), Err(PublishError::Busy));
    until("sent", || one.network.state().gossip_unpublished == 2).await;
    one.network.publish(Topic::Blocks, vec![3; 600]).unwrap();
}
