//! How a node stops.

use serde_json::json;

use crate::command::{citrate, succeeds};
use crate::node::{Node, dev, eventually};

#[test]
fn either_signal_stops_a_node_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut best = 0;
    for signal in ["TERM", "INT"] {
        let mut node = Node::start(dev(folder.path()));
        assert!(node.best() >= best, "it goes on where it was");
        node.wait_for_block(best + 2);
        // A client that stays connected does not hold it up.
        let _idle = std::net::TcpStream::connect(node.address).unwrap();
        best = node.best();
        node.signal(signal);
        let status = node.wait();
        assert_eq!(status.code(), Some(0), "{signal}: {}", node.log());
        assert!(node.log().contains("stopped"), "the database was closed: {}", node.log());
        assert!(!node.log().contains("abandoned"), "{}", node.log());
    }
}

#[test]
fn a_temporary_node_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = citrate(["--dev", "--tmp", "--no-inference", "--rpc-port", "0"]);
    command.env("TMPDIR", folder.path()).env("HOME", folder.path());
    command.env("XDG_DATA_HOME", folder.path());
    let node = Node::start(command);
    node.wait_for_block(1);
    assert_ne!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "its artifacts are somewhere");
    node.stop();
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_log_that_nobody_reads_does_not_stop_the_node() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = dev(folder.path());
    // Several lines a block.
    command.args(["--log", "debug"]);
    let node = Node::start(command);
    node.stop_reading();
    node.wait_for_block(node.best() + 5);
    assert!(node.call("system_health", json!([])).is_object());
    node.stop();
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let mut command = citrate(["build-spec"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(succeeds(citrate(["--version"])).starts_with("citrate "));
}

#[test]
fn what_is_logged_changes_while_the_node_runs() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(dev(folder.path()));
    let details = || node.log().lines().filter(|line| line.contains("DEBUG")).count();
    node.wait_for_block(3);
    assert_eq!(details(), 0, "{}", node.log());
    let refused = node.try_call("system_addLogFilter", json!(["authoring=nonsense"])).unwrap_err();
    assert_eq!(refused["code"], -32602, "{refused}");
    node.call("system_addLogFilter", json!(["authoring=debug"]));
    eventually("the blocks in the log", || (details() > 2).then_some(()));
    node.call("system_resetLogFilter", json!([]));
    // What was being written may still come.
    node.wait_for_block(node.best() + 1);
    let before = details();
    node.wait_for_block(node.best() + 3);
    assert_eq!(details(), before, "{}", node.log());
    node.stop();
}
