//! What a justification has to prove, and each way to fail.

use super::{
    chain::{block, equal, genesis, pairs},
    net::Net,
    voting::four,
};
use crate::{
    FinalityConfig, JustificationError, ProofError, Verified, VoterChain,
    config::{ANCESTRY_HEADERS_MAX, JUSTIFICATION_BYTES_MAX},
    prove_finality, verify_justification,
};
use citrate_core::{H256, Header, ed25519};
use citrate_grandpa_types::{
    Commit, GrandpaJustification, Message, Precommit, SignedPrecommit, localized_payload,
};
use codec::{DecodeAll, Encode};

/// A signed precommit.
pub(super) fn precommit(
    pair: &ed25519::Pair,
    set_id: u64,
    round: u64,
    header: &Header,
) -> SignedPrecommit {
    let precommit = Precommit { target_hash: header.hash(), target_number: header.number };
    let payload = localized_payload(round, set_id, &Message::Precommit(precommit.clone()));
    SignedPrecommit { precommit, signature: pair.sign(&payload), id: pair.public() }
}

/// A justification of `target` by votes for it.
pub(super) fn justification(
    pairs: &[ed25519::Pair],
    set_id: u64,
    round: u64,
    target: &Header,
    ancestries: &[Header],
) -> GrandpaJustification {
    let votes = pairs.iter().map(|pair| precommit(pair, set_id, round, target)).collect();
    let commit =
        Commit { target_hash: target.hash(), target_number: target.number, precommits: votes };
    GrandpaJustification { round, commit, votes_ancestries: ancestries.to_vec() }
}

#[test]
fn votes_for_the_block_and_above_it_count() {
    let pairs = pairs(4);
    let first = block(&genesis(), 0, None);
    let second = block(&first, 0, None);
    let third = block(&second, 0, None);
    let mut good = justification(&pairs[..1], 5, 9, &first, &[second.clone(), third.clone()]);
    good.commit.precommits.push(precommit(&pairs[1], 5, 9, &third));
    good.commit.precommits.push(precommit(&pairs[2], 5, 9, &second));
    let verified = verify_justification(&good.encode(), 5, &equal(&pairs));
    assert_eq!(verified, Ok(Verified { hash: first.hash(), number: 1, round: 9 }));
}

#[test]
fn each_way_to_be_wrong_has_its_error() {
    type E = JustificationError;
    let pairs = pairs(5);
    let voters = equal(&pairs[..4]);
    let first = block(&genesis(), 0, None);
    let second = block(&first, 0, None);
    let fork = block(&genesis(), 1, None);
    let good = || justification(&pairs[..3], 5, 9, &first, &[]);
    let check = |j: &GrandpaJustification| verify_justification(&j.encode(), 5, &voters);
    let with = |change: &dyn Fn(&mut GrandpaJustification)| {
        let mut justification = good();
        change(&mut justification);
        check(&justification)
    };
    assert!(check(&good()).is_ok());
    let bytes = good().encode();
    let verify = verify_justification;
    assert_eq!(verify(&bytes, 4, &voters), Err(E::BadSignature(9)), "another set");
    assert_eq!(verify(&bytes, 5, &equal(&pairs[1..])), Err(E::UnknownVoter));
    assert_eq!(verify(&bytes, 5, &vec![]), Err(E::NoVoters));
    assert_eq!(verify(&bytes[1..], 5, &voters), Err(E::Malformed));
    assert_eq!(verify(&[&bytes[..], &[0]].concat(), 5, &voters), Err(E::Malformed));
    assert_eq!(with(&|j| j.round = 8), Err(E::BadSignature(8)));
    let two = with(&|j| {
        j.commit.precommits.pop();
    });
    assert_eq!(two, Err(E::NotEnoughVotes));
    let same_twice = with(&|j| j.commit.precommits[2] = j.commit.precommits[1].clone());
    assert_eq!(same_twice, Err(E::NotEnoughVotes));
    assert_eq!(with(&|j| j.commit.target_hash = fork.hash()), Err(E::NotEnoughVotes));
    assert_eq!(with(&|j| j.commit.target_number = 2), Err(E::WrongNumber(first.hash())));
    let forged = with(&|j| j.commit.precommits[0].signature = ed25519::Signature([7; 64]));
    assert_eq!(forged, Err(E::BadSignature(9)));
    let stranger = with(&|j| j.commit.precommits.push(precommit(&pairs[4], 5, 9, &first)));
    assert_eq!(stranger, Err(E::UnknownVoter));
    let beside = with(&|j| {
        j.commit.precommits.push(precommit(&pairs[3], 5, 9, &fork));
        j.votes_ancestries.push(fork.clone());
    });
    assert_eq!(beside, Err(E::NotEnoughVotes), "a vote for a block beside");
    let no_header = with(&|j| j.commit.precommits[0] = precommit(&pairs[0], 5, 9, &second));
    assert_eq!(no_header, Err(E::NotEnoughVotes), "nothing leads to the block");
    let unused = with(&|j| j.votes_ancestries.push(second.clone()));
    assert_eq!(unused, Err(E::UnusedHeader));
    let repeated = with(&|j| {
        j.commit.precommits[0] = precommit(&pairs[0], 5, 9, &second);
        j.votes_ancestries = vec![second.clone(), second.clone()];
    });
    assert_eq!(repeated, Err(E::UnusedHeader));
    let mut odd = second.clone();
    odd.number = 7;
    let wrong_height = with(&|j| {
        j.commit.precommits[0] = precommit(&pairs[0], 5, 9, &odd);
        j.votes_ancestries = vec![odd.clone()];
    });
    assert_eq!(wrong_height, Err(E::WrongNumber(odd.hash())));
    let all_above = with(&|j| {
        let votes = pairs[..3].iter().map(|pair| precommit(pair, 5, 9, &second));
        j.commit.precommits = votes.collect();
        j.votes_ancestries = vec![second.clone()];
    });
    assert_eq!(all_above, Err(E::NotEnoughVotes), "they finalise the block above");
}

#[test]
fn limits_hold_and_one_past_them_is_refused() {
    let pairs = pairs(4);
    let voters = equal(&pairs);
    let first = block(&genesis(), 0, None);
    let long = vec![0; JUSTIFICATION_BYTES_MAX + 1];
    let too_long = JustificationError::TooLong(JUSTIFICATION_BYTES_MAX + 1);
    assert_eq!(verify_justification(&long, 0, &voters), Err(too_long));
    let malformed = Err(JustificationError::Malformed);
    assert_eq!(verify_justification(&long[1..], 0, &voters), malformed);

    // Twice the number of voters is the most that equivocations explain.
    let mut justification = justification(&pairs, 0, 1, &first, &[]);
    let votes = justification.commit.precommits.clone();
    justification.commit.precommits.extend(votes);
    assert!(verify_justification(&justification.encode(), 0, &voters).is_ok());
    let one_more = justification.commit.precommits[0].clone();
    justification.commit.precommits.push(one_more);
    let refused = verify_justification(&justification.encode(), 0, &voters);
    assert_eq!(refused, Err(JustificationError::TooManyVotes(9)));

    let mut headers = vec![first.clone()];
    for _ in 0..=ANCESTRY_HEADERS_MAX {
        headers.push(block(headers.last().expect("one"), 0, None));
    }
    let with_headers = |count: usize| {
        let mut justification =
            super::justifications::justification(&pairs[..3], 0, 1, &first, &headers[1..=count]);
        justification.commit.precommits[0] = precommit(&pairs[0], 0, 1, &headers[count]);
        verify_justification(&justification.encode(), 0, &voters)
    };
    assert!(with_headers(ANCESTRY_HEADERS_MAX).is_ok());
    let refused = JustificationError::TooManyHeaders(ANCESTRY_HEADERS_MAX + 1);
    assert_eq!(with_headers(ANCESTRY_HEADERS_MAX + 1), Err(refused));
}

#[test]
fn every_final_block_has_a_proof_from_the_nearest_justification() {
    let pairs = pairs(4);
    let config = FinalityConfig { justification_period: 8, ..FinalityConfig::default() };
    let keys = pairs.iter().map(|pair| vec![pair.clone()]).collect();
    let mut net = Net::with_config(keys, &equal(&pairs), config.clone());
    let tip = net.grow_from_genesis(20);
    let change = block(&tip, 0, Some(equal(&pairs[1..])));
    net.import(&change);
    net.grow(&change, 20, 500);
    let node = &net.nodes[0];
    let (_, finalized) = node.chain.finalized();
    for number in 0..=finalized {
        let proof = prove_finality(&config, &*node.chain, &*node.store, number)
            .unwrap_or_else(|error| panic!("{number}: {error}"));
        let set: u64 = u64::from(number > change.number);
        let voters = if set == 0 { equal(&pairs) } else { equal(&pairs[1..]) };
        let verified = verify_justification(&proof.justification, set, &voters).expect("good");
        assert_eq!(verified.hash, proof.block);
        // The headers lead from the block that was asked for to the one that is justified.
        let mut parent = node.chain.ancestor_at(&proof.block, number).expect("below");
        for header in &proof.unknown_headers {
            assert_eq!(header.parent_hash, parent);
            parent = header.hash();
        }
        assert_eq!(parent, proof.block);
        assert!(proof.unknown_headers.len() <= 17, "{number}: {}", proof.unknown_headers.len());
    }
    let above = prove_finality(&config, &*node.chain, &*node.store, finalized + 1);
    assert_eq!(above, Err(ProofError::NotProvable(finalized + 1)));
    assert!(node.store.keys().len() < 20, "not every justification is kept");
}

#[test]
fn justifications_of_the_network_verify_and_decode_as_substrates() {
    let mut net = four();
    net.grow_from_genesis(12);
    let voters = equal(&pairs(4));
    let justifications = net.nodes[2].chain.justifications();
    assert!(justifications.len() > 3);
    for (hash, bytes) in justifications {
        let decoded = GrandpaJustification::decode_all(&mut &*bytes).expect("it decodes");
        assert_eq!(decoded.commit.target_hash, hash);
        assert_eq!(decoded.encode(), bytes);
        assert!(verify_justification(&bytes, 0, &voters).is_ok());
        assert_ne!(hash, H256::zero());
    }
}
