pub mod pallet {
    pub trait Config: pallet_system::Config<
            RuntimeEvent: ::core::convert::From<Event<Self>>,
        > {
        /// The most.
        type Limit: Get<u32>;
    }
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
    impl<T: Config> ::framework::storage::StorageInstance
    for _GeneratedPrefixForStorageNumbers<T> {
        const STORAGE_PREFIX: &'static str = "Numbers";
        fn pallet_prefix() -> &'static str {
            <Pallet<T> as ::framework::traits::PalletInfoAccess>::name()
        }
        fn prefix_hash() -> [u8; 32] {
            ::framework::parts::join_hashes(
                <Pallet<T> as ::framework::traits::PalletInfoAccess>::name_hash(),
                [
                    100u8, 44u8, 77u8, 214u8, 201u8, 130u8, 118u8, 242u8, 184u8, 247u8,
                    101u8, 131u8, 97u8, 194u8, 150u8, 86u8,
                ],
            )
        }
    }
    impl<T: Config> Pallet<T> {
        /// A number per account.
        pub fn number<KArg1>(
            k1: KArg1,
        ) -> <Numbers<T> as ::framework::parts::StorageQuery>::Query
        where
            KArg1: ::framework::__private::codec::EncodeLike<T::AccountId>,
        {
            <Numbers<T>>::get(k1)
        }
    }
    const _: () = {
        #[allow(dead_code, clippy::extra_unused_type_parameters)]
        fn __bounded<T: Config>() {
            ::framework::__private::require::max_encoded_len::<T::AccountId>();
            ::framework::__private::require::max_encoded_len::<u32>();
        }
    };
    impl<T: Config> Pallet<T> {
        /// Sets the number.
        pub fn set(origin: OriginFor<T>, number: u32) -> DispatchResult {
            ::framework::storage::with_storage_layer(|| -> DispatchResult {
                let who = ensure_signed(origin)?;
                Numbers::<T>::insert(who, number);
                Ok(())
            })
        }
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
        /// Sets the number.
        #[codec(index = 0u8)]
        set { #[codec(compact)] #[allow(missing_docs)] number: u32 },
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T,)>, ::framework::__private::Never),
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
            ::framework::weights::Weight,
            ::framework::dispatch::DispatchClass,
            ::framework::dispatch::Pays,
        ) {
            let __weight = Weight::from_parts(8, 0);
            ::framework::__private::require::weight(__weight)
        }
    }
    #[allow(deprecated)]
    impl<T: Config> ::framework::dispatch::UnfilteredDispatchable for Call<T> {
        type RuntimeOrigin = <T as pallet_system::Config>::RuntimeOrigin;
        fn dispatch_bypass_filter(
            self,
            __origin: Self::RuntimeOrigin,
        ) -> ::framework::dispatch::DispatchResultWithPostInfo {
            let _ = &__origin;
            match self {
                Self::set { number: __arg0 } => {
                    ::framework::__private::CallOutput::into_full(
                        <Pallet<T>>::set(__origin, __arg0),
                    )
                }
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
                Self::set { number: __arg0 } => <Pallet<T>>::__weight_of_set(__arg0),
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
    impl<T: Config> ::framework::dispatch::GetCallIndex for Call<T> {
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
            ::framework::__private::require::call_output::<DispatchResult>();
            ::framework::__private::require::parameter::<u32>();
        }
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
        skip_type_params(T),
        capture_docs = "always"
    )]
    pub enum Event<T: Config> {
        /// It was set.
        Set { who: T::AccountId },
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T,)>, ::framework::__private::Never),
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
    pub enum Error<T> {
        /// More than the limit.
        TooMuch,
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(T,)>, ::framework::__private::Never),
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
    impl<T> ::framework::__private::PalletError for Error<T> {
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
    for ::framework::dispatch::DispatchError {
        fn from(__error: Error<T>) -> Self {
            ::framework::__private::ensure_error_fits::<Error<T>>();
            ::framework::parts::module_error::<
                Pallet<T>,
                Error<T>,
            >(&__error, __error.as_str())
        }
    }
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
        type Event = Event<T>;
        type Error = Error<T>;
        type Origin = ::framework::parts::Absent<Self>;
        type HoldReason = ::framework::parts::Absent<Self>;
        type FreezeReason = ::framework::parts::Absent<Self>;
        type GenesisConfig = ::framework::parts::AbsentGenesis<Self>;
        const HAS_CALL: bool = true;
        const HAS_EVENT: bool = true;
        const HAS_ERROR: bool = true;
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
                        <Numbers<
                            T,
                        > as ::framework::storage::StorageEntryMetadataBuilder>::build_metadata(
                            ::framework::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                            ::framework::__private::vec![" A number per account."],
                            &mut __entries,
                        );
                        __entries
                    },
                }),
                call_type: ::framework::__private::scale_info::meta_type::<Call<T>>(),
                call_deprecation: {
                    #[allow(unused_mut)]
                    let mut __info = ::framework::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                    __info
                },
                event: ::core::option::Option::Some((
                    ::framework::__private::scale_info::meta_type::<Event<T>>(),
                    {
                        #[allow(unused_mut)]
                        let mut __info = ::framework::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                        __info
                    },
                )),
                error: ::core::option::Option::Some((
                    ::framework::__private::scale_info::meta_type::<Error<T>>(),
                    {
                        #[allow(unused_mut)]
                        let mut __info = ::framework::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
                        __info
                    },
                )),
                constants: ::framework::__private::vec![
                    ::framework::__private::metadata_ir::PalletConstantMetadataIR { name
                    : "Limit", ty : ::framework::__private::scale_info::meta_type:: < u32
                    > (), value : { let __value : u32 = << T as Config > ::Limit as
                    ::framework::traits::Get < u32 >> ::get();
                    ::framework::__private::codec::Encode::encode(& __value) }, docs :
                    ::framework::__private::vec![" The most."], deprecation_info :
                    ::framework::__private::metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                    }
                ],
                associated_types: ::framework::__private::vec![],
                view_functions: ::framework::__private::vec![],
            }
        }
    }
}
