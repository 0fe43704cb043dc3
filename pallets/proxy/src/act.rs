//! What the calls do.

use crate::pallet::ProxyOf;
use crate::{Announcement, Announcements, Call, Config, Error, Event, HoldReason, Pallet, Proxies};
use citrate_core::hashing::blake2_256;
use citrate_core::{Balance, BlockNumber, DispatchError, DispatchResult, H256};
use citrate_support::dispatch::RawOrigin;
use citrate_support::ensure;
use citrate_support::traits::fungible::hold::{Inspect as _, Mutate as _};
use citrate_support::traits::tokens::Precision;
use citrate_support::traits::{
    Dispatchable as _, Get, InstanceFilter as _, IsSubType as _, IsType, OriginTrait as _,
};
use codec::{Decode, Encode};

/// The prefix hashed into a pure account.
const PURE_ACCOUNT_PREFIX: &[u8; 16] = b"modlpy/proxy____";

impl<T: Config> Pallet<T> {
    /// The pure account that `who` creates, in this transaction unless another one's block and place there are named.
    pub fn pure_account(
        who: &T::AccountId,
        proxy_type: &T::ProxyType,
        index: u16,
        maybe_when: Option<(BlockNumber, u32)>,
    ) -> T::AccountId {
        let (height, ext_index) = maybe_when.unwrap_or_else(|| {
            (
                pallet_system::Pallet::<T>::block_number(),
                pallet_system::Pallet::<T>::extrinsic_index().unwrap_or_default(),
            )
        });
        let entropy = (PURE_ACCOUNT_PREFIX, who, height, ext_index, proxy_type, index)
            .using_encoded(blake2_256);
        // Longer account types get zeros after the hash.
        let mut padded = [0; 64];
        padded[..32].copy_from_slice(&entropy);
        Decode::decode(&mut &padded[..]).expect("an account has at most 64 bytes, all valid")
    }

    /// The first proxy of `real` that is this account, of this kind if one is named.
    pub(crate) fn find_proxy(
        real: &T::AccountId,
        delegate: &T::AccountId,
        kind: Option<&T::ProxyType>,
    ) -> Result<ProxyOf<T>, DispatchError> {
        let fits = |proxy: &ProxyOf<T>| {
            proxy.delegate == *delegate && kind.is_none_or(|k| proxy.proxy_type == *k)
        };
        Proxies::<T>::get(real).0.into_iter().find(fits).ok_or(Error::<T>::NotProxy.into())
    }

    /// Dispatches a call as `real`, as far as the proxy's kind allows.
    pub(crate) fn act(proxy: ProxyOf<T>, real: T::AccountId, call: <T as Config>::RuntimeCall) {
        let mut origin: T::RuntimeOrigin = RawOrigin::Signed(real).into();
        let kind = proxy.proxy_type;
        origin.add_filter(move |call: &<T as pallet_system::Config>::RuntimeCall| {
            let call = <<T as Config>::RuntimeCall as IsType<_>>::from_ref(call);
            let within = match call.is_sub_type() {
                // Nobody gives or takes what it has not got.
                Some(
                    Call::add_proxy { proxy_type, .. } | Call::remove_proxy { proxy_type, .. },
                ) => kind.is_superset(proxy_type),
                Some(Call::remove_proxies {} | Call::kill_pure { .. }) => {
                    kind == T::ProxyType::default()
                }
                _ => true,
            };
            within && kind.filter(call)
        });
        let result = call.dispatch(origin).map(|_| ()).map_err(|e| e.error);
        Self::deposit_event(Event::ProxyExecuted { result });
    }

    pub(crate) fn do_add(who: T::AccountId, proxy: ProxyOf<T>) -> DispatchResult {
        ensure!(proxy.delegate != who, Error::<T>::NoSelfProxy);
        let (mut proxies, deposit) = Proxies::<T>::get(&who);
        let place = proxies.binary_search(&proxy).err().ok_or(Error::<T>::Duplicate)?;
        proxies.try_insert(place, proxy.clone()).map_err(|_full| Error::<T>::TooMany)?;
        let needed = Self::proxies_deposit(proxies.len());
        Self::change_hold(HoldReason::Proxies, &who, deposit, needed)?;
        Proxies::<T>::insert(&who, (proxies, needed));
        Self::deposit_event(Event::ProxyAdded {
            delegator: who,
            delegatee: proxy.delegate,
            proxy_type: proxy.proxy_type,
            delay: proxy.delay,
        });
        Ok(())
    }

    pub(crate) fn do_remove(who: T::AccountId, proxy: &ProxyOf<T>) -> DispatchResult {
        let (mut proxies, deposit) = Proxies::<T>::get(&who);
        let place = proxies.binary_search(proxy).map_err(|_place| Error::<T>::NotFound)?;
        let removed = proxies.remove(place);
        let needed = Self::proxies_deposit(proxies.len());
        Self::change_hold(HoldReason::Proxies, &who, deposit, needed)?;
        if proxies.is_empty() {
            Proxies::<T>::remove(&who);
        } else {
            Proxies::<T>::insert(&who, (proxies, needed));
        }
        Self::deposit_event(Event::ProxyRemoved {
            delegator: who,
            delegatee: removed.delegate,
            proxy_type: removed.proxy_type,
            delay: removed.delay,
        });
        Ok(())
    }

    /// Forgets a pure account's proxies. What it has on hold itself is for those that it added; the rest is its creator's.
    pub(crate) fn do_kill(pure: &T::AccountId, spawner: &T::AccountId) -> DispatchResult {
        let (_, deposit) = Proxies::<T>::take(pure);
        let own = T::Currency::balance_on_hold(&HoldReason::Proxies.into(), pure).min(deposit);
        Self::change_hold(HoldReason::Proxies, pure, own, 0)?;
        Self::change_hold(HoldReason::Proxies, spawner, deposit.saturating_sub(own), 0)
    }

    pub(crate) fn do_announce(
        who: T::AccountId,
        real: T::AccountId,
        call_hash: H256,
    ) -> DispatchResult {
        Self::find_proxy(&real, &who, None)?;
        let height = pallet_system::Pallet::<T>::block_number();
        let (mut pending, deposit) = Announcements::<T>::get(&who);
        pending
            .try_push(Announcement { real: real.clone(), call_hash, height })
            .map_err(|_full| Error::<T>::TooMany)?;
        let needed = Self::announcements_deposit(pending.len());
        Self::change_hold(HoldReason::Announcements, &who, deposit, needed)?;
        Announcements::<T>::insert(&who, (pending, needed));
        Self::deposit_event(Event::Announced { real, proxy: who, call_hash });
        Ok(())
    }

    /// Removes those announcements of a proxy for which `is_over` holds; fails if there is none.
    pub(crate) fn remove_announcements(
        delegate: &T::AccountId,
        is_over: impl Fn(&Announcement<T::AccountId>) -> bool,
    ) -> DispatchResult {
        let (mut pending, deposit) = Announcements::<T>::get(delegate);
        let before = pending.len();
        pending.retain(|announcement| !is_over(announcement));
        ensure!(pending.len() < before, Error::<T>::NotFound);
        let needed = Self::announcements_deposit(pending.len());
        Self::change_hold(HoldReason::Announcements, delegate, deposit, needed)?;
        if pending.is_empty() {
            Announcements::<T>::remove(delegate);
        } else {
            Announcements::<T>::insert(delegate, (pending, needed));
        }
        Ok(())
    }

    /// What is on hold for so many proxies.
    pub fn proxies_deposit(count: usize) -> Balance {
        deposit(T::ProxyDepositBase::get(), T::ProxyDepositFactor::get(), count)
    }

    /// What is on hold for so many announcements.
    pub fn announcements_deposit(count: usize) -> Balance {
        deposit(T::AnnouncementDepositBase::get(), T::AnnouncementDepositFactor::get(), count)
    }

    pub(crate) fn change_hold(
        reason: HoldReason,
        who: &T::AccountId,
        before: Balance,
        needed: Balance,
    ) -> DispatchResult {
        let reason = reason.into();
        if needed > before {
            return T::Currency::hold(&reason, who, needed.saturating_sub(before));
        }
        // A part may have been slashed, or be another's.
        let released = before.saturating_sub(needed);
        T::Currency::release(&reason, who, released, Precision::BestEffort).map(|_| ())
    }
}

fn deposit(base: Balance, factor: Balance, count: usize) -> Balance {
    if count == 0 {
        return 0;
    }
    let count = Balance::try_from(count).unwrap_or(Balance::MAX);
    base.saturating_add(factor.saturating_mul(count))
}
