//! `citrate new`: writes a chain of one's own from the node template.

use crate::output;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::path::{Path, PathBuf};

/// What a new chain is called, and where the framework is.
#[derive(Args, Debug)]
pub(crate) struct NewArgs {
    /// The chain's name: lower-case letters, digits and hyphens.
    pub(crate) name: String,
    /// Folder to write it to [default: one of the chain's name].
    #[arg(long, value_name = "PATH")]
    pub(crate) folder: Option<PathBuf>,
    /// The framework's folder [default: the one that this command was built in].
    #[arg(long, value_name = "PATH", conflicts_with = "git")]
    pub(crate) framework: Option<PathBuf>,
    /// Take the framework from a git repository.
    #[arg(long, value_name = "URL")]
    pub(crate) git: Option<String>,
    /// Commit, tag or branch of the repository.
    #[arg(long, value_name = "REVISION", requires = "git")]
    pub(crate) rev: Option<String>,
    /// Symbol of the token.
    #[arg(long, value_name = "SYMBOL", default_value = "UNIT")]
    pub(crate) token: String,
    /// SS58 prefix of addresses.
    #[arg(long, value_name = "PREFIX", default_value_t = 42)]
    pub(crate) ss58_prefix: u16,
}

/// LIMIT: bytes of a chain's name, which becomes that of packages, folders and a command.
const NAME_BYTES_MAX: usize = 40;
/// What stands in the template where the chain's name will be: as it is, in Rust, and for people.
const NAMES: [&str; 3] = ["node-template", "node_template", "Node Template"];

/// A template's file: where it goes, and what is in it.
type File = (&'static str, &'static str);

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        [$( ($path, include_str!(concat!("../../../node-template/", $path))) ),+]
    };
}

/// The template's files.
const FILES: [File; 22] = files![
    ".github/workflows/ci.yml",
    ".gitignore",
    "Cargo.toml",
    "README.md",
    "node/Cargo.toml",
    "node/build.rs",
    "node/src/main.rs",
    "node/tests/network.rs",
    "pallets/template/Cargo.toml",
    "pallets/template/src/benchmarking.rs",
    "pallets/template/src/lib.rs",
    "pallets/template/src/tests.rs",
    "pallets/template/src/weights.rs",
    "runtime/Cargo.toml",
    "runtime/src/apis.rs",
    "runtime/src/benchmarks.rs",
    "runtime/src/configs.rs",
    "runtime/src/genesis.rs",
    "runtime/src/lib.rs",
    "runtime/src/tests.rs",
    "runtime/src/validators.rs",
    "rustfmt.toml",
];
/// The versions that the framework is tested with. Cargo leaves out what the new chain does not need.
const LOCK: &str = include_str!("../../../Cargo.lock");
/// The folder that this command was built in.
const BUILT_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Where a chain's manifest finds the framework.
enum Framework {
    /// In a folder.
    Folder(PathBuf),
    /// In a repository, at a commit, tag or branch.
    Git { url: String, revision: Option<String> },
}

/// `citrate new`.
pub(crate) fn new(args: &NewArgs) -> Result<()> {
    check_name(&args.name)?;
    ensure!(
        (1..=12).contains(&args.token.len())
            && args.token.chars().all(|c| c.is_ascii_alphanumeric()),
        "--token: 1 to 12 letters and digits"
    );
    ensure!(args.ss58_prefix < 16_384, "--ss58-prefix: at most 16383");
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    ensure!(!folder.exists(), "{} exists already", folder.display());
    let framework = framework(args)?;
    for (path, text) in FILES {
        write(&folder.join(path), &adapt(path, text, args, &framework)?)?;
    }
    write(&folder.join("Cargo.lock"), LOCK)?;
    output::line(&format!(
        "Wrote {name} to {folder}. Next:\n\n  cd {folder}\n  cargo build\n  target/debug/{name} --dev --tmp",
        name = args.name,
        folder = folder.display()
    ));
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_sound = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_plain)
        && !name.ends_with('-')
        && name.len() <= NAME_BYTES_MAX;
    ensure!(
        is_sound,
        "a chain's name has at most {NAME_BYTES_MAX} lower-case letters, digits and hyphens, and begins with a letter"
    );
    // Its packages would have the names of the framework's, or of Cargo's own.
    let is_taken = ["citrate", "pallet", "test", "core", "std", "alloc"].contains(&name)
        || ["citrate-", "pallet-"].iter().any(|start| name.starts_with(start));
    ensure!(!is_taken, "the name {name} is taken by the framework's packages");
    Ok(())
}

fn framework(args: &NewArgs) -> Result<Framework> {
    if let Some(url) = &args.git {
        return Ok(Framework::Git { url: url.clone(), revision: args.rev.clone() });
    }
    let given = args.framework.clone();
    let folder = given.clone().unwrap_or_else(|| PathBuf::from(BUILT_IN));
    let is_framework = folder.join("pallets/support/Cargo.toml").exists();
    match folder.canonicalize() {
        Ok(folder) if is_framework => Ok(Framework::Folder(folder)),
        _ if given.is_some() => bail!("{} is not the framework's folder", folder.display()),
        _ => bail!(
            "the folder that this command was built in is gone; name the framework's with --framework, or its \
             repository with --git"
        ),
    }
}

/// A file's text for this chain.
fn adapt(path: &str, text: &str, args: &NewArgs, framework: &Framework) -> Result<String> {
    let (name, in_rust) = (&args.name, args.name.replace('-', "_"));
    let words: Vec<String> = name.split('-').map(capitalised).collect();
    let names = [name.clone(), in_rust, words.join(" ")];
    let mut text = text.to_owned();
    for (old, new) in NAMES.iter().zip(names) {
        text = text.replace(old, &new);
    }
    Ok(match path {
        "Cargo.toml" => {
            let lines = text.lines().map(|line| dependency(line, framework));
            lines.collect::<Result<Vec<_>>>()?.join("\n") + "\n"
        }
        "node/src/main.rs" => text
            .replace("symbol: \"UNIT\"", &format!("symbol: \"{}\"", args.token))
            .replace("ss58_prefix: 42", &format!("ss58_prefix: {}", args.ss58_prefix)),
        "runtime/src/configs.rs" => text.replace(
            "SS58Prefix = ConstU16<42>",
            &format!("SS58Prefix = ConstU16<{}>", args.ss58_prefix),
        ),
        _ => text,
    })
}

/// A line of the workspace's manifest, with the framework where it is.
fn dependency(line: &str, framework: &Framework) -> Result<String> {
    const FROM: &str = "path = \"../";
    let Some((before, rest)) = line.split_once(FROM) else { return Ok(line.to_owned()) };
    let (path, after) = rest.split_once('"').context("a path in the template ends")?;
    let quoted = |text: &str| format!("{text:?}");
    let source = match framework {
        Framework::Folder(folder) => {
            let path = folder.join(path);
            format!(
                "path = {}",
                quoted(path.to_str().context("the framework's path is not UTF-8")?)
            )
        }
        Framework::Git { url, revision: None } => format!("git = {}", quoted(url)),
        Framework::Git { url, revision: Some(revision) } => {
            format!("git = {}, rev = {}", quoted(url), quoted(revision))
        }
    };
    Ok(format!("{before}{source}{after}"))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

fn write(path: &Path, text: &str) -> Result<()> {
    let about = || path.display().to_string();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(about)?;
    }
    std::fs::write(path, text).with_context(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_template_is_written() {
        let template = Path::new(BUILT_IN).join("node-template");
        let listed = std::process::Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(template)
            .output()
            .expect("git runs");
        let listed = String::from_utf8(listed.stdout).expect("names are UTF-8");
        let mut files: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        files.sort_unstable();
        let mut listed: Vec<&str> = listed.lines().collect();
        listed.sort_unstable();
        assert_eq!(files, listed);
    }

    #[test]
    fn names_are_checked() {
        for name in ["a", "my-chain", "chain2"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in
            ["", "My", "2chain", "a_b", "a-", "../a", "citrate", "pallet-x", &"a".repeat(41)]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_dependency_is_found_in_a_folder_or_in_a_repository() {
        let line = "citrate-api = { path = \"../primitives/api\", default-features = false }";
        let folder = Framework::Folder("/f".into());
        assert_eq!(
            dependency(line, &folder).unwrap(),
            "citrate-api = { path = \"/f/primitives/api\", default-features = false }"
        );
        let git = Framework::Git { url: "https://g/c".into(), revision: Some("v1".into()) };
        assert_eq!(
            dependency(line, &git).unwrap(),
            "citrate-api = { git = \"https://g/c\", rev = \"v1\", default-features = false }"
        );
        assert_eq!(dependency("a = \"1\"", &git).unwrap(), "a = \"1\"");
    }
}
