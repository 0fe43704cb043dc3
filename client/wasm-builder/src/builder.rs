//! Runs cargo for the WASM target and keeps its result until the inputs change.

use crate::{
    BuildError,
    inputs::{Inputs, cargo},
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The target: WebAssembly 1.0 without an operating system.
pub const TARGET: &str = "wasm32v1-none";
/// Writes empty blobs instead of building, for `cargo check` and lints.
const SKIP_ENV: &str = "SKIP_WASM_BUILD";
/// Link flags that Polkadot clients' engines need (compat spec, section 10).
const RUSTFLAGS: &[&str] =
    &["-Clink-arg=--export=__heap_base", "-Clink-arg=--export-table", "-Cpanic=abort"];
/// Folder, under the outer target folder, of the WASM builds. One of its own: the outer cargo
/// holds its lock while it runs the build script.
const TARGET_FOLDER: &str = "wasm-runtimes";

/// The blob that goes on chain: optimised across all crates, in one piece.
const ON_CHAIN: &[(&str, &str)] = &[
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_INCREMENTAL", "false"),
];
/// A development blob: after a change cargo compiles what changed.
const DEVELOPMENT: &[(&str, &str)] =
    &[("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_INCREMENTAL", "true")];

/// A runtime built to WASM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blob {
    /// The module as the linker wrote it.
    pub plain: PathBuf,
    /// The module compressed, behind Substrate's magic: what goes on chain.
    pub compressed: PathBuf,
}

/// Builds one blob of a runtime crate.
#[derive(Clone, Debug)]
pub struct WasmBuilder {
    manifest: PathBuf,
    features: Vec<String>,
    target_dir: Option<PathBuf>,
    development: bool,
}

impl WasmBuilder {
    /// A builder for the runtime with this manifest, without features.
    pub fn new(manifest: impl Into<PathBuf>) -> Self {
        let (features, target_dir) = (Vec::new(), None);
        Self { manifest: manifest.into(), features, target_dir, development: false }
    }

    /// Adds a cargo feature.
    #[must_use]
    pub fn feature(mut self, name: &str) -> Self {
        self.features.push(name.to_owned());
        self.features.sort();
        self
    }

    /// Builds under `path` instead of the outer cargo's target folder.
    #[must_use]
    pub fn target_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.target_dir = Some(path.into());
        self
    }

    /// Whether the blob is built for development: after a change only what changed is compiled, but the blob is larger and
    /// slower, and not the same wherever it is built. A chain that others are to verify gets the other one.
    #[must_use]
    pub fn development(mut self, development: bool) -> Self {
        self.development = development;
        self
    }

    /// Builds the blob, or returns the one built before from the same inputs. In a build script
    /// it tells cargo when to run again.
    ///
    /// # Errors
    /// When the target is missing, the crate does not build, or a file cannot be written.
    pub fn build(&self) -> Result<Blob, BuildError> {
        let inputs = Inputs::read(&self.manifest)?;
        let folder = self.blob_folder(&inputs.library)?;
        std::fs::create_dir_all(&folder).map_err(BuildError::io(&folder))?;
        let blob = Blob {
            plain: folder.join("runtime.wasm"),
            compressed: folder.join("runtime.compact.compressed.wasm"),
        };
        println_cargo(&format!("rerun-if-env-changed={SKIP_ENV}"));
        if std::env::var_os(SKIP_ENV).is_some_and(|value| value == "1") {
            let skipped = folder.join("skipped.wasm");
            std::fs::write(&skipped, []).map_err(BuildError::io(&skipped))?;
            return Ok(Blob { plain: skipped.clone(), compressed: skipped });
        }
        for file in inputs.files()? {
            println_cargo(&format!("rerun-if-changed={}", file.display()));
        }
        let hash = inputs.hash(&self.context()?)?;
        let stamp = folder.join("inputs.sha256");
        let is_fresh = std::fs::read_to_string(&stamp).is_ok_and(|old| old == hash)
            && blob.plain.exists()
            && blob.compressed.exists();
        if !is_fresh {
            let built = self.run_cargo(&inputs, &folder)?;
            let code = std::fs::read(&built).map_err(BuildError::io(&built))?;
            std::fs::write(&blob.plain, &code).map_err(BuildError::io(&blob.plain))?;
            let compressed = citrate_core::code::compress(&code)?;
            std::fs::write(&blob.compressed, compressed)
                .map_err(BuildError::io(&blob.compressed))?;
            std::fs::write(&stamp, hash).map_err(BuildError::io(&stamp))?;
        }
        Ok(blob)
    }

    /// Everything besides files that the blob depends on.
    fn context(&self) -> Result<String, BuildError> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(rustc)
            .arg("-vV")
            .output()
            .map_err(|e| BuildError::Cargo { command: "rustc -vV", reason: e.to_string() })?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        let (features, flags) = (self.features.join(","), RUSTFLAGS.join(" "));
        Ok(format!("{version}{features}{flags}{TARGET}{:?}", self.profile()))
    }

    /// What differs from cargo's release profile.
    fn profile(&self) -> &'static [(&'static str, &'static str)] {
        if self.development { DEVELOPMENT } else { ON_CHAIN }
    }

    /// `<target>/wasm-runtimes/<library>-<features>`: chains that share a target folder keep their blobs apart.
    fn blob_folder(&self, library: &str) -> Result<PathBuf, BuildError> {
        let features = self.features.iter().map(String::as_str);
        let parts = [library].into_iter().chain(features).chain(self.development.then_some("dev"));
        Ok(self.root()?.join(parts.collect::<Vec<_>>().join("-")))
    }

    fn root(&self) -> Result<PathBuf, BuildError> {
        if let Some(folder) = &self.target_dir {
            return Ok(folder.join(TARGET_FOLDER));
        }
        // OUT_DIR is <target>/<profile>/build/<package>/out.
        let out_dir = std::env::var_os("OUT_DIR").map(PathBuf::from);
        let target = out_dir.as_deref().and_then(|out| out.ancestors().nth(4));
        let target = target.ok_or_else(|| BuildError::Cargo {
            command: "build",
            reason: "outside a build script a target folder must be given".to_owned(),
        })?;
        Ok(target.join(TARGET_FOLDER))
    }

    fn run_cargo(&self, inputs: &Inputs, folder: &Path) -> Result<PathBuf, BuildError> {
        let target_dir = self.root()?.join("target");
        let log_path = folder.join("cargo.log");
        let log = std::fs::File::create(&log_path).map_err(BuildError::io(&log_path))?;
        let mut command = Command::new(cargo());
        // What the outer cargo set for its own build must not leak into this one.
        for (name, _) in std::env::vars_os() {
            let leaks = name.to_str().is_some_and(|name| {
                name.starts_with("CARGO_FEATURE_")
                    || name.starts_with("CARGO_CFG_")
                    || name.starts_with("CARGO_PKG_")
                    || ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "CARGO_MANIFEST_DIR", "TARGET"]
                        .contains(&name)
                    || ["CARGO_TARGET_DIR", "RUSTC_WORKSPACE_WRAPPER", "CLIPPY_ARGS"]
                        .contains(&name)
            });
            if leaks {
                command.env_remove(name);
            }
        }
        let flags: Vec<String> =
            RUSTFLAGS.iter().map(ToString::to_string).chain(remapped(inputs)).collect();
        let status = command
            .args(["rustc", "--release", "--lib", "--crate-type", "cdylib", "--target", TARGET])
            .args(["--no-default-features", "--features", &self.features.join(",")])
            .arg("--manifest-path")
            .arg(&self.manifest)
            .arg("--target-dir")
            .arg(&target_dir)
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .envs(self.profile().iter().copied())
            .stdout(std::process::Stdio::null())
            .stderr(log)
            .status()
            .map_err(|e| BuildError::Cargo { command: "rustc", reason: e.to_string() })?;
        if !status.success() {
            let log = std::fs::read_to_string(&log_path).unwrap_or_default();
            let no_core = log.contains("can't find crate for `core`");
            if no_core || log.contains("target may not be installed") {
                return Err(BuildError::TargetMissing);
            }
            let tail_start = log.len().saturating_sub(LOG_TAIL_BYTES);
            let tail = log.get(tail_start..).unwrap_or(&log);
            return Err(BuildError::Cargo { command: "rustc", reason: tail.to_owned() });
        }
        Ok(target_dir.join(TARGET).join("release").join(format!("{}.wasm", inputs.library)))
    }
}

/// Flags that leave the folders of this machine out of the blob, so that it is the same wherever it is built: a panic's
/// message names the package and the file. Of several that match the last one counts: folders are in order, so that one
/// inside another comes after it.
fn remapped(inputs: &Inputs) -> Vec<String> {
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home);
    let registry = cargo_home.map(|home| (home.join("registry/src"), "registry".to_owned()));
    let local = inputs.folders.iter().map(|(folder, name)| (folder.clone(), name.clone()));
    let all = registry.into_iter().chain(local);
    all.map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display())).collect()
}

/// Bytes of cargo's output that an error shows.
const LOG_TAIL_BYTES: usize = 6000;

#[expect(clippy::print_stdout, reason = "build scripts talk to cargo on standard output")]
fn println_cargo(instruction: &str) {
    if std::env::var_os("OUT_DIR").is_some() {
        println!("cargo::{instruction}");
    }
}
