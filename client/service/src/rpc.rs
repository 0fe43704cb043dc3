//! What the RPC server is given.

use citrate_rpc::ChainInfo;
use serde_json::Value;

use crate::config::NodeConfig;

/// What the node says about itself and its chain.
pub(crate) fn info(config: &NodeConfig, is_authority: bool, local_peer_id: String) -> ChainInfo {
    let spec = &config.chain_spec;
    let role = if is_authority { "Authority" } else { "Full" };
    ChainInfo {
        chain_name: spec.name.clone(),
        // Names and one map of a name: there is no way for this to fail.
        chain_type: serde_json::to_value(&spec.chain_type).unwrap_or(Value::Null),
        properties: spec.properties.clone().unwrap_or_default(),
        impl_name: config.impl_name.clone(),
        impl_version: config.impl_version.clone(),
        node_roles: vec![role.to_owned()],
        local_peer_id,
        should_have_peers: config.network.is_some(),
    }
}
