//! Tests on a runtime of this pallet alone.

mod accounts;
mod blocks;
mod extensions;
mod mock;
mod travel;
mod upgrade;
