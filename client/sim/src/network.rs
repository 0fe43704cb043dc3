//! What carries messages.

use std::collections::BTreeSet;

use crate::scenario::Scenario;
use citrate_dag::testing::Random;

/// Latency, bandwidth and loss, and who may be connected to whom.
#[derive(Debug)]
pub(crate) struct Network {
    random: Random,
    /// When each node has sent all that it wants to send.
    busy_until_ms: Vec<u64>,
    pub(crate) sent_bytes: Vec<u64>,
    /// Pairs of nodes that want a connection, the lower one first.
    pub(crate) wanted: Vec<(usize, usize)>,
    /// Pairs that are never connected again.
    banned: BTreeSet<(usize, usize)>,
}

/// A pair in order.
pub(crate) fn pair(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

impl Network {
    /// The honest nodes form a ring, so that liars cannot separate them; the others are connected to two of
    /// them. Some more connections come on top.
    pub(crate) fn new(scenario: &Scenario, mut random: Random) -> Self {
        let count = scenario.roles.len();
        let honest: Vec<usize> = (0..count).filter(|node| scenario.is_honest(*node)).collect();
        let mut wanted = BTreeSet::new();
        for (position, node) in honest.iter().enumerate() {
            let next = honest.get(position + 1).or(honest.first());
            wanted.extend(next.map(|next| pair(*node, *next)));
        }
        let mut connect = |node: usize, random: &mut Random| {
            let other = honest.get(random.below(honest.len()));
            wanted.extend(other.map(|other| pair(node, *other)));
        };
        for node in 0..count {
            let links = if scenario.is_honest(node) { 0 } else { 2 };
            for _ in 0..links + scenario.extra_links {
                connect(node, &mut random);
            }
        }
        wanted.retain(|(a, b)| a != b);
        Self {
            random,
            busy_until_ms: vec![0; count],
            sent_bytes: vec![0; count],
            wanted: wanted.into_iter().collect(),
            banned: BTreeSet::new(),
        }
    }

    pub(crate) fn ban(&mut self, a: usize, b: usize) {
        self.banned.insert(pair(a, b));
    }

    pub(crate) fn is_banned(&self, a: usize, b: usize) -> bool {
        self.banned.contains(&pair(a, b))
    }

    /// When a message of so many bytes arrives; `None` if it does not.
    pub(crate) fn send(
        &mut self,
        scenario: &Scenario,
        from: usize,
        to: usize,
        bytes: usize,
        now_ms: u64,
    ) -> Option<u64> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let busy = self.busy_until_ms.get_mut(from)?;
        *busy = (*busy).max(now_ms) + bytes / scenario.bandwidth.max(1);
        let arrives = *busy + scenario.latency_ms + self.random.within(0, scenario.jitter_ms);
        *self.sent_bytes.get_mut(from)? += bytes;
        let is_lost = self.random.permille(scenario.loss_permille) && now_ms < scenario.calm_ms();
        (!is_lost && scenario.is_reachable(from, to, now_ms)).then_some(arrives)
    }
}
