//! From pending to active: providers' reports on what a model is.

use citrate_core::{
    AccountId32, Balance, BlockNumber, DispatchResult, H256, Perbill, Weight, sr25519,
};
use citrate_inference_types::{Approval, ConformanceReport, ModelStatus, Rejection, Text, Verdict};
use citrate_support::pallet_prelude::{Get, ensure};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{Config, Error, Event, Model, Pallet, Registered, Rejections};

/// What a report's signature and the card's hash take.
pub(crate) const CHECK_TIME: u64 = 250_000_000;

/// LIMIT: models that may become active in one block: as many are looked at when their reports cannot be disputed any more.
pub const APPROVALS_PER_BLOCK_MAX: u32 = 8;

/// Who may say whether a model is what its card says, and answers for it.
pub trait Examiners {
    /// The key by which this provider signs, if it has a stake at work and serves the model.
    fn session_key(provider: &AccountId32, model: &H256) -> Option<sr25519::Public>;

    /// Has so much of a provider's stake answer for what it said; false if it answers for too much already.
    fn back(provider: &AccountId32, amount: Balance) -> bool;

    /// So much of it answers for that no more.
    fn release(provider: &AccountId32, amount: Balance);

    /// Takes so much from a provider that said what is not true, a share of it for whoever disputed it, and remembers it;
    /// gives what was taken.
    fn punish(
        provider: &AccountId32,
        amount: Balance,
        challenger: (&AccountId32, Perbill),
    ) -> Balance;

    /// What it weighs to ask who may and to have its stake answer, and to release it.
    fn weight() -> Weight;

    /// What it weighs to punish, besides.
    fn punish_weight() -> Weight;
}

/// What answers for a report that a model is what its card says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Liability {
    /// What a false report costs, in the smallest unit of money.
    pub penalty: Balance,
    /// How much of that goes to whoever disputes it.
    pub reporter_share: Perbill,
    /// For how many blocks a report may be disputed.
    pub blocks: BlockNumber,
}

impl<T: Config> Pallet<T> {
    /// The weight of a report.
    pub(crate) fn report_weight() -> Weight {
        T::DbWeight::get()
            .reads_writes(7, 6)
            .saturating_add(T::Examiners::weight())
            .saturating_add(Weight::from_parts(CHECK_TIME, 0))
    }

    pub(crate) fn do_report(
        provider: AccountId32,
        report: ConformanceReport,
        signature: &sr25519::Signature,
    ) -> DispatchResult {
        let model = report.model;
        let entry = Registered::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
        ensure!(entry.status == ModelStatus::Pending, Error::<T>::NotPending);
        let genuine = report.genesis == pallet_system::Pallet::<T>::genesis_hash()
            && report.provider == provider
            && report.card == entry.card.hash();
        ensure!(genuine, Error::<T>::WrongReport);
        let key = T::Examiners::session_key(&provider, &model).ok_or(Error::<T>::NotExaminer)?;
        let payload = report.signing_payload();
        let signed = citrate_host::crypto::sr25519_verify(signature, &payload, &key);
        ensure!(signed, Error::<T>::WrongSignature);
        let at = pallet_system::Pallet::<T>::block_number();
        match report.verdict {
            Verdict::Conforms { outputs } => {
                Self::vouch(&provider, model, at)?;
                let approval = Approval { provider, engine: report.engine, outputs, at };
                Self::activate(model, entry, approval);
                Ok(())
            }
            Verdict::Rejected { reason } => Self::reject(model, provider, reason),
        }
    }

    /// From now on the model takes jobs, and the version that it replaces takes no more.
    fn activate(model: H256, mut entry: Model, approval: Approval) {
        let provider = approval.provider.clone();
        entry.status = ModelStatus::Active;
        entry.approval = Some(approval);
        if let Some(previous) = entry.previous
            && let Some(mut old) = Registered::<T>::get(previous)
            && old.status == ModelStatus::Active
            && old.owner == entry.owner
        {
            old.status = ModelStatus::Deprecated;
            old.next = Some(model);
            Registered::<T>::insert(previous, old);
            Self::deposit_event(Event::ModelDeprecated { model: previous });
        }
        Registered::<T>::insert(model, entry);
        Rejections::<T>::remove(model);
        Self::deposit_event(Event::ModelActivated { model, provider });
    }

    fn reject(model: H256, provider: AccountId32, reason: Text<128>) -> DispatchResult {
        let mut rejections = Rejections::<T>::get(model);
        let is_new = rejections.iter().all(|rejection| rejection.provider != provider);
        ensure!(is_new, Error::<T>::AlreadyReported);
        let at = pallet_system::Pallet::<T>::block_number();
        let rejection = Rejection { provider: provider.clone(), reason: reason.clone(), at };
        rejections.try_push(rejection).map_err(|_full| Error::<T>::TooManyReports)?;
        Rejections::<T>::insert(model, rejections);
        Self::deposit_event(Event::ModelRejected { model, provider, reason });
        Ok(())
    }
}
