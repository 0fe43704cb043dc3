//! Runtimes: looked at, compared, tried on a chain's state, and installed.

use std::path::Path;

use citrate_core::hashing::twox_128;
use serde_json::{Value, json};

use crate::command::{citrate, fails, succeeds};
use crate::node::{Node, dev, eventually, number};
use crate::transaction::{UNIT, Wallet, nonce};

/// The snapshot that is written anew with `BLESS=1`, until it is released under its version's name.
const CANDIDATE: &str = "0.1.0-rc.json";

/// The built-in runtime as a file in this folder.
fn built_in(folder: &Path) -> String {
    let spec: Value = serde_json::from_str(&succeeds(citrate(["build-spec"]))).unwrap();
    let code = spec["genesis"]["runtimeGenesis"]["code"].as_str().unwrap();
    let file = folder.join("built-in.wasm");
    std::fs::write(&file, hex::decode(&code[2..]).unwrap()).unwrap();
    file.display().to_string()
}

/// The next version of the built-in runtime, its worker, and the built-in one, as files in this folder.
fn blobs(folder: &Path) -> [String; 3] {
    let build = |features: &[&str]| {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtime/Cargo.toml");
        let target = Path::new(env!("CARGO_BIN_EXE_citrate"))
            .ancestors()
            .nth(2)
            .expect("the command is in a target folder");
        let builder = citrate_wasm_builder::WasmBuilder::new(manifest).target_dir(target);
        let builder = features.iter().fold(builder, |builder, feature| builder.feature(feature));
        builder.build().unwrap().compressed.display().to_string()
    };
    let built_in = built_in(folder);
    [build(&["paced"]), build(&["upgraded", "worker"]), built_in]
}

/// Sends a transaction while the chain migrates its state, and looks at the blocks until it is executed.
fn transactions_wait_for_the_migration(node: &Node) {
    let version = || node.call("state_getRuntimeVersion", json!([]))["specVersion"].clone();
    eventually("the new runtime", || (version() == 101).then_some(()));
    let wallet = Wallet::new(node);
    let transfer = wallet.transfer("//Bob", "//Charlie", UNIT, nonce(0));
    let hash = node.call("author_submitExtrinsic", json!([transfer]));
    let sent_at = node.best();
    let record = eventually("the transaction in a block", || {
        let record = node.call("dag_getTransaction", json!([hash]));
        (record["status"] == "accepted").then_some(record)
    });
    let accepting = node.call("chain_getHeader", json!([record["acceptingBlock"]]));

    // The closed blocks are those before, up to the one that began it.
    let (mut at, mut closed, mut times) = (number(&accepting) - 1, 0, vec![]);
    let mut end = None;
    loop {
        let hash = node.call("chain_getBlockHash", json!([at]));
        let happened = events(node, &hash);
        if happened.contains(COMPLETED) {
            end = Some(at);
        }
        if end.is_some() {
            let block = node.call("chain_getBlock", json!([hash]));
            let body = block["block"]["extrinsics"].as_array().expect("a body");
            assert_eq!(body.len(), 1, "block {at} has its inherent alone");
            times.push(plain(node, ["Timestamp", "Now"], &hash));
            closed += 1;
            let took = 22 - closed + 1;
            if closed > 1 {
                // MigrationAdvanced of migration 0: an event of pallet 23.
                let progress = format!("170400000000{}", hex::encode(u32::to_le_bytes(took)));
                assert!(happened.contains(&progress), "block {at}: {happened}");
            }
        }
        if happened.contains(STARTED) {
            break;
        }
        at -= 1;
    }
    assert_eq!(closed, 22);
    assert!((at..end.unwrap()).contains(&sent_at), "sent in the middle of it");
    assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "time goes on: {times:?}");
}

/// `UpgradeStarted` with one migration.
const STARTED: &str = "170001000000";
/// `MigrationCompleted` of migration 0 after 22 blocks, and then, after the first extrinsic as well, `UpgradeCompleted`.
const COMPLETED: &str = "170500000000160000000000010000001701";

/// A block's events, in hex.
fn events(node: &Node, block: &Value) -> String {
    let key = [twox_128(b"System"), twox_128(b"Events")].concat();
    let value = node.call("state_getStorage", json!([format!("0x{}", hex::encode(key)), block]));
    value.as_str().unwrap_or_default().to_owned()
}

/// A number that a pallet keeps, after a block.
fn plain(node: &Node, [pallet, item]: [&str; 2], block: &Value) -> u64 {
    let key = [pallet, item].map(|name| twox_128(name.as_bytes())).concat();
    let value = node.call("state_getStorage", json!([format!("0x{}", hex::encode(key)), block]));
    let bytes = hex::decode(&value.as_str().expect("a value")[2..]).expect("hex");
    u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
}

#[test]
fn the_runtime_follows_from_the_released_one() {
    let folder = tempfile::tempdir().unwrap();
    let built_in = built_in(folder.path());
    let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime/released");
    let candidate = released.join(CANDIDATE);
    if std::env::var_os("BLESS").is_some() && candidate.exists() {
        let snapshot = succeeds(citrate(["runtime", "snapshot", &built_in]));
        std::fs::write(&candidate, snapshot).unwrap();
    }
    let folder_of_releases = released.display().to_string();
    succeeds(citrate(["runtime", "diff", "--check", &folder_of_releases, &built_in]));

    // What the check is for: had the release had another type there, the version of the pallet's storage would be missing.
    let snapshot = succeeds(citrate(["runtime", "snapshot", &folder_of_releases]));
    let mut snapshot: Value = serde_json::from_str(&snapshot).unwrap();
    snapshot["specVersion"] = json!(1);
    snapshot["storage"]["ModelRegistry.Registered"] = json!("u64");
    let other = folder.path().join("other.json");
    std::fs::write(&other, snapshot.to_string()).unwrap();
    let other = other.display().to_string();
    let refused = fails(citrate(["runtime", "diff", "--check", &other, &built_in]));
    assert!(
        refused.contains("ModelRegistry's storage changed (ModelRegistry.Registered)"),
        "{refused}"
    );
    // With the version, it is the migration that is missing.
    let version = snapshot["storageVersions"]["ModelRegistry"].as_u64().unwrap_or_default();
    assert_ne!(version, 0, "the pallet has versions");
    snapshot["storageVersions"]["ModelRegistry"] = json!(version - 1);
    std::fs::write(&other, snapshot.to_string()).unwrap();
    let refused = fails(citrate(["runtime", "diff", "--check", &other, &built_in]));
    assert!(refused.contains("a migration is missing"), "{refused}");
}

#[test]
fn an_upgrade_is_compared_tried_and_made() {
    let folder = tempfile::tempdir().unwrap();
    let [next, worker, built_in] = blobs(folder.path());
    let info = succeeds(citrate(["runtime", "info", "--json", &next]));
    let info: Value = serde_json::from_str(&info).unwrap();
    assert_eq!(info["specVersion"], 101);
    let difference = succeeds(citrate(["runtime", "diff", "--check", &built_in, &next]));
    assert!(difference.contains("~ version citrate 100 -> 101"), "{difference}");
    assert!(difference.contains("~ constant Balances.ExistentialDeposit"), "{difference}");
    let back = fails(citrate(["runtime", "diff", "--check", &next, &built_in]));
    assert!(back.contains("spec_version must be above 101"), "{back}");

    let base = tempfile::tempdir().unwrap();
    let node = Node::start(dev(base.path()));
    node.wait_for_block(3);
    let url = format!("ws://{}", node.address);
    succeeds(citrate(["runtime", "verify", &built_in, &url]));
    let other = fails(citrate(["runtime", "verify", &next, &url]));
    assert!(other.contains("is not what"), "{other}");

    let tried = succeeds(citrate(["try-upgrade", "--ws", &url, &next]));
    // The six development accounts, and the treasury: each takes three blocks, and one more block sees the end.
    for line in [
        "block 1: MultiBlockMigrations.UpgradeStarted migrations=1",
        "block 1: MultiBlockMigrations.MigrationAdvanced index=0 took=1",
        "block 16: MultiBlockMigrations.MigrationAdvanced index=0 took=16",
        "block 22: MultiBlockMigrations.MigrationCompleted index=0 took=22",
        "block 22: MultiBlockMigrations.UpgradeCompleted",
        "22 block(s) without transactions",
        "migrated System.Account: 7 value(s)",
    ] {
        assert!(tried.contains(line), "{line}: {tried}");
    }
    let short = fails(citrate(["try-upgrade", "--ws", &url, "--blocks", "21", &next]));
    assert!(short.contains("not through after 21 blocks"), "{short}");
    assert!(tried.contains("its own checks are not in this runtime"), "{tried}");
    assert!(tried.ends_with("the upgrade can be made\n"), "{tried}");
    let damaged = folder.path().join("damaged.wasm");
    std::fs::write(&damaged, b"\0asm\x01\0\0\0").unwrap();
    let damaged = damaged.display().to_string();
    let refused = fails(citrate(["try-upgrade", "--node", &url, &damaged]));
    assert!(refused.contains("Core_version"), "{refused}");

    let upgrade = ["runtime", "upgrade", "--node", &url, &next, "--worker", &worker];
    let upgrading = citrate(upgrade);
    let upgrading = std::thread::spawn(move || succeeds(upgrading));
    transactions_wait_for_the_migration(&node);
    let upgraded = upgrading.join().expect("the upgrade is made");
    assert!(upgraded.contains("the chain runs citrate 101 now, and it is final"), "{upgraded}");
    succeeds(citrate(["runtime", "verify", &next, &url]));
    let again = fails(citrate(upgrade));
    assert!(again.contains("spec_version must be above it"), "{again}");
    node.stop();
}
