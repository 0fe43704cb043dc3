//! Hashes, keys, accounts, headers, extrinsics and errors that every layer shares.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
