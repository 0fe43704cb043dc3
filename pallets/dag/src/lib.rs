//! Authorities, slots and randomness of the BlockDAG consensus, as the runtime sees them.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
