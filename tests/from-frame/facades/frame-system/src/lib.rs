//! Citrate's system pallet under the name of FRAME's.

#![cfg_attr(not(feature = "std"), no_std)]

pub use pallet_system::*;
