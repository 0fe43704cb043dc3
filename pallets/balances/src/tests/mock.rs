//! A small runtime, and the check of all invariants.

use crate::{AccountData, Config, Freezes, Holds, Locks, Reserves, TotalIssuance};
use citrate_core::{Balance, DispatchError};
use citrate_support::traits::{ConstU32, ConstU128};
use citrate_testing::TestExternalities;

/// The existential deposit of the tests.
pub(super) const ED: Balance = 5;

/// A pallet that has reasons for holds and freezes.
#[citrate_support::pallet]
pub mod pallet_test {
    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::composite_enum]
    pub enum HoldReason {
        Escrow,
        Bond,
    }

    #[pallet::composite_enum]
    pub enum FreezeReason {
        Vote,
    }
}

pub(super) use pallet_test::{FreezeReason as TestFreeze, HoldReason as TestHold};

#[citrate_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeHoldReason,
        RuntimeFreezeReason
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(2)]
    pub type Balances = crate;

    #[runtime::pallet_index(9)]
    pub type Holder = super::pallet_test;
}

citrate_testing::system_config!(Test { AccountId = u64, AccountData = AccountData });

impl Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type AccountStore = System;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<ED>;
    type MaxLocks = ConstU32<3>;
    type MaxReserves = ConstU32<2>;
    type MaxFreezes = ConstU32<3>;
}

impl pallet_test::Config for Test {}

impl TestHold {
    /// As the runtime's reason.
    pub(super) const fn outer(self) -> RuntimeHoldReason {
        RuntimeHoldReason::Holder(self)
    }
}

impl TestFreeze {
    /// As the runtime's reason.
    pub(super) const fn outer(self) -> RuntimeFreezeReason {
        RuntimeFreezeReason::Holder(self)
    }
}

/// A state in which these accounts have this much.
pub(super) fn ext(balances: &[(u64, Balance)]) -> TestExternalities {
    let config = RuntimeGenesisConfig {
        balances: crate::GenesisConfig { balances: balances.to_vec() },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

/// The pallet's error as calls return it.
pub(super) fn module_error(error: crate::Error<Test>) -> DispatchError {
    error.into()
}

/// Checks the books: the sum, the existential deposit, references, holds and freezes.
pub(super) fn assert_invariants() {
    let mut sum: Balance = 0;
    for (who, account) in pallet_system::Account::<Test>::iter() {
        let data: AccountData = account.data;
        sum += data.free + data.reserved;
        let alive = data != AccountData::default();
        assert!(!alive || data.free >= ED, "account {who} has {data:?}");
        assert_eq!(account.providers, u32::from(alive), "providers of {who}");
        let consumes = data.reserved > 0 || data.frozen > 0;
        assert_eq!(account.consumers, u32::from(consumes), "consumers of {who}");

        let held: Balance = Holds::<Test>::get(who).iter().map(|h| h.amount).sum();
        let named: Balance = Reserves::<Test>::get(who).iter().map(|r| r.amount).sum();
        assert!(held + named <= data.reserved, "reserved of {who}");
        let locks = Locks::<Test>::get(who).into_inner().into_iter().map(|l| l.amount);
        let freezes = Freezes::<Test>::get(who).into_inner().into_iter().map(|f| f.amount);
        assert_eq!(locks.chain(freezes).max().unwrap_or(0), data.frozen, "frozen of {who}");
    }
    assert_eq!(sum, TotalIssuance::<Test>::get(), "issuance");
    for who in Holds::<Test>::iter_keys() {
        assert!(pallet_system::Pallet::<Test>::account_exists(&who), "hold of dead {who}");
    }
}
