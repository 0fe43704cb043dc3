//! The twin without macros. Its types say in metadata that they are the other's, so that the two
//! can be compared byte by byte.

use crate::mini_system;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use framework::{
    dispatch::{
        DispatchClass, DispatchError, DispatchInfo, DispatchResult, DispatchResultWithPostInfo,
        GetCallIndex, GetCallName, GetDispatchInfo, Pays, UnfilteredDispatchable,
    },
    parts::{
        Absent, AbsentGenesis, CallOutput, CheckIfFeeless, Never, PalletError, PalletParts,
        PartsMetadata, module_error,
    },
    storage::{
        Blake2_128Concat, StorageEntryMetadataBuilder, StorageInstance,
        types::{StorageMap, ValueQuery},
        with_storage_layer,
    },
    traits::{
        BeforeAllRuntimeMigrations, CrateVersion, Get, GetStorageVersion, Hooks, IntegrityTest,
        NoStorageVersionSet, OffchainWorker, OnFinalize, OnGenesis, OnIdle, OnInitialize, OnPoll,
        OnRuntimeUpgrade, PalletInfo, PalletInfoAccess, StorageVersion,
    },
    weights::Weight,
};
use scale_info::{TypeInfo, meta_type};
use sp_metadata_ir::{
    EnumDeprecationInfoIR, ItemDeprecationInfoIR, PalletConstantMetadataIR, PalletStorageMetadataIR,
};

pub trait Config: mini_system::Config<RuntimeEvent: From<Event<Self>>> {
    type Limit: Get<u32>;
}

pub struct Pallet<T>(PhantomData<T>);

pub struct NumbersPrefix<T>(PhantomData<T>);

impl<T: Config> StorageInstance for NumbersPrefix<T> {
    const STORAGE_PREFIX: &'static str = "Numbers";
    fn pallet_prefix() -> &'static str {
        Pallet::<T>::name()
    }
}

pub type Numbers<T> = StorageMap<
    NumbersPrefix<T>,
    Blake2_128Concat,
    <T as mini_system::Config>::AccountId,
    u32,
    ValueQuery,
>;

#[derive(
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    framework::CloneNoBound,
    framework::PartialEqNoBound,
    framework::EqNoBound,
    framework::DebugNoBound,
)]
#[codec(encode_bound())]
#[codec(decode_bound())]
#[codec(decode_with_mem_tracking_bound())]
#[scale_info(skip_type_params(T), capture_docs = "always")]
#[scale_info(replace_segment("hand", "twin"))]
pub enum Event<T: Config> {
    /// It was set.
    Set { who: T::AccountId },
}

#[derive(framework::DebugNoBound, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[codec(encode_bound())]
#[codec(decode_bound())]
#[codec(decode_with_mem_tracking_bound())]
#[scale_info(skip_type_params(T), capture_docs = "always")]
#[scale_info(replace_segment("hand", "twin"))]
pub enum Error<T> {
    /// More than the limit.
    TooMuch,
    #[codec(skip)]
    Phantom(PhantomData<T>, Never),
}

impl<T> PalletError for Error<T> {
    const MAX_ENCODED_SIZE: usize = 1;
}

impl<T: Config> From<Error<T>> for DispatchError {
    fn from(error: Error<T>) -> Self {
        module_error::<Pallet<T>, _>(&error, "TooMuch")
    }
}

/// The calls.
#[derive(
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    framework::CloneNoBound,
    framework::PartialEqNoBound,
    framework::EqNoBound,
    framework::DebugNoBound,
)]
#[codec(encode_bound())]
#[codec(decode_bound())]
#[codec(decode_with_mem_tracking_bound())]
#[scale_info(skip_type_params(T), capture_docs = "always")]
#[scale_info(replace_segment("hand", "twin"))]
#[expect(non_camel_case_types, reason = "calls have the names of their functions")]
pub enum Call<T: Config> {
    /// Sets the number.
    #[codec(index = 2)]
    set {
        #[codec(compact)]
        number: u32,
    },
    #[codec(skip)]
    Phantom(PhantomData<T>, Never),
}

impl<T: Config> Pallet<T> {
    fn set(origin: T::RuntimeOrigin, number: u32) -> DispatchResult {
        with_storage_layer(|| {
            let who = mini_system::ensure_signed(origin)?;
            Numbers::<T>::insert(&who, number);
            mini_system::Pallet::<T>::deposit_event(Event::Set { who }.into());
            if number > T::Limit::get() {
                return Err(Error::<T>::TooMuch.into());
            }
            Ok(())
        })
    }
}

impl<T: Config> UnfilteredDispatchable for Call<T> {
    type RuntimeOrigin = T::RuntimeOrigin;
    fn dispatch_bypass_filter(self, origin: T::RuntimeOrigin) -> DispatchResultWithPostInfo {
        match self {
            Self::set { number } => Pallet::<T>::set(origin, number).into_full(),
            Self::Phantom(_, never) => match never {},
        }
    }
}

impl<T: Config> GetDispatchInfo for Call<T> {
    fn get_dispatch_info(&self) -> DispatchInfo {
        DispatchInfo {
            call_weight: Weight::from_parts(8, 0),
            extension_weight: Weight::zero(),
            class: DispatchClass::Normal,
            pays_fee: Pays::Yes,
        }
    }
}

impl<T: Config> CheckIfFeeless for Call<T> {
    type Origin = T::RuntimeOrigin;
    fn is_feeless(&self, _: &T::RuntimeOrigin) -> bool {
        false
    }
}

impl<T: Config> GetCallName for Call<T> {
    fn get_call_names() -> &'static [&'static str] {
        &["set"]
    }
    fn get_call_name(&self) -> &'static str {
        "set"
    }
}

impl<T: Config> GetCallIndex for Call<T> {
    fn get_call_indices() -> &'static [u8] {
        &[2]
    }
    fn get_call_index(&self) -> u8 {
        2
    }
}

impl<T: Config> PalletInfoAccess for Pallet<T> {
    fn index() -> usize {
        T::PalletInfo::index::<Self>().expect("the pallet is in the runtime")
    }
    fn name() -> &'static str {
        T::PalletInfo::name::<Self>().expect("the pallet is in the runtime")
    }
    fn name_hash() -> [u8; 16] {
        T::PalletInfo::name_hash::<Self>().expect("the pallet is in the runtime")
    }
    fn module_name() -> &'static str {
        "hand"
    }
    fn crate_version() -> CrateVersion {
        CrateVersion::new(0, 1, 0)
    }
}

impl<T: Config> GetStorageVersion for Pallet<T> {
    type InCodeStorageVersion = NoStorageVersionSet;
    fn in_code_storage_version() -> NoStorageVersionSet {
        NoStorageVersionSet
    }
    fn on_chain_storage_version() -> StorageVersion {
        StorageVersion::get::<Self>()
    }
}

impl<T: Config> Hooks<u32> for Pallet<T> {}
impl<T: Config> OnGenesis for Pallet<T> {}
impl<T: Config> OnInitialize<u32> for Pallet<T> {}
impl<T: Config> OnFinalize<u32> for Pallet<T> {}
impl<T: Config> OnIdle<u32> for Pallet<T> {}
impl<T: Config> OnPoll<u32> for Pallet<T> {}
impl<T: Config> OnRuntimeUpgrade for Pallet<T> {}
impl<T: Config> BeforeAllRuntimeMigrations for Pallet<T> {}
impl<T: Config> OffchainWorker<u32> for Pallet<T> {}
impl<T: Config> IntegrityTest for Pallet<T> {}

impl<T: Config> PalletParts<T> for Pallet<T> {
    type Call = Call<T>;
    type Event = Event<T>;
    type Error = Error<T>;
    type Origin = Absent<Self>;
    type HoldReason = Absent<Self>;
    type FreezeReason = Absent<Self>;
    type GenesisConfig = AbsentGenesis<Self>;
    const HAS_CALL: bool = true;
    const HAS_EVENT: bool = true;
    const HAS_ERROR: bool = true;

    fn parts_metadata() -> PartsMetadata {
        let mut entries = Vec::new();
        Numbers::<T>::build_metadata(
            ItemDeprecationInfoIR::NotDeprecated,
            vec![" A number per account."],
            &mut entries,
        );
        let none = EnumDeprecationInfoIR::nothing_deprecated;
        PartsMetadata {
            docs: vec![" A small pallet."],
            deprecation: ItemDeprecationInfoIR::NotDeprecated,
            storage: Some(PalletStorageMetadataIR { prefix: Self::name(), entries }),
            call_type: meta_type::<Call<T>>(),
            call_deprecation: none(),
            event: Some((meta_type::<Event<T>>(), none())),
            error: Some((meta_type::<Error<T>>(), none())),
            constants: vec![PalletConstantMetadataIR {
                name: "Limit",
                ty: meta_type::<u32>(),
                value: T::Limit::get().encode(),
                docs: vec![" The most."],
                deprecation_info: ItemDeprecationInfoIR::NotDeprecated,
            }],
            associated_types: Vec::new(),
            view_functions: Vec::new(),
        }
    }
}
