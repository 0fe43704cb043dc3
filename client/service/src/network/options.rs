//! How a node takes part in the network.

use citrate_core::H256;
use citrate_dag_types::DagBlock;
use citrate_finality::config::MESSAGE_BYTES_MAX;
use citrate_network::{Multiaddr, MultiaddrWithPeerId, NetworkConfig, Rate, ReservedOnly, Scope};
use citrate_sync::{WIRE_VERSION, Wire};

/// LIMIT: bytes of one peer's requests: a message of finality of the greatest length a second, and what is asked beside it.
const REQUEST_BYTES: Rate = Rate { per_second: (1 << 20) + (1 << 18), burst: 2 << 20 };

/// How a node takes part in the network.
#[derive(Clone, Debug)]
pub struct NetworkOptions {
    /// Addresses to listen on. Port 0 takes a free port.
    pub listen: Vec<Multiaddr>,
    /// Addresses under which peers reach this node, if it cannot know: behind a port mapping.
    pub external: Vec<Multiaddr>,
    /// Nodes that know others, besides those of the chain specification.
    pub bootnodes: Vec<MultiaddrWithPeerId>,
    /// Peers that always have a slot, and are dialled until they answer.
    pub reserved: Vec<MultiaddrWithPeerId>,
    /// Whether anybody but reserved peers is talked to.
    pub reserved_only: ReservedOnly,
    /// Which addresses are announced, and believed.
    pub scope: Scope,
    /// LIMIT: peers that this node dialled, without the reserved ones.
    pub peers_out_max: usize,
    /// LIMIT: peers that dialled this node, without the reserved ones.
    pub peers_in_max: usize,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            external: Vec::new(),
            bootnodes: Vec::new(),
            reserved: Vec::new(),
            reserved_only: ReservedOnly::No,
            scope: Scope::Global,
            peers_out_max: 16,
            peers_in_max: 32,
        }
    }
}

impl NetworkOptions {
    pub(super) fn config(
        &self,
        genesis: H256,
        protocol_id: &str,
        node_key: [u8; 32],
    ) -> NetworkConfig {
        let mut config = NetworkConfig::new(genesis, protocol_id, WIRE_VERSION, node_key);
        config.gossip.block_bytes_max = DagBlock::BYTES_MAX;
        // Messages of finality to one peer are requests: a catch-up is as long as the voters are many, and one that
        // has to be told of a set after the other is sent an answer a second.
        config.request.request_bytes_max = 1 + MESSAGE_BYTES_MAX;
        config.request.bytes = REQUEST_BYTES;
        NetworkConfig {
            listen: self.listen.clone(),
            external: self.external.clone(),
            bootnodes: self.bootnodes.clone(),
            reserved: self.reserved.clone(),
            reserved_only: self.reserved_only,
            scope: self.scope,
            peers_out_max: self.peers_out_max,
            peers_in_max: self.peers_in_max,
            ..config
        }
    }
}

#[cfg(test)]
mod tests {
    use citrate_network::{Event, Network};
    use tokio::runtime::Handle;

    use super::super::TO_VOTES;
    use super::*;

    /// A node's on the loopback interface.
    fn options(bootnodes: Vec<MultiaddrWithPeerId>) -> NetworkOptions {
        let listen = vec!["/ip4/127.0.0.1/tcp/0".parse().expect("an address")];
        NetworkOptions { listen, bootnodes, scope: Scope::Local, ..NetworkOptions::default() }
    }

    #[tokio::test]
    async fn the_longest_message_of_finality_is_a_request_that_arrives() {
        let config = options(Vec::new()).config(H256::zero(), "test", [1; 32]);
        let (one, mut events) = Network::start(config, &Handle::current()).expect("it starts");
        let address = loop {
            if let Event::Listening(address) = events.recv().await.expect("it runs") {
                break address;
            }
        };
        let bootnodes = vec![MultiaddrWithPeerId { address, peer: one.local_peer_id() }];
        let config = options(bootnodes).config(H256::zero(), "test", [2; 32]);
        let (two, mut other) = Network::start(config, &Handle::current()).expect("it starts");
        while !matches!(other.recv().await, Some(Event::PeerConnected { .. })) {}
        let to = one.local_peer_id();
        let longest = vec![TO_VOTES; 1 + MESSAGE_BYTES_MAX];
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let Event::Request { data, respond, .. } = event {
                    respond.send(data.len().to_le_bytes().to_vec());
                }
            }
        });
        let length = longest.len().to_le_bytes().to_vec();
        assert_eq!(two.request(to, longest).await, Ok(length));
    }

    #[test]
    fn an_answer_a_second_of_the_longest_kind_is_no_flood() {
        let request = options(Vec::new()).config(H256::zero(), "test", [1; 32]).request;
        let a_second = 1_000 / citrate_finality::FinalityConfig::default().neighbour_interval_ms;
        let bytes = u64::try_from(1 + MESSAGE_BYTES_MAX).expect("small") * a_second;
        assert!(u64::from(request.bytes.per_second) > bytes);
        assert!(u64::from(request.bytes.burst) > bytes, "which may come late");
    }
}
