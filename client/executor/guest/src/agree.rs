//! The comparison of results, as a job's judgement does it.

use alloc::vec::Vec;

use citrate_inference_types::{Digest, ModelCard, Tensors, all_agree, results};

/// Reads results of a model, or batches of so many, each as it stands in the chain, and compares each with itself and with those
/// after it; true if all agree.
pub fn all_agree_with_all(card: &ModelCard, batch: Option<u32>, outputs: &[Vec<u8>]) -> bool {
    if card.is_digested() && batch.is_none() {
        let digest = |output: &Vec<u8>| Digest::of(card, &Tensors::from_bytes(output).ok()?);
        let digests: Option<Vec<Digest>> = outputs.iter().map(digest).collect();
        return digests.is_some_and(|all| each_pair(&all, |a, b| a.agrees(b, card)));
    }
    let read: Option<Vec<Vec<Tensors>>> =
        outputs.iter().map(|output| results(card, batch, output)).collect();
    read.is_some_and(|all| each_pair(&all, |a, b| all_agree(card, a, b)))
}

/// Whether a relation holds of all pairs, each of which is looked at.
fn each_pair<A>(all: &[A], relation: impl Fn(&A, &A) -> bool) -> bool {
    let pairs = all.iter().enumerate().flat_map(|(at, a)| all.iter().skip(at).map(move |b| (a, b)));
    pairs.filter(|(a, b)| !relation(a, b)).count() == 0
}
