//! Gossip in both directions.

use std::sync::atomic::Ordering;
use std::time::Instant;

use libp2p::PeerId;
use libp2p::gossipsub::{self, Message, MessageAcceptance, MessageId, PublishError};

use super::Worker;
use crate::behaviour::{GRAYLIST_THRESHOLD, Gossip};
use crate::event::{Event, GossipId, Verdict};
use crate::peers::Penalty;
use crate::protocol::Topic;

impl Worker {
    fn gossip(&mut self) -> &mut Gossip {
        &mut self.swarm.behaviour_mut().inner.gossip
    }

    pub(super) fn publish(&mut self, topic: Topic, data: Vec<u8>) {
        self.shared.publishing.fetch_sub(data.len(), Ordering::AcqRel);
        let ident = self.protocols.ident(topic);
        let published = self.gossip().publish(ident, data);
        match published {
            Ok(_) | Err(PublishError::Duplicate) => {
                self.shared.count(|state| state.gossip_published += 1);
            }
            Err(error) => {
                tracing::debug!(?topic, %error, "not published");
                self.shared.count(|state| state.gossip_unpublished += 1);
            }
        }
    }

    pub(super) fn on_gossip(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                self.on_message(propagation_source, &message_id, message);
            }
            gossipsub::Event::SlowPeer { peer_id, .. } => {
                tracing::debug!(peer = %peer_id, "does not take gossip as fast as it comes");
            }
            _ => {}
        }
    }

    fn on_message(&mut self, from: PeerId, message: &MessageId, content: Message) {
        let Message { data, topic, .. } = content;
        let (now, bytes) = (Instant::now(), data.len());
        // The transform lets no other topic pass.
        let known = self.protocols.topic(&topic);
        let Some(topic) = known.filter(|_| self.admit(&from)) else {
            return self.settle(message, &from, MessageAcceptance::Ignore);
        };
        let is_within = self.shared.peers.lock().take_gossip(now, &from, bytes);
        if !is_within {
            self.shared.count(|state| state.gossip_limited += 1);
            return self.settle(message, &from, MessageAcceptance::Ignore);
        }
        let id = GossipId { message: message.clone(), from };
        let is_sent = self.pending.insert(now, message.clone(), bytes)
            && self.outbox.offer(Event::Gossip { topic, from, id, data }).is_ok();
        match is_sent {
            true => self.shared.count(|state| state.gossip_received += 1),
            false => {
                self.shared.count(|state| state.gossip_dropped += 1);
                self.settle(message, &from, MessageAcceptance::Ignore);
            }
        }
    }

    pub(super) fn judge(&mut self, id: &GossipId, verdict: Verdict) {
        let acceptance = match verdict {
            Verdict::Accept => MessageAcceptance::Accept,
            Verdict::Ignore => MessageAcceptance::Ignore,
            Verdict::Reject => {
                self.penalise(&id.from, Penalty::InvalidGossip);
                MessageAcceptance::Reject
            }
        };
        self.settle(&id.message, &id.from, acceptance);
    }

    fn settle(&mut self, message: &MessageId, from: &PeerId, acceptance: MessageAcceptance) {
        self.pending.remove(message);
        // `false` says that the message is not kept any more: the verdict came too late.
        self.gossip().report_message_validation_result(message, from, acceptance);
    }

    /// Tells gossipsub our scores, and takes its own into account: whoever abuses its control messages
    /// is penalised as long as that goes on.
    pub(super) fn score_gossip(&mut self, now: Instant) {
        let infos = self.shared.peers.lock().infos(now);
        let mesh_peers = self.gossip().all_mesh_peers().count();
        self.shared.count(|state| state.mesh_peers = mesh_peers);
        for info in infos {
            // The operator wants to hear a reserved peer.
            let own = if info.is_reserved { 0.0 } else { f64::from(info.score) };
            let gossip = self.gossip();
            gossip.set_application_score(&info.peer, own);
            let theirs = gossip.peer_score(&info.peer).unwrap_or_default() - own;
            if theirs < GRAYLIST_THRESHOLD {
                tracing::debug!(peer = %info.peer, theirs, "abuses gossip");
                self.penalise(&info.peer, Penalty::Protocol);
            }
        }
    }
}
