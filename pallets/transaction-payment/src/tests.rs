//! Tests of the pallet on a small runtime.

use crate::{
    BalancesAdapter, ChargeTransactionPayment, Config, Event, FeeDetails, InclusionFee, Multiplier,
    NextFeeMultiplier, OnFee, RuntimeDispatchInfo, SlowAdjusting, SlowAdjustingParameters,
    final_fee,
};
use citrate_core::{
    Balance, DispatchError, DispatchResult, InvalidTransaction, Perquintill, TransactionSource,
    TransactionValidityError, Weight,
};
use citrate_support::dispatch::{DispatchClass, DispatchInfo, Pays, PostDispatchInfo};
use citrate_support::traits::{ConstU8, ConstU128, Get, Hooks};
use citrate_support::transaction_extension::TransactionExtension;
use citrate_support::weights::WeightToFee;
use citrate_testing::TestExternalities;
use codec::Encode;
use pallet_balances::{AccountData, Credit, TotalIssuance};

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Balances: pallet_balances = 2,
        TransactionPayment: crate = 3,
    }
);

#[citrate_support::derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {
    type AccountData = AccountData;
}

#[citrate_support::derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<10>;
}

/// One unit for a microsecond.
#[derive(Debug)]
pub struct Microseconds;

impl WeightToFee for Microseconds {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        Balance::from(weight.ref_time() / 1_000_000)
    }
}

/// Two units for a byte.
#[derive(Debug)]
pub struct TwoPerByte;

impl WeightToFee for TwoPerByte {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        Balance::from(weight.ref_time()) * 2
    }
}

/// Pays fees to account 98 and tips to account 99.
#[derive(Debug)]
pub struct Collect;

impl OnFee<Test> for Collect {
    fn on_fee(fee: Credit<Test>, tip: Credit<Test>) {
        drop(Balances::resolve(&98, fee));
        drop(Balances::resolve(&99, tip));
    }
}

/// Aims at half full blocks.
#[derive(Debug)]
pub struct Parameters;

impl SlowAdjustingParameters for Parameters {
    fn target_fullness() -> Perquintill {
        Perquintill::from_percent(50)
    }
    fn variability() -> Multiplier {
        Multiplier::from_rational(1, 10)
    }
    fn minimum() -> Multiplier {
        Multiplier::from_rational(1, 2)
    }
    fn maximum() -> Multiplier {
        Multiplier::from_u32(2)
    }
}

impl Config for Test {
    type OnChargeTransaction = BalancesAdapter<Collect>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightToFee = Microseconds;
    type LengthToFee = TwoPerByte;
    type FeeMultiplierUpdate = SlowAdjusting<Parameters>;
}

/// Account 1 has 10,000; the collectors exist.
fn ext() -> TestExternalities {
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: vec![(1, 10_000), (98, 10), (99, 10)],
        },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn call() -> RuntimeCall {
    RuntimeCall::System(pallet_system::Call::remark { remark: vec![] })
}

fn info(microseconds: u64) -> DispatchInfo {
    DispatchInfo {
        call_weight: Weight::from_parts(microseconds * 1_000_000, 0),
        ..Default::default()
    }
}

fn block_weights() -> pallet_system::limits::BlockWeights {
    <<Test as pallet_system::Config>::BlockWeights as Get<_>>::get()
}

/// What a transaction pays for being one.
fn base_fee() -> Balance {
    let weights = block_weights();
    Microseconds::weight_to_fee(&weights.get(DispatchClass::Normal).base_extrinsic)
}

type Charge = ChargeTransactionPayment<Test>;

/// Runs the extension around a call that ends as `post`.
fn charge(
    who: u64,
    tip: Balance,
    info: &DispatchInfo,
    len: usize,
    post: &PostDispatchInfo,
    call_result: DispatchResult,
) -> Result<(), TransactionValidityError> {
    let origin = RuntimeOrigin::signed(who);
    let extension = Charge::from(tip);
    let (_, val, origin) =
        extension.validate(origin, &call(), info, len, (), &(), TransactionSource::InBlock)?;
    let pre = extension.prepare(val, &origin, &call(), info, len)?;
    Charge::post_dispatch_details(pre, info, post, len, &call_result)?;
    Ok(())
}

fn paid() -> Option<(Balance, Balance)> {
    System::events().into_iter().rev().find_map(|r| match r.event {
        RuntimeEvent::TransactionPayment(Event::TransactionFeePaid { actual_fee, tip, .. }) => {
            Some((actual_fee, tip))
        }
        _ => None,
    })
}

#[test]
fn a_fee_is_base_length_weight_and_tip() {
    ext().execute_with(|| {
        let details = TransactionPayment::compute_fee_details(10, &info(100), 5);
        let fee = InclusionFee { base_fee: base_fee(), len_fee: 20, adjusted_weight_fee: 100 };
        assert_eq!(details, FeeDetails { inclusion_fee: Some(fee), tip: 5 });
        assert_eq!(final_fee(&details), base_fee() + 125);
        // The multiplier is on the weight only.
        NextFeeMultiplier::<Test>::put(Multiplier::from_rational(3, 2));
        assert_eq!(TransactionPayment::compute_fee(10, &info(100), 5), base_fee() + 175);
        let free = DispatchInfo { pays_fee: Pays::No, ..info(100) };
        assert_eq!(TransactionPayment::compute_fee(10, &free, 5), 5);
    });
}

#[test]
fn a_weight_above_the_blocks_costs_a_block() {
    ext().execute_with(|| {
        let max = block_weights().max_block;
        assert_eq!(
            TransactionPayment::weight_to_fee(Weight::MAX),
            TransactionPayment::weight_to_fee(max)
        );
    });
}

#[test]
fn the_fee_goes_to_the_collector_and_the_rest_back() {
    ext().execute_with(|| {
        let issuance = TotalIssuance::<Test>::get();
        let post = PostDispatchInfo {
            actual_weight: Some(Weight::from_parts(40_000_000, 0)),
            pays_fee: Pays::Yes,
        };
        charge(1, 5, &info(100), 10, &post, Ok(())).unwrap();
        let due = base_fee() + 20 + 40;
        assert_eq!(Balances::free_balance(&1), 10_000 - due - 5);
        assert_eq!(Balances::free_balance(&98), 10 + due);
        assert_eq!(Balances::free_balance(&99), 15);
        assert_eq!(TotalIssuance::<Test>::get(), issuance);
        assert_eq!(paid(), Some((due + 5, 5)));
    });
}

#[test]
fn a_failed_call_pays_and_a_free_one_pays_its_tip() {
    ext().execute_with(|| {
        let post = PostDispatchInfo::default();
        let error = Err(DispatchError::BadOrigin);
        charge(1, 0, &info(100), 10, &post, error).unwrap();
        assert_eq!(paid(), Some((base_fee() + 120, 0)));
        let post = PostDispatchInfo { actual_weight: None, pays_fee: Pays::No };
        charge(1, 7, &info(100), 10, &post, Ok(())).unwrap();
        assert_eq!(paid(), Some((7, 7)));
    });
}

#[test]
fn who_cannot_pay_is_refused() {
    ext().execute_with(|| {
        let payment = TransactionValidityError::Invalid(InvalidTransaction::Payment);
        let post = PostDispatchInfo::default();
        let result = charge(2, 0, &info(100), 10, &post, Ok(()));
        assert_eq!(result, Err(payment));
        // A fee never takes the existential deposit.
        let tip = 10_000 - 10 - base_fee() - 120;
        assert_eq!(charge(1, tip + 1, &info(100), 10, &post, Ok(())), Err(payment));
        assert_eq!(charge(1, tip, &info(100), 10, &post, Ok(())), Ok(()));
        assert_eq!(Balances::free_balance(&1), 10);
    });
}

#[test]
fn an_account_that_died_gets_nothing_back() {
    ext().execute_with(|| {
        let origin = RuntimeOrigin::signed(1);
        let (len, info) = (10, info(100));
        let extension = Charge::from(0);
        let (_, val, origin) = extension
            .validate(origin, &call(), &info, len, (), &(), TransactionSource::InBlock)
            .unwrap();
        let pre = extension.prepare(val, &origin, &call(), &info, len).unwrap();
        Balances::transfer_all(origin, 98, false).unwrap();
        let before = TotalIssuance::<Test>::get();
        // The refund of 3 is below the existential deposit.
        let post = PostDispatchInfo {
            actual_weight: Some(Weight::from_parts(97_000_000, 0)),
            pays_fee: Pays::Yes,
        };
        Charge::post_dispatch_details(pre, &info, &post, len, &Ok(())).unwrap();
        assert_eq!(paid(), Some((base_fee() + 120, 0)));
        assert!(!System::account_exists(&1));
        assert_eq!(TotalIssuance::<Test>::get(), before);
    });
}

#[test]
fn nobody_pays_for_what_nobody_signed() {
    ext().execute_with(|| {
        let extension = Charge::from(0);
        let (valid, val, origin) = extension
            .validate(
                RuntimeOrigin::root(),
                &call(),
                &info(1),
                1,
                (),
                &(),
                TransactionSource::InBlock,
            )
            .unwrap();
        assert_eq!(valid.priority, 0);
        let pre = extension.prepare(val, &origin, &call(), &info(1), 1).unwrap();
        let post = PostDispatchInfo::default();
        Charge::post_dispatch_details(pre, &info(1), &post, 1, &Ok(())).unwrap();
        assert_eq!(paid(), None);
    });
}

#[test]
fn tips_lightness_and_urgency_give_priority() {
    let priority = |info: &DispatchInfo, tip| Charge::get_priority(info, 10, tip, 100);
    assert!(priority(&info(100), 5) > priority(&info(100), 4));
    assert!(priority(&info(99), 5) > priority(&info(200), 5));
    let urgent = DispatchInfo { class: DispatchClass::Operational, ..info(100) };
    assert!(priority(&urgent, 0) > priority(&info(100), 5));
    assert_eq!(priority(&info(1), u128::MAX), u64::MAX);
}

#[test]
fn the_multiplier_follows_the_load_between_its_limits() {
    ext().execute_with(|| {
        let step = || {
            TransactionPayment::on_finalize(1);
            NextFeeMultiplier::<Test>::get()
        };
        let one = Multiplier::from_u32(1);
        assert!(step() < one);
        for _ in 0..100 {
            step();
        }
        assert_eq!(NextFeeMultiplier::<Test>::get(), Multiplier::from_rational(1, 2));
        let limit = block_weights().get(DispatchClass::Normal).max_total.unwrap();
        System::set_block_consumed_resources(limit, 0);
        let before = NextFeeMultiplier::<Test>::get();
        assert!(step() > before);
        for _ in 0..100 {
            step();
        }
        assert_eq!(NextFeeMultiplier::<Test>::get(), Multiplier::from_u32(2));
        System::set_block_consumed_resources(limit / 2, 0);
        assert_eq!(step(), Multiplier::from_u32(2));
    });
}

#[test]
fn queries_answer_what_will_be_charged() {
    ext().execute_with(|| {
        let weight = Weight::from_parts(30_000_000, 0);
        let info = TransactionPayment::query_info(&call(), weight, true, 10);
        let details = TransactionPayment::query_fee_details(&call(), weight, true, 10);
        assert_eq!(info.partial_fee, final_fee(&details));
        assert_eq!(info.class, citrate_api::DispatchClass::Normal);
        let unsigned = TransactionPayment::query_info(&call(), weight, false, 10);
        assert_eq!(unsigned.partial_fee, 0);
        let details = TransactionPayment::query_fee_details(&call(), weight, false, 10);
        assert_eq!(details.inclusion_fee, None);
        let known = RuntimeDispatchInfo {
            weight: Weight::from_parts(1, 2),
            class: citrate_api::DispatchClass::Operational,
            partial_fee: 3,
        };
        assert_eq!(known.encode(), [&[4, 8, 1, 3][..], &[0; 15]].concat());
    });
}

#[test]
fn the_extension_is_a_compact_tip() {
    assert_eq!(Charge::from(0).encode(), [0]);
    assert_eq!(Charge::from(5).encode(), [20]);
    assert_eq!(Charge::from(5).tip(), 5);
}
