//! Tokens of anybody's making: issued, transferred, approved and frozen beside the native one.
//!
//! A token has a number and a team: its *owner*, who pays for its place in the state and appoints the others, an *issuer* who
//! mints, an *admin* who burns, thaws and moves what is anybody's, and a *freezer*. An account has at least the token's least
//! balance of it, or nothing. An account of the chain lives on while it has a token, either because the token is *sufficient*,
//! which only the chain's governance decides, or by a consumer reference to an account that has native money.
//!
//! INVARIANT: a token's supply is the sum of its accounts' balances, and its counts of accounts and approvals are what is stored.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
mod check;
mod money;
mod team;
#[cfg(test)]
mod tests;
mod types;
mod weights;

pub use pallet::*;
pub use types::{
    AccountStatus, Approval, AssetAccount, AssetDetails, AssetMetadata, AssetStatus,
    ExistenceReason,
};
pub use weights::WeightInfo;

/// The pallet: tokens, accounts, approvals and calls.
#[citrate_support::pallet]
pub mod pallet {
    use crate::money::Death;
    use crate::types::{Approval, AssetAccount, AssetDetails, AssetMetadata};
    use crate::weights::WeightInfo;
    use citrate_core::Balance;
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::TryRuntimeError;
    use citrate_support::traits::{StaticLookup, fungible};
    use pallet_system::pallet_prelude::*;

    /// How an account is named in this runtime's calls.
    type AccountIdLookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The money of deposits.
        type Currency: fungible::hold::Mutate<
                Self::AccountId,
                Reason = Self::RuntimeHoldReason,
                Balance = Balance,
            >;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Who creates tokens without a deposit, and ends any.
        type ForceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// LIMIT: accounts or approvals that one call of a token's end removes.
        #[pallet::constant]
        type RemoveItemsLimit: Get<u32>;

        /// What is on hold for a token.
        #[pallet::constant]
        type AssetDeposit: Get<Balance>;

        /// What is on hold for a token's metadata.
        #[pallet::constant]
        type MetadataDepositBase: Get<Balance>;

        /// What is on hold for each byte of its name and symbol.
        #[pallet::constant]
        type MetadataDepositPerByte: Get<Balance>;

        /// What is on hold for an account that is opened before it has any of a token.
        #[pallet::constant]
        type AssetAccountDeposit: Get<Balance>;

        /// What is on hold for an approval.
        #[pallet::constant]
        type ApprovalDeposit: Get<Balance>;

        /// LIMIT: bytes of a name or a symbol.
        #[pallet::constant]
        type StringLimit: Get<u32>;

        /// What the calls weigh.
        type WeightInfo: WeightInfo;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For a token and its metadata.
        Asset,
        /// For an approval.
        Approval,
        /// For an account that was opened.
        Account,
    }

    /// The tokens by number.
    #[pallet::storage]
    pub type Asset<T: Config> =
        StorageMap<_, Blake2_128Concat, u32, AssetDetails<T::AccountId>, OptionQuery>;

    /// What accounts have of a token.
    #[pallet::storage]
    pub type Account<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        u32,
        Blake2_128Concat,
        T::AccountId,
        AssetAccount,
        OptionQuery,
    >;

    /// What an owner allows a delegate to transfer of a token.
    #[pallet::storage]
    pub type Approvals<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, u32>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        Approval,
        OptionQuery,
    >;

    /// What tokens are called.
    #[pallet::storage]
    pub type Metadata<T: Config> =
        StorageMap<_, Blake2_128Concat, u32, AssetMetadata<T::StringLimit>, ValueQuery>;

    /// What happened. A token is named by its number.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    #[expect(
        missing_docs,
        reason = "the fields' names say it: a token, accounts, an amount of the token"
    )]
    pub enum Event<T: Config> {
        /// A token was created.
        Created { asset_id: u32, creator: T::AccountId, owner: T::AccountId },
        /// Some of a token was minted.
        Issued { asset_id: u32, owner: T::AccountId, amount: Balance },
        /// Some of a token was transferred.
        Transferred { asset_id: u32, from: T::AccountId, to: T::AccountId, amount: Balance },
        /// Some of a token was destroyed.
        Burned { asset_id: u32, owner: T::AccountId, balance: Balance },
        /// A token's team changed.
        TeamChanged {
            asset_id: u32,
            issuer: T::AccountId,
            admin: T::AccountId,
            freezer: T::AccountId,
        },
        /// A token's owner changed.
        OwnerChanged { asset_id: u32, owner: T::AccountId },
        /// An account may not move a token any more.
        Frozen { asset_id: u32, who: T::AccountId },
        /// An account may move a token again.
        Thawed { asset_id: u32, who: T::AccountId },
        /// Nobody may move a token any more.
        AssetFrozen { asset_id: u32 },
        /// A token may be moved again.
        AssetThawed { asset_id: u32 },
        /// Accounts of a token that ends were removed.
        AccountsDestroyed { asset_id: u32, accounts_destroyed: u32, accounts_remaining: u32 },
        /// Approvals of a token that ends were removed.
        ApprovalsDestroyed { asset_id: u32, approvals_destroyed: u32, approvals_remaining: u32 },
        /// A token is going to end.
        DestructionStarted { asset_id: u32 },
        /// A token is no more.
        Destroyed { asset_id: u32 },
        /// A token was created without a deposit.
        ForceCreated { asset_id: u32, owner: T::AccountId },
        /// A token was named.
        MetadataSet { asset_id: u32, name: Vec<u8>, symbol: Vec<u8>, decimals: u8, is_frozen: bool },
        /// A token has no name any more.
        MetadataCleared { asset_id: u32 },
        /// A delegate may transfer more of an account's.
        ApprovedTransfer {
            asset_id: u32,
            source: T::AccountId,
            delegate: T::AccountId,
            amount: Balance,
        },
        /// A delegate may transfer nothing of an account's any more.
        ApprovalCancelled { asset_id: u32, owner: T::AccountId, delegate: T::AccountId },
        /// A delegate transferred some of an account's.
        TransferredApproved {
            asset_id: u32,
            owner: T::AccountId,
            delegate: T::AccountId,
            destination: T::AccountId,
            amount: Balance,
        },
        /// An account was opened.
        #[codec(index = 22)]
        Touched { asset_id: u32, who: T::AccountId, depositor: T::AccountId },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The account has less.
        BalanceLow,
        /// The account has none of the token.
        NoAccount,
        /// The sender has not this part in the token's team.
        NoPermission,
        /// There is no such token, name or approval.
        Unknown,
        /// The account may not move the token.
        Frozen,
        /// The number is taken, or the token still has accounts or approvals.
        InUse,
        /// An account cannot have nothing.
        #[codec(index = 7)]
        MinBalanceZero,
        /// The account has no native money, or too many references.
        #[codec(index = 8)]
        UnavailableConsumer,
        /// The name or the symbol is too long.
        #[codec(index = 9)]
        BadMetadata,
        /// Not so much was approved.
        #[codec(index = 10)]
        Unapproved,
        /// The account would have less than the token's least balance.
        #[codec(index = 11)]
        WouldDie,
        /// The account is there already.
        #[codec(index = 12)]
        AlreadyExists,
        /// There is nothing to give back for the account.
        #[codec(index = 13)]
        NoDeposit,
        /// What the account has would be destroyed.
        #[codec(index = 14)]
        WouldBurn,
        /// The token is frozen, or ends.
        #[codec(index = 16)]
        AssetNotLive,
        /// The token does not end.
        #[codec(index = 17)]
        IncorrectStatus,
        /// The token is not frozen.
        #[codec(index = 18)]
        NotFrozen,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::check()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Creates a token of the sender's, of which an account has at least `min_balance`.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create())]
        pub fn create(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            admin: AccountIdLookupOf<T>,
            min_balance: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let admin = T::Lookup::lookup(admin)?;
            Self::do_create(id, owner, admin, min_balance)
        }

        /// Creates a token without a deposit; a sufficient one keeps accounts alive that have no native money.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::force_create())]
        pub fn force_create(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            owner: AccountIdLookupOf<T>,
            is_sufficient: bool,
            #[pallet::compact] min_balance: Balance,
        ) -> DispatchResult {
            T::ForceOrigin::ensure_origin(origin)?;
            let owner = T::Lookup::lookup(owner)?;
            Self::insert_asset(id, &owner, &owner, min_balance, is_sufficient, 0)?;
            Self::deposit_event(Event::ForceCreated { asset_id: id, owner });
            Ok(())
        }

        /// Begins to end a token: nothing of it moves any more.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::start_destroy())]
        pub fn start_destroy(origin: OriginFor<T>, #[pallet::compact] id: u32) -> DispatchResult {
            let owner = match T::ForceOrigin::try_origin(origin) {
                Ok(_) => None,
                Err(origin) => Some(ensure_signed(origin)?),
            };
            Self::do_start_destroy(id, owner.as_ref())
        }

        /// Removes accounts of a token that ends. Anybody may call it, until none is left.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::destroy_accounts(T::RemoveItemsLimit::get()))]
        pub fn destroy_accounts(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let removed = Self::do_destroy_accounts(id)?;
            Ok(Some(T::WeightInfo::destroy_accounts(removed)).into())
        }

        /// Removes approvals of a token that ends. Anybody may call it, until none is left.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::destroy_approvals(T::RemoveItemsLimit::get()))]
        pub fn destroy_approvals(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let removed = Self::do_destroy_approvals(id)?;
            Ok(Some(T::WeightInfo::destroy_approvals(removed)).into())
        }

        /// Ends a token that has no accounts and no approvals any more. Anybody may call it.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::finish_destroy())]
        pub fn finish_destroy(origin: OriginFor<T>, #[pallet::compact] id: u32) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_finish_destroy(id)
        }

        /// Mints some of a token. The issuer's call.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::mint())]
        pub fn mint(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            beneficiary: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let beneficiary = T::Lookup::lookup(beneficiary)?;
            Self::do_mint(id, &who, beneficiary, amount)
        }

        /// Destroys up to `amount` of what somebody has. The admin's call.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::burn())]
        pub fn burn(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            who: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let admin = ensure_signed(origin)?;
            let who = T::Lookup::lookup(who)?;
            Self::do_burn(id, &admin, who, amount)
        }

        /// Transfers some of a token; what would be less than the least balance goes along.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::transfer())]
        pub fn transfer(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            target: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let from = ensure_signed(origin)?;
            let to = T::Lookup::lookup(target)?;
            Self::do_transfer(id, &from, &to, amount, Death::Allowed).map(|_| ())
        }

        /// Transfers some of a token, unless less than the least balance would be left.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::transfer_keep_alive())]
        pub fn transfer_keep_alive(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            target: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let from = ensure_signed(origin)?;
            let to = T::Lookup::lookup(target)?;
            Self::do_transfer(id, &from, &to, amount, Death::Refused).map(|_| ())
        }

        /// Transfers some of what anybody has. The admin's call.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::force_transfer())]
        pub fn force_transfer(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            source: AccountIdLookupOf<T>,
            dest: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let admin = ensure_signed(origin)?;
            let from = T::Lookup::lookup(source)?;
            let to = T::Lookup::lookup(dest)?;
            Self::ensure_part(id, |team| team.admin == admin)?;
            Self::do_transfer(id, &from, &to, amount, Death::Allowed).map(|_| ())
        }

        /// Keeps an account from moving a token. The freezer's call.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::freeze())]
        pub fn freeze(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            who: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            let freezer = ensure_signed(origin)?;
            Self::ensure_part(id, |team| team.freezer == freezer)?;
            Self::set_frozen(id, T::Lookup::lookup(who)?, true)
        }

        /// Lets an account move a token again. The admin's call.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::thaw())]
        pub fn thaw(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            who: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            let admin = ensure_signed(origin)?;
            Self::ensure_part(id, |team| team.admin == admin)?;
            Self::set_frozen(id, T::Lookup::lookup(who)?, false)
        }

        /// Keeps everybody from moving a token. The freezer's call.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::freeze_asset())]
        pub fn freeze_asset(origin: OriginFor<T>, #[pallet::compact] id: u32) -> DispatchResult {
            let freezer = ensure_signed(origin)?;
            Self::ensure_part(id, |team| team.freezer == freezer)?;
            Self::set_asset_frozen(id, true)
        }

        /// Lets everybody move a token again. The admin's call.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::thaw_asset())]
        pub fn thaw_asset(origin: OriginFor<T>, #[pallet::compact] id: u32) -> DispatchResult {
            let admin = ensure_signed(origin)?;
            Self::ensure_part(id, |team| team.admin == admin)?;
            Self::set_asset_frozen(id, false)
        }

        /// Gives a token to another owner, with the deposits for it. The owner's call.
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::transfer_ownership())]
        pub fn transfer_ownership(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            owner: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            let old = ensure_signed(origin)?;
            let new = T::Lookup::lookup(owner)?;
            Self::do_transfer_ownership(id, &old, new)
        }

        /// Appoints a token's team. The owner's call.
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::set_team())]
        pub fn set_team(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            issuer: AccountIdLookupOf<T>,
            admin: AccountIdLookupOf<T>,
            freezer: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let team = [issuer, admin, freezer].map(T::Lookup::lookup);
            let [issuer, admin, freezer] = team;
            Self::do_set_team(id, &owner, [issuer?, admin?, freezer?])
        }

        /// Names a token. The owner's call.
        #[pallet::call_index(17)]
        #[pallet::weight(T::WeightInfo::set_metadata(u32::try_from(name.len().saturating_add(symbol.len())).unwrap_or(u32::MAX)))]
        pub fn set_metadata(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            name: Vec<u8>,
            symbol: Vec<u8>,
            decimals: u8,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_set_metadata(id, &owner, name, symbol, decimals)
        }

        /// Takes a token's name away, and releases the deposit for it. The owner's call.
        #[pallet::call_index(18)]
        #[pallet::weight(T::WeightInfo::clear_metadata())]
        pub fn clear_metadata(origin: OriginFor<T>, #[pallet::compact] id: u32) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_clear_metadata(id, &owner)
        }

        /// Allows a delegate to transfer so much more of what the sender has.
        #[pallet::call_index(22)]
        #[pallet::weight(T::WeightInfo::approve_transfer())]
        pub fn approve_transfer(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            delegate: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let delegate = T::Lookup::lookup(delegate)?;
            Self::do_approve(id, owner, delegate, amount)
        }

        /// Allows a delegate nothing any more, and releases the deposit for it.
        #[pallet::call_index(23)]
        #[pallet::weight(T::WeightInfo::cancel_approval())]
        pub fn cancel_approval(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            delegate: AccountIdLookupOf<T>,
        ) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            let delegate = T::Lookup::lookup(delegate)?;
            Self::remove_approval(id, &owner, &delegate)?;
            Self::deposit_event(Event::ApprovalCancelled { asset_id: id, owner, delegate });
            Ok(())
        }

        /// Transfers some of what `owner` allowed the sender to.
        #[pallet::call_index(25)]
        #[pallet::weight(T::WeightInfo::transfer_approved())]
        pub fn transfer_approved(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            owner: AccountIdLookupOf<T>,
            destination: AccountIdLookupOf<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResult {
            let delegate = ensure_signed(origin)?;
            let owner = T::Lookup::lookup(owner)?;
            let destination = T::Lookup::lookup(destination)?;
            Self::do_transfer_approved(id, owner, delegate, destination, amount)
        }

        /// Opens the sender's account of a token for a deposit, so that it can get some without a reference to native money.
        #[pallet::call_index(26)]
        #[pallet::weight(T::WeightInfo::touch())]
        pub fn touch(origin: OriginFor<T>, #[pallet::compact] id: u32) -> DispatchResult {
            Self::do_touch(id, ensure_signed(origin)?)
        }

        /// Closes the sender's account of a token and gives the deposit back, or the reference to native money. What it has of
        /// the token is destroyed if `allow_burn` says so.
        #[pallet::call_index(27)]
        #[pallet::weight(T::WeightInfo::refund())]
        pub fn refund(
            origin: OriginFor<T>,
            #[pallet::compact] id: u32,
            allow_burn: bool,
        ) -> DispatchResult {
            Self::do_refund(id, ensure_signed(origin)?, allow_burn)
        }
    }
}
