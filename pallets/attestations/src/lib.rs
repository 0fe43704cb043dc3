//! Attestations: providers that gave the same result sign it together, and the chain keeps one signature.
//!
//! A provider [registers](Pallet::set_key) a key of BLS12-381 with a proof that it has the secret. When a job of several
//! providers is settled, the job market [says so](Attest::on_settled), and each of those that agree sends its
//! [share](Pallet::share): its signature on the job's [`Statement`](citrate_inference_types::Statement), which is the same for all.
//! Once all shares are there, or after a bounded time, the sum of those that are is verified, together with the sums of other
//! jobs in one pairing. What stays is an [`Attestation`](citrate_inference_types::Attestation): who signed, and one signature,
//! which anybody can check without the chain. If a sum is wrong, the shares are looked at one by one, whoever sent a
//! wrong one is slashed, and the others' sum counts. (`docs/design/market.md`, ADR 006.)
//!
//! A provider without a key, or one that sends no share, loses nothing.
//!
//! INVARIANT: every gathering ends within a bounded number of blocks once it has its turn. Work per block is bounded: one batch of
//! sums, or the shares of one job; what does not fit waits, and what finds no room is not attested.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod gather;
mod limits;
mod verify;

#[cfg(test)]
mod tests;

pub use gather::{Attest, Gathering, Seat, Stage};
pub use limits::Costs;
pub use pallet::*;

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::gather::Gathering;
    use crate::limits::Costs;
    use alloc::vec::Vec;
    use citrate_core::{AccountId32, Balance, H256, bls};
    use citrate_inference_types::{Attestation, JobId};
    use citrate_support::pallet_prelude::*;
    use pallet_staking::Stake;
    use pallet_system::pallet_prelude::*;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config<AccountId = AccountId32> {
        /// The providers' stakes.
        type Stake: Stake;

        /// What a provider loses for a share that is no signature of hers on the statement.
        #[pallet::constant]
        type Penalty: Get<Balance>;

        /// Blocks to send shares.
        #[pallet::constant]
        type GatherBlocks: Get<u32>;

        /// LIMIT: how many jobs' shares are gathered, or wait to be verified.
        #[pallet::constant]
        type GatheringsMax: Get<u32>;

        /// LIMIT: how many sums a block verifies, and how many gatherings run out of time in one block.
        #[pallet::constant]
        type SumsPerBlockMax: Get<u32>;

        /// LIMIT: how many attestations are kept for readers; the oldest go first.
        #[pallet::constant]
        type AttestationsMax: Get<u32>;

        /// What arithmetic on the curve takes, in WebAssembly.
        type Costs: Get<Costs>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The providers' keys; a proof of possession of each was verified.
    #[pallet::storage]
    pub type Keys<T: Config> = StorageMap<_, Blake2_128Concat, AccountId32, bls::Public>;

    /// The settled jobs that are not attested yet.
    #[pallet::storage]
    pub type Gatherings<T: Config> = CountedStorageMap<_, Identity, JobId, Gathering>;

    /// The jobs for which a provider may send a share.
    #[pallet::storage]
    pub type Awaited<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId32, Identity, JobId, ()>;

    /// The gatherings whose last block is the one before.
    #[pallet::storage]
    pub type Due<T: Config> = StorageMap<
        _,
        Twox64Concat,
        BlockNumberFor<T>,
        BoundedVec<JobId, T::SumsPerBlockMax>,
        ValueQuery,
    >;

    /// The jobs whose shares wait to be verified, by place.
    #[pallet::storage]
    pub type Queue<T: Config> = StorageMap<_, Twox64Concat, u64, JobId>;

    /// The queue's first place and the one after its last.
    #[pallet::storage]
    pub type QueueRange<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

    /// The attestations.
    #[pallet::storage]
    pub type Attestations<T: Config> = StorageMap<_, Identity, JobId, Attestation>;

    /// The attested jobs, by the order in which they were.
    #[pallet::storage]
    pub type Attested<T: Config> = StorageMap<_, Twox64Concat, u64, JobId>;

    /// The first attestation that is kept and the number of all.
    #[pallet::storage]
    pub type AttestedRange<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A provider attests with this key from now on.
        KeySet {
            /// Who.
            provider: AccountId32,
            /// The key.
            key: bls::Public,
        },
        /// A provider attests no more.
        KeyRemoved {
            /// Who.
            provider: AccountId32,
        },
        /// The providers of a settled job may send their shares.
        GatheringOpened {
            /// Which job.
            job: JobId,
            /// They.
            providers: Vec<AccountId32>,
            /// The last block for it.
            due: BlockNumberFor<T>,
        },
        /// A job's result is attested.
        JobAttested {
            /// Which.
            job: JobId,
            /// By whom.
            signers: Vec<AccountId32>,
        },
        /// Nobody sent a share that counts.
        JobUnattested {
            /// Which job.
            job: JobId,
        },
        /// A provider's share was no signature of its key on the statement.
        ShareWrong {
            /// Which job.
            job: JobId,
            /// Who.
            provider: AccountId32,
            /// What it lost.
            slashed: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The account has no stake as a provider.
        NoStake,
        /// The bytes are no key, or the proof does not show that the account has its secret.
        WrongProof,
        /// The account has no key.
        NoKey,
        /// No share of this account is awaited for this job.
        NotAwaited,
        /// The share is of another statement or another key.
        OtherStatement,
        /// The bytes are no signature of anything.
        NoSignature,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            Self::close_due(now).saturating_add(Self::verify_next())
        }

        fn integrity_test() {
            Self::check_parameters();
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Attests with this key from now on; the proof is one for [`Pallet::holder`]. Free for a provider that had none.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 1).saturating_add(T::Costs::get().proof))]
        pub fn set_key(
            origin: OriginFor<T>,
            key: bls::Public,
            proof: bls::Proof,
        ) -> DispatchResultWithPostInfo {
            let provider = ensure_signed(origin)?;
            let is_first = Self::do_set_key(provider, key, &proof)?;
            Ok(if is_first { Pays::No } else { Pays::Yes }.into())
        }

        /// Attests no more. What is gathered stays so.
        #[pallet::call_index(1)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn remove_key(origin: OriginFor<T>) -> DispatchResult {
            let provider = ensure_signed(origin)?;
            ensure!(Keys::<T>::take(&provider).is_some(), Error::<T>::NoKey);
            Self::deposit_event(Event::KeyRemoved { provider });
            Ok(())
        }

        /// Sends a provider's signature on a settled job's statement. `id` names the statement and the key. Free when it is
        /// accepted; one that turns out to be wrong is slashed.
        #[pallet::call_index(2)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 5).saturating_add(T::Costs::get().signature))]
        pub fn share(
            origin: OriginFor<T>,
            job: JobId,
            id: H256,
            share: bls::Signature,
        ) -> DispatchResultWithPostInfo {
            let provider = ensure_signed(origin)?;
            Self::do_share(&provider, job, id, share)?;
            Ok(Pays::No.into())
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The key with which a provider attests.
        pub fn key(provider: AccountId32) -> Option<bls::Public> {
            Keys::<T>::get(provider)
        }

        /// Who attests a job's result, with their signature.
        pub fn attestation(job: JobId) -> Option<Attestation> {
            Attestations::<T>::get(job)
        }
    }
}
