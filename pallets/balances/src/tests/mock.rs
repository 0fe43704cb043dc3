//! A small runtime, and the check of all invariants.

use crate::{AccountData, Config, Freezes, Holds, TotalIssuance};
use citrate_core::{Balance, DispatchError};
use citrate_support::traits::{ConstU32, ConstU128, TryState};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{construct_runtime, derive_impl, parameter_types};
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

construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Balances: crate = 2,
        Holder: crate::tests::mock::pallet_test = 9,
    }
);

#[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {
    type AccountData = AccountData;
    type DbWeight = DbWeight;
}

parameter_types! {
    pub const DbWeight: RuntimeDbWeight = citrate_testing::DB_WEIGHT;
}

#[derive_impl(crate::config_preludes::TestDefaultConfig)]
impl Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<ED>;
    type MaxLocks = ConstU32<3>;
    type MaxReserves = ConstU32<2>;
    type MaxFreezes = ConstU32<3>;
    type WeightInfo = DbWeight;
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
pub(crate) fn ext(balances: &[(u64, Balance)]) -> TestExternalities {
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

/// Checks the books, and the references that the system pallet counts.
pub(super) fn assert_invariants() {
    <AllPalletsWithSystem as TryState<u32>>::try_state(System::block_number()).unwrap();
    for (who, account) in pallet_system::Account::<Test>::iter() {
        let data: AccountData = account.data;
        let alive = data != AccountData::default();
        assert_eq!(account.providers, u32::from(alive), "providers of {who}");
        let consumes = data.reserved > 0 || data.frozen > 0;
        assert_eq!(account.consumers, u32::from(consumes), "consumers of {who}");
    }
}

/// The check is one: it finds each of these faults.
#[test]
fn faults_in_the_books_are_found() {
    let faults: [(&str, fn()); 4] = [
        ("the issuance is not the sum of all balances", || TotalIssuance::<Test>::put(99)),
        ("an account is below the existential deposit", || {
            pallet_system::Account::<Test>::mutate(1, |account| account.data.free = ED - 1);
        }),
        ("an account has more on hold than is reserved", || {
            let hold = crate::IdAmount { id: TestHold::Escrow.outer(), amount: 7 };
            Holds::<Test>::mutate(1, |holds| holds.try_push(hold).expect("there is room"));
        }),
        ("an account is not frozen as its locks and freezes say", || {
            let freeze = crate::IdAmount { id: TestFreeze::Vote.outer(), amount: 7 };
            Freezes::<Test>::mutate(1, |freezes| freezes.try_push(freeze).expect("there is room"));
        }),
    ];
    for (reason, fault) in faults {
        ext(&[(1, 100)]).execute_with(|| {
            assert_invariants();
            fault();
            assert_eq!(Balances::try_state(1), Err(DispatchError::Other(reason)));
        });
    }
}

#[test]
fn every_call_weighs_what_its_benchmark_touches() {
    citrate_testing::assert_benchmarks_weighed::<Balances>(citrate_testing::DB_WEIGHT, || ext(&[]));
}
