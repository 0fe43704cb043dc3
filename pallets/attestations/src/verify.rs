//! Sums of shares, many verified at once, and who is at fault if one is wrong.

use alloc::vec::Vec;

use citrate_bls::{Claim, Key};
use citrate_core::{AccountId32, Weight, bls};
use citrate_inference_types::{Attestation, JobId};
use citrate_support::traits::Get;
use pallet_staking::Stake;

use crate::gather::{Gathering, Seat, Stage};
use crate::{
    Attestations, Attested, AttestedRange, Config, Event, Gatherings, Pallet, Queue, QueueRange,
};

/// LIMIT: how many attestations are forgotten for one that comes. Two, so that there are fewer and fewer after an
/// upgrade that keeps fewer, and no block has to forget them all.
const FORGOTTEN_MAX: u32 = 2;

/// A job whose shares are added up.
struct Sum<'a> {
    job: JobId,
    gathering: &'a Gathering,
    key: Key,
    message: Vec<u8>,
    signature: bls::Signature,
}

impl<'a> Sum<'a> {
    /// None if the shares or their keys add up to nothing.
    fn new(job: JobId, gathering: &'a Gathering) -> Option<Self> {
        let (mut keys, mut shares) = (Vec::new(), Vec::new());
        for seat in gathering.seats.iter() {
            if let Some(share) = seat.share {
                keys.push(Key::known(&seat.key).ok()?);
                shares.push(share);
            }
        }
        let key = Key::sum(&keys).ok()?;
        let signature = citrate_bls::aggregate(&shares).ok()?;
        let message = gathering.statement.signing_payload();
        Some(Self { job, gathering, key, message, signature })
    }

    fn claim(&self) -> Claim<'_> {
        Claim { key: self.key, message: &self.message, signature: &self.signature }
    }
}

impl<T: Config> Pallet<T> {
    /// Verifies what waits longest: as many sums as a block may, or the shares of one job.
    pub(crate) fn verify_next() -> Weight {
        let (mut first, end) = QueueRange::<T>::get();
        let mut weight = T::DbWeight::get().reads(1);
        let mut taken = Vec::new();
        let sums_max = usize::try_from(T::SumsPerBlockMax::get()).unwrap_or(usize::MAX);
        while first < end && taken.len() < sums_max {
            let job = Queue::<T>::get(first);
            let found = job.and_then(|job| Some((job, Gatherings::<T>::get(job)?)));
            let is_suspect = found.as_ref().is_some_and(|(_, job)| job.stage == Stage::Suspect);
            if is_suspect && !taken.is_empty() {
                break;
            }
            Queue::<T>::remove(first);
            first = first.saturating_add(1);
            // Every job in the queue has its gathering; a place without one takes a place of the block's.
            taken.push(found);
            if is_suspect {
                break;
            }
        }
        if taken.is_empty() {
            return weight;
        }
        QueueRange::<T>::mutate(|range| range.0 = first);
        let found: Vec<_> = taken.into_iter().flatten().collect();
        match &found[..] {
            [(job, gathering)] if gathering.stage == Stage::Suspect => {
                weight = weight.saturating_add(Self::examination_weight());
                Self::examine(*job, gathering);
            }
            _ => {
                let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
                weight = weight.saturating_add(Self::batch_weight(count));
                Self::verify_sums(&found);
            }
        }
        weight
    }

    /// Verifies sums in one pairing. If one of them is wrong, nobody knows which: all are looked at, each in a block of its own.
    fn verify_sums(found: &[(JobId, Gathering)]) {
        let mut sums = Vec::new();
        for (job, gathering) in found {
            match Sum::new(*job, gathering) {
                Some(sum) => sums.push(sum),
                None => Self::suspect(*job, gathering),
            }
        }
        let claims: Vec<Claim<'_>> = sums.iter().map(Sum::claim).collect();
        let verified = citrate_bls::verify_batch(&claims).is_ok();
        for Sum { job, gathering, signature, .. } in sums {
            if verified {
                let signers = signers(gathering.seats.iter());
                Self::keep(job, gathering, signers, signature);
            } else {
                Self::suspect(job, gathering);
            }
        }
    }

    fn suspect(job: JobId, gathering: &Gathering) {
        let gathering = Gathering { stage: Stage::Suspect, ..gathering.clone() };
        Gatherings::<T>::insert(job, gathering);
        Self::enqueue(job);
    }

    /// Looks at a job's shares one by one: whose is wrong is slashed, and the others' sum counts.
    fn examine(job: JobId, gathering: &Gathering) {
        let message = gathering.statement.signing_payload();
        let is_right = |seat: &&Seat| match (&seat.share, Key::known(&seat.key)) {
            (Some(share), Ok(key)) => {
                citrate_bls::verify_aggregate(&[key], &message, share).is_ok()
            }
            _ => false,
        };
        let (right, wrong): (Vec<&Seat>, Vec<&Seat>) =
            gathering.seats.iter().filter(|seat| seat.share.is_some()).partition(is_right);
        for seat in wrong {
            let slashed = T::Stake::slash(&seat.provider, T::Penalty::get(), None);
            let provider = seat.provider.clone();
            Self::deposit_event(Event::ShareWrong { job, provider, slashed });
        }
        let shares: Vec<bls::Signature> = right.iter().filter_map(|seat| seat.share).collect();
        match citrate_bls::aggregate(&shares) {
            Ok(signature) => {
                Self::keep(job, gathering, signers(right.into_iter()), signature);
            }
            // There are none, or those of two keys that cancel each other.
            Err(_) => {
                Self::forget(job, gathering);
                Self::deposit_event(Event::JobUnattested { job });
            }
        }
    }

    /// Keeps an attestation, and forgets the oldest ones if there are too many.
    fn keep(
        job: JobId,
        gathering: &Gathering,
        signers: Vec<(AccountId32, bls::Public)>,
        signature: bls::Signature,
    ) {
        Self::forget(job, gathering);
        let accounts = signers.iter().map(|(account, _)| account.clone()).collect();
        let attestation = Attestation {
            statement: gathering.statement.clone(),
            signers: signers.try_into().unwrap_or_default(),
            signature,
            at: pallet_system::Pallet::<T>::block_number(),
        };
        Attestations::<T>::insert(job, attestation);
        AttestedRange::<T>::mutate(|(first, end)| {
            Attested::<T>::insert(*end, job);
            *end = end.saturating_add(1);
            for _ in 0..FORGOTTEN_MAX {
                if end.saturating_sub(*first) <= u64::from(T::AttestationsMax::get()) {
                    break;
                }
                if let Some(oldest) = Attested::<T>::take(*first) {
                    Attestations::<T>::remove(oldest);
                }
                *first = first.saturating_add(1);
            }
        });
        Self::deposit_event(Event::JobAttested { job, signers: accounts });
    }
}

/// Who of these has signed.
fn signers<'a>(seats: impl Iterator<Item = &'a Seat>) -> Vec<(AccountId32, bls::Public)> {
    seats
        .filter(|seat| seat.share.is_some())
        .map(|seat| (seat.provider.clone(), seat.key))
        .collect()
}
