//! The thread of finality: carries votes between `citrate-finality` and the network.

use std::sync::Arc;
use std::time::{Duration, Instant};

use citrate_chain::Chain;
use citrate_finality::{Finality, FinalityConfig, Output, Peer, Verdict};
use citrate_keystore::LocalKeystore;
use citrate_network::{GossipId, Network, PeerId, Penalty, Topic};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::TO_VOTES;
use super::report::Reporter;
use super::rounds::Rounds;
use super::voter::{ChainPort, KeysPort, StorePort, serve_justifications};

/// LIMIT: how long the thread sleeps.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// What the thread is told.
pub(super) enum VoteJob {
    /// A vote or commit for everybody.
    Gossip { from: PeerId, id: GossipId, data: Vec<u8> },
    /// A message to us alone.
    Direct { from: PeerId, data: Vec<u8> },
    /// A peer is gone.
    Disconnected(PeerId),
    /// The chain has something new.
    Advance,
    /// The node stops.
    Stop,
}

/// What the thread works with.
pub(super) struct VoteLoop {
    chain: Arc<Chain>,
    keystore: Arc<LocalKeystore>,
    network: Network,
    rounds: Arc<Rounds>,
    reporter: Reporter,
    begun: Instant,
}

impl VoteLoop {
    pub(super) fn new(
        chain: Arc<Chain>,
        keystore: Arc<LocalKeystore>,
        network: Network,
        rounds: Arc<Rounds>,
        reporter: Reporter,
    ) -> Self {
        Self { chain, keystore, network, rounds, reporter, begun: Instant::now() }
    }

    /// Works until it is told to stop. Without voters on the chain it only listens.
    pub(super) fn run(self, runtime: &Handle, mut received: mpsc::Receiver<VoteJob>) {
        let port = Arc::new(ChainPort(Arc::clone(&self.chain)));
        let store = Arc::new(StorePort(Arc::clone(self.chain.db())));
        let keys = Arc::new(KeysPort(Arc::clone(&self.keystore)));
        let config = FinalityConfig::default();
        serve_justifications(&self.chain, &port, &store, &config);
        let mut finality = Finality::new(config, port, store, keys, self.now_ms());
        loop {
            for output in finality.take_outputs() {
                self.put(output, runtime);
            }
            self.rounds.note(finality.round_state());
            let wake_ms = finality.next_wake_ms().saturating_sub(self.now_ms());
            let wait = Duration::from_millis(wake_ms).min(WAIT_MAX);
            let next = async { tokio::time::timeout(wait, received.recv()).await };
            match runtime.block_on(next) {
                Ok(Some(VoteJob::Stop) | None) => return,
                Ok(Some(job)) => self.take(&mut finality, job),
                Err(_elapsed) => {}
            }
            finality.advance(self.now_ms());
        }
    }

    fn take(&self, finality: &mut Finality, job: VoteJob) {
        match job {
            VoteJob::Gossip { from, id, data } => {
                let verdict = finality.on_message(self.now_ms(), &name(&from), &data);
                let verdict = match verdict {
                    Verdict::Forward => citrate_network::Verdict::Accept,
                    Verdict::Ignore => citrate_network::Verdict::Ignore,
                    Verdict::Reject(fault) => {
                        tracing::info!(target: "finality", %from, ?fault, "a message is refused");
                        citrate_network::Verdict::Reject
                    }
                };
                self.network.verdict(id, verdict);
            }
            VoteJob::Direct { from, data } => {
                let verdict = finality.on_message(self.now_ms(), &name(&from), &data);
                if let Verdict::Reject(fault) = verdict {
                    tracing::info!(target: "finality", %from, ?fault, "a message is refused");
                    self.network.report(&from, Penalty::InvalidRequest);
                }
            }
            VoteJob::Disconnected(peer) => finality.on_disconnected(&name(&peer)),
            VoteJob::Advance | VoteJob::Stop => {}
        }
    }

    fn put(&self, output: Output, runtime: &Handle) {
        match output {
            Output::Broadcast(bytes) => {
                if let Err(error) = self.network.publish(Topic::Votes, bytes) {
                    tracing::debug!(target: "finality", %error, "a vote is not sent; it is repeated");
                }
            }
            Output::Send { to, bytes } => {
                let Ok(peer) = PeerId::from_bytes(&to.0) else { return };
                let mut message = vec![TO_VOTES];
                message.extend(bytes);
                let network = self.network.clone();
                runtime.spawn(async move {
                    if let Err(error) = network.request(peer, message).await {
                        tracing::debug!(target: "finality", %peer, %error, "a message is not sent");
                    }
                });
            }
            Output::Finalized(block) => {
                tracing::debug!(target: "finality", number = block.number, hash = ?block.hash, "final");
                self.rounds.finalized(block.justification);
            }
            Output::Execute { hash, number } => match self.chain.execute(&hash) {
                Ok(true) => {}
                Ok(false) => {
                    tracing::error!(target: "finality", number, ?hash, "others agree on a block whose outcome is another one here");
                }
                Err(error) => {
                    tracing::debug!(target: "finality", number, ?hash, %error, "not executed yet");
                }
            },
            Output::Equivocation(proof) => self.reporter.report(&proof),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn name(peer: &PeerId) -> Peer {
    Peer(peer.to_bytes())
}
