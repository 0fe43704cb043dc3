//! Voting on what is final, honestly or not.

use std::sync::Arc;

use citrate_core::{BlockNumber, H256, ed25519};
use citrate_finality::wire::{GossipMessage, VoteMessage};
use citrate_finality::{Finalized, Output, Peer, Verdict, verify_justification};
use citrate_grandpa_types::{EquivocationProof, Message as Vote, Precommit, Prevote};
use codec::Encode;

use super::{BEGINNING_MS, Event, Message, Packet, Topic, World};
use crate::check::Violation;
use crate::scenario::Role;

/// The name by which finality knows the node at the other end of a connection.
pub(super) fn peer(connection: u64) -> Peer {
    Peer(connection.to_le_bytes().to_vec())
}

impl World {
    /// A message about votes arrives.
    pub(super) fn vote_arrived(&mut self, connection: u64, to: usize, packet: &Packet) -> Verdict {
        let clock_ms = self.clock_ms(to);
        let Some(state) = self.nodes.get_mut(to) else { return Verdict::Ignore };
        let from = state.connections.get(&connection).copied();
        let verdict = state.finality.on_message(clock_ms, &peer(connection), &packet.bytes);
        let are_honest =
            self.scenario.is_honest(to) && from.is_some_and(|from| self.scenario.is_honest(from));
        if let (Verdict::Reject(fault), true) = (verdict, are_honest) {
            self.violate(format!("node {to} refuses a vote of honest node {from:?}: {fault:?}"));
        }
        self.follow_votes(to);
        verdict
    }

    /// Time passed for a node's voter, or there are new blocks.
    pub(super) fn advance_votes(&mut self, node: usize) {
        let clock_ms = self.clock_ms(node);
        if let Some(state) = self.nodes.get_mut(node) {
            state.finality.advance(clock_ms);
        }
        self.follow_votes(node);
    }

    /// Does what a node's voter says, until it says nothing more.
    pub(super) fn follow_votes(&mut self, node: usize) {
        loop {
            let Some(state) = self.nodes.get_mut(node) else { return };
            let outputs = state.finality.take_outputs();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                self.put_vote(node, output);
            }
        }
        let Some(state) = self.nodes.get(node) else { return };
        if let (Some(error), true) = (state.finality.last_error(), self.scenario.is_honest(node)) {
            let what = format!("the voter of node {node} stopped: {error}");
            self.violate(what);
        }
        self.plan_wake(node);
    }

    fn plan_wake(&mut self, node: usize) {
        let now_ms = self.now_ms;
        let Some(state) = self.nodes.get_mut(node) else { return };
        let clock_ms = state.finality.next_wake_ms();
        let at_ms = clock_ms.saturating_add_signed(-state.skew_ms).saturating_sub(BEGINNING_MS);
        let at_ms = at_ms.max(now_ms);
        if state.wake_ms.is_none_or(|planned| at_ms < planned) {
            state.wake_ms = Some(at_ms);
            let start = state.start;
            self.at(at_ms, Event::Wake { node, start });
        }
    }

    /// The moment comes that a voter waits for.
    pub(super) fn wake(&mut self, node: usize, start: u64) {
        let now_ms = self.now_ms;
        let is_running = self.is_running(node, start);
        let Some(state) = self.nodes.get_mut(node).filter(|_| is_running) else { return };
        // Others were planned for later before this one.
        if state.wake_ms == Some(now_ms) {
            state.wake_ms = None;
            self.advance_votes(node);
        }
    }

    fn put_vote(&mut self, node: usize, output: Output) {
        match output {
            Output::Broadcast(bytes) => {
                let vote = GossipMessage::from_bytes(&bytes);
                if let Some(GossipMessage::Vote(vote)) = vote
                    && self.note_vote(node, &vote)
                {
                    return self.vote_twice(node, &vote, bytes);
                }
                self.publish(node, None, Topic::Votes, &Packet::new(bytes));
            }
            Output::Send { to, bytes } => {
                let Some(connection) = to.0.first_chunk::<8>() else { return };
                let connection = u64::from_le_bytes(*connection);
                self.send(connection, node, Message::Vote(Packet::new(bytes)));
            }
            Output::Finalized(finalized) => self.finalized(node, &finalized),
            Output::Execute { hash, .. } => {
                let Some(state) = self.nodes.get(node) else { return };
                let chain = Arc::clone(&state.chain);
                let is_right = chain.write().execute(&hash);
                // What is not here yet is told again once it is.
                let is_here = chain.read().block(&hash).is_some();
                if is_here && !is_right && self.scenario.is_honest(node) {
                    self.violate(format!(
                        "voters agree on {hash:?}, which node {node} finds wrong"
                    ));
                }
                let clock_ms = self.clock_ms(node);
                if let Some(state) = self.nodes.get_mut(node) {
                    state.finality.advance(clock_ms);
                }
            }
            Output::Equivocation(proof) => self.voted_twice(node, &proof),
        }
    }

    /// Notes a vote that its voter sends. Says whether the voter wants to vote for something else too.
    fn note_vote(&mut self, node: usize, vote: &VoteMessage) -> bool {
        let Some(voter) = self.ring.voter(&vote.message.id) else { return false };
        self.votes.note(voter, vote.round, &vote.message.message);
        if self.votes.twice.iter().any(|voter| self.scenario.is_honest(*voter)) {
            self.violate(format!("honest node {node} voted twice in round {}", vote.round));
        }
        self.nodes.get(node).is_some_and(|state| state.role == Role::DoubleVoter)
    }

    /// Votes for two blocks: half of the peers get the one vote, half the other.
    fn vote_twice(&mut self, node: usize, vote: &VoteMessage, bytes: Vec<u8>) {
        let Some(state) = self.nodes.get(node) else { return };
        let connections: Vec<u64> = state.connections.keys().copied().collect();
        let other = self.other_target(node, vote).and_then(|(target_hash, target_number)| {
            let message = match &vote.message.message {
                Vote::Prevote(_) => Vote::Prevote(Prevote { target_hash, target_number }),
                Vote::Precommit(_) => Vote::Precommit(Precommit { target_hash, target_number }),
                Vote::PrimaryPropose(_) => return None,
            };
            let message = self.ring.vote(node, vote.set_id, vote.round, message)?;
            let other = VoteMessage { message, ..vote.clone() };
            Some(Packet::new(GossipMessage::Vote(other).encode()))
        });
        let packets = [Some(Packet::new(bytes)), other];
        let packets: Vec<Packet> = packets.into_iter().flatten().collect();
        for (connection, packet) in connections.into_iter().zip(packets.iter().cycle()) {
            self.send(connection, node, Message::Gossip(Topic::Votes, packet.clone()));
        }
    }

    /// A tip beside the chain of a vote's block, or that block's parent.
    fn other_target(&self, node: usize, vote: &VoteMessage) -> Option<(H256, BlockNumber)> {
        let chain = self.nodes.get(node)?.chain.read();
        let voted = vote.message.target().0;
        let tips = chain.dag().tips();
        let beside = tips.iter().find(|tip| !chain.dag().is_chain_ancestor(voted, tip));
        let parent = chain.block(voted).map(|block| block.header.parent_hash);
        let other = beside.copied().or(parent)?;
        Some((other, chain.block(&other)?.header.number))
    }

    /// A node saw that somebody voted twice.
    fn voted_twice(&mut self, node: usize, proof: &EquivocationProof) {
        let is_proof = proof.is_valid(ed25519::verify);
        let voter = self.ring.voter(proof.offender());
        let is_honest = voter.is_none_or(|voter| self.scenario.is_honest(voter));
        if !is_proof || is_honest {
            self.violate(format!("node {node} accuses {voter:?} of having voted twice"));
        }
        self.report.double_votes += usize::from(self.scenario.is_honest(node));
    }

    /// A block is final for a node.
    fn finalized(&mut self, node: usize, finalized: &Finalized) {
        self.note_changes(node);
        if !self.scenario.is_honest(node) {
            return;
        }
        let Finalized { hash, number, justification } = finalized;
        if self.proven.insert(*hash) {
            let proof = verify_justification(justification, 0, &self.ring.authorities);
            if !proof.is_ok_and(|proof| (proof.hash, proof.number) == (*hash, *number)) {
                self.violate(format!("the proof that {hash:?} is final is none"));
            }
        }
        let Some(state) = self.nodes.get_mut(node) else { return };
        let before = std::mem::replace(&mut state.finalised, *number);
        let chain = Arc::clone(&state.chain);
        let mut at = *hash;
        let mut blocks = Vec::new();
        for number in (before..=*number).rev() {
            if *self.final_chain.entry(number).or_insert(at) != at {
                self.violation.get_or_insert(Violation::TwoFinal { number, by: node });
                return;
            }
            if number > before {
                blocks.push(at);
            }
            if number > before
                && let Some(born_ms) = self.born_ms.get(&at)
            {
                let latency_ms = self.now_ms.saturating_sub(*born_ms);
                *self.report.finality_ms.entry(latency_ms).or_default() += 1;
            }
            let Some(parent) = chain.read().block(&at).map(|block| block.header.parent_hash) else {
                break;
            };
            at = parent;
        }
        if let Some(state) = self.nodes.get(node) {
            blocks.reverse();
            state.pool.on_finalized(&blocks, *number);
        }
        let last = self.report.finalised.last().map_or(0, |(_, number)| *number);
        if *number > last {
            self.report.finalised.push((self.now_ms, *number));
        }
    }
}
