//! How nodes find each other.

use crate::node::Node;

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
