//! Gossip messages that the consumer has not judged yet.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use libp2p::gossipsub::MessageId;

use crate::config::GossipConfig;

/// How long gossipsub keeps a message: a verdict after that forwards nothing.
pub(crate) const JUDGED_WITHIN: Duration = Duration::from_secs(8);

/// Bounded in number and bytes. What the consumer never judges is forgotten in time.
#[derive(Debug)]
pub(crate) struct Pending {
    limits: GossipConfig,
    messages: BTreeMap<MessageId, (usize, Instant)>,
    bytes: usize,
}

impl Pending {
    pub(crate) fn new(limits: GossipConfig) -> Self {
        Self { limits, messages: BTreeMap::new(), bytes: 0 }
    }

    /// `false`: there is no room.
    pub(crate) fn insert(&mut self, now: Instant, id: MessageId, bytes: usize) -> bool {
        let is_full = self.messages.len() >= self.limits.pending_max
            || self.bytes.saturating_add(bytes) > self.limits.pending_bytes_max;
        if is_full || self.messages.contains_key(&id) {
            return false;
        }
        self.messages.insert(id, (bytes, now));
        self.bytes += bytes;
        true
    }

    pub(crate) fn remove(&mut self, id: &MessageId) {
        if let Some((bytes, _)) = self.messages.remove(id) {
            self.bytes -= bytes;
        }
    }

    /// Forgets what nobody judged in time.
    pub(crate) fn expire(&mut self, now: Instant) {
        let bytes = &mut self.bytes;
        self.messages.retain(|_, (size, since)| {
            let is_young = now.saturating_duration_since(*since) < JUDGED_WITHIN;
            *bytes -= if is_young { 0 } else { *size };
            is_young
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_in_number_and_bytes_and_time() {
        let now = Instant::now();
        let limits =
            GossipConfig { pending_max: 3, pending_bytes_max: 10, ..GossipConfig::default() };
        let mut pending = Pending::new(limits);
        let id = |number: u8| MessageId::new(&[number]);
        assert!(pending.insert(now, id(1), 10));
        assert!(!pending.insert(now, id(2), 1), "one byte past the limit");
        pending.remove(&id(1));
        pending.remove(&id(1));
        for number in 2..5 {
            assert!(pending.insert(now, id(number), 1));
        }
        assert!(!pending.insert(now, id(5), 1), "one message past the limit");
        let later = now + JUDGED_WITHIN;
        pending.expire(later - Duration::from_millis(1));
        assert_eq!((pending.messages.len(), pending.bytes), (3, 3));
        pending.expire(later);
        assert_eq!((pending.messages.len(), pending.bytes), (0, 0));
        assert!(pending.insert(later, id(2), 1));
        assert!(!pending.insert(later, id(2), 1), "the same again");
    }
}
