//! Batches of calls and calls from derived accounts.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
