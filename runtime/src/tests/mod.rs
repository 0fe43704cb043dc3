//! Tests of the composed runtime, run natively.

mod blocks;
mod golden;
mod mock;
mod upgraded;
