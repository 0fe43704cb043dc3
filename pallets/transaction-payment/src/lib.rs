//! Fees for weight, length and tip, and the queries that estimate them.
//!
//! `fee = base + length fee + multiplier * weight fee + tip`, taken before the call runs and corrected afterwards by
//! what it really weighed. The multiplier follows the load of recent blocks slowly, between two limits.

#![cfg_attr(not(feature = "std"), no_std)]

mod extension;
mod fee;
mod multiplier;
mod payment;

#[cfg(test)]
mod tests;

pub use citrate_api::{FeeDetails, InclusionFee, RuntimeDispatchInfo};
pub use extension::{ChargeTransactionPayment, Pre, Val};
pub use fee::final_fee;
pub use multiplier::{
    ConstantMultiplier, Multiplier, MultiplierUpdate, SlowAdjusting, SlowAdjustingParameters,
};
pub use pallet::*;
pub use payment::{BalancesAdapter, OnChargeTransaction, OnFee};

/// The pallet: the multiplier and the event.
#[citrate_support::pallet]
pub mod pallet {
    use super::{Multiplier, MultiplierUpdate, OnChargeTransaction};
    use citrate_core::Balance;
    use citrate_support::pallet_prelude::*;
    use citrate_support::weights::WeightToFee;
    use pallet_system::pallet_prelude::*;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// Takes fees and gives back what was too much.
        type OnChargeTransaction: OnChargeTransaction<Self>;

        /// How much more urgent an operational call is than what its fee buys.
        #[pallet::constant]
        type OperationalFeeMultiplier: Get<u8>;

        /// The price of weight.
        type WeightToFee: WeightToFee<Balance = Balance>;

        /// The price of length, given as weight whose reference time is the number of bytes.
        type LengthToFee: WeightToFee<Balance = Balance>;

        /// How the multiplier follows the load.
        type FeeMultiplierUpdate: MultiplierUpdate<Self>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The multiplier of a chain that never had a block.
    #[derive(Debug)]
    pub struct InitialMultiplier;

    impl Get<Multiplier> for InitialMultiplier {
        fn get() -> Multiplier {
            Multiplier::from_u32(1)
        }
    }

    /// What the weight fee is multiplied by in this block.
    #[pallet::storage]
    pub type NextFeeMultiplier<T: Config> =
        StorageValue<_, Multiplier, ValueQuery, InitialMultiplier>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A transaction paid its fee.
        TransactionFeePaid {
            /// Who paid.
            who: T::AccountId,
            /// What was paid in all.
            actual_fee: Balance,
            /// How much of it was the tip.
            tip: Balance,
        },
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_n: BlockNumberFor<T>) -> Weight {
            // `on_finalize` reads the block's weight and replaces the multiplier.
            T::DbWeight::get().reads_writes(2, 1)
        }

        fn on_finalize(_n: BlockNumberFor<T>) {
            let old = NextFeeMultiplier::<T>::get();
            let new = T::FeeMultiplierUpdate::next(old);
            if new != old {
                NextFeeMultiplier::<T>::put(new);
            }
        }
    }

    /// What the next multiplier of a runtime is, for tools.
    impl<T: Config> Pallet<T> {
        /// What the weight fee is multiplied by in this block.
        pub fn next_fee_multiplier() -> Multiplier {
            NextFeeMultiplier::<T>::get()
        }
    }
}
