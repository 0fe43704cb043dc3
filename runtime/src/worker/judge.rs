//! A validator's part in the referee's committees: runs the model in the referee's module, commits to what that answers,
//! and makes it known once all have committed.
//!
//! A member's session key of type `prov` signs its votes, which are bare transactions: a validator's key needs no money.

use alloc::{string::String, vec::Vec};

use citrate_core::{AccountId32, H256, key_types, sr25519};
use citrate_host::{crypto, inference, offchain};
use citrate_inference_types::{Batch, ModelCard, Payload, adapter, verdict_hash};
use codec::Encode;
use pallet_referee::{Answer, Call, Case, Cases, Stage, Vote};

use super::record;
use crate::{InferenceJobs, ModelRegistry, Runtime, RuntimeCall, UncheckedExtrinsic};

/// LIMIT: cases that one call looks at; the chain allows no more.
const CASES_MAX: usize = 64;
/// What the run of a model may take at most before it counts as lost.
pub(super) const LOST_AFTER_MS: u64 = 600_000;

/// Votes in the open cases with this key. True if a model was run.
pub(super) fn run(key: &sr25519::Public, now: u32, may_run: bool) -> bool {
    let mut ran = false;
    for (id, case) in Cases::<Runtime>::iter().take(CASES_MAX) {
        let Some(seat) = case.members.iter().find(|seat| seat.key == *key) else { continue };
        let vote = Vote { case: id, round: case.round, member: seat.account.clone() };
        match case.stage {
            Stage::Committing { due } if now < due && seat.commitment.is_none() => {
                ran |= commit(key, &vote, &case, now, may_run && !ran);
            }
            // As a provider waits: what takes a commitment back must not find an answer in the pool.
            Stage::Revealing { due, since }
                if now < due
                    && seat.verdict.is_none()
                    && now >= since.saturating_add(super::REVEAL_AFTER_BLOCKS) =>
            {
                reveal(key, &vote, now);
            }
            _ => {}
        }
    }
    ran
}

/// A member's work on a case is remembered as a provider's on a job is.
fn work(vote: &Vote) -> (H256, u32, AccountId32) {
    (vote.case, vote.round, vote.member.clone())
}

fn commit(key: &sr25519::Public, vote: &Vote, case: &Case, now: u32, may_run: bool) -> bool {
    let work = work(vote);
    if let Some((answer, salt)) = record::verdict(&work) {
        send_commitment(key, vote, case, &answer, &salt, now);
        return false;
    }
    let now_ms = offchain::timestamp();
    let name = ("judge", &work).encode();
    if !may_run
        || !record::is_due(&name, now, super::RESEND_BLOCKS)
        || !record::claim(&work, now_ms, now_ms.saturating_add(LOST_AFTER_MS))
    {
        return false;
    }
    match answer(vote, case) {
        Ok(answer) => {
            let salt = H256(offchain::random_seed());
            // Written before it is sent: a commitment that cannot be opened costs the stake.
            record::keep_verdict(&work, &(answer.clone(), salt));
            send_commitment(key, vote, case, &answer, &salt, now);
        }
        Err(reason) => {
            super::log(&alloc::format!("case {:?}: not judged: {reason}", vote.case));
            // The model may be on its way: another try, some blocks later.
            record::sent(&name, now);
        }
    }
    record::release(&work);
    true
}

/// What the referee's module says of the case.
fn answer(vote: &Vote, case: &Case) -> Result<Answer, String> {
    let (model, card, input) = match ModelRegistry::disputed(&vote.case) {
        Some((model, card, example)) => {
            let input = inference::artifact_get(&example.input, example.input_bytes)
                .ok_or("the example's input is not in the artifact store")?;
            (model, card, input)
        }
        None => job_input(vote, case)?,
    };
    let tensors = adapter::preprocess(&card, &input).map_err(|error| alloc::format!("{error}"))?;
    inference::referee(&case.module, &model, tensors.encode(), case.limits)
        .map_err(|error| alloc::format!("{error}"))?
        .try_into()
        .map_err(|_long: Vec<u8>| "the answer is too long for the chain".into())
}

/// The model of a job, its card, and the input that the case is about.
fn job_input(vote: &Vote, case: &Case) -> Result<(H256, ModelCard, Vec<u8>), String> {
    let job = InferenceJobs::job(&vote.case).ok_or("there is no such job")?;
    let card = ModelRegistry::info(&job.model).ok_or("there is no such model")?.card;
    let input = match &job.input {
        Payload::Inline(bytes) => bytes.clone(),
        Payload::Content { hash, bytes } | Payload::Digested { hash, bytes, .. } => {
            inference::artifact_get(hash, *bytes)
                .ok_or("the job's input is not in the artifact store")?
        }
    };
    if job.batch.is_none() {
        return Ok((job.model, card, input));
    }
    let batch = Batch::from_bytes(&input).map_err(|error| alloc::format!("{error}"))?;
    let at = usize::try_from(case.part).unwrap_or(usize::MAX);
    let part = batch.parts().get(at).ok_or("the batch has no such part")?.clone();
    Ok((job.model, card, part))
}

fn send_commitment(
    key: &sr25519::Public,
    vote: &Vote,
    case: &Case,
    answer: &Answer,
    salt: &H256,
    now: u32,
) {
    let verdict = verdict_hash(&vote.case, case.attempt, &case.module, answer);
    let commitment = vote.commitment(&verdict, salt);
    let genesis = pallet_referee::Pallet::<Runtime>::genesis();
    let payload = vote.signing_payload(&genesis, &commitment);
    let Some(signature) = crypto::sr25519_sign(key_types::PROVIDER, key, &payload) else { return };
    send(Call::commit_unsigned { vote: vote.clone(), commitment, signature }, &work(vote), 0, now);
}

fn reveal(key: &sr25519::Public, vote: &Vote, now: u32) {
    let work = work(vote);
    let Some((answer, salt)) = record::verdict(&work) else {
        return super::lost(&work, "answer", now);
    };
    let genesis = pallet_referee::Pallet::<Runtime>::genesis();
    let payload = vote.signing_payload(&genesis, &(&answer, &salt));
    let Some(signature) = crypto::sr25519_sign(key_types::PROVIDER, key, &payload) else { return };
    send(Call::reveal_unsigned { vote: vote.clone(), answer, salt, signature }, &work, 1, now);
}

/// Gives a vote to the pool, unless that was done lately.
fn send(call: Call<Runtime>, work: &(H256, u32, AccountId32), stage: u8, now: u32) {
    if !record::is_due(&(work, stage).encode(), now, super::RESEND_BLOCKS) {
        return;
    }
    let extrinsic = UncheckedExtrinsic::new_bare(RuntimeCall::Referee(call));
    if offchain::submit_transaction(extrinsic.encode()).is_ok() {
        record::sent(&(work, stage).encode(), now);
    }
}
