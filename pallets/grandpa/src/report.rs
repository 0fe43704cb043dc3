//! Reports of voters that voted twice.

use crate::{Config, Equivocators, Error, Event, Pallet};
use citrate_grandpa_types::{
    AuthorityId, EquivocationProof, OpaqueKeyOwnershipProof, RoundNumber, SetId,
};
use citrate_host::crypto;
use citrate_support::pallet_prelude::{DispatchResult, Get, Weight, ensure};

/// What a check of two ed25519 signatures weighs.
const VERIFY_WEIGHT: Weight = Weight::from_parts(200_000_000, 0);

/// What happens to a voter that voted twice.
pub trait OnEquivocation {
    /// Punishes the voter; once for each set. When this fails, the report does.
    ///
    /// # Errors
    /// When the runtime cannot punish it, for example because its stake is gone.
    fn on_equivocation(offender: &AuthorityId, set_id: SetId, round: RoundNumber)
    -> DispatchResult;
}

/// Voting twice is recorded and has no consequence.
impl OnEquivocation for () {
    fn on_equivocation(_: &AuthorityId, _: SetId, _: RoundNumber) -> DispatchResult {
        Ok(())
    }
}

impl<T: Config> Pallet<T> {
    /// What a report weighs, its consequences not among it.
    pub(crate) fn report_weight() -> Weight {
        VERIFY_WEIGHT.saturating_add(T::DbWeight::get().reads_writes(4, 2))
    }

    /// Whether a report holds and is new.
    pub(crate) fn check(
        proof: &EquivocationProof,
        ownership: &OpaqueKeyOwnershipProof,
    ) -> Result<(), Error<T>> {
        ensure!(ownership.0.is_empty(), Error::<T>::InvalidKeyOwnershipProof);
        let (set_id, offender) = (proof.set_id, proof.offender());
        ensure!(
            !Equivocators::<T>::contains_key(set_id, offender),
            Error::<T>::DuplicateOffenceReport
        );
        let authorities =
            Self::authorities_of(set_id).ok_or(Error::<T>::InvalidKeyOwnershipProof)?;
        ensure!(
            authorities.iter().any(|(key, _)| key == offender),
            Error::<T>::InvalidKeyOwnershipProof
        );
        ensure!(proof.is_valid(crypto::ed25519_verify), Error::<T>::InvalidEquivocationProof);
        Ok(())
    }

    pub(crate) fn do_report(
        proof: &EquivocationProof,
        ownership: &OpaqueKeyOwnershipProof,
    ) -> DispatchResult {
        Self::check(proof, ownership)?;
        let (offender, set_id, round) = (*proof.offender(), proof.set_id, proof.round());
        T::OnEquivocation::on_equivocation(&offender, set_id, round)?;
        Equivocators::<T>::insert(set_id, offender, round);
        Self::deposit_event(Event::EquivocationReported { offender, set_id, round });
        Ok(())
    }
}
