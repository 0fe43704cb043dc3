//! The job market: escrow, assignment, receipts, payment and refunds.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
