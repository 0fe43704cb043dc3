//! Who has to vote for a chain to become final.

use super::{
    chain::{block, equal, genesis, pairs},
    net::Net,
};
use crate::{VoterChain, config::VOTE_DEPTH_MAX};

pub(super) fn four() -> Net {
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

#[test]
fn three_of_four_go_on() {
    let mut net = four();
    let tip = net.grow_from_genesis(5);
    net.stop(3);
    let before = net.heights()[0];
    net.grow(&tip, 20, 500);
    net.assert_agree();
    assert!(net.heights()[..3].iter().all(|height| *height >= before + 17), "{:?}", net.heights());
}

#[test]
fn two_of_four_stall_until_a_third_returns() {
    let mut net = four();
    let tip = net.grow_from_genesis(5);
    net.stop(2);
    net.stop(3);
    let tip = net.grow(&tip, 3, 500);
    let stalled = net.heights()[0];
    let tip = net.grow(&tip, 60, 500);
    assert_eq!(net.heights()[0], stalled, "two of four decide nothing");
    net.copy_blocks(0, 2);
    net.start(2);
    net.grow(&tip, 10, 500);
    net.assert_agree();
    let heights = net.heights();
    assert!(heights[..3].iter().all(|height| *height >= tip.number), "{heights:?}");
}

#[test]
fn a_sole_voter_finalises_within_two_blocks() {
    let pairs = pairs(1);
    let authorities = equal(&pairs);
    // The second node has no key and follows.
    let mut net = Net::new(vec![pairs, vec![]], &authorities);
    let mut tip = genesis();
    for number in 1..=20 {
        tip = net.grow(&tip, 1, 500);
        assert_eq!(net.heights()[0], number);
    }
    assert!(net.heights()[1] >= 18, "{:?}", net.heights());
    // Idle rounds do not spin.
    let votes = net.vote_log.len();
    net.run_for(10_000);
    assert!(net.vote_log.len() - votes <= 2 * 51, "{}", net.vote_log.len() - votes);
}

#[test]
fn weights_count_not_heads() {
    let pairs = pairs(4);
    let authorities = vec![
        (pairs[0].public(), 7),
        (pairs[1].public(), 1),
        (pairs[2].public(), 1),
        (pairs[3].public(), 1),
    ];
    let mut net = Net::new(pairs.into_iter().map(|pair| vec![pair]).collect(), &authorities);
    net.stop(2);
    net.stop(3);
    let tip = net.grow_from_genesis(10);
    assert!(net.heights()[0] >= 7, "eight of ten decide");
    net.stop(0);
    net.start(2);
    net.start(3);
    net.copy_blocks(1, 2);
    net.copy_blocks(1, 3);
    net.grow(&tip, 5, 500);
    let stalled = net.heights()[1];
    let tip = block(&tip, 7, None);
    net.import(&tip);
    net.run_for(20_000);
    assert_eq!(net.heights()[1], stalled, "three of ten do not");
}

#[test]
fn a_partition_stalls_and_heals() {
    let mut net = four();
    let common = net.grow_from_genesis(5);
    net.split(&[0, 0, 1, 1]);
    let before = net.heights();
    let (mut left, mut right) = (common.clone(), common);
    for _ in 0..40 {
        left = block(&left, 1, None);
        right = block(&right, 2, None);
        net.import_in(0, &left);
        net.import_in(1, &right);
        net.run_for(500);
    }
    let during = net.heights();
    assert!(during.iter().zip(&before).all(|(now, then)| *now <= then + 3), "{during:?}");
    // The left side is longer by a block, so all choose it.
    let tip = block(&left, 1, None);
    net.split(&[0; 4]);
    for (from, to) in [(0, 2), (0, 3), (2, 0), (2, 1)] {
        net.copy_blocks(from, to);
    }
    net.import(&tip);
    let tip = net.grow(&tip, 20, 500);
    net.assert_agree();
    let heights = net.heights();
    assert!(heights.iter().all(|height| *height + 4 >= tip.number), "{heights:?}");
}

#[test]
fn a_fork_that_leaves_the_estimate_behind_does_not_stop_voting() {
    // Three of four prevote for the fork, so it becomes a round's estimate; nobody can finalise it,
    // because its precommits are lost. Then the other branch wins, which does not contain it.
    let mut net = four();
    let common = net.grow_from_genesis(5);
    let mut fork = common.clone();
    for _ in 0..6 {
        fork = block(&fork, 1, None);
        net.import(&fork);
    }
    // Prevotes are exchanged, then everybody is alone.
    net.run_for(450);
    net.split(&[0, 1, 2, 3]);
    net.run_for(10_000);
    let mut other = common;
    for _ in 0..30 {
        other = block(&other, 2, None);
        net.import(&other);
    }
    net.split(&[0; 4]);
    let tip = net.grow(&other, 40, 500);
    net.assert_agree();
    // The votes were for the fork: what follows has to contain it, whatever is longer elsewhere.
    let chain = net.nodes[0].chain.clone();
    assert_eq!(chain.best_containing(&chain.finalized().0), Some((fork.hash(), 11)));
    assert!(net.heights().iter().all(|height| *height >= 10), "{:?}", net.heights());
    assert!(tip.number > 70);
    // And it goes on from there.
    let tip = net.grow(&fork, 20, 500);
    net.assert_agree();
    assert!(net.heights().iter().all(|height| *height + 4 >= tip.number), "{:?}", net.heights());
}

#[test]
fn lost_messages_cost_time_and_nothing_else() {
    for one_lost_in in [2, 3, 7] {
        let mut net = four();
        net.one_lost_in = one_lost_in;
        let tip = net.grow_from_genesis(40);
        net.run_for(10_000);
        net.assert_agree();
        let heights = net.heights();
        assert!(heights.iter().all(|height| *height + 1 >= tip.number), "{heights:?}");
    }
}

#[test]
fn the_same_inputs_give_the_same_messages() {
    let run = || {
        let mut net = four();
        net.one_lost_in = 5;
        net.grow_from_genesis(20);
        let finalized: Vec<_> = net.nodes.iter().map(|node| node.finalized.clone()).collect();
        (net.bytes_log, finalized)
    };
    assert_eq!(run(), run());
}

/// The driver keeps it in a task of its own.
#[test]
fn finality_may_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<crate::Finality>();
}

#[test]
fn a_long_stall_is_finalised_in_steps() {
    let mut net = four();
    net.stop(2);
    net.stop(3);
    let mut tip = net.grow_from_genesis(2);
    for _ in 0..2 * VOTE_DEPTH_MAX {
        tip = block(&tip, 0, None);
        net.import(&tip);
    }
    net.copy_blocks(0, 2);
    net.start(2);
    let before = net.heights()[0];
    net.run_for(15_000);
    net.assert_agree();
    assert_eq!(net.heights()[0], tip.number - 1);
    let lowest = net.nodes[0].finalized.iter().map(|f| f.number).find(|n| *n > before);
    assert!(lowest.unwrap() <= before + VOTE_DEPTH_MAX, "one step is at most the vote depth");
    for vote in &net.vote_log {
        assert!(vote.message.target().1 <= before + 2 * VOTE_DEPTH_MAX + 2);
    }
}
