//! What `--help` says. `BLESS=1` writes it down anew.

use std::path::Path;

use crate::command::{citrate, succeeds};

/// Every command that has a help of its own.
const COMMANDS: [&str; 33] = [
    "",
    "new",
    "build-spec",
    "runtime",
    "runtime build",
    "runtime info",
    "runtime snapshot",
    "runtime diff",
    "runtime verify",
    "runtime upgrade",
    "try-upgrade",
    "benchmark",
    "benchmark pallet",
    "benchmark storage",
    "key",
    "key generate",
    "key inspect",
    "key insert",
    "purge-chain",
    "export-blocks",
    "import-blocks",
    "artifact",
    "artifact add",
    "artifact fetch",
    "model",
    "model register",
    "provider",
    "referee",
    "referee run",
    "referee assess",
    "infer",
    "attestation",
    "demo",
];

#[test]
fn help_is_as_written_down() {
    let mut all = String::new();
    for command in COMMANDS {
        let help = succeeds(citrate(command.split_whitespace().chain(["--help"])));
        for line in help.lines() {
            assert!(line.len() <= 100, "a line is too long: {line}");
        }
        let title = format!("citrate {command}");
        all = format!("{all}$ {} --help\n{help}\n", title.trim());
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/help.txt");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&file, &all).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    let first = golden.lines().zip(all.lines()).find(|(old, new)| old != new);
    assert!(golden == all, "run with BLESS=1 if this is right: {first:?}");
}

#[test]
fn what_is_no_command_is_said() {
    let output = citrate(["--nonsense"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("unexpected argument '--nonsense'"), "{errors}");
    let output = citrate(["--dev", "--chain", "local"]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("cannot be used with"), "a chain is named once: {errors}");
}
