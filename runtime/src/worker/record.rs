//! What the node remembers of a provider's work on a job between calls of the worker.
//!
//! A *claim* says that a call is at work on a job; it is gone when the node stops, because the call is too. An *answer*
//! is the call that delivers the job's result, or the two calls that commit to it and open the commitment; it survives a
//! restart, so that no result is computed twice and no commitment stays closed.

use alloc::{boxed::Box, vec::Vec};

use citrate_core::{AccountId32, H256};
use citrate_host::{StorageKind, offchain};
use citrate_inference_types::AssignedJob;
use codec::{Decode, Encode};

use crate::RuntimeCall;

/// Domain of the claims.
const CLAIM_DOMAIN: &[u8] = b"CITRATE/worker/claim/v1";
/// Domain of the answers.
const ANSWER_DOMAIN: &[u8] = b"CITRATE/worker/job/v2";
/// Where the keys of the latest answers are.
const INDEX_KEY: &[u8] = b"CITRATE/worker/jobs/v2";
/// LIMIT: answers that are kept; the oldest one goes first. Twice what eight providers of full capacity have open.
const ANSWERS_MAX: usize = 1024;
/// LIMIT: tries to write what other calls write as well.
const TRIES_MAX: usize = 16;

/// What answers a job.
#[derive(Encode, Decode)]
pub(super) struct Answer {
    /// The first call, which ends the job or commits to its result.
    pub(super) call: Box<RuntimeCall>,
    /// The call that opens the commitment.
    pub(super) reveal: Option<Box<RuntimeCall>>,
    /// The block after which each of the two was sent last, if the pool took it.
    pub(super) sent_at: [Option<u32>; 2],
}

/// One attempt of a job by one provider: a node may have the keys of several that run it.
pub(super) type Work = (H256, u32, AccountId32);

/// The work of this provider on a job.
pub(super) fn work(job: &AssignedJob, provider: &AccountId32) -> Work {
    (job.id, job.attempt, provider.clone())
}

fn key(domain: &[u8], work: &Work) -> Vec<u8> {
    (domain, work).encode()
}

/// Claims work until it is [released](release), or until `lost_at_ms` if the call that has it fails before it does;
/// false if another call has it.
pub(super) fn claim(work: &Work, now_ms: u64, lost_at_ms: u64) -> bool {
    let key = key(CLAIM_DOMAIN, work);
    let held = offchain::local_storage_get(StorageKind::Local, &key);
    let held_until = held.as_ref().and_then(|bytes| u64::decode(&mut bytes.as_slice()).ok());
    if held_until.is_some_and(|until| now_ms < until) {
        return false;
    }
    let new = lost_at_ms.encode();
    offchain::local_storage_compare_and_set(StorageKind::Local, &key, held, &new)
}

/// Gives a claim back.
pub(super) fn release(work: &Work) {
    offchain::local_storage_clear(StorageKind::Local, &key(CLAIM_DOMAIN, work));
}

/// The answer to it. One that another version of this code wrote, in another way, is none.
pub(super) fn read(work: &Work) -> Option<Answer> {
    let stored = offchain::local_storage_get(StorageKind::Persistent, &key(ANSWER_DOMAIN, work))?;
    Answer::decode(&mut stored.as_slice()).ok()
}

/// Keeps an answer. Only the call that has claimed the work does this.
pub(super) fn write(work: &Work, answer: &Answer) {
    index(work);
    offchain::local_storage_set(
        StorageKind::Persistent,
        &key(ANSWER_DOMAIN, work),
        &answer.encode(),
    );
}

/// Remembers that there is an answer, and removes the oldest ones beyond the limit.
fn index(entry: &Work) {
    let kind = StorageKind::Persistent;
    for _ in 0..TRIES_MAX {
        let old = offchain::local_storage_get(kind, INDEX_KEY);
        let mut entries: Vec<Work> = old
            .as_ref()
            .and_then(|bytes| Decode::decode(&mut bytes.as_slice()).ok())
            .unwrap_or_default();
        if entries.contains(entry) {
            return;
        }
        entries.push(entry.clone());
        let beyond = entries.len().saturating_sub(ANSWERS_MAX);
        let removed: Vec<Work> = entries.drain(..beyond).collect();
        if offchain::local_storage_compare_and_set(kind, INDEX_KEY, old, &entries.encode()) {
            for work in removed {
                offchain::local_storage_clear(kind, &key(ANSWER_DOMAIN, &work));
            }
            return;
        }
    }
}
