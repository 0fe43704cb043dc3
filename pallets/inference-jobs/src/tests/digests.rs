//! Results that are too large for the chain, compared by their digests.

#![expect(clippy::disallowed_types, reason = "outputs of a model; the chain reads digests of them")]

use citrate_core::{Balance, DispatchError, DispatchResult, H256};
use citrate_inference_types::{
    Batch, DType, Digest, Dim, INLINE_BYTES_MAX, JobStatus, ModelCard, Payload, Policy, Receipt,
    Refereeable, RefundReason, Tensor, Tensors, Text, Tolerance, content_hash, job_id,
};
use codec::Encode;
use pallet_staking::{Role, Stake};

use super::mock::{
    MODEL, Market, PRICE, Providers, Staking, Test, account, add_provider, card, check, ext, free,
    input, next_block, panel, provider, provider_account, receipt, register, signed, state,
    submit_redundant,
};
use crate::{Blob, Error, JobCount, Jobs, Pallet, State};

/// A model whose outputs are large.
const LARGE: H256 = H256([44; 32]);
/// What a wrong result costs: 200 and twice the price.
const PENALTY: Balance = 200 + 2 * PRICE;

fn large() -> ModelCard {
    let rule = Tolerance::Digest { step_nano: 10_000_000, blocks_out_max: 1 };
    let mut card =
        ModelCard { tolerance: vec![rule].try_into().unwrap(), referee: Refereeable::No, ..card() };
    card.outputs[0].shape[1] = Dim::Dynamic(Text::truncated("width"));
    card.limits.output_bytes_max = 1 << 20;
    card
}

/// What the model gives: so many numbers, each so far from the true ones.
fn result(numbers: usize, noise: f32) -> Tensors {
    let number = |at: usize| (at % 997) as f32 * 0.003 + noise;
    let data = (0..numbers).flat_map(|at| number(at).to_le_bytes()).collect();
    let tensor = Tensor::try_new(DType::F32, vec![1, numbers as u32], data).unwrap();
    Tensors::single("target_label", tensor).unwrap()
}

fn digested(tensors: &Tensors) -> Blob {
    let bytes = tensors.encode();
    Blob::Digested {
        hash: content_hash(&bytes),
        bytes: u32::try_from(bytes.len()).unwrap(),
        digest: Digest::of(&large(), tensors).unwrap().encode().try_into().unwrap(),
    }
}

/// A result of ten thousand numbers: 40 kB.
fn output(noise: f32) -> Blob {
    let blob = digested(&result(10_000, noise));
    assert!(blob.len() > INLINE_BYTES_MAX);
    blob
}

fn error(error: Error<Test>) -> DispatchResult {
    Err(error.into())
}

fn receipt_for(number: u8, job: H256, output: &Blob) -> Receipt {
    let (model, digest) = (LARGE, output.digest_hash());
    Receipt { model, output: output.hash(), digest, ..receipt(number, job) }
}

fn salt(number: u8) -> H256 {
    H256([number; 32])
}

fn commit(number: u8, job: H256, output: &Blob) -> DispatchResult {
    let commitment = receipt_for(number, job, output).commitment(&salt(number));
    let who = signed(&provider_account(number));
    let attempt = Jobs::<Test>::get(job).unwrap().attempt;
    Market::commit(who, job, attempt, commitment).map(drop).map_err(|failed| failed.error)
}

fn reveal_as(number: u8, job: H256, receipt: Receipt, output: Blob) -> DispatchResult {
    let signature = provider(number).sign(&receipt.signing_payload());
    let who = signed(&provider_account(number));
    let done = Market::reveal(who, job, receipt, output, salt(number), signature);
    done.map(drop).map_err(|failed| failed.error)
}

fn reveal(number: u8, job: H256, output: &Blob) -> DispatchResult {
    reveal_as(number, job, receipt_for(number, job, output), output.clone())
}

/// A job that three providers have, and who they are.
fn begun() -> (H256, Vec<u8>) {
    register(LARGE, large());
    for number in 0..3 {
        add_provider(number, 1);
        Providers::serve(signed(&provider_account(number)), LARGE, PRICE).unwrap();
    }
    let job = job_id(&Pallet::<Test>::genesis(), &account(1), JobCount::<Test>::get(account(1)));
    let policy = Policy::Redundant { providers: 3, quorum: 2 };
    Market::submit(signed(&account(1)), LARGE, input(), 3 * PRICE, policy, 60).unwrap();
    next_block();
    (job, panel(job))
}

fn play(job: H256, results: &[(u8, Blob)]) {
    results.iter().for_each(|(number, output)| commit(*number, job, output).unwrap());
    results.iter().for_each(|(number, output)| reveal(*number, job, output).unwrap());
    check();
}

fn stake(number: u8) -> Balance {
    <Staking as Stake>::active(&provider_account(number), Role::Provider)
}

#[test]
fn results_whose_digests_agree_are_paid_each() {
    ext().execute_with(|| {
        let (job, who) = begun();
        // Their bytes are all different.
        let outputs = [0.0, 0.000_003, -0.000_002].map(output);
        play(
            job,
            &[
                (who[0], outputs[0].clone()),
                (who[1], outputs[1].clone()),
                (who[2], outputs[2].clone()),
            ],
        );
        for number in &who {
            assert_eq!((stake(*number), free(&provider_account(*number))), (10_000, 990_750));
        }
        let status = Pallet::<Test>::job(&job).unwrap().status;
        let JobStatus::Settled { output: Payload::Digested { hash, bytes, digest }, .. } = status
        else {
            panic!("{status:?}")
        };
        // The reader gets the file by its hash, and finds the digest in it.
        let first = result(10_000, 0.0);
        assert_eq!((hash, bytes as usize), (content_hash(&first.encode()), first.encode().len()));
        assert_eq!(Digest::of(&large(), &first).unwrap().encode(), digest);
    });
}

#[test]
fn a_wrong_result_is_slashed_by_its_digest() {
    ext().execute_with(|| {
        let (job, who) = begun();
        // A step further on, everywhere; and in few numbers of two blocks, where one may be out.
        play(job, &[(who[0], output(0.0)), (who[1], output(0.010_5)), (who[2], output(0.0))]);
        let expected = [10_000, 10_000 - PENALTY, 10_000];
        assert_eq!([stake(who[0]), stake(who[1]), stake(who[2])], expected);
        assert!(matches!(state(job), State::Settled { .. }));
    });
}

#[test]
fn one_block_may_be_out_and_two_may_not() {
    let changed = |places: &[usize]| {
        let mut data = result(10_000, 0.0).into_inner().remove(0).tensor.into_data();
        for place in places {
            data[place * 4..][..4].copy_from_slice(&5.0f32.to_le_bytes());
        }
        let tensor = Tensor::try_new(DType::F32, vec![1, 10_000], data).unwrap();
        digested(&Tensors::single("target_label", tensor).unwrap())
    };
    // A block has 157 numbers.
    for (places, is_paid) in [(vec![0, 156], true), (vec![0, 157], false)] {
        ext().execute_with(|| {
            let (job, who) = begun();
            play(job, &[(who[0], output(0.0)), (who[1], changed(&places)), (who[2], output(0.0))]);
            assert_eq!(stake(who[1]) == 10_000, is_paid, "{places:?}");
        });
    }
}

/// Whoever waits for another's digest cannot take it: its own is in what it has committed to.
#[test]
fn a_digest_cannot_be_copied_at_the_reveal() {
    ext().execute_with(|| {
        let (job, who) = begun();
        let (honest, lazy) = (output(0.0), output(1.0));
        for (number, output) in [(who[0], &honest), (who[1], &lazy), (who[2], &honest)] {
            commit(number, job, output).unwrap();
        }
        reveal(who[0], job, &honest).unwrap();
        assert_eq!(reveal(who[1], job, &honest), error(Error::WrongCommitment));
        let Blob::Digested { hash, bytes, .. } = lazy.clone() else { unreachable!() };
        let Blob::Digested { digest, .. } = honest.clone() else { unreachable!() };
        let mixed = Blob::Digested { hash, bytes, digest };
        let own = receipt_for(who[1], job, &lazy);
        assert_eq!(reveal_as(who[1], job, own.clone(), mixed.clone()), error(Error::WrongDigest));
        let copied = Receipt { digest: mixed.digest_hash(), ..own.clone() };
        assert_eq!(reveal_as(who[1], job, copied, mixed), error(Error::WrongCommitment));
        // Nor can it leave it out.
        assert_eq!(
            reveal_as(who[1], job, own, Blob::Content { hash, bytes }),
            error(Error::WrongDigest)
        );
        reveal(who[1], job, &lazy).unwrap();
        reveal(who[2], job, &honest).unwrap();
        assert_eq!(stake(who[1]), 10_000 - PENALTY);
    });
}

#[test]
fn what_is_no_digest_agrees_with_nothing() {
    ext().execute_with(|| {
        let (job, who) = begun();
        let Blob::Digested { hash, bytes, .. } = output(0.0) else { unreachable!() };
        let digest = b"no digest".to_vec().try_into().unwrap();
        let nonsense = Blob::Digested { hash, bytes, digest };
        play(job, &[0, 1, 2].map(|at| (who[at], nonsense.clone())));
        assert!(matches!(state(job), State::Refunded { reason: RefundReason::Disagreed, .. }));
        // That nobody agrees with it costs nobody anything: it may be another model's shape.
        assert_eq!(stake(who[0]), 10_000);
    });
}

#[test]
fn a_small_result_is_compared_with_a_digest_of_one() {
    ext().execute_with(|| {
        let (job, who) = begun();
        let inline = |noise| Blob::Inline(result(1_000, noise).encode().try_into().unwrap());
        let other = digested(&result(1_000, 0.000_002));
        play(job, &[(who[0], inline(0.0)), (who[1], other), (who[2], inline(0.3))]);
        let expected = [10_000, 10_000, 10_000 - PENALTY];
        assert_eq!([stake(who[0]), stake(who[1]), stake(who[2])], expected);
    });
}

#[test]
fn digests_are_for_large_results_of_models_that_have_them() {
    ext().execute_with(|| {
        let (job, who) = begun();
        // An input has none.
        let submit = |input, policy| {
            Market::submit(signed(&account(1)), LARGE, input, 3 * PRICE, policy, 60)
        };
        let policy = Policy::Redundant { providers: 3, quorum: 2 };
        assert_eq!(submit(output(0.0), policy), error(Error::WrongDigest));
        // A batch is compared as a whole, and the referee does not know digests.
        let batch = Batch::try_new(vec![b"one".to_vec()]).unwrap().encode();
        let batch = Blob::Inline(batch.try_into().unwrap());
        let who_pays = signed(&account(1));
        let refused = Market::submit_batch(who_pays, LARGE, batch, 1, 3 * PRICE, policy, 60);
        assert_eq!(refused, error(Error::NotComparable));
        let refereed = Policy::Refereed { providers: 3, quorum: 2 };
        assert_eq!(submit(input(), refereed), error(Error::NotComparable));
        // Where closeness counts, the chain has to see a digest.
        let Blob::Digested { hash, bytes, .. } = output(0.0) else { unreachable!() };
        let unseen = Blob::Content { hash, bytes };
        who.iter().for_each(|number| commit(*number, job, &unseen).unwrap());
        assert_eq!(reveal(who[0], job, &unseen), error(Error::NotComparable));
    });
    ext().execute_with(|| {
        (0..2).for_each(|number| add_provider(number, 1));
        let job = submit_redundant(1, 2, 2, 60);
        next_block();
        let small = digested(&result(200, 0.0));
        let receipt = |number| Receipt { model: MODEL, ..receipt_for(number, job, &small) };
        for number in panel(job) {
            let who = signed(&provider_account(number));
            Market::commit(who, job, 0, receipt(number).commitment(&salt(number))).unwrap();
        }
        let number = panel(job)[0];
        let refused: DispatchError = Error::<Test>::WrongDigest.into();
        assert_eq!(reveal_as(number, job, receipt(number), small.clone()), Err(refused));
    });
}
