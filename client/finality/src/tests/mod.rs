//! Whole networks of voters in one thread, under virtual time.

mod chain;
mod faults;
mod net;
mod voting;
