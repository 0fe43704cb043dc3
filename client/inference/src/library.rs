//! Finding and loading ONNX Runtime.

use std::{
    env,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use ort::{environment::Environment, logging::LogLevel};

/// The version that `scripts/setup.sh` fetches and results are compared with.
pub const LIBRARY_VERSION: &str = "1.32.0";

#[cfg(target_os = "macos")]
const FILE_NAME: &str = "libonnxruntime.dylib";
#[cfg(not(target_os = "macos"))]
const FILE_NAME: &str = "libonnxruntime.so";

/// ONNX Runtime allows one environment a process, and it must outlive every session.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

/// Where the library is: the given path, `$CITRATE_ONNXRUNTIME`, beside the program, or in the cache folder
/// that `scripts/setup.sh` fills.
pub fn library_path(given: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(path) = given.filter(|path| !path.as_os_str().is_empty()) {
        return existing(path.to_owned());
    }
    if let Some(path) = env::var_os("CITRATE_ONNXRUNTIME").filter(|path| !path.is_empty()) {
        return existing(path.into());
    }
    let beside = env::current_exe().ok().and_then(|path| Some(path.parent()?.join(FILE_NAME)));
    let cached = cache_folder()
        .map(|cache| cache.join(format!("onnxruntime-{LIBRARY_VERSION}")).join(FILE_NAME));
    beside.into_iter().chain(cached).find(|path| path.is_file()).ok_or_else(|| {
        "ONNX Runtime's library was not found: run scripts/setup.sh, or set CITRATE_ONNXRUNTIME to it"
            .to_owned()
    })
}

fn existing(path: PathBuf) -> Result<PathBuf, String> {
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("there is no ONNX Runtime library at {}", path.display()))
    }
}

fn cache_folder() -> Option<PathBuf> {
    let var = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    var("CITRATE_CACHE")
        .or_else(|| Some(var("XDG_CACHE_HOME")?.join("citrate")))
        .or_else(|| Some(var("HOME")?.join(".cache").join("citrate")))
}

/// Loads the library, once a process, and sets up its environment.
pub(crate) fn load(
    given: Option<&Path>,
    set_up: impl FnOnce(&Environment) -> Result<(), String>,
) -> Result<Environment, String> {
    let path = library_path(given)?;
    let mut environment = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*environment {
        return Ok(environment.clone());
    }
    let describe = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let built = ort::init_from(&path)
        .map_err(|error| describe(&error))?
        .with_name("citrate")
        .with_telemetry(false)
        .build()
        .map_err(|error| describe(&error))?;
    // Every error is returned as well; its own lines on standard error would be in nobody's format.
    built.set_log_level(LogLevel::Fatal);
    set_up(&built).map_err(|error| describe(&error))?;
    *environment = Some(built.clone());
    Ok(built)
}

/// The loaded library's version, from its build information.
pub(crate) fn version() -> String {
    let info = ort::info();
    let branch = info.split("git-branch=").nth(1).and_then(|rest| rest.split(',').next());
    match branch.map(|branch| branch.trim().trim_start_matches("rel-")) {
        Some(version) if version.starts_with(|c: char| c.is_ascii_digit()) => version.to_owned(),
        _ => LIBRARY_VERSION.to_owned(),
    }
}
