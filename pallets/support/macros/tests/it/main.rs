//! What the macros generate, in use.

#![expect(
    missing_debug_implementations,
    unreachable_pub,
    reason = "test pallets, which nobody else sees"
)]

mod alias;
mod benchmarks;
mod by_hand;
mod demo;
#[expect(dead_code, reason = "what stands in the way of generated code is never used")]
mod hygiene;
mod mini_system;
mod runtime;
mod sketch;
mod upgrade;
