//! Decides when this node authors a block and with which payload.
//!
//! [`SlotClock`] and [`claim`] are pure: time, parameters and keys in, the next slot or the election
//! proof out. The pool's [`propose`](citrate_txpool::propose) fills a payload with what the author's
//! [`Lane`](citrate_txpool::Lane) holds and what has waited. [`Author`]
//! puts them together: [`Author::author_block`] builds on the best block, seals with a key of the
//! keystore and imports. It blocks while the runtime runs; whoever owns the clock calls it.

mod author;
mod claim;
mod error;
mod slots;

pub use author::Author;
pub use claim::{Claim, claim};
pub use error::AuthoringError;
pub use slots::{SlotClock, Tick};

#[cfg(test)]
mod tests;
