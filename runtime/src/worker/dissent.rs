//! A provider whose result was outvoted has the referee decide: it is right, or it would not have given it.
//!
//! Two of three may collude; the third stands to be slashed when the time to dispute their result is over.

use citrate_core::{AccountId32, H256, sr25519};
use citrate_inference_types::{AssignedJob, Policy};
use codec::Encode;
use pallet_inference_jobs::{Jobs, State};

use super::{record, transaction};
use crate::{InferenceJobs, Runtime, RuntimeCall};

/// Remembers a job in which this provider has given a result that may be outvoted.
pub(super) fn watch(job: &AssignedJob, provider: &AccountId32) {
    let policy = InferenceJobs::job(&job.id).map(|about| about.policy);
    if !matches!(policy, Some(Policy::Refereed { .. })) {
        return;
    }
    let entry = (job.id, provider.clone());
    record::watch(|jobs| {
        if !jobs.contains(&entry) {
            jobs.push(entry.clone());
        }
    });
}

/// Disputes the claims of others in this provider's jobs.
pub(super) fn run(key: &sr25519::Public, account: &AccountId32, now: u32) {
    for (job, provider) in record::watched() {
        if provider != *account {
            continue;
        }
        match Jobs::<Runtime>::get(job).map(|entry| entry.state) {
            Some(State::Claimed { claim, until }) => {
                let agreed = usize::try_from(claim.agreed).unwrap_or(usize::MAX);
                let is_outvoted = claim.claimants.iter().skip(agreed).any(|who| who == account);
                if is_outvoted && now < until {
                    dispute(key, job, now);
                } else if !is_outvoted {
                    forget(job, account);
                }
            }
            Some(state) if state.is_open() => {}
            _ => forget(job, account),
        }
    }
}

fn dispute(key: &sr25519::Public, job: H256, now: u32) {
    let name = ("dispute", job).encode();
    if !record::is_due(&name, now, super::RESEND_BLOCKS) {
        return;
    }
    super::log(&alloc::format!("job {job:?}: outvoted; the referee is to decide"));
    let call = pallet_referee::Call::dispute { case: job };
    if transaction::submit(key, RuntimeCall::Referee(call), now) {
        record::sent(&name, now);
    }
}

fn forget(job: H256, account: &AccountId32) {
    record::watch(|jobs| jobs.retain(|entry| *entry != (job, account.clone())));
}
