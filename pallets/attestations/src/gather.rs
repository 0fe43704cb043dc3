//! Keys, and the shares of settled jobs.

use alloc::vec::Vec;

use citrate_core::{AccountId32, BlockNumber, DispatchError, DispatchResult, H256, Weight, bls};
use citrate_inference_types::{JobId, PANEL_MAX, Statement};
use citrate_support::pallet_prelude::{BoundedVec, ConstU32, ensure};
use citrate_support::traits::Get;
use codec::{Decode, Encode, MaxEncodedLen};
use pallet_staking::{Role, Stake};
use scale_info::TypeInfo;

use crate::{Awaited, Config, Due, Error, Event, Gatherings, Keys, Pallet, Queue, QueueRange};

/// LIMIT: blocks after the wanted one that are tried for the end of a gathering.
pub(crate) const POSTPONED_BLOCKS_MAX: u32 = 3;

/// What is told of settled jobs.
pub trait Attest {
    /// These providers gave the same result, the first of them the job's; they may attest it.
    fn on_settled(job: JobId, attempt: u32, output: H256, providers: &[AccountId32]);

    /// The most that it weighs.
    fn weight() -> Weight;
}

/// A chain without attestations.
impl Attest for () {
    fn on_settled(_job: JobId, _attempt: u32, _output: H256, _providers: &[AccountId32]) {}

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// A provider whose share is awaited.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Seat {
    /// Who.
    pub provider: AccountId32,
    /// Its key when the job was settled.
    pub key: bls::Public,
    /// Its signature.
    pub share: Option<bls::Signature>,
}

/// Where a gathering stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub enum Stage {
    /// Shares may come.
    Open,
    /// The sum of the shares waits to be verified.
    Closed,
    /// A batch with this sum was wrong: its shares wait to be looked at one by one.
    Suspect,
}

/// A settled job that is not attested yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Gathering {
    /// What is signed.
    pub statement: Statement,
    /// By whom.
    pub seats: BoundedVec<Seat, ConstU32<PANEL_MAX>>,
    /// Where it stands.
    pub stage: Stage,
}

impl<T: Config> Pallet<T> {
    /// What a provider's proof of possession names besides its key: nobody else can show it.
    pub fn holder(provider: &AccountId32) -> Vec<u8> {
        (pallet_system::Pallet::<T>::genesis_hash(), provider).encode()
    }

    /// True if the provider had no key before.
    pub(crate) fn do_set_key(
        provider: AccountId32,
        key: bls::Public,
        proof: &bls::Proof,
    ) -> Result<bool, DispatchError> {
        ensure!(T::Stake::active(&provider, Role::Provider) > 0, Error::<T>::NoStake);
        citrate_bls::verify_proof(proof, &key, &Self::holder(&provider))
            .map_err(|_error| Error::<T>::WrongProof)?;
        let is_first = !Keys::<T>::contains_key(&provider);
        Keys::<T>::insert(&provider, key);
        Self::deposit_event(Event::KeySet { provider, key });
        Ok(is_first)
    }

    pub(crate) fn do_share(
        provider: &AccountId32,
        job: JobId,
        id: H256,
        share: bls::Signature,
    ) -> DispatchResult {
        let mut gathering = Gatherings::<T>::get(job).ok_or(Error::<T>::NotAwaited)?;
        ensure!(gathering.stage == Stage::Open, Error::<T>::NotAwaited);
        let seat = gathering.seats.iter_mut().find(|seat| seat.provider == *provider);
        let seat = seat.filter(|seat| seat.share.is_none()).ok_or(Error::<T>::NotAwaited)?;
        ensure!(gathering.statement.share_id(&seat.key) == id, Error::<T>::OtherStatement);
        citrate_bls::check_signature(&share).map_err(|_error| Error::<T>::NoSignature)?;
        seat.share = Some(share);
        Awaited::<T>::remove(provider, job);
        if gathering.seats.iter().all(|seat| seat.share.is_some()) {
            gathering.stage = Stage::Closed;
            Self::enqueue(job);
        }
        Gatherings::<T>::insert(job, gathering);
        Ok(())
    }

    /// The statements that a provider has not signed yet, with the key for each. LIMIT: `max` of them.
    pub fn awaited(provider: &AccountId32, max: usize) -> Vec<(Statement, bls::Public)> {
        Awaited::<T>::iter_key_prefix(provider)
            .take(max)
            .filter_map(|job| {
                let gathering = Gatherings::<T>::get(job)?;
                let mut seats = gathering.seats.iter();
                let key = seats.find(|seat| seat.provider == *provider)?.key;
                Some((gathering.statement, key))
            })
            .collect()
    }

    /// Closes the gatherings whose time passed with the block before.
    pub(crate) fn close_due(now: BlockNumber) -> Weight {
        let mut weight = T::DbWeight::get().reads_writes(1, 1);
        for job in Due::<T>::take(now) {
            weight = weight.saturating_add(Self::closing_weight());
            let Some(mut gathering) = Gatherings::<T>::get(job) else { continue };
            if gathering.stage != Stage::Open {
                continue;
            }
            if gathering.seats.iter().all(|seat| seat.share.is_none()) {
                Self::forget(job, &gathering);
                Self::deposit_event(Event::JobUnattested { job });
                continue;
            }
            Self::release(job, &gathering);
            gathering.stage = Stage::Closed;
            Gatherings::<T>::insert(job, gathering);
            Self::enqueue(job);
        }
        weight
    }

    /// Ends a gathering.
    pub(crate) fn forget(job: JobId, gathering: &Gathering) {
        Self::release(job, gathering);
        Gatherings::<T>::remove(job);
    }

    /// Awaits no more shares.
    fn release(job: JobId, gathering: &Gathering) {
        for seat in gathering.seats.iter().filter(|seat| seat.share.is_none()) {
            Awaited::<T>::remove(&seat.provider, job);
        }
    }

    /// Puts a job at the end of the queue.
    pub(crate) fn enqueue(job: JobId) {
        QueueRange::<T>::mutate(|(_, end)| {
            Queue::<T>::insert(*end, job);
            *end = end.saturating_add(1);
        });
    }

    /// The block after which a gathering that begins now ends, with a place among those that end then.
    fn schedule(job: JobId) -> Option<BlockNumber> {
        let now = pallet_system::Pallet::<T>::block_number();
        let wanted = now.saturating_add(T::GatherBlocks::get());
        (wanted..=wanted.saturating_add(POSTPONED_BLOCKS_MAX)).find(|due| {
            Due::<T>::try_mutate(due.saturating_add(1), |jobs| jobs.try_push(job)).is_ok()
        })
    }
}

impl<T: Config> Attest for Pallet<T> {
    fn on_settled(job: JobId, attempt: u32, output: H256, providers: &[AccountId32]) {
        // What one alone says, its receipt says already.
        if providers.len() < 2 || Gatherings::<T>::count() >= T::GatheringsMax::get() {
            return;
        }
        let seat = |provider: &AccountId32| {
            let key = Keys::<T>::get(provider)?;
            Some(Seat { provider: provider.clone(), key, share: None })
        };
        let seats: Vec<Seat> = providers.iter().filter_map(seat).collect();
        let providers: Vec<AccountId32> = seats.iter().map(|seat| seat.provider.clone()).collect();
        let Ok(seats) = BoundedVec::try_from(seats) else { return };
        if seats.is_empty() {
            return;
        }
        // Where no block has room for its end, the job goes unattested.
        let Some(due) = Self::schedule(job) else { return };
        for provider in &providers {
            Awaited::<T>::insert(provider, job, ());
        }
        let genesis = pallet_system::Pallet::<T>::genesis_hash();
        let statement = Statement { genesis, job, attempt, output };
        Gatherings::<T>::insert(job, Gathering { statement, seats, stage: Stage::Open });
        Self::deposit_event(Event::GatheringOpened { job, providers, due });
    }

    fn weight() -> Weight {
        Self::opening_weight()
    }
}
