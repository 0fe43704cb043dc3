//! Who has to vote for a chain to become final.

use super::{
    chain::{equal, pairs},
    net::Net,
};

fn four() -> Net {
    let pairs = pairs(4);
    let authorities = equal(&pairs);
    Net::new(pairs.into_iter().map(|pair| vec![pair]).collect(), &authorities)
}

#[test]
fn four_voters_finalise_a_growing_chain() {
    let mut net = four();
    net.grow_from_genesis(20);
    net.assert_agree();
    for height in net.heights() {
        assert!(height >= 17, "{height} is more than 1.5 s behind");
    }
    assert!(net.nodes.iter().all(|node| node.rejected.is_empty() && node.proofs.is_empty()));
}
