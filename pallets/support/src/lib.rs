//! Everything a pallet author needs: storage, calls, events, errors, origins, hooks and metadata.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
