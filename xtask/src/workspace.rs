//! The workspace, as `cargo metadata` tells it.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::Command,
};

/// One package, of the workspace or of a registry.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) description: String,
    /// Folder relative to the workspace, for its members.
    pub(crate) folder: Option<PathBuf>,
    /// Packages it is built from, dev-dependencies not among them.
    pub(crate) dependencies: BTreeSet<String>,
}

/// All packages, by cargo's identifier.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) packages: BTreeMap<String, Package>,
}

impl Workspace {
    /// Runs `cargo metadata`.
    pub(crate) fn read() -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo).args(["metadata", "--format-version", "1"]).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let root = PathBuf::from(text(&metadata["workspace_root"])?);
        let members: BTreeSet<&str> =
            array(&metadata["workspace_members"]).iter().filter_map(Value::as_str).collect();
        let mut packages = BTreeMap::new();
        for package in array(&metadata["packages"]) {
            let id = text(&package["id"])?;
            let manifest = PathBuf::from(text(&package["manifest_path"])?);
            let folder = manifest.parent().and_then(|path| path.strip_prefix(&root).ok());
            let entry = Package {
                name: text(&package["name"])?.to_owned(),
                description: package["description"].as_str().unwrap_or_default().to_owned(),
                folder: folder.filter(|_| members.contains(id)).map(Into::into),
                dependencies: BTreeSet::new(),
            };
            packages.insert(id.to_owned(), entry);
        }
        for node in array(&metadata["resolve"]["nodes"]) {
            let is_built_from =
                |dep: &&Value| array(&dep["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev");
            let dependencies = array(&node["deps"])
                .iter()
                .filter(is_built_from)
                .filter_map(|dep| dep["pkg"].as_str().map(str::to_owned))
                .collect();
            let package = packages.get_mut(text(&node["id"])?).context("an unknown package")?;
            package.dependencies = dependencies;
        }
        Ok(Self { root, packages })
    }

    /// The workspace's own packages, with their folders.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&Package, &PathBuf)> {
        self.packages.values().filter_map(|package| Some((package, package.folder.as_ref()?)))
    }

    /// The texts of the files that git knows and whose names match one of the patterns, by name.
    pub(crate) fn texts(&self, patterns: &[&str]) -> Result<Vec<(String, String)>> {
        let output = Command::new("git")
            .args(["ls-files", "-z"])
            .args(patterns)
            .current_dir(&self.root)
            .output()
            .context("git ls-files")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let names = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
        names
            .split('\0')
            // What was deleted and not yet committed is no file any more.
            .filter(|name| !name.is_empty() && self.root.join(name).exists())
            .map(|name| {
                let text = fs::read_to_string(self.root.join(name));
                Ok((name.to_owned(), text.with_context(|| name.to_owned())?))
            })
            .collect()
    }

    /// Everything that `package` is built from, directly or not.
    pub(crate) fn closure(&self, package: &Package) -> BTreeSet<&str> {
        let mut todo: Vec<&String> = package.dependencies.iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = todo.pop() {
            if let Some(next) = self.packages.get(id).filter(|_| seen.insert(id.as_str())) {
                todo.extend(&next.dependencies);
            }
        }
        seen.into_iter().filter_map(|id| Some(self.packages.get(id)?.name.as_str())).collect()
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("cargo metadata lacks a text")
}
