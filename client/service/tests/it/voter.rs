//! A voter that votes twice.

use std::path::Path;
use std::time::{Duration, Instant};

use citrate_chain::Chain;
use citrate_core::{AccountId32, Balance, ed25519, hashing, sr25519};
use citrate_finality::wire::{GossipMessage, VoteMessage};
use citrate_grandpa_types::{Message, Prevote, SignedMessage, localized_payload};
use citrate_network::{Event, Network, NetworkConfig, Topic};
use citrate_service::{ChainSpec, NetworkOptions, Node, NodeConfig, Scope};
use citrate_sync::WIRE_VERSION;
use citrate_wasm_builder::WasmBuilder;
use codec::{Decode, Encode};
use serde_json::json;
use tokio::runtime::Handle;

use crate::network::call;

/// LIMIT of every wait: a machine that is busy with other things is slow, not wrong.
const PATIENCE: Duration = Duration::from_secs(180);
/// The first set of voters votes in its first round until three of four have.
const SET: u64 = 0;
const ROUND: u64 = 1;

fn code() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // The folder where build scripts put it too.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let builder = WasmBuilder::new(root.join("runtime/Cargo.toml")).target_dir(target);
    std::fs::read(builder.build().unwrap().compressed).unwrap()
}

/// Alice's node of the chain of four validators; the others are not there.
async fn alice() -> Node {
    let mut config = NodeConfig::new(ChainSpec::local(code(), None));
    config.rpc.listen.set_port(0);
    config.keys.seeds.push("//Alice".into());
    config.inference.enabled = false;
    let mut network = NetworkOptions { scope: Scope::Local, ..Default::default() };
    network.listen.push("/ip4/127.0.0.1/tcp/0".parse().unwrap());
    config.network = Some(network);
    Node::start(config).await.unwrap()
}

/// Looks every now and then until there is something to see.
async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Somebody who talks to a node as a peer.
async fn peer_of(node: &Node) -> Network {
    let mut config =
        NetworkConfig::new(node.chain().genesis_hash(), "local", WIRE_VERSION, [7; 32]);
    config.scope = Scope::Local;
    let address = eventually("an address", async || {
        let addresses = call(node.rpc_address(), "system_localListenAddresses", json!([])).await;
        addresses[0].as_str().map(str::to_owned)
    });
    config.bootnodes.push(address.await.parse().unwrap());
    let (network, mut events) = Network::start(config, &Handle::current()).unwrap();
    let asked = network.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let Event::Request { peer, data, respond, .. } = event {
                // It stands wherever who asks stands, and says of votes nothing.
                let answer = match data.first() {
                    Some(0) => asked.request(peer, data).await.unwrap_or_default(),
                    _ => Vec::new(),
                };
                respond.send(answer);
            }
        }
    });
    network
}

/// A vote of Bob's for the block of this number.
fn vote(chain: &Chain, number: u32, repeat: u32) -> Vec<u8> {
    let bob = ed25519::Pair::from_suri("//Bob", None).unwrap();
    let target_hash = chain.hash_at(number).unwrap().unwrap();
    let message = Message::Prevote(Prevote { target_hash, target_number: number });
    let signature = bob.sign(&localized_payload(ROUND, SET, &message));
    let message = SignedMessage { message, signature, id: bob.public() };
    GossipMessage::Vote(VoteMessage { round: ROUND, set_id: SET, message, repeat }).encode()
}

/// What the state says under a key, after the best block.
fn stored<T: Decode>(chain: &Chain, pallet: &str, item: &str, key: &[u8]) -> Option<T> {
    let names = [pallet, item].map(|name| hashing::twox_128(name.as_bytes()));
    let key = [&names[0][..], &names[1][..], key].concat();
    let value = chain.state_at(&chain.best().hash).unwrap().get(&key).unwrap()?;
    Some(T::decode(&mut &*value).unwrap())
}

/// Bob's stake, and whether he is out of the next epoch.
fn bond(chain: &Chain) -> (Balance, bool) {
    let bob = sr25519::Pair::from_suri("//Bob", None).unwrap().public();
    let bob = AccountId32::from(bob.0).encode();
    let key = [&hashing::blake2_128(&bob)[..], &bob].concat();
    let ledger = stored(chain, "Staking", "Ledgers", &key);
    // Role, active stake, what is unbonding, chilled.
    let (_, active, unlocking, chilled): (u8, Balance, Vec<(Balance, u32)>, bool) = ledger.unwrap();
    assert!(unlocking.is_empty());
    (active, chilled)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voter_that_votes_twice_is_slashed_slow() {
    let node = alice().await;
    let chain = node.chain();
    eventually("two blocks", async || (chain.best().number >= 2).then_some(())).await;
    let (before, chilled) = bond(chain);
    assert!(!chilled);
    let peer = peer_of(&node).await;
    eventually("a connection", async || (!peer.peers().is_empty()).then_some(())).await;
    let bob = ed25519::Pair::from_suri("//Bob", None).unwrap().public();
    let set = SET.encode();
    let key = [&hashing::twox_64(&set)[..], &set, &hashing::blake2_128(&bob.0), &bob.0].concat();
    let mut repeat = 0;
    let round = eventually("a report on chain", async || {
        // Nobody knows when the node listens to the topic, so the votes are repeated.
        for number in [1, 2] {
            // One that is not sent because the network is busy is repeated as well.
            let _ = peer.publish(Topic::Votes, vote(chain, number, repeat));
        }
        repeat += 1;
        stored::<u64>(chain, "Grandpa", "Equivocators", &key)
    })
    .await;
    assert_eq!(round, ROUND);
    let (after, chilled) = bond(chain);
    assert_eq!(after, before / 10 * 9, "a tenth of the stake");
    assert!(chilled, "Bob is no candidate any more");
    assert_eq!(chain.finalized().hash, chain.genesis_hash(), "two of four make nothing final");
    peer.shutdown().await;
    node.stop().await;
}
