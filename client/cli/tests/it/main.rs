//! The `citrate` command as its users run it: real processes, real signals, real disks.

mod artifact;
mod blocks;
mod command;
mod failures;
mod help;
mod input;
mod key;
mod kill;
mod market;
mod node;
mod signals;
mod spec;
mod transaction;
mod websocket;
