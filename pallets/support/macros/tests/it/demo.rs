//! A pallet with one of everything.

pub use pallet::*;

use crate::mini_system as pallet_system;

/// A pallet with one of everything.
///
/// Second paragraph.
#[framework::pallet]
pub mod pallet {
    use super::pallet_system::{self, OriginFor, ensure_signed};
    use framework::pallet_prelude::*;
    use framework::traits::IsFatalError;

    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The most.
        #[pallet::constant]
        type Limit: Get<u32>;
        /// Shown in metadata.
        type Unit: Parameter + Member + Default + MaxEncodedLen;
        type NotShown: Get<u8>;
    }

    pub const VERSION: StorageVersion = StorageVersion::new(3);

    #[pallet::pallet]
    #[pallet::storage_version(VERSION)]
    pub struct Pallet<T>(_);

    /// One number.
    #[pallet::storage]
    #[pallet::getter(fn number)]
    pub type Number<T> = StorageValue<_, u32, ValueQuery, Start<T>>;

    #[pallet::type_value]
    pub fn Start<T: Config>() -> u32 {
        T::Limit::get() - 1
    }

    #[pallet::storage]
    #[pallet::getter(fn owner)]
    pub type Owner<T: Config> = StorageMap<_, Blake2_128Concat, u64, T::AccountId>;

    #[pallet::storage]
    pub type Pairs<T: Config> = StorageDoubleMap<
        Hasher1 = Twox64Concat,
        Key1 = u32,
        Hasher2 = Identity,
        Key2 = u8,
        Value = T::Unit,
        QueryKind = ValueQuery,
    >;

    #[pallet::storage]
    pub type Triples<T: Config> = StorageNMap<
        _,
        (NMapKey<Twox64Concat, u8>, NMapKey<Blake2_128Concat, u16>, NMapKey<Identity, u32>),
        u64,
    >;

    #[pallet::storage]
    #[pallet::getter(fn ticket)]
    pub type Tickets<T> =
        CountedStorageNMap<_, (NMapKey<Twox64Concat, u8>, NMapKey<Identity, u16>), u32, ValueQuery>;

    #[pallet::storage]
    #[pallet::storage_prefix = "Renamed"]
    pub type Counted<T: Config> = CountedStorageMap<_, Twox64Concat, u8, u8>;

    #[pallet::storage]
    #[pallet::unbounded]
    pub type Log<T: Config> = StorageValue<_, Vec<u8>, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The number changed.
        Set { who: T::AccountId, number: u32 },
        /// Nothing happened.
        Nothing,
        #[deprecated(note = "use Set")]
        Old(#[codec(compact)] u32),
    }

    #[pallet::error]
    pub enum Error<T> {
        /// More than the limit.
        TooMuch,
        /// With a field.
        Inner(u16),
    }

    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For the number.
        Number,
        Other,
    }

    #[pallet::origin]
    #[derive(
        Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
    )]
    pub enum Origin {
        Club(u8),
    }

    #[pallet::genesis_config]
    #[derive(DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        pub first_owners: Vec<(u64, T::AccountId)>,
        #[serde(skip)]
        pub marker: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (key, owner) in &self.first_owners {
                Owner::<T>::insert(key, owner);
            }
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<u32> for Pallet<T> {
        fn on_initialize(n: u32) -> Weight {
            Weight::from_parts(u64::from(n), 0)
        }
        fn integrity_test() {
            assert!(T::Limit::get() > 1);
        }
        fn try_state(_n: u32) -> Result<(), framework::traits::TryRuntimeError> {
            ensure!(Number::<T>::get() <= T::Limit::get(), "the number is above its limit");
            Ok(())
        }
    }

    /// The calls.
    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the number.
        #[pallet::call_index(4)]
        #[pallet::weight(Self::weight_of(*number))]
        pub fn set(origin: OriginFor<T>, #[pallet::compact] number: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Number::<T>::put(number);
            Self::deposit_event(Event::Set { who, number });
            ensure!(number <= T::Limit::get(), Error::<T>::TooMuch);
            Ok(())
        }

        #[pallet::call_index(1)]
        #[pallet::weight((Weight::from_parts(5, 6), DispatchClass::Mandatory, Pays::No))]
        #[pallet::feeless_if(|_origin: &OriginFor<T>, text: &Vec<u8>, _unit: &T::Unit| text.is_empty())]
        #[deprecated]
        pub fn say(
            _origin: OriginFor<T>,
            text: Vec<u8>,
            unit: T::Unit,
        ) -> DispatchResultWithPostInfo {
            let _ = unit;
            Log::<T>::put(text);
            Ok(Some(Weight::from_parts(1, 1)).into())
        }

        #[pallet::call_index(2)]
        #[pallet::weight((Weight::zero(), Pays::No))]
        pub fn tick(_origin: OriginFor<T>) -> DispatchResult {
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        fn weight_of(number: u32) -> Weight {
            Weight::from_parts(u64::from(number), 0)
        }
    }

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Twice the limit.
        #[pallet::constant_name(Double)]
        fn double() -> u32 {
            T::Limit::get() * 2
        }
    }

    #[derive(Encode, Decode, Debug, PartialEq, Eq)]
    pub struct Wrong;

    impl IsFatalError for Wrong {
        fn is_fatal_error(&self) -> bool {
            true
        }
    }

    pub const ID: InherentIdentifier = *b"demotick";

    #[pallet::inherent]
    impl<T: Config> ProvideInherent for Pallet<T> {
        type Call = Call<T>;
        type Error = Wrong;
        const INHERENT_IDENTIFIER: InherentIdentifier = ID;
        fn create_inherent(data: &InherentData) -> Option<Call<T>> {
            data.get::<u8>(&ID).ok().flatten().map(|_| Call::tick {})
        }
        fn check_inherent(_call: &Call<T>, data: &InherentData) -> Result<(), Wrong> {
            data.get::<u8>(&ID).ok().flatten().map(|_| ()).ok_or(Wrong)
        }
        fn is_inherent_required(data: &InherentData) -> Result<Option<Wrong>, Wrong> {
            Ok(data.get::<u8>(&ID).ok().flatten().map(|_| Wrong))
        }
        fn is_inherent(call: &Call<T>) -> bool {
            matches!(call, Call::tick {})
        }
    }

    #[pallet::validate_unsigned]
    impl<T: Config> ValidateUnsigned for Pallet<T> {
        type Call = Call<T>;
        fn validate_unsigned(_source: TransactionSource, call: &Call<T>) -> TransactionValidity {
            match call {
                Call::tick {} => Ok(ValidTransaction::default()),
                _ => Err(InvalidTransaction::Call.into()),
            }
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The number and something added.
        pub fn plus(added: u32) -> u32 {
            Number::<T>::get() + added
        }
    }
}
