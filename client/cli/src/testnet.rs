//! Networks of a few nodes in one process, for the tests of chains.

use crate::remote;
use anyhow::{Context, Result, ensure};
use citrate_core::H256;
use citrate_host::HostFunction;
use citrate_service::{
    Authoring, ChainSpec, MethodPolicy, MultiaddrWithPeerId, NetworkOptions, Node, NodeConfig,
    Scope,
};
use serde_json::json;
use std::{
    net::{Ipv4Addr, SocketAddr},
    thread::sleep,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// Secrets of the nodes' keys, in order.
const SEEDS: [&str; 6] = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve", "//Ferdie"];
/// LIMIT of every wait: a machine that is busy with other things is slow, not wrong.
const PATIENCE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(50);

/// Nodes of a chain's preset `local_testnet` that talk to each other over sockets of the loopback address, and forget everything
/// at the end. Node `i` has the keys of the `i`-th development account: Alice's, Bob's, and so on.
///
/// ```no_run
/// # const RUNTIME: &[u8] = &[];
/// let net = citrate_cli::TestNet::new(4, RUNTIME)?;
/// let hash = net.wait_for_final(3)?;
/// assert_eq!(net.node(0).chain().hash_at(3)?, Some(hash));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TestNet {
    nodes: Vec<Node>,
    runtime: Runtime,
}

impl TestNet {
    /// Starts so many nodes of the chain that this runtime makes.
    ///
    /// # Errors
    /// When there are none or more than development accounts, or one does not start.
    pub fn new(nodes: usize, code: &[u8]) -> Result<Self> {
        Self::of(nodes, &ChainSpec::local(code.to_vec(), None), &[])
    }

    /// Starts so many nodes of a chain, whose runtime may import these host functions as well.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of(nodes: usize, spec: &ChainSpec, host_functions: &[HostFunction]) -> Result<Self> {
        ensure!(
            (1..=SEEDS.len()).contains(&nodes),
            "a test network has 1 to {} nodes",
            SEEDS.len()
        );
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let mut net = Self { nodes: Vec::new(), runtime };
        let mut known = None;
        for seed in SEEDS.iter().take(nodes) {
            let mut config = NodeConfig::new(spec.clone());
            config.executor.functions = host_functions.to_vec();
            config.keys.seeds = vec![(*seed).into()];
            config.authoring = Authoring::On;
            config.inference.enabled = false;
            config.rpc.listen = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
            config.rpc.methods = MethodPolicy::Unsafe;
            let mut network = NetworkOptions { scope: Scope::Local, ..NetworkOptions::default() };
            network.listen.push("/ip4/127.0.0.1/tcp/0".parse().context("an address")?);
            network.bootnodes.extend(known.clone());
            config.network = Some(network);
            let node = net.runtime.block_on(Node::start(config))?;
            if known.is_none() {
                known = Some(address(&node)?);
            }
            net.nodes.push(node);
        }
        Ok(net)
    }

    /// A node.
    ///
    /// # Panics
    /// There is no node of this index.
    pub fn node(&self, index: usize) -> &Node {
        &self.nodes[index]
    }

    /// URL of a node's JSON-RPC.
    ///
    /// # Panics
    /// There is no node of this index.
    pub fn url(&self, index: usize) -> String {
        format!("http://{}", self.nodes[index].rpc_address())
    }

    /// Waits until something holds of the nodes.
    ///
    /// # Errors
    /// It does not after five minutes.
    pub fn wait_until(&self, what: &str, mut holds: impl FnMut(&[Node]) -> bool) -> Result<()> {
        let begun = Instant::now();
        while !holds(&self.nodes) {
            ensure!(begun.elapsed() < PATIENCE, "{what}: not after {} s", PATIENCE.as_secs());
            sleep(POLL);
        }
        Ok(())
    }

    /// Waits until the block of this height is final on all nodes, and gives its hash.
    ///
    /// # Errors
    /// It is not after five minutes, or nodes hold different blocks of it final.
    pub fn wait_for_final(&self, number: u32) -> Result<H256> {
        self.wait_until(&format!("block {number} is final"), |nodes| {
            nodes.iter().all(|node| node.chain().finalized().number >= number)
        })?;
        let hashes = self.nodes.iter().map(|node| node.chain().hash_at(number));
        let hashes = hashes.collect::<Result<Vec<_>, _>>()?;
        let first = hashes.first().copied().flatten().context("a final block has a hash")?;
        ensure!(
            hashes.iter().all(|hash| *hash == Some(first)),
            "nodes disagree on block {number}: {hashes:?}"
        );
        Ok(first)
    }

    /// Stops the nodes in order. Without it they end with the process, or when this is dropped.
    pub fn stop(self) {
        for node in self.nodes {
            self.runtime.block_on(node.stop());
        }
    }
}

/// Where others reach a node.
fn address(node: &Node) -> Result<MultiaddrWithPeerId> {
    let remote = remote::Node::new(&format!("http://{}", node.rpc_address()));
    let begun = Instant::now();
    loop {
        let listening = remote.call("system_localListenAddresses", &json!([]))?;
        if let Some(address) = listening[0].as_str() {
            return Ok(address.parse()?);
        }
        ensure!(begun.elapsed() < PATIENCE, "the first node does not listen");
        sleep(POLL);
    }
}
