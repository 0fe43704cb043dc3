//! Equivocation: what proves it, and what follows.
//!
//! An honest author seals one block per slot. Two different headers of one slot, both sealed by the key of the same authority,
//! prove that the key's owner is not honest; which of them is in the DAG does not matter. Each slot is
//! punished once. From then on the key earns nothing, and is in no set of authorities that is chosen later.

use crate::pallet::{Call, Config, Error, Event, Offences, Pallet};
use crate::validators::{Member, Validators};
use alloc::vec;
use citrate_core::{
    AccountId32, InvalidTransaction, TransactionPriority, TransactionValidity, ValidTransaction,
};
use citrate_dag_types::{EquivocationProof, Slot};
use citrate_host::crypto::sr25519_verify;
use citrate_support::dispatch::DispatchResult;
use citrate_support::traits::Get;
use codec::Encode;

/// First part of the tag that a report provides: one per key and slot.
const TAG: &[u8] = b"CITRATE/dag/equivocation";

/// An equivocation that was not punished yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offence {
    /// Whose.
    pub member: Member,
    /// In which slot.
    pub slot: Slot,
}

impl<T: Config> Pallet<T> {
    /// The offence that is proved.
    ///
    /// # Errors
    /// It is not proved, too old, too early, or punished already.
    pub fn offence(proof: &EquivocationProof) -> Result<Offence, Error<T>> {
        let claim = proof.claim().map_err(|_malformed| Error::<T>::InvalidProof)?;
        let (author, slot) = claim.ok_or(Error::<T>::InvalidProof)?;
        let set = Self::authorities_of(slot)?;
        let member = usize::try_from(author)
            .ok()
            .and_then(|index| set.get(index))
            .ok_or(Error::<T>::InvalidProof)?;
        let offences = Offences::<T>::get(member.authority.key);
        if offences.contains(&slot.0) {
            return Err(Error::<T>::AlreadyPunished);
        }
        if offences.is_full() {
            return Err(Error::<T>::TooManyOffences);
        }
        if !proof.is_sealed_by(&member.authority.key, sr25519_verify) {
            return Err(Error::<T>::InvalidProof);
        }
        Ok(Offence { member: member.clone(), slot })
    }

    /// Punishes what is proved.
    ///
    /// # Errors
    /// As [`Self::offence`].
    pub(crate) fn punish(
        proof: &EquivocationProof,
        reporter: Option<&AccountId32>,
    ) -> DispatchResult {
        let Offence { member: Member { account, authority }, slot } = Self::offence(proof)?;
        Offences::<T>::try_mutate(authority.key, |slots| {
            slots.try_push(slot.0).map_err(|_full| Error::<T>::TooManyOffences)
        })?;
        let reward = reporter.map(|reporter| (reporter, T::ReporterShare::get()));
        let slashed = T::Validators::punish(&account, T::EquivocationSlash::get(), reward);
        Self::deposit_event(Event::EquivocationPunished {
            account,
            key: authority.key,
            slot: slot.0,
            slashed,
        });
        Ok(())
    }

    /// Judges a bare report: one per key and slot, before anything else. Strangers may bring it, for whoever sees the two
    /// blocks need not be an author; a wrong one costs two checks of a seal, as two badly signed transactions do.
    pub(crate) fn validate_report(call: &Call<T>) -> TransactionValidity {
        let Call::report_equivocation_unsigned { proof } = call else {
            return Err(InvalidTransaction::Call.into());
        };
        let offence = Self::offence(proof).map_err(|error| match error {
            Error::TooEarly => InvalidTransaction::Future,
            Error::TooOld | Error::AlreadyPunished | Error::TooManyOffences => {
                InvalidTransaction::Stale
            }
            _ => InvalidTransaction::BadProof,
        })?;
        let tag = (TAG, offence.member.authority.key, offence.slot).encode();
        Ok(ValidTransaction {
            priority: TransactionPriority::MAX,
            provides: vec![tag],
            ..ValidTransaction::default()
        })
    }
}
