//! Who may say whether a model is what its card says: the providers that serve it.

use citrate_core::{AccountId32, H256, Weight, sr25519};
use citrate_support::pallet_prelude::Get;
use pallet_model_registry::Examiners;
use pallet_staking::{Role, Stake};

use crate::{Config, Pallet, Providers};

impl<T: Config> Examiners for Pallet<T> {
    fn session_key(provider: &AccountId32, model: &H256) -> Option<sr25519::Public> {
        let about = Providers::<T>::get(provider)?;
        let is_at_work = T::Stake::active(provider, Role::Provider) > 0;
        (is_at_work && about.price(model).is_some()).then_some(about.session_key)
    }

    fn weight() -> Weight {
        T::DbWeight::get().reads(3)
    }
}
