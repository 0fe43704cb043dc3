//! Proofs for whoever knows the first voters only.

use super::{
    chain::{TestStore, block, equal, pairs},
    net::Net,
};
use crate::{
    AuthoritySet,
    warp::{Followed, WarpError, WarpProof, prove_sets},
};
use citrate_core::Header;
use citrate_grandpa_types::AuthorityList;
use codec::{DecodeAll, Encode};

/// A network whose voters changed three times, the first ones, and the last block that is final.
fn changed() -> (Net, AuthorityList, Vec<Header>) {
    let pairs = pairs(6);
    let keys = pairs.iter().map(|pair| vec![pair.clone()]).collect();
    let first = equal(&pairs[..4]);
    let mut net = Net::new(keys, &first);
    let mut tip = net.grow_from_genesis(3);
    let mut changes = Vec::new();
    for next in [1..5, 2..6, 0..4] {
        tip = block(&tip, 0, Some(equal(&pairs[next])));
        net.import(&tip);
        changes.push(tip.clone());
        tip = net.grow(&tip, 12, 500);
    }
    net.assert_agree();
    (net, first, changes)
}

fn start(first: &AuthorityList) -> Followed {
    Followed::start(AuthoritySet { id: 0, authorities: first.clone() })
}

fn prove(net: &Net, set: u64) -> WarpProof {
    let node = &net.nodes[0];
    prove_sets(&*node.chain, &*node.store, set, |_| true).unwrap().expect("all is kept")
}

#[test]
fn the_changes_of_voters_lead_from_the_first_block_to_the_last_final_one() {
    let (net, first, changes) = changed();
    let proof = prove(&net, 0);
    assert_eq!(proof.ends.iter().map(|end| end.header.clone()).collect::<Vec<_>>(), changes);
    let store = TestStore::default();
    let mut followed = start(&first);
    let target = followed.follow(&proof.encode(), &store).unwrap().unwrap().expect("a target");
    assert_eq!(followed.set_id(), 3);
    assert_eq!(target.number, net.heights()[0]);
    // Who followed it proves as much, though its chain has none of the blocks.
    let other = super::chain::TestChain::new(first.clone());
    let again = prove_sets(&other, &store, 0, |_| true).unwrap();
    assert_eq!(again, None, "it has seen nothing final itself");
    store.copy_latest(&net.nodes[0].store);
    let again = prove_sets(&other, &store, 0, |_| true).unwrap().unwrap();
    assert_eq!((again.ends, again.target), (proof.ends.clone(), None));
    // From the middle on, and with no block to offer.
    let rest = prove(&net, 2);
    assert_eq!(rest.ends, proof.ends[2..]);
    let node = &net.nodes[0];
    let none = prove_sets(&*node.chain, &*node.store, 3, |_| false).unwrap().unwrap();
    assert_eq!(none, WarpProof { ends: Vec::new(), target: None });
    assert_eq!(followed.follow(&none.encode(), &store), Ok(Ok(None)));
}

#[test]
fn a_proof_with_a_gap_a_forgery_or_a_detour_is_none() {
    let (net, first, _) = changed();
    let proof = prove(&net, 0);
    let judge = |proof: &WarpProof| {
        let store = TestStore::default();
        let result = start(&first).follow(&proof.encode(), &store).unwrap();
        assert!(result.is_ok() || store.keys().is_empty(), "nothing of it is kept");
        result
    };
    assert!(judge(&proof).is_ok());
    let mut gap = proof.clone();
    gap.ends.remove(1);
    assert!(matches!(judge(&gap), Err(WarpError::Justification(1, _))));
    let mut swapped = proof.clone();
    swapped.ends.swap(0, 1);
    assert!(matches!(judge(&swapped), Err(WarpError::Justification(0, _))));
    let mut forged = proof.clone();
    forged.ends[1].header.digest = proof.ends[2].header.digest.clone();
    assert_eq!(judge(&forged), Err(WarpError::OtherBlock(1)));
    let mut early = proof.clone();
    early.ends.truncate(1);
    early.target = proof.ends.get(1).cloned();
    let number = early.target.as_ref().map(|target| target.header.number);
    assert_eq!(judge(&early).unwrap().map(|header| header.number), number, "a lower one is one");
    let mut old = proof.clone();
    old.target = proof.ends.first().cloned();
    assert!(matches!(judge(&old), Err(WarpError::NotAbove(3, _))));
    let mut detour = proof.clone();
    detour.ends.extend(proof.target.clone());
    assert!(matches!(judge(&detour), Err(WarpError::NotTheEnd(3, _))));
    let bytes = proof.encode();
    let store = TestStore::default();
    let cut = start(&first).follow(&bytes[..bytes.len() - 1], &store).unwrap();
    assert_eq!(cut, Err(WarpError::Malformed));
    assert!(WarpProof::decode_all(&mut &*bytes).is_ok());
}
