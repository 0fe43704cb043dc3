//! The handle.

use std::fmt;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId, TransportError};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::address::{MultiaddrWithPeerId, ip};
use crate::behaviour;
use crate::config::{GossipConfig, NetworkConfig};
use crate::error::{NetworkError, PublishError, RequestError};
use crate::event::{Event, GossipId, Verdict};
use crate::peers::{Direction, PeerInfo, Peers, Penalty};
use crate::protocol::{Channel, PerChannel, Protocols, Topic};
use crate::state::{NetworkState, Shared};
use crate::worker::{Command, Worker};

/// LIMIT: commands that wait for the task.
const COMMANDS_MAX: usize = 256;

/// A network, cheap to clone. It ends with [`Network::shutdown`], with the last handle, or when the events
/// have no receiver any more.
#[derive(Clone)]
pub struct Network {
    local: PeerId,
    commands: mpsc::Sender<Command>,
    /// LIMIT: not needed; there are as many verdicts as the consumer holds [`GossipId`]s.
    verdicts: mpsc::UnboundedSender<(GossipId, Verdict)>,
    shared: Arc<Shared>,
    gossip: GossipConfig,
    /// LIMIT: bytes of a request.
    request_bytes_max: PerChannel<usize>,
}

impl Network {
    /// Opens the sockets and starts the task, on a runtime with time and I/O.
    ///
    /// # Errors
    /// See [`NetworkError`].
    pub fn start(
        mut config: NetworkConfig,
        runtime: &Handle,
    ) -> Result<(Self, mpsc::Receiver<Event>), NetworkError> {
        config.check()?;
        let key = std::mem::take(&mut config.node_key).keypair()?;
        let local = key.public().to_peer_id();
        let protocols = Protocols::new(config.genesis, &config.protocol_id, config.version)
            .ok_or(NetworkError::Config("the protocol names are not valid"))?;
        let shared = Arc::new(Shared::new(Peers::new(&config, Instant::now())));
        // Sockets register with the runtime.
        let _guard = runtime.enter();
        let mut swarm = behaviour::swarm(&config, &protocols, key, shared.clone())?;
        for address in &config.listen {
            let problem = |source| NetworkError::Listen { address: address.clone(), source };
            if_free(address).map_err(|error| problem(TransportError::Other(error)))?;
            swarm.listen_on(address.clone()).map_err(problem)?;
        }
        for address in &config.external {
            swarm.add_external_address(address.clone());
            shared.external.lock().push(address.clone());
        }
        let (commands, received) = mpsc::channel(COMMANDS_MAX);
        let (verdicts, judged) = mpsc::unbounded_channel();
        let (events, receiver) = mpsc::channel(config.events_max);
        let network = Self {
            local,
            commands,
            verdicts,
            shared: shared.clone(),
            gossip: config.gossip,
            request_bytes_max: PerChannel::new(|channel| {
                config.requests(channel).request_bytes_max
            }),
        };
        let worker = Worker::new(swarm, protocols, &config, shared, events, received, judged);
        runtime.spawn(worker.run());
        Ok((network, receiver))
    }

    /// This node's id.
    pub fn local_peer_id(&self) -> PeerId {
        self.local
    }

    /// Sends a message to all that listen to the topic.
    ///
    /// The same message again within a minute is not sent: peers would take it for the first one.
    ///
    /// # Errors
    /// See [`PublishError`]. That nobody listens is no error.
    pub fn publish(&self, topic: Topic, data: Vec<u8>) -> Result<(), PublishError> {
        let (bytes, max) = (data.len(), self.gossip.bytes_max(topic));
        if bytes > max {
            return Err(PublishError::TooLarge { bytes, max });
        }
        let waiting = self.shared.publishing.fetch_add(bytes, Ordering::AcqRel);
        let sent =
            match waiting.saturating_add(bytes) <= self.gossip.publish_bytes_max {
                true => self.commands.try_send(Command::Publish { topic, data }).map_err(|error| {
                    match error {
                        mpsc::error::TrySendError::Full(_) => PublishError::Busy,
                        mpsc::error::TrySendError::Closed(_) => PublishError::Shutdown,
                    }
                }),
                false => Err(PublishError::Busy),
            };
        if sent.is_err() {
            self.shared.publishing.fetch_sub(bytes, Ordering::AcqRel);
        }
        sent
    }

    /// Says whether a gossip message is valid; only then it is forwarded.
    pub fn verdict(&self, id: GossipId, verdict: Verdict) {
        // Nobody is left to tell when the network is shut down.
        let _ = self.verdicts.send((id, verdict));
    }

    /// Asks a connected peer about blocks, states or votes, and waits for its response.
    ///
    /// # Errors
    /// See [`RequestError`]. There is always an answer, within the time limit of requests.
    pub async fn request(&self, peer: PeerId, data: Vec<u8>) -> Result<Vec<u8>, RequestError> {
        self.request_on(Channel::Sync, peer, data).await
    }

    /// As [`Self::request`], on either channel.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn request_on(
        &self,
        channel: Channel,
        peer: PeerId,
        data: Vec<u8>,
    ) -> Result<Vec<u8>, RequestError> {
        let (bytes, max) = (data.len(), *self.request_bytes_max.of(channel));
        if bytes > max {
            return Err(RequestError::TooLarge { bytes, max });
        }
        let (reply, response) = oneshot::channel();
        let sent = self.commands.send(Command::Request { channel, peer, data, reply }).await;
        sent.map_err(|_closed| RequestError::Shutdown)?;
        response.await.unwrap_or(Err(RequestError::Shutdown))
    }

    /// A peer did something wrong. If that bans it, it is disconnected.
    pub fn report(&self, peer: &PeerId, penalty: Penalty) {
        self.shared.peers.lock().penalise(Instant::now(), peer, penalty);
        self.shared.wake.notify_one();
    }

    /// Closes the connections with a peer. It may come back.
    pub fn disconnect(&self, peer: &PeerId) {
        self.shared.peers.lock().disconnect(peer);
        self.shared.wake.notify_one();
    }

    /// Gives a peer a slot for good and dials it; forgets what it did. `false`: there are too many.
    pub fn add_reserved(&self, node: &MultiaddrWithPeerId) -> bool {
        let added = self.shared.peers.lock().add_reserved(Instant::now(), node);
        self.shared.wake.notify_one();
        added
    }

    /// Makes a reserved peer an ordinary one; `false`: it was not reserved.
    pub fn remove_reserved(&self, peer: &PeerId) -> bool {
        let removed = self.shared.peers.lock().remove_reserved(peer);
        self.shared.wake.notify_one();
        removed
    }

    /// The reserved peers, connected or not.
    pub fn reserved_peers(&self) -> Vec<PeerId> {
        self.shared.peers.lock().reserved()
    }

    /// The connected peers that are on our chain.
    pub fn peers(&self) -> Vec<PeerInfo> {
        self.shared.peers.lock().infos(Instant::now())
    }

    /// The addresses that this node listens on, without its id.
    pub fn listen_addresses(&self) -> Vec<Multiaddr> {
        self.shared.listening.lock().clone()
    }

    /// The addresses under which this node believes others reach it, without its id.
    pub fn external_addresses(&self) -> Vec<Multiaddr> {
        self.shared.external.lock().clone()
    }

    /// Figures for metrics and logs.
    pub fn state(&self) -> NetworkState {
        let mut state = *self.shared.counters.lock();
        let peers = self.shared.peers.lock();
        let now = Instant::now();
        let infos = peers.infos(now);
        let is_inbound = |info: &&PeerInfo| info.direction == Direction::Inbound;
        state.peers_in = infos.iter().filter(is_inbound).count();
        state.peers_out = infos.len() - state.peers_in;
        state.banned = peers.banned(now);
        state
    }

    /// Closes all connections and sockets, and waits until that is done. The system may take a moment longer
    /// to free the port of QUIC.
    pub async fn shutdown(&self) {
        // An error says that it is over already.
        let _ = self.commands.send(Command::Shutdown).await;
        self.commands.closed().await;
    }
}

/// An error if another process listens on a TCP address: libp2p would share the port with it.
fn if_free(address: &Multiaddr) -> io::Result<()> {
    let Some(ip) = ip(address) else { return Ok(()) };
    match address.iter().nth(1) {
        Some(Protocol::Tcp(port)) if port != 0 => TcpListener::bind((ip, port)).map(drop),
        _ => Ok(()),
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("local", &self.local).finish_non_exhaustive()
    }
}
