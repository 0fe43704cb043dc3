//! Fees for weight, length and tip, and the queries that estimate them.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
