//! One bonded ledger whose stake backs a role: provider or validator.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
