//! The checks of CI that run no test, cheap ones first.

use anyhow::{Context, Result, bail};
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

struct Check {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Added to the environment.
    variables: &'static [(&'static str, &'static str)],
}

const CHECKS: [Check; 4] = [
    Check { name: "format", arguments: &["fmt", "--all", "--check"], variables: &[] },
    Check { name: "workspace", arguments: &["xtask", "lint"], variables: &[] },
    Check {
        name: "clippy",
        arguments: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-Dwarnings"],
        variables: &[],
    },
    Check {
        name: "docs",
        arguments: &["doc", "--workspace", "--no-deps", "--locked"],
        variables: &[("RUSTDOCFLAGS", "-Dwarnings")],
    },
];

/// Runs every check and stops at the first that fails. Says how long each took.
pub(crate) fn run(root: &Path) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for check in &CHECKS {
        println!("== {}: cargo {}", check.name, check.arguments.join(" "));
        let start = Instant::now();
        let status = Command::new(&cargo)
            .args(check.arguments)
            .envs(check.variables.iter().copied())
            .current_dir(root)
            .status()
            .with_context(|| format!("cargo {}", check.arguments.join(" ")))?;
        if !status.success() {
            bail!("the check `{}` failed", check.name);
        }
        times.push((check.name, start.elapsed()));
    }
    for (name, time) in times {
        println!("{name:10} {:4} s", time.as_secs());
    }
    Ok(())
}
