//! The task that owns the swarm.
//!
//! It decides nothing itself: `peers` does. It never waits for the consumer, nor for a peer.

mod discovery;
mod gossip;
mod identify;
mod observed;
mod requests;
mod swarm;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use libp2p::request_response::OutboundRequestId;
use libp2p::{Multiaddr, PeerId, Swarm};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use crate::behaviour::Behaviour;
use crate::config::NetworkConfig;
use crate::error::RequestError;
use crate::event::{Event, GossipId, Verdict};
use crate::gate::Gate;
use crate::outbox::Outbox;
use crate::peers::{Admission, Penalty};
use crate::pending::Pending;
use crate::protocol::{Channel, PerChannel, Protocols, Topic};
use crate::resolve::{is_name, resolve};
use crate::state::Shared;
use observed::Observed;
use requests::{Answered, Sending};

/// How often what depends on time is looked at.
const TICK: Duration = Duration::from_millis(250);
/// LIMIT: time that connections have to close at the end.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(2);

/// What a handle asks for.
#[derive(Debug)]
pub(crate) enum Command {
    Publish { topic: Topic, data: Vec<u8> },
    Request { channel: Channel, peer: PeerId, data: Vec<u8>, reply: Reply },
    Shutdown,
}

/// Takes the response to a request.
pub(crate) type Reply = oneshot::Sender<Result<Vec<u8>, RequestError>>;

/// The task that owns the swarm.
pub(crate) struct Worker {
    swarm: Swarm<Gate<Behaviour>>,
    protocols: Protocols,
    config: NetworkConfig,
    shared: Arc<Shared>,
    outbox: Outbox,
    events: mpsc::Sender<Event>,
    pending: Pending,
    /// Requests of this node; as many as `peers` allows.
    asked: PerChannel<HashMap<OutboundRequestId, (PeerId, Reply)>>,
    /// Requests of peers that the consumer has; as many as `peers` allows.
    answers: FuturesUnordered<BoxFuture<'static, Answered>>,
    sending: PerChannel<Sending>,
    /// Addresses being looked up; at most one for each boot node and reserved peer.
    lookups: FuturesUnordered<BoxFuture<'static, (PeerId, Vec<Multiaddr>)>>,
    observed: Observed,
    next_search: Instant,
    verdicts: mpsc::UnboundedReceiver<(GossipId, Verdict)>,
    /// The last field: handles take it for the end when it is dropped.
    commands: mpsc::Receiver<Command>,
}

impl Worker {
    pub(crate) fn new(
        swarm: Swarm<Gate<Behaviour>>,
        protocols: Protocols,
        config: &NetworkConfig,
        shared: Arc<Shared>,
        events: mpsc::Sender<Event>,
        commands: mpsc::Receiver<Command>,
        verdicts: mpsc::UnboundedReceiver<(GossipId, Verdict)>,
    ) -> Self {
        Self {
            swarm,
            protocols,
            shared,
            outbox: Outbox::new(events.clone()),
            events,
            pending: Pending::new(config.gossip),
            asked: PerChannel::default(),
            answers: FuturesUnordered::new(),
            sending: PerChannel::default(),
            lookups: FuturesUnordered::new(),
            observed: Observed::default(),
            next_search: Instant::now(),
            verdicts,
            commands,
            config: config.clone(),
        }
    }

    /// Runs until nobody needs the network any more.
    pub(crate) async fn run(mut self) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_swarm_event(event),
                command = self.commands.recv() => match command {
                    Some(Command::Publish { topic, data }) => self.publish(topic, data),
                    Some(Command::Request { channel, peer, data, reply }) => {
                        self.ask(channel, peer, data, reply);
                    }
                    Some(Command::Shutdown) | None => break,
                },
                Some((id, verdict)) = self.verdicts.recv() => self.judge(&id, verdict),
                Some(answered) = self.answers.next(), if !self.answers.is_empty() => {
                    self.answer(answered);
                }
                Some((peer, addresses)) = self.lookups.next(), if !self.lookups.is_empty() => {
                    self.dial(peer, addresses);
                }
                () = self.outbox.flush(), if self.outbox.is_waiting() => {}
                () = self.shared.wake.notified() => self.dial_due(),
                _ = ticks.tick() => self.tick(),
                () = self.events.closed() => break,
            }
            self.hang_up();
        }
        self.close().await;
    }

    /// Disconnects those of whom `peers` says that they have to go.
    fn hang_up(&mut self) {
        let doomed = self.shared.peers.lock().take_doomed();
        for peer in doomed {
            // An error says that it is gone already.
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }

    /// Dials the boot nodes and reserved peers whose time has come.
    fn dial_due(&mut self) {
        let due = self.shared.peers.lock().due_dials(Instant::now());
        for (peer, addresses) in due {
            if addresses.iter().any(is_name) {
                let lookup = async move { (peer, resolve(addresses).await) };
                self.lookups.push(lookup.boxed());
            } else {
                self.dial(peer, addresses);
            }
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        self.shared.peers.lock().tick(now);
        self.pending.expire(now);
        for channel in Channel::ALL {
            let limit = self.config.requests(channel).timeout.saturating_mul(2);
            self.sending.of_mut(channel).expire(now, limit);
        }
        self.score_gossip(now);
        self.dial_due();
        if now >= self.next_search {
            self.next_search = now + self.config.dial.discovery_interval;
            self.search(now);
        }
    }

    /// A peer showed that it is on our chain. `false`: it has to go nevertheless.
    fn admit(&mut self, peer: &PeerId) -> bool {
        let admission = self.shared.peers.lock().admit(peer);
        self.welcome(peer, admission)
    }

    fn welcome(&mut self, peer: &PeerId, admission: Admission) -> bool {
        if admission == Admission::New
            && let Some(direction) = self.shared.peers.lock().direction(peer)
        {
            tracing::debug!(%peer, ?direction, "connected");
            self.outbox.deliver(Event::PeerConnected { peer: *peer, direction });
        }
        matches!(admission, Admission::New | Admission::Known)
    }

    fn penalise(&self, peer: &PeerId, penalty: Penalty) {
        self.shared.peers.lock().penalise(Instant::now(), peer, penalty);
    }

    /// Closes the connections in an orderly way, as far as there is time.
    async fn close(&mut self) {
        let connected: BTreeSet<PeerId> = self.swarm.connected_peers().copied().collect();
        for peer in connected {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        let swarm = &mut self.swarm;
        let closing = async {
            while swarm.connected_peers().next().is_some() {
                swarm.select_next_some().await;
            }
        };
        if tokio::time::timeout(CLOSING_TIMEOUT, closing).await.is_err() {
            tracing::debug!("connections are cut");
        }
        self.shared.peers.lock().clear();
    }
}
