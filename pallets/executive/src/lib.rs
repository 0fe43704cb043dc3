//! Executes blocks: initialise, apply extrinsics, finalise, validate transactions, upgrade.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
