pub mod pallet {
    pub trait Config<
        I: 'static = (),
    >: pallet_system::Config<RuntimeEvent: ::core::convert::From<Event<Self, I>>> {}
    #[derive(
        ::citrate_support::CloneNoBound,
        ::citrate_support::EqNoBound,
        ::citrate_support::PartialEqNoBound,
        ::citrate_support::DebugNoBound,
    )]
    pub struct Pallet<T, I = ()>(::core::marker::PhantomData<(T, I)>);
    impl<T: Config<I>, I: 'static> ::citrate_support::traits::PalletInfoAccess
    for Pallet<T, I> {
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
    impl<T: Config<I>, I: 'static> ::citrate_support::traits::PalletsInfoAccess
    for Pallet<T, I> {
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
    impl<T: Config<I>, I: 'static> ::citrate_support::traits::GetStorageVersion
    for Pallet<T, I> {
        type InCodeStorageVersion = ::citrate_support::traits::NoStorageVersionSet;
        fn in_code_storage_version() -> ::citrate_support::traits::NoStorageVersionSet {
            ::citrate_support::traits::NoStorageVersionSet
        }
        fn on_chain_storage_version() -> ::citrate_support::traits::StorageVersion {
            ::citrate_support::traits::StorageVersion::get::<Self>()
        }
    }
    impl<T: Config<I>, I: 'static> ::citrate_support::traits::OnGenesis
    for Pallet<T, I> {
        fn on_genesis() {}
    }
    #[allow(type_alias_bounds)]
    pub type Last<T: Config<I>, I: 'static = ()> = StorageValue<
        _GeneratedPrefixForStorageLast<T, I>,
        T::AccountId,
    >;
    #[doc(hidden)]
    #[allow(missing_docs, missing_debug_implementations)]
    pub struct _GeneratedPrefixForStorageLast<T, I>(::core::marker::PhantomData<(T, I)>);
    impl<T: Config<I>, I: 'static> ::citrate_support::storage::StorageInstance
    for _GeneratedPrefixForStorageLast<T, I> {
        const STORAGE_PREFIX: &'static str = "Last";
        fn pallet_prefix() -> &'static str {
            <Pallet<T, I> as ::citrate_support::traits::PalletInfoAccess>::name()
        }
    }
    const _: () = {
        #[allow(dead_code, clippy::extra_unused_type_parameters)]
        fn __bounded<T: Config<I>, I: 'static>() {
            ::citrate_support::__private::require::max_encoded_len::<T::AccountId>();
        }
    };
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
        skip_type_params(T, I),
        capture_docs = "always"
    )]
    #[allow(non_camel_case_types, clippy::large_enum_variant)]
    pub enum Call<T: Config<I>, I: 'static = ()> {
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(
            ::core::marker::PhantomData<(T, I)>,
            ::citrate_support::__private::Never,
        ),
    }
    #[allow(deprecated, clippy::too_many_arguments)]
    impl<T: Config<I>, I: 'static> Call<T, I> {}
    #[allow(
        unused_variables,
        deprecated,
        clippy::ptr_arg,
        clippy::trivially_copy_pass_by_ref,
        clippy::too_many_arguments,
        clippy::borrowed_box,
        clippy::let_and_return
    )]
    impl<T: Config<I>, I: 'static> Pallet<T, I> {}
    #[allow(deprecated)]
    impl<T: Config<I>, I: 'static> ::citrate_support::dispatch::UnfilteredDispatchable
    for Call<T, I> {
        type RuntimeOrigin = <T as pallet_system::Config>::RuntimeOrigin;
        fn dispatch_bypass_filter(
            self,
            __origin: Self::RuntimeOrigin,
        ) -> ::citrate_support::dispatch::DispatchResultWithPostInfo {
            let _ = &__origin;
            match self {
                Self::__Ignore(_, __never) => match __never {}
            }
        }
    }
    impl<T: Config<I>, I: 'static> ::citrate_support::dispatch::Callable<T>
    for Pallet<T, I> {
        type RuntimeCall = Call<T, I>;
    }
    #[allow(deprecated)]
    impl<T: Config<I>, I: 'static> ::citrate_support::dispatch::GetDispatchInfo
    for Call<T, I> {
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
    impl<T: Config<I>, I: 'static> ::citrate_support::parts::CheckIfFeeless
    for Call<T, I> {
        type Origin = <T as pallet_system::Config>::RuntimeOrigin;
        fn is_feeless(&self, __origin: &Self::Origin) -> bool {
            let _ = __origin;
            match self {
                _ => false,
            }
        }
    }
    #[allow(deprecated)]
    impl<T: Config<I>, I: 'static> ::citrate_support::dispatch::GetCallName
    for Call<T, I> {
        fn get_call_names() -> &'static [&'static str] {
            &[]
        }
        fn get_call_name(&self) -> &'static str {
            match self {
                Self::__Ignore(_, __never) => match *__never {}
            }
        }
    }
    #[allow(deprecated)]
    impl<T: Config<I>, I: 'static> ::citrate_support::dispatch::GetCallIndex
    for Call<T, I> {
        fn get_call_indices() -> &'static [u8] {
            &[]
        }
        fn get_call_index(&self) -> u8 {
            match self {
                Self::__Ignore(_, __never) => match *__never {}
            }
        }
    }
    const _: () = {
        #[allow(dead_code, clippy::extra_unused_type_parameters)]
        fn __calls<T: Config<I>, I: 'static>() {}
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
        skip_type_params(T, I),
        capture_docs = "always"
    )]
    pub enum Event<T: Config<I>, I: 'static = ()> {
        Done(T::AccountId),
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(
            ::core::marker::PhantomData<(T, I)>,
            ::citrate_support::__private::Never,
        ),
    }
    impl<T: Config<I>, I: 'static> Pallet<T, I> {
        /// Deposits an event of this pallet.
        fn deposit_event(__event: Event<T, I>) {
            let __event = <<T as pallet_system::Config>::RuntimeEvent as ::core::convert::From<
                Event<T, I>,
            >>::from(__event);
            let __event = <<T as pallet_system::Config>::RuntimeEvent as ::core::convert::Into<
                <T as pallet_system::Config>::RuntimeEvent,
            >>::into(__event);
            pallet_system::Pallet::<T>::deposit_event(__event);
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::citrate_support::traits::Hooks<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T, I> {}
    impl<
        T: Config<I>,
        I: 'static,
    > ::citrate_support::traits::OnInitialize<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T, I> {
        fn on_initialize(
            __n: ::citrate_support::__private::primitives::BlockNumber,
        ) -> ::citrate_support::weights::Weight {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_initialize(__n)
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::citrate_support::traits::OnFinalize<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T, I> {
        fn on_finalize(__n: ::citrate_support::__private::primitives::BlockNumber) {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_finalize(__n)
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::citrate_support::traits::OnIdle<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T, I> {
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
        T: Config<I>,
        I: 'static,
    > ::citrate_support::traits::OnPoll<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T, I> {
        fn on_poll(
            __n: ::citrate_support::__private::primitives::BlockNumber,
            __weight: &mut ::citrate_support::weights::WeightMeter,
        ) {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_poll(__n, __weight)
        }
    }
    impl<T: Config<I>, I: 'static> ::citrate_support::traits::BeforeAllRuntimeMigrations
    for Pallet<T, I> {
        fn before_all_runtime_migrations() -> ::citrate_support::weights::Weight {
            ::citrate_support::weights::Weight::zero()
        }
    }
    impl<T: Config<I>, I: 'static> ::citrate_support::traits::OnRuntimeUpgrade
    for Pallet<T, I> {
        fn on_runtime_upgrade() -> ::citrate_support::weights::Weight {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::on_runtime_upgrade()
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::citrate_support::traits::OffchainWorker<
        ::citrate_support::__private::primitives::BlockNumber,
    > for Pallet<T, I> {
        fn offchain_worker(__n: ::citrate_support::__private::primitives::BlockNumber) {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::offchain_worker(__n)
        }
    }
    impl<T: Config<I>, I: 'static> ::citrate_support::traits::IntegrityTest
    for Pallet<T, I> {
        fn integrity_test() {
            <Self as ::citrate_support::traits::Hooks<
                ::citrate_support::__private::primitives::BlockNumber,
            >>::integrity_test()
        }
    }
    #[allow(deprecated)]
    impl<T: Config<I>, I: 'static> ::citrate_support::parts::PalletTypes<T>
    for Pallet<T, I> {
        type Call = Call<T, I>;
        type Event = Event<T, I>;
        type Error = ::citrate_support::parts::Absent<Self>;
        type Origin = ::citrate_support::parts::Absent<Self>;
        type HoldReason = ::citrate_support::parts::Absent<Self>;
        type FreezeReason = ::citrate_support::parts::Absent<Self>;
        type GenesisConfig = ::citrate_support::parts::AbsentGenesis<Self>;
    }
    #[allow(deprecated)]
    impl<T: Config<I>, I: 'static> ::citrate_support::parts::PalletParts
    for Pallet<T, I> {
        type Call = Call<T, I>;
        type Event = Event<T, I>;
        type Error = ::citrate_support::parts::Absent<Self>;
        type Origin = ::citrate_support::parts::Absent<Self>;
        type HoldReason = ::citrate_support::parts::Absent<Self>;
        type FreezeReason = ::citrate_support::parts::Absent<Self>;
        type GenesisConfig = ::citrate_support::parts::AbsentGenesis<Self>;
        const HAS_CALL: bool = false;
        const HAS_EVENT: bool = true;
        const HAS_ERROR: bool = false;
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
                        <Last<
                            T,
                            I,
                        > as ::citrate_support::storage::StorageEntryMetadataBuilder>::build_metadata(
                            ::citrate_support::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                            ::citrate_support::__private::vec![],
                            &mut __entries,
                        );
                        __entries
                    },
                }),
                call_type: ::citrate_support::__private::scale_info::meta_type::<
                    Call<T, I>,
                >(),
                call_deprecation: {
                    #[allow(unused_mut)]
                    let mut __info = ::citrate_support::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                    __info
                },
                event: ::core::option::Option::Some((
                    ::citrate_support::__private::scale_info::meta_type::<Event<T, I>>(),
                    {
                        #[allow(unused_mut)]
                        let mut __info = ::citrate_support::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                        __info
                    },
                )),
                error: ::core::option::Option::None,
                constants: ::citrate_support::__private::vec![],
                associated_types: ::citrate_support::__private::vec![],
                view_functions: ::citrate_support::__private::vec![],
            }
        }
    }
}
