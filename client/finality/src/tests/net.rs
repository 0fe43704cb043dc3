//! Nodes and the messages between them.

use super::chain::{TestChain, TestKeys, TestStore, block, genesis};
use crate::{
    Finality, FinalityConfig, Finalized, Output, Peer, Verdict, VoterChain,
    wire::{GossipMessage, VoteMessage},
};
use citrate_core::{BlockNumber, H256, Header, ed25519};
use citrate_grandpa_types::{
    AuthorityId, AuthorityList, EquivocationProof, Message, RoundNumber, SetId,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How long a message is under way.
const DELAY_MS: u64 = 50;

pub(crate) struct Node {
    /// `None` while the node is down.
    pub(crate) finality: Option<Finality>,
    pub(crate) chain: Arc<TestChain>,
    pub(crate) store: Arc<TestStore>,
    keys: Arc<TestKeys>,
    pub(crate) finalized: Vec<Finalized>,
    pub(crate) proofs: Vec<EquivocationProof>,
    pub(crate) wanted: Vec<H256>,
    pub(crate) rejected: Vec<Verdict>,
}

type Slot = (SetId, RoundNumber, AuthorityId, u8);

pub(crate) struct Net {
    pub(crate) now_ms: u64,
    pub(crate) nodes: Vec<Node>,
    config: FinalityConfig,
    /// Messages by time of arrival: receiver, sender, bytes.
    under_way: BTreeMap<(u64, u64), (usize, usize, Vec<u8>)>,
    sent: u64,
    /// Which group each node is in; messages and blocks stay within a group.
    groups: Vec<usize>,
    /// Of so many messages one is lost; none for 0.
    pub(crate) one_lost_in: u64,
    /// The votes that were sent, to see that nobody votes twice.
    votes: BTreeMap<Slot, Message>,
    pub(crate) vote_log: Vec<VoteMessage>,
    pub(crate) bytes_log: BTreeSet<Vec<u8>>,
}

impl Net {
    /// One node for each list of keys, with these authorities at genesis.
    pub(crate) fn new(keys: Vec<Vec<ed25519::Pair>>, authorities: &AuthorityList) -> Self {
        Self::with_config(keys, authorities, FinalityConfig::default())
    }

    pub(crate) fn with_config(
        keys: Vec<Vec<ed25519::Pair>>,
        authorities: &AuthorityList,
        config: FinalityConfig,
    ) -> Self {
        let node = |keys| Node {
            finality: None,
            chain: Arc::new(TestChain::new(authorities.clone())),
            store: Arc::default(),
            keys: Arc::new(TestKeys(keys)),
            finalized: Vec::new(),
            proofs: Vec::new(),
            wanted: Vec::new(),
            rejected: Vec::new(),
        };
        let nodes: Vec<Node> = keys.into_iter().map(node).collect();
        let mut net = Self {
            now_ms: 1_000_000,
            groups: vec![0; nodes.len()],
            one_lost_in: 0,
            nodes,
            config,
            under_way: BTreeMap::new(),
            sent: 0,
            votes: BTreeMap::new(),
            vote_log: Vec::new(),
            bytes_log: BTreeSet::new(),
        };
        (0..net.nodes.len()).for_each(|index| net.start(index));
        net
    }

    /// Starts a node from its records.
    pub(crate) fn start(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        let (chain, store, keys) = (node.chain.clone(), node.store.clone(), node.keys.clone());
        let finality = Finality::new(self.config.clone(), chain, store, keys, self.now_ms);
        node.finality = Some(finality);
        self.collect(index);
    }

    pub(crate) fn stop(&mut self, index: usize) {
        self.nodes[index].finality = None;
    }

    /// Splits the network: the number of each node's group.
    pub(crate) fn split(&mut self, groups: &[usize]) {
        self.groups = groups.to_vec();
    }

    pub(crate) fn finality(&mut self, index: usize) -> &mut Finality {
        self.nodes[index].finality.as_mut().expect("the node is up")
    }

    /// Gives a block to the running nodes of a group.
    pub(crate) fn import_in(&mut self, group: usize, header: &Header) {
        for index in 0..self.nodes.len() {
            if self.groups[index] == group && self.nodes[index].finality.is_some() {
                self.nodes[index].chain.import(header);
                self.advance(index);
            }
        }
    }

    pub(crate) fn import(&mut self, header: &Header) {
        for group in self.groups.iter().copied().collect::<BTreeSet<_>>() {
            self.import_in(group, header);
        }
    }

    /// Extends the chain below `parent` by a block every `every_ms`; returns the last.
    pub(crate) fn grow(&mut self, parent: &Header, count: usize, every_ms: u64) -> Header {
        let mut tip = parent.clone();
        for _ in 0..count {
            tip = block(&tip, 0, None);
            self.import(&tip);
            self.run_for(every_ms);
        }
        tip
    }

    /// As [`Self::grow`], from genesis.
    pub(crate) fn grow_from_genesis(&mut self, count: usize) -> Header {
        self.grow(&genesis(), count, 500)
    }

    /// Gives a node every block that another has.
    pub(crate) fn copy_blocks(&mut self, from: usize, to: usize) {
        for header in self.nodes[from].chain.headers() {
            if self.nodes[to].chain.header(&header.hash()).is_none() {
                self.nodes[to].chain.import(&header);
            }
        }
    }

    pub(crate) fn advance(&mut self, index: usize) {
        let now_ms = self.now_ms;
        self.finality(index).advance(now_ms);
        self.collect(index);
    }

    /// Sends raw bytes from one node to another.
    pub(crate) fn deliver(&mut self, from: usize, to: usize, bytes: &[u8]) -> Verdict {
        let now_ms = self.now_ms;
        let peer = Peer(vec![u8::try_from(from).expect("few nodes")]);
        let verdict = self.finality(to).on_message(now_ms, &peer, bytes);
        if matches!(verdict, Verdict::Reject(_)) {
            self.nodes[to].rejected.push(verdict);
        }
        self.collect(to);
        verdict
    }

    pub(crate) fn run_for(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        loop {
            let arrival = self.under_way.keys().next().map(|(at, _)| *at);
            let wake = self
                .nodes
                .iter()
                .enumerate()
                .filter_map(|(index, node)| Some((node.finality.as_ref()?.next_wake_ms(), index)))
                .min();
            let next = arrival.into_iter().chain(wake.map(|(at, _)| at)).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now_ms = self.now_ms.max(next);
            if arrival == Some(next) {
                let (_, (to, from, bytes)) = self.under_way.pop_first().expect("one is under way");
                if self.nodes[to].finality.is_some() && self.groups[to] == self.groups[from] {
                    self.deliver(from, to, &bytes);
                }
            } else if let Some((_, index)) = wake {
                self.advance(index);
            }
        }
        self.now_ms = end;
    }

    /// Does what a node's finality asks for.
    fn collect(&mut self, index: usize) {
        for output in self.finality(index).take_outputs() {
            match output {
                Output::Broadcast(bytes) => {
                    self.note_vote(&bytes);
                    for to in (0..self.nodes.len()).filter(|to| *to != index) {
                        self.send(index, to, bytes.clone());
                    }
                }
                Output::Send { to, bytes } => self.send(index, usize::from(to.0[0]), bytes),
                Output::Finalized(finalized) => self.nodes[index].finalized.push(finalized),
                Output::Execute { hash, .. } => self.nodes[index].wanted.push(hash),
                Output::Equivocation(proof) => self.nodes[index].proofs.push(*proof),
            }
        }
    }

    /// What is for somebody who is no node is lost.
    fn send(&mut self, from: usize, to: usize, bytes: Vec<u8>) {
        if to >= self.nodes.len() {
            return;
        }
        self.sent += 1;
        // Scattered, or it would always be the same peer that hears nothing.
        let scattered = self.sent.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        if self.one_lost_in > 0 && scattered.is_multiple_of(self.one_lost_in) {
            return;
        }
        self.under_way.insert((self.now_ms + DELAY_MS, self.sent), (to, from, bytes));
    }

    /// INVARIANT of every test: no node sends two votes of a kind in a round.
    fn note_vote(&mut self, bytes: &[u8]) {
        self.bytes_log.insert(bytes.to_vec());
        let Some(GossipMessage::Vote(vote)) = GossipMessage::from_bytes(bytes) else { return };
        let kind = match vote.message.message {
            Message::Prevote(_) => 0,
            Message::Precommit(_) => 1,
            Message::PrimaryPropose(_) => 2,
        };
        let slot = (vote.set_id, vote.round, vote.message.id, kind);
        let before = self.votes.entry(slot).or_insert_with(|| vote.message.message.clone());
        assert_eq!(*before, vote.message.message, "a node voted twice");
        self.vote_log.push(vote);
    }

    /// The height of each node's last final block.
    pub(crate) fn heights(&self) -> Vec<BlockNumber> {
        self.nodes.iter().map(|node| node.chain.finalized().1).collect()
    }

    /// INVARIANT of every test: what is final at one node is on the chain of what is at another.
    pub(crate) fn assert_agree(&self) {
        let highest =
            self.nodes.iter().max_by_key(|node| node.chain.finalized().1).expect("there are nodes");
        let (high, _) = highest.chain.finalized();
        for node in &self.nodes {
            let (hash, number) = node.chain.finalized();
            assert_eq!(highest.chain.ancestor_at(&high, number), Some(hash), "two final chains");
        }
    }
}
