//! The pallet under all others: accounts, block bookkeeping, events, code upgrades.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
