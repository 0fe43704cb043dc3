//! The job market: escrow, assignment, receipts, payment and refunds.
//!
//! Life of a job: [`submit`](Pallet::submit) puts the most it may cost on hold and queues it. A later block, whose
//! randomness nobody knew at submission, assigns it to a provider that serves the model, has room for it and has a stake.
//! That one answers with a signed [`Receipt`](citrate_inference_types::Receipt) and is paid, or declines, or lets the time
//! pass and is slashed; then another one gets it, a bounded number of times.
//!
//! A redundant job goes to several providers at once. Each [commits](Pallet::commit) to its receipt, then each
//! [reveals](Pallet::reveal) it. Results that agree within the model's tolerance are paid if they are enough; whoever agrees
//! with none of them, or does not open its commitment, is slashed. A refereed job's result may be disputed before it
//! counts, and some of the results that one provider gave alone are checked afterwards: then `pallet-referee` has the model
//! run again. The states and the attacks: `docs/design/market.md`.
//!
//! INVARIANT: every job ends exactly once, as settled, refunded, expired or cancelled, and its escrow is
//! then gone: what came in is what was paid plus what went back. Work per block is bounded; what does not fit waits.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod claim;
mod fault;
mod job;
mod limits;
mod market;
mod panel;
mod pay;
mod queue;
mod view;

#[cfg(test)]
mod tests;

pub use fault::{Fault, Penalties, SignedReceipt};
pub use job::{Blob, Claim, Job, Panel, Reveal, State, TRIED_MAX};
pub use limits::{Bounds, Shares, Times};
pub use pallet::*;

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::fault::{Fault, Penalties, SignedReceipt};
    use crate::job::{Blob, Job, Reveal};
    use crate::limits::{Bounds, Shares, Times};
    use citrate_core::{AccountId32, Balance, H256, sr25519};
    use citrate_inference_types::{Earnings, JobId, Policy, Receipt, RefundReason};
    use citrate_support::dispatch::PostDispatchInfo;
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{Randomness, fungible};
    use pallet_system::pallet_prelude::*;
    use sp_arithmetic::Permill;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config:
        pallet_system::Config<AccountId = AccountId32> + pallet_providers::Config
    {
        /// The money.
        type Currency: fungible::hold::Mutate<AccountId32, Reason = Self::RuntimeHoldReason, Balance = Balance>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Randomness of the present block, unknown to anybody when the block before was made.
        type Randomness: Randomness<H256, BlockNumberFor<Self>>;

        /// Judges results that are disputed.
        type Referee: pallet_referee::Referee;

        /// Gathers what providers that agree sign together.
        type Attest: pallet_attestations::Attest;

        /// Who gets the chain's share.
        type Treasury: Get<AccountId32>;

        /// Who gets which part of a fee.
        #[pallet::constant]
        type Shares: Get<Shares>;

        /// How long things may take.
        #[pallet::constant]
        type Times: Get<Times>;

        /// How many of the results that one provider alone gave are checked, where the referee can.
        #[pallet::constant]
        type SpotCheckRate: Get<Permill>;

        /// What a provider loses for what it did not do, or did wrong.
        #[pallet::constant]
        type Penalties: Get<Penalties>;

        /// LIMIT: how many waiting jobs a block looks at, and how many time out in one block.
        #[pallet::constant]
        type JobsPerBlockMax: Get<u32>;

        /// LIMIT: how many redundant jobs may run out of time in one block.
        #[pallet::constant]
        type JudgementsPerBlockMax: Get<u32>;

        /// LIMIT: how many results that one block has paid for may be checked.
        #[pallet::constant]
        type SpotChecksPerBlockMax: Get<u32>;

        /// What it takes to compare the results of one job, besides reading them.
        type JudgementWeight: Get<Weight>;

        /// Limits that no type depends on.
        #[pallet::constant]
        type Bounds: Get<Bounds>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The most that a job may cost.
        Escrow,
    }

    /// Jobs by id: the open ones and the latest finished ones.
    #[pallet::storage]
    pub type Jobs<T: Config> = StorageMap<_, Identity, JobId, Job>;

    /// How many jobs an account has submitted: the index of its next one.
    #[pallet::storage]
    pub type JobCount<T: Config> = StorageMap<_, Blake2_128Concat, AccountId32, u64, ValueQuery>;

    /// The waiting jobs, by place in the queue.
    #[pallet::storage]
    pub type Queue<T: Config> = StorageMap<_, Twox64Concat, u64, JobId>;

    /// The queue's first place and the one after its last.
    #[pallet::storage]
    pub type QueueRange<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

    /// The finished jobs, by the order in which they finished.
    #[pallet::storage]
    pub type Finished<T: Config> = StorageMap<_, Twox64Concat, u64, JobId>;

    /// The first finished job that is kept and the number of all.
    #[pallet::storage]
    pub type FinishedRange<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

    /// The assigned jobs that a block must look at: those whose last block is the one before.
    #[pallet::storage]
    pub type Due<T: Config> = StorageMap<
        _,
        Twox64Concat,
        BlockNumberFor<T>,
        BoundedVec<(JobId, u32), T::JobsPerBlockMax>,
        ValueQuery,
    >;

    /// The redundant jobs whose last block for results is the one before.
    #[pallet::storage]
    pub type RevealDue<T: Config> = StorageMap<
        _,
        Twox64Concat,
        BlockNumberFor<T>,
        BoundedVec<(JobId, u32), T::JudgementsPerBlockMax>,
        ValueQuery,
    >;

    /// The results of redundant jobs that are known, until they count or are forgotten.
    #[pallet::storage]
    pub type Reveals<T: Config> =
        StorageDoubleMap<_, Identity, JobId, Blake2_128Concat, AccountId32, Reveal>;

    /// The results that the referee may check in a block.
    #[pallet::storage]
    pub type SpotChecks<T: Config> = StorageMap<
        _,
        Twox64Concat,
        BlockNumberFor<T>,
        BoundedVec<JobId, T::SpotChecksPerBlockMax>,
        ValueQuery,
    >;

    /// The jobs and attempts for which a provider has been slashed as one that contradicts itself.
    #[pallet::storage]
    pub type Contradicted<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId32, Identity, (JobId, u32), ()>;

    /// What an account was paid so far for its results, and for jobs of its models. Only those are here who bonded a stake or
    /// paid a deposit once.
    #[pallet::storage]
    pub type Earned<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId32, (Earnings, Earnings), ValueQuery>;

    /// The jobs that a provider has to do.
    #[pallet::storage]
    pub type Assigned<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId32, Identity, JobId, ()>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A job waits for a provider.
        JobSubmitted {
            /// Which.
            job: JobId,
            /// Who pays.
            submitter: AccountId32,
            /// The model.
            model: H256,
            /// What is on hold for it.
            max_fee: Balance,
        },
        /// A provider has a job.
        JobAssigned {
            /// Which.
            job: JobId,
            /// Who.
            provider: AccountId32,
            /// Which attempt this is.
            attempt: u32,
            /// The last block for the receipt.
            due: u32,
        },
        /// A provider does not take a job.
        JobDeclined {
            /// Which.
            job: JobId,
            /// Who.
            provider: AccountId32,
        },
        /// A provider has fixed its result.
        JobCommitted {
            /// Which.
            job: JobId,
            /// Who.
            provider: AccountId32,
        },
        /// Every result that counts is fixed; now they are made known.
        JobRevealing {
            /// Which.
            job: JobId,
            /// The last block for it.
            due: u32,
        },
        /// A provider has made its result known.
        JobRevealed {
            /// Which.
            job: JobId,
            /// Who.
            provider: AccountId32,
            /// Content hash of the result.
            output: H256,
        },
        /// A result is known, and counts if nobody disputes it.
        JobClaimed {
            /// Which.
            job: JobId,
            /// Who gave it.
            provider: AccountId32,
            /// Content hash of the result.
            output: H256,
            /// The last block to dispute it.
            until: u32,
        },
        /// Too few results of a job agree.
        JobDisagreed {
            /// Which.
            job: JobId,
        },
        /// A provider did not do what it had to.
        ProviderFailed {
            /// Which job.
            job: JobId,
            /// Who.
            provider: AccountId32,
            /// What.
            fault: Fault,
            /// What it lost.
            slashed: Balance,
        },
        /// A job is done and paid.
        JobSettled {
            /// Which.
            job: JobId,
            /// Who did it.
            provider: AccountId32,
            /// Hash of the receipt.
            receipt: H256,
            /// Content hash of the result.
            output: H256,
            /// What the submitter paid.
            fee: Balance,
            /// The provider's part.
            to_provider: Balance,
            /// The model owner's part.
            to_owner: Balance,
            /// The chain's part.
            to_treasury: Balance,
            /// Nobody's part.
            burnt: Balance,
        },
        /// Another provider is paid for the same result.
        JobConfirmed {
            /// Which.
            job: JobId,
            /// Who.
            provider: AccountId32,
            /// Its part.
            to_provider: Balance,
        },
        /// Nobody did a job; the escrow went back.
        JobRefunded {
            /// Which.
            job: JobId,
            /// Why.
            reason: RefundReason,
        },
        /// No provider was found while there was time for a receipt; the escrow went back, less the rent.
        JobExpired {
            /// Which.
            job: JobId,
            /// What its place in the queue cost.
            rent: Balance,
        },
        /// The submitter withdrew a job; the escrow went back, less the rent.
        JobCancelled {
            /// Which.
            job: JobId,
            /// What its place in the queue cost.
            rent: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such model.
        UnknownModel,
        /// The model takes no new jobs.
        ModelDeprecated,
        /// The model, or a place in the queue for so long, costs more than the job's most.
        FeeTooLow,
        /// The input is larger than the model's limit.
        InputTooLarge,
        /// The output is larger than the model's limit.
        OutputTooLarge,
        /// The deadline leaves a provider no time for its receipt, or is too far ahead.
        WrongDeadline,
        /// As many jobs wait as may.
        QueueFull,
        /// There is no such job.
        UnknownJob,
        /// Only its submitter may do this.
        NotSubmitter,
        /// The job is not waiting any more.
        NotQueued,
        /// The job is not assigned to this account, or not at this stage.
        NotAssigned,
        /// The receipt's time has passed.
        TooLate,
        /// The receipt is of another version, chain, job, attempt, model, input or provider.
        WrongReceipt,
        /// The output is not the one in the receipt.
        WrongOutput,
        /// The digest is not the one in the receipt, or nothing of the kind is compared by digest.
        WrongDigest,
        /// The receipt is not signed by the provider's session key.
        WrongSignature,
        /// The account is no provider.
        NotProvider,
        /// The account has no stake as a provider.
        NoStake,
        /// The policy cannot be met, or does not say who is right.
        WrongPolicy,
        /// Results of this model are too large for the chain to compare within its tolerance.
        NotComparable,
        /// The provider has committed to a result already.
        AlreadyCommitted,
        /// The receipt and the salt are not what the provider has committed to.
        WrongCommitment,
        /// The receipts do not contradict each other.
        NoContradiction,
        /// The provider has been slashed for this.
        AlreadyReported,
        /// The job has no result that may be disputed.
        NotDisputable,
        /// Not a batch of so many inputs, or one that has to be judged as a whole.
        WrongBatch,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            Self::time_out(now)
                .saturating_add(Self::assign_waiting(now))
                .saturating_add(Self::check_spots(now))
        }

        fn integrity_test() {
            Self::check_parameters();
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Asks for a run of a model. Up to `max_fee` is on hold until the job ends; `blocks` from now the job must
        /// have ended, and that must leave a provider the time to bring its receipt.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(9, 8))]
        pub fn submit(
            origin: OriginFor<T>,
            model: H256,
            input: Blob,
            #[pallet::compact] max_fee: Balance,
            policy: Policy,
            blocks: u32,
        ) -> DispatchResult {
            let submitter = ensure_signed(origin)?;
            Self::do_submit(submitter, model, (input, None), max_fee, policy, blocks)
        }

        /// Withdraws a job that no provider has yet.
        #[pallet::call_index(1)]
        #[pallet::weight(T::DbWeight::get().reads_writes(6, 9))]
        pub fn cancel(origin: OriginFor<T>, job: JobId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_cancel(&who, job)
        }

        /// Delivers a job's result, signed by the provider's session key. Free when it is accepted, unless the chain has
        /// to keep a long output.
        #[pallet::call_index(2)]
        #[pallet::weight(T::DbWeight::get().reads_writes(18, 20).saturating_add(Weight::from_parts(200_000_000, 0)))]
        pub fn submit_receipt(
            origin: OriginFor<T>,
            job: JobId,
            receipt: Receipt,
            output: Blob,
            signature: sr25519::Signature,
        ) -> DispatchResultWithPostInfo {
            let provider = ensure_signed(origin)?;
            // A job may cost nothing, and space in the chain must not.
            let long = output.kept_bytes() > T::Bounds::get().free_output_bytes;
            Self::do_submit_receipt(provider, job, &receipt, output, &signature)?;
            Ok(if long { Pays::Yes } else { Pays::No }.into())
        }

        /// Gives a job back, because its input is not what the model takes or the provider cannot run it. Costs the
        /// provider nothing but the fee of this call.
        #[pallet::call_index(3)]
        #[pallet::weight(T::DbWeight::get().reads_writes(10, 12).saturating_add(Self::dismissal_weight()))]
        pub fn decline(origin: OriginFor<T>, job: JobId, attempt: u32) -> DispatchResult {
            let provider = ensure_signed(origin)?;
            Self::do_decline(&provider, job, attempt)
        }

        /// Fixes a provider's result of a redundant job without making it known: see
        /// [`Receipt::commitment`]. Free when it is accepted.
        #[pallet::call_index(4)]
        #[pallet::weight(T::DbWeight::get().reads_writes(5, 5))]
        pub fn commit(
            origin: OriginFor<T>,
            job: JobId,
            attempt: u32,
            commitment: H256,
        ) -> DispatchResultWithPostInfo {
            let provider = ensure_signed(origin)?;
            Self::do_commit(&provider, job, attempt, commitment)?;
            Ok(Pays::No.into())
        }

        /// Makes known what a provider has committed to, its session key's signature included. Free when it is accepted,
        /// unless the chain has to keep a long output. The last one decides the job.
        #[pallet::call_index(5)]
        #[pallet::weight(Self::reveal_weight())]
        pub fn reveal(
            origin: OriginFor<T>,
            job: JobId,
            receipt: Receipt,
            output: Blob,
            salt: H256,
            signature: sr25519::Signature,
        ) -> DispatchResultWithPostInfo {
            let provider = ensure_signed(origin)?;
            let long = output.kept_bytes() > T::Bounds::get().free_output_bytes;
            let judged = Self::do_reveal(&provider, job, &receipt, output, &salt, &signature)?;
            let actual_weight = (!judged).then(Self::opening_weight);
            let pays_fee = if long { Pays::Yes } else { Pays::No };
            Ok(PostDispatchInfo { actual_weight, pays_fee })
        }

        /// Shows two signed results of one job and attempt: their provider is slashed, and the reporter gets a share. Free.
        #[pallet::call_index(6)]
        #[pallet::weight(T::DbWeight::get().reads_writes(16, 16).saturating_add(Weight::from_parts(400_000_000, 0)))]
        pub fn report_contradiction(
            origin: OriginFor<T>,
            first: SignedReceipt,
            second: SignedReceipt,
        ) -> DispatchResultWithPostInfo {
            let reporter = ensure_signed(origin)?;
            Self::do_report_contradiction(&reporter, &first, &second)?;
            Ok(Pays::No.into())
        }

        /// Asks for a run of a model on each of several inputs, the parts of a [`Batch`](citrate_inference_types::Batch): one
        /// job, which costs and takes as much as so many do. The referee judges no batch as a whole.
        #[pallet::call_index(7)]
        #[pallet::weight(T::DbWeight::get().reads_writes(9, 8))]
        pub fn submit_batch(
            origin: OriginFor<T>,
            model: H256,
            inputs: Blob,
            runs: u32,
            #[pallet::compact] max_fee: Balance,
            policy: Policy,
            blocks: u32,
        ) -> DispatchResult {
            let submitter = ensure_signed(origin)?;
            Self::do_submit(submitter, model, (inputs, Some(runs)), max_fee, policy, blocks)
        }
    }
}
