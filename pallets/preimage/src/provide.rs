//! What the calls do, and what other pallets ask for.

use crate::{
    Config, Error, Event, HoldReason, MAX_SIZE, Pallet, PreimageFor, RequestStatus,
    RequestStatusFor,
};
use citrate_core::{Balance, DispatchError, DispatchResult, H256};
use citrate_support::ensure;
use citrate_support::pallet_prelude::*;
use citrate_support::traits::fungible::hold::Mutate as _;
use citrate_support::traits::preimages::{QueryPreimage, StorePreimage};
use citrate_support::traits::tokens::Precision;
use citrate_support::traits::{BlakeTwo256, Hash};

impl<T: Config> Pallet<T> {
    /// Stores bytes, for a deposit of `depositor`'s unless they are requested; says whether they are.
    pub(crate) fn do_note(
        bytes: Vec<u8>,
        depositor: Option<&T::AccountId>,
    ) -> Result<bool, DispatchError> {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let bytes = BoundedVec::try_from(bytes).map_err(|_too_long| Error::<T>::TooBig)?;
        let hash = BlakeTwo256::hash(&bytes);
        let before = RequestStatusFor::<T>::get(hash);
        let requested = matches!(before, Some(RequestStatus::Requested { .. }));
        let status = match (before, depositor) {
            // Bytes that are there are not taken again, or whoever repeats itself would fill blocks for nothing.
            (Some(RequestStatus::Requested { maybe_len: Some(_), .. }), _)
            | (Some(RequestStatus::Unrequested { .. }), Some(_)) => {
                return Err(Error::<T>::AlreadyNoted.into());
            }
            (Some(RequestStatus::Requested { maybe_ticket, count, .. }), _) => {
                RequestStatus::Requested { maybe_ticket, count, maybe_len: Some(len) }
            }
            (Some(RequestStatus::Unrequested { ticket, .. }), None) => RequestStatus::Requested {
                maybe_ticket: Some(ticket),
                count: 1,
                maybe_len: Some(len),
            },
            (None, None) => {
                RequestStatus::Requested { maybe_ticket: None, count: 1, maybe_len: Some(len) }
            }
            (None, Some(who)) => {
                let deposit = Self::deposit(len);
                T::Currency::hold(&HoldReason::Preimage.into(), who, deposit)?;
                RequestStatus::Unrequested { ticket: (who.clone(), deposit), len }
            }
        };
        RequestStatusFor::<T>::insert(hash, status);
        PreimageFor::<T>::insert((hash, len), bytes);
        Self::deposit_event(Event::Noted { hash });
        Ok(requested)
    }

    pub(crate) fn do_request(hash: &H256) {
        let (maybe_ticket, count, maybe_len) = match RequestStatusFor::<T>::get(hash) {
            Some(RequestStatus::Requested { maybe_ticket, count, maybe_len }) => {
                (maybe_ticket, count.saturating_add(1), maybe_len)
            }
            Some(RequestStatus::Unrequested { ticket, len }) => (Some(ticket), 1, Some(len)),
            None => (None, 1, None),
        };
        let status = RequestStatus::Requested { maybe_ticket, count, maybe_len };
        RequestStatusFor::<T>::insert(hash, status);
        if count == 1 {
            Self::deposit_event(Event::Requested { hash: *hash });
        }
    }

    pub(crate) fn do_unrequest(hash: &H256) -> DispatchResult {
        match RequestStatusFor::<T>::get(hash).ok_or(Error::<T>::NotRequested)? {
            RequestStatus::Unrequested { .. } => return Err(Error::<T>::NotRequested.into()),
            RequestStatus::Requested { maybe_ticket, count, maybe_len } if count > 1 => {
                let count = count.saturating_sub(1);
                let status = RequestStatus::Requested { maybe_ticket, count, maybe_len };
                RequestStatusFor::<T>::insert(hash, status);
            }
            RequestStatus::Requested {
                maybe_ticket: Some(ticket), maybe_len: Some(len), ..
            } => {
                RequestStatusFor::<T>::insert(hash, RequestStatus::Unrequested { ticket, len });
            }
            RequestStatus::Requested { maybe_ticket, maybe_len, .. } => {
                if let Some(ticket) = maybe_ticket {
                    Self::release(ticket)?;
                }
                Self::clear(hash, maybe_len);
            }
        }
        Ok(())
    }

    /// Gives bytes up for `owner`, or for the manager, who may give up anybody's.
    pub(crate) fn do_unnote(hash: &H256, owner: Option<&T::AccountId>) -> DispatchResult {
        let may = |who: &T::AccountId| owner.is_none_or(|owner| owner == who);
        match RequestStatusFor::<T>::get(hash).ok_or(Error::<T>::NotNoted)? {
            RequestStatus::Unrequested { ticket, len } => {
                ensure!(may(&ticket.0), Error::<T>::NotAuthorized);
                Self::release(ticket)?;
                Self::clear(hash, Some(len));
            }
            RequestStatus::Requested { maybe_ticket: Some(ticket), count, maybe_len } => {
                ensure!(may(&ticket.0), Error::<T>::NotAuthorized);
                Self::release(ticket)?;
                let status = RequestStatus::Requested { maybe_ticket: None, count, maybe_len };
                RequestStatusFor::<T>::insert(hash, status);
            }
            RequestStatus::Requested { maybe_ticket: None, .. } => {
                ensure!(owner.is_none(), Error::<T>::NotAuthorized);
                Self::do_unrequest(hash)?;
            }
        }
        Ok(())
    }

    /// What is on hold for so many bytes.
    pub fn deposit(len: u32) -> Balance {
        T::BaseDeposit::get()
            .saturating_add(T::ByteDeposit::get().saturating_mul(Balance::from(len)))
    }

    fn release((who, amount): (T::AccountId, Balance)) -> DispatchResult {
        // A part may have been slashed.
        let reason = HoldReason::Preimage.into();
        T::Currency::release(&reason, &who, amount, Precision::BestEffort).map(|_| ())
    }

    fn clear(hash: &H256, len: Option<u32>) {
        RequestStatusFor::<T>::remove(hash);
        if let Some(len) = len {
            PreimageFor::<T>::remove((*hash, len));
            Self::deposit_event(Event::Cleared { hash: *hash });
        }
    }
}

impl<T: Config> QueryPreimage for Pallet<T> {
    fn len(hash: &H256) -> Option<u32> {
        match RequestStatusFor::<T>::get(hash)? {
            RequestStatus::Requested { maybe_len, .. } => maybe_len,
            RequestStatus::Unrequested { len, .. } => Some(len),
        }
    }

    fn fetch(hash: &H256, len: Option<u32>) -> Result<Vec<u8>, DispatchError> {
        let len =
            len.or_else(|| <Self as QueryPreimage>::len(hash)).ok_or(DispatchError::Unavailable)?;
        let bytes = PreimageFor::<T>::get((*hash, len)).ok_or(DispatchError::Unavailable)?;
        Ok(bytes.into_inner())
    }

    fn is_requested(hash: &H256) -> bool {
        matches!(RequestStatusFor::<T>::get(hash), Some(RequestStatus::Requested { .. }))
    }

    fn request(hash: &H256) {
        Self::do_request(hash);
    }

    fn unrequest(hash: &H256) {
        // Whoever was never heard has nothing to take back.
        let _ = Self::do_unrequest(hash);
    }
}

impl<T: Config> StorePreimage for Pallet<T> {
    const MAX_LENGTH: usize = MAX_SIZE as usize;

    fn note(bytes: Vec<u8>) -> Result<H256, DispatchError> {
        ensure!(bytes.len() <= Self::MAX_LENGTH, DispatchError::Exhausted);
        let hash = BlakeTwo256::hash(&bytes);
        if <Self as QueryPreimage>::len(&hash).is_some() {
            Self::do_request(&hash);
            return Ok(hash);
        }
        // Noting requests once what nobody requested yet.
        if Self::do_note(bytes, None)? {
            Self::do_request(&hash);
        }
        Ok(hash)
    }
}
