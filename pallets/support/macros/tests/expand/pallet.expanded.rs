pub mod pallet {
    pub trait Config: pallet_system::Config<
            RuntimeEvent: ::core::convert::From<Event<Self>>,
        > {
        /// The most.
        type Limit: Get<u32>;
    }
    #[derive(
        ::citrate_support::CloneNoBound,
        ::citrate_support::EqNoBound,
        ::citrate_support::PartialEqNoBound,
        ::citrate_support::DebugNoBound,
    )]
    pub struct Pallet<T>(::core::marker::PhantomData<(T,)>);
    impl<T: Config> ::citrate_support::traits::PalletInfoAccess for Pallet<T> {
        fn index() -> usize {
            <<T as pallet_system::Config>::PalletInfo as ::citrate_support::traits::PalletInfo>::index::<
                Self,
            >()
                .expect(
                    "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry",
                )
        }
        fn name() -> &'static str {
            <<T as pallet_system::Config>::PalletInfo as ::citrate_support::traits::PalletInfo>::name::<
                Self,
            >()
                .expect(
                    "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry",
                )
        }
        fn name_hash() -> [u8; 16] {
            <<T as pallet_system::Config>::PalletInfo as ::citrate_support::traits::PalletInfo>::name_hash::<
                Self,
            >()
                .expect(
                    "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry",
                )
        }
        fn module_name() -> &'static str {
            <<T as pallet_system::Config>::PalletInfo as ::citrate_support::traits::PalletInfo>::module_name::<
                Self,
            >()
                .expect(
                    "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry",
                )
        }
        fn crate_version() -> ::citrate_support::traits::CrateVersion {
            ::citrate_support::traits::CrateVersion::new(0u16, 1u8, 0u8)
        }
    }
    impl<T: Config> ::citrate_support::traits::PalletsInfoAccess for Pallet<T> {
        fn accumulate(
            __all: &mut ::citrate_support::__private::Vec<
                ::citrate_support::traits::PalletInfoData,
            >,
        ) {
            __all
                .push(::citrate_support::traits::PalletInfoData {
                    index: <Self as ::citrate_support::traits::PalletInfoAccess>::index(),
                    name: <Self as ::citrate_support::traits::PalletInfoAccess>::name(),
                    module_name: <Self as ::citrate_support::traits::PalletInfoAccess>::module_name(),
                    crate_version: <Self as ::citrate_support::traits::PalletInfoAccess>::crate_version(),
                });
        }
    }
    impl<T: Config> ::citrate_support::traits::GetStorageVersion for Pallet<T> {
        type InCodeStorageVersion = ::citrate_support::traits::NoStorageVersionSet;
        fn in_code_storage_version() -> ::citrate_support::traits::NoStorageVersionSet {
            ::citrate_support::traits::NoStorageVersionSet
        }
        fn on_chain_storage_version() -> ::citrate_support::traits::StorageVersion {
            ::citrate_support::traits::StorageVersion::get::<Self>()
        }
    }
    impl<T: Config> ::citrate_support::traits::OnGenesis for Pallet<T> {
        fn on_genesis() {}
    }
    #[allow(type_alias_bounds)]
    /// A number per account.
    pub type Numbers<T: Config> = StorageMap<
        _GeneratedPrefixForStorageNumbers<T>,
        Twox64Concat,
        T::AccountId,
        u32,
        ValueQuery,
    >;
    #[doc(hidden)]
    #[allow(missing_docs, missing_debug_implementations)]
    pub struct _GeneratedPrefixForStorageNumbers<T>(::core::marker::PhantomData<(T,)>);
    impl<T: Config> ::citrate_support::storage::StorageInstance
    for _GeneratedPrefixForStorageNumbers<T> {
        const STORAGE_PREFIX: &'static str = "Numbers";
        fn pallet_prefix() -> &'static str {
            <Pallet<T> as ::citrate_support::traits::PalletInfoAccess>::name()
        }
    }
    impl<T: Config> Pallet<T> {
        /// A number per account.
        pub fn number<KArg1>(
            k1: KArg1,
        ) -> <Numbers<T> as ::citrate_support::parts::StorageQuery>::Query
        where
            KArg1: ::citrate_support::__private::codec::EncodeLike<T::AccountId>,
        {
            <Numbers<T>>::get(k1)
        }
    }
    const _: () = {
        #[allow(dead_code, clippy::extra_unused_type_parameters)]
        fn __bounded<T: Config>() {
            ::citrate_support::__private::require::max_encoded_len::<T::AccountId>();
            ::citrate_support::__private::require::max_encoded_len::<u32>();
        }
    };
    impl<T: Config> Pallet<T> {
        /// Sets the number.
        pub fn set(origin: OriginFor<T>, number: u32) -> DispatchResult {
            ::citrate_support::storage::with_storage_layer(|| -> DispatchResult {
                let who = ensure_signed(origin)?;
                Numbers::<T>::insert(who, number);
                Ok(())
            })
        }
    }
    ///The pallet's calls.
    #[derive(
        ::citrate_support::CloneNoBound,
        ::citrate_support::EqNoBound,
        ::citrate_support::PartialEqNoBound,
        ::citrate_support::DebugNoBound,
    )]
    #[derive(
        ::citrate_support::__private::codec::Encode,
        ::citrate_support::__private::codec::Decode,
        ::citrate_support::__private::codec::DecodeWithMemTracking,
        ::citrate_support::__private::scale_info::TypeInfo,
    )]
    #[codec(crate = ::citrate_support::__private::codec)]
    #[codec(encode_bound())]
    #[codec(decode_bound())]
    #[codec(decode_with_mem_tracking_bound())]
    #[scale_info(
        crate = ::citrate_support::__private::scale_info,
        skip_type_params(T),
        capture_docs = "always"
    )]
    #[allow(non_camel_case_types, clippy::large_enum_variant)]
    pub enum Call<T: Config> {
        /// Sets the number.
        #[codec(index = 0u8)]
        set { #[codec(compact)] #[allow(missing_docs)] number: u32 },
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T,)>, ::citrate_support::__private::Never),
    }
    #[allow(deprecated, clippy::too_many_arguments)]
    impl<T: Config> Call<T> {
        ///Makes the call `set`.
        pub fn new_call_variant_set(number: u32) -> Self {
            Self::set { number }
        }
    }
    #[allow(
        unused_variables,
        deprecated,
        clippy::ptr_arg,
        clippy::trivially_copy_pass_by_ref,
        clippy::too_many_arguments,
        clippy::borrowed_box,
        clippy::let_and_return
    )]
    impl<T: Config> Pallet<T> {
        #[doc(hidden)]
        fn __weight_of_set(
            number: &u32,
        ) -> (
            ::citrate_support::weights::Weight,
            ::citrate_support::dispatch::DispatchClass,
            ::citrate_support::dispatch::Pays,
        ) {
            let __weight = Weight::from_parts(8, 0);
            ::citrate_support::__private::require::weight(__weight)
        }
    }
    #[allow(deprecated)]
    impl<T: Config> ::citrate_support::dispatch::UnfilteredDispatchable for Call<T> {
        type RuntimeOrigin = <T as pallet_system::Config>::RuntimeOrigin;
        fn dispatch_bypass_filter(
            self,
            __origin: Self::RuntimeOrigin,
        ) -> ::citrate_support::dispatch::DispatchResultWithPostInfo {
            let _ = &__origin;
            match self {
                Self::set { number: __arg0 } => {
                    ::citrate_support::__private::CallOutput::into_full(
                        <Pallet<T>>::set(__origin, __arg0),
                    )
                }
                Self::__Ignore(_, __never) => match __never {}
            }
        }
    }
    impl<T: Config> ::citrate_support::dispatch::Callable<T> for Pallet<T> {
        type RuntimeCall = Call<T>;
    }
    #[allow(deprecated)]
    impl<T: Config> ::citrate_support::dispatch::GetDispatchInfo for Call<T> {
        fn get_dispatch_info(&self) -> ::citrate_support::dispatch::DispatchInfo {
            let (
                call_weight,
                class,
                pays_fee,
            ): (
                ::citrate_support::weights::Weight,
                ::citrate_support::dispatch::DispatchClass,
                ::citrate_support::dispatch::Pays,
            ) = match self {
                Self::set { number: __arg0 } => <Pallet<T>>::__weight_of_set(__arg0),
                Self::__Ignore(_, __never) => match *__never {}
            };
            ::citrate_support::dispatch::DispatchInfo {
                call_weight,
                extension_weight: ::core::default::Default::default(),
                class,
                pays_fee,
            }
        }
    }
    #[allow(deprecated, unreachable_patterns)]
    impl<T: Config> ::citrate_support::parts::CheckIfFeeless for Call<T> {
        type Origin = <T as pallet_system::Config>::RuntimeOrigin;
        fn is_feeless(&self, __origin: &Self::Origin) -> bool {
            let _ = __origin;
            match self {
                _ => false,
            }
        }
    }
    #[allow(deprecated)]
    impl<T: Config> ::citrate_support::dispatch::GetCallName for Call<T> {
        fn get_call_names() -> &'static [&'static str] {
            &["set"]
        }
        fn get_call_name(&self) -> &'static str {
            match self {
                Self::set { .. } => "set",
                Self::__Ignore(_, __never) => match *__never {}
            }
        }
    }
    #[allow(deprecated)]
    impl<T: Config> ::citrate_support::dispatch::GetCallIndex for Call<T> {
        fn get_call_indices() -> &'static [u8] {
            &[0u8]
        }
        fn get_call_index(&self) -> u8 {
            match self {
                Self::set { .. } => 0u8,
                Self::__Ignore(_, __never) => match *__never {}
            }
        }
    }
    const _: () = {
        #[allow(dead_code, clippy::extra_unused_type_parameters)]
        fn __calls<T: Config>() {
            ::citrate_support::__private::require::call_output::<DispatchResult>();
            ::citrate_support::__private::require::parameter::<u32>();
        }
    };
    #[derive(
        ::citrate_support::CloneNoBound,
        ::citrate_support::PartialEqNoBound,
        ::citrate_support::EqNoBound,
        ::citrate_support::DebugNoBound
    )]
    #[derive(
        ::citrate_support::__private::codec::Encode,
        ::citrate_support::__private::codec::Decode,
        ::citrate_support::__private::codec::DecodeWithMemTracking,
        ::citrate_support::__private::scale_info::TypeInfo,
    )]
    #[codec(crate = ::citrate_support::__private::codec)]
    #[codec(encode_bound())]
    #[codec(decode_bound())]
    #[codec(decode_with_mem_tracking_bound())]
    #[scale_info(
        crate = ::citrate_support::__private::scale_info,
        skip_type_params(T),
        capture_docs = "always"
    )]
    pub enum Event<T: Config> {
        /// It was set.
        Set { who: T::AccountId },
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T,)>, ::citrate_support::__private::Never),
    }
    impl<T: Config> Pallet<T> {
        /// Deposits an event of this pallet.
        pub(super) fn deposit_event(__event: Event<T>) {
            let __event = <<T as pallet_system::Config>::RuntimeEvent as ::core::convert::From<
                Event<T>,
            >>::from(__event);
            let __event = <<T as pallet_system::Config>::RuntimeEvent as ::core::convert::Into<
                <T as pallet_system::Config>::RuntimeEvent,
            >>::into(__event);
            pallet_system::Pallet::<T>::deposit_event(__event);
        }
    }
    #[derive(
        ::citrate_support::__private::codec::Encode,
        ::citrate_support::__private::codec::Decode,
        ::citrate_support::__private::codec::DecodeWithMemTracking,
        ::citrate_support::__private::scale_info::TypeInfo,
    )]
    #[codec(crate = ::citrate_support::__private::codec)]
    #[codec(encode_bound())]
    #[codec(decode_bound())]
    #[codec(decode_with_mem_tracking_bound())]
    #[scale_info(
        crate = ::citrate_support::__private::scale_info,
        skip_type_params(T),
        capture_docs = "always"
    )]
    pub enum Error<T> {
        /// More than the limit.
        TooMuch,
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T,)>, ::citrate_support::__private::Never),
    }
    impl<T> Error<T> {
        #[doc(hidden)]
        pub fn as_str(&self) -> &'static str {
            match self {
                Self::TooMuch { .. } => "TooMuch",
                Self::__Ignore(_, __never) => match *__never {}
            }
        }
    }
    impl<T> ::core::convert::From<Error<T>> for &'static str {
        fn from(__error: Error<T>) -> Self {
            __error.as_str()
        }
    }
    impl<T> ::core::fmt::Debug for Error<T> {
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __f.write_str(self.as_str())
        }
    }
    impl<T> ::citrate_support::__private::PalletError for Error<T> {
        const MAX_ENCODED_SIZE: usize = {
            #[allow(dead_code)]
            const fn __max(a: usize, b: usize) -> usize {
                if a > b { a } else { b }
            }
            #[allow(unused_mut)]
            let mut __size = 0;
            __size = __max(__size, 0);
            1 + __size
        };
    }
    impl<T: Config> ::core::convert::From<Error<T>>
    for ::citrate_support::dispatch::DispatchError {
        fn from(__error: Error<T>) -> Self {
            ::citrate_support::__private::ensure_error_fits::<Error<T>>();
            ::citrate_support::parts::module_error::<
                Pallet<T>,
                Error<T>,
            >(&__error, __error.as_str())
        }
    }
    impl<
        T: Config,
    > ::citrate_support::traits::Hooks<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T> {}
    impl<
        T: Config,
    > ::citrate_support::traits::OnInitialize<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T> {
        fn on_initialize(
            __n: ::citrate_support::__private::primitives::BlockNumber,
        ) -> ::citrate_support::weights::Weight {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_initialize(__n)
        }
    }
    impl<
        T: Config,
    > ::citrate_support::traits::OnFinalize<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T> {
        fn on_finalize(__n: ::citrate_support::__private::primitives::BlockNumber) {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_finalize(__n)
        }
    }
    impl<
        T: Config,
    > ::citrate_support::traits::OnIdle<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T> {
        fn on_idle(
            __n: ::citrate_support::__private::primitives::BlockNumber,
            __remaining: ::citrate_support::weights::Weight,
        ) -> ::citrate_support::weights::Weight {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_idle(__n, __remaining)
        }
    }
    impl<
        T: Config,
    > ::citrate_support::traits::OnPoll<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T> {
        fn on_poll(
            __n: ::citrate_support::__private::primitives::BlockNumber,
            __weight: &mut ::citrate_support::weights::WeightMeter,
        ) {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_poll(__n, __weight)
        }
    }
    impl<T: Config> ::citrate_support::traits::BeforeAllRuntimeMigrations for Pallet<T> {
        fn before_all_runtime_migrations() -> ::citrate_support::weights::Weight {
            ::citrate_support::weights::Weight::zero()
        }
    }
    impl<T: Config> ::citrate_support::traits::OnRuntimeUpgrade for Pallet<T> {
        fn on_runtime_upgrade() -> ::citrate_support::weights::Weight {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_runtime_upgrade()
        }
    }
    impl<
        T: Config,
    > ::citrate_support::traits::OffchainWorker<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T> {
        fn offchain_worker(__n: ::citrate_support::__private::primitives::BlockNumber) {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::offchain_worker(__n)
        }
    }
    impl<T: Config> ::citrate_support::traits::IntegrityTest for Pallet<T> {
        fn integrity_test() {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::integrity_test()
        }
    }
    #[allow(deprecated)]
    impl<T: Config> ::citrate_support::parts::PalletTypes<T> for Pallet<T> {
        type Call = Call<T>;
        type Event = Event<T>;
        type Error = Error<T>;
        type Origin = ::citrate_support::parts::Absent<Self>;
        type HoldReason = ::citrate_support::parts::Absent<Self>;
        type FreezeReason = ::citrate_support::parts::Absent<Self>;
        type GenesisConfig = ::citrate_support::parts::AbsentGenesis<Self>;
    }
    #[allow(deprecated)]
    impl<T: Config> ::citrate_support::parts::PalletParts for Pallet<T> {
        type Call = Call<T>;
        type Event = Event<T>;
        type Error = Error<T>;
        type Origin = ::citrate_support::parts::Absent<Self>;
        type HoldReason = ::citrate_support::parts::Absent<Self>;
        type FreezeReason = ::citrate_support::parts::Absent<Self>;
        type GenesisConfig = ::citrate_support::parts::AbsentGenesis<Self>;
        const HAS_CALL: bool = true;
        const HAS_EVENT: bool = true;
        const HAS_ERROR: bool = true;
        const HAS_ORIGIN: bool = false;
        const HAS_HOLD_REASON: bool = false;
        const HAS_FREEZE_REASON: bool = false;
        const HAS_GENESIS_CONFIG: bool = false;
        fn parts_metadata() -> ::citrate_support::parts::PartsMetadata {
            ::citrate_support::parts::PartsMetadata {
                docs: ::citrate_support::__private::vec![],
                deprecation: ::citrate_support::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                storage: ::core::option::Option::Some(::citrate_support::__private::metadata_ir::PalletStorageMetadataIR {
                    prefix: <Self as ::citrate_support::traits::PalletInfoAccess>::name(),
                    entries: {
                        let mut __entries = ::citrate_support::__private::Vec::new();
                        <Numbers<
                            T,
                        > as ::citrate_support::storage::StorageEntryMetadataBuilder>::build_metadata(
                            ::citrate_support::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                            ::citrate_support::__private::vec![" A number per account."],
                            &mut __entries,
                        );
                        __entries
                    },
                }),
                call_type: ::citrate_support::__private::scale_info::meta_type::<
                    Call<T>,
                >(),
                call_deprecation: {
                    #[allow(unused_mut)]
                    let mut __info = ::citrate_support::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                    __info
                },
                event: ::core::option::Option::Some((
                    ::citrate_support::__private::scale_info::meta_type::<Event<T>>(),
                    {
                        #[allow(unused_mut)]
                        let mut __info = ::citrate_support::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                        __info
                    },
                )),
                error: ::core::option::Option::Some((
                    ::citrate_support::__private::scale_info::meta_type::<Error<T>>(),
                    {
                        #[allow(unused_mut)]
                        let mut __info = ::citrate_support::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                        __info
                    },
                )),
                constants: ::citrate_support::__private::vec![
                    ::citrate_support::__private::metadata_ir::PalletConstantMetadataIR {
                    name : "Limit", ty :
                    ::citrate_support::__private::scale_info::meta_type:: < u32 > (),
                    value : { let __value : u32 = << T as Config > ::Limit as
                    ::citrate_support::traits::Get < u32 >> ::get();
                    ::citrate_support::__private::codec::Encode::encode(& __value) },
                    docs : ::citrate_support::__private::vec![" The most."],
                    deprecation_info :
                    ::citrate_support::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                    }
                ],
                associated_types: ::citrate_support::__private::vec![],
                view_functions: ::citrate_support::__private::vec![],
            }
        }
    }
}
