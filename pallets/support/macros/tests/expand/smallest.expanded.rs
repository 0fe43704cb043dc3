pub mod pallet {
    pub trait Config: pallet_system::Config {}
    #[derive(
        ::framework::CloneNoBound,
        ::framework::EqNoBound,
        ::framework::PartialEqNoBound,
        ::framework::DebugNoBound,
    )]
    pub struct Pallet<T>(::core::marker::PhantomData<(T,)>);
    impl<T: Config> ::framework::traits::PalletInfoAccess for Pallet<T> {
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
    impl<T: Config> ::framework::traits::PalletsInfoAccess for Pallet<T> {
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
    impl<T: Config> ::framework::traits::GetStorageVersion for Pallet<T> {
        type InCodeStorageVersion = ::framework::traits::NoStorageVersionSet;
        fn in_code_storage_version() -> ::framework::traits::NoStorageVersionSet {
            ::framework::traits::NoStorageVersionSet
        }
        fn on_chain_storage_version() -> ::framework::traits::StorageVersion {
            ::framework::traits::StorageVersion::get::<Self>()
        }
    }
    impl<T: Config> ::framework::traits::OnGenesis for Pallet<T> {
        fn on_genesis() {}
    }
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
        skip_type_params(T),
        capture_docs = "always"
    )]
    #[allow(non_camel_case_types, clippy::large_enum_variant)]
    pub enum Call<T: Config> {
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T,)>, ::framework::__private::Never),
    }
    #[allow(deprecated, clippy::too_many_arguments)]
    impl<T: Config> Call<T> {}
    #[allow(
        unused_variables,
        deprecated,
        clippy::ptr_arg,
        clippy::trivially_copy_pass_by_ref,
        clippy::too_many_arguments,
        clippy::borrowed_box,
        clippy::let_and_return
    )]
    impl<T: Config> Pallet<T> {}
    #[allow(deprecated)]
    impl<T: Config> ::framework::dispatch::UnfilteredDispatchable for Call<T> {
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
    impl<T: Config> ::framework::dispatch::Callable<T> for Pallet<T> {
        type RuntimeCall = Call<T>;
    }
    #[allow(deprecated, unreachable_code)]
    impl<T: Config> ::framework::dispatch::GetDispatchInfo for Call<T> {
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
    impl<T: Config> ::framework::parts::CheckIfFeeless for Call<T> {
        type Origin = <T as pallet_system::Config>::RuntimeOrigin;
        fn is_feeless(&self, __origin: &Self::Origin) -> bool {
            let _ = __origin;
            match self {
                _ => false,
            }
        }
    }
    #[allow(deprecated)]
    impl<T: Config> ::framework::dispatch::GetCallName for Call<T> {
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
    impl<T: Config> ::framework::dispatch::GetCallIndex for Call<T> {
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
        fn __calls<T: Config>() {}
    };
    impl<
        T: Config,
    > ::framework::traits::Hooks<::framework::__private::primitives::BlockNumber>
    for Pallet<T> {}
    impl<
        T: Config,
    > ::framework::traits::OnInitialize<::framework::__private::primitives::BlockNumber>
    for Pallet<T> {
        fn on_initialize(
            __n: ::framework::__private::primitives::BlockNumber,
        ) -> ::framework::weights::Weight {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::on_initialize(__n)
        }
    }
    impl<
        T: Config,
    > ::framework::traits::OnFinalize<::framework::__private::primitives::BlockNumber>
    for Pallet<T> {
        fn on_finalize(__n: ::framework::__private::primitives::BlockNumber) {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::on_finalize(__n)
        }
    }
    impl<
        T: Config,
    > ::framework::traits::OnIdle<::framework::__private::primitives::BlockNumber>
    for Pallet<T> {
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
        T: Config,
    > ::framework::traits::OnPoll<::framework::__private::primitives::BlockNumber>
    for Pallet<T> {
        fn on_poll(
            __n: ::framework::__private::primitives::BlockNumber,
            __weight: &mut ::framework::weights::WeightMeter,
        ) {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::on_poll(__n, __weight)
        }
    }
    impl<T: Config> ::framework::traits::BeforeAllRuntimeMigrations for Pallet<T> {
        fn before_all_runtime_migrations() -> ::framework::weights::Weight {
            ::framework::weights::Weight::zero()
        }
    }
    impl<T: Config> ::framework::traits::OnRuntimeUpgrade for Pallet<T> {
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
        T: Config,
    > ::framework::traits::TryState<::framework::__private::primitives::BlockNumber>
    for Pallet<T> {
        fn try_state(
            __n: ::framework::__private::primitives::BlockNumber,
        ) -> ::core::result::Result<(), ::framework::traits::TryRuntimeError> {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::try_state(__n)
        }
    }
    impl<
        T: Config,
    > ::framework::traits::OffchainWorker<
        ::framework::__private::primitives::BlockNumber,
    > for Pallet<T> {
        fn offchain_worker(__n: ::framework::__private::primitives::BlockNumber) {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::offchain_worker(__n)
        }
    }
    impl<T: Config> ::framework::traits::IntegrityTest for Pallet<T> {
        fn integrity_test() {
            <Self as ::framework::traits::Hooks<
                ::framework::__private::primitives::BlockNumber,
            >>::integrity_test()
        }
    }
    #[allow(deprecated)]
    impl<T: Config> ::framework::parts::PalletParts<T> for Pallet<T> {
        type Call = Call<T>;
        type Event = ::framework::parts::Absent<Self>;
        type Error = ::framework::parts::Absent<Self>;
        type Origin = ::framework::parts::Absent<Self>;
        type HoldReason = ::framework::parts::Absent<Self>;
        type FreezeReason = ::framework::parts::Absent<Self>;
        type GenesisConfig = ::framework::parts::AbsentGenesis<Self>;
        const HAS_CALL: bool = false;
        const HAS_EVENT: bool = false;
        const HAS_ERROR: bool = false;
        const HAS_ORIGIN: bool = false;
        const HAS_HOLD_REASON: bool = false;
        const HAS_FREEZE_REASON: bool = false;
        const HAS_GENESIS_CONFIG: bool = false;
        fn parts_metadata() -> ::framework::parts::PartsMetadata {
            ::framework::parts::PartsMetadata {
                docs: ::framework::__private::vec![],
                deprecation: ::framework::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                storage: ::core::option::Option::None,
                call_type: ::framework::__private::scale_info::meta_type::<Call<T>>(),
                call_deprecation: {
                    #[allow(unused_mut)]
                    let mut __info = ::framework::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                    __info
                },
                event: ::core::option::Option::None,
                error: ::core::option::Option::None,
                constants: ::framework::__private::vec![],
                associated_types: ::framework::__private::vec![],
                view_functions: ::framework::__private::vec![],
            }
        }
    }
}
