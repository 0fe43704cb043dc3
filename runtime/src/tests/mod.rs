//! Tests of the composed runtime, run natively.

mod blocks;
mod golden;
mod market;
mod metadata;
mod mock;
mod upgraded;
mod validators;
