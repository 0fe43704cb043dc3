//! Finding and loading ONNX Runtime.
#![expect(unsafe_code, reason = "ort does not tell the version of the library that it has loaded")]

use std::{
    env,
    ffi::CStr,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use libloading::{Library, Symbol};
use ort::{environment::Environment, logging::LogLevel, sys::OrtApiBase};

/// The version that `scripts/setup.sh` fetches and results are compared with.
pub const LIBRARY_VERSION: &str = "1.32.0";

#[cfg(target_os = "macos")]
const FILE_NAME: &str = "libonnxruntime.dylib";
#[cfg(not(target_os = "macos"))]
const FILE_NAME: &str = "libonnxruntime.so";

/// ONNX Runtime allows one environment a process, and it must outlive every session. With it, the library's version.
static ENVIRONMENT: Mutex<Option<(Environment, String)>> = Mutex::new(None);

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

/// Loads the library, once a process, and sets up its environment; gives that and the library's version.
pub(crate) fn load(
    given: Option<&Path>,
    set_up: impl FnOnce(&Environment) -> Result<(), String>,
) -> Result<(Environment, String), String> {
    let path = library_path(given)?;
    let mut environment = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = &*environment {
        return Ok(loaded.clone());
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
    let version = version(&path).map_err(|error| describe(&error))?;
    Ok(environment.insert((built, version)).clone())
}

/// The version that a library, which ort has loaded before, says it has.
fn version(path: &Path) -> Result<String, libloading::Error> {
    // SAFETY: loading it again runs nothing and gives the same library. Its one exported function has this signature in
    // every version (onnxruntime_c_api.h), and what it points to lives as long as the library, which ort never unloads.
    unsafe {
        let library = Library::new(path)?;
        let base: Symbol<'_, unsafe extern "system" fn() -> *const OrtApiBase> =
            library.get(b"OrtGetApiBase\0")?;
        let version = ((*base()).GetVersionString)();
        Ok(CStr::from_ptr(version).to_string_lossy().into_owned())
    }
}
