//! What providers are slashed for.

use citrate_core::{AccountId32, Balance, DispatchResult, sr25519};
use citrate_inference_types::{JobId, RECEIPT_VERSION, Receipt};
use citrate_support::pallet_prelude::ensure;
use citrate_support::traits::Get;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use pallet_providers::{Outcome, Pallet as Providers};
use pallet_staking::Stake;
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

use crate::{Config, Contradicted, Error, Event, Job, Pallet};

impl<T: Config> Pallet<T> {
    /// A provider let its time pass. It is not punished for a time that the deadline cut short: a submitter could
    /// otherwise have any provider slashed, for nothing but the fee of a transaction.
    pub(crate) fn note_silence(job: JobId, entry: &Job, provider: &AccountId32, cut_short: bool) {
        if cut_short {
            Self::excuse(job, provider, Fault::Silent);
        } else {
            Self::punish_absence(job, entry, provider, Fault::Silent);
        }
    }

    /// Slashes a provider for what it did not bring in time, unless blocks took no transactions since the job was
    /// submitted: a migration is nobody's fault.
    pub(crate) fn punish_absence(job: JobId, entry: &Job, provider: &AccountId32, fault: Fault) {
        if pallet_system::Pallet::<T>::was_closed_since(entry.submitted_at) {
            Self::excuse(job, provider, fault);
        } else {
            Self::punish(job, entry, provider, fault);
        }
    }

    fn excuse(job: JobId, provider: &AccountId32, fault: Fault) {
        let provider = provider.clone();
        Self::deposit_event(Event::ProviderFailed { job, provider, fault, slashed: 0 });
    }

    /// Slashes a provider for what it did in a job, and remembers it.
    pub(crate) fn punish(job: JobId, entry: &Job, provider: &AccountId32, fault: Fault) {
        Self::punish_for(job, entry.fee, provider, fault, None);
    }

    /// As [`Self::punish`] where a run costs `fee`, with a share for somebody.
    pub(crate) fn punish_for(
        job: JobId,
        fee: Balance,
        provider: &AccountId32,
        fault: Fault,
        share: Option<(&AccountId32, Perbill)>,
    ) {
        let slashed = T::Stake::slash(provider, Self::penalty(fee, fault), share);
        let outcome = match fault {
            Fault::Silent => Outcome::Failed,
            Fault::Withheld | Fault::Wrong | Fault::Contradiction => Outcome::Wrong,
        };
        Providers::<T>::record(provider, outcome);
        let provider = provider.clone();
        Self::deposit_event(Event::ProviderFailed { job, provider, fault, slashed });
    }

    /// What a fault costs where a run of the model costs this fee. To withhold a result costs as much as a wrong one:
    /// nobody may look at the others' results first and then choose what to own up to.
    pub fn penalty(fee: Balance, fault: Fault) -> Balance {
        let penalties = T::Penalties::get();
        match fault {
            Fault::Silent => penalties.silent,
            Fault::Withheld | Fault::Wrong => {
                penalties.wrong.saturating_add(fee.saturating_mul(penalties.wrong_prices.into()))
            }
            Fault::Contradiction => penalties.contradiction,
        }
    }

    pub(crate) fn do_report_contradiction(
        reporter: &AccountId32,
        first: &SignedReceipt,
        second: &SignedReceipt,
    ) -> DispatchResult {
        let (a, b) = (&first.receipt, &second.receipt);
        let one_run = a.version == RECEIPT_VERSION
            && b.version == RECEIPT_VERSION
            && a.genesis == Self::genesis()
            && (a.genesis, a.job, a.attempt) == (b.genesis, b.job, b.attempt)
            && (a.model, a.input) == (b.model, b.input)
            && a.provider == b.provider;
        ensure!(one_run && a.output != b.output, Error::<T>::NoContradiction);
        let (provider, run) = (&a.provider, (a.job, a.attempt));
        ensure!(!Contradicted::<T>::contains_key(provider, run), Error::<T>::AlreadyReported);
        for signed in [first, second] {
            let answers = Providers::<T>::answers_for(provider, &signed.key);
            ensure!(answers, Error::<T>::WrongSignature);
            let payload = signed.receipt.signing_payload();
            let genuine =
                citrate_host::crypto::sr25519_verify(&signed.signature, &payload, &signed.key);
            ensure!(genuine, Error::<T>::WrongSignature);
        }
        let share = (reporter, T::Penalties::get().reporter_share);
        let slashed =
            T::Stake::slash(provider, Self::penalty(0, Fault::Contradiction), Some(share));
        // Nothing is written for whom nothing can be taken from: reports are free.
        ensure!(slashed > 0, Error::<T>::NoStake);
        Contradicted::<T>::insert(provider, run, ());
        Providers::<T>::record(provider, Outcome::Wrong);
        Self::deposit_event(Event::ProviderFailed {
            job: a.job,
            provider: provider.clone(),
            fault: Fault::Contradiction,
            slashed,
        });
        Ok(())
    }
}

/// What faults cost, in the smallest unit of money.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Penalties {
    /// A job's time that passes.
    pub silent: Balance,
    /// A wrong or withheld result, besides a multiple of the run's price.
    pub wrong: Balance,
    /// That multiple.
    pub wrong_prices: u32,
    /// Two signed results of one job.
    pub contradiction: Balance,
    /// How much of the last goes to whoever reports it.
    pub reporter_share: Perbill,
}

/// A receipt with the signature on it.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct SignedReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// The session key that signed it.
    pub key: sr25519::Public,
    /// The signature.
    pub signature: sr25519::Signature,
}

/// What a provider is slashed for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
pub enum Fault {
    /// It let a job's time pass.
    Silent,
    /// It did not open its commitment.
    Withheld,
    /// Its result agrees with none of those that count.
    Wrong,
    /// It signed two results of one job.
    Contradiction,
}
