//! Who runs models for money: keys, prices, capacity, signs of life, records.
//!
//! A provider [registers](Pallet::register) with a stake in `pallet-staking`, names the session key that signs its
//! receipts, and [serves](Pallet::serve) models at prices of its own. It gets jobs while it is awake: its node sends a
//! [heartbeat](Pallet::heartbeat) now and then, with what it runs models with, and its stake is at work, which
//! `pallet_staking`'s `chill` changes. What it holds at once is bounded twice: by its capacity, and by its stake, which must
//! back all that it could be slashed for.
//!
//! INVARIANT: a provider's record only grows, and outlives its leaving if there is anything bad in it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod examine;
mod provider;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use provider::{Candidate, Outcome, Provider};

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::provider::Provider;
    use citrate_core::{AccountId32, Balance, H256, sr25519};
    use citrate_inference_types::{Claims, ModelStatus, Offer};
    use citrate_support::pallet_prelude::*;
    use pallet_model_registry::Models;
    use pallet_staking::{Role, Stake};
    use pallet_system::pallet_prelude::*;

    /// LIMIT: most providers in one answer.
    pub const PAGE_MAX: u32 = 100;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config<AccountId = AccountId32> {
        /// The models.
        type Models: Models;

        /// The providers' stakes.
        type Stake: Stake;

        /// Stake beyond this does not bring more jobs.
        #[pallet::constant]
        type StakeCap: Get<Balance>;

        /// LIMIT: how many jobs a provider may have at a time.
        #[pallet::constant]
        type CapacityMax: Get<u32>;

        /// Blocks without a sign of life after which a provider gets no more jobs.
        #[pallet::constant]
        type SilenceMax: Get<BlockNumberFor<Self>>;

        /// For how many blocks a provider answers for a session key that it has given up.
        #[pallet::constant]
        type KeyMemory: Get<BlockNumberFor<Self>>;

        /// LIMIT: how many such keys.
        #[pallet::constant]
        type PastKeysMax: Get<u32>;

        /// LIMIT: how many providers may serve a model.
        #[pallet::constant]
        type ProvidersPerModelMax: Get<u32>;

        /// LIMIT: how many models a provider may serve.
        #[pallet::constant]
        type ModelsPerProviderMax: Get<u32>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Providers by account.
    #[pallet::storage]
    pub type Providers<T: Config> =
        CountedStorageMap<_, Blake2_128Concat, AccountId32, Provider<T::ModelsPerProviderMax>>;

    /// Who serves a model.
    #[pallet::storage]
    pub type Serving<T: Config> =
        StorageMap<_, Identity, H256, BoundedVec<AccountId32, T::ProvidersPerModelMax>, ValueQuery>;

    /// The session keys that a provider has given up, each with the last block in which it answers for it.
    #[pallet::storage]
    pub type PastKeys<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        AccountId32,
        BoundedVec<(sr25519::Public, BlockNumberFor<T>), T::PastKeysMax>,
        ValueQuery,
    >;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account became a provider or changed how it works.
        ProviderUpdated {
            /// Who.
            provider: AccountId32,
            /// The key that signs its receipts.
            session_key: sr25519::Public,
            /// How many jobs it takes at a time.
            capacity: u32,
        },
        /// An account is a provider no more.
        ProviderRemoved {
            /// Who.
            provider: AccountId32,
        },
        /// A provider serves a model, or at another price than before.
        ModelServed {
            /// Who.
            provider: AccountId32,
            /// What.
            model: H256,
            /// What a run costs.
            price: Balance,
        },
        /// A provider serves a model no more.
        ModelUnserved {
            /// Who.
            provider: AccountId32,
            /// What.
            model: H256,
        },
        /// A provider runs models with something else than it said before.
        ClaimsChanged {
            /// Who.
            provider: AccountId32,
            /// What it says now.
            claims: Claims,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such model.
        UnknownModel,
        /// The model takes no new jobs.
        ModelDeprecated,
        /// The account is no provider.
        NotProvider,
        /// The account has no stake as a provider.
        NoStake,
        /// The capacity is zero or too large.
        WrongCapacity,
        /// It is so already.
        NoChange,
        /// The provider serves as many models as it may.
        TooManyModels,
        /// As many providers serve the model as may.
        TooManyProviders,
        /// The provider still has jobs or models.
        Busy,
        /// The provider has given up as many keys lately as it may.
        TooManyKeys,
        /// The provider gave a sign of life a short while ago, and nothing has changed.
        TooEarly,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::CapacityMax::get() > 0, "a provider needs room for a job");
            assert!(Self::heartbeat_after() > 0, "heartbeats may not come in every block");
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Becomes a provider, or changes the session key or the capacity.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 3))]
        pub fn register(
            origin: OriginFor<T>,
            session_key: sr25519::Public,
            capacity: u32,
        ) -> DispatchResult {
            let provider = ensure_signed(origin)?;
            ensure!(capacity > 0 && capacity <= T::CapacityMax::get(), Error::<T>::WrongCapacity);
            ensure!(T::Stake::active(&provider, Role::Provider) > 0, Error::<T>::NoStake);
            let now = pallet_system::Pallet::<T>::block_number();
            let entry = match Providers::<T>::get(&provider) {
                Some(entry) => {
                    if entry.session_key != session_key {
                        Self::retire_key(&provider, entry.session_key)?;
                    }
                    Provider { session_key, capacity, seen: now, ..entry }
                }
                None => Provider::new(session_key, capacity, now),
            };
            Providers::<T>::insert(&provider, entry);
            Self::deposit_event(Event::ProviderUpdated { provider, session_key, capacity });
            Ok(())
        }

        /// Is a provider no more: it must serve no model and have no job.
        #[pallet::call_index(1)]
        #[pallet::weight(T::DbWeight::get().reads_writes(3, 3))]
        pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
            let provider = ensure_signed(origin)?;
            let entry = Self::registered(&provider)?;
            ensure!(entry.assigned == 0 && entry.offers.is_empty(), Error::<T>::Busy);
            Self::retire_key(&provider, entry.session_key)?;
            if entry.failed == 0 && entry.wrong == 0 {
                Providers::<T>::remove(&provider);
            } else {
                // Whoever comes back begins with the reputation that it left with.
                Providers::<T>::insert(&provider, Provider { capacity: 0, ..entry });
            }
            Self::deposit_event(Event::ProviderRemoved { provider });
            Ok(())
        }

        /// Takes jobs for a model from now on, at this price for a run or at the model's own where that is higher; or
        /// changes the price. Where as many serve it as may, one who has no stake at work or is not awake makes room.
        #[pallet::call_index(2)]
        #[pallet::weight(Self::serve_weight())]
        pub fn serve(
            origin: OriginFor<T>,
            model: H256,
            #[pallet::compact] price: Balance,
        ) -> DispatchResult {
            let provider = ensure_signed(origin)?;
            let mut entry = Self::registered(&provider)?;
            let about = T::Models::get(&model).ok_or(Error::<T>::UnknownModel)?;
            // One that is pending is served by whoever wants to check it.
            ensure!(about.status != ModelStatus::Deprecated, Error::<T>::ModelDeprecated);
            if let Some(offer) = entry.offers.iter_mut().find(|offer| offer.model == model) {
                ensure!(offer.price != price, Error::<T>::NoChange);
                offer.price = price;
            } else {
                let offer = Offer { model, price };
                entry.offers.try_push(offer).map_err(|_full| Error::<T>::TooManyModels)?;
                Self::begin_to_serve(&provider, &model)?;
            }
            Providers::<T>::insert(&provider, entry);
            Self::deposit_event(Event::ModelServed { provider, model, price });
            Ok(())
        }

        /// Takes no more jobs for a model; those that it has stay.
        #[pallet::call_index(3)]
        #[pallet::weight(T::DbWeight::get().reads_writes(3, 3))]
        pub fn unserve(origin: OriginFor<T>, model: H256) -> DispatchResult {
            let provider = ensure_signed(origin)?;
            let mut entry = Self::registered(&provider)?;
            ensure!(entry.price(&model).is_some(), Error::<T>::NoChange);
            entry.offers.retain(|offer| offer.model != model);
            Providers::<T>::insert(&provider, entry);
            Serving::<T>::mutate_exists(model, |serving| {
                let mut left = serving.take().unwrap_or_default();
                left.retain(|who| *who != provider);
                *serving = (!left.is_empty()).then_some(left);
            });
            T::Models::dec_uses(&model);
            Self::deposit_event(Event::ModelUnserved { provider, model });
            Ok(())
        }

        /// Is still there, and runs models with this. Free, but refused before [`heartbeat_after`](Pallet::heartbeat_after)
        /// blocks have passed since the last sign of life, unless what it runs models with has changed: then it costs a fee,
        /// but for the first time.
        #[pallet::call_index(4)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn heartbeat(origin: OriginFor<T>, claims: Claims) -> DispatchResultWithPostInfo {
            let provider = ensure_signed(origin)?;
            let mut entry = Self::registered(&provider)?;
            let now = pallet_system::Pallet::<T>::block_number();
            let is_due = now.saturating_sub(entry.seen) >= Self::heartbeat_after();
            let is_new = entry.claims.as_ref() != Some(&claims);
            let is_free = is_due || entry.claims.is_none();
            ensure!(is_due || is_new, Error::<T>::TooEarly);
            entry.seen = now;
            entry.claims = Some(claims.clone());
            Providers::<T>::insert(&provider, entry);
            if is_new {
                Self::deposit_event(Event::ClaimsChanged { provider, claims });
            }
            Ok(if is_free { Pays::No } else { Pays::Yes }.into())
        }
    }

    impl<T: Config> Pallet<T> {
        /// Blocks after a sign of life in which no heartbeat is wanted: three may be lost before a provider counts as gone.
        pub fn heartbeat_after() -> BlockNumberFor<T> {
            T::SilenceMax::get() / 4
        }

        /// What it weighs to serve a model: at most to look who could make room.
        pub(crate) fn serve_weight() -> Weight {
            let providers = u64::from(T::ProvidersPerModelMax::get());
            let looked_at = providers.saturating_mul(2);
            T::DbWeight::get().reads_writes(6_u64.saturating_add(looked_at), 4)
        }

        /// The entry of an account that is a provider now.
        fn registered(
            provider: &AccountId32,
        ) -> Result<Provider<T::ModelsPerProviderMax>, DispatchError> {
            let entry = Providers::<T>::get(provider).filter(|entry| entry.capacity > 0);
            Ok(entry.ok_or(Error::<T>::NotProvider)?)
        }

        /// Remembers a session key that its provider gives up.
        fn retire_key(provider: &AccountId32, key: sr25519::Public) -> DispatchResult {
            let now = pallet_system::Pallet::<T>::block_number();
            PastKeys::<T>::try_mutate(provider, |keys| {
                keys.retain(|(_, until)| *until >= now);
                let until = now.saturating_add(T::KeyMemory::get());
                keys.try_push((key, until)).map_err(|_key| Error::<T>::TooManyKeys.into())
            })
        }

        fn begin_to_serve(provider: &AccountId32, model: &H256) -> DispatchResult {
            let mut serving = Serving::<T>::get(model);
            if serving.is_full() {
                Self::make_room(model, &mut serving)?;
            }
            serving.try_push(provider.clone()).map_err(|_full| Error::<T>::TooManyProviders)?;
            Serving::<T>::insert(model, serving);
            T::Models::inc_uses(model);
            Ok(())
        }

        /// Takes somebody out of a full list who has no stake at work or sleeps: it would cost nothing to keep all others
        /// away.
        fn make_room(
            model: &H256,
            serving: &mut BoundedVec<AccountId32, T::ProvidersPerModelMax>,
        ) -> DispatchResult {
            let now = pallet_system::Pallet::<T>::block_number();
            let idle = serving.iter().position(|who| {
                let is_awake = Providers::<T>::get(who)
                    .is_some_and(|entry| entry.is_awake(now, T::SilenceMax::get()));
                !is_awake || T::Stake::active(who, Role::Provider) == 0
            });
            let provider = serving.remove(idle.ok_or(Error::<T>::TooManyProviders)?);
            Providers::<T>::mutate(&provider, |entry| {
                if let Some(entry) = entry {
                    entry.offers.retain(|offer| offer.model != *model);
                }
            });
            T::Models::dec_uses(model);
            Self::deposit_event(Event::ModelUnserved { provider, model: *model });
            Ok(())
        }
    }
}
