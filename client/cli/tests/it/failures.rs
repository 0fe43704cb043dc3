//! What stops a node from starting, and what it says then: one line, and what to do.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::command::{citrate, citrate_in, fails, succeeds};
use crate::node::{Node, dev};

fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

/// A development node's data, at a few blocks.
fn data(base: &Path) {
    let node = Node::start(dev(base));
    node.wait_for_block(2);
    node.stop();
}

#[test]
fn a_port_and_a_folder_are_for_one_node() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(dev(folder.path()));

    let other = tempfile::tempdir().unwrap();
    let port = node.address.port().to_string();
    let mut command = citrate(["--dev", "--no-inference", "--rpc-port", &port, "--base-path"]);
    command.arg(other.path());
    contains(&fails(command), &[&port, "the port is in use", "--rpc-port"]);

    let in_use = ["another process uses the data in", "--base-path"];
    contains(&fails(dev(folder.path())), &in_use);
    let purge = ["purge-chain", "--yes"];
    contains(&fails(citrate_in(folder.path(), purge)), &in_use);
    let file = other.path().join("blocks").display().to_string();
    contains(&fails(citrate_in(folder.path(), ["export-blocks", &file])), &in_use);

    // None of them did the running node any harm.
    node.wait_for_block(node.best() + 2);
    node.stop();
    // And after it the data can be deleted, by who says so, and once.
    contains(&fails(citrate_in(folder.path(), ["purge-chain"])), &["nothing was deleted"]);
    let deleted = succeeds(citrate_in(folder.path(), purge));
    contains(&deleted, &["Deleted", "chains/dev/db"]);
    assert!(!folder.path().join("chains/dev/db").exists());
    assert!(folder.path().join("chains/dev/keystore").exists(), "keys stay");
    contains(&succeeds(citrate_in(folder.path(), purge)), &["does not exist"]);
}

#[test]
fn data_of_another_chain_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    // The same id, another genesis.
    let spec = succeeds(citrate(["build-spec", "--raw"]));
    let mut spec: serde_json::Value = serde_json::from_str(&spec).unwrap();
    spec["genesis"]["raw"]["top"]["0xabcd"] = json!("0x01");
    let file = folder.path().join("other.json");
    fs::write(&file, spec.to_string()).unwrap();
    let mut command = citrate(["--no-inference", "--rpc-port", "0", "--chain"]);
    command.arg(&file).arg("--base-path").arg(folder.path());
    let error = fails(command);
    contains(&error, &["belong to another chain", "genesis", "--base-path", "purge-chain"]);
    // Another way of pruning, too.
    let mut command = dev(folder.path());
    command.args(["--pruning", "100"]);
    contains(&fails(command), &["another pruning mode", "purge-chain"]);
    Node::start(dev(folder.path())).stop();
}

#[test]
fn damaged_data_are_not_run_on() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    let db = folder.path().join("chains/dev/db");
    type Damage<'a> = (&'a str, fn(&Path), &'a [&'a str]);
    let damages: [Damage<'_>; 4] = [
        (
            "another format",
            |db| fs::write(db.join("format"), "99\n").unwrap(),
            &["format 99", "chains/dev/db"],
        ),
        (
            "a format that is no text",
            |db| fs::write(db.join("format"), [0xff, 0xfe]).unwrap(),
            &["format unreadable", "chains/dev/db"],
        ),
        (
            "a journal that is not this database's",
            |db| {
                let mut frame = vec![1, 0, 0, 0];
                frame.extend(7_000_000u64.to_le_bytes());
                let sum = citrate_core::hashing::blake2_128(&[&frame[..], &[0]].concat());
                frame.extend_from_slice(&sum[..8]);
                fs::write(db.join("journal"), [&frame[..], &[0]].concat()).unwrap();
            },
            &["are damaged", "journal", "purge-chain"],
        ),
        (
            "tables that are not what they were",
            |db| fs::write(db.join("tables/metadata"), "nonsense").unwrap(),
            &["are damaged", "purge-chain"],
        ),
    ];
    for (desc, damage, expected) in damages {
        let copy = tempfile::tempdir().unwrap();
        let there = copy.path().join("chains/dev/db");
        copy_folder(&db, &there);
        damage(&there);
        let error = fails(dev(copy.path()));
        for part in expected {
            assert!(error.contains(part), "{desc}: {error}");
        }
    }
    // The original is as it was.
    Node::start(dev(folder.path())).stop();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_keystore_opens_with_its_password_only() {
    let folder = tempfile::tempdir().unwrap();
    let insert = ["key", "insert", "--key-type", "gdag", "--suri", "//Alice"];
    let with = |args: &[&str], password: Option<&str>| {
        let mut command = citrate_in(folder.path(), args.iter().copied());
        if let Some(password) = password {
            command.env("CITRATE_KEYSTORE_PASSWORD", password);
        }
        command
    };
    let stored = succeeds(with(&insert, Some("right")));
    contains(&stored, &["gdag 0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"]);
    let hint = "--password or in CITRATE_KEYSTORE_PASSWORD";
    contains(&fails(with(&insert, Some("wrong"))), &["wrong password", hint]);
    contains(&fails(with(&insert, None)), &["is encrypted", hint]);
    let run = ["--dev", "--no-inference", "--rpc-port", "0"];
    contains(&fails(with(&run, Some("wrong"))), &["wrong password", hint]);
    contains(&fails(with(&run, None)), &["is encrypted", hint]);
    let node = Node::start(with(&run, Some("right")));
    node.wait_for_block(1);
    node.stop();
    // A file that is no key.
    let keystore = folder.path().join("chains/dev/keystore");
    let file = fs::read_dir(&keystore).unwrap().next().unwrap().unwrap().path();
    fs::write(&file, "{").unwrap();
    contains(&fails(with(&run, Some("right"))), &["keystore file", "is corrupted"]);
}

#[test]
fn folders_and_chains_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "{").unwrap();
    let file = file.display().to_string();
    contains(&fails(dev(Path::new("/dev/null/data"))), &["/dev/null/data", "directory"]);
    let run = |chain: &str| {
        let mut command = citrate(["--no-inference", "--rpc-port", "0", "--chain", chain]);
        command.arg("--base-path").arg(folder.path());
        command
    };
    contains(&fails(run("/nowhere/spec.json")), &["/nowhere/spec.json", "No such file"]);
    contains(&fails(run(&file)), &["chain specification", &file, "EOF"]);
    let runtime = |code: &str| {
        let spec =
            json!({ "name": "n", "id": "n", "genesis": { "runtimeGenesis": { "code": code } } });
        fs::write(&file, spec.to_string()).unwrap();
        fails(run(&file))
    };
    contains(&runtime("0x0061736d01000000"), &["cannot build the genesis state", "no memory"]);
    contains(&runtime("0xdeadbeef"), &["chain specification", "not a valid module"]);
    contains(&runtime("0xxyz"), &[&file, "not a chain specification", "line 1"]);
    contains(&fails(citrate(["--tmp", "--pruning", "some"])), &["--pruning", "archive"]);
    contains(&fails(citrate(["--tmp", "--log", "a=b=c"])), &["--log"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_ends_the_node_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    // The journal may grow to this many blocks of 512 bytes from now on, as on a full disk; writes
    // beyond fail, as the signal for it is ignored.
    let journal = fs::metadata(folder.path().join("chains/dev/db/journal")).unwrap().len();
    let limit = journal / 512 + 40;
    let plain = dev(folder.path());
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\"")).arg("sh");
    command.arg(plain.get_program()).args(plain.get_args());
    let output = command.output().unwrap();
    let error = crate::command::reason("a node on a full disk", &output);
    contains(&error, &["File too large"]);
    let node = Node::start(dev(folder.path()));
    node.wait_for_block(3);
    node.stop();
}
