//! Questions to one peer.

use std::time::Duration;

use citrate_network::{Channel, PeerId, RequestError};

use crate::node::{Node, QUIC, TCP, pair, until};

#[tokio::test]
async fn a_request_is_answered_over_tcp_and_quic() {
    for listen in [TCP, QUIC] {
        let [mut one, mut two] = pair(|config| config.listen = vec![listen.parse().unwrap()]).await;
        let (network, to) = (two.network.clone(), one.peer());
        let asking = tokio::spawn(async move { network.request(to, vec![1, 2, 3]).await });
        let (from, data, respond) = one.request().await;
        assert_eq!((from, data), (two.peer(), vec![1, 2, 3]));
        assert!(respond.send(vec![4, 5]));
        assert_eq!(asking.await.unwrap(), Ok(vec![4, 5]));
        // And the other way.
        let (network, to) = (one.network.clone(), two.peer());
        let asking = tokio::spawn(async move { network.request(to, vec![]).await });
        let (_, data, respond) = two.request().await;
        assert_eq!(data, [0; 0]);
        assert!(respond.send(vec![]));
        assert_eq!(asking.await.unwrap(), Ok(vec![]));
        assert_eq!(one.network.state().requests_sent, 1);
        assert_eq!(one.network.state().requests_received, 1);
    }
}

/// Asks, and lets the peer answer with so many bytes.
async fn ask(two: &Node, one: &mut Node, request: usize, response: usize) -> Answered {
    let (network, to) = (two.network.clone(), one.peer());
    let asking = tokio::spawn(async move { network.request(to, vec![7; request]).await });
    let (_, data, respond) = one.request().await;
    assert!(data == vec![7; request]);
    let is_sent = respond.send(vec![9; response]);
    Answered { is_sent, response: asking.await.unwrap() }
}

struct Answered {
    is_sent: bool,
    response: Result<Vec<u8>, RequestError>,
}

#[tokio::test]
async fn the_largest_messages_pass_and_one_byte_more_does_not() {
    let [mut one, two] = pair(|config| {
        config.request.request_bytes_max = 100_000;
        config.request.response_bytes_max = 3_000_000;
    })
    .await;
    let largest = ask(&two, &mut one, 100_000, 3_000_000).await;
    assert!(largest.is_sent && largest.response == Ok(vec![9; 3_000_000]));
    let more = ask(&two, &mut one, 1, 3_000_001).await;
    assert!(!more.is_sent && more.response == Err(RequestError::Refused));
    let error = two.network.request(one.peer(), vec![0; 100_001]).await.unwrap_err();
    assert_eq!(error, RequestError::TooLarge { bytes: 100_001, max: 100_000 });
}

#[tokio::test]
async fn a_peer_that_exceeds_the_sizes_is_penalised() {
    // Its own limits let the second node send what the first one does not take.
    let mut one = Node::start(|config| {
        config.request.request_bytes_max = 100;
        config.request.response_bytes_max = 100;
        config.ban.recovery_per_minute = 0;
    })
    .await;
    let mut two = Node::start(|config| config.bootnodes = vec![one.address.clone()]).await;
    one.connected(two.peer()).await;
    two.connected(one.peer()).await;
    let error = two.network.request(one.peer(), vec![0; 101]).await.unwrap_err();
    assert_eq!(error, RequestError::Refused);
    until("penalised", || one.network.peers()[0].score == -25).await;
    let answered = ask(&one, &mut two, 100, 101).await;
    assert!(answered.is_sent);
    assert_eq!(answered.response, Err(RequestError::InvalidResponse));
    until("penalised", || one.network.peers()[0].score == -50).await;
    assert_eq!(two.network.peers()[0].score, 0);
}

#[tokio::test]
async fn a_request_that_nobody_answers_ends() {
    let [mut one, two] = pair(|config| {
        config.request.timeout = Duration::from_secs(2);
        config.ban.recovery_per_minute = 0;
    })
    .await;
    let (network, to) = (two.network.clone(), one.peer());
    let asking = tokio::spawn(async move { network.request(to, vec![1]).await });
    let (_, _, respond) = one.request().await;
    assert!(respond.is_open());
    assert_eq!(asking.await.unwrap(), Err(RequestError::Refused));
    assert!(!respond.is_open());
    assert!(!respond.send(vec![2]));
    let asking = {
        let network = two.network.clone();
        tokio::spawn(async move { network.request(to, vec![1]).await })
    };
    let (_, _, respond) = one.request().await;
    drop(respond);
    assert_eq!(asking.await.unwrap(), Err(RequestError::Refused));
}

#[tokio::test]
async fn a_peer_that_does_not_answer_in_time_is_penalised() {
    let mut one = Node::start(|_| {}).await;
    let mut two = Node::start(|config| {
        config.bootnodes = vec![one.address.clone()];
        config.request.timeout = Duration::from_secs(1);
        config.ban.recovery_per_minute = 0;
    })
    .await;
    two.connected(one.peer()).await;
    let (network, to) = (two.network.clone(), one.peer());
    let asking = tokio::spawn(async move { network.request(to, vec![1]).await });
    let (_, _, _respond) = one.request().await;
    assert_eq!(asking.await.unwrap(), Err(RequestError::Timeout));
    assert_eq!(two.network.peers()[0].score, -5);
}

#[tokio::test]
async fn requests_end_with_the_connection() {
    let [mut one, two] = pair(|_| {}).await;
    let nobody = two.network.request(PeerId::random(), vec![1]).await;
    assert_eq!(nobody, Err(RequestError::NotConnected));
    let (network, to) = (two.network.clone(), one.peer());
    let asking = tokio::spawn(async move { network.request(to, vec![1]).await });
    let (_, _, _respond) = one.request().await;
    one.network.shutdown().await;
    assert_eq!(asking.await.unwrap(), Err(RequestError::ConnectionLost));
    two.network.shutdown().await;
    let ended = two.network.request(to, vec![1]).await;
    assert_eq!(ended, Err(RequestError::Shutdown));
}

#[tokio::test]
async fn open_requests_are_bounded_on_both_sides() {
    let mut one = Node::start(|config| {
        config.request.per_peer_max = 2;
        config.ban.recovery_per_minute = 0;
    })
    .await;
    let mut two = Node::start(|config| {
        config.bootnodes = vec![one.address.clone()];
        config.request.per_peer_max = 3;
    })
    .await;
    one.connected(two.peer()).await;
    two.connected(one.peer()).await;
    let to = one.peer();
    let ask = |data: u8| {
        let network = two.network.clone();
        tokio::spawn(async move { network.request(to, vec![data]).await })
    };
    let open = [ask(1), ask(2)];
    let responders = [one.request().await.2, one.request().await.2];
    // The third one is one past the first node's limit.
    assert_eq!(ask(3).await.unwrap(), Err(RequestError::Refused));
    until("penalised", || one.network.peers()[0].score == -10).await;
    assert_eq!(one.network.state().requests_refused, 1);
    // Three open ones are the second node's own limit. Its task takes commands in order.
    assert!(one.network.peers()[0].score == -10);
    let mut responders = responders.into_iter();
    assert!(responders.next().unwrap().send(vec![0]));
    let [first, second] = open;
    assert_eq!(first.await.unwrap(), Ok(vec![0]));
    drop(responders);
    assert_eq!(second.await.unwrap(), Err(RequestError::Refused));
}

#[tokio::test]
async fn a_node_does_not_ask_more_than_its_own_limit() {
    let [mut one, two] = pair(|config| config.request.per_peer_max = 2).await;
    let to = one.peer();
    let ask = |data: u8| {
        let network = two.network.clone();
        tokio::spawn(async move { network.request(to, vec![data]).await })
    };
    let open = [ask(1), ask(2)];
    let responders = [one.request().await.2, one.request().await.2];
    assert_eq!(ask(3).await.unwrap(), Err(RequestError::Busy));
    for responder in responders {
        assert!(responder.send(vec![]));
    }
    for open in open {
        assert_eq!(open.await.unwrap(), Ok(vec![]));
    }
    assert_eq!(one.network.state().requests_received, 2);
    assert_eq!(one.network.peers()[0].score, 0);
}

#[tokio::test]
async fn each_channel_has_its_own_limits() {
    let [mut one, two] = pair(|config| {
        config.request.per_peer_max = 1;
        config.artifact.per_peer_max = 1;
        config.artifact.request_bytes_max = 10;
        config.artifact.response_bytes_max = 20;
    })
    .await;
    let to = one.peer();
    let ask = |channel: Channel, bytes: usize| {
        let network = two.network.clone();
        tokio::spawn(async move { network.request_on(channel, to, vec![1; bytes]).await })
    };
    let too_large = Err(RequestError::TooLarge { bytes: 11, max: 10 });
    assert_eq!(ask(Channel::Artifacts, 11).await.unwrap(), too_large);
    let about_blocks = ask(Channel::Sync, 11);
    let (_, _, first) = one.request_on(Channel::Sync).await;
    assert_eq!(ask(Channel::Sync, 1).await.unwrap(), Err(RequestError::Busy));
    // One is open, and takes no place from the other kind.
    let about_files = ask(Channel::Artifacts, 10);
    let (from, data, second) = one.request_on(Channel::Artifacts).await;
    assert_eq!((from, data, second.bytes_max()), (two.peer(), vec![1; 10], 20));
    assert!(second.send(vec![2; 20]));
    assert_eq!(about_files.await.unwrap(), Ok(vec![2; 20]));
    assert!(first.send(vec![3; 21]));
    assert_eq!(about_blocks.await.unwrap(), Ok(vec![3; 21]));
    let about_files = ask(Channel::Artifacts, 1);
    let (_, _, third) = one.request_on(Channel::Artifacts).await;
    assert!(!third.send(vec![2; 21]), "one past the limit");
    assert_eq!(about_files.await.unwrap(), Err(RequestError::Refused));
    assert_eq!(one.network.peers()[0].score, 0);
}
