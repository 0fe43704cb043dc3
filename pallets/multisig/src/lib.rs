//! Accounts of several people: a call is dispatched once enough of them approved it.
//!
//! Such an account follows from its signatories, in order, and their threshold: nothing has to be registered before money is
//! sent to it, and wallets compute it as [`Pallet::multi_account_id`] does. Who approves a call first pays a deposit, which is
//! released when the call is dispatched or the first approval taken back. Others name the [`Timepoint`] of the first
//! approval, so that an approval cannot be used for the same call a second time.

#![cfg_attr(not(feature = "std"), no_std)]

mod check;
#[cfg(test)]
mod tests;
mod types;

pub use pallet::*;
pub use types::{Multisig, Timepoint};

/// The pallet: open operations, and calls to approve them.
#[citrate_support::pallet]
pub mod pallet {
    use crate::types::{Multisig, Timepoint};
    use citrate_core::Balance;
    use citrate_core::hashing::blake2_256;
    use citrate_support::dispatch::{
        GetDispatchInfo, PostDispatchInfo, RawOrigin, extract_actual_weight,
    };
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::TryRuntimeError;
    use citrate_support::traits::fungible::hold::Mutate as _;
    use citrate_support::traits::tokens::Precision;
    use citrate_support::traits::{Dispatchable, fungible};
    use pallet_system::pallet_prelude::*;

    /// The prefix hashed into an account, as it is known to wallets.
    const ACCOUNT_PREFIX: &[u8; 16] = b"modlpy/utilisuba";
    /// What hashing a byte of a call weighs.
    const BYTE_WEIGHT: Weight = Weight::from_parts(2_000, 0);
    /// What reading and hashing a signatory weighs.
    const SIGNATORY_WEIGHT: Weight = Weight::from_parts(100_000, 0);

    type MultisigOf<T> =
        Multisig<<T as pallet_system::Config>::AccountId, <T as Config>::MaxSignatories>;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The calls that can be dispatched.
        type RuntimeCall: Parameter
            + Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
            + GetDispatchInfo;

        /// The money of deposits.
        type Currency: fungible::hold::Mutate<
                Self::AccountId,
                Reason = Self::RuntimeHoldReason,
                Balance = Balance,
            >;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// What is on hold for an open operation.
        #[pallet::constant]
        type DepositBase: Get<Balance>;

        /// What is on hold for each approval that it needs.
        #[pallet::constant]
        type DepositFactor: Get<Balance>;

        /// LIMIT: signatories of an account.
        #[pallet::constant]
        type MaxSignatories: Get<u32>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For an operation that waits for approvals.
        Operation,
    }

    /// Open operations by account and hash of the call.
    #[pallet::storage]
    pub type Multisigs<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        T::AccountId,
        Blake2_128Concat,
        [u8; 32],
        Multisig<T::AccountId, T::MaxSignatories>,
        OptionQuery,
    >;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A call was approved for the first time.
        NewMultisig {
            /// Who approved.
            approving: T::AccountId,
            /// The account that the call is for.
            multisig: T::AccountId,
            /// The call's hash.
            call_hash: [u8; 32],
        },
        /// A call was approved once more.
        MultisigApproval {
            /// Who approved.
            approving: T::AccountId,
            /// When it was approved for the first time.
            timepoint: Timepoint,
            /// The account that the call is for.
            multisig: T::AccountId,
            /// The call's hash.
            call_hash: [u8; 32],
        },
        /// A call was dispatched.
        MultisigExecuted {
            /// Who approved last.
            approving: T::AccountId,
            /// When it was approved for the first time.
            timepoint: Timepoint,
            /// The account that dispatched it.
            multisig: T::AccountId,
            /// The call's hash.
            call_hash: [u8; 32],
            /// What the call returned.
            result: DispatchResult,
        },
        /// The first approval was taken back, and with it all others.
        MultisigCancelled {
            /// Who took it back.
            cancelling: T::AccountId,
            /// When the call was approved for the first time.
            timepoint: Timepoint,
            /// The account that the call was for.
            multisig: T::AccountId,
            /// The call's hash.
            call_hash: [u8; 32],
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// A threshold below two has a call of its own.
        MinimumThreshold,
        /// The account approved already.
        AlreadyApproved,
        /// There are no other signatories.
        #[codec(index = 3)]
        TooFewSignatories,
        /// More signatories than an account may have.
        #[codec(index = 4)]
        TooManySignatories,
        /// The signatories are not in the order of their accounts, or some are the same.
        #[codec(index = 5)]
        SignatoriesOutOfOrder,
        /// The sender is among the other signatories.
        #[codec(index = 6)]
        SenderInSignatories,
        /// There is no such operation.
        #[codec(index = 7)]
        NotFound,
        /// Only who approved first may take that back.
        #[codec(index = 8)]
        NotOwner,
        /// The operation is open: when it was opened has to be named.
        #[codec(index = 9)]
        NoTimepoint,
        /// The operation was opened at another time.
        #[codec(index = 10)]
        WrongTimepoint,
        /// The operation is not open: there is no time to be named.
        #[codec(index = 11)]
        UnexpectedTimepoint,
        /// The call weighs more than was said.
        #[codec(index = 12)]
        MaxWeightTooLow,
    }

    /// A call, or its hash from who only approves.
    enum CallOrHash<Call> {
        Call(Call),
        Hash([u8; 32]),
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::check()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Dispatches a call as an account of which each signatory may act alone.
        #[pallet::call_index(0)]
        #[pallet::weight({
            let info = call.get_dispatch_info();
            (Self::own_weight(call.encoded_size()).saturating_add(info.call_weight), info.class)
        })]
        pub fn as_multi_threshold_1(
            origin: OriginFor<T>,
            other_signatories: Vec<T::AccountId>,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResultWithPostInfo {
            let approving = ensure_signed(origin)?;
            let multisig = Self::account_of(&approving, other_signatories, 1)?;
            let call_hash = call.using_encoded(blake2_256);
            let own = Self::own_weight(call.encoded_size());
            let info = call.get_dispatch_info();
            let result = call.dispatch(RawOrigin::Signed(multisig.clone()).into());
            let weight = own.saturating_add(extract_actual_weight(&result, &info));
            match result {
                Ok(_) => {
                    let timepoint = Self::timepoint();
                    let result = Ok(());
                    Self::deposit_event(Event::MultisigExecuted {
                        approving,
                        timepoint,
                        multisig,
                        call_hash,
                        result,
                    });
                    Ok(Some(weight).into())
                }
                Err(mut e) => {
                    e.post_info = Some(weight).into();
                    Err(e)
                }
            }
        }

        /// Approves a call, and dispatches it if that is enough. The first to approve names no time.
        #[pallet::call_index(1)]
        #[pallet::weight(Self::own_weight(call.encoded_size()).saturating_add(*max_weight))]
        pub fn as_multi(
            origin: OriginFor<T>,
            threshold: u16,
            other_signatories: Vec<T::AccountId>,
            maybe_timepoint: Option<Timepoint>,
            call: Box<<T as Config>::RuntimeCall>,
            max_weight: Weight,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let call = CallOrHash::Call(*call);
            Self::operate(who, threshold, other_signatories, maybe_timepoint, call, max_weight)
        }

        /// Approves a call by its hash. Somebody has to bring the call in the end; `max_weight` is unused.
        #[pallet::call_index(2)]
        #[pallet::weight(Self::own_weight(0))]
        pub fn approve_as_multi(
            origin: OriginFor<T>,
            threshold: u16,
            other_signatories: Vec<T::AccountId>,
            maybe_timepoint: Option<Timepoint>,
            call_hash: [u8; 32],
            max_weight: Weight,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let call = CallOrHash::Hash(call_hash);
            Self::operate(who, threshold, other_signatories, maybe_timepoint, call, max_weight)
        }

        /// Takes the first approval back, and with it all others; the deposit is released.
        #[pallet::call_index(3)]
        #[pallet::weight(Self::own_weight(0))]
        pub fn cancel_as_multi(
            origin: OriginFor<T>,
            threshold: u16,
            other_signatories: Vec<T::AccountId>,
            timepoint: Timepoint,
            call_hash: [u8; 32],
        ) -> DispatchResult {
            let cancelling = ensure_signed(origin)?;
            ensure!(threshold >= 2, Error::<T>::MinimumThreshold);
            let multisig = Self::account_of(&cancelling, other_signatories, threshold)?;
            let open = Multisigs::<T>::get(&multisig, call_hash).ok_or(Error::<T>::NotFound)?;
            ensure!(open.when == timepoint, Error::<T>::WrongTimepoint);
            ensure!(open.depositor == cancelling, Error::<T>::NotOwner);
            Self::remove(&multisig, &call_hash, &open)?;
            Self::deposit_event(Event::MultisigCancelled {
                cancelling,
                timepoint,
                multisig,
                call_hash,
            });
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        /// The account of these signatories, who are in the order of their accounts.
        pub fn multi_account_id(who: &[T::AccountId], threshold: u16) -> T::AccountId {
            let entropy = (ACCOUNT_PREFIX, who, threshold).using_encoded(blake2_256);
            // Longer account types get zeros after the hash.
            let mut padded = [0; 64];
            padded[..32].copy_from_slice(&entropy);
            Decode::decode(&mut &padded[..]).expect("an account has at most 64 bytes, all valid")
        }

        /// Now: this transaction's place in this block.
        pub fn timepoint() -> Timepoint {
            Timepoint {
                height: pallet_system::Pallet::<T>::block_number(),
                index: pallet_system::Pallet::<T>::extrinsic_index().unwrap_or_default(),
            }
        }

        /// The account of `who` and the others, who must be in order and not more than there may be.
        fn account_of(
            who: &T::AccountId,
            others: Vec<T::AccountId>,
            threshold: u16,
        ) -> Result<T::AccountId, DispatchError> {
            ensure!(!others.is_empty(), Error::<T>::TooFewSignatories);
            let count = u32::try_from(others.len()).unwrap_or(u32::MAX);
            ensure!(count < T::MaxSignatories::get(), Error::<T>::TooManySignatories);
            ensure!(others.is_sorted_by(|a, b| a < b), Error::<T>::SignatoriesOutOfOrder);
            let mut all = others;
            match all.binary_search(who) {
                Ok(_) => return Err(Error::<T>::SenderInSignatories.into()),
                Err(place) => all.insert(place, who.clone()),
            }
            Ok(Self::multi_account_id(&all, threshold))
        }

        /// Approves, and dispatches if there is a call and that is enough.
        fn operate(
            who: T::AccountId,
            threshold: u16,
            others: Vec<T::AccountId>,
            maybe_timepoint: Option<Timepoint>,
            call: CallOrHash<<T as Config>::RuntimeCall>,
            max_weight: Weight,
        ) -> DispatchResultWithPostInfo {
            ensure!(threshold >= 2, Error::<T>::MinimumThreshold);
            let id = Self::account_of(&who, others, threshold)?;
            let (hash, call) = match call {
                CallOrHash::Call(call) => (call.using_encoded(blake2_256), Some(call)),
                CallOrHash::Hash(hash) => (hash, None),
            };
            let own = Self::own_weight(call.as_ref().map_or(0, Encode::encoded_size));
            let Some(mut open) = Multisigs::<T>::get(&id, hash) else {
                ensure!(maybe_timepoint.is_none(), Error::<T>::UnexpectedTimepoint);
                Self::open(who, threshold, id, hash)?;
                return Ok(Some(own).into());
            };
            let timepoint = maybe_timepoint.ok_or(Error::<T>::NoTimepoint)?;
            ensure!(open.when == timepoint, Error::<T>::WrongTimepoint);
            let approved = open.approvals.binary_search(&who);
            let mut count = open.approvals.len();
            if approved.is_err() {
                count = count.saturating_add(1);
            }
            match call {
                // Who approved already may bring the call once there are enough.
                Some(call) if count >= usize::from(threshold) => {
                    let info = call.get_dispatch_info();
                    let enough = info.call_weight.all_lte(max_weight);
                    ensure!(enough, Error::<T>::MaxWeightTooLow);
                    let weight = Self::execute(who, id, hash, &open, call)?;
                    return Ok(Some(own.saturating_add(weight)).into());
                }
                _ => {}
            }
            let place = approved.err().ok_or(Error::<T>::AlreadyApproved)?;
            // Bringing the call is what is missing, not another approval.
            ensure!(open.approvals.len() < usize::from(threshold), Error::<T>::AlreadyApproved);
            open.approvals
                .try_insert(place, who.clone())
                .map_err(|_full| Error::<T>::TooManySignatories)?;
            Multisigs::<T>::insert(&id, hash, open);
            Self::deposit_event(Event::MultisigApproval {
                approving: who,
                timepoint,
                multisig: id,
                call_hash: hash,
            });
            Ok(Some(own).into())
        }

        /// Opens an operation with its first approval.
        fn open(
            who: T::AccountId,
            threshold: u16,
            id: T::AccountId,
            call_hash: [u8; 32],
        ) -> DispatchResult {
            let deposit = T::DepositFactor::get()
                .saturating_mul(Balance::from(threshold))
                .saturating_add(T::DepositBase::get());
            T::Currency::hold(&HoldReason::Operation.into(), &who, deposit)?;
            let approvals = BoundedVec::try_from(vec![who.clone()])
                .map_err(|_full| Error::<T>::TooManySignatories)?;
            let when = Self::timepoint();
            let open: MultisigOf<T> = Multisig { when, deposit, depositor: who.clone(), approvals };
            Multisigs::<T>::insert(&id, call_hash, open);
            Self::deposit_event(Event::NewMultisig { approving: who, multisig: id, call_hash });
            Ok(())
        }

        /// Closes an operation and dispatches its call; says what the call weighed.
        fn execute(
            approving: T::AccountId,
            multisig: T::AccountId,
            call_hash: [u8; 32],
            open: &MultisigOf<T>,
            call: <T as Config>::RuntimeCall,
        ) -> Result<Weight, DispatchError> {
            // Removed first, so that the call cannot be approved from within itself.
            Self::remove(&multisig, &call_hash, open)?;
            let info = call.get_dispatch_info();
            let result = call.dispatch(RawOrigin::Signed(multisig.clone()).into());
            let weight = extract_actual_weight(&result, &info);
            Self::deposit_event(Event::MultisigExecuted {
                approving,
                timepoint: open.when,
                multisig,
                call_hash,
                result: result.map(|_| ()).map_err(|e| e.error),
            });
            Ok(weight)
        }

        fn remove(
            multisig: &T::AccountId,
            call_hash: &[u8; 32],
            open: &MultisigOf<T>,
        ) -> DispatchResult {
            Multisigs::<T>::remove(multisig, call_hash);
            // A part may have been slashed.
            let (reason, best) = (HoldReason::Operation.into(), Precision::BestEffort);
            T::Currency::release(&reason, &open.depositor, open.deposit, best).map(|_| ())
        }

        fn own_weight(len: usize) -> Weight {
            let len = u64::try_from(len).unwrap_or(u64::MAX);
            // An account and its holds, the operation, and hashing the signatories.
            T::DbWeight::get()
                .reads_writes(3, 3)
                .saturating_add(BYTE_WEIGHT.saturating_mul(len))
                .saturating_add(SIGNATORY_WEIGHT.saturating_mul(T::MaxSignatories::get().into()))
        }
    }
}
