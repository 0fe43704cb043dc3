//! What a node says of itself.

use std::time::Duration;

use citrate_core::ed25519;
use citrate_network::{Multiaddr, NodeKey, Scope};
use futures::StreamExt;
use libp2p::swarm::SwarmEvent;
use libp2p::{SwarmBuilder, identify, noise, tcp, yamux};

use crate::node::{Node, QUIC};

/// What a node tells a stranger who says to be on the same chain.
async fn told(node: &Node) -> identify::Info {
    let version = format!("/citrate/test/{}/1", "07".repeat(32));
    let mut stranger = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|key| {
            identify::Behaviour::new(identify::Config::new(version.clone(), key.public()))
        })
        .unwrap()
        .build();
    stranger.dial(node.address.address.clone()).unwrap();
    let listening = async {
        loop {
            let event = stranger.select_next_some().await;
            if let SwarmEvent::Behaviour(identify::Event::Received { info, .. }) = event {
                return info;
            }
        }
    };
    let info = tokio::time::timeout(Duration::from_secs(60), listening).await.unwrap();
    assert_eq!(info.protocol_version, version);
    info
}

#[tokio::test]
async fn a_node_names_its_protocols_and_private_addresses_only_where_that_is_wanted() {
    let external: Multiaddr = "/ip4/192.0.2.1/tcp/30333".parse().unwrap();
    for scope in [Scope::Global, Scope::Local] {
        let node = Node::start(|config| {
            config.scope = scope;
            config.external = vec![external.clone()];
        })
        .await;
        let info = told(&node).await;
        assert_eq!(info.listen_addrs.contains(&node.address.address), scope == Scope::Local);
        assert!(info.listen_addrs.contains(&external));
        assert_eq!(node.network.external_addresses(), std::slice::from_ref(&external));
        assert!(info.agent_version.starts_with("citrate/"));
        let chain = format!("/citrate/{}", "07".repeat(32));
        let names: Vec<&str> = info.protocols.iter().map(AsRef::as_ref).collect();
        // Gossipsub withdraws its name from a stranger who does not speak it.
        for name in ["sync/1", "kad/1"] {
            assert!(names.contains(&format!("{chain}/{name}").as_str()), "{name} in {names:?}");
        }
    }
}

#[tokio::test]
async fn a_node_s_id_is_that_of_its_key() {
    let node = Node::start(|config| {
        config.node_key = NodeKey::new([0x5a; 32]);
        config.listen.push(QUIC.parse().unwrap());
    })
    .await;
    let pair = ed25519::Pair::from_suri(&format!("0x{}", "5a".repeat(32)), None).unwrap();
    // A multihash of nothing but the key, as protobuf.
    let id = [&[0x00, 0x24, 0x08, 0x01, 0x12, 0x20][..], &pair.public().0].concat();
    assert_eq!(node.network.local_peer_id().to_bytes(), id);
}
