//! Authority sets and the boundaries between them.

use super::{
    chain::{block, equal, genesis, pairs},
    net::Net,
};
use crate::{
    AuthoritySet, ImportError, VoterChain,
    records::Records,
    rule::{self, Sets},
    verify_justification,
};
use citrate_core::ed25519;

/// Six voters, of which the first four vote at first and the last three after the change.
fn six() -> (Vec<ed25519::Pair>, Net) {
    let pairs = pairs(6);
    let keys = pairs.iter().map(|pair| vec![pair.clone()]).collect();
    let net = Net::new(keys, &equal(&pairs[..4]));
    (pairs, net)
}

#[test]
fn the_old_voters_finalise_up_to_the_change_and_the_new_ones_beyond() {
    let (pairs, mut net) = six();
    let tip = net.grow_from_genesis(5);
    let change = block(&tip, 0, Some(equal(&pairs[3..])));
    net.import(&change);
    let tip = net.grow(&change, 20, 500);
    net.assert_agree();
    assert!(net.heights().iter().all(|height| *height + 4 >= tip.number), "{:?}", net.heights());
    // Every node makes the block that enacts the change final, by the old set, and nothing by it
    // above.
    for node in &net.nodes {
        let mut sets = Vec::new();
        for (hash, bytes) in node.chain.justifications() {
            let number = node.chain.number(&hash).expect("imported");
            let by_old = verify_justification(&bytes, 0, &equal(&pairs[..4])).is_ok();
            let by_new = verify_justification(&bytes, 1, &equal(&pairs[3..])).is_ok();
            assert_ne!(by_old, by_new);
            assert_eq!(by_old, number <= change.number);
            sets.push((number, by_old));
        }
        assert!(sets.contains(&(change.number, true)), "{sets:?}");
        let last = Records(&*node.store).of_set(0).unwrap().expect("it is kept");
        assert_eq!((last.hash, last.number), (change.hash(), change.number));
    }
    for vote in &net.vote_log {
        let number = vote.message.target().1;
        assert!(if vote.set_id == 0 { number <= change.number } else { number >= change.number });
    }
}

#[test]
fn changes_in_a_row_are_taken_one_by_one() {
    let (pairs, mut net) = six();
    let mut tip = net.grow_from_genesis(2);
    // Three changes in blocks one after the other, before anything of them is final.
    for first in [1, 2, 3] {
        tip = block(&tip, 0, Some(equal(&pairs[first..first + 3])));
        net.import(&tip);
    }
    let tip = net.grow(&tip, 30, 500);
    net.assert_agree();
    assert!(net.heights().iter().all(|height| *height + 4 >= tip.number), "{:?}", net.heights());
    assert!(
        net.nodes
            .iter()
            .all(|node| { node.finality.as_ref().expect("it is up").here().set_id == 3 })
    );
    for set in 0..3 {
        let last = Records(&*net.nodes[0].store).of_set(set).unwrap().expect("it is kept");
        assert_eq!(u64::from(last.number), 3 + set);
    }
}

#[test]
fn a_restart_at_the_boundary_goes_on_in_the_new_set() {
    let (pairs, mut net) = six();
    let tip = net.grow_from_genesis(3);
    let change = block(&tip, 0, Some(equal(&pairs[2..])));
    net.import(&change);
    let mut tip = change;
    for index in 0..6 {
        tip = net.grow(&tip, 1, 300);
        net.stop(index);
        net.start(index);
    }
    let tip = net.grow(&tip, 15, 500);
    net.assert_agree();
    assert!(net.heights().iter().all(|height| *height + 4 >= tip.number), "{:?}", net.heights());
}

#[test]
fn a_fork_with_another_change_leaves_no_trace() {
    let (pairs, mut net) = six();
    let tip = net.grow_from_genesis(3);
    let fork = block(&tip, 9, Some(equal(&pairs[..1])));
    net.import(&fork);
    let change = block(&tip, 1, Some(equal(&pairs[1..5])));
    net.import(&change);
    let best = block(&change, 1, None);
    net.import(&best);
    let tip = net.grow(&best, 15, 500);
    net.assert_agree();
    let set = net.nodes[0].chain.authorities_at(&net.nodes[0].chain.finalized().0);
    assert!(set.is_ok_and(|set| set.id == 1 && set.authorities != equal(&pairs[..1])));
    assert!(net.heights().iter().all(|height| *height + 4 >= tip.number), "{:?}", net.heights());
}

#[test]
fn the_rule_stays_within_depth_base_and_set() {
    let pairs = pairs(2);
    let net = Net::new(vec![vec![]], &equal(&pairs[..1]));
    let chain = net.nodes[0].chain.clone();
    let mut headers = vec![genesis()];
    for number in 1..=400 {
        let next = (number == 300).then(|| equal(&pairs[1..]));
        let header = block(headers.last().expect("genesis"), 0, next);
        chain.import(&header);
        headers.push(header);
    }
    let sets = Sets::default();
    let target = |set, behind, base: usize| {
        rule::target(&*chain, &sets, set, behind, &headers[base].hash())
            .expect("the chain answers")
            .map(|(hash, number)| {
                assert_eq!(hash, headers[usize::try_from(number).expect("small")].hash());
                number
            })
    };
    assert_eq!(target(0, 0, 0), Some(256), "no deeper than the limit past what is final");
    assert_eq!(target(0, 200, 0), Some(200));
    assert_eq!(target(0, 200, 250), Some(250), "not below the base");
    assert_eq!(target(0, 0, 260), Some(260), "not below the base, whatever the depth");
    chain.finalize(&headers[250].hash(), vec![]).expect("final");
    assert_eq!(target(0, 0, 250), Some(300), "the last block of the set");
    assert_eq!(target(0, 100, 250), Some(300));
    assert_eq!(target(0, 101, 250), Some(299));
    chain.finalize(&headers[300].hash(), vec![]).expect("final");
    assert_eq!(target(1, 1, 300), Some(399), "the next set from there on");
    // A base off the best chain has an answer of its own; one that is not executed has none yet.
    let fork = block(&headers[350], 9, None);
    chain.import_only(&fork);
    let of = |header: &citrate_core::Header| {
        rule::target(&*chain, &sets, 1, 1, &header.hash()).expect("the chain answers")
    };
    assert_eq!(of(&fork), None);
    chain.execute(&fork.hash());
    assert_eq!(of(&fork), Some((fork.hash(), 351)));
    assert_eq!(of(&block(&fork, 1, None)), None, "not imported");
}

#[test]
fn nobody_votes_without_voters_and_the_node_says_why() {
    let mut net = Net::new(vec![pairs(1)], &vec![]);
    net.grow_from_genesis(4);
    assert_eq!(net.heights(), [0]);
    assert_eq!(net.finality(0).last_error(), Some(&crate::FinalityError::NoVoters));
    let overflow = vec![(pairs(1)[0].public(), u64::MAX), (pairs(2)[1].public(), 1)];
    let mut net = Net::new(vec![pairs(1)], &overflow);
    assert_eq!(net.finality(0).last_error(), Some(&crate::FinalityError::NoVoters));
}

#[test]
fn a_node_without_votes_follows_by_justifications() {
    let (pairs, mut net) = six();
    let tip = net.grow_from_genesis(4);
    let change = block(&tip, 0, Some(equal(&pairs[3..])));
    net.import(&change);
    net.grow(&change, 10, 500);
    net.run_for(5_000);
    // The follower hears no message and gets the blocks with their justifications.
    let mut follower = Net::new(vec![vec![]], &equal(&pairs[..4]));
    let mut now_ms = follower.now_ms;
    let justifications = net.nodes[0].chain.justifications();
    let (last, beyond) = justifications.last().cloned().expect("there are some");
    let import = |follower: &mut Net, bytes: &[u8], now_ms: u64| {
        follower.finality(0).import_justification(now_ms, bytes.to_vec())
    };
    let early = import(&mut follower, &justifications[0].1, now_ms);
    assert!(matches!(early, Err(ImportError::NotExecuted(..))), "{early:?}");
    let (blocks, chain) = (net.nodes[0].chain.headers(), follower.nodes[0].chain.clone());
    blocks.iter().skip(1).for_each(|header| chain.import(header));
    let other_set = import(&mut follower, &beyond, now_ms);
    assert!(matches!(other_set, Err(ImportError::Invalid(_))), "the old voters come first");
    for (hash, bytes) in &justifications {
        now_ms += 1;
        let verified = import(&mut follower, bytes, now_ms).expect("each is good in its turn");
        assert_eq!(verified.hash, *hash);
        assert_eq!(chain.finalized().0, *hash);
    }
    assert_eq!(chain.finalized().0, last);
    assert_eq!(follower.finality(0).here().set_id, 1);
    // Once more is no error and changes nothing.
    assert!(import(&mut follower, &beyond, now_ms).is_ok());
    assert_eq!(chain.justifications().len(), justifications.len());
}

#[test]
fn a_justification_off_the_final_chain_is_a_conflict() {
    let pairs = pairs(4);
    let (first, second) = (block(&genesis(), 1, None), block(&genesis(), 2, None));
    let mut follower = Net::new(vec![vec![]], &equal(&pairs));
    let child = block(&first, 1, None);
    [&first, &second, &child].iter().for_each(|header| follower.nodes[0].chain.import(header));
    let fork = block(&second, 1, None);
    follower.nodes[0].chain.import(&fork);
    let justify = |header: &citrate_core::Header| {
        super::justifications::justification(&pairs[..3], 0, 1, header, &[])
    };
    let good = codec::Encode::encode(&justify(&first));
    let bad = codec::Encode::encode(&justify(&fork));
    let finality = follower.finality(0);
    assert!(finality.import_justification(1, good).is_ok());
    let conflict = finality.import_justification(2, bad);
    assert_eq!(conflict, Err(ImportError::Conflict(fork.hash())));
}

#[test]
fn a_set_is_what_the_state_of_the_parent_names() {
    let pairs = pairs(2);
    let net = Net::new(vec![vec![]], &equal(&pairs[..1]));
    let chain = &net.nodes[0].chain;
    let change = block(&genesis(), 0, Some(equal(&pairs[1..])));
    let after = block(&change, 0, None);
    chain.import(&change);
    chain.import(&after);
    let sets = Sets::default();
    let in_charge = |set, header: &citrate_core::Header| {
        sets.is_in_charge(&**chain, set, &header.hash()).expect("executed")
    };
    assert!(in_charge(0, &change) && !in_charge(1, &change));
    assert!(!in_charge(0, &after) && in_charge(1, &after));
    let expected = AuthoritySet { id: 1, authorities: equal(&pairs[1..]) };
    assert_eq!(chain.authorities_at(&change.hash()), Ok(expected));
}
