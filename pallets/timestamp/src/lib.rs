//! The time of a block, taken from its slot.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
