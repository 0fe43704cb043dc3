//! Nothing: published pallets name this crate for a feature that is off here.

#![no_std]
