//! What the runtime's API shows.

use alloc::vec::Vec;

use citrate_core::{AccountId32, BlockNumber};
use citrate_inference_types::{AssignedJob, Earnings, JobId, JobInfo, Stage};
use citrate_support::traits::Get;
use pallet_model_registry::Models;

use crate::claim::claimed;
use crate::{Assigned, Config, Earned, Job, Jobs, Pallet, State};

/// LIMIT: most entries in one answer.
const PAGE_MAX: u32 = 100;

fn page(limit: u32) -> usize {
    usize::try_from(limit.min(PAGE_MAX)).unwrap_or_default()
}

impl<T: Config> Pallet<T> {
    /// A job.
    pub fn job(id: &JobId) -> Option<JobInfo> {
        Jobs::<T>::get(id).map(|job| Self::info(*id, job))
    }

    /// Up to `limit` jobs after `start`, in the order of their ids.
    pub fn jobs(start: Option<JobId>, limit: u32) -> Vec<JobInfo> {
        let jobs = match start {
            Some(start) => Jobs::<T>::iter_from_key(start),
            None => Jobs::<T>::iter(),
        };
        jobs.take(page(limit)).map(|(id, job)| Self::info(id, job)).collect()
    }

    fn info(id: JobId, job: Job) -> JobInfo {
        let claimed = match &job.state {
            State::Claimed { claim, .. } => claimed::<T>(&id, claim),
            _ => None,
        };
        job.into_info(id, claimed)
    }

    /// What an account was paid so far for its results, and for jobs of its models.
    pub fn earned(account: &AccountId32) -> (Earnings, Earnings) {
        Earned::<T>::get(account)
    }

    /// The jobs that a provider has to do.
    pub fn assigned_jobs(provider: &AccountId32) -> Vec<AssignedJob> {
        let capacity = usize::try_from(T::CapacityMax::get()).unwrap_or(usize::MAX);
        Assigned::<T>::iter_key_prefix(provider)
            .take(capacity)
            .filter_map(|id| {
                let job = Jobs::<T>::get(id)?;
                let (stage, due) = stage(&job.state, provider)?;
                let card = T::Models::get(&job.model)?.card;
                let input = job.input.into_payload();
                let (attempt, model, batch) = (job.attempt, job.model, job.batch);
                Some(AssignedJob { id, attempt, model, card, input, batch, stage, due })
            })
            .collect()
    }
}

/// What a provider has to bring next for a job in this state, and by which block.
fn stage(state: &State, provider: &AccountId32) -> Option<(Stage, BlockNumber)> {
    match state {
        State::Assigned { due, .. } => Some((Stage::Deliver, *due)),
        State::Committing { panel, commit_by, .. } => {
            let seat = panel.iter().find(|seat| seat.provider == *provider)?;
            seat.commitment.is_none().then_some((Stage::Commit, *commit_by))
        }
        State::Revealing { panel, since, reveal_by } => {
            let seat = panel.iter().find(|seat| seat.provider == *provider)?;
            (!seat.revealed).then_some((Stage::Reveal { since: *since }, *reveal_by))
        }
        _ => None,
    }
}
