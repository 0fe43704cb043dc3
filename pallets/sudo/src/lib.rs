//! One key that may dispatch as root.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
