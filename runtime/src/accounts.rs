//! The configuration of those pallets by which accounts act together and for each other.

use citrate_support::traits::{ConstU32, ConstU128, InstanceFilter};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::constants::{CIT, deposit};
use crate::governance::ThreeFifths;
use crate::{Balances, Runtime, RuntimeCall, RuntimeHoldReason};

impl pallet_multisig::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    // An operation without its approvals, and one of them.
    type DepositBase = ConstU128<{ deposit(1, 88) }>;
    type DepositFactor = ConstU128<{ deposit(0, 32) }>;
    type MaxSignatories = ConstU32<100>;
}

/// What a proxy may do.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ProxyType {
    /// Anything.
    #[default]
    Any,
    /// What gives away neither money nor models, nor the sudo key.
    NonTransfer,
    /// The council's affairs, the treasury's, and referenda.
    Governance,
    /// Stakes and the keys of a validator.
    Staking,
    /// Models, jobs and providers.
    Market,
    /// To reject what other proxies announce.
    CancelProxy,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        // A batch's calls are asked about one by one.
        let batch = matches!(call, RuntimeCall::Utility(_));
        match self {
            Self::Any => true,
            Self::NonTransfer => gives_nothing_away(call),
            Self::Governance => {
                batch
                    || matches!(
                        call,
                        RuntimeCall::Council(_)
                            | RuntimeCall::Referenda(_)
                            | RuntimeCall::Treasury(_)
                            | RuntimeCall::Preimage(_)
                            | RuntimeCall::Scheduler(_)
                    )
            }
            Self::Staking => {
                batch || matches!(call, RuntimeCall::Staking(_) | RuntimeCall::Session(_))
            }
            Self::Market => {
                batch
                    || matches!(
                        call,
                        RuntimeCall::ModelRegistry(_)
                            | RuntimeCall::InferenceJobs(_)
                            | RuntimeCall::Providers(_)
                            | RuntimeCall::Attestations(_)
                            | RuntimeCall::Referee(_)
                    )
            }
            Self::CancelProxy => {
                matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. }))
            }
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::NonTransfer, Self::Governance | Self::Staking | Self::CancelProxy) => true,
            (one, other) => one == other,
        }
    }
}

/// Whoever adds a pallet has to say here what its calls are.
fn gives_nothing_away(call: &RuntimeCall) -> bool {
    match call {
        RuntimeCall::Balances(_)
        | RuntimeCall::Sudo(_)
        // Acts for others, whose money it may be.
        | RuntimeCall::Multisig(_)
        // A model can be given away, and a job's fee goes to whoever runs it.
        | RuntimeCall::ModelRegistry(_)
        | RuntimeCall::InferenceJobs(_)
        | RuntimeCall::Referee(_)
        | RuntimeCall::Vesting(_)
        | RuntimeCall::Assets(_) => false,
        RuntimeCall::System(_)
        | RuntimeCall::Timestamp(_)
        | RuntimeCall::TransactionPayment(_)
        | RuntimeCall::Utility(_)
        | RuntimeCall::Dag(_)
        | RuntimeCall::Staking(_)
        | RuntimeCall::Session(_)
        | RuntimeCall::Grandpa(_)
        | RuntimeCall::Providers(_)
        | RuntimeCall::Attestations(_)
        | RuntimeCall::Treasury(_)
        | RuntimeCall::Preimage(_)
        | RuntimeCall::Scheduler(_)
        | RuntimeCall::MultiBlockMigrations(_)
        | RuntimeCall::Council(_)
        | RuntimeCall::Referenda(_) => true,
        // A proxy of a proxy may be another account's, for anything.
        RuntimeCall::Proxy(call) => !matches!(
            call,
            pallet_proxy::Call::proxy { .. } | pallet_proxy::Call::proxy_announced { .. }
        ),
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProxyType = ProxyType;
    // A list, and each proxy in it: account, kind, delay.
    type ProxyDepositBase = ConstU128<{ deposit(1, 8) }>;
    type ProxyDepositFactor = ConstU128<{ deposit(0, 37) }>;
    type MaxProxies = ConstU32<32>;
    type MaxPending = ConstU32<32>;
    // A list, and each announcement in it: account, hash, block.
    type AnnouncementDepositBase = ConstU128<{ deposit(1, 16) }>;
    type AnnouncementDepositFactor = ConstU128<{ deposit(0, 68) }>;
}

impl pallet_vesting::Config for Runtime {
    type MinVestedTransfer = ConstU128<CIT>;
    type MaxVestingSchedules = ConstU32<28>;
}

impl pallet_assets::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ForceOrigin = ThreeFifths;
    type RemoveItemsLimit = ConstU32<200>;
    // A number is scarcer than its bytes: tokens are known by small ones.
    type AssetDeposit = ConstU128<{ 10 * CIT }>;
    type MetadataDepositBase = ConstU128<{ deposit(1, 68) }>;
    type MetadataDepositPerByte = ConstU128<{ deposit(0, 1) }>;
    type AssetAccountDeposit = ConstU128<{ deposit(1, 134) }>;
    type ApprovalDeposit = ConstU128<{ deposit(1, 100) }>;
    type StringLimit = ConstU32<50>;
    type WeightInfo = crate::weights::pallet_assets::WeightInfo<Self>;
}
