//! Whole networks of nodes in one thread, from a seed: latency, loss, crashes and liars.
//!
//! A [`Scenario`] says what happens in a run; [`Scenario::random`] draws one from a seed. [`run`] lets it happen: nodes
//! with the real DAG rules (`ghostdag::Dag`), the real relay and sync machine (`citrate-sync`), the real
//! pool and its lanes (`citrate-txpool`), the real voter (`citrate-finality`) and the real lottery exchange
//! messages over a network that delays, loses and partitions; some of them crash, and some lie. Time is a number, so that a minute takes as long as its events do. The same seed gives the same
//! run, to the last message.
//!
//! After each run this must hold, or the run is a [`Violation`]:
//! - the honest nodes agree on the selected chain and know all of each other's blocks, once nothing goes wrong any more;
//! - no two honest nodes have different final blocks at a height, by votes with real signatures whose proofs
//!   verify, and finality comes up to the tip;
//! - no honest voter votes twice, whatever crashes;
//! - every transaction that a node took is accepted once in a final block, or its sender is told that it is not;
//! - a DAG that is built from the same blocks in another order is coloured, ordered and executed in the same way;
//! - no block's blue work is more than the distinct slots that were won in its past, whoever hid blocks or
//!   made several of one slot, also in a private DAG that nobody has seen yet;
//! - no honest node banned another one, or refused its votes.
//!
//! The state is a hash over what is executed, in order, and the senders' nonces: the runtime has its own
//! tests. The voters never change.
//!
//! A failing seed is run again with `CITRATE_SEED=N cargo test -p citrate-sim`, many are
//! tried with `cargo run -p citrate-sim -- --seeds 5000`.

mod byzantine;
mod check;
mod network;
mod node;
mod report;
mod scenario;
#[cfg(test)]
mod tests;
mod transactions;
mod voter;
mod world;

pub use check::Violation;
pub use report::{Report, percentile};
pub use scenario::{BYZANTINE, Crash, NetworkParameters, Partition, Role, Scenario};
pub use world::run;
