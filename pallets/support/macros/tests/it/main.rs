//! What the macros generate, in use.

#![allow(missing_docs, reason = "test pallets")]

mod by_hand;
mod demo;
mod hygiene;
mod mini_system;
mod runtime;
