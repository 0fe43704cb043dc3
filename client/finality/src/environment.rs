//! The voter's view of the node.

use crate::{
    error::FinalityError,
    finality::Output,
    inbox::Incoming,
    records::{Kind, LastRound, StoredJustification},
    rule,
    shared::{Change, Shared},
    timers::Timer,
    verify,
    wire::{CommitMessage, GossipMessage},
};
use citrate_core::{BlockNumber, H256, hashing::blake2_256};
use citrate_grandpa_types::{
    AuthorityId, AuthoritySignature, Commit, Equivocation, EquivocationProof, Message, Precommit,
    Prevote, RoundNumber, SetId,
};
use codec::Encode;
use finality_grandpa::{
    Chain, HistoricalVotes, PrimaryPropose,
    round::State as RoundState,
    voter::{CommunicationIn, CommunicationOut, Environment, RoundData, Voter},
    voter_set::VoterSet,
};
use futures::{Sink, channel::mpsc::UnboundedReceiver};
use std::{
    collections::BTreeSet,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// A commit or catch-up for the voter.
pub(crate) type GlobalIn = CommunicationIn<H256, BlockNumber, AuthoritySignature, AuthorityId>;
/// The voter of one authority set.
pub(crate) type SetVoter =
    Voter<H256, BlockNumber, Env, UnboundedReceiver<Result<GlobalIn, VoterError>>, CommitSink>;
type Votes = HistoricalVotes<H256, BlockNumber, AuthoritySignature, AuthorityId>;
type State = RoundState<H256, BlockNumber>;
type Twice<V> = finality_grandpa::Equivocation<AuthorityId, V, AuthoritySignature>;

/// Why a voter ended.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum VoterError {
    /// Another set is in charge.
    #[error("the authorities changed")]
    SetChanged,
    /// Something failed.
    #[error(transparent)]
    Node(#[from] FinalityError),
}

impl From<finality_grandpa::Error> for VoterError {
    fn from(error: finality_grandpa::Error) -> Self {
        Self::Node(FinalityError::Voter(error))
    }
}

/// One authority set as this node sees it.
#[derive(Clone)]
pub(crate) struct Env {
    pub(crate) shared: Arc<Shared>,
    pub(crate) set_id: SetId,
    pub(crate) voters: VoterSet<AuthorityId>,
    /// The key that this node votes with, if any.
    pub(crate) local: Option<AuthorityId>,
}

impl Env {
    /// Whether nobody else votes.
    fn is_sole(&self) -> bool {
        self.voters.len().get() == 1 && self.local.is_some()
    }

    /// The proof for others of what the precommits of a round make final, if they do without what voters voted twice.
    fn prove(&self, round: RoundNumber, commit: Commit) -> Option<StoredJustification> {
        let (hash, number) = (commit.target_hash, commit.target_number);
        let justification = verify::justify(&*self.shared.chain, round, commit)?;
        let keys = &self.shared.keys;
        let check = |id: &_, payload: &_, signature: &_| keys.verify(id, payload, signature);
        verify::verify(&justification, self.set_id, &self.voters, &check).ok()?;
        let bytes = justification.encode();
        Some(StoredJustification { set_id: self.set_id, hash, number, bytes })
    }

    /// Looks for the proof of what is final by the votes of a round and could not be proved by them. The voter takes it for
    /// final and does not come back to it, so that without newer blocks it would stay unproved.
    pub(crate) fn prove_later(&self) {
        let (_, finalized) = self.shared.chain.finalized();
        let (target_hash, target_number, rounds) = {
            let mut state = self.shared.state.lock();
            state.unproven.take_if(|(_, number)| *number <= finalized);
            let Some((hash, number)) = state.unproven else { return };
            let rounds = state.rounds.iter().map(|(round, inbox)| (*round, inbox.precommits()));
            (hash, number, rounds.collect::<Vec<_>>())
        };
        let proved = rounds.into_iter().find_map(|(round, precommits)| {
            let commit = Commit { target_hash, target_number, precommits };
            let mut commit = verify::without_strays(&*self.shared.chain, commit);
            let mut voters = BTreeSet::new();
            commit.precommits.retain(|signed| voters.insert(signed.id));
            self.prove(round, commit)
        });
        if let Some(proved) = proved {
            self.shared.state.lock().unexecuted.get_or_insert(proved);
        }
    }

    fn report(&self, round: RoundNumber, kind: Kind, equivocation: Equivocation) {
        let proof = EquivocationProof { set_id: self.set_id, equivocation };
        let mut state = self.shared.state.lock();
        if state.reported.insert((round, *proof.offender(), kind)) {
            tracing::warn!(voter = ?proof.offender(), round, "a voter voted twice");
            state.outputs.push(Output::Equivocation(Box::new(proof)));
        }
    }
}

impl Chain<H256, BlockNumber> for Env {
    fn ancestry(&self, base: H256, block: H256) -> Result<Vec<H256>, finality_grandpa::Error> {
        verify::ancestry(&*self.shared.chain, &base, &block)
            .ok_or(finality_grandpa::Error::NotDescendent)
    }
}

impl Environment<H256, BlockNumber> for Env {
    type Timer = Timer;
    type BestChain = Target;
    type Id = AuthorityId;
    type Signature = AuthoritySignature;
    type In = Incoming;
    type Out = VoteSink;
    type Error = VoterError;

    fn best_chain_containing(&self, base: H256) -> Target {
        Target { env: self.clone(), base }
    }

    fn round_data(&self, round: u64) -> RoundData<AuthorityId, Timer, Incoming, VoteSink> {
        let duration = self.shared.config.gossip_duration_ms;
        let after = |ms| self.shared.timers.after(ms);
        // A sole voter waits for nobody, but does not vote without a pause either.
        let (prevote_timer, precommit_timer) = if self.is_sole() {
            (after(0), after(duration))
        } else {
            (after(duration.saturating_mul(2)), after(duration.saturating_mul(4)))
        };
        let mut state = self.shared.state.lock();
        state.enter(round);
        let cast: Vec<_> = state.own.of_round(self.set_id, round).cloned().collect();
        let now_ms = self.shared.timers.now_ms();
        let inbox = state.rounds.entry(round).or_default();
        for signed in cast {
            inbox.note(&signed, now_ms);
            inbox.push(signed);
        }
        RoundData {
            voter_id: self.local,
            prevote_timer,
            precommit_timer,
            incoming: inbox.connect(),
            outgoing: VoteSink { env: self.clone(), round },
        }
    }

    fn round_commit_timer(&self) -> Timer {
        let window = self.shared.config.gossip_duration_ms.saturating_mul(2).max(1);
        let mut state = self.shared.state.lock();
        state.commit_timers += 1;
        // Differs from voter to voter, so that one commit is usually enough for all.
        let hash = (self.local, self.set_id, state.commit_timers).using_encoded(blake2_256);
        let (first, _) = hash.split_first_chunk().unwrap_or((&[0; 8], &[]));
        self.shared.timers.after(u64::from_le_bytes(*first) % window)
    }

    // Votes are written down where they are signed, in `Shared::cast`.
    fn proposed(
        &self,
        _round: u64,
        _propose: PrimaryPropose<H256, BlockNumber>,
    ) -> Result<(), VoterError> {
        Ok(())
    }

    fn prevoted(&self, _round: u64, _prevote: Prevote) -> Result<(), VoterError> {
        Ok(())
    }

    fn precommitted(&self, _round: u64, _precommit: Precommit) -> Result<(), VoterError> {
        Ok(())
    }

    fn completed(
        &self,
        round: u64,
        _state: State,
        base: (H256, BlockNumber),
        votes: &Votes,
    ) -> Result<(), VoterError> {
        let last =
            LastRound { set_id: self.set_id, number: round, base, votes: votes.seen().to_vec() };
        self.shared.records().set_last_round(&last)?;
        self.shared.state.lock().last_round = Some(last);
        Ok(())
    }

    fn concluded(
        &self,
        _round: u64,
        _state: State,
        _base: (H256, BlockNumber),
        _votes: &Votes,
    ) -> Result<(), VoterError> {
        Ok(())
    }

    fn finalize_block(
        &self,
        hash: H256,
        number: BlockNumber,
        round: u64,
        commit: Commit,
    ) -> Result<(), VoterError> {
        if number <= self.shared.chain.finalized().1 {
            return Ok(());
        }
        let Some(stored) = self.prove(round, commit) else {
            // Possible when voters voted twice; a later round proves it without their votes.
            tracing::warn!(?hash, number, round, "the votes do not prove to others what is final");
            self.shared.state.lock().unproven = Some((hash, number));
            return Ok(());
        };
        match self.shared.finalize_or_wait(stored)? {
            Change::None => Ok(()),
            Change::NewSet => Err(VoterError::SetChanged),
        }
    }

    fn prevote_equivocation(&self, round: u64, equivocation: Twice<Prevote>) {
        self.report(round, Kind::Prevote, Equivocation::Prevote(equivocation));
    }

    fn precommit_equivocation(&self, round: u64, equivocation: Twice<Precommit>) {
        self.report(round, Kind::Precommit, Equivocation::Precommit(equivocation));
    }
}

/// The block to prevote for. Waits while nothing above the base is executed, and has the base executed: the voter
/// is polled for every block that comes, so nobody has to be woken.
pub(crate) struct Target {
    env: Env,
    base: H256,
}

impl Future for Target {
    type Output = Result<Option<(H256, BlockNumber)>, VoterError>;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Self::Output> {
        let Env { shared, set_id, .. } = &self.env;
        let behind = if self.env.is_sole() { 0 } else { shared.config.blocks_behind };
        let target = rule::target(&*shared.chain, &shared.sets, *set_id, behind, &self.base);
        match target {
            Ok(Some(target)) => Poll::Ready(Ok(Some(target))),
            Ok(None) => {
                let number = shared.chain.number(&self.base);
                if let Some(number) = number.filter(|_| !shared.chain.is_executed(&self.base)) {
                    shared.state.lock().ask(self.base, number);
                }
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(FinalityError::Chain(error).into())),
        }
    }
}

/// Signs and sends what the voter decides in a round.
pub(crate) struct VoteSink {
    env: Env,
    round: RoundNumber,
}

impl Sink<Message> for VoteSink {
    type Error = VoterError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), VoterError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), VoterError> {
        let Some(local) = &self.env.local else { return Ok(()) };
        Ok(self.env.shared.cast(self.env.set_id, local, self.round, message)?)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), VoterError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), VoterError>> {
        Poll::Ready(Ok(()))
    }
}

/// Sends the commits of a voter; a node that only follows sends none.
pub(crate) struct CommitSink {
    pub(crate) env: Env,
}

impl Sink<CommunicationOut<H256, BlockNumber, AuthoritySignature, AuthorityId>> for CommitSink {
    type Error = VoterError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), VoterError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(
        self: Pin<&mut Self>,
        message: CommunicationOut<H256, BlockNumber, AuthoritySignature, AuthorityId>,
    ) -> Result<(), VoterError> {
        let CommunicationOut::Commit(round, commit) = message;
        if self.env.local.is_some() {
            let shared = &self.env.shared;
            let commit = verify::without_strays(&*shared.chain, commit);
            // Without the votes of those who voted twice it may not be enough for others, who would
            // blame us for it; a later round proves the block.
            let is_enough = finality_grandpa::validate_commit(&commit, &self.env.voters, &self.env)
                .is_ok_and(|result| result.is_valid());
            if !is_enough {
                tracing::debug!(round, "a commit is not enough for others");
                return Ok(());
            }
            let commit = CommitMessage { round, set_id: self.env.set_id, message: commit.into() };
            let bytes = GossipMessage::Commit(commit).encode();
            shared.state.lock().outputs.push(Output::Broadcast(bytes));
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), VoterError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), VoterError>> {
        Poll::Ready(Ok(()))
    }
}
