//! What a blob is made of: the files whose change must rebuild it.

use crate::BuildError;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

/// A runtime package, and everything local that it is built from.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// Name of the library as a file: `citrate_runtime`.
    pub(crate) library: String,
    /// Folders of the package and of its local dependencies, with the packages' names.
    pub(crate) folders: BTreeMap<PathBuf, String>,
    /// The workspace's manifest and lock file.
    pub(crate) workspace_files: Vec<PathBuf>,
}

impl Inputs {
    /// Reads `cargo metadata` of the package with this manifest.
    pub(crate) fn read(manifest: &Path) -> Result<Self, BuildError> {
        let output = Command::new(cargo())
            .args(["metadata", "--format-version", "1", "--manifest-path"])
            .arg(manifest)
            .output()
            .map_err(|e| BuildError::Cargo { command: "metadata", reason: e.to_string() })?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(BuildError::Cargo { command: "metadata", reason });
        }
        let metadata = serde_json::from_slice(&output.stdout)
            .map_err(|e| BuildError::Cargo { command: "metadata", reason: e.to_string() })?;
        Self::from_metadata(manifest, &metadata)
            .ok_or_else(|| BuildError::NoLibrary(manifest.to_owned()))
    }

    fn from_metadata(manifest: &Path, metadata: &Value) -> Option<Self> {
        let packages: BTreeMap<&str, &Value> = metadata["packages"]
            .as_array()?
            .iter()
            .filter_map(|package| Some((package["id"].as_str()?, package)))
            .collect();
        let manifest = manifest.canonicalize().ok()?;
        let is_ours = |package: &Value| {
            package["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest)
        };
        let (root, package) = packages.iter().find(|(_, package)| is_ours(package))?;
        let targets = package["targets"].as_array()?;
        let library = targets.iter().find(|target| {
            let kinds = target["kind"].as_array();
            kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "cdylib"))
        })?;
        let edges: BTreeMap<&str, Vec<&str>> = metadata["resolve"]["nodes"]
            .as_array()?
            .iter()
            .filter_map(|node| Some((node["id"].as_str()?, normal_dependencies(node))))
            .collect();
        let workspace = PathBuf::from(metadata["workspace_root"].as_str()?);
        let workspace_files =
            ["Cargo.toml", "Cargo.lock"].map(|name| workspace.join(name)).to_vec();
        Some(Self {
            library: library["name"].as_str()?.replace('-', "_"),
            folders: local_folders(root, &packages, &edges),
            workspace_files,
        })
    }

    /// Every file that counts, sorted.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>, BuildError> {
        let mut files: BTreeSet<PathBuf> =
            self.workspace_files.iter().filter(|path| path.exists()).cloned().collect();
        for folder in self.folders.keys() {
            files.insert(folder.join("Cargo.toml"));
            let build_script = folder.join("build.rs");
            if build_script.exists() {
                files.insert(build_script);
            }
            collect_files(&folder.join("src"), &mut files)?;
        }
        Ok(files.into_iter().collect())
    }

    /// SHA-256 over the contents of all files, and over `context`.
    pub(crate) fn hash(&self, context: &str) -> Result<String, BuildError> {
        let mut hasher = Sha256::new();
        hasher.update(context);
        for file in self.files()? {
            let bytes = std::fs::read(&file).map_err(BuildError::io(&file))?;
            hasher.update(Sha256::digest(&bytes));
        }
        Ok(hex::encode(hasher.finalize()))
    }
}

fn normal_dependencies(node: &Value) -> Vec<&str> {
    let is_normal = |dep: &Value| {
        dep["dep_kinds"].as_array().is_some_and(|kinds| {
            kinds.iter().any(|kind| kind["kind"].is_null() || kind["kind"] == "build")
        })
    };
    let deps = node["deps"].as_array().map(Vec::as_slice).unwrap_or_default();
    deps.iter().filter(|dep| is_normal(dep)).filter_map(|dep| dep["pkg"].as_str()).collect()
}

/// Folders of the local packages reachable from `root`; those of a registry have a `source`.
fn local_folders(
    root: &str,
    packages: &BTreeMap<&str, &Value>,
    edges: &BTreeMap<&str, Vec<&str>>,
) -> BTreeMap<PathBuf, String> {
    let (mut seen, mut todo) = (BTreeSet::new(), vec![root]);
    let mut folders = BTreeMap::new();
    while let Some(id) = todo.pop() {
        let Some(package) = packages.get(id) else { continue };
        if !package["source"].is_null() || !seen.insert(id) {
            continue;
        }
        let manifest = package["manifest_path"].as_str().map(Path::new);
        let name = package["name"].as_str().unwrap_or_default();
        let folder = manifest.and_then(Path::parent).map(Path::to_owned);
        folders.extend(folder.map(|folder| (folder, name.to_owned())));
        todo.extend(edges.get(id).into_iter().flatten());
    }
    folders
}

fn collect_files(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), BuildError> {
    for entry in std::fs::read_dir(folder).map_err(BuildError::io(folder))? {
        let path = entry.map_err(BuildError::io(folder))?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else {
            files.insert(path);
        }
    }
    Ok(())
}

/// The cargo that runs the build script, or the one on the path.
pub(crate) fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
