//! What happens to a job, from submission to payment.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, BlockNumber, DispatchResult, H256, sr25519};
use citrate_inference_types::{
    BATCH_MAX, Batch, JobId, Policy, RECEIPT_VERSION, Receipt, RefundReason, job_id, score,
};
use citrate_support::pallet_prelude::{BoundedVec, Weight, ensure};
use citrate_support::traits::fungible::hold::Mutate as _;
use citrate_support::traits::{Get, Randomness};
use pallet_model_registry::{Model, Models};
use pallet_providers::{Candidate, Pallet as Providers, Serving};
use sp_arithmetic::Perbill;

use crate::limits::lookups;
use crate::{
    Assigned, Blob, Config, Due, Error, Event, Fault, HoldReason, Job, JobCount, Jobs, Pallet,
    Reveal, RevealDue, State,
};

/// What a try to assign a job came to.
enum Assignment {
    Done,
    /// No provider is free now.
    Wait,
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_submit(
        submitter: AccountId32,
        model: H256,
        (input, batch): (Blob, Option<u32>),
        max_fee: Balance,
        policy: Policy,
        blocks: u32,
    ) -> DispatchResult {
        ensure!(input.digest_hash().is_none(), Error::<T>::WrongDigest);
        let about = T::Models::get(&model).ok_or(Error::<T>::UnknownModel)?;
        let terms = T::Models::admit(&model, &about, &submitter)?;
        ensure!(policy.is_sound(), Error::<T>::WrongPolicy);
        let is_fit = match policy {
            Policy::Attested => true,
            Policy::Redundant { .. } => Self::is_comparable(&about, batch),
            Policy::Refereed { .. } => Self::is_refereeable(&about),
        };
        ensure!(is_fit, Error::<T>::NotComparable);
        if let Some(runs) = batch {
            ensure!(Self::is_batch(&input, runs, &policy), Error::<T>::WrongBatch);
        }
        let fee = about.price.checked_mul(batch.unwrap_or(1).into());
        let all = fee.and_then(|fee| fee.checked_mul(policy.providers().into()));
        let all = all.and_then(|all| all.checked_add(terms.access_fee));
        ensure!(all.is_some_and(|all| all <= max_fee), Error::<T>::FeeTooLow);
        ensure!(Self::rent(blocks) <= max_fee, Error::<T>::FeeTooLow);
        let bytes_max = bytes_max(batch, about.card.limits.input_bytes_max);
        ensure!(input.len() <= bytes_max, Error::<T>::InputTooLarge);
        // A job that leaves no time for a receipt could only waste a provider's work.
        let in_time =
            blocks > Self::least_blocks(&policy) && blocks <= T::Bounds::get().deadline_blocks;
        ensure!(in_time, Error::<T>::WrongDeadline);
        ensure!(Self::queue_len() < u64::from(T::Bounds::get().queue), Error::<T>::QueueFull);
        T::Currency::hold(&HoldReason::Escrow.into(), &submitter, max_fee)?;
        let now = pallet_system::Pallet::<T>::block_number();
        let index = JobCount::<T>::mutate(&submitter, |count| {
            let index = *count;
            *count = count.saturating_add(1);
            index
        });
        let job = job_id(&Self::genesis(), &submitter, index);
        let entry = Job {
            submitter: submitter.clone(),
            model,
            input,
            batch,
            policy,
            max_fee,
            price: about.price,
            fee: fee.unwrap_or(max_fee),
            terms,
            submitted_at: now,
            deadline: now.saturating_add(blocks),
            attempt: 0,
            tried: BoundedVec::new(),
            state: State::Queued,
        };
        Jobs::<T>::insert(job, entry);
        T::Models::inc_uses(&model);
        Self::enqueue(job);
        Self::deposit_event(Event::JobSubmitted { job, submitter, model, max_fee });
        Ok(())
    }

    /// Whether these are so many inputs, as far as the chain holds them, of which nobody has to judge all: the referee runs
    /// the model once.
    fn is_batch(inputs: &Blob, runs: u32, policy: &Policy) -> bool {
        let is_whole = match inputs {
            Blob::Inline(bytes) => Batch::from_bytes(bytes).is_ok_and(|batch| batch.runs() == runs),
            // The provider sees it.
            Blob::Content { .. } | Blob::Digested { .. } => true,
        };
        let is_judged = matches!(policy, Policy::Refereed { .. });
        is_whole && runs > 0 && runs <= BATCH_MAX && !is_judged
    }

    pub(crate) fn do_cancel(who: &AccountId32, job: JobId) -> DispatchResult {
        let entry = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
        ensure!(entry.submitter == *who, Error::<T>::NotSubmitter);
        ensure!(entry.state == State::Queued, Error::<T>::NotQueued);
        let at = pallet_system::Pallet::<T>::block_number();
        let rent = Self::leave_queue(job, entry, State::Cancelled { at })?;
        Self::deposit_event(Event::JobCancelled { job, rent });
        Ok(())
    }

    /// Assigns the jobs that wait longest: as many as a block may. A job for which no provider is free
    /// goes to the end of the queue, so that it does not hold up the others.
    pub(crate) fn assign_waiting(now: BlockNumber) -> Weight {
        let places = Self::queue_len().min(u64::from(T::JobsPerBlockMax::get()));
        let mut weight = T::DbWeight::get().reads(1);
        if places == 0 {
            return weight;
        }
        let (randomness, _) = T::Randomness::random(b"inference-jobs");
        for _ in 0..places {
            weight = weight.saturating_add(Self::assignment_weight(0));
            let Some(job) = Self::dequeue() else { break };
            // Cancelled since, or finished and forgotten.
            let Some(entry) = Jobs::<T>::get(job).filter(|entry| entry.state == State::Queued)
            else {
                continue;
            };
            if Self::too_late(now, &entry) {
                if let Ok(rent) = Self::leave_queue(job, entry, State::Expired { at: now }) {
                    Self::deposit_event(Event::JobExpired { job, rent });
                }
                continue;
            }
            let serving = Serving::<T>::get(entry.model).into_inner();
            let looked_at = u32::try_from(serving.len()).unwrap_or(u32::MAX);
            weight = weight.saturating_add(T::DbWeight::get().reads(lookups(looked_at)));
            if matches!(Self::assign(job, entry, serving, &randomness, now), Assignment::Wait) {
                Self::enqueue(job);
            }
        }
        weight
    }

    fn assign(
        job: JobId,
        mut entry: Job,
        serving: Vec<AccountId32>,
        randomness: &H256,
        now: BlockNumber,
    ) -> Assignment {
        let Some(model) = T::Models::get(&entry.model) else { return Assignment::Wait };
        let wanted = usize::try_from(entry.policy.providers()).unwrap_or(usize::MAX);
        let drawn = Self::draw(job, &entry, serving, randomness);
        let Some(winners) = drawn.get(..wanted) else { return Assignment::Wait };
        // One price for one result: nobody gains by asking for less than what the work is worth to it.
        let price = winners.iter().map(|winner| winner.price).max().unwrap_or(entry.price);
        entry.fee = price.saturating_mul(entry.runs().into());
        let winners: Vec<AccountId32> = winners.iter().map(|who| who.account.clone()).collect();
        let scheduled = match entry.policy {
            Policy::Attested | Policy::Refereed { providers: 1, .. } => {
                Self::schedule(job, &entry, &model, now, &winners)
            }
            Policy::Redundant { .. } | Policy::Refereed { .. } => {
                Self::schedule_panel(job, &entry, &model, now, &winners)
            }
        };
        let Some((state, due)) = scheduled else { return Assignment::Wait };
        entry.state = state;
        let attempt = entry.attempt;
        for provider in winners {
            Assigned::<T>::insert(&provider, job, ());
            Providers::<T>::occupy(&provider, Self::risk(&entry));
            Self::deposit_event(Event::JobAssigned { job, provider, attempt, due });
        }
        Jobs::<T>::insert(job, entry);
        Assignment::Done
    }

    /// Those who may get a job, the first of whom win. Who asks for twice as much as the cheapest counts for half. What they
    /// may ask is what the job offers besides its access fee.
    fn draw(
        job: JobId,
        entry: &Job,
        serving: Vec<AccountId32>,
        randomness: &H256,
    ) -> Vec<Candidate> {
        let runs = Balance::from(entry.runs());
        let offered = entry.max_fee.saturating_sub(entry.terms.access_fee);
        let budget = offered.checked_div(runs.saturating_mul(entry.policy.providers().into()));
        let risk = |price: Balance| Self::penalty(price.saturating_mul(runs), Fault::Wrong);
        let mut candidates = Providers::<T>::candidates(serving, &entry.model, entry.price, risk);
        candidates.retain(|who| {
            budget.is_some_and(|most| who.price <= most) && !entry.tried.contains(&who.account)
        });
        let least = candidates.iter().map(|who| who.price).min().unwrap_or_default();
        candidates.sort_by_cached_key(|who| {
            let cheapness =
                Perbill::from_rational(least.saturating_add(1), who.price.saturating_add(1));
            let (weight, cap) = (cheapness.mul_floor(who.weight), T::StakeCap::get());
            let score = score(randomness, &job, entry.attempt, &who.account, weight, cap);
            (score, who.account.clone())
        });
        candidates
    }

    /// The state of a job that one provider has, with its last block, if a block has room to look after it.
    fn schedule(
        job: JobId,
        entry: &Job,
        model: &Model,
        now: BlockNumber,
        winners: &[AccountId32],
    ) -> Option<(State, BlockNumber)> {
        let due = Self::run_until(entry, model, now).min(entry.deadline);
        let due = Self::look_after(job, entry.attempt, due)?;
        Some((State::Assigned { provider: winners.first()?.clone(), due }, due))
    }

    /// The last block of whoever starts now, by the model's own time.
    pub(crate) fn run_until(entry: &Job, model: &Model, now: BlockNumber) -> BlockNumber {
        let time_ms = u64::from(model.card.limits.time_ms_max).saturating_mul(entry.runs().into());
        let run = time_ms.div_ceil(T::Times::get().block_ms.max(1));
        let run = u32::try_from(run).unwrap_or(u32::MAX);
        now.saturating_add(T::Times::get().timeout).saturating_add(run)
    }

    /// Has the block after `due`, or one soon after it, look at the job; gives the last block before that one.
    pub(crate) fn look_after(job: JobId, attempt: u32, due: BlockNumber) -> Option<BlockNumber> {
        (due..=due.saturating_add(3)).find(|due| {
            Due::<T>::try_mutate(due.saturating_add(1), |jobs| jobs.try_push((job, attempt)))
                .is_ok()
        })
    }

    /// The blocks that a job needs at least, from its assignment to its end.
    fn least_blocks(policy: &Policy) -> u32 {
        match policy {
            Policy::Attested | Policy::Refereed { providers: 1, .. } => T::Times::get().timeout,
            Policy::Redundant { .. } | Policy::Refereed { .. } => {
                T::Times::get().timeout.saturating_add(T::Times::get().reveal)
            }
        }
    }

    /// Whether a result cannot come in before the deadline any more: the money goes back at once then.
    fn too_late(now: BlockNumber, entry: &Job) -> bool {
        now.saturating_add(Self::least_blocks(&entry.policy)) > entry.deadline
    }

    /// Takes the jobs away whose time passed with the block before.
    pub(crate) fn time_out(now: BlockNumber) -> Weight {
        let mut weight = T::DbWeight::get().reads_writes(2, 2);
        for (job, attempt) in Due::<T>::take(now) {
            weight = weight.saturating_add(Self::timeout_weight());
            let Some(entry) = Jobs::<T>::get(job).filter(|entry| entry.attempt == attempt) else {
                continue;
            };
            // An escrow that cannot be released stays on hold, and the job stays as it is.
            let _ = match entry.state.clone() {
                State::Assigned { provider, due } => {
                    Self::note_silence(job, &entry, &provider, due >= entry.deadline);
                    Self::next_attempt(job, entry, &[provider], RefundReason::NoResult)
                }
                State::Committing { panel, commit_by, reveal_by } if commit_by < now => {
                    Self::close_commitments(job, entry, panel, (commit_by, reveal_by), now)
                }
                State::Claimed { claim, until } if until < now => {
                    Self::end_claim(job, entry, claim, until)
                }
                _ => continue,
            };
        }
        for (job, attempt) in RevealDue::<T>::take(now) {
            weight = weight.saturating_add(Self::judgement_weight());
            let Some(entry) = Jobs::<T>::get(job).filter(|entry| entry.attempt == attempt) else {
                continue;
            };
            let State::Revealing { panel, .. } = entry.state.clone() else { continue };
            let _ = Self::judge(job, entry, panel);
        }
        weight
    }

    /// Looks for other providers than those that failed, or gives up. The job must be nobody's any more, but for
    /// those that are named here.
    pub(crate) fn next_attempt(
        job: JobId,
        mut entry: Job,
        failed: &[AccountId32],
        reason: RefundReason,
    ) -> DispatchResult {
        let now = pallet_system::Pallet::<T>::block_number();
        entry.attempt = entry.attempt.saturating_add(1);
        let mut is_full = false;
        for provider in failed {
            Self::unassign(provider, &job, &entry);
            is_full |= entry.tried.try_push(provider.clone()).is_err();
        }
        // Whoever serves the model only later is not waited for.
        let left =
            Serving::<T>::get(entry.model).iter().filter(|who| !entry.tried.contains(who)).count();
        let exhausted = is_full
            || left < usize::try_from(entry.policy.providers()).unwrap_or(usize::MAX)
            || entry.attempt >= T::Bounds::get().attempts
            || Self::too_late(now, &entry);
        if exhausted {
            Self::finish(job, entry, 0, State::Refunded { reason, at: now })?;
            Self::deposit_event(Event::JobRefunded { job, reason });
        } else {
            entry.state = State::Queued;
            Jobs::<T>::insert(job, entry);
            Self::enqueue(job);
        }
        Ok(())
    }

    pub(crate) fn do_decline(provider: &AccountId32, job: JobId, attempt: u32) -> DispatchResult {
        let entry = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
        ensure!(entry.attempt == attempt, Error::<T>::NotAssigned);
        match entry.state.clone() {
            State::Assigned { provider: who, .. } if who == *provider => {
                Self::deposit_event(Event::JobDeclined { job, provider: who.clone() });
                Self::next_attempt(job, entry, &[who], RefundReason::Declined)
            }
            State::Committing { panel, commit_by, reveal_by } => {
                Self::leave_panel(job, entry, panel, (commit_by, reveal_by), provider)
            }
            _ => Err(Error::<T>::NotAssigned.into()),
        }
    }

    pub(crate) fn do_submit_receipt(
        provider: AccountId32,
        job: JobId,
        receipt: &Receipt,
        output: Blob,
        signature: &sr25519::Signature,
    ) -> DispatchResult {
        let entry = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
        let due = match &entry.state {
            State::Assigned { provider: who, due } if *who == provider => *due,
            _ => return Err(Error::<T>::NotAssigned.into()),
        };
        let now = pallet_system::Pallet::<T>::block_number();
        ensure!(now <= due, Error::<T>::TooLate);
        let model = T::Models::get(&entry.model).ok_or(Error::<T>::UnknownModel)?;
        Self::check_receipt(&provider, job, &entry, &model, receipt, &output, signature)?;
        Self::unassign(&provider, &job, &entry);
        Providers::<T>::note_seen(&provider);
        let result = Reveal { output, receipt: receipt.hash() };
        if entry.is_refereed() {
            ensure!(matches!(result.output, Blob::Inline(_)), Error::<T>::NotComparable);
            return Self::claim(job, entry, alloc::vec![(provider, result)], Vec::new());
        }
        Self::note_for_check(job, &entry, &model, &result.output);
        Self::settle(job, entry, &model, &[provider], result)
    }

    /// Whether this is the provider's receipt for this job and output.
    pub(crate) fn check_receipt(
        provider: &AccountId32,
        job: JobId,
        entry: &Job,
        model: &Model,
        receipt: &Receipt,
        output: &Blob,
        signature: &sr25519::Signature,
    ) -> DispatchResult {
        let genuine = receipt.version == RECEIPT_VERSION
            && receipt.genesis == Self::genesis()
            && receipt.job == job
            && receipt.attempt == entry.attempt
            && receipt.model == entry.model
            && receipt.input == entry.input.hash()
            && receipt.provider == *provider;
        ensure!(genuine, Error::<T>::WrongReceipt);
        let bytes_max = bytes_max(entry.batch, model.card.limits.output_bytes_max);
        ensure!(output.len() <= bytes_max, Error::<T>::OutputTooLarge);
        ensure!(receipt.output == output.hash(), Error::<T>::WrongOutput);
        let may_digest = model.card.is_digested() && entry.batch.is_none();
        let is_digest =
            receipt.digest == output.digest_hash() && (may_digest || receipt.digest.is_none());
        ensure!(is_digest, Error::<T>::WrongDigest);
        let key = Providers::<T>::session_key(provider).ok_or(Error::<T>::NotProvider)?;
        let payload = receipt.signing_payload();
        let signed = citrate_host::crypto::sr25519_verify(signature, &payload, &key);
        ensure!(signed, Error::<T>::WrongSignature);
        Ok(())
    }

    /// Takes a job from a provider.
    pub(crate) fn unassign(provider: &AccountId32, job: &JobId, entry: &Job) {
        Assigned::<T>::remove(provider, job);
        Providers::<T>::vacate(provider, Self::risk(entry));
    }

    /// The most that a provider can be slashed for a job by its panel or the referee.
    pub(crate) fn risk(entry: &Job) -> Balance {
        Self::penalty(entry.fee, Fault::Wrong)
    }

    /// Names the chain in job ids and receipts.
    pub fn genesis() -> H256 {
        pallet_system::Pallet::<T>::genesis_hash()
    }
}

/// The most bytes of an input or output where one of the model has at most so many.
pub(crate) fn bytes_max(batch: Option<u32>, one: u32) -> u32 {
    batch.map_or(one, |runs| Batch::bytes_max(runs, one))
}
