//! Logging from the runtime, through the host.

pub use citrate_host::logging::Level;

/// Whether anybody listens to this level.
pub fn enabled(level: Level) -> bool {
    level <= citrate_host::logging::max_level()
}

/// Writes one line.
pub fn write(level: Level, target: &str, message: &core::fmt::Arguments<'_>) {
    if enabled(level) {
        let text = alloc::fmt::format(*message);
        citrate_host::logging::log(level, target, text.as_bytes());
    }
}

macro_rules! level_macro {
    ($d:tt $(#[$doc:meta])* $name:ident, $level:ident) => {
        $(#[$doc])*
        #[macro_export]
        macro_rules! $name {
            ($d target:expr, $d ($d arg:tt)+) => {
                $crate::log::write(
                    $crate::log::Level::$level,
                    $d target,
                    &::core::format_args!($d ($d arg)+),
                )
            };
        }
    };
}

level_macro!($
    /// Logs an error: `log_error!("target", "text {}", value)`.
    log_error, Error);
level_macro!($
    /// Logs a warning.
    log_warn, Warn);
level_macro!($
    /// Logs information.
    log_info, Info);
level_macro!($
    /// Logs for debugging.
    log_debug, Debug);
