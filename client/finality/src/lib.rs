//! Votes on which blocks are final, and proves it.
//!
//! GRANDPA over the tree of selected parents: [`Finality`] drives the published `finality-grandpa`
//! voter as a sans-IO machine. Messages, blocks and time go in; messages, final blocks and reports
//! of equivocations come out ([`Output`]). The chain, the disk and the keys are ports
//! ([`VoterChain`], [`VoterStore`], [`VoterKeys`]), so whole networks of voters run in one thread
//! under virtual time.
//!
//! # Rules
//!
//! - *Votes are written down before they are sent.* A restart, also in the middle of a round or
//!   after a failed write, never makes a node vote twice.
//! - *Only executed blocks are voted for.* A prevote waits until something above its base is
//!   executed; a precommit for a block that only others have executed is held back until this node
//!   has. It has such a block executed ([`Output::Execute`]), which may not be on its chain.
//! - *Target*: the newest block a few blocks below the best descendant of the round's base
//!   ([`FinalityConfig::blocks_behind`]), at most [`config::VOTE_DEPTH_MAX`] past the last final
//!   one. A base that left the best chain has an answer too; without one, voting would stop for
//!   good.
//! - *Authority sets follow from the state.* A block belongs to the set that the state of its
//!   parent names. So the last block of a set is the one whose state names the next: it is
//!   finalised by the old voters and is the base of the new voters' first round. Nobody votes
//!   across that boundary.
//! - *Catching up*: neighbours tell each other set, round and height. Who is stuck asks one that is
//!   ahead, and gets the justification that ended its set, or the votes that completed a later
//!   round. Who is asked in vain is asked less often, and nobody is kept out by others. A round that
//!   does not move has its votes repeated, so lost messages only cost time.
//!
//! Signatures, justifications and digests are Substrate's (`citrate-grandpa-types`); the gossip is
//! our own. [`verify_justification`] checks a justification without a voter or a chain.

pub mod config;
mod environment;
mod error;
mod finality;
mod gossip;
mod inbox;
mod peers;
mod ports;
mod proof;
mod records;
mod report;
mod rule;
mod shared;
mod timers;
mod verify;
mod waiting;
pub mod warp;
pub mod wire;

pub use config::FinalityConfig;
pub use error::{FinalityError, ImportError, JustificationError};
pub use finality::{Finality, Finalized, Output};
pub use gossip::{Fault, Verdict};
pub use peers::Peer;
pub use ports::{AuthoritySet, VoterChain, VoterKeys, VoterStore};
pub use proof::{ProofError, prove_finality};
pub use report::{PhaseVotes, RoundReport, RoundVotes};
pub use verify::{Verified, verify_justification};

#[cfg(test)]
mod tests;
