//! What finality keeps on disk.

use crate::{config::OWN_ROUNDS_MAX, error::FinalityError, ports::VoterStore};
use citrate_core::{BlockNumber, H256, Header};
use citrate_grandpa_types::{AuthorityId, Message, RoundNumber, SetId, SignedMessage};
use codec::{Decode, DecodeAll, Encode};

/// The last completed round.
const ROUND_KEY: &[u8] = b"CITRATE/finality/round";
/// This node's own votes; the voter's key follows.
const OWN_KEY: &[u8] = b"CITRATE/finality/own/";
/// The newest justification.
const LATEST_KEY: &[u8] = b"CITRATE/finality/latest";
/// The justification of the last block of a set, whose number follows.
const SET_KEY: &[u8] = b"CITRATE/finality/set/";
/// The header of the last block of a set, whose number follows, on a node that began at a later block.
const HEADER_KEY: &[u8] = b"CITRATE/finality/header/";
/// The first justification in a period, whose number follows.
const PERIOD_KEY: &[u8] = b"CITRATE/finality/period/";

/// The last round that this node saw completed: where voting goes on after a restart.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub(crate) struct LastRound {
    pub(crate) set_id: SetId,
    pub(crate) number: RoundNumber,
    pub(crate) base: (H256, BlockNumber),
    pub(crate) votes: Vec<SignedMessage>,
}

/// A justification with what it is for.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct StoredJustification {
    pub(crate) set_id: SetId,
    pub(crate) hash: H256,
    pub(crate) number: BlockNumber,
    pub(crate) bytes: Vec<u8>,
}

/// What kind of vote a message is; a voter has one of each in a round.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Propose,
    Prevote,
    Precommit,
}

impl Kind {
    pub(crate) fn of(message: &Message) -> Self {
        match message {
            Message::PrimaryPropose(_) => Self::Propose,
            Message::Prevote(_) => Self::Prevote,
            Message::Precommit(_) => Self::Precommit,
        }
    }
}

/// This node's votes in its latest rounds of one set.
///
/// INVARIANT: a vote that was ever sent is in the record, or its round is below `floor`; the record
/// never allows a second vote of one kind in a round.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
pub(crate) struct OwnVotes {
    set_id: SetId,
    /// Rounds below it are over for this node, whether it voted in them or not.
    floor: RoundNumber,
    votes: Vec<(RoundNumber, SignedMessage)>,
}

/// Whether a vote may be cast.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Slot {
    /// Nothing was cast.
    Free,
    /// This was cast before.
    Taken(SignedMessage),
    /// The round or set is over.
    Closed,
}

impl OwnVotes {
    pub(crate) fn slot(&self, set_id: SetId, round: RoundNumber, kind: Kind) -> Slot {
        if set_id < self.set_id || (set_id == self.set_id && round < self.floor) {
            return Slot::Closed;
        }
        if set_id > self.set_id {
            return Slot::Free;
        }
        self.of_round(set_id, round)
            .find(|signed| Kind::of(&signed.message) == kind)
            .map_or(Slot::Free, |signed| Slot::Taken(signed.clone()))
    }

    /// The record with one vote more, where [`Self::slot`] is free.
    pub(crate) fn with(&self, set_id: SetId, round: RoundNumber, signed: SignedMessage) -> Self {
        let mut next = if set_id > self.set_id {
            Self { set_id, floor: 0, votes: Vec::new() }
        } else {
            self.clone()
        };
        next.votes.push((round, signed));
        let mut rounds: Vec<RoundNumber> = next.votes.iter().map(|(round, _)| *round).collect();
        rounds.sort_unstable();
        rounds.dedup();
        if let Some(surplus) = rounds.len().checked_sub(OWN_ROUNDS_MAX).filter(|n| *n > 0) {
            next.floor = rounds.get(surplus).copied().unwrap_or(next.floor);
            next.votes.retain(|(round, _)| *round >= next.floor);
        }
        next
    }

    pub(crate) fn of_round(
        &self,
        set_id: SetId,
        round: RoundNumber,
    ) -> impl Iterator<Item = &SignedMessage> {
        let votes = if set_id == self.set_id { &self.votes[..] } else { &[] };
        votes.iter().filter(move |(of, _)| *of == round).map(|(_, signed)| signed)
    }
}

/// The store, with typed records.
#[derive(Clone, Copy)]
pub(crate) struct Records<'a>(pub(crate) &'a dyn VoterStore);

impl Records<'_> {
    pub(crate) fn last_round(self) -> Result<Option<LastRound>, FinalityError> {
        self.read(ROUND_KEY, "last round")
    }

    pub(crate) fn set_last_round(self, round: &LastRound) -> Result<(), FinalityError> {
        self.write(&[(ROUND_KEY.to_vec(), round.encode())])
    }

    pub(crate) fn own_votes(self, id: &AuthorityId) -> Result<OwnVotes, FinalityError> {
        let own: Option<OwnVotes> = self.read(&own_key(id), "own votes")?;
        Ok(own.unwrap_or_default())
    }

    pub(crate) fn set_own_votes(
        self,
        id: &AuthorityId,
        own: &OwnVotes,
    ) -> Result<(), FinalityError> {
        self.write(&[(own_key(id), own.encode())])
    }

    pub(crate) fn latest(self) -> Result<Option<StoredJustification>, FinalityError> {
        self.read(LATEST_KEY, "latest justification")
    }

    pub(crate) fn of_set(self, id: SetId) -> Result<Option<StoredJustification>, FinalityError> {
        self.read(&numbered(SET_KEY, id), "justification of a set")
    }

    pub(crate) fn of_period(
        self,
        period: BlockNumber,
    ) -> Result<Option<StoredJustification>, FinalityError> {
        self.read(&numbered(PERIOD_KEY, u64::from(period)), "justification of a period")
    }

    /// Keeps a justification: as the newest one, as that of its period if it is the first, and as
    /// that of its set if it is the last.
    pub(crate) fn keep(
        self,
        justification: &StoredJustification,
        period_length: BlockNumber,
        ends_set: bool,
    ) -> Result<(), FinalityError> {
        let bytes = justification.encode();
        let mut records = vec![(LATEST_KEY.to_vec(), bytes.clone())];
        let period = justification.number / period_length.max(1);
        if self.of_period(period)?.is_none() {
            records.push((numbered(PERIOD_KEY, u64::from(period)), bytes.clone()));
        }
        if ends_set {
            records.push((numbered(SET_KEY, justification.set_id), bytes));
        }
        self.write(&records)
    }

    /// Keeps the justification of the last block of its set, and its header, which the chain may lack.
    pub(crate) fn keep_end(
        self,
        end: &StoredJustification,
        header: &Header,
    ) -> Result<(), FinalityError> {
        self.write(&[
            (numbered(SET_KEY, end.set_id), end.encode()),
            (numbered(HEADER_KEY, end.set_id), header.encode()),
        ])
    }

    /// The header of the last block of a set, if it was kept apart from the chain.
    pub(crate) fn header_of_set(self, id: SetId) -> Result<Option<Header>, FinalityError> {
        self.read(&numbered(HEADER_KEY, id), "header of the last block of a set")
    }

    fn read<T: Decode>(self, key: &[u8], name: &'static str) -> Result<Option<T>, FinalityError> {
        let Some(bytes) = self.0.get(key).map_err(FinalityError::Store)? else { return Ok(None) };
        match T::decode_all(&mut &*bytes) {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(FinalityError::Corrupted(name)),
        }
    }

    fn write(self, records: &[(Vec<u8>, Vec<u8>)]) -> Result<(), FinalityError> {
        let records: Vec<(&[u8], Option<&[u8]>)> =
            records.iter().map(|(key, value)| (&key[..], Some(&value[..]))).collect();
        self.0.set(&records).map_err(FinalityError::Store)
    }
}

fn own_key(id: &AuthorityId) -> Vec<u8> {
    [OWN_KEY, id.as_ref()].concat()
}

fn numbered(key: &[u8], number: u64) -> Vec<u8> {
    [key, &number.to_be_bytes()].concat()
}
