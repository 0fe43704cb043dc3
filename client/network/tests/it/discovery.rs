//! How nodes find each other.

use crate::node::Node;

#[tokio::test]
async fn a_node_with_full_slots_still_tells_of_others() {
    let meeting = Node::start(|config| {
        config.peers_in_max = 0;
        config.guests_max = 2;
    })
    .await;
    let join = |config: &mut citrate_network::NetworkConfig| {
        config.bootnodes = vec![meeting.address.clone()];
    };
    let mut one = Node::start(join).await;
    let mut two = Node::start(join).await;
    one.connected(two.peer()).await;
    two.connected(one.peer()).await;
    assert_eq!(meeting.network.peers(), []);
}

#[tokio::test]
async fn two_nodes_find_each_other_through_a_third() {
    let meeting = Node::start(|_| {}).await;
    let join = |config: &mut citrate_network::NetworkConfig| {
        config.bootnodes = vec![meeting.address.clone()];
    };
    let mut one = Node::start(join).await;
    let mut two = Node::start(join).await;
    one.connected(two.peer()).await;
    two.connected(one.peer()).await;
}
