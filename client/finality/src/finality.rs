//! The machine: inputs and time in, outputs out.

use crate::{
    config::{FinalityConfig, POLLS_MAX},
    environment::{CommitSink, Env, GlobalIn, SetVoter, VoterError},
    error::{FinalityError, ImportError},
    peers::{Peer, Peers},
    ports::{VoterChain, VoterKeys, VoterStore},
    records::{LastRound, StoredJustification},
    report::{RoundReport, report},
    rule::Sets,
    shared::{Change, Shared, State},
    timers::Timers,
    verify::{self, Verified},
    waiting::Waiting,
    wire::Neighbour,
};
use citrate_core::{BlockNumber, H256};
use citrate_grandpa_types::{AuthorityId, EquivocationProof, SetId};
use finality_grandpa::{voter::VoterState, voter_set::VoterSet};
use futures::channel::mpsc::{UnboundedSender, unbounded};
use parking_lot::Mutex;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// What the driver has to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Output {
    /// Send this to everybody.
    Broadcast(Vec<u8>),
    /// Send this to one peer.
    Send {
        /// To whom.
        to: Peer,
        /// What.
        bytes: Vec<u8>,
    },
    /// A block is final, and with it all below it. The chain knows already.
    Finalized(Finalized),
    /// The voters made a block final that this node has not executed, or cannot go on without its vote: it should be
    /// executed. It is imported or will be, and need not be on this node's chain.
    Execute {
        /// The block.
        hash: H256,
        /// Its height.
        number: BlockNumber,
    },
    /// A voter voted twice: report it to the runtime.
    Equivocation(Box<EquivocationProof>),
}

/// A final block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finalized {
    /// The block.
    pub hash: H256,
    /// Its height.
    pub number: BlockNumber,
    /// An encoded [`citrate_grandpa_types::GrandpaJustification`].
    pub justification: Vec<u8>,
}

/// The voter of the present set and its connections.
pub(crate) struct Running {
    pub(crate) env: Env,
    pub(crate) global: UnboundedSender<Result<GlobalIn, VoterError>>,
    voter: SetVoter,
    state: Box<dyn VoterState<AuthorityId> + Send + Sync>,
}

/// Finality of one node: votes if the node has a voter's key, and follows the votes of others.
///
/// It reads no clock and does no input or output but through its ports. Whoever drives it calls it
/// with every message, when blocks came, and at [`Self::next_wake_ms`]; after each call there may
/// be [`Self::take_outputs`]. Times are milliseconds of any clock that never runs backwards.
pub struct Finality {
    pub(crate) shared: Arc<Shared>,
    pub(crate) running: Option<Running>,
    pub(crate) waiting: Waiting,
    pub(crate) peers: Peers,
    restart_at_ms: Option<u64>,
    /// Whether the voter has more to do than one input allows.
    has_more: bool,
    last_error: Option<FinalityError>,
}

impl fmt::Debug for Finality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finality")
            .field("here", &self.here())
            .field("last_error", &self.last_error)
            .finish_non_exhaustive()
    }
}

impl Finality {
    /// Starts voting where the records say that this node stopped.
    pub fn new(
        config: FinalityConfig,
        chain: Arc<dyn VoterChain>,
        store: Arc<dyn VoterStore>,
        keys: Arc<dyn VoterKeys>,
        now_ms: u64,
    ) -> Self {
        let timers = Arc::<Timers>::default();
        timers.advance(now_ms);
        let (sets, state) = (Sets::default(), Mutex::default());
        let peers = Peers::new(now_ms.saturating_add(config.neighbour_interval_ms));
        let shared = Arc::new(Shared { config, chain, store, keys, timers, sets, state });
        let mut finality = Self {
            shared,
            running: None,
            waiting: Waiting::default(),
            peers,
            restart_at_ms: None,
            has_more: false,
            last_error: None,
        };
        finality.run();
        finality
    }

    /// Goes on: timers are over, blocks were imported or executed, or the best block changed.
    pub fn advance(&mut self, now_ms: u64) {
        self.shared.timers.advance(now_ms);
        self.release_waiting();
        if self.peers.next_tick_ms <= now_ms {
            self.tick(now_ms);
            if let Some(running) = &self.running {
                running.env.prove_later();
            }
        }
        self.run();
    }

    /// A peer is gone: it is not asked, and has no answer to give.
    pub fn on_disconnected(&mut self, peer: &Peer) {
        self.peers.forget(peer);
    }

    /// What to do; in order, each once.
    pub fn take_outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.shared.state.lock().outputs)
    }

    /// When to call [`Self::advance`], if nothing comes before.
    pub fn next_wake_ms(&self) -> u64 {
        let now = self.has_more.then(|| self.shared.timers.now_ms());
        let waits = [self.shared.timers.next(), self.restart_at_ms, now];
        waits.into_iter().flatten().fold(self.peers.next_tick_ms, u64::min)
    }

    /// Applies a justification that came with a block or from a peer. A node that follows the chain
    /// needs one for every block after which the authorities change, and the newest.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub fn import_justification(
        &mut self,
        now_ms: u64,
        bytes: Vec<u8>,
    ) -> Result<Verified, ImportError> {
        self.shared.timers.advance(now_ms);
        let shared = &self.shared;
        let (finalized, finalized_number) = shared.chain.finalized();
        let set = shared.chain.authorities_at(&finalized).map_err(FinalityError::Chain)?;
        let verified = verify::verify_justification(&bytes, set.id, &set.authorities)?;
        let Verified { hash, number, .. } = verified;
        if number <= finalized_number {
            return Ok(verified);
        }
        match shared.is_number(&hash, number) {
            Some(true) if shared.chain.is_executed(&hash) => {}
            Some(false) => return Err(ImportError::Conflict(hash)),
            Some(true) | None => return Err(ImportError::NotExecuted(hash, number)),
        }
        let in_charge = shared
            .sets
            .is_in_charge(&*shared.chain, set.id, &hash)
            .map_err(FinalityError::Chain)?;
        if !in_charge || !shared.is_above_finalized(&hash) {
            return Err(ImportError::Conflict(hash));
        }
        let change =
            shared.finalize(StoredJustification { set_id: set.id, hash, number, bytes })?;
        if change == Change::NewSet {
            self.running = None;
        }
        self.run();
        Ok(verified)
    }

    /// The rounds that are running, for people who wonder why nothing becomes final; `None` while
    /// the voter does not run.
    pub fn round_state(&self) -> Option<RoundReport> {
        let running = self.running.as_ref()?;
        Some(report(running.env.set_id, &running.env.voters, &running.state.get()))
    }

    /// Why the voter stopped, if it did; it starts again by itself.
    pub fn last_error(&self) -> Option<&FinalityError> {
        self.last_error.as_ref()
    }

    /// Where this node is.
    pub fn here(&self) -> Neighbour {
        let (_, finalized) = self.shared.chain.finalized();
        let state = self.shared.state.lock();
        Neighbour { set_id: state.set_id, round: state.current, finalized }
    }

    /// Starts the voter anew from the records; what was received stays.
    pub(crate) fn restart(&mut self) {
        self.running = None;
        self.run();
    }

    /// Lets the voter do what there is to do.
    pub(crate) fn run(&mut self) {
        self.has_more = false;
        for _ in 0..POLLS_MAX {
            match self.poll() {
                Ok(Progress::Done) => return,
                Ok(Progress::More) => {}
                Err(VoterError::SetChanged) => self.running = None,
                Err(VoterError::Node(error)) => {
                    tracing::warn!(%error, "the voter stops for a while");
                    let now_ms = self.shared.timers.now_ms();
                    self.restart_at_ms = Some(now_ms.saturating_add(self.shared.config.restart_ms));
                    self.last_error = Some(error);
                    self.running = None;
                    return;
                }
            }
        }
        self.has_more = true;
    }

    fn poll(&mut self) -> Result<Progress, VoterError> {
        let waiting = self.shared.state.lock().unexecuted.take();
        if let Some(waiting) = waiting {
            self.finalize_waiting(waiting)?;
        }
        let Some(running) = &mut self.running else { return self.start() };
        // What a sole voter authors is final without votes: the chain may be in the next set's charge
        // before this voter heard of it.
        let (finalized, _) = self.shared.chain.finalized();
        let in_charge = self.shared.sets.id_after(&*self.shared.chain, &finalized);
        if in_charge.map_err(FinalityError::Chain)? != running.env.set_id {
            return Err(VoterError::SetChanged);
        }
        if let Some(local) = &running.env.local {
            self.shared.cast_held(running.env.set_id, local)?;
        }
        let flag = Arc::new(Flag::default());
        let waker = Waker::from(flag.clone());
        match Pin::new(&mut running.voter).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(Err(error)) => Err(error),
            // The voter never ends of itself.
            Poll::Ready(Ok(())) => Err(VoterError::SetChanged),
            Poll::Pending if flag.0.load(Ordering::Relaxed) => Ok(Progress::More),
            Poll::Pending => Ok(Progress::Done),
        }
    }

    fn finalize_waiting(&mut self, waiting: StoredJustification) -> Result<(), VoterError> {
        if !self.shared.chain.is_executed(&waiting.hash) {
            self.shared.state.lock().unexecuted = Some(waiting);
            return Ok(());
        }
        match self.shared.finalize_or_wait(waiting)? {
            Change::NewSet => Err(VoterError::SetChanged),
            Change::None => Ok(()),
        }
    }

    fn start(&mut self) -> Result<Progress, VoterError> {
        if self.restart_at_ms.is_some_and(|at| at > self.shared.timers.now_ms()) {
            return Ok(Progress::Done);
        }
        let shared = &self.shared;
        let finalized = shared.chain.finalized();
        let set = shared.chain.authorities_at(&finalized.0).map_err(FinalityError::Chain)?;
        let voters = VoterSet::new(set.authorities).ok_or(FinalityError::NoVoters)?;
        let local = voters.iter().map(|(id, _)| *id).find(|id| shared.keys.has(id));
        let last = shared.records().last_round()?.filter(|last| last.set_id == set.id);
        let own = local.map(|id| shared.records().own_votes(&id)).transpose()?;
        {
            let mut state = shared.state.lock();
            if state.set_id != set.id {
                let outputs = std::mem::take(&mut state.outputs);
                *state = State { set_id: set.id, outputs, ..State::default() };
                self.waiting.clear();
            }
            state.current = 0;
            state.held.clear();
            state.asked.clear();
            state.own = own.unwrap_or_default();
            state.last_round = last.clone();
        }
        let env = Env { shared: self.shared.clone(), set_id: set.id, voters, local };
        self.running = Some(Running::new(env, last, finalized));
        self.restart_at_ms = None;
        let early = self.waiting.take_early();
        for (from, vote) in early {
            self.on_vote(&from, vote);
        }
        Ok(Progress::More)
    }
}

impl Running {
    fn new(env: Env, last: Option<LastRound>, finalized: (H256, BlockNumber)) -> Self {
        let (global, incoming) = unbounded();
        let (round, votes, base) =
            last.map_or((0, Vec::new(), finalized), |last| (last.number, last.votes, last.base));
        let comms = (incoming, CommitSink { env: env.clone() });
        let voter = SetVoter::new(
            Arc::new(env.clone()),
            env.voters.clone(),
            comms,
            round,
            votes,
            base,
            finalized,
        );
        let state = voter.voter_state();
        Self { env, global, voter, state }
    }

    pub(crate) fn set_id(&self) -> SetId {
        self.env.set_id
    }
}

/// Whether the voter can go on at once.
enum Progress {
    Done,
    More,
}

/// Notes that the voter wants to be polled again.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
