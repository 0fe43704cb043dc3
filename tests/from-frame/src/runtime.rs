//! The runtime: Citrate's system and balances, and pallets that were written for FRAME.

use citrate_core::{AccountId32, H256, MultiSignature, UncheckedExtrinsic};
use frame_support::{
    PalletId, construct_runtime, derive_impl, parameter_types,
    traits::{AccountIdLookup, BlakeTwo256, ConstU32, ConstU128, InstanceFilter, Randomness},
};
use frame_system::EnsureRoot;

construct_runtime!(
    pub enum Runtime {
        System: frame_system,
        Balances: pallet_balances,
        Template: crate::template,
        Remark: pallet_remark,
        Nodes: pallet_node_authorization,
        Swap: pallet_atomic_swap,
        Lottery: pallet_lottery::{Pallet, Call, Storage, Event<T>} = 10,
        RootTesting: pallet_root_testing,
        Sudo: pallet_sudo,
        Proxy: pallet_proxy,
        Utility: pallet_utility,
    }
);

/// The address, call, signature and checks of a transaction.
pub type Extrinsic = UncheckedExtrinsic<
    citrate_core::MultiAddress<AccountId32, ()>,
    RuntimeCall,
    MultiSignature,
    Checks,
>;
/// What is checked of a transaction.
pub type Checks = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
);
/// Executes blocks.
pub type Executive = citrate_executive::Executive<Runtime, Extrinsic, AllPalletsWithSystem>;

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Lookup = AccountIdLookup<AccountId32, ()>;
    type AccountData = pallet_balances::AccountData;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<10>;
}

impl crate::template::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type MaxLevel = ConstU32<100>;
    type WeightInfo = crate::template::SubstrateWeight<Runtime>;
}

impl pallet_remark::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_remark::weights::SubstrateWeight<Runtime>;
}

impl pallet_node_authorization::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type MaxWellKnownNodes = ConstU32<4>;
    type MaxPeerIdLength = ConstU32<64>;
    type AddOrigin = EnsureRoot<AccountId32>;
    type RemoveOrigin = EnsureRoot<AccountId32>;
    type SwapOrigin = EnsureRoot<AccountId32>;
    type ResetOrigin = EnsureRoot<AccountId32>;
    type WeightInfo = ();
}

impl pallet_atomic_swap::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type SwapAction = pallet_atomic_swap::BalanceSwapAction<AccountId32, Balances>;
    type ProofLimit = ConstU32<1024>;
}

parameter_types! {
    /// The lottery's pot.
    pub const LotteryId: PalletId = PalletId(*b"py/lotto");
}

/// The parent's hash, mixed with the subject: known beforehand, which is all that tests need.
#[derive(Debug)]
pub struct ParentHash;

impl Randomness<H256, u32> for ParentHash {
    fn random(subject: &[u8]) -> (H256, u32) {
        let seed = (System::parent_hash(), subject);
        let hash = citrate_core::hashing::blake2_256(&codec::Encode::encode(&seed));
        (hash.into(), System::block_number())
    }
}

impl pallet_lottery::Config for Runtime {
    type PalletId = LotteryId;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type Randomness = ParentHash;
    type RuntimeEvent = RuntimeEvent;
    type ManagerOrigin = EnsureRoot<AccountId32>;
    type MaxCalls = ConstU32<2>;
    type ValidateCall = Lottery;
    type MaxGenerateRandom = ConstU32<10>;
    type WeightInfo = pallet_lottery::weights::SubstrateWeight<Runtime>;
}

impl pallet_root_testing::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
}

#[derive_impl(pallet_sudo::config_preludes::TestDefaultConfig)]
impl pallet_sudo::Config for Runtime {}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

/// What a proxy may do.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    codec::Encode,
    codec::Decode,
    codec::DecodeWithMemTracking,
    codec::MaxEncodedLen,
    scale_info::TypeInfo,
)]
pub enum ProxyType {
    /// Anything.
    #[default]
    Any,
    /// Only what the template pallet has.
    Levels,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::Levels => matches!(call, RuntimeCall::Template(_)),
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        self <= other
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ConstU128<10>;
    type ProxyDepositFactor = ConstU128<1>;
    type MaxProxies = ConstU32<4>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
    type MaxPending = ConstU32<2>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = ConstU128<1>;
    type AnnouncementDepositFactor = ConstU128<1>;
    type BlockNumberProvider = System;
}
