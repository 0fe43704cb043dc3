//! Reports that a model is what its card says, and is not: what they cost.
//!
//! A provider's stake answers for such a report while it may be [disputed](crate::Pallet::dispute_report). Whoever disputes it
//! names an example of the card and brings the output that the card promises, whose hash the card has. Bytes that are no
//! output of the card's at all prove the report false by themselves: no run gives them. Otherwise the referee runs the model on
//! the example's input, and the report is false if no result of any machine could be within the tolerance of both outputs
//! ([`ModelCard::contradicts`](citrate_inference_types::ModelCard::contradicts)). A model whose report was false is pending again.
//!
//! INVARIANT: a model stays registered while its report may be disputed or is.

use citrate_core::{
    AccountId32, BlockNumber, DispatchError, DispatchResult, H256, Weight, hashing::blake2_256,
};
use citrate_inference_types::{
    Approval, Example, INLINE_BYTES_MAX, ModelCard, ModelStatus, Tensors, content_hash,
};
use citrate_support::pallet_prelude::{BoundedVec, ConstU32, Get, ensure};
use codec::{Decode, Encode, MaxEncodedLen};
use pallet_referee::{Docket, Outcome, Question, Referee};
use scale_info::TypeInfo;

use crate::conformance::CHECK_TIME;
use crate::{
    Config, Disputed, Error, Event, Examiners, Model, Models, Pallet, Registered, Vouched,
};

/// Domain of the names of cases.
const CASE_DOMAIN: &[u8] = b"CITRATE/registry/report-case/v1";

/// What an example should give, as far as the chain takes it.
pub type Expected = BoundedVec<u8, ConstU32<INLINE_BYTES_MAX>>;

/// A report that the referee judges.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Dispute {
    /// The model.
    pub model: H256,
    /// Who said that it is what its card says.
    pub provider: AccountId32,
    /// When.
    pub at: BlockNumber,
    /// The example's place in the card.
    pub example: u32,
    /// What it should give.
    pub expected: Expected,
}

impl<T: Config> Pallet<T> {
    /// Has a provider's stake answer for its report until nobody may dispute it any more.
    pub(crate) fn vouch(provider: &AccountId32, model: H256, now: BlockNumber) -> DispatchResult {
        let liability = T::Liability::get();
        ensure!(T::Examiners::back(provider, liability.penalty), Error::<T>::NotExaminer);
        let free_from = now.saturating_add(liability.blocks).saturating_add(1);
        Vouched::<T>::try_mutate(free_from, |models| models.try_push((model, now)))
            .map_err(|_full| Error::<T>::TooManyReports)?;
        Self::inc_uses(&model);
        Ok(())
    }

    /// Frees the stakes that answer for reports that nobody may dispute any more.
    pub(crate) fn release_vouched(now: BlockNumber) -> Weight {
        let mut weight = T::DbWeight::get().reads_writes(1, 1);
        for (model, at) in Vouched::<T>::take(now) {
            weight = weight
                .saturating_add(T::DbWeight::get().reads_writes(2, 1))
                .saturating_add(T::Examiners::weight());
            // One that was found false was released then.
            let Some(entry) = Registered::<T>::get(model) else { continue };
            if let Some(approval) = entry.approval.filter(|approval| approval.at == at) {
                Self::let_go(&model, &approval);
            }
        }
        weight
    }

    fn let_go(model: &H256, approval: &Approval) {
        T::Examiners::release(&approval.provider, T::Liability::get().penalty);
        Self::dec_uses(model);
    }

    pub(crate) fn dispute_weight() -> Weight {
        T::DbWeight::get()
            .reads_writes(3, 4)
            .saturating_add(T::Examiners::weight())
            .saturating_add(T::Examiners::punish_weight())
            .saturating_add(T::Referee::dispute_weight())
            .saturating_add(Weight::from_parts(CHECK_TIME, 0))
    }

    pub(crate) fn do_dispute(
        challenger: AccountId32,
        model: H256,
        example: u32,
        expected: Expected,
    ) -> DispatchResult {
        let entry = Registered::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
        let approval = entry.approval.clone().ok_or(Error::<T>::NotDisputable)?;
        let now = pallet_system::Pallet::<T>::block_number();
        ensure!(Self::may_dispute(&approval, now), Error::<T>::NotDisputable);
        let about = entry.card.examples.get(usize::try_from(example).unwrap_or(usize::MAX));
        let about = about.ok_or(Error::<T>::NotDisputable)?;
        ensure!(content_hash(&expected) == about.output, Error::<T>::WrongOutput);
        let is_whole = u32::try_from(expected.len()).is_ok_and(|bytes| bytes == about.output_bytes);
        if !is_whole || read(&entry.card, &expected).is_none() {
            Self::refute(model, entry, approval, &challenger);
            return Ok(());
        }
        let limits = entry.card.referee_limits().ok_or(Error::<T>::NotDisputable)?;
        let (genesis, provider, at) =
            (pallet_system::Pallet::<T>::genesis_hash(), approval.provider, approval.at);
        let name = (CASE_DOMAIN, genesis, model, &provider, at, example);
        let case = H256(name.using_encoded(blake2_256));
        let question = Question { attempt: 0, part: example, limits };
        T::Referee::dispute(case, question, challenger.clone())?;
        Self::inc_uses(&model);
        Disputed::<T>::insert(
            case,
            Dispute { model, provider: provider.clone(), at, example, expected },
        );
        Self::deposit_event(Event::ReportDisputed { model, provider, case, challenger });
        Ok(())
    }

    fn may_dispute(approval: &Approval, now: BlockNumber) -> bool {
        now <= approval.at.saturating_add(T::Liability::get().blocks)
    }

    /// A report was false: its provider pays for it, and the model takes no jobs until another one vouches for it.
    fn refute(model: H256, mut entry: Model, approval: Approval, challenger: &AccountId32) {
        let liability = T::Liability::get();
        if Self::may_dispute(&approval, pallet_system::Pallet::<T>::block_number()) {
            Self::let_go(&model, &approval);
        }
        let provider = approval.provider;
        let share = (challenger, liability.reporter_share);
        let slashed = T::Examiners::punish(&provider, liability.penalty, share);
        entry.approval = None;
        if entry.status == ModelStatus::Active {
            entry.status = ModelStatus::Pending;
        }
        Registered::<T>::insert(model, entry);
        Self::deposit_event(Event::ReportRefuted { model, provider, slashed });
    }

    /// The model and the example of a case, for those who judge it.
    pub fn disputed(case: &H256) -> Option<(H256, ModelCard, Example)> {
        let dispute = Disputed::<T>::get(case)?;
        let card = Registered::<T>::get(dispute.model)?.card;
        let at = usize::try_from(dispute.example).ok()?;
        let example = card.examples.get(at)?.clone();
        Some((dispute.model, card, example))
    }

    fn judge(dispute: &Dispute, truth: &Tensors, challenger: &AccountId32) -> Outcome {
        let Some(entry) = Registered::<T>::get(dispute.model) else { return Outcome::Void };
        let is_this = |approval: &Approval| {
            (&approval.provider, approval.at) == (&dispute.provider, dispute.at)
        };
        // Found false by another example meanwhile.
        let Some(approval) = entry.approval.clone().filter(is_this) else { return Outcome::Void };
        let Some(expected) = read(&entry.card, &dispute.expected) else { return Outcome::Void };
        if entry.card.check_outputs(truth).is_err() {
            return Outcome::Void;
        }
        if entry.card.contradicts(&expected, truth) {
            Self::refute(dispute.model, entry, approval, challenger);
            return Outcome::Refuted;
        }
        Outcome::Upheld { defender: approval.provider }
    }
}

/// An output of the card's, if the bytes are one.
fn read(card: &ModelCard, bytes: &[u8]) -> Option<Tensors> {
    Tensors::from_bytes(bytes).ok().filter(|tensors| card.check_outputs(tensors).is_ok())
}

impl<T: Config> Docket for Pallet<T> {
    fn knows(case: &H256) -> bool {
        Disputed::<T>::contains_key(case)
    }

    /// Reports are disputed by [`Pallet::dispute_report`] alone, which brings what the example should give.
    fn dispute(_case: &H256) -> Result<Question, DispatchError> {
        Err(Error::<T>::NotDisputable.into())
    }

    fn on_verdict(
        case: &H256,
        _part: u32,
        truth: Option<&Tensors>,
        challenger: Option<&AccountId32>,
    ) -> Outcome {
        let Some(dispute) = Disputed::<T>::take(case) else { return Outcome::Void };
        let outcome = match (truth, challenger) {
            (Some(truth), Some(challenger)) => Self::judge(&dispute, truth, challenger),
            _ => Outcome::Void,
        };
        Self::dec_uses(&dispute.model);
        outcome
    }

    fn verdict_weight() -> Weight {
        T::DbWeight::get()
            .reads_writes(4, 4)
            .saturating_add(T::Examiners::weight())
            .saturating_add(T::Examiners::punish_weight())
    }
}
