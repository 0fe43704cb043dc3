//! Tests of the encodings and of the proof.

use crate::{
    ConsensusLog, ENGINE_ID, Equivocation, EquivocationProof, Message, Precommit, Prevote,
    ScheduledChange, localized_payload, scheduled_change,
};
use citrate_core::{Digest, DigestItem, H256, Header, ed25519};
use codec::{Decode, Encode};

fn pair(name: &str) -> ed25519::Pair {
    ed25519::Pair::from_suri(name, None).expect("a development key")
}

fn proof(first: u8, second: u8) -> EquivocationProof {
    let alice = pair("//Alice");
    let vote = |hash| {
        let vote = Prevote { target_hash: H256::repeat_byte(hash), target_number: 5 };
        let payload = localized_payload(3, 2, &Message::Prevote(vote.clone()));
        (vote, alice.sign(&payload))
    };
    let votes = finality_grandpa::Equivocation {
        round_number: 3,
        identity: alice.public(),
        first: vote(first),
        second: vote(second),
    };
    EquivocationProof { set_id: 2, equivocation: Equivocation::Prevote(votes) }
}

#[test]
fn what_is_signed_is_the_message_then_the_round_then_the_set() {
    let vote = Precommit { target_hash: H256::repeat_byte(7), target_number: 0x0102 };
    let bytes = localized_payload(3, 4, &Message::Precommit(vote));
    let expected = [
        vec![1],
        vec![7; 32],
        vec![2, 1, 0, 0],
        vec![3, 0, 0, 0, 0, 0, 0, 0],
        vec![4, 0, 0, 0, 0, 0, 0, 0],
    ];
    assert_eq!(bytes, expected.concat());
}

#[test]
fn the_log_has_substrates_encoding() {
    let change =
        ScheduledChange { next_authorities: vec![(ed25519::Public([9; 32]), 1)], delay: 2 };
    let item = ConsensusLog::ScheduledChange(change.clone()).to_item();
    let bytes = [vec![1, 4], vec![9; 32], vec![1, 0, 0, 0, 0, 0, 0, 0], vec![2, 0, 0, 0]].concat();
    assert_eq!(item, DigestItem::Consensus(ENGINE_ID, bytes));
    let header = |logs| Header {
        parent_hash: H256::zero(),
        number: 1,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs },
    };
    let pause = ConsensusLog::Pause(1).to_item();
    let garbage = DigestItem::Consensus(ENGINE_ID, vec![1, 255]);
    let foreign = DigestItem::Consensus(*b"BABE", vec![1, 0, 0, 0, 0, 0]);
    assert_eq!(scheduled_change(&header(vec![pause.clone(), garbage.clone(), item])), Some(change));
    assert_eq!(scheduled_change(&header(vec![pause, garbage, foreign])), None);
}

#[test]
fn a_proof_needs_two_votes_and_both_signatures() {
    let verify = ed25519::verify;
    let good = proof(1, 2);
    assert!(good.is_valid(verify));
    assert_eq!((good.round(), *good.offender()), (3, pair("//Alice").public()));
    assert!(!proof(1, 1).is_valid(verify), "the same vote twice");

    let other_set = EquivocationProof { set_id: 3, ..good.clone() };
    assert!(!other_set.is_valid(verify), "signed for another set");
    let Equivocation::Prevote(votes) = good.equivocation.clone() else { panic!("prevotes") };
    let mut other_round = votes.clone();
    other_round.round_number = 4;
    let mut other_voter = votes.clone();
    other_voter.identity = pair("//Bob").public();
    let mut one_signature = votes.clone();
    one_signature.second.1 = votes.first.1;
    for (desc, votes) in
        [("round", other_round), ("voter", other_voter), ("signature", one_signature)]
    {
        let proof = EquivocationProof { set_id: 2, equivocation: Equivocation::Prevote(votes) };
        assert!(!proof.is_valid(verify), "{desc}");
    }
    let bytes = good.encode();
    assert_eq!(EquivocationProof::decode(&mut &*bytes), Ok(good));
}
