//! Requests in both directions.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use futures::FutureExt;
use libp2p::PeerId;
use libp2p::request_response::{self, InboundRequestId, Message, OutboundFailure, ResponseChannel};
use tokio::sync::oneshot;

use super::{Reply, Worker};
use crate::codec::{Answer, Codec, Question};
use crate::error::RequestError;
use crate::event::{Event, Responder};
use crate::peers::{Penalty, Refused};
use crate::protocol::Channel;

/// The consumer's answer to a request, or `None` if it refused or took too long.
pub(super) struct Answered {
    channel: Channel,
    peer: PeerId,
    id: InboundRequestId,
    way: ResponseChannel<Answer>,
    response: Option<Vec<u8>>,
}

/// Responses that are being sent.
#[derive(Debug, Default)]
pub(super) struct Sending {
    responses: HashMap<InboundRequestId, (usize, Instant)>,
    bytes: usize,
}

impl Sending {
    fn insert(&mut self, now: Instant, id: InboundRequestId, bytes: usize) {
        self.responses.insert(id, (bytes, now));
        self.bytes += bytes;
    }

    fn remove(&mut self, id: &InboundRequestId) {
        if let Some((bytes, _)) = self.responses.remove(id) {
            self.bytes -= bytes;
        }
    }

    /// Forgets those of which nothing was heard, which libp2p has given up by then.
    pub(super) fn expire(&mut self, now: Instant, limit: Duration) {
        let bytes = &mut self.bytes;
        self.responses.retain(|_, (size, since)| {
            let is_young = now.saturating_duration_since(*since) < limit;
            *bytes -= if is_young { 0 } else { *size };
            is_young
        });
    }
}

impl Worker {
    fn requests(&mut self, channel: Channel) -> &mut request_response::Behaviour<Codec> {
        let behaviour = &mut self.swarm.behaviour_mut().inner;
        match channel {
            Channel::Sync => &mut behaviour.requests,
            Channel::Artifacts => &mut behaviour.artifacts,
        }
    }

    /// Sends a request of this node.
    pub(super) fn ask(&mut self, channel: Channel, peer: PeerId, data: Vec<u8>, reply: Reply) {
        // Whoever asked may have given up meanwhile; then nobody hears the error either.
        let begun = self.shared.peers.lock().begin_outbound(channel, &peer);
        let error = match begun {
            Ok(()) => {
                let id = self.requests(channel).send_request(&peer, Question::Data(data));
                self.asked.of_mut(channel).insert(id, (peer, reply));
                self.shared.count(|state| state.requests_sent += 1);
                return;
            }
            Err(Refused::NotConnected) => RequestError::NotConnected,
            Err(Refused::Busy | Refused::Flood) => RequestError::Busy,
        };
        let _ = reply.send(Err(error));
    }

    pub(super) fn on_requests(
        &mut self,
        channel: Channel,
        event: request_response::Event<Question, Answer>,
    ) {
        match event {
            request_response::Event::Message { peer, message, .. } => match message {
                Message::Request { request_id, request, channel: way } => {
                    self.on_request(channel, peer, request_id, request, way);
                }
                Message::Response { request_id, response } => {
                    let response = match response {
                        Answer::Data(data) => Ok(data),
                        Answer::Refused => Err(RequestError::Refused),
                    };
                    self.conclude(channel, request_id, response);
                }
            },
            request_response::Event::OutboundFailure { peer, request_id, error, .. } => {
                tracing::debug!(%peer, %error, "a request has no response");
                let (error, penalty) = judged(&error);
                if let Some(penalty) = penalty {
                    self.penalise(&peer, penalty);
                }
                self.conclude(channel, request_id, Err(error));
            }
            request_response::Event::InboundFailure { request_id, .. }
            | request_response::Event::ResponseSent { request_id, .. } => {
                self.sending.of_mut(channel).remove(&request_id);
            }
        }
    }

    fn conclude(
        &mut self,
        channel: Channel,
        id: request_response::OutboundRequestId,
        response: Result<Vec<u8>, RequestError>,
    ) {
        let Some((peer, reply)) = self.asked.of_mut(channel).remove(&id) else { return };
        self.shared.peers.lock().end_outbound(channel, &peer);
        // Whoever asked may have given up.
        let _ = reply.send(response);
    }

    fn on_request(
        &mut self,
        channel: Channel,
        peer: PeerId,
        id: InboundRequestId,
        question: Question,
        way: ResponseChannel<Answer>,
    ) {
        if !self.admit(&peer) {
            return self.refuse(channel, way);
        }
        let Question::Data(data) = question else {
            self.penalise(&peer, Penalty::Protocol);
            return self.refuse(channel, way);
        };
        let now = Instant::now();
        let begun = self.shared.peers.lock().begin_inbound(channel, now, &peer, data.len());
        if begun.is_err() {
            return self.refuse(channel, way);
        }
        let limits = *self.config.requests(channel);
        let (sender, receiver) = oneshot::channel();
        let respond = Responder { sender, bytes_max: limits.response_bytes_max };
        let is_taken = self.sending.of(channel).bytes <= limits.sending_bytes_max
            && self.outbox.offer(Event::Request { peer, channel, data, respond }).is_ok();
        if !is_taken {
            self.shared.peers.lock().end_inbound(channel, &peer);
            return self.refuse(channel, way);
        }
        self.shared.count(|state| state.requests_received += 1);
        // Sooner than libp2p gives up, so that a refusal still arrives.
        let patience = limits.timeout / 4 * 3;
        let answered = async move {
            let response = tokio::time::timeout(patience, receiver).await;
            let response = response.ok().and_then(Result::ok);
            Answered { channel, peer, id, way, response }
        };
        self.answers.push(answered.boxed());
    }

    pub(super) fn answer(&mut self, answered: Answered) {
        let Answered { channel, peer, id, way, response } = answered;
        self.shared.peers.lock().end_inbound(channel, &peer);
        let (bytes, answer) = match response {
            Some(data) => (data.len(), Answer::Data(data)),
            None => (0, Answer::Refused),
        };
        // An error says that nobody waits any more.
        if self.requests(channel).send_response(way, answer).is_ok() {
            self.sending.of_mut(channel).insert(Instant::now(), id, bytes);
        }
    }

    fn refuse(&mut self, channel: Channel, way: ResponseChannel<Answer>) {
        self.shared.count(|state| state.requests_refused += 1);
        // An error says that nobody waits any more.
        let _ = self.requests(channel).send_response(way, Answer::Refused);
    }
}

/// What a failure is to whoever asked, and what it costs the peer.
fn judged(failure: &OutboundFailure) -> (RequestError, Option<Penalty>) {
    match failure {
        OutboundFailure::DialFailure => (RequestError::NotConnected, None),
        OutboundFailure::Timeout => (RequestError::Timeout, Some(Penalty::Unresponsive)),
        OutboundFailure::ConnectionClosed => (RequestError::ConnectionLost, None),
        OutboundFailure::UnsupportedProtocols => (RequestError::Refused, None),
        OutboundFailure::Io(error) if error.kind() == ErrorKind::InvalidData => {
            (RequestError::InvalidResponse, Some(Penalty::Protocol))
        }
        OutboundFailure::Io(_) => (RequestError::ConnectionLost, None),
    }
}
