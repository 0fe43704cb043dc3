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
            Self::Sync => "sync",
            Self::Artifacts => "artifacts",
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

/// Whom a peer says to belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinship {
    /// It is on our chain and speaks as we do.
    Ours,
    /// It is on our chain, and its messages are of another version.
    OtherVersion,
    /// It is on another chain.
    OtherChain,
}

/// The names that keep one chain's network apart from another's, and one version of its messages from another.
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
    pub(crate) fn new(genesis: H256, protocol_id: &str, version: u8) -> Option<Self> {
        let genesis: String = genesis.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let chain = format!("/citrate/{genesis}");
        let named = |name: &str| format!("{chain}/{name}/{version}");
        let protocol = |name: &str| StreamProtocol::try_from_owned(named(name)).ok();
        let hash = |topic: Topic| IdentTopic::new(named(topic.name())).hash();
        Some(Self {
            version: format!("/citrate/{protocol_id}/{genesis}/{version}"),
            kademlia: protocol("kad")?,
            requests: PerChannel {
                sync: protocol(Channel::Sync.name())?,
                artifacts: protocol(Channel::Artifacts.name())?,
            },
            gossip_prefix: named("meshsub"),
            topics: Topic::ALL.map(|topic| (hash(topic), topic)),
        })
    }

    /// Whom a peer belongs to that calls its protocol version so.
    pub(crate) fn kinship(&self, theirs: &str) -> Kinship {
        let of_chain = |version: &str| version.rsplit_once('/').map(|(chain, _)| chain.to_owned());
        match theirs == self.version {
            true => Kinship::Ours,
            false if of_chain(theirs) == of_chain(&self.version) => Kinship::OtherVersion,
            false => Kinship::OtherChain,
        }
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
    fn names_carry_the_genesis_and_the_version_and_differ() {
        let one = Protocols::new(H256::from([1; 32]), "citrate", 7).unwrap();
        let two = Protocols::new(H256::from([2; 32]), "citrate", 7).unwrap();
        let three = Protocols::new(H256::from([1; 32]), "citrate", 8).unwrap();
        let genesis = "01".repeat(32);
        assert_eq!(one.version, format!("/citrate/citrate/{genesis}/7"));
        for (channel, name) in [(Channel::Sync, "sync"), (Channel::Artifacts, "artifacts")] {
            let protocol = one.requests(channel);
            assert_eq!(protocol.as_ref(), format!("/citrate/{genesis}/{name}/7"));
            assert_ne!(protocol, three.requests(channel));
        }
        assert_eq!(one.kademlia.as_ref(), format!("/citrate/{genesis}/kad/7"));
        assert_eq!(one.gossip_prefix, format!("/citrate/{genesis}/meshsub/7"));
        for topic in Topic::ALL {
            let hash = one.ident(topic).hash();
            assert_eq!(hash.as_str(), format!("/citrate/{genesis}/{}/7", topic.name()));
            assert_eq!(one.topic(&hash), Some(topic));
            assert_eq!([two.topic(&hash), three.topic(&hash)], [None; 2]);
        }
    }

    #[test]
    fn another_version_is_not_another_chain() {
        let of = |genesis, id, version| Protocols::new(H256::from([genesis; 32]), id, version);
        let ours = of(1, "citrate", 7).unwrap();
        for (theirs, expected) in [
            (of(1, "citrate", 7), Kinship::Ours),
            (of(1, "citrate", 8), Kinship::OtherVersion),
            (of(1, "citrate", 77), Kinship::OtherVersion),
            (of(2, "citrate", 7), Kinship::OtherChain),
            (of(2, "citrate", 8), Kinship::OtherChain),
            (of(1, "citrate2", 7), Kinship::OtherChain),
        ] {
            let theirs = theirs.unwrap().version;
            assert_eq!(ours.kinship(&theirs), expected, "{theirs}");
        }
        assert_eq!(ours.kinship(""), Kinship::OtherChain);
        assert_eq!(ours.kinship("ipfs/0.1.0"), Kinship::OtherChain);
    }

    #[test]
    fn an_id_depends_on_topic_and_data() {
        let topic = |name: &str| TopicHash::from_raw(name);
        assert_eq!(message_id(&topic("a"), b"bc"), message_id(&topic("a"), b"bc"));
        assert_ne!(message_id(&topic("a"), b"bc"), message_id(&topic("ab"), b"c"));
        assert_ne!(message_id(&topic("a"), b"b"), message_id(&topic("a"), b"c"));
    }
}
