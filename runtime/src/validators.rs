//! The configuration of the consensus: who authors, by stake and keys, what it brings and what it costs.

use alloc::vec::Vec;
use citrate_core::{Balance, Perbill, Weight, ed25519, key_types, sr25519};
use citrate_grandpa_types::{AuthorityId, RoundNumber, SetId};
use citrate_support::dispatch::DispatchResult;
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU64, ConstU128};
use pallet_dag::{Candidate, Member};
use sp_arithmetic::Permill;

use crate::constants::{
    AUTHORITIES_MAX, DELAY_BOUND_MS, EPOCH_LENGTH, EVIDENCE_EPOCHS, KEY_DEPOSIT, MERGESET_MAX,
    PAYLOAD_BYTES_MAX, PAYLOAD_WEIGHT_MAX, SLOT_DURATION_MS, VOTER_SETS_KEPT, VOTERS_MAX,
};
use crate::market::Treasury;
use crate::{
    AccountId, Balances, Grandpa, Runtime, RuntimeHoldReason, Session, SessionKeys, Staking,
};

parameter_types! {
    /// What one payload may weigh.
    pub const PayloadWeightMax: Weight = PAYLOAD_WEIGHT_MAX;
    /// What a merged block brings the author who merges it: enough that nobody leaves a tip out.
    pub const MergerShare: Permill = Permill::from_percent(10);
    /// The chain's share of what a block brings.
    pub const BlockTreasuryShare: Permill = Permill::from_percent(10);
    /// What an author loses for each slot in which it sealed two blocks.
    pub const EquivocationSlash: Perbill = Perbill::from_percent(10);
    /// What a reporter gets of it.
    pub const ReporterShare: Perbill = Perbill::from_percent(10);
}

impl pallet_dag::Config for Runtime {
    type SlotDuration = ConstU64<SLOT_DURATION_MS>;
    type EpochLength = ConstU64<EPOCH_LENGTH>;
    type MaxAuthorities = ConstU32<AUTHORITIES_MAX>;
    type PayloadBytesMax = ConstU32<PAYLOAD_BYTES_MAX>;
    type PayloadWeightMax = PayloadWeightMax;
    type MergesetMax = ConstU32<MERGESET_MAX>;
    type DelayBoundMs = ConstU32<DELAY_BOUND_MS>;
    type Validators = BondedValidators;
    type OnNewValidators = FinalityVoters;
    type Currency = Balances;
    type MergerShare = MergerShare;
    type TreasuryShare = BlockTreasuryShare;
    type Treasury = Treasury;
    type EvidenceEpochs = ConstU32<EVIDENCE_EPOCHS>;
    type OffencesMax = ConstU32<16>;
    type EquivocationSlash = EquivocationSlash;
    type ReporterShare = ReporterShare;
}

impl pallet_grandpa::Config for Runtime {
    type MaxAuthorities = ConstU32<VOTERS_MAX>;
    type SetsKept = ConstU64<VOTER_SETS_KEPT>;
    type ReportLongevity = ConstU64<EPOCH_LENGTH>;
    type OnEquivocation = FinalityVoters;
}

impl pallet_session::Config for Runtime {
    type Keys = SessionKeys;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type KeyDeposit = ConstU128<KEY_DEPOSIT>;
}

/// The validators that have both: a stake in the staking pallet, keys in the session pallet.
#[derive(Debug)]
pub struct BondedValidators;

impl pallet_dag::Validators for BondedValidators {
    fn candidates() -> Vec<Candidate> {
        let with_key = |(account, stake)| {
            let key = Session::keys(&account)?.dag;
            Some(Candidate { account, key, stake })
        };
        Staking::validators().into_iter().filter_map(with_key).collect()
    }

    fn owner(key: &sr25519::Public) -> Option<AccountId> {
        Session::key_owner(key_types::DAG, &key.0)
    }

    fn punish(who: &AccountId, slash: Perbill, reporter: Option<(&AccountId, Perbill)>) -> Balance {
        Staking::punish(who, slash, reporter)
    }
}

/// The voters on finality that go with these authorities: those who registered a key for it, as it is now, with the weights
/// that they have in the lottery.
pub fn finality_voters(authorities: &[Member]) -> Vec<(ed25519::Public, u64)> {
    let voter = |member: &Member| {
        let keys = Session::keys(&member.account)?;
        Some((keys.grandpa, member.authority.weight))
    };
    authorities.iter().filter_map(voter).collect()
}

/// Those vote on finality who author, and lose as much by voting twice.
#[derive(Debug)]
pub struct FinalityVoters;

impl pallet_dag::OnNewValidators for FinalityVoters {
    fn on_new_validators(_epoch: u64, validators: &[Member]) -> Weight {
        let voters = finality_voters(validators);
        if !voters.is_empty() && voters != Grandpa::grandpa_authorities() {
            // A change that is still scheduled is enacted first; the next epoch brings this one.
            let _ = Grandpa::schedule_change(voters, 0);
        }
        let reads = u64::try_from(validators.len()).unwrap_or(u64::MAX).saturating_add(3);
        <Runtime as pallet_system::Config>::DbWeight::get().reads_writes(reads, 1)
    }
}

impl pallet_grandpa::OnEquivocation for FinalityVoters {
    fn on_equivocation(offender: &AuthorityId, _: SetId, _: RoundNumber) -> DispatchResult {
        // A voter of the genesis configuration has no stake; that it voted twice is on record all the same.
        if let Some(who) = Session::key_owner(key_types::GRANDPA, &offender.0) {
            Staking::punish(&who, EquivocationSlash::get(), None);
        }
        Ok(())
    }
}
