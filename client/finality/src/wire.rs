//! What nodes send each other about finality.

#![expect(clippy::cast_possible_truncation, reason = "the derived codec casts variant indices")]

use crate::config::MESSAGE_BYTES_MAX;
use citrate_core::BlockNumber;
use citrate_grandpa_types::{CatchUp, CompactCommit, RoundNumber, SetId, SignedMessage};
use codec::{Decode, DecodeAll, Encode};

/// A message. Votes and commits are for everybody; the others are for one hop.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub enum GossipMessage {
    /// A vote or proposal.
    #[codec(index = 0)]
    Vote(VoteMessage),
    /// The precommits that finalise a block.
    #[codec(index = 1)]
    Commit(CommitMessage),
    /// Where the sender is, and a number that tells two such messages apart, as in
    /// [`VoteMessage::repeat`]. Not signed: it is only ever a reason to ask.
    #[codec(index = 2)]
    Neighbour(Neighbour, u32),
    /// Asks for what the sender misses, given where it is.
    #[codec(index = 3)]
    CatchUpRequest(Neighbour),
    /// The votes that completed a round.
    #[codec(index = 4)]
    CatchUp(CatchUpMessage),
    /// An encoded justification.
    #[codec(index = 5)]
    Justification(Vec<u8>),
}

/// A vote in its round and set.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub struct VoteMessage {
    /// The round.
    pub round: RoundNumber,
    /// The authority set.
    pub set_id: SetId,
    /// The vote.
    pub message: SignedMessage,
    /// How many times the vote was sent before, so that a repeated vote is another message to a
    /// transport that drops what it has seen.
    pub repeat: u32,
}

/// A commit in its round and set.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub struct CommitMessage {
    /// The round.
    pub round: RoundNumber,
    /// The authority set.
    pub set_id: SetId,
    /// The block and the precommits.
    pub message: CompactCommit,
}

/// Where a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Neighbour {
    /// Its authority set.
    pub set_id: SetId,
    /// The round it votes in.
    pub round: RoundNumber,
    /// The height of its last final block.
    pub finalized: BlockNumber,
}

/// A completed round of a set.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub struct CatchUpMessage {
    /// The authority set.
    pub set_id: SetId,
    /// The votes.
    pub message: CatchUp,
}

impl GossipMessage {
    /// Reads a message; `None` when the bytes are none, or too many.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return None;
        }
        Self::decode_all(&mut &*bytes).ok()
    }
}
