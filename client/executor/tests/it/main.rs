//! The executor over hand-written modules, and with the Citrate runtime beside the native one.

#![expect(clippy::unwrap_used, clippy::panic, clippy::too_many_lines, reason = "tests")]

mod agreement;
mod chain;
mod deep;
mod history;
mod limits;
