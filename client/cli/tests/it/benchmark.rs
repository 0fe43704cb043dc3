//! `citrate benchmark`: a runtime that is built for it, measured in a few steps, and the state.

use std::path::Path;

use serde_json::Value;

use crate::command::{citrate, fails, succeeds};

/// The runtime with its benchmarks.
fn runtime() -> String {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtime/Cargo.toml");
    let target =
        Path::new(env!("CARGO_BIN_EXE_citrate")).ancestors().nth(2).expect("a target folder");
    let builder = citrate_wasm_builder::WasmBuilder::new(manifest).target_dir(target);
    let blob = builder.feature("runtime-benchmarks").build().unwrap();
    blob.compressed.display().to_string()
}

/// What `weights.rs` is but for its numbers and what it says of how it was written.
fn layout(file: &str) -> String {
    let lines = file.lines().skip_while(|line| line.starts_with("//!"));
    let mut layout = String::new();
    for line in lines {
        let mut was_digit = false;
        for character in line.chars() {
            let is_digit = character.is_ascii_digit() || (was_digit && character == '_');
            match (is_digit, was_digit) {
                (true, false) => layout.push('0'),
                (true, true) => {}
                (false, _) => layout.push(character),
            }
            was_digit = is_digit;
        }
        layout.push('\n');
    }
    layout
}

/// The runtime is compiled with the file that is written here; what differs from run to run is numbers.
#[test]
fn weights_are_measured_written_and_checked() {
    let runtime = runtime();
    let command = |more: &[&str]| {
        let mut command = citrate(["benchmark", "pallet", "--runtime", &runtime]);
        command.args(["--accounts", "1000", "--repeat", "1", "--steps", "2"]).args(more);
        command
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weights.rs").display().to_string();
    let pallets = ["--pallet", "pallet_balances,Assets"];
    let said = succeeds(command(&[&pallets[..], &["--output", &file]].concat()));
    assert!(said.contains("Balances.transfer_allow_death: "), "{said}");
    let written = std::fs::read_to_string(&file).unwrap();
    let used = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtime/src/weights.rs");
    let used = std::fs::read_to_string(used).unwrap();
    assert_eq!(layout(&written), layout(&used), "the runtime's weights are of other benchmarks");

    let some = ["--pallet", "assets", "--extrinsic", "destroy_accounts,mint"];
    let measured = succeeds(command(&[&some[..], &["--json"]].concat()));
    let measured: Value = serde_json::from_str(&measured).unwrap();
    let [ended, minted] = [&measured[0], &measured[1]];
    assert_eq!(
        (&ended["benchmark"], &ended["components"][0]),
        (&"destroy_accounts".into(), &"n".into())
    );
    assert_eq!(minted["benchmark"], "mint");
    // Accounts are read and written one by one; the least and the most are none and the runtime's limit.
    assert!(ended["writes"]["slopes"][0].as_u64().unwrap() >= 2, "{ended}");
    assert_eq!(ended["points"][1]["components"][0], 200);
    assert!(minted["timePs"]["base"].as_u64().unwrap() > 0, "{minted}");
    assert!(minted["points"][0]["declaredPs"].as_u64().unwrap() > 0);

    let part = fails(command(&[&some[..], &["--output", &file]].concat()));
    assert!(part.contains("--output takes all benchmarks of a pallet"), "{part}");
    let unknown = fails(command(&["--pallet", "nobody"]));
    assert!(
        unknown.contains("no pallet nobody has benchmarks; these have: pallet_system"),
        "{unknown}"
    );
    let unknown = fails(command(&["--extrinsic", "nothing"]));
    assert!(unknown.contains("no benchmark is called nothing"), "{unknown}");
    // No block can be made with it.
    let refused = fails(citrate(["runtime", "info", &runtime]));
    assert!(refused.contains("only a benchmark may import"), "{refused}");

    // Whether a call takes longer than it may is for the machine to say; what is compared is not.
    let mut check = command(&["--check", "--pallet", "balances", "--extrinsic", "transfer_all"]);
    let said = String::from_utf8(check.output().unwrap().stdout).unwrap();
    assert!(said.contains("Balances.transfer_all weighs "), "{said}");
    assert!(said.contains(", 2 read, 2 written"), "{said}");
}

#[test]
fn reads_and_writes_of_the_state_are_measured() {
    let runtime = runtime();
    let command = |more: &[&str]| {
        let mut command = citrate(["benchmark", "storage", "--runtime", &runtime]);
        command.args(["--reads", "300", "--writes", "20", "--blocks", "5"]).args(more);
        command
    };
    let some = ["--accounts", "100", "--json"];
    let measured: Value = serde_json::from_str(&succeeds(command(&some))).unwrap();
    assert_eq!((&measured["read"]["count"], &measured["write"]["count"]), (&300.into(), &5.into()));
    for kind in ["read", "write"] {
        let times = ["medianPs", "p99Ps", "mostPs"].map(|name| measured[kind][name].as_u64());
        assert!(times.is_sorted() && times[0] > Some(0), "{measured}");
    }
    let said = succeeds(command(&["--accounts", "100"]));
    assert!(
        said.contains("a write, of 20 in a block: ") && said.contains("RuntimeDbWeight { read: ")
    );
    let refused = fails(command(&["--accounts", "0"]));
    assert!(refused.contains("nothing to read"), "{refused}");
}

/// A module with a memory, the begin of its heap, and nothing else.
const NO_RUNTIME: &[u8] = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x06\x07\x01\x7f\0\x41\x80\x08\x0b\
    \x07\x18\x02\x06memory\x02\0\x0b__heap_base\x03\0";

#[test]
fn a_runtime_without_benchmarks_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runtime.wasm");
    std::fs::write(&file, NO_RUNTIME).unwrap();
    let file = file.display().to_string();
    let refused = fails(citrate(["benchmark", "pallet", "--runtime", &file]));
    assert!(refused.contains("build it with --features runtime-benchmarks"), "{refused}");
}
