//! Tests on a runtime of this pallet alone.

mod accounts;
mod blocks;
mod extensions;
pub(crate) mod mock;
mod travel;
mod upgrade;
