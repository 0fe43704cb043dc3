//! The configuration of those pallets by which people decide together: council, referenda, treasury, scheduler.

use citrate_core::{AccountId32, Balance, BlockNumber, Weight};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128, EitherOf, EnsureWithSuccess};
use pallet_collective::EnsureProportionAtLeast;
use pallet_system::EnsureRoot;
use sp_arithmetic::Permill;

use crate::constants::{BLOCK_WEIGHT_MAX, CIT, DAYS, deposit};
use crate::market::Treasury;
use crate::{
    Balances, OriginCaller, Preimage, Runtime, RuntimeCall, RuntimeHoldReason, RuntimeOrigin,
};

/// Root, or three fifths of the council: they spend the treasury, schedule calls, and end tokens.
pub(crate) type ThreeFifths =
    EitherOf<EnsureRoot<AccountId32>, EnsureProportionAtLeast<AccountId32, 3, 5>>;
/// Root, or three quarters of the council: they appoint its members, so that it lives on when nobody is root any more.
type ThreeQuarters = EitherOf<EnsureRoot<AccountId32>, EnsureProportionAtLeast<AccountId32, 3, 4>>;

parameter_types! {
    /// No limit besides the pot.
    pub const Everything: Balance = Balance::MAX;
    /// Nothing is destroyed.
    pub const TreasuryBurn: Permill = Permill::zero();
    /// Half of a block, so that what is approved fits into one beside other transactions.
    pub const ProposalWeight: Weight = BLOCK_WEIGHT_MAX.saturating_div(2);
    /// Three tenths of a block: an upgrade, the heaviest call there is, takes a quarter and has to fit.
    pub const SchedulerWeight: Weight = BLOCK_WEIGHT_MAX.saturating_mul(3).saturating_div(10);
}

impl pallet_collective::Config for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type MotionDuration = ConstU32<{ 3 * DAYS }>;
    type MaxProposals = ConstU32<32>;
    type MaxMembers = ConstU32<32>;
    type MaxProposalWeight = ProposalWeight;
    type SetMembersOrigin = ThreeQuarters;
    type DisapproveOrigin = EnsureRoot<AccountId32>;
}

parameter_types! {
    /// A tenth of all money. It can be voted with without conviction, and without leaving the account.
    pub const SupportMin: Permill = Permill::from_percent(10);
}

impl pallet_referenda::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type Preimages = Preimage;
    type SubmissionDeposit = ConstU128<{ 100 * CIT }>;
    type VotingPeriod = ConstU32<{ 7 * DAYS }>;
    type EnactmentPeriod = ConstU32<{ 2 * DAYS }>;
    type VoteLockingPeriod = ConstU32<{ 7 * DAYS }>;
    type SupportMin = SupportMin;
    type MaxOngoing = ConstU32<100>;
    type MaxVotes = ConstU32<64>;
    type MaxProposalWeight = ProposalWeight;
    type CancelOrigin = ThreeFifths;
    type KillOrigin = ThreeQuarters;
    type SlashTo = Treasury;
}

impl pallet_treasury::Config for Runtime {
    type Currency = Balances;
    type PotAccount = Treasury;
    type SpendOrigin = EnsureWithSuccess<ThreeFifths, Everything>;
    type RejectOrigin = ThreeFifths;
    type SpendPeriod = ConstU32<DAYS>;
    type Burn = TreasuryBurn;
    type MaxApprovals = ConstU32<100>;
    type PayoutPeriod = ConstU32<{ 30 * DAYS }>;
}

/// The longest that a spend may wait is far from the last block there can be.
const _: () = assert!(30 * DAYS < BlockNumber::MAX / 2);

impl pallet_preimage::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ManagerOrigin = ThreeFifths;
    type BaseDeposit = ConstU128<{ deposit(2, 64) }>;
    type ByteDeposit = ConstU128<{ deposit(0, 1) }>;
}

impl pallet_scheduler::Config for Runtime {
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = SchedulerWeight;
    type ScheduleOrigin = ThreeFifths;
    type MaxScheduledPerBlock = ConstU32<50>;
    type Preimages = Preimage;
}
