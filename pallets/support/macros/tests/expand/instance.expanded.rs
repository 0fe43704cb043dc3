pub mod pallet {
    pub trait Config<
        I: 'static = (),
    >: pallet_system::Config<RuntimeEvent: ::core::convert::From<Event<Self, I>>> {}
    #[derive(
        ::framework::CloneNoBound,
        ::framework::EqNoBound,
        ::framework::PartialEqNoBound,
        ::framework::DebugNoBound,
    )]
    pub struct Pallet<T, I = ()>(::core::marker::PhantomData<(T, I)>);
    impl<T: Config<I>, I: 'static> ::framework::traits::PalletInfoAccess
    for Pallet<T, I> {
        fn index() -> usize {
            <<T as pallet_system::Config>::PalletInfo as ::framework::traits::PalletInfo>::index::<
                Self,
            >()
                .expect(
                    "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry",
                )
        }
        fn name() -> &'static str {
            <<T as pallet_system::Config>::PalletInfo as ::framework::traits::PalletInfo>::name::<
                Self,
            >()
                .expect(
                    "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry",
                )
        }
        fn name_hash() -> [u8; 16] {
            <<T as pallet_system::Config>::PalletInfo as ::framework::traits::PalletInfo>::name_hash::<
                Self,
            >()
                .expect(
                    "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry",
                )
        }
        fn module_name() -> &'static str {
            <<T as pallet_system::Config>::PalletInfo as ::framework::traits::PalletInfo>::module_name::<
                Self,
            >()
                .expect(
                    "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry",
                )
        }
        fn crate_version() -> ::framework::traits::CrateVersion {
            ::framework::traits::CrateVersion::new(0u16, 1u8, 0u8)
        }
    }
    impl<T: Config<I>, I: 'static> ::framework::traits::PalletsInfoAccess
    for Pallet<T, I> {
        fn accumulate(
            __all: &mut ::framework::__private::Vec<::framework::traits::PalletInfoData>,
        ) {
            __all
                .push(::framework::traits::PalletInfoData {
                    index: <Self as ::framework::traits::PalletInfoAccess>::index(),
                    name: <Self as ::framework::traits::PalletInfoAccess>::name(),
                    module_name: <Self as ::framework::traits::PalletInfoAccess>::module_name(),
                    crate_version: <Self as ::framework::traits::PalletInfoAccess>::crate_version(),
                });
        }
    }
    impl<T: Config<I>, I: 'static> ::framework::traits::GetStorageVersion
    for Pallet<T, I> {
        type InCodeStorageVersion = ::framework::traits::NoStorageVersionSet;
        fn in_code_storage_version() -> ::framework::traits::NoStorageVersionSet {
            ::framework::traits::NoStorageVersionSet
        }
        fn on_chain_storage_version() -> ::framework::traits::StorageVersion {
            ::framework::traits::StorageVersion::get::<Self>()
        }
    }
    impl<T: Config<I>, I: 'static> ::framework::traits::OnGenesis for Pallet<T, I> {
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
    impl<T: Config<I>, I: 'static> ::framework::storage::StorageInstance
    for _GeneratedPrefixForStorageLast<T, I> {
        const STORAGE_PREFIX: &'static str = "Last";
        fn pallet_prefix() -> &'static str {
            <Pallet<T, I> as ::framework::traits::PalletInfoAccess>::name()
        }
        fn prefix_hash() -> [u8; 32] {
            ::framework::parts::join_hashes(
                <Pallet<T, I> as ::framework::traits::PalletInfoAccess>::name_hash(),
                [
                    209u8, 250u8, 158u8, 235u8, 127u8, 99u8, 43u8, 228u8, 30u8, 39u8,
                    191u8, 149u8, 245u8, 231u8, 127u8, 201u8,
                ],
            )
        }
    }
    const _: () = {
        #[allow(dead_code, clippy::extra_unused_type_parameters)]
        fn __bounded<T: Config<I>, I: 'static>() {
            ::framework::__private::require::max_encoded_len::<T::AccountId>();
        }
    };
    ///The pallet's calls.
    #[derive(
        ::framework::CloneNoBound,
        ::framework::EqNoBound,
        ::framework::PartialEqNoBound,
        ::framework::DebugNoBound,
    )]
    #[derive(
        ::framework::__private::codec::Encode,
        ::framework::__private::codec::Decode,
        ::framework::__private::codec::DecodeWithMemTracking,
        ::framework::__private::scale_info::TypeInfo,
    )]
    #[codec(crate = ::framework::__private::codec)]
    #[codec(encode_bound())]
    #[codec(decode_bound())]
    #[codec(decode_with_mem_tracking_bound())]
    #[scale_info(
        crate = ::framework::__private::scale_info,
        skip_type_params(T, I),
        capture_docs = "always"
    )]
    #[allow(non_camel_case_types, clippy::large_enum_variant)]
    pub enum Call<T: Config<I>, I: 'static = ()> {
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T, I)>, ::framework::__private::Never),
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
    impl<T: Config<I>, I: 'static> ::framework::dispatch::UnfilteredDispatchable
    for Call<T, I> {
        type RuntimeOrigin = <T as pallet_system::Config>::RuntimeOrigin;
        fn dispatch_bypass_filter(
            self,
            __origin: Self::RuntimeOrigin,
        ) -> ::framework::dispatch::DispatchResultWithPostInfo {
            let _ = &__origin;
            match self {
                Self::__Ignore(_, __never) => match __never {}
            }
        }
    }
    impl<T: Config<I>, I: 'static> ::framework::dispatch::Callable<T> for Pallet<T, I> {
        type RuntimeCall = Call<T, I>;
    }
    #[allow(deprecated, unreachable_code)]
    impl<T: Config<I>, I: 'static> ::framework::dispatch::GetDispatchInfo
    for Call<T, I> {
        fn get_dispatch_info(&self) -> ::framework::dispatch::DispatchInfo {
            let (
                call_weight,
                class,
                pays_fee,
            ): (
                ::framework::weights::Weight,
                ::framework::dispatch::DispatchClass,
                ::framework::dispatch::Pays,
            ) = match self {
                Self::__Ignore(_, __never) => match *__never {}
            };
            ::framework::dispatch::DispatchInfo {
                call_weight,
                extension_weight: ::core::default::Default::default(),
                class,
                pays_fee,
            }
        }
    }
    #[allow(deprecated, unreachable_patterns)]
    impl<T: Config<I>, I: 'static> ::framework::parts::CheckIfFeeless for Call<T, I> {
        type Origin = <T as pallet_system::Config>::RuntimeOrigin;
        fn is_feeless(&self, __origin: &Self::Origin) -> bool {
            let _ = __origin;
            match self {
                _ => false,
            }
        }
    }
    #[allow(deprecated)]
    impl<T: Config<I>, I: 'static> ::framework::dispatch::GetCallName for Call<T, I> {
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
    impl<T: Config<I>, I: 'static> ::framework::dispatch::GetCallIndex for Call<T, I> {
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
        ::framework::CloneNoBound,
        ::framework::PartialEqNoBound,
        ::framework::EqNoBound,
        ::framework::DebugNoBound
    )]
    #[derive(
        ::framework::__private::codec::Encode,
        ::framework::__private::codec::Decode,
        ::framework::__private::codec::DecodeWithMemTracking,
        ::framework::__private::scale_info::TypeInfo,
    )]
    #[codec(crate = ::framework::__private::codec)]
    #[codec(encode_bound())]
    #[codec(decode_bound())]
    #[codec(decode_with_mem_tracking_bound())]
    #[scale_info(
        crate = ::framework::__private::scale_info,
        skip_type_params(T, I),
        capture_docs = "always"
    )]
    pub enum Event<T: Config<I>, I: 'static = ()> {
        Done(T::AccountId),
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T, I)>, ::framework::__private::Never),
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
    > ::framework::traits::Hooks<::framework::__private::primitives::BlockNumber>
    for Pallet<T, I> {}
    impl<
        T: Config<I>,
        I: 'static,
    > ::framework::traits::OnInitialize<::framework::__private::primitives::BlockNumber>
    for Pallet<T, I> {
        fn on_initialize(
            __n: ::framework::__private::primitives::BlockNumber,
        ) -> ::framework::weights::Weight {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::on_initialize(__n)
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::framework::traits::OnFinalize<::framework::__private::primitives::BlockNumber>
    for Pallet<T, I> {
        fn on_finalize(__n: ::framework::__private::primitives::BlockNumber) {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::on_finalize(__n)
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::framework::traits::OnIdle<::framework::__private::primitives::BlockNumber>
    for Pallet<T, I> {
        fn on_idle(
            __n: ::framework::__private::primitives::BlockNumber,
            __remaining: ::framework::weights::Weight,
        ) -> ::framework::weights::Weight {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::on_idle(__n, __remaining)
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::framework::traits::OnPoll<::framework::__private::primitives::BlockNumber>
    for Pallet<T, I> {
        fn on_poll(
            __n: ::framework::__private::primitives::BlockNumber,
            __weight: &mut ::framework::weights::WeightMeter,
        ) {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::on_poll(__n, __weight)
        }
    }
    impl<T: Config<I>, I: 'static> ::framework::traits::BeforeAllRuntimeMigrations
    for Pallet<T, I> {
        fn before_all_runtime_migrations() -> ::framework::weights::Weight {
            ::framework::weights::Weight::zero()
        }
    }
    impl<T: Config<I>, I: 'static> ::framework::traits::OnRuntimeUpgrade
    for Pallet<T, I> {
        fn on_runtime_upgrade() -> ::framework::weights::Weight {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::on_runtime_upgrade()
        }
        fn pre_upgrade() -> ::core::result::Result<
            ::framework::__private::Vec<u8>,
            ::framework::traits::TryRuntimeError,
        > {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::pre_upgrade()
        }
        fn post_upgrade(
            __noted: ::framework::__private::Vec<u8>,
        ) -> ::core::result::Result<(), ::framework::traits::TryRuntimeError> {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::post_upgrade(__noted)
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::framework::traits::TryState<::framework::__private::primitives::BlockNumber>
    for Pallet<T, I> {
        fn try_state(
            __n: ::framework::__private::primitives::BlockNumber,
        ) -> ::core::result::Result<(), ::framework::traits::TryRuntimeError> {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::try_state(__n)
        }
    }
    impl<
        T: Config<I>,
        I: 'static,
    > ::framework::traits::OffchainWorker<
        ::framework::__private::primitives::BlockNumber,
    > for Pallet<T, I> {
        fn offchain_worker(__n: ::framework::__private::primitives::BlockNumber) {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::offchain_worker(__n)
        }
    }
    impl<T: Config<I>, I: 'static> ::framework::traits::IntegrityTest for Pallet<T, I> {
        fn integrity_test() {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::integrity_test()
        }
    }
    #[allow(deprecated)]
    impl<T: Config<I>, I: 'static> ::framework::parts::PalletParts<T> for Pallet<T, I> {
        type Call = Call<T, I>;
        type Event = Event<T, I>;
        type Error = ::framework::parts::Absent<Self>;
        type Origin = ::framework::parts::Absent<Self>;
        type HoldReason = ::framework::parts::Absent<Self>;
        type FreezeReason = ::framework::parts::Absent<Self>;
        type GenesisConfig = ::framework::parts::AbsentGenesis<Self>;
        const HAS_CALL: bool = false;
        const HAS_EVENT: bool = true;
        const HAS_ERROR: bool = false;
        const HAS_ORIGIN: bool = false;
        const HAS_HOLD_REASON: bool = false;
        const HAS_FREEZE_REASON: bool = false;
        const HAS_GENESIS_CONFIG: bool = false;
        fn parts_metadata() -> ::framework::parts::PartsMetadata {
            ::framework::parts::PartsMetadata {
                docs: ::framework::__private::vec![],
                deprecation: ::framework::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                storage: ::core::option::Option::Some(::framework::__private::metadata_ir::PalletStorageMetadataIR {
                    prefix: <Self as ::framework::traits::PalletInfoAccess>::name(),
                    entries: {
                        let mut __entries = ::framework::__private::Vec::new();
                        <Last<
                            T,
                            I,
                        > as ::framework::storage::StorageEntryMetadataBuilder>::build_metadata(
                            ::framework::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                            ::framework::__private::vec![],
                            &mut __entries,
                        );
                        __entries
                    },
                }),
                call_type: ::framework::__private::scale_info::meta_type::<Call<T, I>>(),
                call_deprecation: {
                    #[allow(unused_mut)]
                    let mut __info = ::framework::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                    __info
                },
                event: ::core::option::Option::Some((
                    ::framework::__private::scale_info::meta_type::<Event<T, I>>(),
                    {
                        #[allow(unused_mut)]
                        let mut __info = ::framework::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                        __info
                    },
                )),
                error: ::core::option::Option::None,
                constants: ::framework::__private::vec![],
                associated_types: ::framework::__private::vec![],
                view_functions: ::framework::__private::vec![],
            }
        }
    }
}
