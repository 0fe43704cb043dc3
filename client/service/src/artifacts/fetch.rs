//! The thread that fetches: carries what `citrate-artifacts` wants to and from the network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use citrate_artifacts::{
    Action, Failure, FetchConfig, FetchCore, Input, Offence, Request, RequestId, Store,
};
use citrate_network::{Channel, Network, PeerId, Penalty, RequestError};
use codec::Encode;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::{FetchJob, Fetcher};

/// How often the machine looks at the time.
const TICK: Duration = Duration::from_millis(200);

/// What the thread works with.
pub(crate) struct FetchLoop {
    pub(crate) store: Arc<Store>,
    pub(crate) network: Network,
    pub(crate) fetcher: Fetcher,
}

/// The machine's names of peers and the network's. LIMIT: as many as are connected.
#[derive(Default)]
struct Names {
    next: u64,
    peers: BTreeMap<citrate_artifacts::PeerId, PeerId>,
    ids: BTreeMap<PeerId, citrate_artifacts::PeerId>,
}

impl FetchLoop {
    /// Works until it is told to stop.
    pub(crate) fn run(self, runtime: &Handle, mut received: mpsc::Receiver<FetchJob>) {
        let mut core = FetchCore::new(FetchConfig::default());
        let mut names = Names::default();
        let begun = Instant::now();
        loop {
            // Made inside, because timers belong to the runtime.
            let next = async { tokio::time::timeout(TICK, received.recv()).await };
            let input = match runtime.block_on(next) {
                Ok(Some(FetchJob::Stop) | None) => return,
                Ok(Some(job)) => match input(job, &mut names) {
                    Some(input) => input,
                    None => continue,
                },
                Err(_elapsed) => Input::Tick,
            };
            let now_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            for action in core.handle(&self.store, now_ms, input) {
                self.act(action, &names, runtime);
            }
            self.fetcher.note(core.wanted());
        }
    }

    fn act(&self, action: Action, names: &Names, runtime: &Handle) {
        match action {
            Action::Request { peer, id, request } => match names.peers.get(&peer) {
                Some(peer) => self.ask(*peer, id, request, runtime),
                None => self.tell(Input::Failed { id, failure: Failure::Lost }, runtime),
            },
            Action::Penalise { peer, offence } => {
                if let Some(peer) = names.peers.get(&peer) {
                    tracing::info!(target: "artifacts", %peer, ?offence, "a peer is penalised");
                    self.network.report(peer, penalty(offence));
                }
            }
            Action::Done { hash, outcome } => match outcome {
                Ok(artifact) => {
                    tracing::info!(target: "artifacts", ?hash, name = artifact.name, bytes = artifact.bytes, "fetched");
                    self.fetcher.end(&hash, None);
                }
                Err(error) => {
                    tracing::warn!(target: "artifacts", ?hash, %error, "not fetched");
                    self.fetcher.end(&hash, Some(error.to_string()));
                }
            },
        }
    }

    /// Asks a peer, and tells the machine what came of it.
    fn ask(&self, peer: PeerId, id: RequestId, request: Request, runtime: &Handle) {
        let (network, jobs) = (self.network.clone(), self.fetcher.jobs().clone());
        runtime.spawn(async move {
            let answered = network.request_on(Channel::Artifacts, peer, request.encode()).await;
            let input = match answered {
                Ok(bytes) => Input::Response { id, bytes },
                Err(error) => {
                    let failure = match error {
                        RequestError::Refused | RequestError::Busy => Failure::Refused,
                        RequestError::Timeout => Failure::Timeout,
                        _ => Failure::Lost,
                    };
                    Input::Failed { id, failure }
                }
            };
            // The thread may have ended.
            let _ = jobs.send(FetchJob::Input(input)).await;
        });
    }

    /// Tells the machine something from its own thread, which must not wait for itself.
    fn tell(&self, input: Input, runtime: &Handle) {
        let jobs = self.fetcher.jobs().clone();
        runtime.spawn(async move {
            let _ = jobs.send(FetchJob::Input(input)).await;
        });
    }
}

/// What a job is for the machine.
fn input(job: FetchJob, names: &mut Names) -> Option<Input> {
    Some(match job {
        FetchJob::Connected(peer) => {
            names.next = names.next.wrapping_add(1);
            let id = citrate_artifacts::PeerId(names.next);
            names.peers.insert(id, peer);
            names.ids.insert(peer, id);
            Input::Connected(id)
        }
        FetchJob::Disconnected(peer) => {
            let id = names.ids.remove(&peer)?;
            names.peers.remove(&id);
            Input::Disconnected(id)
        }
        FetchJob::Input(input) => input,
        FetchJob::Stop => return None,
    })
}

fn penalty(offence: Offence) -> Penalty {
    match offence {
        Offence::Malformed | Offence::WrongBlock => Penalty::InvalidResponse,
        // It cost a whole download, and no honest node does it.
        Offence::FalseClaim => Penalty::Proven,
    }
}
