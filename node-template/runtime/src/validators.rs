//! Who makes blocks and votes on finality: those who bonded stake and registered keys.

use alloc::vec::Vec;
use citrate_core::{Perbill, Weight, ed25519, key_types, sr25519};
use citrate_grandpa_types::{AuthorityId, RoundNumber, SetId};
use citrate_support::dispatch::DispatchResult;
use pallet_dag::{Candidate, Member};

use crate::configs::EquivocationSlash;
use crate::{AccountId, Balance, Grandpa, Session, Staking};

pallet_session::impl_opaque_keys! {
    /// The public keys of a validator's node.
    pub struct SessionKeys {
        /// Elects and seals blocks.
        pub dag: sr25519::Public = key_types::DAG,
        /// Votes on finality.
        pub grandpa: ed25519::Public = key_types::GRANDPA,
    }
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

/// Those vote on finality who author, and lose as much by voting twice.
#[derive(Debug)]
pub struct FinalityVoters;

impl pallet_dag::OnNewValidators for FinalityVoters {
    fn on_new_validators(_epoch: u64, validators: &[Member]) -> Weight {
        let voter = |member: &Member| {
            let keys = Session::keys(&member.account)?;
            Some((keys.grandpa, member.authority.weight))
        };
        let voters: Vec<_> = validators.iter().filter_map(voter).collect();
        if !voters.is_empty() && voters != Grandpa::grandpa_authorities() {
            // A change that is still scheduled is enacted first; the next epoch brings this one.
            let _ = Grandpa::schedule_change(voters, 0);
        }
        let reads = u64::try_from(validators.len()).unwrap_or(u64::MAX).saturating_add(3);
        <crate::Runtime as pallet_system::Config>::DbWeight::get().reads_writes(reads, 1)
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
