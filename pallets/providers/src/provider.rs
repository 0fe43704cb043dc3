//! A provider as the pallet keeps it, and who of them may be drawn for a job.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, BlockNumber, H256, sr25519};
use citrate_inference_types::{Claims, Offer, ProviderInfo};
use citrate_support::pallet_prelude::{BoundedVec, Get};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use pallet_model_registry::Models;
use pallet_staking::{Role, Stake};
use scale_info::TypeInfo;
use sp_arithmetic::Permill;

use crate::{Config, Pallet, PastKeys, Providers, Serving};

/// A provider.
#[derive(
    citrate_support::CloneNoBound,
    citrate_support::PartialEqNoBound,
    citrate_support::EqNoBound,
    citrate_support::DebugNoBound,
    Encode,
    Decode,
    TypeInfo,
    MaxEncodedLen,
)]
#[scale_info(skip_type_params(ModelsMax))]
#[codec(mel_bound())]
pub struct Provider<ModelsMax: Get<u32>> {
    /// Signs its receipts.
    pub session_key: sr25519::Public,
    /// How many jobs it takes at a time; none, if it is a provider no more and only its record is kept.
    pub capacity: u32,
    /// How many it has.
    pub assigned: u32,
    /// What it would be slashed if it failed in all of them.
    pub at_risk: Balance,
    /// The models that it serves, with its prices.
    pub offers: BoundedVec<Offer, ModelsMax>,
    /// The last block in which it gave a sign of life.
    pub seen: BlockNumber,
    /// What it says that it runs models with, once it has said so.
    pub claims: Option<Claims>,
    /// Jobs done.
    pub completed: u32,
    /// Jobs that timed out.
    pub failed: u32,
    /// Results that were wrong or withheld.
    pub wrong: u32,
}

/// How a provider's work on a job ended, as its record counts it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
pub enum Outcome {
    /// Paid.
    Completed,
    /// Its time passed.
    Failed,
    /// Wrong or withheld.
    Wrong,
}

/// A provider that may get a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub account: AccountId32,
    /// What a run costs there.
    pub price: Balance,
    /// What it counts for in the draw: its stake, as far as it counts, times its reputation.
    pub weight: Balance,
}

impl<ModelsMax: Get<u32>> Provider<ModelsMax> {
    /// A provider that has done nothing yet.
    pub(crate) fn new(session_key: sr25519::Public, capacity: u32, now: BlockNumber) -> Self {
        Self {
            session_key,
            capacity,
            assigned: 0,
            at_risk: 0,
            offers: BoundedVec::new(),
            seen: now,
            claims: None,
            completed: 0,
            failed: 0,
            wrong: 0,
        }
    }

    /// What its stake counts for in the draw of jobs: all of it for who has failed in nothing. A job that timed out
    /// weighs as much as 4 that were done, a wrong result as much as 64.
    pub fn reputation(&self) -> Permill {
        let good = u64::from(self.completed).saturating_add(16);
        let bad = u64::from(self.failed)
            .saturating_mul(4)
            .saturating_add(u64::from(self.wrong).saturating_mul(64));
        Permill::from_rational(good, good.saturating_add(bad))
    }

    /// What it asks for a run of a model, if it serves it.
    pub fn price(&self, model: &H256) -> Option<Balance> {
        self.offers.iter().find(|offer| offer.model == *model).map(|offer| offer.price)
    }

    /// Whether it may get jobs, as far as it depends on itself.
    pub(crate) fn is_awake(&self, now: BlockNumber, silence_max: BlockNumber) -> bool {
        self.capacity > 0 && now.saturating_sub(self.seen) <= silence_max
    }
}

impl<T: Config> Pallet<T> {
    /// Who may get a job for a model where a run costs `least` or more: has said so, was seen lately, has room for it, and
    /// has a stake that backs what it could be slashed for its open jobs and this one, which `risk` says for its price.
    /// In the order of `serving`; reads two values for each.
    pub fn candidates(
        serving: Vec<AccountId32>,
        model: &H256,
        least: Balance,
        risk: impl Fn(Balance) -> Balance,
    ) -> Vec<Candidate> {
        let now = pallet_system::Pallet::<T>::block_number();
        let candidate = |account: AccountId32| {
            let provider = Providers::<T>::get(&account)?;
            let price = provider.price(model)?.max(least);
            let stake = T::Stake::active(&account, Role::Provider);
            let is_free = provider.assigned < provider.capacity
                && provider.is_awake(now, T::SilenceMax::get())
                && provider.at_risk.saturating_add(risk(price)) <= stake;
            let weight = provider.reputation().mul_floor(stake.min(T::StakeCap::get()));
            (is_free && stake > 0).then_some(Candidate { account, price, weight })
        };
        serving.into_iter().filter_map(candidate).collect()
    }

    /// What a job with one input that so many providers run has to offer at least, its access fee included, so that enough of
    /// those who are awake can take it; the least that it may cost if they are too few, and none if there is no such model.
    pub fn quote(model: &H256, providers: u32) -> Option<Balance> {
        let about = T::Models::get(model)?;
        let now = pallet_system::Pallet::<T>::block_number();
        let mut prices: Vec<Balance> = Serving::<T>::get(model)
            .iter()
            .filter(|account| T::Stake::active(account, Role::Provider) > 0)
            .filter_map(Providers::<T>::get)
            .filter(|provider| provider.is_awake(now, T::SilenceMax::get()))
            .filter_map(|provider| provider.price(model))
            .collect();
        prices.sort_unstable();
        let last = usize::try_from(providers).ok()?.checked_sub(1)?;
        let price = prices.get(last).copied().unwrap_or_default().max(about.price);
        Some(price.saturating_mul(providers.into()).saturating_add(about.access.fee()))
    }

    /// A provider has one job more, in which it can be slashed so much.
    pub fn occupy(account: &AccountId32, risk: Balance) {
        Self::back(account, risk);
        Self::change(account, |entry| entry.assigned = entry.assigned.saturating_add(1));
    }

    /// It has one job less.
    pub fn vacate(account: &AccountId32, risk: Balance) {
        Self::release(account, risk);
        Self::change(account, |entry| entry.assigned = entry.assigned.saturating_sub(1));
    }

    /// So much more of its stake answers for what it did.
    pub fn back(account: &AccountId32, risk: Balance) {
        Self::change(account, |entry| entry.at_risk = entry.at_risk.saturating_add(risk));
    }

    /// So much less.
    pub fn release(account: &AccountId32, risk: Balance) {
        Self::change(account, |entry| entry.at_risk = entry.at_risk.saturating_sub(risk));
    }

    /// Counts a job in a provider's record.
    pub fn record(account: &AccountId32, outcome: Outcome) {
        Self::change(account, |provider| {
            let count = match outcome {
                Outcome::Completed => &mut provider.completed,
                Outcome::Failed => &mut provider.failed,
                Outcome::Wrong => &mut provider.wrong,
            };
            *count = count.saturating_add(1);
        });
    }

    /// A provider has done something.
    pub fn note_seen(account: &AccountId32) {
        let now = pallet_system::Pallet::<T>::block_number();
        Self::change(account, |provider| provider.seen = now);
    }

    fn change(account: &AccountId32, how: impl FnOnce(&mut Provider<T::ModelsPerProviderMax>)) {
        Providers::<T>::mutate(account, |provider| {
            if let Some(provider) = provider {
                how(provider);
            }
        });
    }

    /// The key that signs a provider's receipts.
    pub fn session_key(account: &AccountId32) -> Option<sr25519::Public> {
        Providers::<T>::get(account).map(|provider| provider.session_key)
    }

    /// Whether a provider answers for what this key signed.
    pub fn answers_for(account: &AccountId32, key: &sr25519::Public) -> bool {
        let now = pallet_system::Pallet::<T>::block_number();
        let is_past = |(past, until): &(_, BlockNumber)| past == key && *until >= now;
        Self::session_key(account).as_ref() == Some(key)
            || PastKeys::<T>::get(account).iter().any(is_past)
    }

    /// A provider as the runtime's API shows it.
    pub fn provider(account: &AccountId32) -> Option<ProviderInfo> {
        Providers::<T>::get(account).map(|provider| Self::info(account.clone(), provider))
    }

    /// Up to `limit` providers after `start`, in the order of their storage keys.
    pub fn providers(start: Option<AccountId32>, limit: u32) -> Vec<ProviderInfo> {
        let providers = match start {
            Some(start) => Providers::<T>::iter_from(Providers::<T>::hashed_key_for(start)),
            None => Providers::<T>::iter(),
        };
        let limit = usize::try_from(limit.min(crate::PAGE_MAX)).unwrap_or_default();
        providers.take(limit).map(|(account, provider)| Self::info(account, provider)).collect()
    }

    fn info(account: AccountId32, provider: Provider<T::ModelsPerProviderMax>) -> ProviderInfo {
        let stake = T::Stake::active(&account, Role::Provider);
        let now = pallet_system::Pallet::<T>::block_number();
        ProviderInfo {
            account,
            session_key: provider.session_key,
            active: stake > 0 && provider.is_awake(now, T::SilenceMax::get()),
            offers: provider.offers.into_inner(),
            capacity: provider.capacity,
            assigned: provider.assigned,
            at_risk: provider.at_risk,
            stake,
            seen: provider.seen,
            claims: provider.claims,
            completed: provider.completed,
            failed: provider.failed,
            wrong: provider.wrong,
        }
    }
}
