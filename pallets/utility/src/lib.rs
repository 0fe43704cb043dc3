//! Batches of calls and calls from derived accounts.
//!
//! A batch costs what its calls cost; its length is bounded by [`Pallet::batched_calls_limit`].

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(test)]
mod tests;

pub use pallet::*;

/// The pallet: batches and other origins.
#[citrate_support::pallet]
pub mod pallet {
    use citrate_core::hashing::blake2_256;
    use citrate_support::dispatch::{
        DispatchErrorWithPostInfo, GetDispatchInfo, PostDispatchInfo, RawOrigin,
        extract_actual_weight,
    };
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{Dispatchable, IsSubType, OriginTrait, UnfilteredDispatchable};
    use pallet_system::pallet_prelude::*;

    /// LIMIT: the calls in a batch. Calls of a kilobyte each then take 8 MiB, and the vector that grows to hold them
    /// half of the largest allocation of the host. It may not follow from the size of a call, which is another where
    /// pointers are: natively the limit would be another than in WASM.
    const BATCH_CALLS_MAX: u32 = 8_192;
    /// The prefix hashed into a derived account.
    const DERIVED_ACCOUNT_PREFIX: &[u8; 16] = b"modlpy/utilisuba";

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The calls that a batch may hold.
        type RuntimeCall: Parameter
            + Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
            + GetDispatchInfo
            + From<pallet_system::Call<Self>>
            + UnfilteredDispatchable<RuntimeOrigin = Self::RuntimeOrigin>
            + IsSubType<Call<Self>>
            + IsType<<Self as pallet_system::Config>::RuntimeCall>;

        /// The runtime's composed origins.
        type PalletsOrigin: Parameter
            + Into<<Self as pallet_system::Config>::RuntimeOrigin>
            + IsType<<<Self as pallet_system::Config>::RuntimeOrigin as OriginTrait>::PalletsOrigin>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event {
        /// A batch stopped at a call that failed; the calls before it stand.
        BatchInterrupted {
            /// Which call failed.
            index: u32,
            /// Why.
            error: DispatchError,
        },
        /// Every call of a batch succeeded.
        BatchCompleted,
        /// A forced batch ran to its end and some of its calls failed.
        BatchCompletedWithErrors,
        /// One call of a batch succeeded.
        ItemCompleted,
        /// One call of a forced batch failed.
        ItemFailed {
            /// Why.
            error: DispatchError,
        },
        /// A call was dispatched with another origin.
        DispatchedAs {
            /// What the call returned.
            result: DispatchResult,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// More calls than a batch may hold.
        TooManyCalls,
    }

    /// Limits of this pallet.
    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// How many calls a batch may hold.
        #[pallet::constant_name(batched_calls_limit)]
        pub fn batched_calls_limit() -> u32 {
            BATCH_CALLS_MAX
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Runs the calls in order and stops at the first that fails; the calls before it stand, and the batch
        /// itself succeeds.
        #[pallet::call_index(0)]
        #[pallet::weight(Pallet::<T>::weight_and_class(calls))]
        pub fn batch(
            origin: OriginFor<T>,
            calls: Vec<<T as Config>::RuntimeCall>,
        ) -> DispatchResultWithPostInfo {
            Self::ensure_batchable(&origin, &calls)?;
            let is_root = ensure_root(origin.clone()).is_ok();
            let base = Self::batch_base_weight(Self::count(&calls));
            let mut weight = Weight::zero();
            for (index, call) in (0u32..).zip(calls) {
                let info = call.get_dispatch_info();
                let result = Self::dispatch_item(call, origin.clone(), is_root);
                weight = weight.saturating_add(extract_actual_weight(&result, &info));
                if let Err(e) = result {
                    Self::deposit_event(Event::BatchInterrupted { index, error: e.error });
                    let base = Self::batch_base_weight(index.saturating_add(1));
                    return Ok(Some(base.saturating_add(weight)).into());
                }
                Self::deposit_event(Event::ItemCompleted);
            }
            Self::deposit_event(Event::BatchCompleted);
            Ok(Some(base.saturating_add(weight)).into())
        }

        /// Dispatches a call as the sender's derived account `index`.
        #[pallet::call_index(1)]
        #[pallet::weight({
            let info = call.get_dispatch_info();
            (T::DbWeight::get().reads_writes(1, 1).saturating_add(info.call_weight), info.class)
        })]
        pub fn as_derivative(
            origin: OriginFor<T>,
            index: u16,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResultWithPostInfo {
            let mut origin = origin;
            let who = ensure_signed(origin.clone())?;
            // `set_caller_from` keeps the filters of the outer origin.
            origin.set_caller_from(RawOrigin::Signed(Self::derivative_account_id(&who, index)));
            let info = call.get_dispatch_info();
            let result = (*call).dispatch(origin);
            let own = T::DbWeight::get().reads_writes(1, 1);
            let weight = own.saturating_add(extract_actual_weight(&result, &info));
            match result {
                Ok(_) => Ok(Some(weight).into()),
                Err(mut e) => {
                    e.post_info = Some(weight).into();
                    Err(e)
                }
            }
        }

        /// Runs the calls in order; if one fails, the whole batch fails and nothing of it stands.
        #[pallet::call_index(2)]
        #[pallet::weight(Pallet::<T>::weight_and_class(calls))]
        pub fn batch_all(
            origin: OriginFor<T>,
            calls: Vec<<T as Config>::RuntimeCall>,
        ) -> DispatchResultWithPostInfo {
            Self::ensure_batchable(&origin, &calls)?;
            let is_root = ensure_root(origin.clone()).is_ok();
            let base = Self::batch_base_weight(Self::count(&calls));
            let mut weight = Weight::zero();
            for (index, call) in (0u32..).zip(calls) {
                let info = call.get_dispatch_info();
                let result = if is_root {
                    call.dispatch_bypass_filter(origin.clone())
                } else {
                    let mut filtered = origin.clone();
                    // An inner `batch_all` would make the outer one's all-or-nothing a promise about itself.
                    filtered.add_filter(|c: &<T as pallet_system::Config>::RuntimeCall| {
                        let c = <<T as Config>::RuntimeCall as IsType<_>>::from_ref(c);
                        !matches!(c.is_sub_type(), Some(Call::batch_all { .. }))
                    });
                    call.dispatch(filtered)
                };
                weight = weight.saturating_add(extract_actual_weight(&result, &info));
                if let Err(mut e) = result {
                    let base = Self::batch_base_weight(index.saturating_add(1));
                    e.post_info = Some(base.saturating_add(weight)).into();
                    return Err(e);
                }
                Self::deposit_event(Event::ItemCompleted);
            }
            Self::deposit_event(Event::BatchCompleted);
            Ok(Some(base.saturating_add(weight)).into())
        }

        /// Dispatches a call with any origin. Root only.
        #[pallet::call_index(3)]
        #[pallet::weight({
            let info = call.get_dispatch_info();
            (T::DbWeight::get().reads(1).saturating_add(info.call_weight), info.class)
        })]
        pub fn dispatch_as(
            origin: OriginFor<T>,
            as_origin: Box<T::PalletsOrigin>,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let result = call.dispatch_bypass_filter((*as_origin).into());
            Self::deposit_event(Event::DispatchedAs {
                result: result.map(|_| ()).map_err(|e| e.error),
            });
            Ok(())
        }

        /// Runs all the calls in order, whether or not some of them fail.
        #[pallet::call_index(4)]
        #[pallet::weight(Pallet::<T>::weight_and_class(calls))]
        pub fn force_batch(
            origin: OriginFor<T>,
            calls: Vec<<T as Config>::RuntimeCall>,
        ) -> DispatchResultWithPostInfo {
            Self::ensure_batchable(&origin, &calls)?;
            let is_root = ensure_root(origin.clone()).is_ok();
            let mut weight = Self::batch_base_weight(Self::count(&calls));
            let mut failed = false;
            for call in calls {
                let info = call.get_dispatch_info();
                let result = Self::dispatch_item(call, origin.clone(), is_root);
                weight = weight.saturating_add(extract_actual_weight(&result, &info));
                match result {
                    Ok(_) => Self::deposit_event(Event::ItemCompleted),
                    Err(e) => {
                        failed = true;
                        Self::deposit_event(Event::ItemFailed { error: e.error });
                    }
                }
            }
            Self::deposit_event(if failed {
                Event::BatchCompletedWithErrors
            } else {
                Event::BatchCompleted
            });
            Ok(Some(weight).into())
        }

        /// Dispatches a call with the given weight instead of its own. Root only.
        #[pallet::call_index(5)]
        #[pallet::weight((*weight, call.get_dispatch_info().class))]
        pub fn with_weight(
            origin: OriginFor<T>,
            call: Box<<T as Config>::RuntimeCall>,
            weight: Weight,
        ) -> DispatchResult {
            ensure_root(origin)?;
            // Only the declared weight counts here.
            let _ = weight;
            call.dispatch_bypass_filter(RawOrigin::Root.into()).map(|_| ()).map_err(|e| e.error)
        }
    }

    impl<T: Config> Pallet<T> {
        /// The account that `who` controls under `index`: blake2-256 of a prefix, the account and the index.
        pub fn derivative_account_id(who: &T::AccountId, index: u16) -> T::AccountId {
            let entropy = (DERIVED_ACCOUNT_PREFIX, who, index).using_encoded(blake2_256);
            // Longer account types get zeros after the hash.
            let mut padded = [0; 64];
            padded[..32].copy_from_slice(&entropy);
            Decode::decode(&mut &padded[..]).expect("an account has at most 64 bytes, all valid")
        }

        fn count(calls: &[<T as Config>::RuntimeCall]) -> u32 {
            u32::try_from(calls.len()).unwrap_or(u32::MAX)
        }

        fn ensure_batchable(
            origin: &OriginFor<T>,
            calls: &[<T as Config>::RuntimeCall],
        ) -> DispatchResult {
            // Calls with no origin are inherents and cannot be batched.
            if ensure_none(origin.clone()).is_ok() {
                return Err(DispatchError::BadOrigin);
            }
            ensure!(Self::count(calls) <= Self::batched_calls_limit(), Error::<T>::TooManyCalls);
            Ok(())
        }

        fn dispatch_item(
            call: <T as Config>::RuntimeCall,
            origin: OriginFor<T>,
            is_root: bool,
        ) -> Result<PostDispatchInfo, DispatchErrorWithPostInfo> {
            if is_root { call.dispatch_bypass_filter(origin) } else { call.dispatch(origin) }
        }

        /// What `count` items cost besides their calls.
        fn batch_base_weight(count: u32) -> Weight {
            T::DbWeight::get().reads(1).saturating_add(ITEM_WEIGHT.saturating_mul(u64::from(count)))
        }

        /// The weight of a batch and its class: operational only if all of its calls are.
        fn weight_and_class(calls: &[<T as Config>::RuntimeCall]) -> (Weight, DispatchClass) {
            let mut weight = Self::batch_base_weight(Self::count(calls));
            let mut operational = !calls.is_empty();
            for info in calls.iter().map(GetDispatchInfo::get_dispatch_info) {
                weight = weight.saturating_add(info.call_weight);
                operational &= info.class == DispatchClass::Operational;
            }
            let class =
                if operational { DispatchClass::Operational } else { DispatchClass::Normal };
            (weight, class)
        }
    }

    /// What an item of a batch costs besides its call: the dispatch and one event.
    const ITEM_WEIGHT: Weight = Weight::from_parts(4_000_000, 0);
}
