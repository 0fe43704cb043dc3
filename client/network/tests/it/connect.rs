//! Who is connected with whom.

use citrate_core::H256;
use citrate_network::{Direction, Event, Network, NetworkError, Penalty, ReservedOnly};
use tokio::runtime::Handle;

use crate::node::{Node, QUIC, TCP, config, pair, until};

#[tokio::test]
async fn a_bootnode_is_dialled_over_tcp_and_quic() {
    for listen in [TCP, QUIC] {
        let [one, two] = pair(|config| config.listen = vec![listen.parse().unwrap()]).await;
        until("identified", || {
            let infos = [&one, &two].map(|node| node.network.peers());
            infos.iter().all(|infos| infos.len() == 1 && infos[0].agent.is_some())
        })
        .await;
        let (info, back) = (&two.network.peers()[0], &one.network.peers()[0]);
        assert_eq!((info.peer, info.direction), (one.peer(), Direction::Outbound));
        assert_eq!((back.peer, back.direction), (two.peer(), Direction::Inbound));
        assert!(info.agent.as_ref().unwrap().starts_with("citrate/"));
        assert_eq!(info.address, one.address.address);
        assert_eq!((info.score, info.is_reserved), (0, false));
        assert_eq!(one.network.state().peers_in, 1);
        assert_eq!(two.network.state().peers_out, 1);
        assert_eq!(one.network.listen_addresses(), std::slice::from_ref(&one.address.address));
    }
}

#[tokio::test]
async fn who_is_on_another_chain_is_disconnected() {
    let mut one = Node::start(|_| {}).await;
    for number in 0..2 {
        let before = one.network.state().wrong_chain;
        let mut two = Node::start(|config| {
            config.bootnodes = vec![one.address.clone()];
            match number {
                0 => config.genesis = H256::from([8; 32]),
                _ => config.protocol_id = "other".into(),
            }
        })
        .await;
        // Whoever notices first hangs up; the other one may not get to see why.
        let noticed = || one.network.state().wrong_chain + two.network.state().wrong_chain;
        until("noticed", || noticed() > before).await;
        for node in [&mut one, &mut two] {
            assert_eq!(node.network.peers(), []);
            let heard = node.unheard().iter();
            assert_eq!(heard.filter(|e| matches!(e, Event::PeerConnected { .. })).count(), 0);
        }
    }
    let right = Node::start(|config| config.bootnodes = vec![one.address.clone()]).await;
    one.connected(right.peer()).await;
}

#[tokio::test]
async fn who_speaks_another_version_is_sent_away_and_not_banned() {
    let mut one = Node::start(|_| {}).await;
    let mut newer = config();
    newer.version += 1;
    newer.bootnodes = vec![one.address.clone()];
    let mut two = Node::with(newer.clone()).await;
    // Whoever notices first hangs up; both would go on trying.
    let noticed = || one.network.state().wrong_version + two.network.state().wrong_version;
    until("noticed twice", || noticed() >= 2).await;
    for node in [&mut one, &mut two] {
        let state = node.network.state();
        assert_eq!((state.wrong_chain, state.banned, state.requests_received), (0, 0, 0));
        assert_eq!(node.network.peers(), []);
        let heard = node.unheard().iter();
        assert_eq!(heard.filter(|e| matches!(e, Event::PeerConnected { .. })).count(), 0);
    }
    // The same node is welcome once it has the other's version.
    two.network.shutdown().await;
    newer.version -= 1;
    let updated = Node::with(newer).await;
    one.connected(updated.peer()).await;
}

#[tokio::test]
async fn a_peer_that_restarts_on_its_address_is_found_again() {
    for listen in [TCP, QUIC] {
        let mut config = config();
        config.listen = vec![listen.parse().unwrap()];
        let mut one = Node::with(config.clone()).await;
        let mut two = Node::start(|config| config.reserved = vec![one.address.clone()]).await;
        for _ in 0..2 {
            two.connected(one.peer()).await;
            one.connected(two.peer()).await;
            one.network.shutdown().await;
            two.disconnected(one.peer()).await;
            config.listen = vec![one.address.address.clone()];
            one = Node::with(config.clone()).await;
        }
        two.connected(one.peer()).await;
    }
}

#[tokio::test]
async fn a_banned_peer_does_not_come_back_until_it_is_forgiven() {
    let [mut one, mut two] = pair(|_| {}).await;
    one.network.report(&two.peer(), Penalty::Proven);
    one.disconnected(two.peer()).await;
    two.disconnected(one.peer()).await;
    assert_eq!(one.network.state().banned, 1);
    // It tries again and again.
    until("refused", || one.network.state().connections_refused >= 3).await;
    assert_eq!(one.network.peers(), []);
    assert!(one.network.add_reserved(&two.address));
    one.connected(two.peer()).await;
    assert_eq!(one.network.state().banned, 0);
}

#[tokio::test]
async fn many_small_offences_ban_too_and_a_disconnected_peer_may_come_back() {
    let [mut one, mut two] = pair(|config| config.ban.recovery_per_minute = 0).await;
    one.network.disconnect(&two.peer());
    one.disconnected(two.peer()).await;
    one.connected(two.peer()).await;
    for _ in 0..19 {
        one.network.report(&two.peer(), Penalty::Unresponsive);
    }
    assert_eq!(one.network.peers()[0].score, -95);
    one.network.report(&two.peer(), Penalty::Unresponsive);
    one.disconnected(two.peer()).await;
    two.disconnected(one.peer()).await;
    assert_eq!(one.network.state().banned, 1);
}

#[tokio::test]
async fn only_reserved_peers_are_let_in_where_that_is_wanted() {
    let friend = Node::start(|_| {}).await;
    let mut closed = Node::start(|config| {
        config.reserved_only = ReservedOnly::Yes;
        config.reserved = vec![friend.address.clone()];
    })
    .await;
    closed.connected(friend.peer()).await;
    let stranger = Node::start(|config| config.bootnodes = vec![closed.address.clone()]).await;
    until("refused", || closed.network.state().connections_refused >= 2).await;
    assert!(!closed.has(stranger.peer()));
    assert!(closed.network.add_reserved(&stranger.address));
    closed.connected(stranger.peer()).await;
    assert_eq!(closed.network.reserved_peers().len(), 2);
    assert!(closed.network.remove_reserved(&friend.peer()));
    assert!(!closed.network.remove_reserved(&friend.peer()));
    closed.disconnected(friend.peer()).await;
    assert!(closed.has(stranger.peer()));
}

#[tokio::test]
async fn full_slots_admit_reserved_peers_only() {
    let mut one = Node::start(|config| config.peers_in_max = 1).await;
    let join = |config: &mut citrate_network::NetworkConfig| {
        config.bootnodes = vec![one.address.clone()];
    };
    let first = Node::start(join).await;
    let (peer, address) = (first.peer(), one.address.clone());
    one.connected(peer).await;
    let second = Node::start(|config| config.bootnodes = vec![address.clone()]).await;
    until("refused", || one.network.state().connections_refused >= 2).await;
    assert!(!one.has(second.peer()));
    // The operator of the full node makes room for it.
    assert!(one.network.add_reserved(&second.address));
    one.connected(second.peer()).await;
    assert!(one.has(first.peer()));
    // A slot that becomes free is taken.
    let third = Node::start(|config| config.bootnodes = vec![address.clone()]).await;
    first.network.shutdown().await;
    one.disconnected(first.peer()).await;
    one.connected(third.peer()).await;
}

#[tokio::test]
async fn the_end_is_orderly() {
    let [one, mut two] = pair(|_| {}).await;
    one.network.shutdown().await;
    one.network.shutdown().await;
    two.disconnected(one.peer()).await;
    assert_eq!(one.network.peers(), []);
    let Node { network, events, .. } = two;
    drop(events);
    // Without a consumer there is nothing to do.
    until("ended", || network.publish(citrate_network::Topic::Votes, vec![1]).is_err()).await;
}

#[tokio::test]
async fn an_address_in_use_is_an_error() {
    for listen in [TCP, QUIC] {
        let one = Node::start(|config| config.listen = vec![listen.parse().unwrap()]).await;
        let taken = one.address.address.clone();
        let mut config = config();
        config.listen = vec![taken.clone()];
        let error = Network::start(config, &Handle::current()).unwrap_err();
        assert!(matches!(error, NetworkError::Listen { address, .. } if address == taken));
    }
}

#[tokio::test]
async fn a_bootnode_may_be_a_name() {
    let mut one = Node::start(|_| {}).await;
    let text = one.address.to_string().replace("/ip4/127.0.0.1", "/dns4/localhost");
    let two = Node::start(|config| config.bootnodes = vec![text.parse().unwrap()]).await;
    one.connected(two.peer()).await;
}
