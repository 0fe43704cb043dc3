//! Accounts' money: transfers, holds, locks, reserves and the existential deposit.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
