//! The runtime APIs, defined once for the runtime that exports them and the node that calls them.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
