//! Where a job's escrow goes.

use citrate_core::{AccountId32, Balance, DispatchError, DispatchResult};
use citrate_inference_types::JobId;
use citrate_support::traits::Get;
use citrate_support::traits::fungible::hold::Mutate as _;
use citrate_support::traits::tokens::{Fortitude, Precision, Restriction};
use pallet_attestations::Attest;
use pallet_model_registry::{Model, Models};
use pallet_providers::{Outcome, Pallet as Providers};

use crate::{Config, Earned, Error, Event, HoldReason, Job, Jobs, Pallet, Reveal, Shares, State};

impl<T: Config> Pallet<T> {
    /// Pays the providers whose results count, the first of which is the job's result, the model's owner and the
    /// chain, and ends the job. The owner's part and the access fee are those of the job's terms.
    pub(crate) fn settle(
        job: JobId,
        entry: Job,
        model: &Model,
        winners: &[AccountId32],
        result: Reveal,
    ) -> DispatchResult {
        let (provider, others) = winners.split_first().ok_or(Error::<T>::NotProvider)?;
        let count = Balance::try_from(winners.len()).unwrap_or(Balance::MAX);
        let fee = entry.fee.saturating_mul(count);
        let Shares { treasury, burn, .. } = T::Shares::get();
        let [to_owner, to_treasury, burnt] =
            [entry.terms.owner_share, treasury, burn].map(|share| share.mul_floor(fee));
        let to_all = fee.saturating_sub(to_owner).saturating_sub(to_treasury).saturating_sub(burnt);
        let to_each = to_all / count.max(1);
        let payer = entry.submitter.clone();
        let mut to_others: Balance = 0;
        for other in others {
            let paid = Self::pay_or_keep(&payer, other, to_each);
            Self::note_result(&payer, other, paid);
            to_others = to_others.saturating_add(paid);
            Providers::<T>::record(other, Outcome::Completed);
        }
        // A part that its receiver's account cannot take, such as one below the existential deposit for an
        // account that is gone, is the first provider's, as is what the division leaves.
        let fee = fee.saturating_add(entry.terms.access_fee);
        let to_owner = to_owner.saturating_add(entry.terms.access_fee);
        let to_owner = Self::pay_or_keep(&payer, &model.owner, to_owner);
        let to_treasury = Self::pay_or_keep(&payer, &T::Treasury::get(), to_treasury);
        let burnt = Self::burn_or_keep(&payer, burnt);
        let to_provider = fee
            .saturating_sub(to_others)
            .saturating_sub(to_owner)
            .saturating_sub(to_treasury)
            .saturating_sub(burnt);
        Self::pay(&payer, provider, to_provider)?;
        Self::note_result(&payer, provider, to_provider);
        if to_owner > 0 && payer != model.owner {
            Earned::<T>::mutate(&model.owner, |(_, as_owner)| as_owner.add(to_owner));
        }
        Providers::<T>::record(provider, Outcome::Completed);
        let (receipt, output) = (result.receipt, result.output.hash());
        let state = State::Settled {
            provider: provider.clone(),
            confirmed_by: others.to_vec().try_into().unwrap_or_default(),
            output: result.output,
            receipt,
            at: pallet_system::Pallet::<T>::block_number(),
        };
        let attempt = entry.attempt;
        Self::finish(job, entry, fee, state)?;
        T::Attest::on_settled(job, attempt, output, winners);
        let provider = provider.clone();
        Self::deposit_event(Event::JobSettled {
            job,
            provider,
            receipt,
            output,
            fee,
            to_provider,
            to_owner,
            to_treasury,
            burnt,
        });
        for provider in others {
            let provider = provider.clone();
            Self::deposit_event(Event::JobConfirmed { job, provider, to_provider: to_each });
        }
        Ok(())
    }

    /// Counts a result that a provider was paid for, unless it paid itself.
    fn note_result(payer: &AccountId32, provider: &AccountId32, amount: Balance) {
        if payer != provider {
            Earned::<T>::mutate(provider, |(as_provider, _)| as_provider.add(amount));
        }
    }

    /// Pays a part; says what the receiver got, which is nothing if its account cannot take it.
    fn pay_or_keep(payer: &AccountId32, to: &AccountId32, amount: Balance) -> Balance {
        if Self::pay(payer, to, amount).is_ok() { amount } else { 0 }
    }

    /// Burns a part; says how much that was.
    fn burn_or_keep(payer: &AccountId32, amount: Balance) -> Balance {
        let (reason, precision) = (HoldReason::Escrow.into(), Precision::Exact);
        T::Currency::burn_held(&reason, payer, amount, precision, Fortitude::Force).unwrap_or(0)
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

    /// What a place in the queue costs for so many blocks.
    pub fn rent(blocks: u32) -> Balance {
        T::Bounds::get().rent.saturating_mul(blocks.into())
    }

    /// Ends a waiting job; says what its place cost. Nothing, if a provider had it: then it did not wait in vain.
    pub(crate) fn leave_queue(
        job: JobId,
        entry: Job,
        state: State,
    ) -> Result<Balance, DispatchError> {
        let now = pallet_system::Pallet::<T>::block_number();
        let waited = if entry.attempt == 0 { now.saturating_sub(entry.submitted_at) } else { 0 };
        let rent = Self::rent(waited).min(entry.max_fee);
        let rent = Self::pay_or_keep(&entry.submitter, &T::Treasury::get(), rent);
        Self::finish(job, entry, rent, state)?;
        Ok(rent)
    }

    /// Ends a job: what is left of its escrow after `spent` goes back.
    pub(crate) fn finish(
        job: JobId,
        mut entry: Job,
        spent: Balance,
        state: State,
    ) -> DispatchResult {
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
}
