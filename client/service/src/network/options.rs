//! How a node takes part in the network.

use citrate_core::H256;
use citrate_dag_types::DagBlock;
use citrate_network::{Multiaddr, MultiaddrWithPeerId, NetworkConfig, ReservedOnly, Scope};
use citrate_sync::{WIRE_VERSION, Wire};

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
