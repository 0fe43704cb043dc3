//! The host functions, defined once for the runtime that imports them and the node that serves them.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
