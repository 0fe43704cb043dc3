#[allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_imports,
    clippy::large_enum_variant
)]
mod runtime {
    use super::*;
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::fmt::Debug,
        ::framework::__private::scale_info::TypeInfo,
    )]
    #[scale_info(crate = ::framework::__private::scale_info)]
    pub struct Runtime;
    type __Runtime = Runtime;
    pub type System = pallet_system::Pallet<Runtime>;
    pub type Council = pallet_collective::Pallet<Runtime, Instance1>;
    /// All pallets, in the order of their indices.
    pub type AllPalletsWithSystem = (System, Council);
    /// All pallets but the system's, in the order of their indices.
    pub type AllPalletsWithoutSystem = (Council,);
    /// What the runtime knows of its pallets.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::fmt::Debug,
    )]
    pub struct PalletInfo;
    impl PalletInfo {
        fn __find<__P: 'static>() -> ::core::option::Option<
            ::framework::traits::PalletInfoData,
        > {
            let __id = ::core::any::TypeId::of::<__P>();
            if __id == ::core::any::TypeId::of::<System>() {
                return ::core::option::Option::Some(::framework::traits::PalletInfoData {
                    index: 0usize,
                    name: "System",
                    module_name: "pallet_system",
                    crate_version: <System as ::framework::traits::PalletInfoAccess>::crate_version(),
                });
            }
            if __id == ::core::any::TypeId::of::<Council>() {
                return ::core::option::Option::Some(::framework::traits::PalletInfoData {
                    index: 4usize,
                    name: "Council",
                    module_name: "pallet_collective",
                    crate_version: <Council as ::framework::traits::PalletInfoAccess>::crate_version(),
                });
            }
            ::core::option::Option::None
        }
    }
    impl ::framework::traits::PalletInfo for PalletInfo {
        fn index<__P: 'static>() -> ::core::option::Option<usize> {
            Self::__find::<__P>().map(|__info| __info.index)
        }
        fn name<__P: 'static>() -> ::core::option::Option<&'static str> {
            Self::__find::<__P>().map(|__info| __info.name)
        }
        fn name_hash<__P: 'static>() -> ::core::option::Option<[u8; 16]> {
            let __id = ::core::any::TypeId::of::<__P>();
            if __id == ::core::any::TypeId::of::<System>() {
                return ::core::option::Option::Some([
                    38u8, 170u8, 57u8, 78u8, 234u8, 86u8, 48u8, 224u8, 124u8, 72u8,
                    174u8, 12u8, 149u8, 88u8, 206u8, 247u8,
                ]);
            }
            if __id == ::core::any::TypeId::of::<Council>() {
                return ::core::option::Option::Some([
                    174u8, 189u8, 70u8, 62u8, 217u8, 146u8, 92u8, 72u8, 140u8, 17u8,
                    36u8, 52u8, 214u8, 29u8, 235u8, 192u8,
                ]);
            }
            ::core::option::Option::None
        }
        fn module_name<__P: 'static>() -> ::core::option::Option<&'static str> {
            Self::__find::<__P>().map(|__info| __info.module_name)
        }
        fn crate_version<__P: 'static>() -> ::core::option::Option<
            ::framework::traits::CrateVersion,
        > {
            Self::__find::<__P>().map(|__info| __info.crate_version)
        }
    }
    /// The calls of all pallets.
    #[derive(
        ::core::clone::Clone,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::fmt::Debug,
        ::framework::__private::codec::Encode,
        ::framework::__private::codec::Decode,
        ::framework::__private::codec::DecodeWithMemTracking,
    )]
    #[codec(crate = ::framework::__private::codec)]
    pub enum RuntimeCall {
        #[codec(index = 0u8)]
        System(<System as ::framework::parts::PalletParts<__Runtime>>::Call),
        #[codec(index = 4u8)]
        Council(<Council as ::framework::parts::PalletParts<__Runtime>>::Call),
    }
    impl ::framework::__private::scale_info::TypeInfo for RuntimeCall {
        type Identity = Self;
        fn type_info() -> ::framework::__private::scale_info::Type {
            #[allow(unused_mut)]
            let mut __variants = ::framework::__private::scale_info::build::Variants::new();
            if <System as ::framework::parts::PalletParts<__Runtime>>::HAS_CALL {
                __variants = __variants
                    .variant(
                        "System",
                        |__v| {
                            __v.index(0u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <System as ::framework::parts::PalletParts<__Runtime>>::Call,
                                                >()
                                                .type_name("pallet_system::Call")
                                        }),
                                )
                        },
                    );
            }
            if <Council as ::framework::parts::PalletParts<__Runtime>>::HAS_CALL {
                __variants = __variants
                    .variant(
                        "Council",
                        |__v| {
                            __v.index(4u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <Council as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::Call,
                                                >()
                                                .type_name("pallet_collective::Call")
                                        }),
                                )
                        },
                    );
            }
            ::framework::__private::scale_info::Type::builder()
                .path(
                    ::framework::parts::outer_path("RuntimeCall", ::core::module_path!()),
                )
                .variant(__variants)
        }
    }
    impl ::framework::dispatch::GetDispatchInfo for RuntimeCall {
        fn get_dispatch_info(&self) -> ::framework::dispatch::DispatchInfo {
            match self {
                Self::System(__call) => {
                    ::framework::dispatch::GetDispatchInfo::get_dispatch_info(__call)
                }
                Self::Council(__call) => {
                    ::framework::dispatch::GetDispatchInfo::get_dispatch_info(__call)
                }
            }
        }
    }
    impl ::framework::parts::CheckIfFeeless for RuntimeCall {
        type Origin = RuntimeOrigin;
        fn is_feeless(&self, __origin: &RuntimeOrigin) -> bool {
            match self {
                Self::System(__call) => {
                    ::framework::parts::CheckIfFeeless::is_feeless(__call, __origin)
                }
                Self::Council(__call) => {
                    ::framework::parts::CheckIfFeeless::is_feeless(__call, __origin)
                }
            }
        }
    }
    impl ::framework::dispatch::UnfilteredDispatchable for RuntimeCall {
        type RuntimeOrigin = RuntimeOrigin;
        fn dispatch_bypass_filter(
            self,
            __origin: RuntimeOrigin,
        ) -> ::framework::dispatch::DispatchResultWithPostInfo {
            match self {
                Self::System(__call) => {
                    ::framework::dispatch::UnfilteredDispatchable::dispatch_bypass_filter(
                        __call,
                        __origin,
                    )
                }
                Self::Council(__call) => {
                    ::framework::dispatch::UnfilteredDispatchable::dispatch_bypass_filter(
                        __call,
                        __origin,
                    )
                }
            }
        }
    }
    impl ::framework::dispatch::Dispatchable for RuntimeCall {
        type RuntimeOrigin = RuntimeOrigin;
        type Info = ::framework::dispatch::DispatchInfo;
        type PostInfo = ::framework::dispatch::PostDispatchInfo;
        fn dispatch(
            self,
            __origin: RuntimeOrigin,
        ) -> ::framework::dispatch::DispatchResultWithPostInfo {
            if !::framework::traits::OriginTrait::filter_call(&__origin, &self) {
                let __error: ::framework::dispatch::DispatchError = ::core::convert::Into::into(
                    pallet_system::Error::<Runtime>::CallFiltered,
                );
                return ::core::result::Result::Err(::core::convert::Into::into(__error));
            }
            ::framework::dispatch::UnfilteredDispatchable::dispatch_bypass_filter(
                self,
                __origin,
            )
        }
    }
    impl ::core::convert::From<
        <System as ::framework::parts::PalletParts<__Runtime>>::Call,
    > for RuntimeCall {
        fn from(
            __call: <System as ::framework::parts::PalletParts<__Runtime>>::Call,
        ) -> Self {
            Self::System(__call)
        }
    }
    impl ::framework::traits::IsSubType<
        <System as ::framework::parts::PalletParts<__Runtime>>::Call,
    > for RuntimeCall {
        #[allow(unreachable_patterns)]
        fn is_sub_type(
            &self,
        ) -> ::core::option::Option<
            &<System as ::framework::parts::PalletParts<__Runtime>>::Call,
        > {
            match self {
                Self::System(__call) => ::core::option::Option::Some(__call),
                _ => ::core::option::Option::None,
            }
        }
    }
    impl ::core::convert::From<
        <Council as ::framework::parts::PalletParts<__Runtime>>::Call,
    > for RuntimeCall {
        fn from(
            __call: <Council as ::framework::parts::PalletParts<__Runtime>>::Call,
        ) -> Self {
            Self::Council(__call)
        }
    }
    impl ::framework::traits::IsSubType<
        <Council as ::framework::parts::PalletParts<__Runtime>>::Call,
    > for RuntimeCall {
        #[allow(unreachable_patterns)]
        fn is_sub_type(
            &self,
        ) -> ::core::option::Option<
            &<Council as ::framework::parts::PalletParts<__Runtime>>::Call,
        > {
            match self {
                Self::Council(__call) => ::core::option::Option::Some(__call),
                _ => ::core::option::Option::None,
            }
        }
    }
    impl ::framework::dispatch::GetCallMetadata for RuntimeCall {
        fn get_module_names() -> &'static [&'static str] {
            const __ALL: &[(&str, bool)] = &[
                (
                    "System",
                    <System as ::framework::parts::PalletParts<__Runtime>>::HAS_CALL,
                ),
                (
                    "Council",
                    <Council as ::framework::parts::PalletParts<__Runtime>>::HAS_CALL,
                ),
            ];
            const __NAMES: [&str; ::framework::parts::count(__ALL)] = ::framework::parts::select(
                __ALL,
            );
            &__NAMES
        }
        fn get_call_names(__module: &str) -> &'static [&'static str] {
            match __module {
                "System" => {
                    <<System as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::Call as ::framework::dispatch::GetCallName>::get_call_names()
                }
                "Council" => {
                    <<Council as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::Call as ::framework::dispatch::GetCallName>::get_call_names()
                }
                _ => &[],
            }
        }
        fn get_call_metadata(&self) -> ::framework::dispatch::CallMetadata {
            let (function_name, pallet_name) = match self {
                Self::System(__call) => {
                    (::framework::dispatch::GetCallName::get_call_name(__call), "System")
                }
                Self::Council(__call) => {
                    (
                        ::framework::dispatch::GetCallName::get_call_name(__call),
                        "Council",
                    )
                }
            };
            ::framework::dispatch::CallMetadata {
                function_name,
                pallet_name,
            }
        }
    }
    /// The events of all pallets.
    #[derive(
        ::core::clone::Clone,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::fmt::Debug,
        ::framework::__private::codec::Encode,
        ::framework::__private::codec::Decode,
        ::framework::__private::codec::DecodeWithMemTracking,
    )]
    #[codec(crate = ::framework::__private::codec)]
    pub enum RuntimeEvent {
        #[codec(index = 0u8)]
        System(<System as ::framework::parts::PalletParts<__Runtime>>::Event),
        #[codec(index = 4u8)]
        Council(<Council as ::framework::parts::PalletParts<__Runtime>>::Event),
    }
    impl ::framework::__private::scale_info::TypeInfo for RuntimeEvent {
        type Identity = Self;
        fn type_info() -> ::framework::__private::scale_info::Type {
            #[allow(unused_mut)]
            let mut __variants = ::framework::__private::scale_info::build::Variants::new();
            if <System as ::framework::parts::PalletParts<__Runtime>>::HAS_EVENT {
                __variants = __variants
                    .variant(
                        "System",
                        |__v| {
                            __v.index(0u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <System as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::Event,
                                                >()
                                                .type_name("pallet_system::Event")
                                        }),
                                )
                        },
                    );
            }
            if <Council as ::framework::parts::PalletParts<__Runtime>>::HAS_EVENT {
                __variants = __variants
                    .variant(
                        "Council",
                        |__v| {
                            __v.index(4u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <Council as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::Event,
                                                >()
                                                .type_name("pallet_collective::Event")
                                        }),
                                )
                        },
                    );
            }
            ::framework::__private::scale_info::Type::builder()
                .path(
                    ::framework::parts::outer_path(
                        "RuntimeEvent",
                        ::core::module_path!(),
                    ),
                )
                .variant(__variants)
        }
    }
    impl ::core::convert::From<
        <System as ::framework::parts::PalletParts<__Runtime>>::Event,
    > for RuntimeEvent {
        fn from(
            __event: <System as ::framework::parts::PalletParts<__Runtime>>::Event,
        ) -> Self {
            Self::System(__event)
        }
    }
    impl ::core::convert::TryInto<
        <System as ::framework::parts::PalletParts<__Runtime>>::Event,
    > for RuntimeEvent {
        type Error = ();
        #[allow(unreachable_patterns)]
        fn try_into(
            self,
        ) -> ::core::result::Result<
            <System as ::framework::parts::PalletParts<__Runtime>>::Event,
            (),
        > {
            match self {
                Self::System(__event) => ::core::result::Result::Ok(__event),
                _ => ::core::result::Result::Err(()),
            }
        }
    }
    impl ::core::convert::From<
        <Council as ::framework::parts::PalletParts<__Runtime>>::Event,
    > for RuntimeEvent {
        fn from(
            __event: <Council as ::framework::parts::PalletParts<__Runtime>>::Event,
        ) -> Self {
            Self::Council(__event)
        }
    }
    impl ::core::convert::TryInto<
        <Council as ::framework::parts::PalletParts<__Runtime>>::Event,
    > for RuntimeEvent {
        type Error = ();
        #[allow(unreachable_patterns)]
        fn try_into(
            self,
        ) -> ::core::result::Result<
            <Council as ::framework::parts::PalletParts<__Runtime>>::Event,
            (),
        > {
            match self {
                Self::Council(__event) => ::core::result::Result::Ok(__event),
                _ => ::core::result::Result::Err(()),
            }
        }
    }
    /// The errors of all pallets.
    #[derive(
        ::core::fmt::Debug,
        ::framework::__private::codec::Encode,
        ::framework::__private::codec::Decode
    )]
    #[codec(crate = ::framework::__private::codec)]
    pub enum RuntimeError {
        #[codec(index = 0u8)]
        System(<System as ::framework::parts::PalletParts<__Runtime>>::Error),
        #[codec(index = 4u8)]
        Council(<Council as ::framework::parts::PalletParts<__Runtime>>::Error),
    }
    impl ::framework::__private::scale_info::TypeInfo for RuntimeError {
        type Identity = Self;
        fn type_info() -> ::framework::__private::scale_info::Type {
            #[allow(unused_mut)]
            let mut __variants = ::framework::__private::scale_info::build::Variants::new();
            if <System as ::framework::parts::PalletParts<__Runtime>>::HAS_ERROR {
                __variants = __variants
                    .variant(
                        "System",
                        |__v| {
                            __v.index(0u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <System as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::Error,
                                                >()
                                                .type_name("pallet_system::Error")
                                        }),
                                )
                        },
                    );
            }
            if <Council as ::framework::parts::PalletParts<__Runtime>>::HAS_ERROR {
                __variants = __variants
                    .variant(
                        "Council",
                        |__v| {
                            __v.index(4u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <Council as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::Error,
                                                >()
                                                .type_name("pallet_collective::Error")
                                        }),
                                )
                        },
                    );
            }
            ::framework::__private::scale_info::Type::builder()
                .path(
                    ::framework::parts::outer_path(
                        "RuntimeError",
                        ::core::module_path!(),
                    ),
                )
                .variant(__variants)
        }
    }
    impl RuntimeError {
        /// The pallet's error that a dispatch error carries, if it carries one.
        pub fn from_dispatch_error(
            __error: ::framework::dispatch::DispatchError,
        ) -> ::core::option::Option<Self> {
            let ::framework::dispatch::DispatchError::Module(__module) = __error else {
                return ::core::option::Option::None;
            };
            let mut __bytes: &[u8] = &__module.error;
            match __module.index {
                0u8 => {
                    <<System as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::Error as ::framework::__private::codec::Decode>::decode(
                            &mut __bytes,
                        )
                        .ok()
                        .map(Self::System)
                }
                4u8 => {
                    <<Council as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::Error as ::framework::__private::codec::Decode>::decode(
                            &mut __bytes,
                        )
                        .ok()
                        .map(Self::Council)
                }
                _ => ::core::option::Option::None,
            }
        }
    }
    ///The `HoldReason` of all pallets.
    #[derive(
        ::core::clone::Clone,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::fmt::Debug,
        ::framework::__private::codec::Encode,
        ::framework::__private::codec::Decode,
        ::framework::__private::codec::DecodeWithMemTracking,
    )]
    #[codec(crate = ::framework::__private::codec)]
    #[derive(::core::marker::Copy, ::framework::__private::codec::MaxEncodedLen)]
    pub enum RuntimeHoldReason {
        #[codec(index = 0u8)]
        System(<System as ::framework::parts::PalletParts<__Runtime>>::HoldReason),
        #[codec(index = 4u8)]
        Council(<Council as ::framework::parts::PalletParts<__Runtime>>::HoldReason),
    }
    impl ::framework::__private::scale_info::TypeInfo for RuntimeHoldReason {
        type Identity = Self;
        fn type_info() -> ::framework::__private::scale_info::Type {
            #[allow(unused_mut)]
            let mut __variants = ::framework::__private::scale_info::build::Variants::new();
            if <System as ::framework::parts::PalletParts<__Runtime>>::HAS_HOLD_REASON {
                __variants = __variants
                    .variant(
                        "System",
                        |__v| {
                            __v.index(0u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <System as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::HoldReason,
                                                >()
                                                .type_name("pallet_system::HoldReason")
                                        }),
                                )
                        },
                    );
            }
            if <Council as ::framework::parts::PalletParts<__Runtime>>::HAS_HOLD_REASON {
                __variants = __variants
                    .variant(
                        "Council",
                        |__v| {
                            __v.index(4u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <Council as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::HoldReason,
                                                >()
                                                .type_name("pallet_collective::HoldReason")
                                        }),
                                )
                        },
                    );
            }
            ::framework::__private::scale_info::Type::builder()
                .path(
                    ::framework::parts::outer_path(
                        "RuntimeHoldReason",
                        ::core::module_path!(),
                    ),
                )
                .variant(__variants)
        }
    }
    impl ::framework::traits::VariantCount for RuntimeHoldReason {
        const VARIANT_COUNT: u32 = 0
            + <<System as ::framework::parts::PalletParts<
                __Runtime,
            >>::HoldReason as ::framework::traits::VariantCount>::VARIANT_COUNT
            + <<Council as ::framework::parts::PalletParts<
                __Runtime,
            >>::HoldReason as ::framework::traits::VariantCount>::VARIANT_COUNT;
    }
    impl ::core::convert::From<
        <System as ::framework::parts::PalletParts<__Runtime>>::HoldReason,
    > for RuntimeHoldReason {
        fn from(
            __reason: <System as ::framework::parts::PalletParts<__Runtime>>::HoldReason,
        ) -> Self {
            Self::System(__reason)
        }
    }
    impl ::core::convert::From<
        <Council as ::framework::parts::PalletParts<__Runtime>>::HoldReason,
    > for RuntimeHoldReason {
        fn from(
            __reason: <Council as ::framework::parts::PalletParts<__Runtime>>::HoldReason,
        ) -> Self {
            Self::Council(__reason)
        }
    }
    ///The `FreezeReason` of all pallets.
    #[derive(
        ::core::clone::Clone,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::fmt::Debug,
        ::framework::__private::codec::Encode,
        ::framework::__private::codec::Decode,
        ::framework::__private::codec::DecodeWithMemTracking,
    )]
    #[codec(crate = ::framework::__private::codec)]
    #[derive(::core::marker::Copy, ::framework::__private::codec::MaxEncodedLen)]
    pub enum RuntimeFreezeReason {
        #[codec(index = 0u8)]
        System(<System as ::framework::parts::PalletParts<__Runtime>>::FreezeReason),
        #[codec(index = 4u8)]
        Council(<Council as ::framework::parts::PalletParts<__Runtime>>::FreezeReason),
    }
    impl ::framework::__private::scale_info::TypeInfo for RuntimeFreezeReason {
        type Identity = Self;
        fn type_info() -> ::framework::__private::scale_info::Type {
            #[allow(unused_mut)]
            let mut __variants = ::framework::__private::scale_info::build::Variants::new();
            if <System as ::framework::parts::PalletParts<
                __Runtime,
            >>::HAS_FREEZE_REASON {
                __variants = __variants
                    .variant(
                        "System",
                        |__v| {
                            __v.index(0u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <System as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::FreezeReason,
                                                >()
                                                .type_name("pallet_system::FreezeReason")
                                        }),
                                )
                        },
                    );
            }
            if <Council as ::framework::parts::PalletParts<
                __Runtime,
            >>::HAS_FREEZE_REASON {
                __variants = __variants
                    .variant(
                        "Council",
                        |__v| {
                            __v.index(4u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <Council as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::FreezeReason,
                                                >()
                                                .type_name("pallet_collective::FreezeReason")
                                        }),
                                )
                        },
                    );
            }
            ::framework::__private::scale_info::Type::builder()
                .path(
                    ::framework::parts::outer_path(
                        "RuntimeFreezeReason",
                        ::core::module_path!(),
                    ),
                )
                .variant(__variants)
        }
    }
    impl ::framework::traits::VariantCount for RuntimeFreezeReason {
        const VARIANT_COUNT: u32 = 0
            + <<System as ::framework::parts::PalletParts<
                __Runtime,
            >>::FreezeReason as ::framework::traits::VariantCount>::VARIANT_COUNT
            + <<Council as ::framework::parts::PalletParts<
                __Runtime,
            >>::FreezeReason as ::framework::traits::VariantCount>::VARIANT_COUNT;
    }
    impl ::core::convert::From<
        <System as ::framework::parts::PalletParts<__Runtime>>::FreezeReason,
    > for RuntimeFreezeReason {
        fn from(
            __reason: <System as ::framework::parts::PalletParts<
                __Runtime,
            >>::FreezeReason,
        ) -> Self {
            Self::System(__reason)
        }
    }
    impl ::core::convert::From<
        <Council as ::framework::parts::PalletParts<__Runtime>>::FreezeReason,
    > for RuntimeFreezeReason {
        fn from(
            __reason: <Council as ::framework::parts::PalletParts<
                __Runtime,
            >>::FreezeReason,
        ) -> Self {
            Self::Council(__reason)
        }
    }
    /// Who makes a call: the origins of all pallets.
    #[derive(
        ::core::clone::Clone,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::fmt::Debug,
        ::framework::__private::codec::Encode,
        ::framework::__private::codec::Decode,
        ::framework::__private::codec::DecodeWithMemTracking,
    )]
    #[codec(crate = ::framework::__private::codec)]
    #[derive(::framework::__private::codec::MaxEncodedLen)]
    #[allow(non_camel_case_types)]
    pub enum OriginCaller {
        #[codec(index = 0u8)]
        system(
            ::framework::dispatch::RawOrigin<
                <Runtime as pallet_system::Config>::AccountId,
            >,
        ),
        #[codec(index = 4u8)]
        Council(<Council as ::framework::parts::PalletParts<__Runtime>>::Origin),
    }
    impl ::framework::__private::scale_info::TypeInfo for OriginCaller {
        type Identity = Self;
        fn type_info() -> ::framework::__private::scale_info::Type {
            #[allow(unused_mut)]
            let mut __variants = ::framework::__private::scale_info::build::Variants::new();
            if true {
                __variants = __variants
                    .variant(
                        "system",
                        |__v| {
                            __v.index(0u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    ::framework::dispatch::RawOrigin<
                                                        <Runtime as pallet_system::Config>::AccountId,
                                                    >,
                                                >()
                                                .type_name("pallet_system::Origin")
                                        }),
                                )
                        },
                    );
            }
            if <Council as ::framework::parts::PalletParts<__Runtime>>::HAS_ORIGIN {
                __variants = __variants
                    .variant(
                        "Council",
                        |__v| {
                            __v.index(4u8)
                                .fields(
                                    ::framework::__private::scale_info::build::Fields::unnamed()
                                        .field(|__f| {
                                            __f
                                                .ty::<
                                                    <Council as ::framework::parts::PalletParts<
                                                        __Runtime,
                                                    >>::Origin,
                                                >()
                                                .type_name("pallet_collective::Origin")
                                        }),
                                )
                        },
                    );
            }
            ::framework::__private::scale_info::Type::builder()
                .path(
                    ::framework::parts::outer_path(
                        "OriginCaller",
                        ::core::module_path!(),
                    ),
                )
                .variant(__variants)
        }
    }
    impl ::framework::traits::CallerTrait<<Runtime as pallet_system::Config>::AccountId>
    for OriginCaller {
        #[allow(unreachable_patterns)]
        fn into_system(
            self,
        ) -> ::core::option::Option<
            ::framework::dispatch::RawOrigin<
                <Runtime as pallet_system::Config>::AccountId,
            >,
        > {
            match self {
                Self::system(__raw) => ::core::option::Option::Some(__raw),
                _ => ::core::option::Option::None,
            }
        }
        #[allow(unreachable_patterns)]
        fn as_system_ref(
            &self,
        ) -> ::core::option::Option<
            &::framework::dispatch::RawOrigin<
                <Runtime as pallet_system::Config>::AccountId,
            >,
        > {
            match self {
                Self::system(__raw) => ::core::option::Option::Some(__raw),
                _ => ::core::option::Option::None,
            }
        }
    }
    impl ::core::convert::From<
        ::framework::dispatch::RawOrigin<<Runtime as pallet_system::Config>::AccountId>,
    > for OriginCaller {
        fn from(
            __raw: ::framework::dispatch::RawOrigin<
                <Runtime as pallet_system::Config>::AccountId,
            >,
        ) -> Self {
            Self::system(__raw)
        }
    }
    impl ::core::convert::TryFrom<OriginCaller>
    for ::framework::dispatch::RawOrigin<<Runtime as pallet_system::Config>::AccountId> {
        type Error = OriginCaller;
        #[allow(unreachable_patterns)]
        fn try_from(
            __caller: OriginCaller,
        ) -> ::core::result::Result<Self, OriginCaller> {
            match __caller {
                OriginCaller::system(__raw) => ::core::result::Result::Ok(__raw),
                __other => ::core::result::Result::Err(__other),
            }
        }
    }
    /// A caller, and a filter of what it may call.
    #[derive(::core::clone::Clone)]
    pub struct RuntimeOrigin {
        /// Who makes the call.
        pub caller: OriginCaller,
        filter: ::framework::__private::Rc<dyn Fn(&RuntimeCall) -> bool>,
    }
    impl ::core::fmt::Debug for RuntimeOrigin {
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __f.debug_struct("RuntimeOrigin")
                .field("caller", &self.caller)
                .finish_non_exhaustive()
        }
    }
    impl ::framework::traits::OriginTrait for RuntimeOrigin {
        type Call = RuntimeCall;
        type PalletsOrigin = OriginCaller;
        type AccountId = <Runtime as pallet_system::Config>::AccountId;
        fn add_filter(&mut self, __added: impl Fn(&RuntimeCall) -> bool + 'static) {
            let __before = ::framework::__private::Rc::clone(&self.filter);
            self.filter = ::framework::__private::Rc::new(move |__call| {
                __before(__call) && __added(__call)
            });
        }
        fn reset_filter(&mut self) {
            self.filter = if ::framework::traits::CallerTrait::is_root(&self.caller) {
                ::framework::__private::Rc::new(|_| true)
            } else {
                ::framework::__private::Rc::new(
                    <<Runtime as pallet_system::Config>::BaseCallFilter as ::framework::traits::Contains<
                        RuntimeCall,
                    >>::contains,
                )
            };
        }
        fn set_caller(&mut self, __caller: OriginCaller) {
            self.caller = __caller;
        }
        fn set_caller_from(&mut self, __other: impl ::core::convert::Into<Self>) {
            self.caller = ::core::convert::Into::<Self>::into(__other).caller;
        }
        fn filter_call(&self, __call: &RuntimeCall) -> bool {
            (self.filter)(__call)
        }
        fn caller(&self) -> &OriginCaller {
            &self.caller
        }
        fn into_caller(self) -> OriginCaller {
            self.caller
        }
        fn try_with_caller<__R>(
            self,
            __f: impl FnOnce(OriginCaller) -> ::core::result::Result<__R, OriginCaller>,
        ) -> ::core::result::Result<__R, Self> {
            let Self { caller: __caller, filter: __filter } = self;
            __f(__caller)
                .map_err(|__caller| Self {
                    caller: __caller,
                    filter: __filter,
                })
        }
        fn none() -> Self {
            ::core::convert::From::from(
                <::framework::dispatch::RawOrigin<
                    <Runtime as pallet_system::Config>::AccountId,
                >>::None,
            )
        }
        fn root() -> Self {
            ::core::convert::From::from(
                <::framework::dispatch::RawOrigin<
                    <Runtime as pallet_system::Config>::AccountId,
                >>::Root,
            )
        }
        fn signed(__by: <Runtime as pallet_system::Config>::AccountId) -> Self {
            ::core::convert::From::from(
                <::framework::dispatch::RawOrigin<
                    <Runtime as pallet_system::Config>::AccountId,
                >>::Signed(__by),
            )
        }
    }
    impl RuntimeOrigin {
        /// An account that signed.
        pub fn signed(__by: <Runtime as pallet_system::Config>::AccountId) -> Self {
            <Self as ::framework::traits::OriginTrait>::signed(__by)
        }
        /// The chain itself.
        pub fn root() -> Self {
            <Self as ::framework::traits::OriginTrait>::root()
        }
        /// Nobody.
        pub fn none() -> Self {
            <Self as ::framework::traits::OriginTrait>::none()
        }
    }
    impl ::core::convert::From<OriginCaller> for RuntimeOrigin {
        fn from(__caller: OriginCaller) -> Self {
            let mut __origin = Self {
                caller: __caller,
                filter: ::framework::__private::Rc::new(|_| true),
            };
            ::framework::traits::OriginTrait::reset_filter(&mut __origin);
            __origin
        }
    }
    impl ::core::convert::From<
        ::framework::dispatch::RawOrigin<<Runtime as pallet_system::Config>::AccountId>,
    > for RuntimeOrigin {
        fn from(
            __raw: ::framework::dispatch::RawOrigin<
                <Runtime as pallet_system::Config>::AccountId,
            >,
        ) -> Self {
            ::core::convert::From::from(OriginCaller::system(__raw))
        }
    }
    impl ::core::convert::From<
        ::core::option::Option<<Runtime as pallet_system::Config>::AccountId>,
    > for RuntimeOrigin {
        fn from(
            __signer: ::core::option::Option<
                <Runtime as pallet_system::Config>::AccountId,
            >,
        ) -> Self {
            ::core::convert::From::from(
                <::framework::dispatch::RawOrigin<
                    <Runtime as pallet_system::Config>::AccountId,
                > as ::core::convert::From<_>>::from(__signer),
            )
        }
    }
    impl ::core::convert::From<RuntimeOrigin>
    for ::core::result::Result<
        ::framework::dispatch::RawOrigin<<Runtime as pallet_system::Config>::AccountId>,
        RuntimeOrigin,
    > {
        #[allow(unreachable_patterns)]
        fn from(__origin: RuntimeOrigin) -> Self {
            match __origin.caller {
                OriginCaller::system(__raw) => ::core::result::Result::Ok(__raw),
                __caller => {
                    ::core::result::Result::Err(RuntimeOrigin {
                        caller: __caller,
                        ..__origin
                    })
                }
            }
        }
    }
    #[allow(non_camel_case_types)]
    type __CouncilOrigin = <Council as ::framework::parts::PalletParts<
        __Runtime,
    >>::Origin;
    impl ::core::convert::From<__CouncilOrigin> for OriginCaller {
        fn from(__origin: __CouncilOrigin) -> Self {
            Self::Council(__origin)
        }
    }
    impl ::core::convert::From<__CouncilOrigin> for RuntimeOrigin {
        fn from(__origin: __CouncilOrigin) -> Self {
            ::core::convert::From::from(OriginCaller::Council(__origin))
        }
    }
    impl ::core::convert::From<RuntimeOrigin>
    for ::core::result::Result<__CouncilOrigin, RuntimeOrigin> {
        fn from(__origin: RuntimeOrigin) -> Self {
            match __origin.caller {
                OriginCaller::Council(__inner) => ::core::result::Result::Ok(__inner),
                __caller => {
                    ::core::result::Result::Err(RuntimeOrigin {
                        caller: __caller,
                        ..__origin
                    })
                }
            }
        }
    }
    ///The genesis config of `System`.
    pub type SystemConfig = <System as ::framework::parts::PalletParts<
        __Runtime,
    >>::GenesisConfig;
    ///The genesis config of `Council`.
    pub type CouncilConfig = <Council as ::framework::parts::PalletParts<
        __Runtime,
    >>::GenesisConfig;
    /// The genesis config of all pallets. In JSON a pallet that is left out has its default.
    #[derive(
        ::core::default::Default,
        ::framework::__private::serde::Serialize,
        ::framework::__private::serde::Deserialize,
    )]
    #[serde(
        rename_all = "camelCase",
        deny_unknown_fields,
        default,
        crate = "::framework::__private::serde"
    )]
    pub struct RuntimeGenesisConfig {
        ///The genesis config of `System`.
        #[serde(skip_serializing_if = "RuntimeGenesisConfig::__no_system")]
        pub system: <System as ::framework::parts::PalletParts<
            __Runtime,
        >>::GenesisConfig,
        ///The genesis config of `Council`.
        #[serde(skip_serializing_if = "RuntimeGenesisConfig::__no_council")]
        pub council: <Council as ::framework::parts::PalletParts<
            __Runtime,
        >>::GenesisConfig,
    }
    impl RuntimeGenesisConfig {
        fn __no_system<__G>(_: &__G) -> bool {
            !<System as ::framework::parts::PalletParts<__Runtime>>::HAS_GENESIS_CONFIG
        }
        fn __no_council<__G>(_: &__G) -> bool {
            !<Council as ::framework::parts::PalletParts<__Runtime>>::HAS_GENESIS_CONFIG
        }
    }
    impl ::framework::traits::BuildGenesisConfig for RuntimeGenesisConfig {
        fn build(&self) {
            ::framework::traits::BuildGenesisConfig::build(&self.system);
            ::framework::traits::BuildGenesisConfig::build(&self.council);
            <AllPalletsWithSystem as ::framework::traits::OnGenesis>::on_genesis();
        }
    }
    impl ::framework::parts::RuntimeInherents for Runtime {
        type Call = RuntimeCall;
        fn create_inherents(
            __data: &::framework::__private::InherentData,
        ) -> ::framework::__private::Vec<RuntimeCall> {
            let mut __calls = ::framework::__private::Vec::new();
            __calls
                .extend(
                    <System as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::create_inherent(__data)
                        .map(RuntimeCall::System),
                );
            __calls
                .extend(
                    <Council as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::create_inherent(__data)
                        .map(RuntimeCall::Council),
                );
            __calls
        }
        fn is_inherent_call(__call: &RuntimeCall) -> bool {
            match __call {
                RuntimeCall::System(__call) => {
                    <System as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::is_inherent(__call)
                }
                RuntimeCall::Council(__call) => {
                    <Council as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::is_inherent(__call)
                }
            }
        }
        fn check_inherents<'a>(
            __calls: impl ::core::iter::Iterator<Item = &'a RuntimeCall>,
            __data: &::framework::__private::InherentData,
        ) -> ::framework::__private::CheckInherentsResult {
            let mut __checks = ::framework::parts::InherentChecks::default();
            for __call in __calls {
                match __call {
                    RuntimeCall::System(__call) => {
                        __checks.call::<__Runtime, System>(__call, __data);
                    }
                    RuntimeCall::Council(__call) => {
                        __checks.call::<__Runtime, Council>(__call, __data);
                    }
                }
            }
            __checks.missing::<__Runtime, System>(__data);
            __checks.missing::<__Runtime, Council>(__data);
            __checks.into_result()
        }
    }
    impl ::framework::traits::ValidateUnsigned for Runtime {
        type Call = RuntimeCall;
        fn validate_unsigned(
            __source: ::framework::__private::TransactionSource,
            __call: &RuntimeCall,
        ) -> ::framework::__private::TransactionValidity {
            match __call {
                RuntimeCall::System(__call) => {
                    <System as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::validate_unsigned(__source, __call)
                }
                RuntimeCall::Council(_) => {
                    ::core::result::Result::Err(
                        ::framework::parts::no_unsigned_validator(),
                    )
                }
            }
        }
        fn pre_dispatch(
            __call: &RuntimeCall,
        ) -> ::core::result::Result<
            (),
            ::framework::__private::TransactionValidityError,
        > {
            match __call {
                RuntimeCall::System(__call) => {
                    <System as ::framework::parts::PalletParts<
                        __Runtime,
                    >>::pre_dispatch_unsigned(__call)
                }
                RuntimeCall::Council(_) => {
                    ::core::result::Result::Err(
                        ::framework::parts::no_unsigned_validator(),
                    )
                }
            }
        }
    }
    impl ::framework::dispatch::DispatchViewFunction for Runtime {
        fn dispatch_view_function<__O: ::framework::__private::codec::Output>(
            __id: &::framework::dispatch::ViewFunctionId,
            __input: &mut &[u8],
            __output: &mut __O,
        ) -> ::core::result::Result<
            (),
            ::framework::dispatch::ViewFunctionDispatchError,
        > {
            if __id.prefix
                == <System as ::framework::traits::PalletInfoAccess>::name_hash()
            {
                let __result = <System as ::framework::parts::PalletParts<
                    __Runtime,
                >>::view_function(__id, __input)?;
                __output.write(&__result);
                return ::core::result::Result::Ok(());
            }
            if __id.prefix
                == <Council as ::framework::traits::PalletInfoAccess>::name_hash()
            {
                let __result = <Council as ::framework::parts::PalletParts<
                    __Runtime,
                >>::view_function(__id, __input)?;
                __output.write(&__result);
                return ::core::result::Result::Ok(());
            }
            ::core::result::Result::Err(
                ::framework::dispatch::ViewFunctionDispatchError::NotFound(
                    ::core::clone::Clone::clone(__id),
                ),
            )
        }
    }
    impl Runtime {
        /// The runtime's metadata: of its pallets, extrinsics and runtime APIs.
        pub fn metadata_ir(
            extrinsic: ::framework::__private::metadata_ir::ExtrinsicMetadataIR,
            apis: ::framework::__private::Vec<
                ::framework::__private::metadata_ir::RuntimeApiMetadataIR,
            >,
        ) -> ::framework::__private::metadata_ir::MetadataIR {
            ::framework::__private::metadata_ir::MetadataIR {
                pallets: ::framework::__private::vec![
                    < System as ::framework::parts::PalletParts < __Runtime >>
                    ::metadata(), < Council as ::framework::parts::PalletParts <
                    __Runtime >> ::metadata(),
                ],
                extrinsic,
                ty: ::framework::__private::scale_info::meta_type::<Runtime>(),
                apis,
                outer_enums: ::framework::__private::metadata_ir::OuterEnumsIR {
                    call_enum_ty: ::framework::__private::scale_info::meta_type::<
                        RuntimeCall,
                    >(),
                    event_enum_ty: ::framework::__private::scale_info::meta_type::<
                        RuntimeEvent,
                    >(),
                    error_enum_ty: ::framework::__private::scale_info::meta_type::<
                        RuntimeError,
                    >(),
                },
            }
        }
    }
    #[cfg(test)]
    mod __integrity {
        #[test]
        fn every_pallet_accepts_its_configuration() {
            <super::AllPalletsWithSystem as ::framework::traits::IntegrityTest>::integrity_test();
        }
    }
}
#[allow(unused_imports, unreachable_pub)]
pub use runtime::*;
