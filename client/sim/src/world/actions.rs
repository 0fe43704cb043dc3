//! Between the machines and the network.

use citrate_core::hashing::blake2_256;
use citrate_finality::Verdict as VoteVerdict;
use citrate_sync::{
    Action, Consequence, GossipId, InboundId, Input, Offence, PeerId, Response, Verdict, Wire,
};

use super::{Event, IMPORT_MS, Inbound, Message, Packet, Topic, World, votes};
use crate::byzantine;
use crate::check::Violation;
use crate::scenario::Role;

impl World {
    /// Gives a machine an input and does what it says.
    pub(super) fn input(&mut self, node: usize, input: Input) {
        let clock_ms = self.clock_ms(node);
        let is_honest = self.scenario.is_honest(node);
        let Some(state) = self.nodes.get_mut(node) else { return };
        let actions = state.core.handle(&*state.chain.read(), clock_ms, input);
        let now = state.core.state();
        if is_honest {
            self.report.orphans_max = self.report.orphans_max.max(now.orphans);
            self.report.sessions += usize::from(now.is_syncing && !state.is_syncing);
        }
        state.is_syncing = now.is_syncing;
        for action in actions {
            self.act(node, action);
        }
    }

    /// Mixes something that happened into the trace.
    pub(super) fn trace(&mut self, node: usize, what: &[u8]) {
        let mut bytes = self.report.trace.to_le_bytes().to_vec();
        bytes.extend(self.now_ms.to_le_bytes());
        bytes.extend(u64::try_from(node).unwrap_or(u64::MAX).to_le_bytes());
        bytes.extend(what);
        let hash = blake2_256(&bytes);
        self.report.trace = hash.first_chunk::<8>().map_or(0, |head| u64::from_le_bytes(*head));
    }

    fn act(&mut self, node: usize, action: Action) {
        match action {
            Action::Request { peer, id, request } => {
                let bytes = request.to_bytes();
                self.trace(node, &bytes);
                self.send(peer.0, node, Message::Request(id, bytes));
            }
            Action::Respond { id, response } => self.answer(node, id, response),
            Action::Import(block) => {
                self.trace(node, block.hash().as_bytes());
                let Some(state) = self.nodes.get_mut(node) else { return };
                state.importing.push_back(block);
                let start = state.start;
                self.after(IMPORT_MS, Event::Import { node, start });
            }
            Action::Judge { id, verdict } => self.judged(node, id, verdict),
            Action::Announce(block) => {
                self.publish(node, None, Topic::Blocks, &Packet::new(block.to_bytes()));
            }
            Action::Equivocation(proof) => {
                if !matches!(proof.claim(), Ok(Some(_))) {
                    self.violate(format!("node {node} reported no equivocation"));
                }
                self.report.equivocations += usize::from(self.scenario.is_honest(node));
            }
            Action::Penalise { peer, offence } => self.penalised(node, peer, offence),
        }
    }

    pub(super) fn violate(&mut self, what: String) {
        self.violation.get_or_insert(Violation::Protocol(what));
    }

    fn answer(&mut self, node: usize, id: InboundId, response: Response) {
        let Some(Inbound { connection, id }) = self.inbound.remove(&id) else {
            return self.violate(format!("node {node} answers what was not asked"));
        };
        let is_liar = self.nodes.get(node).is_some_and(|n| n.role == Role::LyingServer);
        let bytes = if is_liar {
            byzantine::lie(response, &mut self.random)
        } else {
            Some(response.to_bytes())
        };
        if let Some(bytes) = bytes {
            self.trace(node, &bytes);
            self.send(connection, node, Message::Response(id, bytes));
        }
    }

    fn judged(&mut self, node: usize, id: GossipId, verdict: Verdict) {
        let Some(state) = self.nodes.get_mut(node) else { return };
        let Some((from, packet)) = state.unjudged.remove(&id) else {
            return self.violate(format!("node {node} judges a message twice"));
        };
        if verdict == Verdict::Accept {
            self.publish(node, Some(from), Topic::Blocks, &packet);
        }
    }

    /// Sends a gossip message on every connection but the one that it came on.
    pub(super) fn publish(
        &mut self,
        node: usize,
        from: Option<u64>,
        topic: Topic,
        packet: &Packet,
    ) {
        self.trace(node, &packet.id.to_le_bytes());
        let Some(state) = self.nodes.get_mut(node) else { return };
        state.gossiped.insert(packet.id);
        let connections: Vec<u64> = state.connections.keys().copied().collect();
        for connection in connections.into_iter().filter(|id| Some(*id) != from) {
            self.send(connection, node, Message::Gossip(topic, packet.clone()));
        }
    }

    fn penalised(&mut self, by: usize, peer: PeerId, offence: Offence) {
        let Some((a, b)) = self.connections.get(&peer.0).copied() else { return };
        let whom = if by == a { b } else { a };
        if offence.consequence() == Consequence::Ban {
            self.network.ban(by, whom);
            let are_honest = self.scenario.is_honest(by) && self.scenario.is_honest(whom);
            if are_honest {
                self.violation.get_or_insert(Violation::HonestBanned { by, whom, offence });
            }
            self.report.bans += usize::from(self.scenario.is_honest(by));
        } else {
            self.report.disconnects += usize::from(self.scenario.is_honest(by));
        }
        self.close(peer.0, by);
    }

    /// A message arrives, if its connection is still there.
    pub(super) fn arrived(&mut self, connection: u64, to: usize, message: Message) {
        let peer = PeerId(connection);
        let Some(state) = self.nodes.get_mut(to).filter(|state| state.is_up) else { return };
        if matches!(message, Message::Closed) {
            if state.connections.remove(&connection).is_some() {
                state.finality.on_disconnected(&votes::peer(connection));
                self.input(to, Input::Disconnected(peer));
            }
            return;
        }
        if !state.connections.contains_key(&connection) {
            return;
        }
        let input = match message {
            Message::Vote(packet) => {
                self.vote_arrived(connection, to, &packet);
                return;
            }
            Message::Gossip(topic, packet) => {
                // The network's own memory of what it has seen.
                if !state.gossiped.insert(packet.id) {
                    return;
                }
                if topic == Topic::Transactions {
                    return self.transaction_arrived(connection, to, &packet);
                }
                if topic == Topic::Votes {
                    if self.vote_arrived(connection, to, &packet) == VoteVerdict::Forward {
                        self.publish(to, Some(connection), topic, &packet);
                    }
                    return;
                }
                let bytes = packet.bytes.to_vec();
                self.next += 1;
                let id = GossipId(self.next);
                state.unjudged.insert(id, (connection, packet));
                Input::Gossip { peer, id, bytes }
            }
            Message::Request(id, bytes) => {
                self.next += 1;
                let inbound = InboundId(self.next);
                self.inbound.insert(inbound, Inbound { connection, id });
                Input::Request { peer, id: inbound, bytes }
            }
            Message::Response(id, bytes) => Input::Response { id, bytes },
            Message::Closed => return,
        };
        self.input(to, input);
    }
}
