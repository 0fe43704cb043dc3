//! Accounts that act for others: of a kind that says what they may do, at once or after a delay.
//!
//! An account names its proxies, each with a kind ([`Config::ProxyType`], a filter of calls) and a delay. A proxy with a delay
//! *announces* the hash of a call first, and the account may reject it until the delay is over. A *pure* account has no key at
//! all and is only reached through its proxies. Whoever adds proxies or announces has money on hold for the state's bytes.
//!
//! A proxy never gets beyond its kind: it adds and removes only proxies whose kind is within its own, and removes all of
//! them, or kills a pure account, only if it may do anything.
//!
//! INVARIANT: the deposit stored with an account's proxies is what that account has on hold for [`HoldReason::Proxies`], plus,
//! for a pure account, what its creator has on hold for it.

#![cfg_attr(not(feature = "std"), no_std)]

mod act;
mod check;
#[cfg(test)]
mod tests;
mod types;

pub use pallet::*;
pub use types::{Announcement, ProxyDefinition};

/// The pallet: proxies, announcements, and calls.
#[citrate_support::pallet]
pub mod pallet {
    use crate::types::{Announcement, ProxyDefinition};
    use citrate_core::Balance;
    use citrate_support::dispatch::{GetDispatchInfo, PostDispatchInfo};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::TryRuntimeError;
    use citrate_support::traits::{
        BlakeTwo256, Dispatchable, Hash, InstanceFilter, IsSubType, StaticLookup, fungible,
    };
    use pallet_system::pallet_prelude::*;

    /// How an account is named in this runtime's calls.
    type AccountIdLookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;
    /// A proxy of this runtime.
    pub(crate) type ProxyOf<T> =
        ProxyDefinition<<T as pallet_system::Config>::AccountId, <T as Config>::ProxyType>;

    /// What hashing a byte of a call weighs.
    const BYTE_WEIGHT: Weight = Weight::from_parts(2_000, 0);

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The calls that proxies make.
        type RuntimeCall: Parameter
            + Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
            + GetDispatchInfo
            + IsSubType<Call<Self>>
            + IsType<<Self as pallet_system::Config>::RuntimeCall>;

        /// The money of deposits.
        type Currency: fungible::hold::Mutate<
                Self::AccountId,
                Reason = Self::RuntimeHoldReason,
                Balance = Balance,
            >;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// The kinds of proxies. The default one may do anything.
        type ProxyType: Parameter
            + Member
            + Ord
            + PartialOrd
            + InstanceFilter<<Self as Config>::RuntimeCall>
            + Default
            + MaxEncodedLen;

        /// What is on hold for an account's first proxy.
        #[pallet::constant]
        type ProxyDepositBase: Get<Balance>;

        /// What is on hold for each of its proxies.
        #[pallet::constant]
        type ProxyDepositFactor: Get<Balance>;

        /// LIMIT: proxies of an account.
        #[pallet::constant]
        type MaxProxies: Get<u32>;

        /// LIMIT: announcements of a proxy.
        #[pallet::constant]
        type MaxPending: Get<u32>;

        /// What is on hold for a proxy's first announcement.
        #[pallet::constant]
        type AnnouncementDepositBase: Get<Balance>;

        /// What is on hold for each of its announcements.
        #[pallet::constant]
        type AnnouncementDepositFactor: Get<Balance>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For an account's proxies.
        Proxies,
        /// For a proxy's announcements.
        Announcements,
    }

    /// The proxies of an account, in order, and what is on hold for them.
    #[pallet::storage]
    pub type Proxies<T: Config> = StorageMap<
        _,
        Twox64Concat,
        T::AccountId,
        (BoundedVec<ProxyDefinition<T::AccountId, T::ProxyType>, T::MaxProxies>, Balance),
        ValueQuery,
    >;

    /// What a proxy announced, and what is on hold for it.
    #[pallet::storage]
    pub type Announcements<T: Config> = StorageMap<
        _,
        Twox64Concat,
        T::AccountId,
        (BoundedVec<Announcement<T::AccountId>, T::MaxPending>, Balance),
        ValueQuery,
    >;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A proxy's call was dispatched.
        ProxyExecuted {
            /// What it returned.
            result: DispatchResult,
        },
        /// A pure account was created.
        PureCreated {
            /// The account.
            pure: T::AccountId,
            /// Who created it, and is its proxy.
            who: T::AccountId,
            /// Of which kind.
            proxy_type: T::ProxyType,
            /// Tells accounts apart that one transaction creates.
            disambiguation_index: u16,
        },
        /// A proxy announced a call.
        Announced {
            /// For whom.
            real: T::AccountId,
            /// Who.
            proxy: T::AccountId,
            /// The call's hash.
            call_hash: H256,
        },
        /// An account has a proxy more.
        ProxyAdded {
            /// The account.
            delegator: T::AccountId,
            /// Its proxy.
            delegatee: T::AccountId,
            /// Of which kind.
            proxy_type: T::ProxyType,
            /// With how many blocks' delay.
            delay: BlockNumber,
        },
        /// An account has a proxy less.
        ProxyRemoved {
            /// The account.
            delegator: T::AccountId,
            /// Who was its proxy.
            delegatee: T::AccountId,
            /// Of which kind.
            proxy_type: T::ProxyType,
            /// With how many blocks' delay.
            delay: BlockNumber,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// More proxies, or announcements, than there may be.
        TooMany,
        /// There is no such proxy or announcement.
        NotFound,
        /// The sender is no such proxy of the account.
        NotProxy,
        /// The account has this proxy already, or exists.
        #[codec(index = 4)]
        Duplicate,
        /// The sender is not the account that was created so.
        #[codec(index = 5)]
        NoPermission,
        /// The call was not announced, or not long enough ago.
        #[codec(index = 6)]
        Unannounced,
        /// Nobody is its own proxy.
        #[codec(index = 7)]
        NoSelfProxy,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::check()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Dispatches a call as `real`, of whom the sender is a proxy without delay.
        #[pallet::call_index(0)]
        #[pallet::weight(Self::proxy_weight(call, 1))]
        pub fn proxy(
            origin: OriginFor<T>,
            real: AccountIdLookupOf<T>,
            force_proxy_type: Option<T::ProxyType>,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let real = T::Lookup::lookup(real)?;
            let proxy = Self::find_proxy(&real, &who, force_proxy_type.as_ref())?;
            ensure!(proxy.delay == 0, Error::<T>::Unannounced);
            Self::act(proxy, real, *call);
            Ok(())
        }

        /// Makes `delegate` a proxy of the sender.
        #[pallet::call_index(1)]
        #[pallet::weight(Self::edit_weight())]
        pub fn add_proxy(
            origin: OriginFor<T>,
            delegate: AccountIdLookupOf<T>,
            proxy_type: T::ProxyType,
            delay: BlockNumber,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let delegate = T::Lookup::lookup(delegate)?;
            Self::do_add(who, ProxyDefinition { delegate, proxy_type, delay })
        }

        /// Ends that `delegate` is a proxy of the sender.
        #[pallet::call_index(2)]
        #[pallet::weight(Self::edit_weight())]
        pub fn remove_proxy(
            origin: OriginFor<T>,
            delegate: AccountIdLookupOf<T>,
            proxy_type: T::ProxyType,
            delay: BlockNumber,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let delegate = T::Lookup::lookup(delegate)?;
            Self::do_remove(who, &ProxyDefinition { delegate, proxy_type, delay })
        }

        /// Ends that anybody is a proxy of the sender. A pure account that does this is lost for good.
        #[pallet::call_index(3)]
        #[pallet::weight(Self::edit_weight())]
        pub fn remove_proxies(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let (_, deposit) = Proxies::<T>::take(&who);
            Self::change_hold(HoldReason::Proxies, &who, deposit, 0)
        }

        /// Creates an account without a key, whose proxy is the sender. `index` tells accounts apart that one
        /// transaction creates.
        #[pallet::call_index(4)]
        #[pallet::weight(Self::edit_weight())]
        pub fn create_pure(
            origin: OriginFor<T>,
            proxy_type: T::ProxyType,
            delay: BlockNumber,
            index: u16,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let pure = Self::pure_account(&who, &proxy_type, index, None);
            ensure!(!Proxies::<T>::contains_key(&pure), Error::<T>::Duplicate);
            let proxy =
                ProxyDefinition { delegate: who.clone(), proxy_type: proxy_type.clone(), delay };
            let proxies = BoundedVec::try_from(vec![proxy]).map_err(|_full| Error::<T>::TooMany)?;
            let deposit = Self::proxies_deposit(1);
            Self::change_hold(HoldReason::Proxies, &who, 0, deposit)?;
            Proxies::<T>::insert(&pure, (proxies, deposit));
            Self::deposit_event(Event::PureCreated {
                pure,
                who,
                proxy_type,
                disambiguation_index: index,
            });
            Ok(())
        }

        /// Gives a pure account up that the transaction `ext_index` of block `height` created. What it owns is lost.
        #[pallet::call_index(5)]
        #[pallet::weight(Self::edit_weight())]
        pub fn kill_pure(
            origin: OriginFor<T>,
            spawner: AccountIdLookupOf<T>,
            proxy_type: T::ProxyType,
            index: u16,
            #[pallet::compact] height: BlockNumber,
            #[pallet::compact] ext_index: u32,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let spawner = T::Lookup::lookup(spawner)?;
            let when = Some((height, ext_index));
            let pure = Self::pure_account(&spawner, &proxy_type, index, when);
            ensure!(pure == who, Error::<T>::NoPermission);
            Self::do_kill(&pure, &spawner)
        }

        /// Announces that the sender is going to make a call for `real`.
        #[pallet::call_index(6)]
        #[pallet::weight(Self::edit_weight())]
        pub fn announce(
            origin: OriginFor<T>,
            real: AccountIdLookupOf<T>,
            call_hash: H256,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let real = T::Lookup::lookup(real)?;
            Self::do_announce(who, real, call_hash)
        }

        /// Takes an announcement of the sender's back.
        #[pallet::call_index(7)]
        #[pallet::weight(Self::edit_weight())]
        pub fn remove_announcement(
            origin: OriginFor<T>,
            real: AccountIdLookupOf<T>,
            call_hash: H256,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let real = T::Lookup::lookup(real)?;
            Self::remove_announcements(&who, |a| a.real == real && a.call_hash == call_hash)
        }

        /// Rejects a call that `delegate` announced to make for the sender.
        #[pallet::call_index(8)]
        #[pallet::weight(Self::edit_weight())]
        pub fn reject_announcement(
            origin: OriginFor<T>,
            delegate: AccountIdLookupOf<T>,
            call_hash: H256,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let delegate = T::Lookup::lookup(delegate)?;
            Self::remove_announcements(&delegate, |a| a.real == who && a.call_hash == call_hash)
        }

        /// Dispatches a call as `real` that `delegate` announced, once its delay is over. Anybody may call it.
        #[pallet::call_index(9)]
        #[pallet::weight(Self::proxy_weight(call, 4))]
        pub fn proxy_announced(
            origin: OriginFor<T>,
            delegate: AccountIdLookupOf<T>,
            real: AccountIdLookupOf<T>,
            force_proxy_type: Option<T::ProxyType>,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            let delegate = T::Lookup::lookup(delegate)?;
            let real = T::Lookup::lookup(real)?;
            let proxy = Self::find_proxy(&real, &delegate, force_proxy_type.as_ref())?;
            let call_hash = BlakeTwo256::hash_of(&call);
            let now = pallet_system::Pallet::<T>::block_number();
            Self::remove_announcements(&delegate, |a| {
                a.real == real
                    && a.call_hash == call_hash
                    && now.saturating_sub(a.height) >= proxy.delay
            })
            .map_err(|_none| Error::<T>::Unannounced)?;
            Self::act(proxy, real, *call);
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        fn edit_weight() -> Weight {
            T::DbWeight::get().reads_writes(4, 4)
        }

        fn proxy_weight(
            call: &<T as Config>::RuntimeCall,
            accesses: u64,
        ) -> (Weight, DispatchClass) {
            let info = call.get_dispatch_info();
            let len = u64::try_from(call.encoded_size()).unwrap_or(u64::MAX);
            let weight = T::DbWeight::get()
                .reads_writes(accesses, accesses)
                .saturating_add(BYTE_WEIGHT.saturating_mul(len))
                .saturating_add(info.call_weight);
            (weight, info.class)
        }
    }
}
