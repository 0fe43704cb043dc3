//! Restarts, failing disks, and voters that vote twice.

use super::{
    chain::{block, equal, genesis, pairs},
    net::Net,
    voting::four,
};
use crate::{
    FinalityConfig, FinalityError, Verdict, VoterChain,
    wire::{GossipMessage, VoteMessage},
};
use citrate_core::{H256, ed25519};
use citrate_grandpa_types::{
    Equivocation, Message, Precommit, Prevote, SignedMessage, localized_payload,
};
use codec::Encode;
use finality_grandpa::voter::Environment;
use futures::FutureExt;

/// A signed vote of round `round` in set `set_id`.
pub(super) fn vote(pair: &ed25519::Pair, set_id: u64, round: u64, message: Message) -> VoteMessage {
    let signature = pair.sign(&localized_payload(round, set_id, &message));
    let message = SignedMessage { message, signature, id: pair.public() };
    VoteMessage { round, set_id, message, repeat: 0 }
}

pub(super) fn prevote(hash: H256, number: u32) -> Message {
    Message::Prevote(Prevote { target_hash: hash, target_number: number })
}

pub(super) fn bytes(vote: VoteMessage) -> Vec<u8> {
    GossipMessage::Vote(vote).encode()
}

#[test]
fn a_restart_in_the_middle_of_a_round_repeats_the_same_votes() {
    // A prevote is cast 400 ms into a round, a precommit 800 ms into it.
    for pause_ms in [50, 410, 450, 600, 810, 850, 900] {
        let mut net = four();
        let mut tip = net.grow_from_genesis(4);
        for turn in 0..6_usize {
            net.run_for(pause_ms);
            let index = turn % 4;
            net.stop(index);
            // The tip changes while the node is down: it would vote for another block now.
            let fork = block(&tip, 9, None);
            net.nodes[index].chain.import(&fork);
            net.nodes[index].chain.prefer(fork.hash());
            net.start(index);
            net.run_for(pause_ms);
            tip = net.grow(&tip, 2, 100);
        }
        // The network's own check sees every vote that was ever sent.
        let tip = net.grow(&tip, 20, 500);
        net.assert_agree();
        let heights = net.heights();
        assert!(heights.iter().all(|height| *height + 4 >= tip.number), "{heights:?}");
    }
}

#[test]
fn what_cannot_be_written_down_is_not_sent() {
    let mut net = four();
    let tip = net.grow_from_genesis(4);
    net.nodes[0].store.set_fails(true);
    net.run_for(3_000);
    let id = pairs(1)[0].public();
    let of_node =
        |net: &Net| net.vote_log.iter().filter(|vote| vote.message.id == id).map(|v| v.round).max();
    let last = of_node(&net);
    let tip = net.grow(&tip, 6, 500);
    assert_eq!(of_node(&net), last, "a vote that nobody wrote down was sent");
    let error = net.finality(0).last_error().cloned();
    assert_eq!(error, Some(FinalityError::Store("the disk is full".into())));
    assert!(net.finality(0).round_state().is_none());
    assert!(net.heights()[1] + 4 >= tip.number, "the others go on");
    net.nodes[0].store.set_fails(false);
    let tip = net.grow(&tip, 20, 500);
    assert!(of_node(&net) > last, "it votes again by itself");
    assert!(net.heights()[0] + 4 >= tip.number);
    net.assert_agree();
}

#[test]
fn a_chain_that_cannot_finalise_stops_the_voter_for_a_while() {
    let mut net = four();
    let tip = net.grow_from_genesis(4);
    net.nodes[0].chain.set_fails(true);
    let tip = net.grow(&tip, 6, 500);
    assert!(net.heights()[0] <= 4);
    let error = net.finality(0).last_error().cloned();
    assert_eq!(error, Some(FinalityError::Chain("the disk is full".into())));
    net.nodes[0].chain.set_fails(false);
    let tip = net.grow(&tip, 20, 500);
    assert!(net.heights()[0] + 4 >= tip.number, "{:?}", net.heights());
}

#[test]
fn corrupted_records_stop_the_voter() {
    let mut net = four();
    let tip = net.grow_from_genesis(4);
    net.stop(0);
    net.nodes[0].store.corrupt();
    net.start(0);
    net.grow(&tip, 4, 500);
    let error = net.finality(0).last_error().cloned();
    assert_eq!(error, Some(FinalityError::Corrupted("last round")));
}

#[test]
fn a_voter_that_votes_twice_is_reported_by_everybody_once() {
    let pairs = pairs(4);
    let authorities = equal(&pairs);
    // The fourth voter's key is not in any node: the test votes for it.
    let mut keys: Vec<_> = pairs[..3].iter().map(|pair| vec![pair.clone()]).collect();
    keys.push(vec![]);
    let mut net = Net::new(keys, &authorities);
    let (first, second) = (block(&genesis(), 1, None), block(&genesis(), 2, None));
    net.import(&first);
    net.import(&second);
    let round = net.finality(0).here().round;
    for header in [&first, &second, &first] {
        for to in 0..3 {
            let message = vote(&pairs[3], 0, round, prevote(header.hash(), 1));
            net.deliver(3, to, &bytes(message));
        }
    }
    let precommit = |header: &citrate_core::Header| {
        Message::Precommit(Precommit { target_hash: header.hash(), target_number: 1 })
    };
    for header in [&first, &second] {
        net.deliver(3, 0, &bytes(vote(&pairs[3], 0, round, precommit(header))));
    }
    for index in 0..3 {
        let proofs = &net.nodes[index].proofs;
        assert_eq!(proofs.len(), if index == 0 { 2 } else { 1 });
        assert!(matches!(proofs[0].equivocation, Equivocation::Prevote(_)));
        assert!(proofs.iter().all(|proof| proof.is_valid(ed25519::verify)));
        assert!(proofs.iter().all(|proof| *proof.offender() == pairs[3].public()));
        assert_eq!(proofs[0].round(), round);
    }
    // The others finalise all the same, and the voter that starts again reports nothing anew.
    let tip = net.grow(&first, 10, 500);
    assert!(net.heights()[..3].iter().all(|height| *height + 4 >= tip.number));
    assert_eq!(net.nodes[0].proofs.len(), 2);
}

#[test]
fn one_vote_more_than_prove_an_equivocation_is_ignored() {
    let pairs = pairs(4);
    let mut net = Net::new(vec![vec![pairs[0].clone()]], &equal(&pairs));
    let headers: Vec<_> = (1..=3).map(|salt| block(&genesis(), salt, None)).collect();
    headers.iter().for_each(|header| net.import(header));
    let verdicts: Vec<_> = headers
        .iter()
        .map(|header| net.deliver(0, 0, &bytes(vote(&pairs[1], 0, 1, prevote(header.hash(), 1)))))
        .collect();
    assert_eq!(verdicts, [Verdict::Forward, Verdict::Forward, Verdict::Ignore]);
}

#[test]
fn a_precommit_waits_until_this_node_executed_the_block() {
    let pairs = pairs(4);
    let authorities = equal(&pairs);
    let keys = pairs.iter().map(|pair| vec![pair.clone()]).collect();
    let config = FinalityConfig { blocks_behind: 0, ..FinalityConfig::default() };
    let mut net = Net::with_config(keys, &authorities, config);
    let header = block(&genesis(), 1, None);
    // Three have executed the block; the fourth only knows its header. One of the three falls
    // silent after its prevote, so that the fourth's precommit decides.
    for index in 0..3 {
        net.nodes[index].chain.import(&header);
    }
    net.nodes[3].chain.import_only(&header);
    net.run_for(600);
    net.stop(2);
    net.run_for(10_000);
    let id = pairs[3].public();
    let voted = |net: &Net| {
        net.vote_log
            .iter()
            .any(|vote| vote.message.id == id && *vote.message.target().0 == header.hash())
    };
    assert!(!voted(&net), "it voted for a state that it never computed");
    // Its chain may be another one, so that nothing else brings it to the block.
    assert_eq!(net.nodes[3].wanted, [header.hash()], "asked for once");
    assert_eq!(net.heights()[..2], [0, 0]);
    net.nodes[3].chain.execute(&header.hash());
    net.run_for(10_000);
    assert!(voted(&net));
    assert_eq!([net.heights()[0], net.heights()[1], net.heights()[3]], [1, 1, 1]);
}

#[test]
fn a_prevote_waits_for_its_base_and_has_it_executed() {
    let mut net = four();
    let base = block(&genesis(), 1, None);
    net.nodes[0].chain.import_only(&base);
    let env = net.finality(0).running.as_ref().expect("it votes").env.clone();
    let target = env.best_chain_containing(base.hash());
    assert!(target.now_or_never().is_none());
    assert!(env.best_chain_containing(base.hash()).now_or_never().is_none());
    net.advance(0);
    assert_eq!(net.nodes[0].wanted, [base.hash()], "asked for once");
    net.nodes[0].chain.execute(&base.hash());
    let target = env.best_chain_containing(base.hash()).now_or_never();
    assert_eq!(target.expect("it is executed").expect("no failure"), Some((base.hash(), 1)));
}

#[test]
fn what_others_finalised_becomes_final_here_once_it_is_executed() {
    let mut net = four();
    let tip = net.grow_from_genesis(3);
    net.run_for(2_000);
    let before = net.heights()[3];
    let mut headers = vec![tip];
    for _ in 0..5 {
        let header = block(headers.last().unwrap(), 0, None);
        for index in 0..3 {
            net.nodes[index].chain.import(&header);
        }
        net.nodes[3].chain.import_only(&header);
        headers.push(header);
        net.run_for(500);
    }
    net.run_for(2_000);
    assert!(net.heights()[0] >= 7);
    assert_eq!(net.heights()[3], before.max(3));
    assert!(!net.nodes[3].wanted.is_empty(), "the node is told what to execute");
    for header in &headers[1..] {
        net.nodes[3].chain.execute(&header.hash());
    }
    net.run_for(100);
    assert!(net.nodes[3].chain.finalized().1 >= 7);
}

#[test]
fn a_commit_that_only_double_votes_complete_is_not_sent() {
    let pairs = pairs(4);
    // Two nodes vote, the third is down, and the test votes for the fourth, twice.
    let mut keys: Vec<_> = pairs[..3].iter().map(|pair| vec![pair.clone()]).collect();
    keys.push(vec![]);
    let config = FinalityConfig { blocks_behind: 0, ..FinalityConfig::default() };
    let mut net = Net::with_config(keys, &equal(&pairs), config);
    net.stop(2);
    net.stop(3);
    let headers: Vec<_> = (1..=3).map(|salt| block(&genesis(), salt, None)).collect();
    headers.iter().for_each(|header| net.import(header));
    let round = net.finality(0).here().round;
    for header in &headers[1..] {
        let precommit = Precommit { target_hash: header.hash(), target_number: 1 };
        for message in [prevote(header.hash(), 1), Message::Precommit(precommit)] {
            for to in 0..2 {
                net.deliver(3, to, &bytes(vote(&pairs[3], 0, round, message.clone())));
            }
        }
    }
    net.run_for(10_000);
    // For the voters the block is final, by the rule that whoever votes twice votes for everything.
    assert!(net.finality(0).here().round > round);
    for node in &net.nodes[..2] {
        assert_eq!(node.rejected, [], "an honest node sent what is no commit");
    }
    net.copy_blocks(0, 2);
    net.start(2);
    let tip = net.grow(&headers[0], 16, 500);
    assert!(net.heights()[..3].iter().all(|height| *height + 4 >= tip.number));
}
