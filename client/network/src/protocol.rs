//! Names of protocols and topics, and the ids of messages.

use citrate_core::{H256, hashing::blake2_256};
use libp2p::StreamProtocol;
use libp2p::gossipsub::{IdentTopic, MessageId, TopicHash};

/// What a gossiped message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// New blocks.
    Blocks,
    /// Transactions that wait to be included.
    Transactions,
    /// Votes on finality.
    Votes,
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 3] = [Self::Blocks, Self::Transactions, Self::Votes];

    fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Transactions => "transactions",
            Self::Votes => "votes",
        }
    }
}

/// Which of the two kinds of requests; each has its own limits, so that files do not hold up blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Blocks, states and votes.
    Sync,
    /// Models and other files.
    Artifacts,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sync, Self::Artifacts];

    fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync/1",
            Self::Artifacts => "artifacts/1",
        }
    }
}

/// One of something for each [`Channel`].
#[derive(Clone, Debug, Default)]
pub(crate) struct PerChannel<T> {
    sync: T,
    artifacts: T,
}

impl<T> PerChannel<T> {
    pub(crate) fn new(make: impl Fn(Channel) -> T) -> Self {
        Self { sync: make(Channel::Sync), artifacts: make(Channel::Artifacts) }
    }

    pub(crate) fn of(&self, channel: Channel) -> &T {
        match channel {
            Channel::Sync => &self.sync,
            Channel::Artifacts => &self.artifacts,
        }
    }

    pub(crate) fn of_mut(&mut self, channel: Channel) -> &mut T {
        match channel {
            Channel::Sync => &mut self.sync,
            Channel::Artifacts => &mut self.artifacts,
        }
    }
}

/// The names that keep one chain's network apart from another's.
#[derive(Clone, Debug)]
pub(crate) struct Protocols {
    /// What identify calls the protocol version.
    pub(crate) version: String,
    pub(crate) kademlia: StreamProtocol,
    requests: PerChannel<StreamProtocol>,
    pub(crate) gossip_prefix: String,
    topics: [(TopicHash, Topic); 3],
}

impl Protocols {
    pub(crate) fn new(genesis: H256, protocol_id: &str) -> Option<Self> {
        let genesis: String = genesis.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let chain = format!("/citrate/{genesis}");
        let protocol = |name: &str| StreamProtocol::try_from_owned(format!("{chain}/{name}")).ok();
        let hash = |topic: Topic| IdentTopic::new(format!("{chain}/{}/1", topic.name())).hash();
        Some(Self {
            version: format!("/citrate/{protocol_id}/{genesis}/1"),
            kademlia: protocol("kad/1")?,
            requests: PerChannel {
                sync: protocol(Channel::Sync.name())?,
                artifacts: protocol(Channel::Artifacts.name())?,
            },
            gossip_prefix: format!("{chain}/meshsub"),
            topics: Topic::ALL.map(|topic| (hash(topic), topic)),
        })
    }

    /// What peers call a channel.
    pub(crate) fn requests(&self, channel: Channel) -> StreamProtocol {
        self.requests.of(channel).clone()
    }

    /// The topic that peers name so.
    pub(crate) fn topic(&self, hash: &TopicHash) -> Option<Topic> {
        self.topics.iter().find(|(known, _)| known == hash).map(|(_, topic)| *topic)
    }

    /// What peers call a topic.
    pub(crate) fn ident(&self, topic: Topic) -> IdentTopic {
        let name = self.topics.iter().find(|(_, known)| *known == topic);
        IdentTopic::new(name.map(|(hash, _)| hash.as_str()).unwrap_or_default())
    }

    /// What peers call all topics.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = TopicHash> {
        self.topics.iter().map(|(hash, _)| hash.clone())
    }
}

/// The id of a message: equal content is one message, whoever sends it.
pub(crate) fn message_id(topic: &TopicHash, data: &[u8]) -> MessageId {
    MessageId::new(&blake2_256(&[&blake2_256(data), topic.as_str().as_bytes()].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_genesis_and_differ() {
        let one = Protocols::new(H256::from([1; 32]), "citrate").unwrap();
        let two = Protocols::new(H256::from([2; 32]), "citrate").unwrap();
        let genesis = "01".repeat(32);
        assert_eq!(one.version, format!("/citrate/citrate/{genesis}/1"));
        for (channel, name) in [(Channel::Sync, "sync"), (Channel::Artifacts, "artifacts")] {
            let protocol = one.requests(channel);
            assert_eq!(protocol.as_ref(), format!("/citrate/{genesis}/{name}/1"));
        }
        assert_eq!(one.kademlia.as_ref(), format!("/citrate/{genesis}/kad/1"));
        for topic in Topic::ALL {
            let hash = one.ident(topic).hash();
            assert_eq!(hash.as_str(), format!("/citrate/{genesis}/{}/1", topic.name()));
            assert_eq!(one.topic(&hash), Some(topic));
            assert_eq!(two.topic(&hash), None);
        }
    }

    #[test]
    fn an_id_depends_on_topic_and_data() {
        let topic = |name: &str| TopicHash::from_raw(name);
        assert_eq!(message_id(&topic("a"), b"bc"), message_id(&topic("a"), b"bc"));
        assert_ne!(message_id(&topic("a"), b"bc"), message_id(&topic("ab"), b"c"));
        assert_ne!(message_id(&topic("a"), b"b"), message_id(&topic("a"), b"c"));
    }
}
