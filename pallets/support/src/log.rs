//! Logging from the runtime, through the host.

pub use citrate_host::logging::Level;

/// Writes one line, if anybody listens to this level.
pub fn write(level: Level, target: &str, message: &core::fmt::Arguments<'_>) {
    if level <= citrate_host::logging::max_level() {
        citrate_host::logging::log(level, target, alloc::fmt::format(*message).as_bytes());
    }
}

/// Logs an error: `log_error!("target", "text {}", value)`.
#[macro_export]
macro_rules! log_error {
    ($target:expr, $($arg:tt)+) => {
        $crate::log::write($crate::log::Level::Error, $target, &::core::format_args!($($arg)+))
    };
}

/// Logs a warning.
#[macro_export]
macro_rules! log_warn {
    ($target:expr, $($arg:tt)+) => {
        $crate::log::write($crate::log::Level::Warn, $target, &::core::format_args!($($arg)+))
    };
}

/// Logs information.
#[macro_export]
macro_rules! log_info {
    ($target:expr, $($arg:tt)+) => {
        $crate::log::write($crate::log::Level::Info, $target, &::core::format_args!($($arg)+))
    };
}

/// Logs for debugging.
#[macro_export]
macro_rules! log_debug {
    ($target:expr, $($arg:tt)+) => {
        $crate::log::write($crate::log::Level::Debug, $target, &::core::format_args!($($arg)+))
    };
}
