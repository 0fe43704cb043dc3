//! Taking fees and giving back what was too much.

use crate::Config;
use citrate_core::{Balance, InvalidTransaction, TransactionValidityError};
use citrate_support::traits::tokens::{Fortitude, Precision, Preservation};
use core::marker::PhantomData;
use pallet_balances::Credit;

/// Takes fees before a call and corrects them after it.
pub trait OnChargeTransaction<T: Config> {
    /// What was taken, until it is known how much is due.
    type Withdrawn;

    /// Whether `who` could pay `fee` now.
    ///
    /// # Errors
    /// When it could not.
    fn can_withdraw(who: &T::AccountId, fee: Balance) -> Result<(), TransactionValidityError>;

    /// Takes `fee` (the tip included) from `who`.
    ///
    /// # Errors
    /// When `who` cannot pay.
    fn withdraw(
        who: &T::AccountId,
        fee: Balance,
    ) -> Result<Self::Withdrawn, TransactionValidityError>;

    /// Gives back what is above `actual_fee`, and passes on the rest, of which `tip` is the tip. Says what was
    /// paid in the end.
    fn correct(
        who: &T::AccountId,
        actual_fee: Balance,
        tip: Balance,
        withdrawn: Self::Withdrawn,
    ) -> Balance;
}

/// Takes the fees that were paid. A credit that is dropped is burned.
pub trait OnFee<T: pallet_balances::Config> {
    /// `fee` is for the inclusion, `tip` for being early.
    fn on_fee(fee: Credit<T>, tip: Credit<T>);
}

impl<T: pallet_balances::Config> OnFee<T> for () {
    fn on_fee(_fee: Credit<T>, _tip: Credit<T>) {}
}

/// Fees in the native token, from `pallet-balances`; `D` gets them.
#[derive(Debug)]
pub struct BalancesAdapter<D>(PhantomData<D>);

impl<T, D> OnChargeTransaction<T> for BalancesAdapter<D>
where
    T: Config + pallet_balances::Config,
    D: OnFee<T>,
{
    type Withdrawn = Credit<T>;

    fn can_withdraw(who: &T::AccountId, fee: Balance) -> Result<(), TransactionValidityError> {
        let free =
            pallet_balances::Pallet::<T>::reducible(who, Preservation::Preserve, Fortitude::Polite);
        if fee <= free { Ok(()) } else { Err(InvalidTransaction::Payment.into()) }
    }

    fn withdraw(
        who: &T::AccountId,
        fee: Balance,
    ) -> Result<Self::Withdrawn, TransactionValidityError> {
        // The account survives its fee: a nonce that starts at 0 again would let old transactions be repeated.
        pallet_balances::Pallet::<T>::withdraw(
            who,
            fee,
            Precision::Exact,
            Preservation::Preserve,
            Fortitude::Polite,
        )
        .map_err(|_why| InvalidTransaction::Payment.into())
    }

    fn correct(
        who: &T::AccountId,
        actual_fee: Balance,
        tip: Balance,
        withdrawn: Self::Withdrawn,
    ) -> Balance {
        let (paid, refund) = withdrawn.split(actual_fee);
        // The call may have killed the account; then the refund stays with the fee.
        let paid = match pallet_balances::Pallet::<T>::resolve(who, refund) {
            Ok(()) => paid,
            Err(refund) => paid.merge(refund),
        };
        let total = paid.amount();
        let (tip, fee) = paid.split(tip);
        D::on_fee(fee, tip);
        total
    }
}
