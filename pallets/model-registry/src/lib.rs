//! Models by content hash, with card, price, licence, owner and version.
//!
//! A model is the SHA-256 of its file. Its owner keeps a deposit on hold while it is registered, which
//! pays for the state that it takes, and earns a share of every job, which the owner chooses within a bound.
//!
//! A new model is *pending*: providers may serve it, and it takes no jobs. One of them loads it, compares it with its card,
//! runs the card's examples and [reports](Pallet::report) what it found. The first that finds it to be what its card says
//! makes it *active*, and answers for that with its stake for a while ([`dispute_report`](Pallet::dispute_report)). A new version is another model that names this one; once that is active, the old one is *deprecated*:
//! it takes no new jobs, open ones are finished.
//!
//! The owner says who may submit jobs ([`Access`](citrate_inference_types::Access)). [`Models::admit`] is asked once, when a
//! job is submitted, and its answer holds for the life of the job.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod access;
#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
mod conformance;
mod dispute;
mod model;
mod owned;
#[cfg(test)]
mod tests;

pub use conformance::{APPROVALS_PER_BLOCK_MAX, Examiners, Liability};
pub use dispute::{Dispute, Expected};
pub use model::{Model, Models, Terms};
pub use pallet::*;

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::conformance::{APPROVALS_PER_BLOCK_MAX, Examiners, Liability};
    use crate::dispute::{Dispute, Expected};
    use crate::model::{Model, Models, Terms};
    use citrate_core::{AccountId32, Balance, H256, Permill, sr25519};
    use citrate_inference_types::{
        Access, ConformanceReport, ModelCard, ModelStatus, REJECTIONS_MAX, Rejection, Text,
    };
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::fungible::hold::Mutate as _;
    use citrate_support::traits::tokens::{Fortitude, Precision, Restriction};
    use citrate_support::traits::{StaticLookup, fungible};
    use pallet_system::pallet_prelude::*;

    type AccountIdLookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config<AccountId = AccountId32> {
        /// The money.
        type Currency: fungible::hold::Mutate<AccountId32, Reason = Self::RuntimeHoldReason, Balance = Balance>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// The deposit for a model.
        #[pallet::constant]
        type DepositBase: Get<Balance>;

        /// The deposit for each byte of its card.
        #[pallet::constant]
        type DepositPerByte: Get<Balance>;

        /// LIMIT: how many models an account may own.
        #[pallet::constant]
        type ModelsPerOwnerMax: Get<u32>;

        /// LIMIT: how many accounts the list of a model may have.
        #[pallet::constant]
        type GrantsMax: Get<u32>;

        /// The owner's part of a job's price, until the owner asks for another one.
        #[pallet::constant]
        type OwnerShare: Get<Permill>;

        /// LIMIT: the largest part that an owner may ask for; the rest is the providers' and the chain's.
        #[pallet::constant]
        type OwnerShareMax: Get<Permill>;

        /// Who may say whether a model is what its card says.
        type Examiners: Examiners;

        /// What answers for their word.
        #[pallet::constant]
        type Liability: Get<Liability>;

        /// Judges whether it was true.
        type Referee: pallet_referee::Referee;
    }

    /// The layout of the storage: the first had no access, share or approval.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// The pallet's type.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The deposit for a registered model.
        Model,
    }

    /// Models by content hash.
    #[pallet::storage]
    pub type Registered<T: Config> = CountedStorageMap<_, Identity, H256, Model>;

    /// Models by owner.
    #[pallet::storage]
    pub type Owned<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId32, Identity, H256, ()>;

    /// How many models an account owns.
    #[pallet::storage]
    pub type OwnedCount<T: Config> = StorageMap<_, Blake2_128Concat, AccountId32, u32, ValueQuery>;

    /// Who has found of a pending model that it is not what its card says.
    #[pallet::storage]
    pub type Rejections<T: Config> =
        StorageMap<_, Identity, H256, BoundedVec<Rejection, ConstU32<REJECTIONS_MAX>>, ValueQuery>;

    /// The models, with the block of the report that made them active, whose reports cannot be disputed any more from a block on.
    #[pallet::storage]
    pub type Vouched<T: Config> = StorageMap<
        _,
        Twox64Concat,
        BlockNumberFor<T>,
        BoundedVec<(H256, BlockNumberFor<T>), ConstU32<APPROVALS_PER_BLOCK_MAX>>,
        ValueQuery,
    >;

    /// The reports that the referee judges, by case. As many as it has cases at most.
    #[pallet::storage]
    pub type Disputed<T: Config> = StorageMap<_, Identity, H256, Dispute>;

    /// Who may submit jobs for a model where its access is by list, in order.
    #[pallet::storage]
    pub type Granted<T: Config> =
        StorageMap<_, Identity, H256, BoundedVec<AccountId32, T::GrantsMax>, ValueQuery>;

    /// Open jobs and serving providers of a model, its report while it may be disputed, and disputes of it, which keep it
    /// registered.
    #[pallet::storage]
    pub type Uses<T: Config> = StorageMap<_, Identity, H256, u32, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A model was registered.
        ModelRegistered {
            /// Its content hash.
            model: H256,
            /// Whose it is.
            owner: AccountId32,
            /// What a job costs.
            price: Balance,
            /// The version that it replaces.
            previous: Option<H256>,
        },
        /// A model's price changed; open jobs keep theirs.
        PriceChanged {
            /// Its content hash.
            model: H256,
            /// What a job costs now.
            price: Balance,
        },
        /// A model went to another owner.
        ModelTransferred {
            /// Its content hash.
            model: H256,
            /// Whose it was.
            from: AccountId32,
            /// Whose it is.
            to: AccountId32,
        },
        /// A model takes no new jobs.
        ModelDeprecated {
            /// Its content hash.
            model: H256,
        },
        /// A model is not registered any more.
        ModelRemoved {
            /// Its content hash.
            model: H256,
        },
        /// It changed who may submit jobs; open jobs stay.
        AccessChanged {
            /// The model's content hash.
            model: H256,
            /// Who may.
            access: Access,
        },
        /// An account is on a model's list.
        AccessGranted {
            /// The model's content hash.
            model: H256,
            /// Who.
            who: AccountId32,
        },
        /// An account is on a model's list no more; its open jobs stay.
        AccessRevoked {
            /// The model's content hash.
            model: H256,
            /// Who.
            who: AccountId32,
        },
        /// The owner's part changed; open jobs keep theirs.
        ShareChanged {
            /// The model's content hash.
            model: H256,
            /// The owner's part of a job's price now.
            share: Permill,
        },
        /// A provider has found a model to be what its card says: it takes jobs from now on.
        ModelActivated {
            /// Its content hash.
            model: H256,
            /// Who.
            provider: AccountId32,
        },
        /// A provider has found that a model is not what its card says: it stays pending.
        ModelRejected {
            /// Its content hash.
            model: H256,
            /// Who.
            provider: AccountId32,
            /// Why.
            reason: Text<128>,
        },
        /// Somebody disputes that a model is what its card says: the referee runs one of its examples.
        ReportDisputed {
            /// The model's content hash.
            model: H256,
            /// Who said so.
            provider: AccountId32,
            /// The referee's case.
            case: H256,
            /// Who disputes it.
            challenger: AccountId32,
        },
        /// A report that a model is what its card says was false: the model is pending again.
        ReportRefuted {
            /// The model's content hash.
            model: H256,
            /// Who said so.
            provider: AccountId32,
            /// What it lost.
            slashed: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The model is registered already.
        AlreadyRegistered,
        /// There is no such model.
        UnknownModel,
        /// Only its owner may do this.
        NotOwner,
        /// The card contradicts itself.
        InvalidCard,
        /// The account owns as many models as it may.
        TooManyModels,
        /// The model takes no jobs any more.
        Deprecated,
        /// The model is not deprecated: deprecate it first.
        StillActive,
        /// Jobs or providers use the model.
        InUse,
        /// The model is not open to this account.
        NoAccess,
        /// The account is on the list already, or is not on it.
        NoChange,
        /// As many accounts are on the list as may be.
        TooManyGrants,
        /// The owner asks for a larger part than owners may have.
        ShareTooLarge,
        /// The model is not pending.
        NotPending,
        /// The report is of another chain, card or provider.
        WrongReport,
        /// The report is not signed by the provider's session key.
        WrongSignature,
        /// The account is no provider that serves the model and has a stake that can answer for its report.
        NotExaminer,
        /// The provider has said so before.
        AlreadyReported,
        /// As many providers have rejected the model as may, or as many models have become active in this block.
        TooManyReports,
        /// The model takes no jobs yet: no provider has found it to be what its card says.
        Pending,
        /// Only an active model has a new version.
        NotActive,
        /// Nobody vouches for the model any more, it has no such example, or the referee cannot run it.
        NotDisputable,
        /// The bytes are not what the card says that the example gives.
        WrongOutput,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            Self::release_vouched(now)
        }

        fn integrity_test() {
            let (usual, most) = (T::OwnerShare::get(), T::OwnerShareMax::get());
            assert!(usual <= most, "the usual share of an owner is larger than any may be");
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers the model with this content hash.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(5, 6))]
        pub fn register(
            origin: OriginFor<T>,
            model: H256,
            card: ModelCard,
            #[pallet::compact] price: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::insert(owner, model, card, price, None)
        }

        /// Registers a new version of a model. The old one is deprecated when the new one is active.
        #[pallet::call_index(1)]
        #[pallet::weight(T::DbWeight::get().reads_writes(6, 6))]
        pub fn update(
            origin: OriginFor<T>,
            previous: H256,
            model: H256,
            card: ModelCard,
            #[pallet::compact] price: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let old = Self::owned(&owner, &previous)?;
            ensure!(old.status == ModelStatus::Active, Error::<T>::NotActive);
            Self::insert(owner, model, card, price, Some(previous))
        }

        /// Changes a model's price for the jobs to come.
        #[pallet::call_index(2)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn set_price(
            origin: OriginFor<T>,
            model: H256,
            #[pallet::compact] price: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let mut entry = Self::owned(&owner, &model)?;
            entry.price = price;
            Registered::<T>::insert(model, entry);
            Self::deposit_event(Event::PriceChanged { model, price });
            Ok(())
        }

        /// Gives a model and its deposit to another account.
        #[pallet::call_index(3)]
        #[pallet::weight(T::DbWeight::get().reads_writes(7, 9))]
        pub fn transfer(
            origin: OriginFor<T>,
            model: H256,
            to: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            let from = ensure_signed(origin)?;
            let to = T::Lookup::lookup(to)?;
            let mut entry = Self::owned(&from, &model)?;
            if from == to {
                return Ok(());
            }
            T::Currency::transfer_on_hold(
                &HoldReason::Model.into(),
                &from,
                &to,
                entry.deposit,
                Precision::Exact,
                Restriction::OnHold,
                Fortitude::Polite,
            )?;
            Self::disown(&from, &model);
            Self::own(&to, &model)?;
            entry.owner = to.clone();
            Registered::<T>::insert(model, entry);
            Self::deposit_event(Event::ModelTransferred { model, from, to });
            Ok(())
        }

        /// Takes no new jobs for a model.
        #[pallet::call_index(4)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn deprecate(origin: OriginFor<T>, model: H256) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let mut entry = Self::owned(&owner, &model)?;
            ensure!(entry.status != ModelStatus::Deprecated, Error::<T>::Deprecated);
            entry.status = ModelStatus::Deprecated;
            Registered::<T>::insert(model, entry);
            Self::deposit_event(Event::ModelDeprecated { model });
            Ok(())
        }

        /// Removes a deprecated model that nobody uses and gives the deposit back.
        #[pallet::call_index(5)]
        #[pallet::weight(T::DbWeight::get().reads_writes(6, 9))]
        pub fn remove(origin: OriginFor<T>, model: H256) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let entry = Self::owned(&owner, &model)?;
            ensure!(entry.status == ModelStatus::Deprecated, Error::<T>::StillActive);
            ensure!(Uses::<T>::get(model) == 0, Error::<T>::InUse);
            T::Currency::release(
                &HoldReason::Model.into(),
                &owner,
                entry.deposit,
                Precision::Exact,
            )?;
            Registered::<T>::remove(model);
            Granted::<T>::remove(model);
            Rejections::<T>::remove(model);
            Uses::<T>::remove(model);
            Self::disown(&owner, &model);
            Self::deposit_event(Event::ModelRemoved { model });
            Ok(())
        }

        /// Changes who may submit jobs from now on.
        #[pallet::call_index(6)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn set_access(origin: OriginFor<T>, model: H256, access: Access) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let mut entry = Self::owned(&owner, &model)?;
            entry.access = access;
            Registered::<T>::insert(model, entry);
            Self::deposit_event(Event::AccessChanged { model, access });
            Ok(())
        }

        /// Puts an account on a model's list, for a deposit. The list counts while the access is by list.
        #[pallet::call_index(7)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 4))]
        pub fn grant(
            origin: OriginFor<T>,
            model: H256,
            who: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let who = T::Lookup::lookup(who)?;
            Self::do_grant(&owner, model, who)
        }

        /// Takes an account off a model's list and gives its deposit back. Jobs that it has submitted stay.
        #[pallet::call_index(8)]
        #[pallet::weight(T::DbWeight::get().reads_writes(4, 4))]
        pub fn revoke(
            origin: OriginFor<T>,
            model: H256,
            who: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let who = T::Lookup::lookup(who)?;
            Self::do_revoke(&owner, model, who)
        }

        /// Changes the owner's part of a job's price for the jobs to come.
        #[pallet::call_index(9)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn set_share(origin: OriginFor<T>, model: H256, share: Permill) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let mut entry = Self::owned(&owner, &model)?;
            ensure!(share <= T::OwnerShareMax::get(), Error::<T>::ShareTooLarge);
            entry.share = share;
            Registered::<T>::insert(model, entry);
            Self::deposit_event(Event::ShareChanged { model, share });
            Ok(())
        }

        /// Says whether a pending model is what its card says, signed by the session key of a provider that serves it. Free
        /// when it is accepted: a provider rejects a model once, and the first that approves it ends the matter.
        #[pallet::call_index(10)]
        #[pallet::weight(Self::report_weight())]
        pub fn report(
            origin: OriginFor<T>,
            report: ConformanceReport,
            signature: sr25519::Signature,
        ) -> DispatchResultWithPostInfo {
            let provider = ensure_signed(origin)?;
            Self::do_report(provider, report, &signature)?;
            Ok(Pays::No.into())
        }

        /// Disputes that an active model is what its card says, with one of the card's examples and what that should give.
        /// Bytes that are no output of the card's are enough; otherwise the referee runs the model on the example's input, and
        /// its bond is on hold meanwhile. A provider whose report was false is slashed, and the challenger gets a share of it.
        #[pallet::call_index(11)]
        #[pallet::weight(Self::dispute_weight())]
        pub fn dispute_report(
            origin: OriginFor<T>,
            model: H256,
            example: u32,
            expected: Expected,
        ) -> DispatchResult {
            let challenger = ensure_signed(origin)?;
            Self::do_dispute(challenger, model, example, expected)
        }
    }

    impl<T: Config> Models for Pallet<T> {
        fn get(model: &H256) -> Option<Model> {
            Registered::<T>::get(model)
        }

        fn admit(
            hash: &H256,
            model: &Model,
            submitter: &AccountId32,
        ) -> Result<Terms, DispatchError> {
            Self::terms(hash, model, submitter)
        }

        fn share_max() -> Permill {
            T::OwnerShareMax::get()
        }

        fn inc_uses(model: &H256) {
            Uses::<T>::mutate(model, |uses| *uses = uses.saturating_add(1));
        }

        fn dec_uses(model: &H256) {
            match Uses::<T>::get(model) {
                0 | 1 => Uses::<T>::remove(model),
                uses => Uses::<T>::insert(model, uses.saturating_sub(1)),
            }
        }
    }
}
