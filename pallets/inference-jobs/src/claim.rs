//! Results that can be disputed: claims, what the referee makes of them, and spot checks.

use alloc::vec::Vec;

use citrate_core::{
    AccountId32, BlockNumber, DispatchError, DispatchResult, H256, Perbill, Weight,
};
use citrate_inference_types::{
    JobId, ModelCard, Payload, Policy, RefereeLimits, RefundReason, Tensors, agree, all_agree,
};
use citrate_support::pallet_prelude::ensure;
use citrate_support::storage::with_storage_layer;
use citrate_support::traits::{Get, Randomness};
use codec::Encode;
use pallet_model_registry::{Model, Models};
use pallet_providers::Pallet as Providers;
use pallet_referee::{Docket, Outcome, Question, Referee};
use pallet_staking::Stake;

use crate::job::Claim;
use crate::{
    Blob, Config, Error, Event, Fault, Job, Jobs, Pallet, Reveal, Reveals, SpotChecks, State,
};

/// Domain of the draw of results that are checked.
const SPOT_DOMAIN: &[u8] = b"CITRATE/inference/spot/v1";

impl<T: Config> Pallet<T> {
    /// Whether results of this model can be judged: the referee can run it, and the chain can hold what it gives.
    pub(crate) fn is_refereeable(model: &Model) -> bool {
        T::Referee::is_ready() && model.card.referee_limits().is_some()
    }

    /// What a committee has to answer: what the model gives for one of the job's inputs.
    fn question(job: &Job, model: &Model, part: u32) -> Question {
        // A card does not change, and jobs of one that cannot be judged are not.
        let none = RefereeLimits { fuel: 0, memory_bytes: 0, output_bytes: 0 };
        let limits = model.card.referee_limits().unwrap_or(none);
        Question { attempt: job.attempt, part, limits }
    }

    /// Makes results known that count unless they are disputed. Those of the first `agreed` agree; their providers, and those of
    /// others, wait for what comes of it.
    pub(crate) fn claim(
        job: JobId,
        mut entry: Job,
        agreed: Vec<(AccountId32, Reveal)>,
        others: Vec<(AccountId32, Reveal)>,
    ) -> DispatchResult {
        let now = pallet_system::Pallet::<T>::block_number();
        let (provider, output) = match agreed.first() {
            Some((provider, reveal)) => (provider.clone(), reveal.output.hash()),
            None => return Err(Error::<T>::NotProvider.into()),
        };
        let count = u32::try_from(agreed.len()).unwrap_or(u32::MAX);
        let claim = Self::keep(job, &entry, agreed.into_iter().chain(others), count)?;
        let wanted = now.saturating_add(T::Times::get().dispute);
        let until = Self::look_after(job, entry.attempt, wanted).ok_or(Error::<T>::QueueFull)?;
        entry.state = State::Claimed { claim, until };
        Jobs::<T>::insert(job, entry);
        Self::deposit_event(Event::JobClaimed { job, provider, output, until });
        Ok(())
    }

    /// The time to dispute a claim is over. If blocks took no transactions for a part of it, there is as much time once more:
    /// nobody could object.
    pub(crate) fn end_claim(
        job: JobId,
        mut entry: Job,
        claim: Claim,
        until: BlockNumber,
    ) -> DispatchResult {
        let window = T::Times::get().dispute;
        if pallet_system::Pallet::<T>::was_closed_since(until.saturating_sub(window)) {
            let now = pallet_system::Pallet::<T>::block_number();
            // Where no later block has room for it, the claim stands as it is.
            if let Some(until) = Self::look_after(job, entry.attempt, now.saturating_add(window)) {
                entry.state = State::Claimed { claim, until };
                Jobs::<T>::insert(job, entry);
                return Ok(());
            }
        }
        Self::conclude(job, entry, &claim)
    }

    /// Has the referee judge results that do not agree.
    pub(crate) fn refer(
        job: JobId,
        mut entry: Job,
        model: &Model,
        results: Vec<(AccountId32, Reveal)>,
    ) -> DispatchResult {
        T::Referee::open(job, Self::question(&entry, model, 0))?;
        let claim = Self::keep(job, &entry, results.into_iter(), 0)?;
        entry.state = State::Disputed { claim };
        Jobs::<T>::insert(job, entry);
        Ok(())
    }

    /// Keeps results, with the stakes that answer for them.
    fn keep(
        job: JobId,
        entry: &Job,
        results: impl Iterator<Item = (AccountId32, Reveal)>,
        agreed: u32,
    ) -> Result<Claim, DispatchError> {
        let mut claimants = Vec::new();
        for (provider, reveal) in results {
            Reveals::<T>::insert(job, &provider, reveal);
            Providers::<T>::back(&provider, Self::risk(entry));
            claimants.push(provider);
        }
        let claimants = claimants.try_into().map_err(|_error| Error::<T>::WrongPolicy)?;
        Ok(Claim { claimants, agreed })
    }

    /// The results of a claim, in its order; they are forgotten, and their providers' stakes are free again.
    fn take_results(job: &JobId, entry: &Job, claim: &Claim) -> Vec<(AccountId32, Reveal)> {
        let result = |who: &AccountId32| {
            let reveal = Reveals::<T>::take(job, who)?;
            Providers::<T>::release(who, Self::risk(entry));
            Some((who.clone(), reveal))
        };
        claim.claimants.iter().filter_map(result).collect()
    }

    /// Ends a job whose results nobody could refute: as its panel found.
    pub(crate) fn conclude(job: JobId, entry: Job, claim: &Claim) -> DispatchResult {
        with_storage_layer(|| {
            let mut results = Self::take_results(&job, &entry, claim);
            let agreed = usize::try_from(claim.agreed).unwrap_or(usize::MAX).min(results.len());
            let others = results.split_off(agreed);
            let Some((_, first)) = results.first().cloned() else {
                return Self::give_up(job, entry, RefundReason::Disagreed);
            };
            let model = T::Models::get(&entry.model).ok_or(Error::<T>::UnknownModel)?;
            let is_close = |(_, other): &(AccountId32, Reveal)| {
                results
                    .iter()
                    .any(|(_, result)| are_close(&model.card, &result.output, &other.output))
            };
            for wrong in others.iter().filter(|other| !is_close(other)) {
                Self::punish(job, &entry, &wrong.0, Fault::Wrong);
            }
            let winners: Vec<AccountId32> = results.into_iter().map(|(who, _)| who).collect();
            Self::settle(job, entry, &model, &winners, first)
        })
    }

    pub(crate) fn give_up(job: JobId, entry: Job, reason: RefundReason) -> DispatchResult {
        let at = pallet_system::Pallet::<T>::block_number();
        Self::finish(job, entry, 0, State::Refunded { reason, at })?;
        Self::deposit_event(Event::JobRefunded { job, reason });
        Ok(())
    }

    /// Ends a job as the referee found.
    fn judge_claim(
        job: JobId,
        entry: Job,
        claim: &Claim,
        truth: &Tensors,
        challenger: Option<&AccountId32>,
    ) -> Result<Outcome, DispatchError> {
        let model = T::Models::get(&entry.model).ok_or(Error::<T>::UnknownModel)?;
        let claimed = (claim.agreed > 0).then(|| claim.claimants.first()).flatten();
        let results = Self::take_results(&job, &entry, claim);
        let (right, wrong): (Vec<_>, Vec<_>) = results
            .into_iter()
            .partition(|(_, result)| is_right(&model.card, None, (truth, 0), &result.output));
        for (provider, _) in &wrong {
            let share = challenger.map(|who| (who, T::Penalties::get().reporter_share));
            Self::punish_for(job, entry.fee, provider, Fault::Wrong, share);
        }
        let outcome = match claimed {
            Some(first) if right.iter().any(|(who, _)| who == first) => {
                Outcome::Upheld { defender: first.clone() }
            }
            _ => Outcome::Refuted,
        };
        match right.first().cloned() {
            Some((_, result)) => {
                let winners: Vec<AccountId32> = right.into_iter().map(|(who, _)| who).collect();
                Self::settle(job, entry, &model, &winners, result)?;
            }
            None => Self::give_up(job, entry, RefundReason::Refuted)?,
        }
        Ok(outcome)
    }

    /// Notes that a result may be checked: the next block's randomness decides. LIMIT: as many as a block may look at.
    pub(crate) fn note_for_check(job: JobId, entry: &Job, model: &Model, output: &Blob) {
        let is_shown = matches!(output, Blob::Inline(_));
        if entry.policy != Policy::Attested || !is_shown || !Self::is_refereeable(model) {
            return;
        }
        let next = pallet_system::Pallet::<T>::block_number().saturating_add(1);
        // What finds no room is not checked, as most are not.
        let _ = SpotChecks::<T>::try_mutate(next, |jobs| jobs.try_push(job));
    }

    /// Has the referee judge some of the results that the block before paid for. Nobody could know which, and nobody has
    /// to dispute them.
    pub(crate) fn check_spots(now: BlockNumber) -> Weight {
        let mut weight = T::DbWeight::get().reads_writes(2, 1);
        let jobs = SpotChecks::<T>::take(now);
        if jobs.is_empty() {
            return weight;
        }
        let (randomness, _) = T::Randomness::random(b"inference-spot");
        for job in jobs {
            weight = weight.saturating_add(T::DbWeight::get().reads_writes(6, 4));
            let draw =
                (SPOT_DOMAIN, randomness, job).using_encoded(citrate_core::hashing::blake2_256);
            let [a, b, c, d, e, f, g, h, ..] = draw;
            let limit = u64::from(T::SpotCheckRate::get().deconstruct()) << 32;
            if u64::from(u32::from_le_bytes([a, b, c, d])).saturating_mul(1_000_000) >= limit {
                continue;
            }
            let Some(entry) = Jobs::<T>::get(job) else { continue };
            let Some(model) = T::Models::get(&entry.model) else { continue };
            // With as many cases open as may be, this one goes unchecked.
            let part = u32::from_le_bytes([e, f, g, h]) % entry.runs().max(1);
            let _ = T::Referee::open(job, Self::question(&entry, &model, part));
        }
        weight
    }

    /// Punishes who was paid for a wrong result; the submitter gets back what it paid.
    fn punish_paid(
        job: JobId,
        entry: &Job,
        truth: (&Tensors, u32),
    ) -> Result<Outcome, DispatchError> {
        let State::Settled { provider, output, .. } = &entry.state else {
            return Ok(Outcome::Void);
        };
        let model = T::Models::get(&entry.model).ok_or(Error::<T>::UnknownModel)?;
        if is_right(&model.card, entry.batch, truth, output) {
            return Ok(Outcome::Upheld { defender: provider.clone() });
        }
        let restitution = Some((&entry.submitter, Perbill::one()));
        // Not the access fee: the owner has it, and chose it without asking the provider.
        T::Stake::slash(provider, entry.fee, restitution);
        Self::punish(job, entry, provider, Fault::Wrong);
        Ok(Outcome::Refuted)
    }
}

fn are_close(card: &ModelCard, a: &Blob, b: &Blob) -> bool {
    match (a.results(card, None), b.results(card, None)) {
        (Some(a), Some(b)) => all_agree(card, &a, &b),
        _ => false,
    }
}

/// Whether the result for one input is what the referee found for it. A batch with anything that is no result of the model
/// is not.
fn is_right(
    card: &ModelCard,
    batch: Option<u32>,
    (truth, part): (&Tensors, u32),
    output: &Blob,
) -> bool {
    let results = output.results(card, batch).unwrap_or_default();
    let at = usize::try_from(part).unwrap_or(usize::MAX);
    results.get(at).is_some_and(|result| agree(card, truth, result))
}

impl<T: Config> Docket for Pallet<T> {
    fn knows(case: &H256) -> bool {
        Jobs::<T>::contains_key(case)
    }

    fn dispute(case: &H256) -> Result<Question, DispatchError> {
        let mut entry = Jobs::<T>::get(case).ok_or(Error::<T>::UnknownJob)?;
        let State::Claimed { claim, until } = entry.state.clone() else {
            return Err(Error::<T>::NotDisputable.into());
        };
        let now = pallet_system::Pallet::<T>::block_number();
        ensure!(now <= until, Error::<T>::TooLate);
        let model = T::Models::get(&entry.model).ok_or(Error::<T>::UnknownModel)?;
        let question = Self::question(&entry, &model, 0);
        entry.state = State::Disputed { claim };
        Jobs::<T>::insert(case, entry);
        Ok(question)
    }

    fn on_verdict(
        case: &H256,
        part: u32,
        truth: Option<&Tensors>,
        challenger: Option<&AccountId32>,
    ) -> Outcome {
        let Some(entry) = Jobs::<T>::get(case) else { return Outcome::Void };
        // What is not what the card says the model gives says nothing of the providers.
        let truth = truth.filter(|truth| {
            T::Models::get(&entry.model)
                .is_some_and(|model| model.card.check_outputs(truth).is_ok())
        });
        let outcome = with_storage_layer(|| match (entry.state.clone(), truth) {
            (State::Disputed { claim }, Some(truth)) => {
                Self::judge_claim(*case, entry.clone(), &claim, truth, challenger)
            }
            (State::Disputed { claim }, None) => {
                Self::conclude(*case, entry.clone(), &claim).map(|()| Outcome::Void)
            }
            (State::Settled { .. }, Some(truth)) => Self::punish_paid(*case, &entry, (truth, part)),
            _ => Ok(Outcome::Void),
        });
        // An escrow that cannot be released stays on hold, and the job as it is.
        outcome.unwrap_or(Outcome::Void)
    }

    fn verdict_weight() -> Weight {
        Self::judgement_weight()
    }
}

/// What readers see of a claim's result.
pub(crate) fn claimed<T: Config>(job: &JobId, claim: &Claim) -> Option<Payload> {
    let first = claim.claimants.first()?;
    Reveals::<T>::get(job, first).map(|reveal| reveal.output.into_payload())
}
