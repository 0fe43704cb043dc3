//! What a program needs from its host: memory, a log, an end.

use citrate_host_macros::host_functions;

/// The guest's heap.
#[host_functions("allocator")]
pub mod allocator {
    #[cfg(feature = "std")]
    use crate::{HostCaller, HostError};

    /// Allocates `size` bytes.
    pub fn malloc(caller: &mut dyn HostCaller, size: u32) -> Result<u32, HostError> {
        caller.allocate(size)
    }

    /// Frees what [`malloc`] returned.
    pub fn free(caller: &mut dyn HostCaller, address: u32) -> Result<(), HostError> {
        caller.deallocate(address)
    }
}

/// The end of a runtime that panics.
#[host_functions("panic_handler")]
pub mod panic_handler {
    #[cfg(feature = "std")]
    use crate::{HostCaller, HostError};

    /// Ends the call with `message`.
    pub fn abort_on_panic(caller: &mut dyn HostCaller, message: &str) -> Result<(), HostError> {
        let _ = caller;
        Err(HostError::Panic(message.to_owned()))
    }
}

/// The node's log.
#[host_functions("logging")]
pub mod logging {
    pub use crate::Level;

    /// Writes a line; see [`Level::number`] for `level`.
    #[host(name = "log")]
    pub fn log_raw(level: u32, target: &str, message: &[u8]) {
        super::super::write_log(crate::Level::from_number(level), target, message);
    }

    /// The least important level that is written: 0 none, 1 errors, to 5 everything.
    #[host(name = "max_level")]
    pub fn max_level_raw() -> u32 {
        super::super::level_in_use()
    }

    pub use super::{log, max_level};
}

/// Writes a line.
pub fn log(level: crate::Level, target: &str, message: &[u8]) {
    logging::log_raw(level.number(), target, message);
}

/// The least important level that is written, for comparison with a [`crate::Level`].
pub fn max_level() -> crate::LevelFilter {
    crate::LevelFilter::from_number(logging::max_level_raw())
}

/// Odds and ends.
#[host_functions("misc")]
pub mod misc {
    #[cfg(feature = "std")]
    use crate::Externalities;
    use alloc::vec::Vec;

    /// Logs a number.
    pub fn print_num(value: u64) {
        super::super::write_log(crate::Level::Debug, "runtime", value.to_string().as_bytes());
    }

    /// Logs a text.
    pub fn print_utf8(text: &[u8]) {
        super::super::write_log(crate::Level::Debug, "runtime", text);
    }

    /// Logs bytes.
    pub fn print_hex(bytes: &[u8]) {
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        super::super::write_log(crate::Level::Debug, "runtime", text.as_bytes());
    }

    /// SCALE of the `RuntimeVersion` of a blob; `None` if it has none.
    pub fn runtime_version(host: &mut dyn Externalities, code: &[u8]) -> Option<Vec<u8>> {
        let reader = host.extensions().get::<crate::ReadRuntimeVersionExt>().cloned();
        let Some(reader) = reader else {
            host.fail("versions of runtimes cannot be read in this call".into());
            return None;
        };
        reader.0.read_runtime_version(code)
    }
}

/// LIMIT: bytes of one line that a runtime logs.
#[cfg(feature = "std")]
const LOG_BYTES_MAX: usize = 16 * 1024;

#[cfg(feature = "std")]
fn write_log(level: crate::Level, target: &str, message: &[u8]) {
    let message = message.get(..LOG_BYTES_MAX).unwrap_or(message);
    let message = String::from_utf8_lossy(message);
    match level {
        crate::Level::Error => tracing::error!(target: "runtime", from = target, "{message}"),
        crate::Level::Warn => tracing::warn!(target: "runtime", from = target, "{message}"),
        crate::Level::Info => tracing::info!(target: "runtime", from = target, "{message}"),
        crate::Level::Debug => tracing::debug!(target: "runtime", from = target, "{message}"),
        crate::Level::Trace => tracing::trace!(target: "runtime", from = target, "{message}"),
    }
}

#[cfg(feature = "std")]
fn level_in_use() -> u32 {
    use tracing::level_filters::LevelFilter;
    let level = LevelFilter::current();
    let levels = [
        LevelFilter::OFF,
        LevelFilter::ERROR,
        LevelFilter::WARN,
        LevelFilter::INFO,
        LevelFilter::DEBUG,
    ];
    levels.iter().zip(0..).find(|(known, _)| **known == level).map_or(5, |(_, number)| number)
}
