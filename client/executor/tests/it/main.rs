//! The executor over hand-written modules, and against the native runtime.

#![expect(clippy::unwrap_used, clippy::panic, clippy::too_many_lines, reason = "tests")]

mod agreement;
mod limits;
