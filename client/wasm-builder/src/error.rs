//! Why a runtime did not build.

use std::path::PathBuf;

/// Why a runtime did not build.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The WASM target is not installed.
    #[error("the WASM target is not installed; run: rustup target add {}", crate::TARGET)]
    TargetMissing,
    /// Cargo could not be started or failed; its output went to standard error.
    #[error("cargo {command} failed: {reason}")]
    Cargo {
        /// The subcommand.
        command: &'static str,
        /// What it said or how it ended.
        reason: String,
    },
    /// The manifest names no package that makes a WASM library.
    #[error("{0} is not the manifest of a package with a cdylib target")]
    NoLibrary(PathBuf),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The blob is too large to be a runtime.
    #[error(transparent)]
    Code(#[from] citrate_core::code::CodeError),
}

impl BuildError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
