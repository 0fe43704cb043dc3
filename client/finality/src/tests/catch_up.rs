//! Nodes that were away.

use super::{
    chain::{block, equal, pairs},
    justifications::justification,
    net::Net,
    voting::four,
};
use crate::{
    Fault, Output, Peer, Verdict,
    config::PEERS_ANSWERED_MAX,
    wire::{CatchUpMessage, GossipMessage, Neighbour},
};
use codec::Encode;

#[test]
fn a_node_that_was_away_for_many_rounds_finalises_again_and_is_counted() {
    let mut net = four();
    let tip = net.grow_from_genesis(5);
    net.stop(3);
    let tip = net.grow(&tip, 200, 500);
    net.copy_blocks(0, 3);
    net.start(3);
    let behind = net.finality(3).here();
    assert!(net.finality(0).here().round > behind.round + 50);
    let tip = net.grow(&tip, 10, 500);
    net.assert_agree();
    assert!(net.heights().iter().all(|height| *height + 4 >= tip.number), "{:?}", net.heights());
    let (here, there) = (net.finality(3).here().round, net.finality(0).here().round);
    assert!(here + 1 >= there, "{here} of {there}");
    // Its votes count: with another one gone the chain still becomes final.
    net.stop(0);
    let tip = net.grow(&tip, 20, 500);
    assert!(net.heights()[1..].iter().all(|height| *height + 4 >= tip.number));
    assert!(net.nodes.iter().all(|node| node.rejected.is_empty()));
}

#[test]
fn a_node_that_was_away_for_several_sets_takes_one_after_the_other() {
    let pairs = pairs(6);
    let keys = pairs.iter().map(|pair| vec![pair.clone()]).collect();
    let mut net = Net::new(keys, &equal(&pairs[..4]));
    let mut tip = net.grow_from_genesis(4);
    net.stop(5);
    for first in [1, 2, 0, 1] {
        tip = block(&tip, 0, Some(equal(&pairs[first..first + 4])));
        net.import(&tip);
        tip = net.grow(&tip, 8, 500);
    }
    net.copy_blocks(0, 5);
    net.start(5);
    assert_eq!(net.finality(5).here().set_id, 0);
    let tip = net.grow(&tip, 20, 500);
    net.assert_agree();
    assert_eq!(net.finality(5).here().set_id, 4);
    assert!(net.heights().iter().all(|height| *height + 4 >= tip.number), "{:?}", net.heights());
}

#[test]
fn blocks_may_come_after_the_votes_and_the_catch_up() {
    let mut net = four();
    let tip = net.grow_from_genesis(4);
    net.stop(3);
    let tip = net.grow(&tip, 30, 500);
    net.start(3);
    // For a while it hears everybody and has none of their blocks.
    net.run_for(6_000);
    assert!(net.heights()[3] <= 4);
    net.copy_blocks(0, 3);
    net.advance(3);
    let tip = net.grow(&tip, 10, 500);
    assert!(net.heights()[3] + 4 >= tip.number, "{:?}", net.heights());
    net.assert_agree();
}

#[test]
fn liars_who_never_answer_do_not_keep_a_node_from_catching_up() {
    let mut net = four();
    let tip = net.grow_from_genesis(5);
    net.stop(3);
    let tip = net.grow(&tip, 100, 500);
    net.copy_blocks(0, 3);
    net.start(3);
    assert!(net.finality(0).here().round > net.finality(3).here().round + 50);
    let lie = Neighbour { set_id: u64::MAX, round: u64::MAX, finalized: u32::MAX };
    let lie = GossipMessage::Neighbour(lie, 0).encode();
    for _ in 0..50 {
        let now_ms = net.now_ms;
        for liar in 200..240 {
            net.finality(3).on_message(now_ms, &Peer(vec![liar]), &lie);
        }
        net.run_for(1_000);
    }
    net.grow(&tip, 2, 500);
    let (here, there) = (net.finality(3).here().round, net.finality(0).here().round);
    assert!(here + 1 >= there, "{here} of {there}");
    net.assert_agree();
}

/// A node that has asked node 1 for a catch-up; what node 1 knows is ahead.
fn asking() -> (Net, CatchUpMessage) {
    let mut net = four();
    let tip = net.grow_from_genesis(3);
    net.stop(3);
    net.grow(&tip, 20, 500);
    let request = GossipMessage::CatchUpRequest(Neighbour { set_id: 0, round: 1, finalized: 0 });
    let now_ms = net.now_ms;
    net.finality(1).on_message(now_ms, &Peer(vec![3]), &request.encode());
    let outputs = net.finality(1).take_outputs();
    let [Output::Send { to, bytes }] = &outputs[..] else { panic!("one answer: {outputs:?}") };
    assert_eq!(*to, Peer(vec![3]));
    let Some(GossipMessage::CatchUp(answer)) = GossipMessage::from_bytes(bytes) else {
        panic!("not a catch-up")
    };
    net.copy_blocks(0, 3);
    net.start(3);
    (net, answer)
}

fn ask(net: &mut Net) {
    let there = net.finality(1).here();
    let neighbour = GossipMessage::Neighbour(there, 0).encode();
    let asks = |output: &Output| matches!(output, Output::Send { .. });
    // A peer that gave bad answers is asked again after a pause.
    for _ in 0..40 {
        net.now_ms += 1_000;
        let now_ms = net.now_ms;
        let finality = net.finality(3);
        finality.on_message(now_ms, &Peer(vec![1]), &neighbour);
        finality.advance(now_ms);
        if finality.take_outputs().iter().any(asks) {
            return;
        }
    }
    panic!("it never asked");
}

#[test]
fn a_catch_up_is_taken_only_when_asked_for_and_whole() {
    let (mut net, good) = asking();
    let peer = Peer(vec![1]);
    let give = |net: &mut Net, message: &CatchUpMessage| {
        let bytes = GossipMessage::CatchUp(message.clone()).encode();
        let now_ms = net.now_ms;
        net.finality(3).on_message(now_ms, &peer, &bytes)
    };
    let before = net.finality(3).here().round;
    assert_eq!(give(&mut net, &good), Verdict::Ignore, "nobody asked");
    assert_eq!(net.finality(3).here().round, before);

    type Change = fn(&mut CatchUpMessage);
    let wrong: [(&str, Change, Fault); 6] = [
        ("no prevotes", |m| m.message.prevotes.clear(), Fault::BadCatchUp),
        ("few precommits", |m| m.message.precommits.truncate(2), Fault::BadCatchUp),
        ("another round", |m| m.message.round_number += 1, Fault::BadCatchUp),
        (
            "a forged prevote",
            |m| m.message.prevotes[0].signature = m.message.prevotes[1].signature,
            Fault::BadCatchUp,
        ),
        ("a base of another height", |m| m.message.base_number += 1, Fault::WrongNumber),
        (
            "more votes than voters explain",
            |m| m.message.prevotes = vec![m.message.prevotes[0].clone(); 9],
            Fault::BadCatchUp,
        ),
    ];
    for (desc, change, fault) in wrong {
        ask(&mut net);
        let mut bad = good.clone();
        change(&mut bad);
        assert_eq!(give(&mut net, &bad), Verdict::Reject(fault), "{desc}");
        assert_eq!(net.finality(3).here().round, before, "{desc}");
    }
    ask(&mut net);
    let other_set = CatchUpMessage { set_id: 1, ..good.clone() };
    assert_eq!(give(&mut net, &other_set), Verdict::Ignore);
    assert_eq!(give(&mut net, &good), Verdict::Ignore);
    assert_eq!(net.finality(3).here().round, good.message.round_number + 1);
    assert!(net.heights()[3] + 4 >= net.heights()[0]);
}

#[test]
fn a_justification_is_taken_only_when_asked_for_and_good() {
    let (mut net, _) = asking();
    let pairs = pairs(4);
    let target = net.nodes[0].chain.headers()[15].clone();
    let give = |net: &mut Net, justification: Vec<u8>| {
        let bytes = GossipMessage::Justification(justification).encode();
        let now_ms = net.now_ms;
        net.finality(3).on_message(now_ms, &Peer(vec![1]), &bytes)
    };
    let good = justification(&pairs[..3], 0, 70, &target, &[]).encode();
    let before = net.heights()[3];
    assert_eq!(give(&mut net, good.clone()), Verdict::Ignore);
    assert_eq!(net.heights()[3], before, "nobody asked");
    ask(&mut net);
    let bad = justification(&pairs[..2], 0, 70, &target, &[]).encode();
    assert_eq!(give(&mut net, bad), Verdict::Reject(Fault::BadJustification));
    ask(&mut net);
    assert_eq!(give(&mut net, good), Verdict::Ignore);
    assert_eq!(net.heights()[3], target.number);
}

#[test]
fn requests_are_answered_at_a_pace_and_from_a_bounded_number_of_peers() {
    let mut net = four();
    net.grow_from_genesis(8);
    let request = GossipMessage::CatchUpRequest(Neighbour { set_id: 0, round: 1, finalized: 0 });
    let request = request.encode();
    let now_ms = net.now_ms;
    let finality = net.finality(0);
    let mut answers = |at_ms: u64, peer: usize| {
        finality.on_message(at_ms, &Peer(peer.to_be_bytes().to_vec()), &request);
        finality.take_outputs().iter().filter(|o| matches!(o, Output::Send { .. })).count()
    };
    assert_eq!(answers(now_ms, 0), 1);
    assert_eq!(answers(now_ms, 0), 0, "again at once");
    assert_eq!(answers(now_ms + 500, 0), 1, "half an interval later");
    let served: usize = (0..=PEERS_ANSWERED_MAX).map(|peer| answers(now_ms + 500, peer)).sum();
    assert_eq!(served, PEERS_ANSWERED_MAX - 1, "all but the first, and the one past the limit");
    assert_eq!(answers(now_ms + 1_000, PEERS_ANSWERED_MAX), 1, "old ones are forgotten");
}
