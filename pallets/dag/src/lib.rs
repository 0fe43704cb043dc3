//! Authorities, slots and randomness of the BlockDAG consensus, as the runtime sees them.
//!
//! The rules of the DAG (which block may claim which slot, parents, colours) are the node's. This pallet keeps what
//! those rules take from the state: the authorities and their weights, the epoch's randomness, limits. It reads
//! the slot and the author from the header's first digest item; a header without one, or with a foreign or stale
//! one, is executed all the same, because other tools build blocks on our state.
//!
//! Randomness: every block mixes the VRF pre-output of its author into an accumulator; the epoch's changes are
//! applied at the first block of the next epoch, so that the randomness of an epoch is known when it starts. Reads and
//! writes are of constant size however long an epoch is.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(test)]
mod tests;

pub use pallet::*;

/// The pallet: what the consensus keeps in the state.
#[citrate_support::pallet]
pub mod pallet {
    use citrate_core::hashing::blake2_256;
    use citrate_core::{AccountId32, EngineId, Header};
    use citrate_dag_types::{
        Authority, AuthorityIndex, DagConfiguration, DagDigest, ENGINE_ID, Election, Slot,
    };
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{FindAuthor, Randomness as RandomnessSource};
    use codec::DecodeAll;
    use pallet_system::pallet_prelude::*;

    /// Domain of the hashes that make an epoch's randomness.
    const RANDOMNESS_DOMAIN: &[u8] = b"CITRATE/dag/randomness";
    /// Domain of the randomness that pallets draw in a block.
    const SUBJECT_DOMAIN: &[u8] = b"CITRATE/dag/subject";

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// Length of a slot in milliseconds; a slot is also the least time between two chain blocks.
        #[pallet::constant]
        type SlotDuration: Get<u64>;

        /// Slots in an epoch; randomness and authorities change at its boundaries only.
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
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The authorities of this epoch, by index.
    #[pallet::storage]
    pub type Authorities<T: Config> =
        StorageValue<_, BoundedVec<Authority, T::MaxAuthorities>, ValueQuery>;

    /// The authorities from the next epoch on, when they change.
    #[pallet::storage]
    pub type NextAuthorities<T: Config> =
        StorageValue<_, BoundedVec<Authority, T::MaxAuthorities>, OptionQuery>;

    /// How a slot's authors are found.
    #[pallet::storage]
    pub type ElectionRule<T: Config> = StorageValue<_, Election, ValueQuery, EverySlot>;

    /// The slot of the current block; of the last block that had one, when this one has none.
    #[pallet::storage]
    pub type CurrentSlot<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The author of the current block, if it names one.
    #[pallet::storage]
    pub type CurrentAuthor<T: Config> = StorageValue<_, AuthorityIndex, OptionQuery>;

    /// The epoch of the current slot.
    #[pallet::storage]
    pub type CurrentEpoch<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The randomness of this epoch, part of every message that elects an author.
    #[pallet::storage]
    pub type Randomness<T: Config> = StorageValue<_, [u8; 32], ValueQuery>;

    /// The VRF pre-outputs of this epoch so far, hashed one after another.
    #[pallet::storage]
    pub type RandomnessAccumulator<T: Config> = StorageValue<_, [u8; 32], ValueQuery>;

    /// How many blocks each authority made on the selected chain, by its key.
    #[pallet::storage]
    pub type BlocksAuthored<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId32, u64, ValueQuery>;

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
        /// The authorities, by index.
        pub authorities: Vec<Authority>,
        /// How a slot's authors are found; every authority in every slot when it is absent.
        pub election: Option<Election>,
        /// The randomness of the first epoch.
        pub randomness: [u8; 32],
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
            let authorities = BoundedVec::try_from(self.authorities.clone())
                .expect("no more authorities at genesis than the runtime allows");
            Authorities::<T>::put(authorities);
            Randomness::<T>::put(self.randomness);
            if let Some(election) = self.election {
                ElectionRule::<T>::put(election);
            }
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
        /// Root chose the authorities from the next epoch on.
        AuthoritiesScheduled {
            /// The authorities, by index.
            authorities: Vec<Authority>,
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
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_n: BlockNumberFor<T>) -> Weight {
            let digest = Self::block_digest();
            CurrentAuthor::<T>::set(digest.as_ref().map(|d| d.author));
            if let Some(digest) = digest {
                Self::note_block(&digest);
            }
            T::DbWeight::get().reads_writes(7, 7)
        }

        fn integrity_test() {
            assert!(T::SlotDuration::get() > 0, "a slot takes time");
            assert!(T::EpochLength::get() > 0, "an epoch has slots");
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Chooses the authorities from the next epoch on. Root only.
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
            NextAuthorities::<T>::put(bounded);
            Self::deposit_event(Event::AuthoritiesScheduled { authorities });
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        /// What the node's consensus takes from this state.
        pub fn configuration() -> DagConfiguration {
            DagConfiguration {
                slot_duration_ms: T::SlotDuration::get(),
                epoch_length: T::EpochLength::get(),
                election: ElectionRule::<T>::get(),
                authorities: Authorities::<T>::get().into_inner(),
                randomness: Randomness::<T>::get(),
                payload_bytes_max: T::PayloadBytesMax::get(),
                payload_weight_max: T::PayloadWeightMax::get(),
                mergeset_max: T::MergesetMax::get(),
                delay_bound_ms: T::DelayBoundMs::get(),
            }
        }

        /// What the node's consensus takes from this state for a slot.
        pub fn configuration_at(slot: Slot) -> DagConfiguration {
            let mut configuration = Self::configuration();
            if slot.epoch(T::EpochLength::get()) > CurrentEpoch::<T>::get()
                && let Some(authorities) = NextAuthorities::<T>::get()
            {
                configuration.authorities = authorities.into_inner();
            }
            configuration
        }

        /// The slot of the current block.
        pub fn current_slot() -> Slot {
            Slot(CurrentSlot::<T>::get())
        }

        /// The key of the current block's author, as an account.
        pub fn author() -> Option<AccountId32> {
            let index = usize::try_from(CurrentAuthor::<T>::get()?).ok()?;
            Authorities::<T>::get().get(index).map(|a| AccountId32::from(a.key.0))
        }

        /// The DAG digest of this block, if its first item is a sound one.
        fn block_digest() -> Option<DagDigest> {
            let header = Header {
                parent_hash: H256::zero(),
                number: 0,
                state_root: H256::zero(),
                extrinsics_root: H256::zero(),
                digest: pallet_system::Pallet::<T>::digest(),
            };
            DagDigest::from_header(&header).ok()
        }

        fn note_block(digest: &DagDigest) {
            let slot = digest.slot.0;
            // A copied digest repeats its parent's slot; only a newer one is news.
            if slot <= CurrentSlot::<T>::get() {
                return;
            }
            CurrentSlot::<T>::put(slot);
            Self::enter_epoch(digest.slot.epoch(T::EpochLength::get()));
            RandomnessAccumulator::<T>::mutate(|acc| {
                *acc = (RANDOMNESS_DOMAIN, *acc, digest.vrf.pre_output).using_encoded(blake2_256);
            });
            if let Some(author) = Self::author() {
                BlocksAuthored::<T>::mutate(author, |count| *count = count.saturating_add(1));
            }
        }

        /// Applies what the last epoch prepared, once, at the first block of a later epoch.
        fn enter_epoch(epoch: u64) {
            if epoch <= CurrentEpoch::<T>::get() {
                return;
            }
            CurrentEpoch::<T>::put(epoch);
            let randomness = (
                RANDOMNESS_DOMAIN,
                Randomness::<T>::get(),
                epoch,
                RandomnessAccumulator::<T>::take(),
            )
                .using_encoded(blake2_256);
            Randomness::<T>::put(randomness);
            if let Some(authorities) = NextAuthorities::<T>::take() {
                Authorities::<T>::put(authorities);
            }
            Self::deposit_event(Event::EpochStarted { epoch, randomness });
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
                RandomnessAccumulator::<T>::get(),
                CurrentSlot::<T>::get(),
                subject,
            )
                .using_encoded(blake2_256);
            (seed.into(), pallet_system::Pallet::<T>::block_number())
        }
    }
}
