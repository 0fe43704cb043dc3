//! A small runtime with fees, batches and a pallet that watches its hooks.

use citrate_core::{
    AccountId32, Balance, Digest, DigestItem, Era, H256, Header, MultiAddress, MultiSignature,
    MultiSigner, Perbill, RuntimeVersion, Weight, ecdsa, ed25519, sr25519,
};
use citrate_support::traits::{ConstU8, ConstU32, ConstU64, ConstU128};
use citrate_support::weights::{RuntimeDbWeight, WeightToFee};
use citrate_support::{parameter_types, transaction_extension::TransactionExtension};
use citrate_testing::TestExternalities;
use codec::Encode;
use pallet_system::limits::{BlockLength, BlockWeights};
use pallet_transaction_payment::{BalancesAdapter, ConstantMultiplier};
use std::sync::OnceLock;

/// A pallet that watches its hooks and has a call for each fate.
#[citrate_support::pallet]
pub mod probe {
    use citrate_support::pallet_prelude::*;
    use pallet_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub(crate) type Value<T> = StorageValue<_, u32, ValueQuery>;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_n: BlockNumberFor<T>) -> Weight {
            super::log("initialize");
            Weight::from_parts(7, 0)
        }
        fn on_finalize(_n: BlockNumberFor<T>) {
            super::log("finalize");
        }
        fn on_idle(_n: BlockNumberFor<T>, left: Weight) -> Weight {
            super::Idle::set(left);
            super::log("idle");
            Weight::zero()
        }
        fn on_poll(_n: BlockNumberFor<T>, weight: &mut citrate_support::weights::WeightMeter) {
            weight.consume(Weight::from_parts(11, 0));
            super::log("poll");
        }
        fn on_runtime_upgrade() -> Weight {
            super::log("upgrade");
            Weight::from_parts(13, 0)
        }
        fn offchain_worker(_n: BlockNumberFor<T>) {
            super::log("worker");
        }
    }

    #[pallet::error]
    pub enum Error<T> {
        Refused,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Writes the value, and then fails if it is told to.
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::from_parts(1_000, 0))]
        pub fn write(origin: OriginFor<T>, value: u32, fail: bool) -> DispatchResult {
            ensure_signed(origin)?;
            super::log("call");
            Value::<T>::put(value);
            ensure!(!fail, Error::<T>::Refused);
            Ok(())
        }

        /// Weighs what it is told to.
        #[pallet::call_index(1)]
        #[pallet::weight(*weight)]
        pub fn weigh(_origin: OriginFor<T>, weight: Weight) -> DispatchResult {
            let _ = weight;
            Ok(())
        }
    }
}

parameter_types! {
    pub static Log: Vec<&'static str> = vec![];
    pub static Idle: Weight = Weight::zero();
    pub static SpecVersion: u32 = 1;
    /// How many steps the migration has that the next upgrade begins, and how many are left of one that goes on.
    pub static Planned: u32 = 0;
    pub static Left: u32 = 0;
    pub Weights: BlockWeights =
        BlockWeights::with_sensible_defaults(Weight::from_parts(1_000_000_000_000, u64::MAX), Perbill::from_percent(75));
    pub Length: BlockLength = BlockLength::max_with_normal_ratio(10_000, Perbill::from_percent(75));
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 0, write: 0 };
    pub Version: RuntimeVersion = RuntimeVersion {
        spec_name: "test".into(),
        spec_version: SpecVersion::get(),
        transaction_version: 5,
        system_version: 1,
        ..Default::default()
    };
}

/// Notes that something ran.
pub(super) fn log(what: &'static str) {
    Log::mutate(|log| log.push(what));
}

/// A migration beside the pallets' own.
#[derive(Debug)]
pub(super) struct Migration;

impl citrate_support::traits::OnRuntimeUpgrade for Migration {
    fn on_runtime_upgrade() -> Weight {
        log("migration");
        Left::set(Planned::take());
        Weight::from_parts(17, 0)
    }
}

/// A migration over several blocks.
#[derive(Debug)]
pub struct Migrator;

impl citrate_support::migrations::MultiStepMigrator for Migrator {
    fn ongoing() -> bool {
        Left::get() > 0
    }

    fn step() -> Weight {
        log("step");
        Left::mutate(|left| *left -= 1);
        Weight::from_parts(19, 0)
    }

    fn try_all() -> Result<u32, citrate_support::traits::TryRuntimeError> {
        log("all steps");
        Ok(Left::take())
    }
}

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Timestamp: pallet_timestamp = 1,
        Balances: pallet_balances = 2,
        TransactionPayment: pallet_transaction_payment = 3,
        Utility: pallet_utility = 5,
        Probe: probe = 9,
    }
);

#[citrate_support::derive_impl(pallet_system::config_preludes::SolochainDefaultConfig)]
impl pallet_system::Config for Test {
    type AccountData = pallet_balances::AccountData;
    type BlockHashCount = ConstU32<8>;
    type BlockWeights = Weights;
    type BlockLength = Length;
    type DbWeight = DbWeight;
    type Version = Version;
    type MultiBlockMigrator = Migrator;
}

impl pallet_timestamp::Config for Test {
    type OnTimestampSet = ();
    type MinimumPeriod = ConstU64<5>;
}

#[citrate_support::derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<10>;
}

/// One unit for a byte or a microsecond.
#[derive(Debug)]
pub struct Unit;

impl WeightToFee for Unit {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        Balance::from(weight.ref_time())
    }
}

impl pallet_transaction_payment::Config for Test {
    type OnChargeTransaction = BalancesAdapter<()>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightToFee = Unit;
    type LengthToFee = Unit;
    type FeeMultiplierUpdate = ConstantMultiplier;
}

impl pallet_utility::Config for Test {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
}

impl probe::Config for Test {}

pub(super) type Address = MultiAddress<AccountId32, ()>;
pub(super) type Extension = (
    pallet_system::CheckNonZeroSender<Test>,
    pallet_system::CheckSpecVersion<Test>,
    pallet_system::CheckTxVersion<Test>,
    pallet_system::CheckGenesis<Test>,
    pallet_system::CheckMortality<Test>,
    pallet_system::CheckNonce<Test>,
    pallet_system::CheckWeight<Test>,
    pallet_transaction_payment::ChargeTransactionPayment<Test>,
    pallet_system::CheckMetadataHash<Test>,
    pallet_system::WeightReclaim<Test>,
);
pub(super) type Extrinsic =
    citrate_core::UncheckedExtrinsic<Address, RuntimeCall, MultiSignature, Extension>;
pub(super) type Executive = crate::Executive<Test, Extrinsic, AllPalletsWithSystem, Migration>;

/// What everybody has at genesis.
pub(super) const ENDOWMENT: Balance = 1_000_000_000_000_000;

/// A key of one of the schemes.
#[derive(Debug)]
pub(super) enum Key {
    Sr(sr25519::Pair),
    Ed(ed25519::Pair),
    Ec(ecdsa::Pair),
}

impl Key {
    /// Alice's, Bob's and Charlie's keys, one of each scheme. All have money.
    pub(super) fn all() -> &'static [Self] {
        &Self::known()[..3]
    }

    /// The first of them.
    pub(super) fn alice() -> &'static Self {
        &Self::known()[0]
    }

    /// A key whose account has nothing.
    pub(super) fn poor() -> &'static Self {
        &Self::known()[3]
    }

    /// Made once: deriving them from words is slow.
    fn known() -> &'static [Self; 4] {
        static KEYS: OnceLock<[Key; 4]> = OnceLock::new();
        KEYS.get_or_init(|| {
            [
                Self::Sr(sr25519::Pair::from_suri("//Alice", None).unwrap()),
                Self::Ed(ed25519::Pair::from_suri("//Bob", None).unwrap()),
                Self::Ec(ecdsa::Pair::from_suri("//Charlie", None).unwrap()),
                Self::Sr(sr25519::Pair::from_suri("//Nobody", None).unwrap()),
            ]
        })
    }

    pub(super) fn account(&self) -> AccountId32 {
        let signer: MultiSigner = match self {
            Self::Sr(pair) => pair.public().into(),
            Self::Ed(pair) => pair.public().into(),
            Self::Ec(pair) => pair.public().into(),
        };
        signer.into_account()
    }

    pub(super) fn sign(&self, message: &[u8]) -> MultiSignature {
        match self {
            Self::Sr(pair) => pair.sign(message).into(),
            Self::Ed(pair) => pair.sign(message).into(),
            Self::Ec(pair) => pair.sign(message).into(),
        }
    }
}

/// The hash of a block of the tests.
pub(super) fn hash_of(number: u32) -> H256 {
    H256::repeat_byte(0x40 + u8::try_from(number).unwrap())
}

/// What a wallet puts into a transaction and what it takes to be true of the chain.
#[derive(Clone, Debug)]
pub(super) struct Wallet {
    pub(super) era: Era,
    /// The hash of the era's first block.
    pub(super) birth: H256,
    pub(super) nonce: u32,
    pub(super) genesis: H256,
    pub(super) spec_version: u32,
    pub(super) transaction_version: u32,
    pub(super) metadata_hash: bool,
}

impl Default for Wallet {
    fn default() -> Self {
        Self {
            era: Era::Immortal,
            birth: hash_of(0),
            nonce: 0,
            genesis: hash_of(0),
            spec_version: 1,
            transaction_version: 5,
            metadata_hash: false,
        }
    }
}

impl Wallet {
    pub(super) fn extension(&self) -> Extension {
        (
            pallet_system::CheckNonZeroSender::new(),
            pallet_system::CheckSpecVersion::new(),
            pallet_system::CheckTxVersion::new(),
            pallet_system::CheckGenesis::new(),
            pallet_system::CheckMortality::from(self.era),
            pallet_system::CheckNonce::from(self.nonce),
            pallet_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(0),
            pallet_system::CheckMetadataHash::new(self.metadata_hash),
            pallet_system::WeightReclaim::new(),
        )
    }

    /// Signs as wallets do, from their own idea of the chain.
    pub(super) fn sign(&self, key: &Key, call: RuntimeCall) -> Extrinsic {
        let extension = self.extension();
        let metadata_hash = self.metadata_hash.then_some([7_u8; 32]);
        let implicit =
            (self.spec_version, self.transaction_version, self.genesis, self.birth, metadata_hash);
        let payload = (&call, &extension, &implicit).encode();
        let signature = if payload.len() > 256 {
            key.sign(&citrate_core::hashing::blake2_256(&payload))
        } else {
            key.sign(&payload)
        };
        Extrinsic::new_signed(call, MultiAddress::Id(key.account()), signature, extension)
    }
}

/// A transaction by Alice.
pub(super) fn signed(nonce: u32, call: RuntimeCall) -> Extrinsic {
    Wallet { nonce, ..Wallet::default() }.sign(Key::alice(), call)
}

pub(super) fn write(value: u32) -> RuntimeCall {
    RuntimeCall::Probe(probe::Call::write { value, fail: false })
}

pub(super) fn value() -> u32 {
    probe::Value::<Test>::get()
}

/// The state at genesis.
pub(super) fn genesis() -> TestExternalities {
    let balances = Key::all().iter().map(|key| (key.account(), ENDOWMENT)).collect();
    TestExternalities::from_genesis(&RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    })
}

pub(super) fn header(number: u32) -> Header {
    Header {
        parent_hash: hash_of(number - 1),
        number,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs: vec![DigestItem::PreRuntime(*b"test", vec![1])] },
    }
}

/// Runs `f` in block 1, after its hooks.
pub(super) fn in_block<R>(f: impl FnOnce() -> R) -> R {
    genesis().execute_with(|| {
        Executive::initialize_block(&header(1));
        f()
    })
}

/// The tuple is what the runtime has: its implicit part is what [`Wallet::sign`] signs.
#[test]
fn a_wallet_and_the_extensions_agree_on_what_is_implied() {
    in_block(|| {
        let wallet = Wallet::default();
        let implicit = wallet.extension().implicit().unwrap().encode();
        let metadata_hash: Option<[u8; 32]> = None;
        assert_eq!(implicit, (1_u32, 5_u32, hash_of(0), hash_of(0), metadata_hash).encode());
    });
}
