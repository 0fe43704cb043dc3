//! The executor over hand-written modules, and against the native runtime.

mod agreement;
mod limits;
