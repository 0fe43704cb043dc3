//! Runtimes: looked at, compared, tried on a chain's state, and installed.

use serde_json::Value;

use crate::command::{citrate, fails, succeeds};
use crate::node::{Node, dev};

/// The next version of the built-in runtime, its worker, and the built-in one, as files in this folder.
fn blobs(folder: &std::path::Path) -> [String; 3] {
    let build = |features: &[&str]| {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtime/Cargo.toml");
        let target = std::path::Path::new(env!("CARGO_BIN_EXE_citrate"))
            .ancestors()
            .nth(2)
            .expect("the command is in a target folder");
        let builder = citrate_wasm_builder::WasmBuilder::new(manifest).target_dir(target);
        let builder = features.iter().fold(builder, |builder, feature| builder.feature(feature));
        builder.build().unwrap().compressed.display().to_string()
    };
    let spec: Value = serde_json::from_str(&succeeds(citrate(["build-spec"]))).unwrap();
    let code = spec["genesis"]["runtimeGenesis"]["code"].as_str().unwrap();
    let built_in = folder.join("built-in.wasm");
    std::fs::write(&built_in, hex::decode(&code[2..]).unwrap()).unwrap();
    let built_in = built_in.display().to_string();
    [build(&["upgraded"]), build(&["upgraded", "worker"]), built_in]
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
    // The six development accounts, and the treasury.
    assert!(tried.contains("migrated System.Account: 7 value(s)"), "{tried}");
    assert!(tried.contains("its own checks are not in this runtime"), "{tried}");
    assert!(tried.ends_with("the upgrade can be made\n"), "{tried}");
    let damaged = folder.path().join("damaged.wasm");
    std::fs::write(&damaged, b"\0asm\x01\0\0\0").unwrap();
    let damaged = damaged.display().to_string();
    let refused = fails(citrate(["try-upgrade", "--node", &url, &damaged]));
    assert!(refused.contains("Core_version"), "{refused}");

    let upgrade = ["runtime", "upgrade", "--node", &url, &next, "--worker", &worker];
    let upgraded = succeeds(citrate(upgrade));
    assert!(upgraded.contains("the chain runs citrate 101 now, and it is final"), "{upgraded}");
    succeeds(citrate(["runtime", "verify", &next, &url]));
    let again = fails(citrate(upgrade));
    assert!(again.contains("spec_version must be above it"), "{again}");
    node.stop();
}
