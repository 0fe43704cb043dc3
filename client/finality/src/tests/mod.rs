//! Whole networks of voters in one thread, under virtual time.

mod catch_up;
mod chain;
mod faults;
mod justifications;
mod messages;
mod net;
mod sets;
mod voting;
mod warp;
