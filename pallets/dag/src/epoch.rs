//! Epochs: who authors in them, by which randomness and parameters.
//!
//! Three sets of authorities are in line. *Queued* is taken from the stakes at the first block of an epoch e - 2, is
//! *next* in e - 1, and authors in e. The randomness of e is made of VRF outputs of the first two thirds of e - 2: younger
//! than the stakes and keys that it judges, and known when e - 1 begins. INVARIANT: what is next changes at the first block of
//! an epoch only, so that all blocks of an epoch agree about the one after it.

use crate::pallet::{
    Authorities, Config, CurrentEpoch, ElectionRule, Error, Event, NextAuthorities, NextParameters,
    NextRandomness, Offences, Pallet, Parameters, PastAuthorities, PastEpochs, QueuedAuthorities,
    Randomness, RandomnessAccumulator, ScheduledAuthorities,
};
use crate::validators::{Member, OnNewValidators, Validators, weights};
use alloc::vec::Vec;
use citrate_core::hashing::blake2_256;
use citrate_core::{AccountId32, Weight};
use citrate_dag_types::{Authority, DagConfiguration, Election, Slot};
use citrate_support::bounded_collections::BoundedVec;
use citrate_support::traits::Get;
use codec::{Decode, Encode, MaxEncodedLen};
use core::cmp::Reverse;
use scale_info::TypeInfo;

/// Domain of the hashes that make an epoch's randomness.
const RANDOMNESS_DOMAIN: &[u8] = b"CITRATE/dag/randomness";
/// Domain of the hashes that gather VRF outputs.
const ACCUMULATOR_DOMAIN: &[u8] = b"CITRATE/dag/accumulator";

/// The authorities of an epoch, by index.
pub type Set<T> = BoundedVec<Member, <T as Config>::MaxAuthorities>;

/// The parameters that an epoch keeps from its preparation on, whatever upgrades come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EpochParameters {
    /// How a slot's authors are found.
    pub election: Election,
    /// LIMIT: bytes of one block's payload.
    pub payload_bytes_max: u32,
    /// LIMIT: weight of one block's payload.
    pub payload_weight_max: Weight,
    /// LIMIT: blocks in one mergeset, the selected parent included.
    pub mergeset_max: u32,
    /// The assumed bound on a block's way to every node, in milliseconds.
    pub delay_bound_ms: u32,
}

/// More VRF outputs mixed into an accumulator.
pub(crate) fn accumulated(accumulator: &[u8; 32], outputs: &[[u8; 32]]) -> [u8; 32] {
    (ACCUMULATOR_DOMAIN, accumulator, outputs).using_encoded(blake2_256)
}

impl<T: Config> Pallet<T> {
    /// What the node's consensus takes from this state for the current epoch.
    pub fn configuration() -> DagConfiguration {
        let parameters = Parameters::<T>::get().unwrap_or_else(Self::new_parameters);
        Self::describe(parameters, &Authorities::<T>::get(), Randomness::<T>::get())
    }

    /// What the node's consensus takes from this state for a slot: the current epoch's configuration, or the next one's
    /// if the slot is in a later epoch.
    pub fn configuration_at(slot: Slot) -> DagConfiguration {
        if slot.epoch(T::EpochLength::get()) <= CurrentEpoch::<T>::get() {
            return Self::configuration();
        }
        let parameters = NextParameters::<T>::get().unwrap_or_else(Self::new_parameters);
        Self::describe(parameters, &NextAuthorities::<T>::get(), NextRandomness::<T>::get())
    }

    fn describe(
        parameters: EpochParameters,
        set: &Set<T>,
        randomness: [u8; 32],
    ) -> DagConfiguration {
        DagConfiguration {
            slot_duration_ms: T::SlotDuration::get(),
            epoch_length: T::EpochLength::get(),
            election: parameters.election,
            authorities: set.iter().map(|member| member.authority).collect(),
            randomness,
            payload_bytes_max: parameters.payload_bytes_max,
            payload_weight_max: parameters.payload_weight_max,
            mergeset_max: parameters.mergeset_max,
            delay_bound_ms: parameters.delay_bound_ms,
        }
    }

    /// The parameters of an epoch that is prepared now.
    pub(crate) fn new_parameters() -> EpochParameters {
        EpochParameters {
            election: ElectionRule::<T>::get(),
            payload_bytes_max: T::PayloadBytesMax::get(),
            payload_weight_max: T::PayloadWeightMax::get(),
            mergeset_max: T::MergesetMax::get(),
            delay_bound_ms: T::DelayBoundMs::get(),
        }
    }

    /// The authorities by whom a slot's author was numbered, as far as this state knows: a slot in an epoch without a
    /// block was won under what was next before it.
    ///
    /// # Errors
    /// The epoch is too old, or not prepared yet.
    pub fn authorities_of(slot: Slot) -> Result<Set<T>, Error<T>> {
        let (epoch, current) = (slot.epoch(T::EpochLength::get()), CurrentEpoch::<T>::get());
        if epoch == current {
            return Ok(Authorities::<T>::get());
        }
        if epoch > current {
            let prepared = epoch == current.saturating_add(1);
            return prepared.then(NextAuthorities::<T>::get).ok_or(Error::<T>::TooEarly);
        }
        if epoch < current.saturating_sub(T::EvidenceEpochs::get().into()) {
            return Err(Error::<T>::TooOld);
        }
        let past = PastEpochs::<T>::get().into_iter().find(|past| *past >= epoch);
        Ok(past.map_or_else(Authorities::<T>::get, PastAuthorities::<T>::get))
    }

    /// Puts what was prepared into force and prepares the next epoch, once, at an epoch's first block.
    pub(crate) fn enter_epoch(epoch: u64) -> Weight {
        let ended = CurrentEpoch::<T>::get();
        if epoch <= ended {
            return Weight::zero();
        }
        CurrentEpoch::<T>::put(epoch);
        let forgotten = Self::keep_for_evidence(ended, epoch);

        let mut authorities = NextAuthorities::<T>::get();
        for member in &mut authorities {
            // Genesis came before the keys were registered.
            if let Some(owner) = Self::better_owner(member) {
                member.account = owner;
            }
        }
        let randomness = NextRandomness::<T>::get();
        let outputs = RandomnessAccumulator::<T>::take();
        Authorities::<T>::put(&authorities);
        Randomness::<T>::put(randomness);
        Parameters::<T>::put(NextParameters::<T>::get().unwrap_or_else(Self::new_parameters));

        let next = match ScheduledAuthorities::<T>::take() {
            Some(scheduled) => {
                BoundedVec::truncate_from(scheduled.into_iter().map(Self::member).collect())
            }
            None => Self::without_offenders(QueuedAuthorities::<T>::get()),
        };
        let next_randomness =
            (RANDOMNESS_DOMAIN, randomness, epoch, outputs).using_encoded(blake2_256);
        NextRandomness::<T>::put(next_randomness);
        NextParameters::<T>::put(Self::new_parameters());
        let (queued, candidates) = Self::elect();
        QueuedAuthorities::<T>::put(queued.as_ref().unwrap_or(&next));
        NextAuthorities::<T>::put(next);

        Self::deposit_event(Event::EpochStarted { epoch, randomness });
        T::OnNewValidators::on_new_validators(epoch, &authorities)
            .saturating_add(Self::epoch_weight(authorities.len(), candidates, forgotten))
    }

    /// Of each authority an owner and an offence is read, of each candidate its stake, keys and offence.
    fn epoch_weight(authorities: usize, candidates: usize, forgotten: usize) -> Weight {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let reads = count(authorities)
            .saturating_mul(2)
            .saturating_add(count(candidates).saturating_mul(5))
            .saturating_add(16);
        T::DbWeight::get().reads_writes(reads, count(forgotten).saturating_add(16))
    }

    /// Keeps the authorities of the epoch that ended, and forgets those that no evidence may need.
    fn keep_for_evidence(ended: u64, now: u64) -> usize {
        let oldest = now.saturating_sub(T::EvidenceEpochs::get().into());
        let mut epochs = PastEpochs::<T>::get();
        let before = epochs.len();
        epochs.retain(|epoch| {
            let stays = *epoch >= oldest;
            if !stays {
                PastAuthorities::<T>::remove(epoch);
            }
            stays
        });
        let forgotten = before.saturating_sub(epochs.len());
        // Those kept are different epochs of the last `EvidenceEpochs`, so that there is room.
        if ended >= oldest && epochs.try_push(ended).is_ok() {
            PastAuthorities::<T>::insert(ended, Authorities::<T>::get());
        }
        PastEpochs::<T>::put(epochs);
        forgotten
    }

    /// An authority of genesis or of root's, with the account that registered its key; without one, the account is the
    /// key's own.
    pub(crate) fn member(authority: Authority) -> Member {
        let account = T::Validators::owner(&authority.key)
            .unwrap_or_else(|| AccountId32::from(authority.key.0));
        Member { account, authority }
    }

    fn better_owner(member: &Member) -> Option<AccountId32> {
        let unowned = member.account == AccountId32::from(member.authority.key.0);
        unowned.then(|| T::Validators::owner(&member.authority.key)).flatten()
    }

    /// The set without those who are known to have equivocated, unless nobody would be left.
    fn without_offenders(set: Set<T>) -> Set<T> {
        let mut sound = set.clone();
        sound.retain(|member| !Offences::<T>::contains_key(member.authority.key));
        if sound.is_empty() { set } else { sound }
    }

    /// The authorities that the stakes give now: the largest, of equal ones that with the lower account; none if there is
    /// no candidate. Also how many candidates were looked at.
    fn elect() -> (Option<Set<T>>, usize) {
        let mut candidates = T::Validators::candidates();
        let looked_at = candidates.len();
        candidates
            .retain(|candidate| candidate.stake > 0 && !Offences::<T>::contains_key(candidate.key));
        candidates
            .sort_by(|a, b| (Reverse(a.stake), &a.account).cmp(&(Reverse(b.stake), &b.account)));
        candidates.truncate(usize::try_from(T::MaxAuthorities::get()).unwrap_or(usize::MAX));
        let weights = weights(candidates.iter().map(|candidate| candidate.stake));
        let members: Vec<_> = candidates
            .into_iter()
            .zip(weights)
            .map(|(candidate, weight)| Member {
                account: candidate.account,
                authority: Authority { key: candidate.key, weight },
            })
            .collect();
        let set = (!members.is_empty()).then(|| BoundedVec::truncate_from(members));
        (set, looked_at)
    }
}
