//! Whether a configuration makes sense.

use crate::config::{NetworkConfig, Rate};
use crate::error::NetworkError;
use crate::protocol::{Channel, Topic};

/// LIMIT: bytes of a protocol id and of an agent's name.
const TEXT_BYTES_MAX: usize = 128;

impl NetworkConfig {
    /// # Errors
    /// [`NetworkError::Config`] names what is wrong.
    pub(crate) fn check(&self) -> Result<(), NetworkError> {
        let is_name = |text: &str| {
            !text.is_empty()
                && text.len() <= TEXT_BYTES_MAX
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let holds = |rate: Rate, bytes: usize| usize::try_from(rate.burst).unwrap_or(0) >= bytes;
        let gossip = &self.gossip;
        let requests = Channel::ALL.map(|channel| *self.requests(channel));
        let gossip_bytes = Topic::ALL.map(|topic| gossip.bytes_max(topic));
        let rules = [
            (is_name(&self.protocol_id), "the protocol id is not 1 to 128 visible characters"),
            (is_name(&self.agent), "the agent's name is not 1 to 128 visible characters"),
            (self.events_max > 0, "no event may wait"),
            (self.ban.threshold < 0, "the ban threshold is not negative"),
            (self.ban.entries_max > 0, "no score may be remembered"),
            (gossip.messages.burst > 0, "no gossip is allowed"),
            (gossip_bytes.iter().all(|bytes| *bytes > 0), "a topic allows no bytes"),
            (
                gossip_bytes.iter().all(|bytes| holds(gossip.bytes, *bytes)),
                "a gossiped message of the greatest size exceeds the burst of a peer",
            ),
            (
                gossip_bytes.iter().all(|bytes| *bytes <= gossip.pending_bytes_max),
                "a gossiped message of the greatest size exceeds what may be pending",
            ),
            (
                gossip_bytes.iter().all(|bytes| *bytes <= gossip.publish_bytes_max),
                "a gossiped message of the greatest size exceeds what may wait to be sent",
            ),
            (gossip.pending_max > 0, "no gossip may be pending"),
            (requests.iter().all(|limits| limits.requests.burst > 0), "no request is allowed"),
            (
                requests.iter().all(|limits| holds(limits.bytes, limits.request_bytes_max)),
                "a request of the greatest size exceeds the burst of a peer",
            ),
            (
                requests.iter().all(|limits| {
                    u32::try_from(limits.response_bytes_max).is_ok()
                        && u32::try_from(limits.request_bytes_max).is_ok()
                }),
                "a request or response of the greatest size is longer than its length field says",
            ),
        ];
        match rules.iter().find(|(is_met, _)| !is_met) {
            Some((_, problem)) => Err(NetworkError::Config(problem)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use citrate_core::H256;

    use super::*;

    /// What [`NetworkConfig::check`] says of a change to a sound configuration.
    fn problem(change: impl FnOnce(&mut NetworkConfig)) -> Option<&'static str> {
        let mut config = NetworkConfig::new(H256::default(), "citrate", 1, [1; 32]);
        change(&mut config);
        match config.check() {
            Err(NetworkError::Config(problem)) => Some(problem),
            _ => None,
        }
    }

    #[test]
    fn the_defaults_are_sound_and_each_limit_must_allow_the_greatest_message() {
        assert_eq!(problem(|_| {}), None);
        assert_eq!(problem(|c| c.protocol_id = "x".repeat(TEXT_BYTES_MAX)), None);
        assert!(problem(|c| c.protocol_id = "x".repeat(TEXT_BYTES_MAX + 1)).is_some());
        assert!(problem(|c| c.protocol_id.clear()).is_some());
        assert!(problem(|c| c.agent = "a b".into()).is_some());
        assert!(problem(|c| c.events_max = 0).is_some());
        assert!(problem(|c| c.ban.threshold = 0).is_some());
        assert!(problem(|c| c.ban.entries_max = 0).is_some());
        assert!(problem(|c| c.gossip.messages.burst = 0).is_some());
        assert!(problem(|c| c.gossip.vote_bytes_max = 0).is_some());
        assert!(problem(|c| c.gossip.pending_max = 0).is_some());
        assert!(problem(|c| c.request.requests.burst = 0).is_some());
        let largest = 5 * 1024 * 1024;
        assert_eq!(problem(|c| c.gossip.bytes.burst = largest), None);
        assert!(problem(|c| c.gossip.bytes.burst = largest - 1).is_some());
        assert_eq!(problem(|c| c.gossip.pending_bytes_max = largest as usize), None);
        assert!(problem(|c| c.gossip.pending_bytes_max = largest as usize - 1).is_some());
        assert!(problem(|c| c.gossip.publish_bytes_max = largest as usize - 1).is_some());
        assert!(problem(|c| c.request.bytes.burst = 64 * 1024 - 1).is_some());
        assert!(problem(|c| c.request.response_bytes_max = 1 << 32).is_some());
        assert!(problem(|c| c.artifact.requests.burst = 0).is_some());
        assert_eq!(problem(|c| c.artifact.bytes.burst = 256), None);
        assert!(problem(|c| c.artifact.bytes.burst = 255).is_some());
        assert!(problem(|c| c.artifact.response_bytes_max = 1 << 32).is_some());
    }
}
