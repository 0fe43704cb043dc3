//! Tensors, model cards, jobs and receipts as they go on chain.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
