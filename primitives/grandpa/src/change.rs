//! How the runtime announces that the authorities change.

use crate::{AuthorityList, ENGINE_ID};
use citrate_core::{BlockNumber, DigestItem, Header};
use codec::{Decode, DecodeAll, Encode};
use scale_info::TypeInfo;

/// The next authorities, and after how many blocks they take over.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[scale_info(replace_segment("citrate_grandpa_types", "sp_consensus_grandpa"))]
pub struct ScheduledChange {
    /// Who votes next.
    pub next_authorities: AuthorityList,
    /// Blocks from the one that carries the change to the last one that the present authorities
    /// finalise: zero for that block itself.
    pub delay: BlockNumber,
}

/// What the runtime tells finality in a digest item. Only scheduled changes are ever written here;
/// the others keep their places so that foreign digests decode.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[scale_info(replace_segment("citrate_grandpa_types", "sp_consensus_grandpa"))]
pub enum ConsensusLog {
    /// The authorities change once the block that enacts it is final.
    #[codec(index = 1)]
    ScheduledChange(ScheduledChange),
    /// The authorities change without finality.
    #[codec(index = 2)]
    ForcedChange(BlockNumber, ScheduledChange),
    /// An authority no longer votes.
    #[codec(index = 3)]
    OnDisabled(u64),
    /// Voting stops after this many blocks.
    #[codec(index = 4)]
    Pause(BlockNumber),
    /// Voting goes on after this many blocks.
    #[codec(index = 5)]
    Resume(BlockNumber),
}

impl ConsensusLog {
    /// As an item of a digest.
    pub fn to_item(&self) -> DigestItem {
        DigestItem::Consensus(ENGINE_ID, self.encode())
    }
}

/// The change that a header announces: the first, should there be several.
pub fn scheduled_change(header: &Header) -> Option<ScheduledChange> {
    header.digest.logs.iter().find_map(|item| match item {
        DigestItem::Consensus(ENGINE_ID, bytes) => match ConsensusLog::decode_all(&mut &**bytes) {
            Ok(ConsensusLog::ScheduledChange(change)) => Some(change),
            _ => None,
        },
        _ => None,
    })
}
