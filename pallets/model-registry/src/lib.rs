//! Models by content hash, with card, price, licence, owner and version.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
