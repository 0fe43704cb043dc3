//! Validators in network namespaces of their own, with delay and loss between them.
//!
//! It takes Linux and root. The test runs itself again in a namespace from which it reaches every
//! node; `scripts/netlab.py` carries the packets.

mod lab;
mod scenarios;

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set in the process that runs in a namespace of its own.
const INSIDE: &str = "NETLAB_INSIDE";
const NAME: &str = "netlab::validators_on_a_bad_network_slow";

/// The program that carries the packets.
fn program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/netlab.py")
}

/// Runs a command in a network namespace of its own; what it says when it fails.
fn inside(command: &[&str]) -> Result<(), String> {
    let run =
        Command::new("unshare").args(["--net", "--"]).args(command).stdin(Stdio::piped()).output();
    let output = run.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

#[test]
fn validators_on_a_bad_network_slow() {
    if env::var_os(INSIDE).is_some() {
        return scenarios::run();
    }
    let _alone = crate::node::alone();
    let program = program();
    let program = program.to_str().expect("UTF-8");
    if let Err(reason) =
        inside(&["nsenter", "--version"]).and_then(|()| inside(&["python3", program, "1"]))
    {
        // Not for want of anything that could be installed, so that it is no failure even where
        // nothing else may be skipped. Past the capture of the test harness, to be seen.
        let reason = format!("network namespaces and /dev/net/tun need Linux and root: {reason}");
        let line = format!("SKIPPED {NAME}: {reason}\n");
        std::io::stderr().write_all(line.as_bytes()).expect("writes");
        return;
    }
    let status = Command::new("unshare")
        .args(["--net", "--"])
        .arg(env::current_exe().expect("a test"))
        .args(["--exact", NAME, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .expect("starts");
    assert!(status.success(), "{status}");
}
