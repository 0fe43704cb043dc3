//! What is refused from peers, and the limits.

use super::{
    chain::{block, equal, genesis, pairs},
    faults::{bytes, prevote, vote},
    justifications::precommit,
    net::Net,
    voting::four,
};
use crate::{
    Fault, Finality, Output, Peer, Verdict,
    config::{MESSAGE_BYTES_MAX, ROUNDS_KEPT, TARGET_DEPTH_MAX, WAITING_COMMITS_MAX},
    config::{OWN_ROUNDS_MAX, PEERS_AHEAD_MAX, WAITING_VOTES_MAX},
    records::{Kind, OwnVotes, Slot},
    waiting::Waiting,
    wire::{CommitMessage, GossipMessage, Neighbour},
};
use citrate_core::{H256, Header, ed25519};
use citrate_grandpa_types::{Commit, Message, SignedMessage};
use codec::Encode;
use finality_grandpa::PrimaryPropose;

/// A node without keys among four voters, with a few blocks.
fn follower() -> (Vec<ed25519::Pair>, Net, Vec<Header>) {
    let pairs = pairs(5);
    let mut net = Net::new(vec![vec![]], &equal(&pairs[..4]));
    let mut headers = vec![genesis()];
    for _ in 0..5 {
        headers.push(block(headers.last().expect("genesis"), 0, None));
    }
    headers[1..].iter().for_each(|header| net.import(header));
    (pairs, net, headers)
}

fn commit(pairs: &[ed25519::Pair], set_id: u64, round: u64, target: &Header) -> CommitMessage {
    let votes = pairs.iter().map(|pair| precommit(pair, set_id, round, target)).collect();
    let commit =
        Commit { target_hash: target.hash(), target_number: target.number, precommits: votes };
    CommitMessage { round, set_id, message: commit.into() }
}

#[test]
fn votes_that_no_honest_node_sends_are_refused() {
    let (pairs, mut net, headers) = follower();
    let (hash, number) = (headers[2].hash(), headers[2].number);
    let mut give = |message: Vec<u8>| net.deliver(0, 0, &message);
    let good = vote(&pairs[0], 0, 1, prevote(hash, number));
    let mut forged = good.clone();
    forged.message.signature = pairs[1].sign(b"something else");
    assert_eq!(give(bytes(forged)), Verdict::Reject(Fault::BadSignature));
    let mut moved = good.clone();
    moved.round = 2;
    assert_eq!(give(bytes(moved)), Verdict::Reject(Fault::BadSignature), "of another round");
    let mut renamed = good.clone();
    renamed.message.id = pairs[1].public();
    assert_eq!(give(bytes(renamed)), Verdict::Reject(Fault::BadSignature), "of another voter");
    let stranger = vote(&pairs[4], 0, 1, prevote(hash, number));
    assert_eq!(give(bytes(stranger)), Verdict::Reject(Fault::UnknownVoter));
    let wrong_height = vote(&pairs[0], 0, 1, prevote(hash, number + 1));
    assert_eq!(give(bytes(wrong_height)), Verdict::Reject(Fault::WrongNumber));
    let malformed = Verdict::Reject(Fault::Malformed);
    assert_eq!(give(vec![]), malformed);
    assert_eq!(give(vec![9, 9, 9]), malformed);
    assert_eq!(give([bytes(good.clone()), vec![0]].concat()), malformed, "something more");
    assert_eq!(give(vec![5; MESSAGE_BYTES_MAX + 1]), malformed);
    // For now and for others they may be good: nobody is blamed.
    let other_set = |set| bytes(vote(&pairs[0], set, 1, prevote(hash, number)));
    assert_eq!(give(other_set(1)), Verdict::Ignore);
    assert_eq!(give(other_set(2)), Verdict::Ignore);
    assert_eq!(give(bytes(good)), Verdict::Forward, "and the good one is taken");
}

#[test]
fn the_size_of_a_message_is_limited() {
    let of_len = |len: usize| {
        let inner = len - 5;
        GossipMessage::Justification(vec![0; inner]).encode()
    };
    assert_eq!(of_len(MESSAGE_BYTES_MAX).len(), MESSAGE_BYTES_MAX);
    assert!(GossipMessage::from_bytes(&of_len(MESSAGE_BYTES_MAX)).is_some());
    assert!(GossipMessage::from_bytes(&of_len(MESSAGE_BYTES_MAX + 1)).is_none());
}

#[test]
fn a_repeated_vote_passes_once_in_a_while() {
    let (pairs, mut net, headers) = follower();
    let message = |repeat| {
        let mut vote = vote(&pairs[0], 0, 1, prevote(headers[1].hash(), 1));
        vote.repeat = repeat;
        bytes(vote)
    };
    assert_eq!(net.deliver(0, 0, &message(0)), Verdict::Forward);
    assert_eq!(net.deliver(0, 0, &message(1)), Verdict::Ignore);
    net.now_ms += 499;
    assert_eq!(net.deliver(0, 0, &message(2)), Verdict::Ignore);
    net.now_ms += 1;
    assert_eq!(net.deliver(0, 0, &message(3)), Verdict::Forward);
    // The same vote with another signature proves nothing and costs no check.
    let mut other = vote(&pairs[0], 0, 1, prevote(headers[1].hash(), 1));
    other.message.signature = ed25519::Signature([1; 64]);
    net.now_ms += 500;
    assert_eq!(net.deliver(0, 0, &bytes(other)), Verdict::Ignore);
}

#[test]
fn votes_of_old_and_far_rounds_and_blocks_are_dropped() {
    let mut net = four();
    net.grow_from_genesis(12);
    let (here, pair) = (net.finality(0).here(), pairs(5)[4].clone());
    assert!(here.round > ROUNDS_KEPT + 1);
    let target = net.nodes[0].chain.headers()[1].clone();
    // A stranger's vote is refused only where votes are taken at all.
    let of_round = |net: &mut Net, round| {
        net.deliver(1, 0, &bytes(vote(&pair, 0, round, prevote(target.hash(), 1))))
    };
    let unknown = Verdict::Reject(Fault::UnknownVoter);
    let round = here.round;
    assert_eq!(of_round(&mut net, round - ROUNDS_KEPT), unknown);
    assert_eq!(of_round(&mut net, round - ROUNDS_KEPT - 1), Verdict::Ignore);
    assert_eq!(of_round(&mut net, round + 1), unknown);
    assert_eq!(of_round(&mut net, round + 2), Verdict::Ignore);
    let at_height = |net: &mut Net, number| {
        let message = vote(&pair, 0, round, prevote(H256::repeat_byte(9), number));
        net.deliver(1, 0, &bytes(message))
    };
    assert_eq!(at_height(&mut net, here.finalized + TARGET_DEPTH_MAX), unknown);
    assert_eq!(at_height(&mut net, here.finalized + TARGET_DEPTH_MAX + 1), Verdict::Ignore);
}

#[test]
fn votes_wait_for_their_block_and_count_when_it_comes() {
    let (pairs, mut net, headers) = follower();
    let next = block(&headers[5], 0, None);
    for pair in &pairs[..3] {
        let message = vote(pair, 0, 1, prevote(next.hash(), 6));
        assert_eq!(net.deliver(0, 0, &bytes(message)), Verdict::Forward);
    }
    let liar = vote(&pairs[3], 0, 1, prevote(next.hash(), 5));
    assert_eq!(net.deliver(0, 0, &bytes(liar)), Verdict::Forward, "nobody can tell yet");
    let weight = |net: &mut Net| {
        let state = net.finality(0).round_state().expect("it runs");
        (state.best.prevotes.current_weight, state.best.prevotes.missing)
    };
    assert_eq!(weight(&mut net).0, 0);
    assert_eq!(net.finality(0).waiting.len(), (4, 0, 0));
    net.import(&next);
    assert_eq!(weight(&mut net), (3, vec![pairs[3].public()]));
    assert_eq!(net.finality(0).waiting.len(), (0, 0, 0));
    let state = net.finality(0).round_state().expect("it runs");
    let best = (state.best.round, state.best.total_weight, state.best.threshold_weight);
    assert_eq!((state.set_id, best), (0, (1, 4, 3)));
}

#[test]
fn the_waiting_room_is_limited() {
    let mut waiting = Waiting::default();
    let pair = pairs(1).remove(0);
    let signed = vote(&pair, 0, 1, prevote(H256::zero(), 1)).message;
    let of = |number: usize| {
        let hash = H256::from_low_u64_be(u64::try_from(number).expect("small"));
        SignedMessage { message: prevote(hash, 1), ..signed.clone() }
    };
    assert!((0..WAITING_VOTES_MAX).all(|number| waiting.add_vote(1, of(number))));
    assert!(!waiting.add_vote(1, of(WAITING_VOTES_MAX)), "one too many");
    assert_eq!(waiting.take_votes(|hash| *hash == H256::zero()).len(), 1);
    assert!(waiting.add_vote(2, of(WAITING_VOTES_MAX)), "there is room again");
    waiting.retain_rounds(|round| round > 1);
    assert_eq!(waiting.len().0, 1);

    let target = |salt: usize| block(&genesis(), u8::try_from(salt).expect("small"), None);
    for salt in 0..=WAITING_COMMITS_MAX {
        assert!(waiting.add_commit(commit(&[], 0, 1, &target(salt))));
    }
    assert!(!waiting.add_commit(commit(&[], 0, 1, &target(WAITING_COMMITS_MAX))), "it waits");
    let commits = waiting.take_commits();
    assert_eq!(commits.len(), WAITING_COMMITS_MAX);
    assert_eq!(commits[0].message.target_hash, target(1).hash(), "the oldest made room");

    for number in 0..600 {
        let early = vote(&pair, 1, 1, prevote(H256::zero(), number));
        waiting.add_early(Peer(vec![0]), early);
    }
    assert_eq!(waiting.len().2, 512);
    waiting.clear();
    assert_eq!(waiting.len(), (0, 0, 512), "votes of the next set outlive this one");
    assert_eq!(waiting.take_early().len(), 512);
}

#[test]
fn a_commit_finalises_at_once_and_a_wrong_one_is_refused() {
    let (pairs, mut net, headers) = follower();
    let voters = &pairs[..3];
    let give = |net: &mut Net, commit: CommitMessage| {
        net.deliver(0, 0, &GossipMessage::Commit(commit).encode())
    };
    let mut other_round = commit(voters, 0, 7, &headers[2]);
    other_round.round = 8;
    let mut wrong_height = commit(voters, 0, 7, &headers[2]);
    wrong_height.message.target_number = 3;
    let mut uneven = commit(voters, 0, 7, &headers[2]);
    uneven.message.auth_data.pop();
    let mut padded = commit(voters, 0, 7, &headers[2]);
    for _ in 0..2 {
        let again = commit(voters, 0, 7, &headers[2]).message;
        padded.message.precommits.extend(again.precommits);
        padded.message.auth_data.extend(again.auth_data);
    }
    let mut below = commit(voters, 0, 7, &headers[2]);
    (below.message.target_hash, below.message.target_number) = (headers[3].hash(), 3);
    for (desc, bad, fault) in [
        ("two votes", commit(&pairs[..2], 0, 7, &headers[2]), Fault::BadCommit),
        ("a stranger", commit(&pairs[2..], 0, 7, &headers[2]), Fault::BadCommit),
        ("another round", other_round, Fault::BadSignature),
        ("a wrong height", wrong_height, Fault::WrongNumber),
        ("fewer signatures than votes", uneven, Fault::BadCommit),
        ("more votes than voters explain", padded, Fault::BadCommit),
        ("votes for a block below", below, Fault::BadCommit),
    ] {
        assert_eq!(give(&mut net, bad), Verdict::Reject(fault), "{desc}");
        assert_eq!(net.heights(), [0], "{desc}");
    }
    assert_eq!(give(&mut net, commit(voters, 1, 7, &headers[2])), Verdict::Ignore, "another set");
    assert_eq!(give(&mut net, commit(voters, 0, 7, &headers[2])), Verdict::Forward);
    assert_eq!(net.heights(), [2]);
    assert_eq!(give(&mut net, commit(voters, 0, 7, &headers[2])), Verdict::Ignore, "old news");
    assert_eq!(give(&mut net, commit(voters, 0, 6, &headers[1])), Verdict::Ignore, "older news");
    let far = Header { number: 2 + TARGET_DEPTH_MAX + 1, ..headers[3].clone() };
    assert_eq!(give(&mut net, commit(voters, 0, 8, &far)), Verdict::Ignore, "too far away");
}

#[test]
fn a_commit_waits_for_its_blocks() {
    let (pairs, mut net, headers) = follower();
    let next = block(&headers[5], 0, None);
    let message = GossipMessage::Commit(commit(&pairs[..3], 0, 7, &next)).encode();
    assert_eq!(net.deliver(0, 0, &message), Verdict::Forward);
    assert_eq!(net.deliver(0, 0, &message), Verdict::Ignore, "it waits already");
    assert_eq!(net.heights(), [0]);
    net.import(&next);
    assert_eq!(net.heights(), [6]);
    let (hash, bytes) = net.nodes[0].chain.justifications().remove(0);
    assert_eq!(hash, next.hash());
    assert!(crate::verify_justification(&bytes, 0, &equal(&pairs[..4])).is_ok());
}

/// A peer's name.
fn peer(number: usize) -> Peer {
    Peer(number.to_be_bytes().to_vec())
}

/// Whom it asks, if anybody.
fn asked_at(finality: &mut Finality, now_ms: u64) -> Option<Peer> {
    finality.advance(now_ms);
    let mut sent = finality.take_outputs().into_iter().filter_map(|output| match output {
        Output::Send { to, .. } => Some(to),
        _ => None,
    });
    let to = sent.next();
    assert_eq!(sent.next(), None, "one at a time");
    to
}

/// What nobody can be, as a message.
fn a_lie() -> Vec<u8> {
    let ahead = Neighbour { set_id: u64::MAX, round: u64::MAX, finalized: u32::MAX };
    GossipMessage::Neighbour(ahead, 0).encode()
}

#[test]
fn neighbours_are_for_one_hop_and_few_are_remembered() {
    let (_, mut net, _) = follower();
    let now_ms = net.now_ms;
    let bytes = a_lie();
    let finality = net.finality(0);
    for number in 0..PEERS_AHEAD_MAX + 40 {
        assert_eq!(finality.on_message(now_ms, &peer(number), &bytes), Verdict::Ignore);
    }
    // It asks one after the other of those it remembers, and never all at once.
    let ticks = 1..=u64::try_from(PEERS_AHEAD_MAX).expect("small") + 40;
    let mut asked: Vec<_> =
        ticks.filter_map(|tick| asked_at(finality, now_ms + tick * 1_000)).collect();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), PEERS_AHEAD_MAX);
}

#[test]
fn liars_keep_no_other_out_for_long() {
    let (_, mut net, _) = follower();
    let start_ms = net.now_ms;
    let finality = net.finality(0);
    let honest = Peer(vec![255]);
    let news = GossipMessage::Neighbour(Neighbour { set_id: 0, round: 9, finalized: 3 }, 0);
    let behind = GossipMessage::Neighbour(Neighbour { set_id: 0, round: 0, finalized: 0 }, 0);
    let (news, behind) = (news.encode(), behind.encode());
    let mut turns = Vec::new();
    for tick in 0..1_000 {
        let now_ms = start_ms + tick * 1_000;
        // More than are remembered; each takes back what it says, and says it again.
        for number in 0..PEERS_AHEAD_MAX + 40 {
            finality.on_message(now_ms, &peer(number), &behind);
            finality.on_message(now_ms, &peer(number), &a_lie());
        }
        if asked_at(finality, now_ms).as_ref() == Some(&honest) {
            turns.push(tick);
        }
        finality.on_message(now_ms, &honest, &news);
    }
    let longest = turns.windows(2).map(|turns| turns[1] - turns[0]).max().expect("many turns");
    let max = u64::try_from(PEERS_AHEAD_MAX).expect("small") + 2;
    assert!(turns[0] <= max && longest <= max, "{turns:?}");
}

#[test]
fn who_does_not_answer_is_asked_ever_less_often_and_who_is_gone_never() {
    let (_, mut net, _) = follower();
    let start_ms = net.now_ms;
    let finality = net.finality(0);
    let ask_for = |finality: &mut Finality, from: u64, to: u64| -> Vec<u64> {
        (from..to).filter(|tick| asked_at(finality, start_ms + tick * 1_000).is_some()).collect()
    };
    finality.on_message(start_ms, &peer(0), &a_lie());
    assert_eq!(ask_for(finality, 1, 100), [2, 3, 5, 9, 17, 33, 65, 97]);
    finality.on_disconnected(&peer(0));
    assert_eq!(ask_for(finality, 100, 200), []);
    finality.on_message(start_ms + 200_000, &peer(0), &a_lie());
    assert_eq!(ask_for(finality, 201, 204), [201, 202]);
}

#[test]
fn a_proposal_is_a_vote_like_others() {
    let (pairs, mut net, headers) = follower();
    let propose = |header: &Header| {
        Message::PrimaryPropose(PrimaryPropose {
            target_hash: header.hash(),
            target_number: header.number,
        })
    };
    let give =
        |net: &mut Net, header| net.deliver(0, 0, &bytes(vote(&pairs[0], 0, 1, propose(header))));
    assert_eq!(give(&mut net, &headers[1]), Verdict::Forward);
    assert_eq!(give(&mut net, &headers[2]), Verdict::Forward);
    assert_eq!(give(&mut net, &headers[3]), Verdict::Ignore);
    assert!(net.nodes[0].proofs.is_empty(), "proposing twice is no offence");
}

#[test]
fn own_votes_are_kept_for_a_few_rounds_and_never_allow_a_second() {
    let pair = pairs(1).remove(0);
    let of =
        |set, round, salt| vote(&pair, set, round, prevote(H256::repeat_byte(salt), 1)).message;
    let mut own = OwnVotes::default();
    let rounds = u64::try_from(OWN_ROUNDS_MAX).expect("small");
    for round in 1..=rounds {
        assert_eq!(own.slot(5, round, Kind::Prevote), Slot::Free);
        own = own.with(5, round, of(5, round, 1));
        assert_eq!(own.slot(5, round, Kind::Precommit), Slot::Free);
    }
    assert_eq!(own.slot(5, 1, Kind::Prevote), Slot::Taken(of(5, 1, 1)));
    own = own.with(5, rounds + 1, of(5, rounds + 1, 1));
    assert_eq!(own.slot(5, 1, Kind::Prevote), Slot::Closed, "its record made room");
    assert_eq!(own.slot(5, 1, Kind::Precommit), Slot::Closed);
    assert_eq!(own.slot(5, 2, Kind::Prevote), Slot::Taken(of(5, 2, 1)));
    assert_eq!(own.of_round(5, 2).count(), 1);
    assert_eq!(own.of_round(4, 2).count(), 0);
    assert_eq!(own.slot(6, 1, Kind::Prevote), Slot::Free);
    own = own.with(6, 1, of(6, 1, 2));
    assert_eq!(own.slot(5, rounds + 1, Kind::Precommit), Slot::Closed, "the set is over");
    assert_eq!(own.slot(6, 1, Kind::Prevote), Slot::Taken(of(6, 1, 2)));
}
