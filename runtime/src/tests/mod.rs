//! Tests of the composed runtime, run natively.

mod accounts;
mod blocks;
mod golden;
mod governance;
mod market;
mod metadata;
mod mock;
mod upgraded;
mod validators;
