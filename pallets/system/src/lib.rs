//! The pallet under all others: accounts, block bookkeeping, events, code upgrades.
//!
//! Storage, calls, events and the transaction extensions are FRAME System's, so that clients find
//! accounts, events and nonces where they look for them. Blocks are the chain's concrete types.
//! [`Pallet::initialize`] takes any digest: rules of the DAG are checked by the node, and
//! [`Pallet::finalize`] computes roots and compares none.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod account;
#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
mod block;
pub mod config_preludes;
mod events;
pub mod extensions;
pub mod limits;
mod origin;
#[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
mod travel;
mod types;
mod upgrade;

#[cfg(test)]
mod tests;

#[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
pub use self::travel::BlockHooks;
pub use self::{
    account::{Consumer, Provider, SelfSufficient},
    events::EventIndex,
    extensions::{
        CheckGenesis, CheckMetadataHash, CheckMortality, CheckMortality as CheckEra,
        CheckNonZeroSender, CheckNonce, CheckSpecVersion, CheckTxVersion, CheckWeight,
        WeightReclaim,
    },
    origin::{
        EnsureNone, EnsureRoot, EnsureSigned, EnsureSignedBy, ensure_authorized, ensure_none,
        ensure_root, ensure_signed, ensure_signed_or_root,
    },
    pallet::*,
    types::{
        AccountInfo, CodeUpgradeAuthorization, DecRefStatus, DispatchEventInfo, EventRecord,
        IncRefStatus, LastRuntimeUpgradeInfo, RefCount,
    },
    upgrade::SetCode,
};
pub use citrate_core::generic::Phase;
pub use citrate_support::dispatch::RawOrigin;

use citrate_core::Weight;
use citrate_support::dispatch::PerDispatchClass;

/// What the extrinsics of a block weigh so far, by class.
pub type ConsumedWeight = PerDispatchClass<Weight>;

/// What pallets need of this one.
pub mod pallet_prelude {
    pub use crate::{
        ensure_authorized, ensure_none, ensure_root, ensure_signed, ensure_signed_or_root,
    };

    /// The origin of a runtime's calls.
    pub type OriginFor<T> = <T as crate::Config>::RuntimeOrigin;
    /// The height of a block; the same for every runtime.
    pub type BlockNumberFor<T> = <T as crate::BlockTypes>::BlockNumber;
    /// The header of a block; the same for every runtime.
    pub type HeaderFor<T> = <T as crate::BlockTypes>::Header;
}

/// Names the concrete block types, so that aliases over a runtime can use their parameter, and
/// pallets can write `T::Hash`.
pub trait BlockTypes {
    /// The height of a block.
    type BlockNumber;
    /// The header of a block.
    type Header;
    /// What identifies blocks and extrinsics.
    type Hash;
}

impl<T: ?Sized> BlockTypes for T {
    type BlockNumber = citrate_core::BlockNumber;
    type Header = citrate_core::Header;
    type Hash = citrate_core::H256;
}

/// The accounts, blocks and events of a runtime.
#[citrate_support::pallet]
pub mod pallet {
    use crate::{
        AccountInfo, CodeUpgradeAuthorization, ConsumedWeight, DispatchEventInfo, EventIndex,
        EventRecord, LastRuntimeUpgradeInfo, Phase, RawOrigin, SetCode, limits, pallet_prelude::*,
    };
    use citrate_core::{RuntimeVersion, well_known_keys};
    use citrate_support::{
        dispatch::{DispatchInfo, PostDispatchInfo},
        migrations::MultiStepMigrator,
        pallet_prelude::*,
        storage::unhashed,
        traits::{
            AtLeast32Bit, Contains, Dispatchable, Hash, MaybeDisplay, OnKilledAccount,
            OnNewAccount, OriginTrait, PalletInfo, StaticLookup,
        },
        weights::RuntimeDbWeight,
    };
    use codec::{EncodeLike, FullCodec};
    use core::fmt::Debug;

    /// A storage key.
    pub type Key = Vec<u8>;
    /// A storage key and its value.
    pub type KeyValue = (Vec<u8>, Vec<u8>);

    /// What the pallet needs from the runtime.
    #[pallet::config(with_default)]
    #[pallet::disable_frame_system_supertrait_check]
    pub trait Config:
        crate::BlockTypes<BlockNumber = BlockNumber, Header = citrate_core::Header, Hash = H256>
        + 'static
        + Eq
        + Clone
    {
        /// What the pallet says that happened.
        #[pallet::no_default_bounds]
        type RuntimeEvent: Parameter
            + Member
            + From<Event<Self>>
            + Debug
            + IsType<<Self as Config>::RuntimeEvent>;

        /// Which calls pass at all; root passes always.
        type BaseCallFilter: Contains<Self::RuntimeCall>;

        /// How heavy blocks may be.
        #[pallet::constant]
        type BlockWeights: Get<limits::BlockWeights>;

        /// How long blocks may be.
        #[pallet::constant]
        type BlockLength: Get<limits::BlockLength>;

        /// Who makes a call.
        #[pallet::no_default_bounds]
        type RuntimeOrigin: Into<Result<RawOrigin<Self::AccountId>, Self::RuntimeOrigin>>
            + From<RawOrigin<Self::AccountId>>
            + Clone
            + Debug
            + OriginTrait<Call = Self::RuntimeCall, AccountId = Self::AccountId>;

        /// The calls of the runtime.
        #[pallet::no_default_bounds]
        type RuntimeCall: Parameter
            + Dispatchable<
                RuntimeOrigin = Self::RuntimeOrigin,
                Info = DispatchInfo,
                PostInfo = PostDispatchInfo,
            > + Debug
            + Send
            + Sync
            + From<Call<Self>>;

        /// The number of an account's transactions.
        type Nonce: Parameter
            + Member
            + Default
            + MaybeDisplay
            + AtLeast32Bit
            + codec::HasCompact
            + Copy
            + MaxEncodedLen;

        /// The hash function of the chain.
        type Hashing: Hash<Output = H256> + TypeInfo;

        /// An account.
        type AccountId: Parameter + Member + MaybeSerializeDeserialize + Debug + Ord + MaxEncodedLen;

        /// From addresses in calls to accounts.
        type Lookup: StaticLookup<Target = Self::AccountId>;

        /// How many block hashes are kept; no transaction may be older.
        #[pallet::constant]
        type BlockHashCount: Get<u32>;

        /// What database accesses weigh.
        #[pallet::constant]
        type DbWeight: Get<RuntimeDbWeight>;

        /// The version of the runtime.
        #[pallet::constant]
        type Version: Get<RuntimeVersion>;

        /// The pallets of the runtime.
        #[pallet::no_default_bounds]
        type PalletInfo: PalletInfo;

        /// What another pallet keeps with each account.
        type AccountData: Member
            + FullCodec
            + EncodeLike
            + Clone
            + Default
            + TypeInfo
            + MaxEncodedLen;

        /// Told of new accounts.
        type OnNewAccount: OnNewAccount<Self::AccountId>;

        /// Told of accounts that are gone.
        type OnKilledAccount: OnKilledAccount<Self::AccountId>;

        /// The chain's prefix of SS58 addresses.
        #[pallet::constant]
        type SS58Prefix: Get<u16>;

        /// What installing a runtime does.
        #[pallet::no_default_bounds]
        type OnSetCode: SetCode<Self>;

        /// The most consumers that an account may have.
        type MaxConsumers: Get<u32>;

        /// Who runs migrations over several blocks: `pallet-migrations`, or nobody.
        type MultiBlockMigrator: MultiStepMigrator;
    }

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            T::BlockWeights::get().validate().expect("the weights of blocks make sense");
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Does nothing but be in a block, with some bytes.
        #[pallet::call_index(0)]
        #[pallet::weight(Pallet::<T>::remark_weight(remark.len()))]
        pub fn remark(_origin: OriginFor<T>, remark: Vec<u8>) -> DispatchResultWithPostInfo {
            let _ = remark;
            Ok(().into())
        }

        /// Sets the number of pages of the runtime's memory.
        #[pallet::call_index(1)]
        #[pallet::weight((T::DbWeight::get().writes(2), DispatchClass::Operational))]
        pub fn set_heap_pages(origin: OriginFor<T>, pages: u64) -> DispatchResultWithPostInfo {
            ensure_root(origin)?;
            unhashed::put_raw(well_known_keys::HEAP_PAGES, &pages.encode());
            Self::deposit_log(citrate_core::DigestItem::RuntimeEnvironmentUpdated);
            Ok(().into())
        }

        /// Installs a runtime of the same name and a higher version.
        #[pallet::call_index(2)]
        #[pallet::weight((Pallet::<T>::set_code_weight(), DispatchClass::Operational))]
        pub fn set_code(origin: OriginFor<T>, code: Vec<u8>) -> DispatchResultWithPostInfo {
            ensure_root(origin)?;
            Self::can_set_code(&code, true)?;
            T::OnSetCode::set_code(code)?;
            Ok(Some(Self::set_code_weight()).into())
        }

        /// Installs a runtime without looking at it.
        #[pallet::call_index(3)]
        #[pallet::weight((Pallet::<T>::set_code_weight(), DispatchClass::Operational))]
        pub fn set_code_without_checks(
            origin: OriginFor<T>,
            code: Vec<u8>,
        ) -> DispatchResultWithPostInfo {
            ensure_root(origin)?;
            Self::can_set_code(&code, false)?;
            T::OnSetCode::set_code(code)?;
            Ok(Some(Self::set_code_weight()).into())
        }

        /// Writes any storage.
        #[pallet::call_index(4)]
        #[pallet::weight((Pallet::<T>::writes_weight(items.len()), DispatchClass::Operational))]
        pub fn set_storage(
            origin: OriginFor<T>,
            items: Vec<KeyValue>,
        ) -> DispatchResultWithPostInfo {
            ensure_root(origin)?;
            for (key, value) in &items {
                unhashed::put_raw(key, value);
            }
            Ok(().into())
        }

        /// Removes any storage.
        #[pallet::call_index(5)]
        #[pallet::weight((Pallet::<T>::writes_weight(keys.len()), DispatchClass::Operational))]
        pub fn kill_storage(origin: OriginFor<T>, keys: Vec<Key>) -> DispatchResultWithPostInfo {
            ensure_root(origin)?;
            for key in &keys {
                unhashed::kill(key);
            }
            Ok(().into())
        }

        /// Removes all storage under a prefix; `subkeys` is what it is expected to be, for the weight.
        #[pallet::call_index(6)]
        #[pallet::weight((
            Pallet::<T>::writes_weight(usize::try_from(*subkeys).unwrap_or(usize::MAX)),
            DispatchClass::Operational,
        ))]
        pub fn kill_prefix(
            origin: OriginFor<T>,
            prefix: Key,
            subkeys: u32,
        ) -> DispatchResultWithPostInfo {
            ensure_root(origin)?;
            let _ = unhashed::clear_prefix(&prefix, subkeys, None);
            Ok(().into())
        }

        /// Some bytes in a block, and an event with their hash.
        #[pallet::call_index(7)]
        #[pallet::weight(Pallet::<T>::remark_weight(remark.len()))]
        pub fn remark_with_event(
            origin: OriginFor<T>,
            remark: Vec<u8>,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let hash = T::Hashing::hash(&remark[..]);
            Self::deposit_event(Event::Remarked { sender: who, hash });
            Ok(().into())
        }

        /// Lets anybody install the runtime with this hash, if its version is higher.
        #[pallet::call_index(9)]
        #[pallet::weight((T::DbWeight::get().writes(1), DispatchClass::Operational))]
        pub fn authorize_upgrade(origin: OriginFor<T>, code_hash: H256) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_authorize_upgrade(code_hash, true);
            Ok(())
        }

        /// Lets anybody install the runtime with this hash, whatever its version.
        #[pallet::call_index(10)]
        #[pallet::weight((T::DbWeight::get().writes(1), DispatchClass::Operational))]
        pub fn authorize_upgrade_without_checks(
            origin: OriginFor<T>,
            code_hash: H256,
        ) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_authorize_upgrade(code_hash, false);
            Ok(())
        }

        /// Installs the authorised runtime.
        #[pallet::call_index(11)]
        #[pallet::weight((Pallet::<T>::set_code_weight(), DispatchClass::Operational))]
        pub fn apply_authorized_upgrade(
            _origin: OriginFor<T>,
            code: Vec<u8>,
        ) -> DispatchResultWithPostInfo {
            Self::do_apply_authorize_upgrade(code)
        }
    }

    /// What happened.
    #[pallet::event]
    pub enum Event<T: Config> {
        /// An extrinsic completed.
        ExtrinsicSuccess {
            /// What is known of its call.
            dispatch_info: DispatchEventInfo,
        },
        /// An extrinsic failed.
        ExtrinsicFailed {
            /// Why.
            dispatch_error: DispatchError,
            /// What is known of its call.
            dispatch_info: DispatchEventInfo,
        },
        /// `:code` was changed.
        CodeUpdated,
        /// There is a new account.
        NewAccount {
            /// The account.
            account: T::AccountId,
        },
        /// An account is gone.
        KilledAccount {
            /// The account.
            account: T::AccountId,
        },
        /// Somebody put bytes on chain.
        Remarked {
            /// Who.
            sender: T::AccountId,
            /// The hash of the bytes.
            hash: H256,
        },
        /// A runtime may be installed.
        UpgradeAuthorized {
            /// The hash of its code.
            code_hash: H256,
            /// Whether its name and version must fit.
            check_version: bool,
        },
        /// An authorised runtime could not be installed.
        RejectedInvalidAuthorizedUpgrade {
            /// The hash of its code.
            code_hash: H256,
            /// Why.
            error: DispatchError,
        },
    }

    /// What can go wrong.
    #[pallet::error]
    pub enum Error<T> {
        /// The name of the new runtime is another one.
        InvalidSpecName,
        /// The version of the new runtime is not higher.
        SpecVersionNeedsToIncrease,
        /// The new runtime does not tell its version.
        FailedToExtractRuntimeVersion,
        /// The account is not in its initial state.
        NonDefaultComposite,
        /// Something refers to the account.
        NonZeroRefCount,
        /// The origin's filter refuses the call.
        CallFiltered,
        /// A migration is running and must complete first.
        MultiBlockMigrationsOngoing,
        /// No upgrade is authorised.
        NothingAuthorized,
        /// The code is not the authorised one.
        Unauthorized,
    }

    /// Who makes a call.
    #[pallet::origin]
    pub type Origin<T> = RawOrigin<<T as Config>::AccountId>;

    /// What is known of each account.
    #[pallet::storage]
    pub type Account<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        AccountInfo<T::Nonce, T::AccountData>,
        ValueQuery,
    >;

    /// The number of extrinsics in this block.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type ExtrinsicCount<T: Config> = StorageValue<_, u32>;

    /// Whether the inherents of this block have been applied.
    #[pallet::storage]
    pub type InherentsApplied<T: Config> = StorageValue<_, bool, ValueQuery>;

    /// What this block weighs so far.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type BlockWeight<T: Config> = StorageValue<_, ConsumedWeight, ValueQuery>;

    /// How long the extrinsics of this block are so far.
    #[pallet::storage]
    pub type BlockSize<T: Config> = StorageValue<_, u32>;

    /// The hashes of the last blocks, and of the first.
    #[pallet::storage]
    pub type BlockHash<T: Config> =
        StorageMap<_, Twox64Concat, BlockNumberFor<T>, H256, ValueQuery>;

    /// The extrinsics of this block.
    #[pallet::storage]
    #[pallet::unbounded]
    pub type ExtrinsicData<T: Config> = StorageMap<_, Twox64Concat, u32, Vec<u8>, ValueQuery>;

    /// The number of this block.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type Number<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

    /// The hash of the block before.
    #[pallet::storage]
    pub type ParentHash<T: Config> = StorageValue<_, H256, ValueQuery>;

    /// The digest of this block.
    #[pallet::storage]
    #[pallet::unbounded]
    #[pallet::whitelist_storage]
    pub type Digest<T: Config> = StorageValue<_, citrate_core::Digest, ValueQuery>;

    /// The events of this block. Clients read this; pallets never should.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    #[pallet::disable_try_decode_storage]
    #[pallet::unbounded]
    pub type Events<T: Config> =
        StorageValue<_, Vec<Box<EventRecord<<T as Config>::RuntimeEvent, H256>>>, ValueQuery>;

    /// The number of events of this block.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type EventCount<T: Config> = StorageValue<_, EventIndex, ValueQuery>;

    /// Where events of each topic are, in this block.
    #[pallet::storage]
    #[pallet::unbounded]
    pub type EventTopics<T: Config> =
        StorageMap<_, Blake2_128Concat, H256, Vec<(BlockNumberFor<T>, EventIndex)>, ValueQuery>;

    /// The runtime that the state was last migrated to.
    #[pallet::storage]
    #[pallet::unbounded]
    pub type LastRuntimeUpgrade<T: Config> = StorageValue<_, LastRuntimeUpgradeInfo>;

    /// The last block that took no transactions, because a migration was under way.
    #[pallet::storage]
    pub type LastClosedBlock<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;

    /// What the block is doing.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type ExecutionPhase<T: Config> = StorageValue<_, Phase>;

    /// A runtime that anybody may install.
    #[pallet::storage]
    pub type AuthorizedUpgrade<T: Config> = StorageValue<_, CodeUpgradeAuthorization, OptionQuery>;

    /// The first state of the pallet: nothing to choose.
    #[derive(DebugNoBound, DefaultNoBound)]
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Makes the type depend on the runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            // The hash of block 0 is not known yet: the first block writes it.
            LastRuntimeUpgrade::<T>::put(LastRuntimeUpgradeInfo::from(T::Version::get()));
            unhashed::put(well_known_keys::EXTRINSIC_INDEX, &0_u32);
        }
    }
}
