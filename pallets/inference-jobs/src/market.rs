//! What happens to a job, from submission to payment.

use alloc::vec::Vec;

use citrate_core::{
    AccountId32, Balance, BlockNumber, DispatchError, DispatchResult, H256, sr25519,
};
use citrate_inference_types::{
    JobId, ModelStatus, Policy, RECEIPT_VERSION, Receipt, RefundReason, job_id,
};
use citrate_support::pallet_prelude::{BoundedVec, Weight, ensure};
use citrate_support::traits::fungible::hold::Mutate as _;
use citrate_support::traits::tokens::{Fortitude, Precision, Restriction};
use citrate_support::traits::{Get, Randomness};
use pallet_model_registry::{Model, Models};
use pallet_staking::{Role, Stake};

use crate::{
    Assigned, Blob, Config, Due, Error, Event, HoldReason, Job, JobCount, Jobs, Pallet, Provider,
    Providers, Serving, State, score,
};

/// How many values are read to compare so many providers: each one's entry and its stake.
fn lookups(providers: u32) -> u64 {
    u64::from(providers).saturating_mul(2)
}

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
        input: Blob,
        max_fee: Balance,
        policy: Policy,
        blocks: u32,
    ) -> DispatchResult {
        let about = T::Models::get(&model).ok_or(Error::<T>::UnknownModel)?;
        ensure!(about.status == ModelStatus::Active, Error::<T>::ModelDeprecated);
        ensure!(about.price <= max_fee, Error::<T>::FeeTooLow);
        ensure!(input.len() <= about.card.limits.input_bytes_max, Error::<T>::InputTooLarge);
        // A job that leaves no time for a receipt could only waste a provider's work.
        let in_time = blocks > T::TimeoutBlocks::get() && blocks <= T::DeadlineBlocksMax::get();
        ensure!(in_time, Error::<T>::WrongDeadline);
        ensure!(Self::queue_len() < u64::from(T::QueueMax::get()), Error::<T>::QueueFull);
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
            policy,
            max_fee,
            fee: about.price,
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

    pub(crate) fn do_set_provider(
        provider: AccountId32,
        session_key: sr25519::Public,
        capacity: u32,
    ) -> DispatchResult {
        ensure!(capacity > 0 && capacity <= T::CapacityMax::get(), Error::<T>::WrongCapacity);
        ensure!(T::Stake::active(&provider, Role::Provider) > 0, Error::<T>::NoStake);
        let entry = match Providers::<T>::get(&provider) {
            Some(entry) => Provider { session_key, capacity, ..entry },
            None => Provider {
                session_key,
                capacity,
                assigned: 0,
                models: BoundedVec::new(),
                completed: 0,
                failed: 0,
            },
        };
        Providers::<T>::insert(&provider, entry);
        Self::deposit_event(Event::ProviderUpdated { provider, session_key, capacity });
        Ok(())
    }

    pub(crate) fn do_serve(provider: AccountId32, model: H256) -> DispatchResult {
        let mut entry = Providers::<T>::get(&provider).ok_or(Error::<T>::NotProvider)?;
        let about = T::Models::get(&model).ok_or(Error::<T>::UnknownModel)?;
        ensure!(about.status == ModelStatus::Active, Error::<T>::ModelDeprecated);
        ensure!(!entry.models.contains(&model), Error::<T>::NoChange);
        entry.models.try_push(model).map_err(|_error| Error::<T>::TooManyModels)?;
        let mut serving = Serving::<T>::get(model);
        if serving.is_full() {
            Self::make_room(&model, &mut serving)?;
        }
        serving.try_push(provider.clone()).map_err(|_error| Error::<T>::TooManyProviders)?;
        Serving::<T>::insert(model, serving);
        Providers::<T>::insert(&provider, entry);
        T::Models::inc_uses(&model);
        Self::deposit_event(Event::ModelServed { provider, model });
        Ok(())
    }

    /// Takes somebody out of a full list who has no stake at work: it would cost nothing to keep all others away.
    fn make_room(
        model: &H256,
        serving: &mut BoundedVec<AccountId32, T::ProvidersPerModelMax>,
    ) -> DispatchResult {
        let idle = serving.iter().position(|who| T::Stake::active(who, Role::Provider) == 0);
        let provider = serving.remove(idle.ok_or(Error::<T>::TooManyProviders)?);
        Providers::<T>::mutate(&provider, |about| {
            if let Some(about) = about {
                about.models.retain(|served| served != model);
            }
        });
        T::Models::dec_uses(model);
        Self::deposit_event(Event::ModelUnserved { provider, model: *model });
        Ok(())
    }

    pub(crate) fn do_unserve(provider: AccountId32, model: H256) -> DispatchResult {
        let mut entry = Providers::<T>::get(&provider).ok_or(Error::<T>::NotProvider)?;
        ensure!(entry.models.contains(&model), Error::<T>::NoChange);
        entry.models.retain(|served| *served != model);
        Providers::<T>::insert(&provider, entry);
        let mut serving = Serving::<T>::get(model);
        serving.retain(|who| *who != provider);
        if serving.is_empty() {
            Serving::<T>::remove(model);
        } else {
            Serving::<T>::insert(model, serving);
        }
        T::Models::dec_uses(&model);
        Self::deposit_event(Event::ModelUnserved { provider, model });
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
            if Self::too_late(now, entry.deadline) {
                if Self::finish(job, entry, State::Expired { at: now }).is_ok() {
                    Self::deposit_event(Event::JobExpired { job });
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
        mut entry: Job<T::AttemptsMax>,
        serving: Vec<AccountId32>,
        randomness: &H256,
        now: BlockNumber,
    ) -> Assignment {
        let Some(model) = T::Models::get(&entry.model) else { return Assignment::Wait };
        let winner = serving
            .into_iter()
            .filter(|who| !entry.tried.contains(who))
            .filter_map(|who| {
                let provider = Providers::<T>::get(&who)?;
                let stake = T::Stake::active(&who, Role::Provider);
                let free = provider.assigned < provider.capacity;
                let cap = T::StakeCap::get();
                (free && stake > 0)
                    .then(|| (score(randomness, &job, entry.attempt, &who, stake, cap), who))
            })
            .min();
        let Some((_, provider)) = winner else { return Assignment::Wait };
        let Some(due) = Self::schedule(job, &entry, &model, now) else { return Assignment::Wait };
        Providers::<T>::mutate(&provider, |about| {
            if let Some(about) = about {
                about.assigned = about.assigned.saturating_add(1);
            }
        });
        Assigned::<T>::insert(&provider, job, ());
        entry.state = State::Assigned { provider: provider.clone(), due };
        let attempt = entry.attempt;
        Jobs::<T>::insert(job, entry);
        Self::deposit_event(Event::JobAssigned { job, provider, attempt, due });
        Assignment::Done
    }

    /// The last block for the receipt, if there is a block that has room to look after it.
    fn schedule(
        job: JobId,
        entry: &Job<T::AttemptsMax>,
        model: &Model,
        now: BlockNumber,
    ) -> Option<BlockNumber> {
        let run = u64::from(model.card.limits.time_ms_max).div_ceil(T::BlockTimeMs::get().max(1));
        let run = u32::try_from(run).unwrap_or(u32::MAX);
        let due = now.saturating_add(T::TimeoutBlocks::get()).saturating_add(run);
        let due = due.min(entry.deadline);
        for due in due..=due.saturating_add(3) {
            let stored = Due::<T>::try_mutate(due.saturating_add(1), |jobs| {
                jobs.try_push((job, entry.attempt))
            });
            if stored.is_ok() {
                return Some(due);
            }
        }
        None
    }

    /// Whether a receipt cannot come in before the deadline any more: the money goes back at once then.
    fn too_late(now: BlockNumber, deadline: BlockNumber) -> bool {
        now.saturating_add(T::TimeoutBlocks::get()) > deadline
    }

    /// What it weighs to look at one waiting job: to take it from the queue, and to assign it, end it or put it
    /// back.
    fn assignment_weight(providers: u32) -> Weight {
        T::DbWeight::get().reads_writes(8_u64.saturating_add(lookups(providers)), 11)
    }

    /// What it weighs to take one job from a silent provider: slash, and end the job or put it back.
    fn timeout_weight() -> Weight {
        T::DbWeight::get().reads_writes(13, 16)
    }

    /// The most that a block's hooks may weigh.
    pub(crate) fn hooks_weight_max() -> Weight {
        let jobs = u64::from(T::JobsPerBlockMax::get());
        Self::assignment_weight(T::ProvidersPerModelMax::get())
            .saturating_add(Self::timeout_weight())
            .saturating_mul(jobs)
            .saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    /// Takes the jobs away whose time passed with the block before.
    pub(crate) fn time_out(now: BlockNumber) -> Weight {
        let jobs = Due::<T>::take(now);
        let mut weight = T::DbWeight::get().reads_writes(1, 1);
        for (job, attempt) in jobs {
            weight = weight.saturating_add(Self::timeout_weight());
            let Some(entry) = Jobs::<T>::get(job) else { continue };
            let State::Assigned { provider, due } = entry.state.clone() else { continue };
            if entry.attempt != attempt {
                continue;
            }
            // Whose time the deadline cut short is not punished: a submitter could otherwise have
            // any provider slashed, for nothing but the fee of a transaction.
            let had_its_time = due < entry.deadline;
            let mut slashed = 0;
            if had_its_time {
                slashed = T::Stake::slash(&provider, T::TimeoutSlash::get());
                Providers::<T>::mutate(&provider, |about| {
                    if let Some(about) = about {
                        about.failed = about.failed.saturating_add(1);
                    }
                });
            }
            Self::deposit_event(Event::JobTimedOut { job, provider: provider.clone(), slashed });
            // An escrow that cannot be released stays on hold, and the job stays as it is.
            let _ = Self::next_attempt(job, entry, &provider, RefundReason::NoResult);
        }
        weight
    }

    /// Looks for another provider, or gives up.
    pub(crate) fn next_attempt(
        job: JobId,
        mut entry: Job<T::AttemptsMax>,
        provider: &AccountId32,
        reason: RefundReason,
    ) -> DispatchResult {
        let now = pallet_system::Pallet::<T>::block_number();
        entry.attempt = entry.attempt.saturating_add(1);
        let is_full = entry.tried.try_push(provider.clone()).is_err();
        // Whoever serves the model only later is not waited for.
        let nobody_left =
            Serving::<T>::get(entry.model).iter().all(|who| entry.tried.contains(who));
        let exhausted = is_full
            || nobody_left
            || entry.attempt >= T::AttemptsMax::get()
            || Self::too_late(now, entry.deadline);
        Self::unassign(provider, &job);
        if exhausted {
            Self::finish(job, entry, State::Refunded { reason, at: now })?;
            Self::deposit_event(Event::JobRefunded { job, reason });
        } else {
            entry.state = State::Queued;
            Jobs::<T>::insert(job, entry);
            Self::enqueue(job);
        }
        Ok(())
    }

    pub(crate) fn assigned_to(
        provider: &AccountId32,
        job: &JobId,
    ) -> Result<Job<T::AttemptsMax>, DispatchError> {
        let entry = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
        match &entry.state {
            State::Assigned { provider: who, .. } if who == provider => Ok(entry),
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
        let entry = Self::assigned_to(&provider, &job)?;
        let now = pallet_system::Pallet::<T>::block_number();
        if let State::Assigned { due, .. } = &entry.state {
            ensure!(now <= *due, Error::<T>::TooLate);
        }
        let model = T::Models::get(&entry.model).ok_or(Error::<T>::UnknownModel)?;
        let genuine = receipt.version == RECEIPT_VERSION
            && receipt.genesis == Self::genesis()
            && receipt.job == job
            && receipt.attempt == entry.attempt
            && receipt.model == entry.model
            && receipt.input == entry.input.hash()
            && receipt.provider == provider;
        ensure!(genuine, Error::<T>::WrongReceipt);
        ensure!(output.len() <= model.card.limits.output_bytes_max, Error::<T>::OutputTooLarge);
        ensure!(receipt.output == output.hash(), Error::<T>::WrongOutput);
        let about = Providers::<T>::get(&provider).ok_or(Error::<T>::NotProvider)?;
        let signed = citrate_host::crypto::sr25519_verify(
            signature,
            &receipt.signing_payload(),
            &about.session_key,
        );
        ensure!(signed, Error::<T>::WrongSignature);
        Self::settle(job, entry, provider, &model, receipt, output)
    }

    fn settle(
        job: JobId,
        entry: Job<T::AttemptsMax>,
        provider: AccountId32,
        model: &Model,
        receipt: &Receipt,
        output: Blob,
    ) -> DispatchResult {
        let fee = entry.fee;
        let to_owner = T::OwnerShare::get().mul_floor(fee);
        let to_treasury = T::TreasuryShare::get().mul_floor(fee);
        let to_provider = fee.saturating_sub(to_owner).saturating_sub(to_treasury);
        let payer = entry.submitter.clone();
        Self::pay(&payer, &provider, to_provider)?;
        // A part that its receiver's account cannot take, such as one below the existential deposit for an
        // account that is gone, is the provider's.
        let to_owner = Self::pay_or(&payer, &model.owner, &provider, to_owner)?;
        let to_treasury = Self::pay_or(&payer, &T::Treasury::get(), &provider, to_treasury)?;
        let to_provider = fee.saturating_sub(to_owner).saturating_sub(to_treasury);
        Self::unassign(&provider, &job);
        Providers::<T>::mutate(&provider, |about| {
            if let Some(about) = about {
                about.completed = about.completed.saturating_add(1);
            }
        });
        let hash = receipt.hash();
        let at = pallet_system::Pallet::<T>::block_number();
        let state = State::Settled { provider: provider.clone(), output, receipt: hash, at };
        Self::finish(job, entry, state)?;
        Self::deposit_event(Event::JobSettled {
            job,
            provider,
            receipt: hash,
            output: receipt.output,
            fee,
            to_provider,
            to_owner,
            to_treasury,
        });
        Ok(())
    }

    /// Pays a part, or gives it to the provider; says what the receiver got.
    fn pay_or(
        payer: &AccountId32,
        to: &AccountId32,
        provider: &AccountId32,
        amount: Balance,
    ) -> Result<Balance, DispatchError> {
        if Self::pay(payer, to, amount).is_ok() {
            return Ok(amount);
        }
        Self::pay(payer, provider, amount)?;
        Ok(0)
    }

    fn pay(payer: &AccountId32, to: &AccountId32, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        if payer == to {
            // From the left pocket to the right one.
            T::Currency::release(&HoldReason::Escrow.into(), payer, amount, Precision::Exact)?;
            return Ok(());
        }
        T::Currency::transfer_on_hold(
            &HoldReason::Escrow.into(),
            payer,
            to,
            amount,
            Precision::Exact,
            Restriction::Free,
            // What was put up for the job is owed, whatever else is frozen in the account since.
            Fortitude::Force,
        )?;
        Ok(())
    }

    /// Ends a job: what is left of its escrow goes back.
    pub(crate) fn finish(
        job: JobId,
        mut entry: Job<T::AttemptsMax>,
        state: State,
    ) -> DispatchResult {
        let spent = if matches!(state, State::Settled { .. }) { entry.fee } else { 0 };
        let left = entry.max_fee.saturating_sub(spent);
        if left > 0 {
            let reason = HoldReason::Escrow.into();
            T::Currency::release(&reason, &entry.submitter, left, Precision::Exact)?;
        }
        T::Models::dec_uses(&entry.model);
        entry.state = state;
        Jobs::<T>::insert(job, entry);
        Self::retain_finished(job);
        Ok(())
    }

    fn unassign(provider: &AccountId32, job: &JobId) {
        Assigned::<T>::remove(provider, job);
        Providers::<T>::mutate(provider, |about| {
            if let Some(about) = about {
                about.assigned = about.assigned.saturating_sub(1);
            }
        });
    }

    /// Names the chain in job ids and receipts.
    pub fn genesis() -> H256 {
        pallet_system::Pallet::<T>::genesis_hash()
    }
}
