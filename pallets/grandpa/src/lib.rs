//! The authorities that vote on finality, how they change, and who voted twice.
//!
//! A change is scheduled by another pallet ([`Pallet::schedule_change`]) and enacted at the end of a
//! block, so that the state after a block always names the set that votes on the blocks above it: both
//! [`Authorities`] and [`CurrentSetId`] change there and nowhere else. A digest item announces the
//! change when it is scheduled, for those who follow headers alone; for them too the block that enacts
//! it is the last that the present authorities finalise.
//!
//! Anybody who saw a voter vote twice in one phase of a round reports it here, once for each voter and
//! set. The authorities of a few past sets are kept to check reports against. What follows from a report
//! is up to [`OnEquivocation`].

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod report;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use report::OnEquivocation;

/// The pallet: what finality keeps in the state.
#[citrate_support::pallet]
pub mod pallet {
    use crate::OnEquivocation;
    use alloc::collections::BTreeSet;
    use citrate_grandpa_types::{
        AuthorityId, AuthorityList, AuthorityWeight, ConsensusLog, EquivocationProof,
        OpaqueKeyOwnershipProof, RoundNumber, ScheduledChange, SetId,
    };
    use citrate_support::pallet_prelude::*;
    use pallet_system::pallet_prelude::*;

    /// Authorities, within the runtime's limit.
    pub type BoundedAuthorityList<Limit> = BoundedVec<(AuthorityId, AuthorityWeight), Limit>;

    /// A change that is not enacted yet.
    #[derive(
        Encode,
        Decode,
        TypeInfo,
        MaxEncodedLen,
        DebugNoBound,
        CloneNoBound,
        PartialEqNoBound,
        EqNoBound,
    )]
    #[scale_info(skip_type_params(Limit))]
    #[codec(mel_bound())]
    pub struct StoredPendingChange<Limit: Get<u32>> {
        /// The block that scheduled it.
        pub scheduled_at: BlockNumber,
        /// It is enacted so many blocks later.
        pub delay: BlockNumber,
        /// Who votes then.
        pub next_authorities: BoundedAuthorityList<Limit>,
        /// Always nothing: a change follows finality.
        pub forced: Option<BlockNumber>,
    }

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// LIMIT: how many authorities there may be.
        #[pallet::constant]
        type MaxAuthorities: Get<u32>;

        /// LIMIT: past sets whose authorities are kept; votes of older ones are not punished any more.
        #[pallet::constant]
        type SetsKept: Get<u64>;

        /// Blocks for which an unsigned report stays in the pool.
        #[pallet::constant]
        type ReportLongevity: Get<u64>;

        /// What happens to a voter that voted twice.
        type OnEquivocation: OnEquivocation;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The change that is scheduled, if any.
    #[pallet::storage]
    pub type PendingChange<T: Config> =
        StorageValue<_, StoredPendingChange<T::MaxAuthorities>, OptionQuery>;

    /// How many times the authorities changed: the set that votes on the blocks above this one.
    #[pallet::storage]
    pub type CurrentSetId<T: Config> = StorageValue<_, SetId, ValueQuery>;

    /// The voters of the current set.
    #[pallet::storage]
    pub type Authorities<T: Config> =
        StorageValue<_, BoundedAuthorityList<T::MaxAuthorities>, ValueQuery>;

    /// The voters of past sets, for reports.
    #[pallet::storage]
    pub type PastAuthorities<T: Config> =
        StorageMap<_, Twox64Concat, SetId, BoundedAuthorityList<T::MaxAuthorities>, OptionQuery>;

    /// Voters that voted twice, by set, and the round that was reported first.
    #[pallet::storage]
    pub type Equivocators<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        SetId,
        Blake2_128Concat,
        AuthorityId,
        RoundNumber,
        OptionQuery,
    >;

    /// Finality at genesis.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The voters and their weights.
        pub authorities: AuthorityList,
        /// Ties the configuration to a runtime.
        #[serde(skip)]
        pub runtime: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            if self.authorities.is_empty() {
                return;
            }
            let authorities = Pallet::<T>::checked(self.authorities.clone())
                .expect("the authorities at genesis are a set of voters within the limit");
            Authorities::<T>::put(authorities);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event {
        /// Other authorities vote from the next block on.
        NewAuthorities {
            /// The voters and their weights.
            authority_set: AuthorityList,
        },
        /// A voter was shown to have voted twice.
        EquivocationReported {
            /// Its key.
            offender: AuthorityId,
            /// The set it voted in.
            set_id: SetId,
            /// The round.
            round: RoundNumber,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// A change is scheduled already.
        ChangePending,
        /// The key is of no authority of that set, or the set is too long ago.
        InvalidKeyOwnershipProof,
        /// The votes do not show that their voter voted twice.
        InvalidEquivocationProof,
        /// The voter was reported for this set before.
        DuplicateOffenceReport,
        /// More authorities than the runtime allows.
        TooManyAuthorities,
        /// Finality needs a voter.
        NoAuthorities,
        /// An authority has weight 0.
        ZeroWeight,
        /// The same key twice.
        DuplicateAuthority,
        /// The weights do not add up within 64 bits.
        WeightOverflow,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_n: BlockNumberFor<T>) -> Weight {
            // What `on_finalize` does: at the most it reads the change, the voters and the set, and writes
            // all of them, the past voters, the digest and the event.
            T::DbWeight::get().reads_writes(4, 7)
        }

        fn on_finalize(n: BlockNumberFor<T>) {
            let Some(pending) = PendingChange::<T>::get() else { return };
            if n == pending.scheduled_at {
                let change = ScheduledChange {
                    next_authorities: pending.next_authorities.to_vec(),
                    delay: pending.delay,
                };
                let item = ConsensusLog::ScheduledChange(change).to_item();
                pallet_system::Pallet::<T>::deposit_log(item);
            }
            if n >= pending.scheduled_at.saturating_add(pending.delay) {
                Self::enact(pending.next_authorities);
            }
        }

        fn integrity_test() {
            assert!(T::MaxAuthorities::get() > 0, "finality needs a voter");
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Reports that a voter voted twice in one phase of a round. The proof of the key's owner is empty: the
        /// pallet knows the voters of past sets. A report that holds is free.
        #[pallet::call_index(0)]
        #[pallet::weight(Pallet::<T>::report_weight())]
        pub fn report_equivocation(
            origin: OriginFor<T>,
            equivocation_proof: Box<EquivocationProof>,
            key_owner_proof: OpaqueKeyOwnershipProof,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Self::do_report(&equivocation_proof, &key_owner_proof)?;
            Ok(Pays::No.into())
        }

        /// As `report_equivocation`, by the node of an authority, which signs nothing. It is taken from the node
        /// itself and from blocks only.
        #[pallet::call_index(1)]
        #[pallet::weight(Pallet::<T>::report_weight())]
        pub fn report_equivocation_unsigned(
            origin: OriginFor<T>,
            equivocation_proof: Box<EquivocationProof>,
            key_owner_proof: OpaqueKeyOwnershipProof,
        ) -> DispatchResult {
            ensure_none(origin)?;
            Self::do_report(&equivocation_proof, &key_owner_proof)
        }
    }

    #[pallet::validate_unsigned]
    impl<T: Config> ValidateUnsigned for Pallet<T> {
        type Call = Call<T>;

        fn validate_unsigned(source: TransactionSource, call: &Call<T>) -> TransactionValidity {
            let Call::report_equivocation_unsigned { equivocation_proof, key_owner_proof } = call
            else {
                return Err(InvalidTransaction::Call.into());
            };
            // Checking costs two signatures and nobody pays: strangers could make us do it all day.
            if source == TransactionSource::External {
                return Err(InvalidTransaction::Call.into());
            }
            match Self::check(equivocation_proof, key_owner_proof) {
                Ok(()) => {}
                Err(Error::DuplicateOffenceReport) => return Err(InvalidTransaction::Stale.into()),
                Err(_) => return Err(InvalidTransaction::BadProof.into()),
            }
            let tag =
                ("GrandpaEquivocation", equivocation_proof.set_id, equivocation_proof.offender());
            Ok(ValidTransaction {
                priority: TransactionPriority::MAX,
                requires: Vec::new(),
                provides: vec![tag.encode()],
                longevity: T::ReportLongevity::get(),
                propagate: false,
            })
        }
    }

    impl<T: Config> Pallet<T> {
        /// The voters and their weights.
        pub fn grandpa_authorities() -> AuthorityList {
            Authorities::<T>::get().into_inner()
        }

        /// The current set.
        pub fn current_set_id() -> SetId {
            CurrentSetId::<T>::get()
        }

        /// Lets `next` vote after the block that is `in_blocks` above this one: they take over once that
        /// block, for 0 this one, is final. Call it before this pallet's `on_finalize`, that is, from a call
        /// or from `on_initialize`; else the change would not be announced in the digest.
        ///
        /// # Errors
        /// When a change is scheduled already, and when `next` is no set of voters within the limit.
        pub fn schedule_change(
            next: AuthorityList,
            in_blocks: BlockNumberFor<T>,
        ) -> DispatchResult {
            ensure!(!PendingChange::<T>::exists(), Error::<T>::ChangePending);
            PendingChange::<T>::put(StoredPendingChange {
                scheduled_at: pallet_system::Pallet::<T>::block_number(),
                delay: in_blocks,
                next_authorities: Self::checked(next)?,
                forced: None,
            });
            Ok(())
        }

        /// The authorities of a set, if it is the current one or one of those kept.
        pub fn authorities_of(set_id: SetId) -> Option<AuthorityList> {
            if set_id == CurrentSetId::<T>::get() {
                return Some(Self::grandpa_authorities());
            }
            PastAuthorities::<T>::get(set_id).map(BoundedVec::into_inner)
        }

        pub(crate) fn checked(
            authorities: AuthorityList,
        ) -> Result<BoundedAuthorityList<T::MaxAuthorities>, Error<T>> {
            ensure!(!authorities.is_empty(), Error::<T>::NoAuthorities);
            ensure!(authorities.iter().all(|(_, weight)| *weight > 0), Error::<T>::ZeroWeight);
            let mut total: AuthorityWeight = 0;
            for (_, weight) in &authorities {
                total = total.checked_add(*weight).ok_or(Error::<T>::WeightOverflow)?;
            }
            let keys: BTreeSet<_> = authorities.iter().map(|(key, _)| key).collect();
            ensure!(keys.len() == authorities.len(), Error::<T>::DuplicateAuthority);
            BoundedVec::try_from(authorities).map_err(|_full| Error::<T>::TooManyAuthorities)
        }

        fn enact(next: BoundedAuthorityList<T::MaxAuthorities>) {
            let set_id = CurrentSetId::<T>::get();
            let past = Authorities::<T>::get();
            if T::SetsKept::get() > 0 {
                PastAuthorities::<T>::insert(set_id, past);
            }
            if let Some(forgotten) = set_id.checked_sub(T::SetsKept::get()) {
                PastAuthorities::<T>::remove(forgotten);
            }
            CurrentSetId::<T>::put(set_id.saturating_add(1));
            PendingChange::<T>::kill();
            let authority_set = next.to_vec();
            Authorities::<T>::put(next);
            Self::deposit_event(Event::NewAuthorities { authority_set });
        }
    }
}
