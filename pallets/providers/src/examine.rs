//! Who may say whether a model is what its card says, and what answers for it: the providers that serve it, and their stakes.

use citrate_core::{AccountId32, Balance, H256, Perbill, Weight, sr25519};
use citrate_support::pallet_prelude::Get;
use pallet_model_registry::Examiners;
use pallet_staking::{Role, Stake};

use crate::{Config, Outcome, Pallet, Providers};

impl<T: Config> Examiners for Pallet<T> {
    fn session_key(provider: &AccountId32, model: &H256) -> Option<sr25519::Public> {
        let about = Providers::<T>::get(provider)?;
        let is_at_work = T::Stake::active(provider, Role::Provider) > 0;
        (is_at_work && about.price(model).is_some()).then_some(about.session_key)
    }

    fn back(provider: &AccountId32, amount: Balance) -> bool {
        let stake = T::Stake::active(provider, Role::Provider);
        let at_risk = Providers::<T>::get(provider).map(|about| about.at_risk);
        let is_backed = at_risk.is_some_and(|risk| risk.saturating_add(amount) <= stake);
        if is_backed {
            Self::back(provider, amount);
        }
        is_backed
    }

    fn release(provider: &AccountId32, amount: Balance) {
        Self::release(provider, amount);
    }

    fn punish(
        provider: &AccountId32,
        amount: Balance,
        challenger: (&AccountId32, Perbill),
    ) -> Balance {
        Self::record(provider, Outcome::Wrong);
        T::Stake::slash(provider, amount, Some(challenger))
    }

    fn weight() -> Weight {
        T::DbWeight::get().reads_writes(3, 1)
    }

    fn punish_weight() -> Weight {
        T::DbWeight::get().reads_writes(8, 8)
    }
}
