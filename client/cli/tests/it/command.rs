//! Running the command to its end.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The command, without anything that the caller's environment would add.
pub(crate) fn citrate<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_citrate"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CITRATE_") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE").stdin(Stdio::null()).args(args);
    command
}

/// As [`citrate`], with this base folder.
pub(crate) fn citrate_in<'a>(base: &Path, args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = citrate(args);
    command.env("CITRATE_BASE_PATH", base);
    command
}

/// What it prints when it succeeds.
pub(crate) fn succeeds(mut command: Command) -> String {
    let output = command.output().expect("starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    assert!(!errors.contains("panicked"), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// The one line in which it says why it failed.
pub(crate) fn fails(mut command: Command) -> String {
    reason(&format!("{command:?}"), &command.output().expect("starts"))
}

/// The one line in which a process said why it failed: no panic, no backtrace, exit code 1.
pub(crate) fn reason(what: &str, output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{what}: {errors}");
    for word in ["panicked", "backtrace", "RUST_BACKTRACE", "unwrap", "src/"] {
        assert!(!errors.contains(word), "{what} says `{word}`: {errors}");
    }
    let lines: Vec<&str> = errors.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(lines.len(), 1, "{what}: {errors}");
    assert_eq!(errors.lines().last(), lines.first().copied(), "it is the last word: {errors}");
    lines[0].to_owned()
}
