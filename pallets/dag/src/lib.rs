//! Epochs, authorities, rewards and punished equivocations of the BlockDAG consensus, as the runtime sees them.
//!
//! The rules of the DAG (which block may claim which slot, parents, colours) are the node's. This pallet keeps what
//! those rules take from the state: per epoch the authorities with their weights, the randomness, limits. It reads
//! slot, author and merged blocks from the header's first digest item; a header without one, or with a foreign or stale
//! one, is executed all the same, because other tools build blocks on our state.
//!
//! - Epochs: [`Member`], [`Set`], and the rule of what is fixed when, in `epoch.rs`.
//! - Rewards and the randomness of merged blocks: `merged.rs`.
//! - Equivocations: `equivocation.rs`.
//! - Stake and keys come from elsewhere, through [`Validators`]; who else has to know the authorities hears of them
//!   through [`OnNewValidators`].

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod epoch;
mod equivocation;
mod merged;
#[cfg(test)]
mod tests;
mod validators;

pub use epoch::{EpochParameters, Set};
pub use equivocation::Offence;
pub use pallet::*;
pub use validators::{Candidate, Member, OnNewValidators, Validators};

/// The pallet: what the consensus keeps in the state.
#[citrate_support::pallet]
pub mod pallet {
    use crate::epoch::{EpochParameters, Set};
    use crate::validators::{Member, OnNewValidators, Validators};
    use citrate_core::hashing::blake2_256;
    use citrate_core::{AccountId32, Balance, EngineId, Perbill, Permill, sr25519};
    use citrate_dag_types::{
        Authority, AuthorityIndex, DagDigest, ENGINE_ID, Election, EquivocationProof, Slot,
    };
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{FindAuthor, Randomness as RandomnessSource, fungible};
    use codec::DecodeAll;
    use pallet_system::pallet_prelude::*;

    /// Domain of the randomness that pallets draw in a block.
    const SUBJECT_DOMAIN: &[u8] = b"CITRATE/dag/subject";
    /// Checking four seals: two when a report is validated, two when it is dispatched.
    const REPORT_WEIGHT: Weight = Weight::from_parts(400_000_000, 0);

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config<AccountId = AccountId32> {
        /// Length of a slot in milliseconds; a slot is also the least time between two chain blocks. It never changes
        /// in a chain's life, nor does the next.
        #[pallet::constant]
        type SlotDuration: Get<u64>;

        /// Slots in an epoch; randomness and authorities change at its boundaries only. A merged block older than this
        /// earns nothing.
        #[pallet::constant]
        type EpochLength: Get<u64>;

        /// LIMIT: how many authorities there may be.
        #[pallet::constant]
        type MaxAuthorities: Get<u32>;

        /// LIMIT: bytes of one block's payload.
        #[pallet::constant]
        type PayloadBytesMax: Get<u32>;

        /// LIMIT: weight of one block's payload.
        #[pallet::constant]
        type PayloadWeightMax: Get<Weight>;

        /// LIMIT: blocks in one mergeset, the selected parent included.
        #[pallet::constant]
        type MergesetMax: Get<u32>;

        /// The assumed bound on a block's way to every node, in milliseconds.
        #[pallet::constant]
        type DelayBoundMs: Get<u32>;

        /// Where stake and keys are kept.
        type Validators: Validators;

        /// Who hears of each epoch's authorities.
        type OnNewValidators: OnNewValidators;

        /// The money in which rewards are paid.
        type Currency: fungible::Mutate<AccountId32, Balance = Balance>;

        /// The part of a block's issuance that goes to the author of the block that merges it.
        #[pallet::constant]
        type MergerShare: Get<Permill>;

        /// The part of a block's issuance that goes to the treasury; its author gets what is left.
        #[pallet::constant]
        type TreasuryShare: Get<Permill>;

        /// The treasury's account.
        type Treasury: Get<AccountId32>;

        /// LIMIT: for how many epochs an equivocation can be reported; so many past sets of authorities are kept. What
        /// unbonds must be bonded for longer.
        #[pallet::constant]
        type EvidenceEpochs: Get<u32>;

        /// LIMIT: for how many slots one key can be punished.
        #[pallet::constant]
        type OffencesMax: Get<u32>;

        /// The part of its stake that an author loses for each slot in which it equivocated.
        #[pallet::constant]
        type EquivocationSlash: Get<Perbill>;

        /// The part of what is slashed that goes to who signed the report.
        #[pallet::constant]
        type ReporterShare: Get<Perbill>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The authors seen in a slot.
    pub(crate) type Seen<T> = BoundedVec<AuthorityIndex, <T as Config>::MaxAuthorities>;

    /// The authorities of this epoch, by index.
    #[pallet::storage]
    pub type Authorities<T: Config> = StorageValue<_, Set<T>, ValueQuery>;

    /// The authorities of the next epoch; fixed when this one began.
    #[pallet::storage]
    pub type NextAuthorities<T: Config> = StorageValue<_, Set<T>, ValueQuery>;

    /// The authorities of the epoch after the next, by the stakes at this epoch's beginning.
    #[pallet::storage]
    pub type QueuedAuthorities<T: Config> = StorageValue<_, Set<T>, ValueQuery>;

    /// The authorities that root chose, until the next epoch begins.
    #[pallet::storage]
    pub type ScheduledAuthorities<T: Config> =
        StorageValue<_, BoundedVec<Authority, T::MaxAuthorities>, OptionQuery>;

    /// The authorities of past epochs, for evidence.
    #[pallet::storage]
    pub type PastAuthorities<T: Config> = StorageMap<_, Twox64Concat, u64, Set<T>, ValueQuery>;

    /// The past epochs whose authorities are kept, ascending.
    #[pallet::storage]
    pub type PastEpochs<T: Config> =
        StorageValue<_, BoundedVec<u64, T::EvidenceEpochs>, ValueQuery>;

    /// How a slot's authors are found, in epochs that are prepared from now on.
    #[pallet::storage]
    pub type ElectionRule<T: Config> = StorageValue<_, Election, ValueQuery, EverySlot>;

    /// The parameters of this epoch.
    #[pallet::storage]
    pub type Parameters<T: Config> = StorageValue<_, EpochParameters, OptionQuery>;

    /// The parameters of the next epoch; fixed when this one began.
    #[pallet::storage]
    pub type NextParameters<T: Config> = StorageValue<_, EpochParameters, OptionQuery>;

    /// The slot of the current block; of the last block that had one, when this one has none.
    #[pallet::storage]
    pub type CurrentSlot<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The author of the current block, if it names one.
    #[pallet::storage]
    pub type CurrentAuthor<T: Config> = StorageValue<_, AuthorityIndex, OptionQuery>;

    /// The account of the current block's author, if there is such an authority.
    #[pallet::storage]
    pub type Author<T: Config> = StorageValue<_, AccountId32, OptionQuery>;

    /// The epoch of the current slot.
    #[pallet::storage]
    pub type CurrentEpoch<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The randomness of this epoch, part of every message that elects an author.
    #[pallet::storage]
    pub type Randomness<T: Config> = StorageValue<_, [u8; 32], ValueQuery>;

    /// The randomness of the next epoch; fixed when this one began.
    #[pallet::storage]
    pub type NextRandomness<T: Config> = StorageValue<_, [u8; 32], ValueQuery>;

    /// The VRF pre-outputs of all blocks that were seen in the first two thirds of this epoch, hashed one after another.
    #[pallet::storage]
    pub type RandomnessAccumulator<T: Config> = StorageValue<_, [u8; 32], ValueQuery>;

    /// The VRF pre-outputs of all chain blocks, hashed one after another: what pallets draw from.
    #[pallet::storage]
    pub type BlockEntropy<T: Config> = StorageValue<_, [u8; 32], ValueQuery>;

    /// The authors whose blocks were seen, by slot, for as long as a block of the slot can be merged.
    #[pallet::storage]
    pub type SeenAuthors<T: Config> = StorageMap<_, Twox64Concat, u64, Seen<T>, ValueQuery>;

    /// The author of the last chain block, who is paid by the next one.
    #[pallet::storage]
    pub type UnpaidParent<T: Config> = StorageValue<_, Member, OptionQuery>;

    /// What is issued for each blue block that is merged.
    #[pallet::storage]
    pub type BlockIssuance<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// What each account earned by blocks so far, made or merged, and the treasury by all.
    #[pallet::storage]
    pub type BlockRewards<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId32, Balance, ValueQuery>;

    /// How many blocks each account's authority made on the selected chain.
    #[pallet::storage]
    pub type BlocksAuthored<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId32, u64, ValueQuery>;

    /// The slots for which a key was punished. A key that is here earns nothing and is never elected again: it stays here
    /// for good. There are as many as authorities paid for.
    #[pallet::storage]
    pub type Offences<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        sr25519::Public,
        BoundedVec<u64, T::OffencesMax>,
        ValueQuery,
    >;

    /// The rule of a chain that never set one.
    #[derive(Debug)]
    pub struct EverySlot;

    impl Get<Election> for EverySlot {
        fn get() -> Election {
            Election::EverySlot
        }
    }

    /// The consensus at genesis.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The authorities, by index: of the first two epochs that have blocks, and for as long as nobody has a stake.
        /// An authority's account is that which registered its key, or else the key's own.
        pub authorities: Vec<Authority>,
        /// How a slot's authors are found; every authority in every slot when it is absent.
        pub election: Option<Election>,
        /// The randomness of the first two epochs that have blocks.
        pub randomness: [u8; 32],
        /// What is issued for each blue block that is merged.
        pub block_issuance: u64,
        /// Ties the configuration to a runtime.
        #[serde(skip)]
        pub runtime: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.authorities.iter().all(|a| a.weight > 0),
                "an authority has weight 0 at genesis"
            );
            let members: Vec<_> =
                self.authorities.iter().map(|a| Pallet::<T>::member(*a)).collect();
            let authorities = Set::<T>::try_from(members)
                .expect("no more authorities at genesis than the runtime allows");
            Authorities::<T>::put(&authorities);
            NextAuthorities::<T>::put(&authorities);
            QueuedAuthorities::<T>::put(authorities);
            Randomness::<T>::put(self.randomness);
            NextRandomness::<T>::put(self.randomness);
            if let Some(election) = self.election {
                ElectionRule::<T>::put(election);
            }
            Parameters::<T>::put(Pallet::<T>::new_parameters());
            NextParameters::<T>::put(Pallet::<T>::new_parameters());
            BlockIssuance::<T>::put(Balance::from(self.block_issuance));
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event {
        /// An epoch began.
        EpochStarted {
            /// Its number: slot divided by the epoch's length.
            epoch: u64,
            /// Its randomness.
            randomness: [u8; 32],
        },
        /// Root chose the authorities of the epoch after the next change.
        AuthoritiesScheduled {
            /// The authorities, by index.
            authorities: Vec<Authority>,
        },
        /// Merged blocks were rewarded.
        BlocksRewarded {
            /// How many.
            blocks: u32,
            /// What was issued: to their authors, to the merging block's, to the treasury.
            issued: Balance,
        },
        /// An author sealed two blocks for one slot, and paid for it.
        EquivocationPunished {
            /// The account that answers for the author.
            account: AccountId32,
            /// The key that sealed them; it will not be elected again.
            key: sr25519::Public,
            /// The slot.
            slot: u64,
            /// What the account lost.
            slashed: Balance,
        },
        /// Root set what is issued for a merged block.
        BlockIssuanceSet {
            /// How much.
            amount: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// More authorities than the runtime allows.
        TooManyAuthorities,
        /// A chain needs an authority.
        NoAuthorities,
        /// An authority has weight 0.
        ZeroWeight,
        /// The same key twice.
        DuplicateAuthority,
        /// The headers do not prove an equivocation of an authority.
        InvalidProof,
        /// The epoch's authorities are not kept any more.
        TooOld,
        /// The epoch's authorities are not known yet.
        TooEarly,
        /// That slot was punished before.
        AlreadyPunished,
        /// The key was punished for as many slots as are counted.
        TooManyOffences,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_n: BlockNumberFor<T>) -> Weight {
            Self::begin_block()
        }

        fn integrity_test() {
            assert!(T::SlotDuration::get() > 0, "a slot takes time");
            assert!(T::EpochLength::get() > 0, "an epoch has slots");
            assert!(T::MaxAuthorities::get() > 0, "somebody authors");
            assert!(T::EvidenceEpochs::get() > 0, "the last epoch's equivocations are punished");
            assert!(T::OffencesMax::get() > 0, "equivocations are punished");
            let shares = T::MergerShare::get()
                .deconstruct()
                .checked_add(T::TreasuryShare::get().deconstruct());
            assert!(
                shares.is_some_and(|sum| sum <= Permill::one().deconstruct()),
                "no more is given away than there is"
            );
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Chooses the authorities of the epoch after the one that begins next. Root only. Where validators have a
        /// stake, theirs are the epochs after it.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(0, 1))]
        pub fn schedule_authorities(
            origin: OriginFor<T>,
            authorities: Vec<Authority>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(!authorities.is_empty(), Error::<T>::NoAuthorities);
            ensure!(authorities.iter().all(|a| a.weight > 0), Error::<T>::ZeroWeight);
            let bounded = BoundedVec::<_, T::MaxAuthorities>::try_from(authorities.clone())
                .map_err(|_full| Error::<T>::TooManyAuthorities)?;
            let keys: alloc::collections::BTreeSet<_> =
                authorities.iter().map(|a| a.key.0).collect();
            ensure!(keys.len() == authorities.len(), Error::<T>::DuplicateAuthority);
            ScheduledAuthorities::<T>::put(bounded);
            Self::deposit_event(Event::AuthoritiesScheduled { authorities });
            Ok(())
        }

        /// Reports an equivocation: the author loses stake and is not elected any more, the reporter gets a part of what is
        /// taken. A report that is right costs nothing.
        #[pallet::call_index(1)]
        #[pallet::weight(REPORT_WEIGHT.saturating_add(T::DbWeight::get().reads_writes(16, 12)))]
        pub fn report_equivocation(
            origin: OriginFor<T>,
            proof: Box<EquivocationProof>,
        ) -> DispatchResultWithPostInfo {
            let reporter = ensure_signed(origin)?;
            Self::punish(&proof, Some(&reporter))?;
            Ok(Pays::No.into())
        }

        /// Reports an equivocation for nothing, as nodes do.
        #[pallet::call_index(2)]
        #[pallet::weight((
            REPORT_WEIGHT.saturating_add(T::DbWeight::get().reads_writes(16, 12)),
            DispatchClass::Operational,
        ))]
        pub fn report_equivocation_unsigned(
            origin: OriginFor<T>,
            proof: Box<EquivocationProof>,
        ) -> DispatchResult {
            ensure_none(origin)?;
            Self::punish(&proof, None)
        }

        /// Sets what is issued for each blue block that is merged. Root only.
        #[pallet::call_index(3)]
        #[pallet::weight(T::DbWeight::get().reads_writes(0, 1))]
        pub fn set_block_issuance(
            origin: OriginFor<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            ensure_root(origin)?;
            BlockIssuance::<T>::put(amount);
            Self::deposit_event(Event::BlockIssuanceSet { amount });
            Ok(())
        }
    }

    #[pallet::validate_unsigned]
    impl<T: Config> ValidateUnsigned for Pallet<T> {
        type Call = Call<T>;
        fn validate_unsigned(_source: TransactionSource, call: &Call<T>) -> TransactionValidity {
            Self::validate_report(call)
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// What an account earned by blocks so far.
        pub fn block_rewards(account: AccountId32) -> Balance {
            BlockRewards::<T>::get(account)
        }

        /// The slots for which a key was punished.
        pub fn offences(key: sr25519::Public) -> Vec<u64> {
            Offences::<T>::get(key).into_inner()
        }
    }

    impl<T: Config> Pallet<T> {
        /// The slot of the current block.
        pub fn current_slot() -> Slot {
            Slot(CurrentSlot::<T>::get())
        }

        /// How many blocks of the selected chain an account made, and what it earned by blocks, made or merged.
        pub fn earned(account: &AccountId32) -> (u64, Balance) {
            (BlocksAuthored::<T>::get(account), BlockRewards::<T>::get(account))
        }

        /// The account of the current block's author.
        pub fn author() -> Option<AccountId32> {
            Author::<T>::get()
        }
    }

    impl<T: Config> FindAuthor<AuthorityIndex> for Pallet<T> {
        fn find_author<'a, I>(digests: I) -> Option<AuthorityIndex>
        where
            I: 'a + IntoIterator<Item = (EngineId, &'a [u8])>,
        {
            let (_, bytes) = digests.into_iter().find(|(engine, _)| *engine == ENGINE_ID)?;
            DagDigest::decode_all(&mut &*bytes).ok().map(|d| d.author)
        }
    }

    /// Changes with every block that has a DAG digest; its author alone could know it before.
    impl<T: Config> RandomnessSource<H256, BlockNumber> for Pallet<T> {
        fn random(subject: &[u8]) -> (H256, BlockNumber) {
            let seed = (
                SUBJECT_DOMAIN,
                Randomness::<T>::get(),
                BlockEntropy::<T>::get(),
                CurrentSlot::<T>::get(),
                subject,
            )
                .using_encoded(blake2_256);
            (seed.into(), pallet_system::Pallet::<T>::block_number())
        }
    }
}
