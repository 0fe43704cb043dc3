//! What the node remembers of a provider's work on a job between calls of the worker.
//!
//! A *claim* says that a call is at work on a job; it is gone when the node stops, because the call is too. An *answer*
//! is the call that delivers the job's result, or the two calls that commit to it and open the commitment; it survives a
//! restart, so that no result is computed twice and no commitment stays closed. So does a *verdict*, the answer of a member
//! of the referee's committees, a *report* on a model, and the list of jobs whose claims this node's providers *watch*.

use alloc::{boxed::Box, vec::Vec};

use citrate_core::{AccountId32, H256, hashing::blake2_128};
use citrate_host::{StorageKind, offchain};
use citrate_inference_types::{AssignedJob, ConformanceReport};
use codec::{Decode, Encode};

use crate::RuntimeCall;

/// Domain of the claims.
const CLAIM_DOMAIN: &[u8] = b"CITRATE/worker/claim/v1";
/// Domain of the answers.
const ANSWER_DOMAIN: &[u8] = b"CITRATE/worker/job/v2";
/// Domain of the verdicts.
const VERDICT_DOMAIN: &[u8] = b"CITRATE/worker/verdict/v1";
/// Domain of the reports.
const REPORT_DOMAIN: &[u8] = b"CITRATE/worker/report/v1";
/// Where it is noted after which blocks something was sent; gone when the node stops.
const SENT_KEY: &[u8] = b"CITRATE/worker/sent/v1";
/// Where the keys of the latest answers are.
const INDEX_KEY: &[u8] = b"CITRATE/worker/jobs/v2";
/// Where the keys of the latest verdicts are.
const VERDICTS_KEY: &[u8] = b"CITRATE/worker/verdicts/v1";
/// Where the keys of the latest reports are.
const REPORTS_KEY: &[u8] = b"CITRATE/worker/reports/v1";
/// LIMIT: reports that are kept; one that is forgotten is found out again.
const REPORTS_MAX: usize = 64;
/// Where the jobs are whose claims are watched.
const WATCHED_KEY: &[u8] = b"CITRATE/worker/watched/v1";
/// LIMIT: verdicts that are kept: more than cases may be open.
const VERDICTS_MAX: usize = 64;
/// LIMIT: claims that are watched.
const WATCHED_MAX: usize = 256;
/// LIMIT: notes of what was sent: twice as many as there are votes in open cases, and shares of as many settled jobs.
const SENT_MAX: usize = 512;
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

/// A job, and the provider that gave a result for it.
type Watched = (H256, AccountId32);

/// The hash of a name, and the block after which what has it was sent.
type Sent = ([u8; 16], u32);

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
    index(INDEX_KEY, ANSWER_DOMAIN, ANSWERS_MAX, work);
    offchain::local_storage_set(
        StorageKind::Persistent,
        &key(ANSWER_DOMAIN, work),
        &answer.encode(),
    );
}

/// The answer and the salt of a member of a committee.
pub(super) fn verdict(work: &Work) -> Option<(pallet_referee::Answer, H256)> {
    let stored = offchain::local_storage_get(StorageKind::Persistent, &key(VERDICT_DOMAIN, work))?;
    Decode::decode(&mut stored.as_slice()).ok()
}

/// Keeps them.
pub(super) fn keep_verdict(work: &Work, verdict: &(pallet_referee::Answer, H256)) {
    index(VERDICTS_KEY, VERDICT_DOMAIN, VERDICTS_MAX, work);
    let key = key(VERDICT_DOMAIN, work);
    offchain::local_storage_set(StorageKind::Persistent, &key, &verdict.encode());
}

/// What a provider has found of a model.
pub(super) fn report(work: &Work) -> Option<ConformanceReport> {
    let stored = offchain::local_storage_get(StorageKind::Persistent, &key(REPORT_DOMAIN, work))?;
    Decode::decode(&mut stored.as_slice()).ok()
}

/// Keeps it.
pub(super) fn keep_report(work: &Work, report: &ConformanceReport) {
    index(REPORTS_KEY, REPORT_DOMAIN, REPORTS_MAX, work);
    let key = key(REPORT_DOMAIN, work);
    offchain::local_storage_set(StorageKind::Persistent, &key, &report.encode());
}

/// Whether something with this name was sent so long ago that it is to be sent again.
pub(super) fn is_due(name: &[u8], now: u32, after: u32) -> bool {
    let name = blake2_128(name);
    let sent = list::<Sent>(StorageKind::Local, SENT_KEY).1;
    let at = sent.iter().find(|(known, _)| *known == name).map(|(_, at)| *at);
    at.is_none_or(|at| now >= at.saturating_add(after))
}

/// Notes that something with this name was sent.
pub(super) fn sent(name: &[u8], now: u32) {
    let name = blake2_128(name);
    change::<Sent>(StorageKind::Local, SENT_KEY, SENT_MAX, |sent| {
        sent.retain(|(known, _)| *known != name);
        sent.push((name, now));
    });
}

/// The jobs whose claims are watched, with the provider that gave a result.
pub(super) fn watched() -> Vec<Watched> {
    list(StorageKind::Persistent, WATCHED_KEY).1
}

/// Changes what is watched; the oldest beyond the limit are forgotten.
pub(super) fn watch(how: impl Fn(&mut Vec<Watched>)) {
    change(StorageKind::Persistent, WATCHED_KEY, WATCHED_MAX, how);
}

/// A list that the node keeps under one key, as it is stored and decoded.
fn list<T: Decode>(kind: StorageKind, key: &[u8]) -> (Option<Vec<u8>>, Vec<T>) {
    let stored = offchain::local_storage_get(kind, key);
    let decoded = stored.as_ref().and_then(|bytes| Decode::decode(&mut bytes.as_slice()).ok());
    (stored, decoded.unwrap_or_default())
}

/// Changes such a list, whatever other calls do to it; the first entries beyond `max` are forgotten.
fn change<T: Encode + Decode>(
    kind: StorageKind,
    key: &[u8],
    max: usize,
    how: impl Fn(&mut Vec<T>),
) {
    for _ in 0..TRIES_MAX {
        let (old, mut entries) = list::<T>(kind, key);
        how(&mut entries);
        entries.drain(..entries.len().saturating_sub(max));
        if offchain::local_storage_compare_and_set(kind, key, old, &entries.encode()) {
            return;
        }
    }
}

/// Remembers that there is an entry of this domain, and removes the oldest ones beyond the limit.
fn index(index_key: &[u8], domain: &[u8], max: usize, entry: &Work) {
    let kind = StorageKind::Persistent;
    for _ in 0..TRIES_MAX {
        let old = offchain::local_storage_get(kind, index_key);
        let mut entries: Vec<Work> = old
            .as_ref()
            .and_then(|bytes| Decode::decode(&mut bytes.as_slice()).ok())
            .unwrap_or_default();
        if entries.contains(entry) {
            return;
        }
        entries.push(entry.clone());
        let beyond = entries.len().saturating_sub(max);
        let removed: Vec<Work> = entries.drain(..beyond).collect();
        if offchain::local_storage_compare_and_set(kind, index_key, old, &entries.encode()) {
            for work in removed {
                offchain::local_storage_clear(kind, &key(domain, &work));
            }
            return;
        }
    }
}
