//! `build-spec`: what is written can be started from, and is the same chain.

use serde_json::{Value, json};

use crate::command::{citrate, fails, succeeds};
use crate::node::Node;

fn genesis_of(chain: &str) -> Value {
    let mut command = citrate(["--tmp", "--no-inference", "--rpc-port", "0", "--chain", chain]);
    command.args(["--validator", "--alice"]);
    let node = Node::start(command);
    node.wait_for_block(1);
    let genesis = node.call("chain_getBlockHash", json!([0]));
    node.stop();
    genesis
}

#[test]
fn a_written_specification_is_the_same_chain() {
    let folder = tempfile::tempdir().unwrap();
    let built_in = genesis_of("dev");
    for (args, name) in [(&["build-spec"][..], "human"), (&["build-spec", "--raw"], "raw")] {
        let json = succeeds(citrate(args));
        let spec: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(spec["id"], "dev");
        assert_eq!(spec["genesis"].get("raw").is_some(), name == "raw");
        let file = folder.path().join(name);
        std::fs::write(&file, &json).unwrap();
        let file = file.display().to_string();
        assert_eq!(genesis_of(&file), built_in, "{name}");
        // Written again, it is the same text; raw, it needs no runtime to be so.
        assert_eq!(succeeds(citrate(["build-spec", "--chain", &file])), json, "{name}");
        let raw = succeeds(citrate(["build-spec", "--raw", "--chain", &file]));
        assert_eq!(raw, succeeds(citrate(["build-spec", "--raw"])), "{name}");
    }
    let local: Value =
        serde_json::from_str(&succeeds(citrate(["build-spec", "--chain", "local"]))).unwrap();
    assert_eq!(local["chainType"], "Local");
    let error = fails(citrate(["build-spec", "--chain", "nowhere.json"]));
    assert!(error.contains("nowhere.json"), "{error}");
}
