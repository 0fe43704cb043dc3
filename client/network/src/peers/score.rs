//! What peers did wrong, and who is banned for it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use libp2p::PeerId;

use crate::config::BanConfig;

/// What a peer did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Penalty {
    /// It sent a gossip message that the consumer rejected.
    InvalidGossip,
    /// It sent more gossip than the limits allow.
    GossipFlood,
    /// It sent more requests than the limits allow, or more at a time.
    RequestFlood,
    /// It broke a protocol of the network: a message too long, or not as the protocol says.
    Protocol,
    /// It sent a request that makes no sense.
    InvalidRequest,
    /// Its response is no answer to the request, or is wrong.
    InvalidResponse,
    /// It did not answer a request in time.
    Unresponsive,
    /// It refused a request, or does not have what it announced.
    Useless,
    /// It is on another chain. It is banned at once, unless it is reserved.
    WrongChain,
    /// It did something that only a faulty or malicious node does, and that can be proved. It is banned
    /// at once, even if it is reserved.
    Proven,
}

/// What a penalty costs.
enum Cost {
    Points(i32),
    Ban,
    ProvenBan,
}

impl Penalty {
    fn cost(self) -> Cost {
        match self {
            Self::Useless => Cost::Points(1),
            Self::GossipFlood | Self::Unresponsive => Cost::Points(5),
            Self::RequestFlood => Cost::Points(10),
            Self::InvalidGossip | Self::Protocol | Self::InvalidRequest | Self::InvalidResponse => {
                Cost::Points(25)
            }
            Self::WrongChain => Cost::Ban,
            Self::Proven => Cost::ProvenBan,
        }
    }
}

/// What follows from a penalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// The peer stays.
    Kept,
    /// The peer is banned from now on.
    Banned,
}

/// Whether a peer is one of those that the operator named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Reserved,
    Ordinary,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Thousandths of a point, at most 0.
    score: i64,
    updated: Instant,
    banned_until: Option<Instant>,
}

/// The scores of those who did something wrong; everybody else has 0.
#[derive(Debug)]
pub(super) struct Scores {
    config: BanConfig,
    entries: BTreeMap<PeerId, Entry>,
}

impl Scores {
    pub(super) fn new(config: BanConfig) -> Self {
        Self { config, entries: BTreeMap::new() }
    }

    pub(super) fn penalise(
        &mut self,
        now: Instant,
        peer: PeerId,
        penalty: Penalty,
        standing: Standing,
    ) -> Consequence {
        let mut entry = self.current(now, &peer).unwrap_or(Entry {
            score: 0,
            updated: now,
            banned_until: None,
        });
        let floor = i64::from(self.config.threshold) * 1_000;
        let length = match penalty.cost() {
            Cost::Points(points) => {
                // It does not sink below the threshold, so that a long ban is not followed by a longer one.
                entry.score = (entry.score - i64::from(points) * 1_000).max(floor);
                (entry.score <= floor && standing == Standing::Ordinary)
                    .then_some(self.config.duration)
            }
            Cost::Ban => (standing == Standing::Ordinary).then_some(self.config.duration),
            Cost::ProvenBan => Some(self.config.proven_duration),
        };
        if let Some(length) = length {
            let until = now + length;
            entry.banned_until = Some(entry.banned_until.map_or(until, |other| other.max(until)));
        }
        self.insert(peer, entry);
        match length {
            Some(_) => Consequence::Banned,
            None => Consequence::Kept,
        }
    }

    /// Points, at most 0.
    pub(super) fn score(&self, now: Instant, peer: &PeerId) -> i32 {
        let score = self.current(now, peer).map_or(0, |entry| entry.score / 1_000);
        i32::try_from(score).unwrap_or(i32::MIN)
    }

    pub(super) fn is_banned(&self, now: Instant, peer: &PeerId) -> bool {
        let until = self.entries.get(peer).and_then(|entry| entry.banned_until);
        until.is_some_and(|until| now < until)
    }

    /// How many are banned.
    pub(super) fn banned(&self, now: Instant) -> usize {
        let is_banned = |entry: &&Entry| entry.banned_until.is_some_and(|until| now < until);
        self.entries.values().filter(is_banned).count()
    }

    /// Lifts a ban and forgets what there was.
    pub(super) fn forgive(&mut self, peer: &PeerId) {
        self.entries.remove(peer);
    }

    /// Forgets whoever has recovered.
    pub(super) fn tick(&mut self, now: Instant) {
        let recovered = |entry: &Entry| recover(entry, self.config.recovery_per_minute, now);
        self.entries.retain(|_, entry| {
            *entry = recovered(entry);
            entry.score < 0 || entry.banned_until.is_some()
        });
    }

    fn current(&self, now: Instant, peer: &PeerId) -> Option<Entry> {
        let entry = self.entries.get(peer)?;
        Some(recover(entry, self.config.recovery_per_minute, now))
    }

    fn insert(&mut self, peer: PeerId, entry: Entry) {
        if !self.entries.contains_key(&peer) && self.entries.len() >= self.config.entries_max {
            // Least is lost with the best score of those who are not banned, then with the ban that
            // ends first.
            let least =
                self.entries.iter().min_by_key(|(_, entry)| (entry.banned_until, -entry.score));
            if let Some(least) = least.map(|(peer, _)| *peer) {
                self.entries.remove(&least);
            }
        }
        self.entries.insert(peer, entry);
    }
}

/// The entry as it is now: points come back with time, and a ban that is over is forgotten with the
/// points that led to it.
fn recover(entry: &Entry, per_minute: u32, now: Instant) -> Entry {
    if entry.banned_until.is_some_and(|until| now < until) {
        return Entry { updated: now, ..*entry };
    }
    if entry.banned_until.is_some() {
        return Entry { score: 0, updated: now, banned_until: None };
    }
    let elapsed = now.saturating_duration_since(entry.updated);
    let gained = gain(elapsed, per_minute);
    // What is too short for a thousandth of a point counts the next time.
    let updated = if gained > 0 { now } else { entry.updated };
    Entry { score: entry.score.saturating_add(gained).min(0), updated, banned_until: None }
}

/// Thousandths of a point.
fn gain(elapsed: Duration, per_minute: u32) -> i64 {
    let points = elapsed.as_millis().saturating_mul(u128::from(per_minute)) / 60;
    i64::try_from(points).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: BanConfig = BanConfig {
        threshold: -100,
        recovery_per_minute: 60,
        duration: Duration::from_secs(100),
        proven_duration: Duration::from_secs(1_000),
        entries_max: 4,
    };

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn points_add_up_to_a_ban_and_come_back_with_time() {
        let (start, peer) = (Instant::now(), PeerId::random());
        let mut scores = Scores::new(CONFIG);
        let mut penalise =
            |now| scores.penalise(now, peer, Penalty::InvalidGossip, Standing::Ordinary);
        assert_eq!([0; 3].map(|_| penalise(start)), [Consequence::Kept; 3]);
        assert_eq!(penalise(start + seconds(5)), Consequence::Kept, "a point a second came back");
        assert_eq!(scores.score(start + seconds(5), &peer), -95);
        assert_eq!(scores.score(start + seconds(50), &peer), -50);
        assert_eq!(scores.score(start + seconds(500), &peer), 0, "never above 0");
        assert_eq!(scores.score(start, &PeerId::random()), 0);
        let mut penalise =
            |now| scores.penalise(now, peer, Penalty::InvalidGossip, Standing::Ordinary);
        assert_eq!(penalise(start + seconds(5)), Consequence::Banned);
        assert!(scores.is_banned(start + seconds(104), &peer));
        assert!(!scores.is_banned(start + seconds(105), &peer), "the ban ends");
        assert_eq!(scores.score(start + seconds(105), &peer), 0, "and the points with it");
    }

    #[test]
    fn the_threshold_itself_is_a_ban_and_one_point_above_is_none() {
        let (now, peer) = (Instant::now(), PeerId::random());
        let mut scores = Scores::new(CONFIG);
        for _ in 0..99 {
            let kept = scores.penalise(now, peer, Penalty::Useless, Standing::Ordinary);
            assert_eq!(kept, Consequence::Kept);
        }
        let banned = scores.penalise(now, peer, Penalty::Useless, Standing::Ordinary);
        assert_eq!(banned, Consequence::Banned);
    }

    #[test]
    fn a_reserved_peer_is_banned_for_what_is_proven_only() {
        let (now, peer) = (Instant::now(), PeerId::random());
        let mut scores = Scores::new(CONFIG);
        for _ in 0..20 {
            let kept = scores.penalise(now, peer, Penalty::Protocol, Standing::Reserved);
            assert_eq!(kept, Consequence::Kept);
        }
        assert_eq!(scores.score(now, &peer), -100);
        let banned = scores.penalise(now, peer, Penalty::Proven, Standing::Reserved);
        assert_eq!(banned, Consequence::Banned);
        assert!(scores.is_banned(now + seconds(999), &peer));
        // A shorter ban does not shorten it.
        scores.penalise(now, peer, Penalty::WrongChain, Standing::Ordinary);
        assert!(scores.is_banned(now + seconds(999), &peer));
        scores.forgive(&peer);
        assert!(!scores.is_banned(now, &peer));
    }

    #[test]
    fn the_table_is_bounded_and_keeps_bans_longest() {
        let now = Instant::now();
        let mut scores = Scores::new(CONFIG);
        let peers: Vec<PeerId> = (0..6).map(|_| PeerId::random()).collect();
        let kinds = [Penalty::WrongChain, Penalty::Proven, Penalty::Useless, Penalty::Protocol];
        for (peer, penalty) in peers.iter().zip(kinds) {
            scores.penalise(now, *peer, penalty, Standing::Ordinary);
        }
        assert_eq!((scores.entries.len(), scores.banned(now)), (4, 2));
        // One past the limit: the least offender is forgotten, then the next, then the shorter ban.
        for (newcomer, gone) in [(4, 2), (5, 3)] {
            scores.penalise(now, peers[newcomer], Penalty::Proven, Standing::Ordinary);
            assert!(!scores.entries.contains_key(&peers[gone]));
            assert_eq!(scores.entries.len(), 4);
        }
        scores.penalise(now, peers[2], Penalty::Proven, Standing::Ordinary);
        assert!(!scores.is_banned(now, &peers[0]));
        assert!(scores.is_banned(now, &peers[1]));
    }

    #[test]
    fn a_tick_forgets_who_recovered() {
        let now = Instant::now();
        let mut scores = Scores::new(CONFIG);
        scores.penalise(now, PeerId::random(), Penalty::Protocol, Standing::Ordinary);
        scores.penalise(now, PeerId::random(), Penalty::WrongChain, Standing::Ordinary);
        // Many ticks that are too short for a whole thousandth gain as much as one.
        for step in 1..=24_000 {
            scores.tick(now + Duration::from_millis(step));
        }
        assert_eq!(scores.entries.len(), 2);
        scores.tick(now + seconds(25));
        assert_eq!(scores.entries.len(), 1);
        scores.tick(now + seconds(100));
        assert_eq!(scores.entries.len(), 0);
    }
}
