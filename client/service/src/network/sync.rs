//! The thread of relay and sync: carries what `citrate-sync` wants to and from the network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use citrate_chain::Chain;
use citrate_core::{H256, TransactionSource};
use citrate_dag_types::{DagBlock, EquivocationProof};
use citrate_network::{Network, PeerId, Penalty, Responder, Topic};
use citrate_sync::{
    Action, Consequence, GossipId, ImportOutcome, InboundId, Input, Offence, Request, RequestId,
    SyncConfig, SyncCore, Wire,
};
use citrate_txpool::TxPool;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::{Peers, TO_SYNC};

/// How often the machine looks at the time.
const TICK: Duration = Duration::from_millis(200);

/// What the thread is told.
pub(crate) enum SyncJob {
    /// A peer is connected.
    Connected(PeerId),
    /// A peer is gone.
    Disconnected(PeerId),
    /// A message about a block.
    Gossip {
        /// Who passed it on.
        from: PeerId,
        /// For the verdict.
        id: citrate_network::GossipId,
        /// The message.
        data: Vec<u8>,
    },
    /// A question.
    Request {
        /// Who asks.
        peer: PeerId,
        /// The question.
        bytes: Vec<u8>,
        /// Takes the answer.
        respond: Responder,
    },
    /// This node made a block and imported it.
    Authored(H256),
    /// Anything else that the machine should know.
    Input(Input),
    /// The node stops.
    Stop,
}

/// What the thread works with.
pub(super) struct SyncLoop {
    pub(super) chain: Arc<Chain>,
    pub(super) pool: Arc<TxPool>,
    pub(super) network: Network,
    pub(super) imports: mpsc::Sender<DagBlock>,
    pub(super) jobs: mpsc::Sender<SyncJob>,
    pub(super) peers: Arc<Peers>,
}

/// The machine's names of things and the network's. All are bounded by the limits of either.
#[derive(Default)]
struct Names {
    next: u64,
    peers: BTreeMap<citrate_sync::PeerId, PeerId>,
    ids: BTreeMap<PeerId, citrate_sync::PeerId>,
    gossip: BTreeMap<GossipId, citrate_network::GossipId>,
    inbound: BTreeMap<InboundId, Responder>,
}

impl Names {
    fn fresh(&mut self) -> u64 {
        self.next = self.next.wrapping_add(1);
        self.next
    }

    fn forget(&mut self, peer: &PeerId) -> Option<citrate_sync::PeerId> {
        let id = self.ids.remove(peer)?;
        self.peers.remove(&id);
        Some(id)
    }
}

impl SyncLoop {
    /// Works until it is told to stop.
    pub(super) fn run(self, runtime: &Handle, mut received: mpsc::Receiver<SyncJob>) {
        let mut core = SyncCore::new(SyncConfig::default(), rand::random());
        let mut names = Names::default();
        let mut is_left_behind = false;
        loop {
            // Made inside, because timers belong to the runtime.
            let next = async { tokio::time::timeout(TICK, received.recv()).await };
            let job = match runtime.block_on(next) {
                Ok(Some(SyncJob::Stop) | None) => return,
                Ok(Some(job)) => Some(job),
                Err(_elapsed) => None,
            };
            let input = match job {
                Some(job) => match self.input(job, &mut names) {
                    Some(input) => input,
                    None => continue,
                },
                None => Input::Tick,
            };
            if let Input::Imported { hash, outcome: ImportOutcome::Imported } = &input {
                self.look_for_equivocation(hash);
            }
            for action in core.handle(self.chain.as_ref(), now_ms(), input) {
                self.act(action, &mut names, runtime);
            }
            let claims = core.claims();
            let claims = claims.filter_map(|(id, best)| Some((*names.peers.get(&id)?, best)));
            self.peers.note(core.state().is_syncing, claims.collect());
            is_left_behind = self.note_left_behind(is_left_behind, core.state().claimed_oldest);
        }
    }

    /// Says so when all peers have forgotten the blocks that this node needs next; once, until one has not.
    fn note_left_behind(&self, before: bool, oldest: Option<u32>) -> bool {
        let next = self.chain.best().number.saturating_add(1);
        let Some(oldest) = oldest.filter(|oldest| *oldest > next) else { return false };
        if !before {
            tracing::warn!(target: "sync", next, oldest, "no peer has the blocks that are needed next: an archive, or an empty database with --sync warp, would help");
        }
        true
    }

    /// What a job is for the machine. Peers that it took leave of are not heard any more.
    fn input(&self, job: SyncJob, names: &mut Names) -> Option<Input> {
        Some(match job {
            SyncJob::Connected(peer) => {
                let id = citrate_sync::PeerId(names.fresh());
                names.peers.insert(id, peer);
                names.ids.insert(peer, id);
                Input::Connected(id)
            }
            SyncJob::Disconnected(peer) => Input::Disconnected(names.forget(&peer)?),
            SyncJob::Gossip { from, id, data } => {
                let Some(peer) = names.ids.get(&from).copied() else {
                    self.network.verdict(id, citrate_network::Verdict::Ignore);
                    return None;
                };
                let number = GossipId(names.fresh());
                names.gossip.insert(number, id);
                Input::Gossip { peer, id: number, bytes: data }
            }
            SyncJob::Request { peer, bytes, respond } => {
                let peer = names.ids.get(&peer).copied()?;
                let id = InboundId(names.fresh());
                // What nobody waits for any more would stay for ever.
                names.inbound.retain(|_, responder| responder.is_open());
                names.inbound.insert(id, respond);
                Input::Request { peer, id, bytes }
            }
            SyncJob::Authored(hash) => Input::Authored(self.block(&hash)?),
            SyncJob::Input(input) => input,
            SyncJob::Stop => return None,
        })
    }

    fn block(&self, hash: &H256) -> Option<DagBlock> {
        let header = self.chain.header(hash).ok().flatten()?;
        let payload = self.chain.payload(hash).ok().flatten()?;
        Some(DagBlock { header, payload })
    }

    fn act(&self, action: Action, names: &mut Names, runtime: &Handle) {
        match action {
            Action::Request { peer, id, request } => match names.peers.get(&peer) {
                Some(peer) => self.ask(*peer, id, &request, runtime),
                None => self.tell(Input::Failed(id), runtime),
            },
            Action::Respond { id, response } => {
                if let Some(responder) = names.inbound.remove(&id) {
                    responder.send(response.to_bytes());
                }
            }
            Action::Import(block) => {
                // The machine hands out fewer than the queue holds. If the thread is gone, the node stops.
                let _ = self.imports.blocking_send(block);
            }
            Action::Judge { id, verdict } => {
                if let Some(id) = names.gossip.remove(&id) {
                    self.network.verdict(id, convert(verdict));
                }
            }
            Action::Announce(block) => {
                if let Err(error) = self.network.publish(Topic::Blocks, block.to_bytes()) {
                    tracing::warn!(target: "sync", hash = ?block.hash(), %error, "a block of ours is not sent");
                }
            }
            Action::Equivocation(proof) => self.report(&proof),
            Action::Penalise { peer, offence } => {
                if let Some(peer) = names.peers.get(&peer).copied() {
                    tracing::info!(target: "sync", %peer, ?offence, "a peer is let go");
                    names.forget(&peer);
                    self.network.report(&peer, penalty(offence));
                    self.network.disconnect(&peer);
                }
            }
        }
    }

    /// Asks a peer, and tells the machine what came of it.
    fn ask(&self, peer: PeerId, id: RequestId, request: &Request, runtime: &Handle) {
        let mut bytes = vec![TO_SYNC];
        bytes.extend(request.to_bytes());
        let (network, jobs) = (self.network.clone(), self.jobs.clone());
        runtime.spawn(async move {
            let input = match network.request(peer, bytes).await {
                Ok(bytes) => Input::Response { id, bytes },
                Err(error) => {
                    tracing::debug!(target: "sync", %peer, %error, "no answer");
                    Input::Failed(id)
                }
            };
            let _ = jobs.send(SyncJob::Input(input)).await;
        });
    }

    /// Tells the machine something from its own thread, which must not wait for itself.
    fn tell(&self, input: Input, runtime: &Handle) {
        let jobs = self.jobs.clone();
        runtime.spawn(async move {
            let _ = jobs.send(SyncJob::Input(input)).await;
        });
    }

    /// Reports the author of a block who made another one of the same slot. The DAG knows the other one also when
    /// relay does not: of before a restart, or downloaded after a split.
    fn look_for_equivocation(&self, block: &H256) {
        match self.chain.equivocation(block) {
            Ok(Some(proof)) => self.report(&proof),
            Ok(None) => {}
            Err(error) => tracing::warn!(target: "sync", %error, "the DAG's record of a block"),
        }
    }

    /// Puts the proof that an author made two blocks of one slot on chain.
    fn report(&self, proof: &EquivocationProof) {
        let extrinsic = match self.chain.equivocation_report(proof) {
            Ok(Some(extrinsic)) => extrinsic,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(target: "sync", %error, "an equivocation is not reported");
                return;
            }
        };
        let (first, second) = (proof.first.hash(), proof.second.hash());
        match self.pool.submit(TransactionSource::Local, extrinsic) {
            Ok(_) => {
                tracing::warn!(target: "sync", ?first, ?second, "an author made two blocks of one slot");
            }
            Err(error) => {
                tracing::debug!(target: "sync", ?first, ?second, %error, "an equivocation is reported already");
            }
        }
    }
}

fn convert(verdict: citrate_sync::Verdict) -> citrate_network::Verdict {
    match verdict {
        citrate_sync::Verdict::Accept => citrate_network::Verdict::Accept,
        citrate_sync::Verdict::Ignore => citrate_network::Verdict::Ignore,
        citrate_sync::Verdict::Reject => citrate_network::Verdict::Reject,
    }
}

pub(super) fn penalty(offence: Offence) -> Penalty {
    match (offence.consequence(), offence) {
        (Consequence::Ban, _) => Penalty::Proven,
        (_, Offence::OtherGenesis) => Penalty::WrongChain,
        (_, Offence::TooManyRequests) => Penalty::RequestFlood,
        (Consequence::Disconnect, _) => Penalty::Unresponsive,
    }
}

pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
