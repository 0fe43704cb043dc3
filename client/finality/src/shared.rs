//! What the voter and its driver share.

use crate::{
    config::{FinalityConfig, ROUNDS_KEPT},
    environment::VoterError,
    error::FinalityError,
    finality::{Finalized, Output},
    inbox::Inbox,
    ports::{VoterChain, VoterKeys, VoterStore},
    records::{Kind, LastRound, OwnVotes, Records, Slot, StoredJustification},
    rule::Sets,
    timers::Timers,
    wire::{GossipMessage, VoteMessage},
};
use citrate_core::{BlockNumber, H256};
use citrate_grandpa_types::{
    AuthorityId, Message, RoundNumber, SetId, SignedMessage, localized_payload,
};
use codec::Encode;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The ports, the clock and the state. One thread drives them, so the lock is never contended;
/// ports do not call back.
pub(crate) struct Shared {
    pub(crate) config: FinalityConfig,
    pub(crate) chain: Arc<dyn VoterChain>,
    pub(crate) store: Arc<dyn VoterStore>,
    pub(crate) keys: Arc<dyn VoterKeys>,
    pub(crate) timers: Arc<Timers>,
    pub(crate) sets: Sets,
    pub(crate) state: Mutex<State>,
}

/// The state of the present authority set.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) set_id: SetId,
    /// The round that is voted in; zero before the first.
    pub(crate) current: RoundNumber,
    pub(crate) rounds: BTreeMap<RoundNumber, Inbox>,
    pub(crate) last_round: Option<LastRound>,
    pub(crate) own: OwnVotes,
    /// Precommits for blocks that this node has not executed yet.
    pub(crate) held: Vec<(RoundNumber, Message)>,
    /// Blocks of this round's votes that this node was told to execute.
    pub(crate) asked: BTreeSet<H256>,
    /// A block that the voters made final and this node has not executed yet.
    pub(crate) unexecuted: Option<StoredJustification>,
    /// A block that the votes of a round made final and do not prove to others.
    pub(crate) unproven: Option<(H256, BlockNumber)>,
    pub(crate) reported: BTreeSet<(RoundNumber, AuthorityId, Kind)>,
    pub(crate) outputs: Vec<Output>,
    /// How many commit timers were set: each gets another delay.
    pub(crate) commit_timers: u64,
}

impl State {
    /// Whether votes of a round are taken.
    pub(crate) fn takes(&self, round: RoundNumber) -> bool {
        let first = self.current.saturating_sub(ROUNDS_KEPT);
        (first..=self.current.saturating_add(1)).contains(&round)
    }

    /// Moves on to a round.
    pub(crate) fn enter(&mut self, round: RoundNumber) {
        if round > self.current {
            self.asked.clear();
        }
        self.current = self.current.max(round);
        let first = self.current.saturating_sub(ROUNDS_KEPT);
        self.rounds = self.rounds.split_off(&first);
        self.held.retain(|(round, _)| *round >= first);
        self.reported.retain(|(round, ..)| *round >= first);
    }

    /// Has a block executed that this node cannot vote without, once in a round. It may lie beside this node's chain, which
    /// will then never come to it: voters who wait for each other this way would wait for good.
    pub(crate) fn ask(&mut self, hash: H256, number: BlockNumber) {
        if self.asked.insert(hash) {
            self.outputs.push(Output::Execute { hash, number });
        }
    }
}

impl Shared {
    pub(crate) fn records(&self) -> Records<'_> {
        Records(&*self.store)
    }

    /// Casts a vote of this node: signs it, writes it down, and only then sends it. A vote that was
    /// cast before, by an earlier run of the node too, is what it was.
    pub(crate) fn cast(
        &self,
        set_id: SetId,
        local: &AuthorityId,
        round: RoundNumber,
        message: Message,
    ) -> Result<(), FinalityError> {
        if !self.chain.is_executed(message.target().0) {
            // A proposal is only a hint; without it others vote all the same.
            if matches!(message, Message::Precommit(_)) {
                let mut state = self.state.lock();
                let (hash, number) = message.target();
                state.ask(*hash, number);
                state.held.push((round, message));
            }
            return Ok(());
        }
        let mut state = self.state.lock();
        let signed = match state.own.slot(set_id, round, Kind::of(&message)) {
            Slot::Closed => return Ok(()),
            Slot::Taken(signed) => signed,
            Slot::Free => {
                let payload = localized_payload(round, set_id, &message);
                let signature = self.keys.sign(local, &payload).ok_or(FinalityError::KeyGone)?;
                let signed = SignedMessage { message, signature, id: *local };
                let own = state.own.with(set_id, round, signed.clone());
                self.records().set_own_votes(local, &own)?;
                state.own = own;
                let vote = VoteMessage { round, set_id, message: signed.clone(), repeat: 0 };
                state.outputs.push(Output::Broadcast(GossipMessage::Vote(vote).encode()));
                signed
            }
        };
        let now_ms = self.timers.now_ms();
        let inbox = state.rounds.entry(round).or_default();
        inbox.note(&signed, now_ms);
        inbox.push(signed);
        Ok(())
    }

    /// Casts the precommits whose blocks are executed by now.
    pub(crate) fn cast_held(
        &self,
        set_id: SetId,
        local: &AuthorityId,
    ) -> Result<(), FinalityError> {
        let held = std::mem::take(&mut self.state.lock().held);
        held.into_iter().try_for_each(|(round, message)| self.cast(set_id, local, round, message))
    }

    /// Sends the own votes of this round and the last one again.
    pub(crate) fn repeat_votes(&self, set_id: SetId, repeat: u32) {
        let mut state = self.state.lock();
        let rounds = [state.current.saturating_sub(1), state.current];
        let votes: Vec<Output> = rounds
            .into_iter()
            .flat_map(|round| state.own.of_round(set_id, round).map(move |vote| (round, vote)))
            .map(|(round, signed)| VoteMessage { round, set_id, message: signed.clone(), repeat })
            .map(|vote| Output::Broadcast(GossipMessage::Vote(vote).encode()))
            .collect();
        state.outputs.extend(votes);
    }

    /// Makes an executed block final. Says whether another set is in charge from here on.
    ///
    /// The records come first: after a crash in between the chain is behind them, and the voters'
    /// next commit, or the same one, brings it up.
    pub(crate) fn finalize(
        &self,
        justification: StoredJustification,
    ) -> Result<Change, FinalityError> {
        let StoredJustification { set_id, hash, number, .. } = justification;
        let next = self.sets.id_after(&*self.chain, &hash).map_err(FinalityError::Chain)?;
        let change = if next == set_id { Change::None } else { Change::NewSet };
        let period = self.config.justification_period;
        self.records().keep(&justification, period, change == Change::NewSet)?;
        self.chain.finalize(&hash, justification.bytes.clone()).map_err(FinalityError::Chain)?;
        tracing::debug!(?hash, number, set_id, "a block is final");
        self.state.lock().outputs.push(Output::Finalized(Finalized {
            hash,
            number,
            justification: justification.bytes,
        }));
        Ok(change)
    }

    /// Makes a block final once it is executed: now, or with the next block that comes.
    pub(crate) fn finalize_or_wait(
        &self,
        justification: StoredJustification,
    ) -> Result<Change, VoterError> {
        let (hash, number) = (justification.hash, justification.number);
        if number <= self.chain.finalized().1 {
            return Ok(Change::None);
        }
        if !self.chain.is_executed(&hash) {
            let mut state = self.state.lock();
            if state.unexecuted.as_ref().is_none_or(|waiting| waiting.number < number) {
                state.unexecuted = Some(justification);
                state.outputs.push(Output::Execute { hash, number });
            }
            return Ok(Change::None);
        }
        let in_charge = self
            .sets
            .is_in_charge(&*self.chain, justification.set_id, &hash)
            .map_err(FinalityError::Chain)?;
        if !in_charge || !self.is_above_finalized(&hash) {
            tracing::error!(?hash, number, "voters made a block final that conflicts with others");
            return Ok(Change::None);
        }
        Ok(self.finalize(justification)?)
    }

    pub(crate) fn is_above_finalized(&self, hash: &H256) -> bool {
        self.chain.ancestry(&self.chain.finalized().0, hash).is_some()
    }

    /// Whether a block is known with this height; `None` when it is not known at all.
    pub(crate) fn is_number(&self, hash: &H256, number: BlockNumber) -> Option<bool> {
        self.chain.number(hash).map(|known| known == number)
    }
}

/// Whether a final block changes the authorities.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// The same voters go on.
    None,
    /// Others vote from here on.
    NewSet,
}
