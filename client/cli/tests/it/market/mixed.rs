//! Four validators, three providers, one of which lies, and many real jobs under every policy: honest work is paid,
//! the liar loses, and no coin is lost.
//!
//! `CITRATE_JOBS=1000 cargo test -p citrate-cli --test it mixed -- --nocapture` runs so many and prints what came of them.

use std::collections::BTreeMap;
use std::time::Instant;

use citrate_core::{H256, hashing::twox_128};
use citrate_inference_types::{DType, Policy, Tensors};
use codec::{Decode, Encode};
use serde_json::{Value, json};

use super::{
    PRICE,
    disputes::{dispute, install, model, register, serve, submit, wait_active},
    liar::{Liar, Signer},
    node::{Node, magika, repository},
};
use crate::transaction::account;

const FREE: &str = "/ip4/127.0.0.1/tcp/0";
const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];
const HONEST: [&str; 2] = ["//Eve", "//Ferdie"];
const LIAR: &str = "//Liar";
const BUYERS: u32 = 8;
/// Jobs without CITRATE_JOBS.
const FEW: usize = 60;
/// Jobs that a provider takes at a time: what a machine of two processors that runs all the nodes has time for.
const CAPACITY: &str = "32";
/// LIMIT: jobs that are under way at a time; the chain's queue holds more.
const OPEN_MAX: usize = 200;
/// Blocks for a job: long enough for a panel to be filled again and again.
const BLOCKS: u32 = 2_000;
const UNIT: u128 = 1_000_000_000_000;

/// What a job was for, and what became of it.
struct Bought {
    label: usize,
    policy: Policy,
    since: Instant,
    disputed: bool,
    end: Option<(Value, f64)>,
}

fn policy(number: usize) -> Policy {
    match number % 10 {
        0..=4 => Policy::Attested,
        5 | 6 => Policy::Redundant { providers: 3, quorum: 2 },
        7 | 8 => Policy::Refereed { providers: 3, quorum: 2 },
        _ => Policy::Refereed { providers: 1, quorum: 1 },
    }
}

/// The class with the highest score.
fn label(output: &Value) -> usize {
    let bytes = hex::decode(output["inline"].as_str().unwrap().trim_start_matches("0x")).unwrap();
    let tensors = Tensors::from_bytes(&bytes).unwrap();
    let scores = tensors.get("target_label").unwrap();
    assert_eq!(scores.dtype(), DType::F32);
    let scores = scores.data().chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap()));
    scores.enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap().0
}

/// The free and the reserved funds of an account, what is staked included.
fn funds(node: &Node, who: &str) -> (u128, u128) {
    let id = account(who).encode();
    let prefix = ["System", "Account"].map(|name| twox_128(name.as_bytes()));
    let hashed = citrate_core::hashing::blake2_128(&id);
    let key = [&prefix[0][..], &prefix[1], &hashed, &id].concat();
    let value = node.rpc("state_getStorage", json!([format!("0x{}", hex::encode(key))]));
    let Some(digits) = value.as_str() else { return (0, 0) };
    let bytes = hex::decode(digits.trim_start_matches("0x")).unwrap();
    // Nonce, consumers, providers and sufficients stand before.
    <(u128, u128)>::decode(&mut &bytes[16..]).unwrap()
}

fn start() -> (tempfile::TempDir, Vec<Node>) {
    let folder = tempfile::tempdir().unwrap();
    let mut nodes: Vec<Node> = Vec::new();
    let mut known: Option<String> = None;
    for name in VALIDATORS {
        let key = format!("--{name}");
        let mut arguments = vec!["--chain", "local", "--validator", &key, "--listen-addr", FREE];
        if let Some(known) = &known {
            arguments.extend(["--bootnodes", known]);
        }
        let node = Node::launch(&folder.path().join(name), &[], &arguments);
        known.get_or_insert_with(|| {
            node.eventually("an address", |node| {
                let addresses = node.rpc("system_localListenAddresses", json!([]));
                addresses[0].as_str().map(str::to_owned)
            })
        });
        nodes.push(node);
    }
    (folder, nodes)
}

/// Files of several kinds, each with the label that an honest provider gave it.
fn samples(
    node: &Node,
    model: H256,
    buyer: &mut Signer,
    buyer_name: &str,
) -> Vec<(Vec<u8>, usize)> {
    let root = repository();
    let files =
        ["Makefile", "README.md", "Cargo.toml", "scripts/testnet.py", "client/cli/src/main.rs"];
    files
        .iter()
        .map(|file| {
            let mut input = std::fs::read(root.join(file)).unwrap();
            input.truncate(2_048);
            buyer.send(node, &submit(model, &input, Policy::Attested, 400));
            let mine = account(buyer_name).to_string();
            let job = node.eventually("a sample", |node| {
                let jobs = node.rpc("inference_jobs", json!([null, 100]));
                let mut jobs = jobs.as_array().unwrap().iter();
                let hex = format!("0x{}", hex::encode(&input));
                jobs.find(|job| {
                    job["submitter"] == mine.as_str()
                        && job["input"]["inline"] == hex.as_str()
                        && job["status"]["type"] == "settled"
                })
                .cloned()
            });
            (input, label(&job["status"]["output"]))
        })
        .collect()
}

/// The id of an account's job of this index.
fn job_id(node: &Node, who: &str, index: u64) -> H256 {
    let genesis = node.rpc("chain_getBlockHash", json!([0]));
    let genesis: H256 = genesis.as_str().unwrap().parse().unwrap();
    citrate_inference_types::job_id(&genesis, &account(who), index)
}

#[test]
fn honest_work_is_paid_and_a_liar_loses_slow() {
    let _alone = crate::node::alone();
    if magika().is_none() {
        return;
    }
    let wanted = std::env::var("CITRATE_JOBS").map_or(FEW, |count| count.parse().unwrap());
    let (_folder, nodes) = start();
    let node = &nodes[0];
    let mut root = Signer::new(node, "//Alice");
    register(node, "//Dave");
    install(node, &mut root);
    let model = model(node);
    let buyers: Vec<String> = (0..BUYERS).map(|index| format!("//Buyer{index}")).collect();
    for who in buyers.iter().map(String::as_str).chain([LIAR]) {
        // Balances.transfer_keep_alive
        let to: citrate_core::MultiAddress<_, ()> = citrate_core::MultiAddress::Id(account(who));
        root.send(node, &(2u8, 3u8, to, codec::Compact(20_000 * UNIT)).encode());
    }
    node.eventually("the transfers", |node| (funds(node, LIAR).0 > 0).then_some(()));
    for (at, name) in HONEST.iter().enumerate() {
        let public = citrate_core::sr25519::Pair::from_suri(name, None).unwrap().public();
        nodes[at + 1].rpc("author_insertKey", json!(["prov", name, public]));
        serve(node, name, &(10_000 * UNIT).to_string(), CAPACITY);
    }
    let mut signers: Vec<Signer> = buyers.iter().map(|name| Signer::new(node, name)).collect();
    wait_active(node);
    let samples = samples(node, model, &mut signers[0], &buyers[0]);
    serve(node, LIAR, &(10_000 * UNIT).to_string(), CAPACITY);
    let mut liar = Liar::new(node, LIAR);
    let worth = |node: &Node| {
        let (free, reserved) = funds(node, LIAR);
        free + reserved
    };
    let before = worth(node);

    let mut watcher = Signer::new(node, "//Bob");
    let mut jobs: BTreeMap<H256, Bought> = BTreeMap::new();
    let mut next: Vec<u64> = vec![0; signers.len()];
    next[0] = samples.len() as u64;
    let begun = Instant::now();
    let mut sent = 0;
    loop {
        let open = jobs.values().filter(|job| job.end.is_none()).count();
        for _ in open..OPEN_MAX.min(open + 40) {
            if sent == wanted {
                break;
            }
            let (at, (input, label)) = (sent % signers.len(), &samples[sent % samples.len()]);
            let policy = policy(sent);
            signers[at].send(node, &submit(model, input, policy, BLOCKS));
            let id = job_id(node, &buyers[at], next[at]);
            next[at] += 1;
            sent += 1;
            let since = Instant::now();
            jobs.insert(id, Bought { label: *label, policy, since, disputed: false, end: None });
        }
        liar.lie(&nodes[3]);
        for (id, job) in jobs.iter_mut().filter(|(_, job)| job.end.is_none()) {
            let id = format!("{id:?}");
            let status = node.job(&id)["status"].clone();
            match status["type"].as_str() {
                // Who knows better disputes. An outvoted provider does so by itself.
                Some("claimed") if !job.disputed && label(&status["output"]) != job.label => {
                    watcher.send(node, &dispute(&id));
                    job.disputed = true;
                }
                Some("settled" | "refunded" | "expired") => {
                    job.end = Some((status, job.since.elapsed().as_secs_f64()));
                }
                _ => {}
            }
        }
        if sent == wanted && jobs.values().all(|job| job.end.is_some()) {
            break;
        }
        assert!(begun.elapsed().as_secs() < 3_000, "{open} jobs are open, {sent} were sent");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    report(&jobs, begun);
    check(node, &jobs, &buyers, &liar);
    let after = node.eventually("the last checks", |node| {
        let open =
            ["Referee", "CounterForCases"].map(|name| hex::encode(twox_128(name.as_bytes())));
        let open = node.rpc("state_getStorage", json!([format!("0x{}", open.concat())]));
        let none = open.as_str().is_none_or(|count| count == "0x00000000");
        none.then(|| worth(node))
    });
    eprintln!("the liar: {} CIT before, {} after", before / UNIT, after / UNIT);
    assert!(after < before, "a liar gains nothing: {before} became {after}");
}

/// What every job came to.
fn check(node: &Node, jobs: &BTreeMap<H256, Bought>, buyers: &[String], liar: &Liar) {
    eprintln!("{}", node.rpc("inference_providers", json!([null, 10])));
    let liar = liar.account().to_string();
    for (id, job) in jobs {
        let (status, _) = job.end.as_ref().unwrap();
        let settled = status["type"] == "settled";
        let by_liar = status["provider"] == liar.as_str();
        match job.policy {
            // One provider's word: right from an honest one, and what the liar says is checked now and then.
            Policy::Attested => {
                assert!(settled, "{id:?}: {status}");
                assert!(by_liar || label(&status["output"]) == job.label, "{id:?}: {status}");
            }
            Policy::Redundant { .. } | Policy::Refereed { providers: 3, .. } => {
                assert!(settled && !by_liar, "{id:?}: {status}");
                assert_eq!(label(&status["output"]), job.label, "{id:?}");
            }
            Policy::Refereed { .. } if settled => {
                assert_eq!(label(&status["output"]), job.label, "{id:?}: {status}");
            }
            Policy::Refereed { .. } => assert_eq!(status["reason"], "refuted", "{id:?}: {status}"),
        }
    }
    for buyer in buyers {
        assert_eq!(funds(node, buyer).1, 0, "{buyer}'s escrow is gone");
    }
    for name in HONEST {
        let served = node.rpc("inference_provider", json!([account(name).to_string()]));
        assert_eq!((&served["wrong"], &served["failed"]), (&json!(0), &json!(0)), "{served}");
        let stake = (10_000 * UNIT).to_string();
        assert_eq!(served["stake"], stake.as_str(), "an honest provider loses nothing");
    }
    let served = node.rpc("inference_provider", json!([liar]));
    assert!(served["wrong"].as_u64().unwrap() > 0, "{served}");
}

fn report(jobs: &BTreeMap<H256, Bought>, begun: Instant) {
    let mut rows: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for job in jobs.values() {
        let (status, seconds) = job.end.as_ref().unwrap();
        let end = if job.disputed { "disputed" } else { status["type"].as_str().unwrap() };
        rows.entry(format!("{:?} {end}", job.policy)).or_default().push(*seconds);
    }
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("{} jobs in {seconds:.0} s, {:.1} a second", jobs.len(), jobs.len() as f64 / seconds);
    for (what, mut times) in rows {
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        eprintln!("{what}: {} jobs, p50 {:.1} s, p99 {:.1} s", times.len(), at(50), at(99));
    }
    eprintln!("a run's price: {PRICE}");
}
