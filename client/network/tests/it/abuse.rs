//! Peers that send too much, and consumers that do not keep up.

use std::net::TcpStream;
use std::time::Duration;

use citrate_network::{Event, Multiaddr, Rate, RequestError, Topic, Verdict};
use futures::StreamExt;
use libp2p::swarm::SwarmEvent;
use libp2p::{SwarmBuilder, noise, ping, tcp, yamux};

use crate::node::{Node, meshed, pair, until};

#[tokio::test]
async fn a_flood_of_gossip_is_cut_off() {
    let mut one = Node::start(|config| {
        config.gossip.messages = Rate { per_second: 1, burst: 10 };
        config.ban.recovery_per_minute = 0;
    })
    .await;
    let mut two = Node::start(|config| config.bootnodes = vec![one.address.clone()]).await;
    meshed(&[(&one, 1), (&two, 1)]).await;
    for number in 0..200_u8 {
        two.network.publish(Topic::Transactions, vec![number]).unwrap();
    }
    for _ in 0..10 {
        let (_, _, id, _) = one.gossip().await;
        one.network.verdict(id, Verdict::Ignore);
    }
    one.disconnected(two.peer()).await;
    two.disconnected(one.peer()).await;
    let state = one.network.state();
    assert_eq!(state.banned, 1);
    assert!(state.gossip_limited >= 20, "{state:?}");
    assert!(state.gossip_received < 30, "{state:?}");
}

#[tokio::test]
async fn a_flood_of_requests_is_cut_off() {
    let mut one = Node::start(|config| {
        config.request.requests = Rate { per_second: 1, burst: 3 };
        config.ban.recovery_per_minute = 0;
    })
    .await;
    let mut two = Node::start(|config| config.bootnodes = vec![one.address.clone()]).await;
    two.connected(one.peer()).await;
    for _ in 0..3 {
        let (network, to) = (two.network.clone(), one.peer());
        let asking = tokio::spawn(async move { network.request(to, vec![1]).await });
        let (_, _, respond) = one.request().await;
        respond.send(vec![]);
        assert_eq!(asking.await.unwrap(), Ok(vec![]));
    }
    for _ in 0..100 {
        let response = two.network.request(one.peer(), vec![1]).await;
        if matches!(response, Err(RequestError::NotConnected | RequestError::ConnectionLost)) {
            break;
        }
    }
    one.disconnected(two.peer()).await;
    assert_eq!(one.network.state().banned, 1);
}

#[tokio::test]
async fn a_slow_consumer_loses_gossip_and_requests_and_no_peer() {
    let [mut one, two] = pair(|config| config.events_max = 4).await;
    meshed(&[(&one, 1), (&two, 1)]).await;
    for number in 0..40_u8 {
        two.network.publish(Topic::Transactions, vec![number]).unwrap();
    }
    until("dropped", || one.network.state().gossip_dropped >= 30).await;
    let refused = two.network.request(one.peer(), vec![1]).await;
    assert_eq!(refused, Err(RequestError::Refused));
    assert_eq!(one.network.state().requests_received, 0);
    // Peers that come and go meanwhile are not forgotten.
    two.network.shutdown().await;
    let third = Node::start(|config| config.bootnodes = vec![one.address.clone()]).await;
    until("connected", || one.has(third.peer())).await;
    one.disconnected(two.peer()).await;
    one.connected(third.peer()).await;
    let gossip = one.unheard().iter().filter(|event| matches!(event, Event::Gossip { .. })).count();
    assert!(gossip <= 4, "{gossip}");
}

#[tokio::test]
async fn pending_gossip_is_bounded() {
    let mut one = Node::start(|config| config.gossip.pending_max = 3).await;
    let two = Node::start(|config| config.bootnodes = vec![one.address.clone()]).await;
    meshed(&[(&one, 1), (&two, 1)]).await;
    for number in 0..4_u8 {
        two.network.publish(Topic::Votes, vec![number]).unwrap();
    }
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(one.gossip().await.2);
    }
    until("dropped", || one.network.state().gossip_dropped == 1).await;
    for id in ids {
        one.network.verdict(id, Verdict::Accept);
    }
    two.network.publish(Topic::Votes, vec![9]).unwrap();
    assert_eq!(one.gossip().await.3, [9]);
}

#[tokio::test]
async fn handshakes_that_never_end_are_bounded() {
    let mut one = Node::start(|config| config.handshakes_max = 3).await;
    let socket = socket(&one.address.address);
    let silent: Vec<TcpStream> = (0..5).map(|_| TcpStream::connect(&socket).unwrap()).collect();
    until("refused", || one.network.state().connections_refused == 2).await;
    drop(silent);
    let two = Node::start(|config| config.bootnodes = vec![one.address.clone()]).await;
    one.connected(two.peer()).await;
}

#[tokio::test]
async fn a_peer_that_does_not_say_on_which_chain_it_is_is_disconnected() {
    let mut one = Node::start(|config| config.identify_timeout = Duration::from_millis(500)).await;
    // It answers pings, and that is all.
    let mut silent = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_| ping::Behaviour::default())
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::MAX))
        .build();
    silent.dial(one.address.address.clone()).unwrap();
    let mut is_connected = false;
    let closing = async {
        loop {
            match silent.select_next_some().await {
                SwarmEvent::ConnectionEstablished { .. } => is_connected = true,
                SwarmEvent::ConnectionClosed { .. } => break,
                _ => {}
            }
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), closing).await.is_ok());
    assert!(is_connected);
    assert_eq!(one.network.peers(), []);
    assert!(one.unheard().is_empty());
}

/// `/ip4/127.0.0.1/tcp/1` as `127.0.0.1:1`.
fn socket(address: &Multiaddr) -> String {
    let text = address.to_string();
    let parts: Vec<&str> = text.split('/').collect();
    format!("{}:{}", parts[2], parts[4])
}
