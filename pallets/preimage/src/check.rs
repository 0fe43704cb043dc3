//! What must hold of the state.

use crate::{Config, HoldReason, Pallet, PreimageFor, RequestStatus, RequestStatusFor};
use citrate_support::ensure;
use citrate_support::traits::TryRuntimeError;
use citrate_support::traits::tokens::check_holds;

impl<T: Config> Pallet<T> {
    /// Deposits are on hold, what is said to be there is, and there is nothing else.
    pub(crate) fn check() -> Result<(), TryRuntimeError> {
        let mut kept = 0_usize;
        for (hash, status) in RequestStatusFor::<T>::iter() {
            let len = match status {
                RequestStatus::Unrequested { len, .. } => Some(len),
                RequestStatus::Requested { count, maybe_len, .. } => {
                    ensure!(count > 0, "bytes are requested by nobody");
                    maybe_len
                }
            };
            if let Some(len) = len {
                ensure!(PreimageFor::<T>::contains_key((hash, len)), "bytes are missing");
                kept = kept.saturating_add(1);
            }
        }
        ensure!(PreimageFor::<T>::iter_keys().count() == kept, "there are bytes without a status");
        check_holds::<T::Currency, _>(
            &HoldReason::Preimage.into(),
            pallet_system::Account::<T>::iter_keys(),
            RequestStatusFor::<T>::iter_values().filter_map(|status| match status {
                RequestStatus::Unrequested { ticket, .. } => Some(ticket),
                RequestStatus::Requested { maybe_ticket, .. } => maybe_ticket,
            }),
        )
    }
}
