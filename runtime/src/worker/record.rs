//! What the node remembers of a job between calls of the worker.

use alloc::{boxed::Box, vec::Vec};

use citrate_core::H256;
use citrate_host::{StorageKind, offchain};
use citrate_inference_types::AssignedJob;
use codec::{Decode, Encode};

use crate::RuntimeCall;

/// Domain of the records.
const JOB_DOMAIN: &[u8] = b"CITRATE/worker/job/v1";
/// Where the keys of the latest records are.
const INDEX_KEY: &[u8] = b"CITRATE/worker/jobs/v1";
/// LIMIT: records that are kept; the oldest one goes first.
const RECORDS_MAX: usize = 256;
/// LIMIT: tries to write what other calls write as well.
const TRIES_MAX: usize = 16;

/// How far a job is.
#[derive(Encode, Decode)]
pub(super) enum Record {
    /// A call runs it; it was lost if that takes until then.
    Started {
        /// Milliseconds since 1970.
        lost_at_ms: u64,
    },
    /// This call answers it.
    Answered {
        /// The call.
        call: Box<RuntimeCall>,
        /// The block after which it was sent last, if the pool took it.
        sent_at: Option<u32>,
    },
}

fn key(job: &AssignedJob) -> Vec<u8> {
    (JOB_DOMAIN, job.id, job.attempt).encode()
}

/// The record of a job: as it is stored, and what it says. One that is of another version of this code says nothing.
pub(super) fn read(job: &AssignedJob) -> (Option<Vec<u8>>, Option<Record>) {
    let stored = offchain::local_storage_get(StorageKind::Persistent, &key(job));
    let record = stored.as_ref().and_then(|bytes| Record::decode(&mut bytes.as_slice()).ok());
    (stored, record)
}

/// Writes a record in place of `old`; false if another call was faster.
pub(super) fn replace(job: &AssignedJob, old: Option<Vec<u8>>, new: &Record) -> bool {
    let is_new = old.is_none();
    let key = key(job);
    let kind = StorageKind::Persistent;
    let written = offchain::local_storage_compare_and_set(kind, &key, old, &new.encode());
    if written && is_new {
        index((job.id, job.attempt));
    }
    written
}

/// Writes a record.
pub(super) fn write(job: &AssignedJob, record: &Record) {
    offchain::local_storage_set(StorageKind::Persistent, &key(job), &record.encode());
}

/// Removes a record.
pub(super) fn forget(job: &AssignedJob) {
    offchain::local_storage_clear(StorageKind::Persistent, &key(job));
}

/// Remembers that there is a record, and removes the oldest ones beyond the limit.
fn index(entry: (H256, u32)) {
    let kind = StorageKind::Persistent;
    for _ in 0..TRIES_MAX {
        let old = offchain::local_storage_get(kind, INDEX_KEY);
        let mut entries: Vec<(H256, u32)> = old
            .as_ref()
            .and_then(|bytes| Decode::decode(&mut bytes.as_slice()).ok())
            .unwrap_or_default();
        entries.retain(|known| *known != entry);
        entries.push(entry);
        let beyond = entries.len().saturating_sub(RECORDS_MAX);
        let removed: Vec<(H256, u32)> = entries.drain(..beyond).collect();
        if offchain::local_storage_compare_and_set(kind, INDEX_KEY, old, &entries.encode()) {
            for (job, attempt) in removed {
                offchain::local_storage_clear(kind, &(JOB_DOMAIN, job, attempt).encode());
            }
            return;
        }
    }
}
