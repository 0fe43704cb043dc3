//! Tests of block execution on a small runtime: every refusal to its exact error.

mod blocks;
mod closed;
mod mock;
mod refusals;
mod signatures;
