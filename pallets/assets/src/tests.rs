//! Tests of the pallet on a small runtime.

use crate::{
    Account, Approvals, Asset, AssetDetails, Call, Config, Error, Event, HoldReason, Metadata,
};
use citrate_core::{ArithmeticError, Balance, DispatchError, TokenError};
use citrate_support::dispatch::{DispatchResult, GetDispatchInfo};
use citrate_support::traits::{ConstU32, ConstU128, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{assert_err, assert_noop, assert_ok, parameter_types};
use citrate_testing::{TestExternalities, assert_weighed};
use codec::Encode;
use pallet_system::EnsureRoot;

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

    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;

    #[runtime::pallet_index(2)]
    pub type Assets = crate;
}

citrate_testing::system_config!(Test {
    AccountId = u64,
    AccountData = pallet_balances::AccountData,
    DbWeight = DbWeight,
});
citrate_testing::balances_config!(Test { ExistentialDeposit = 1 });

parameter_types! {
    pub const DbWeight: RuntimeDbWeight = citrate_testing::DB_WEIGHT;
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ForceOrigin = EnsureRoot<u64>;
    type RemoveItemsLimit = ConstU32<2>;
    type AssetDeposit = ConstU128<100>;
    type MetadataDepositBase = ConstU128<10>;
    type MetadataDepositPerByte = ConstU128<1>;
    type AssetAccountDeposit = ConstU128<3>;
    type ApprovalDeposit = ConstU128<5>;
    type StringLimit = ConstU32<8>;
    type WeightInfo = DbWeight;
}

const ID: u32 = 7;
/// Owns the token.
const OWNER: u64 = 1;
/// Is its team.
const ADMIN: u64 = 2;

pub(crate) fn new() -> TestExternalities {
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: (1..=6).map(|who| (who, 1_000)).collect(),
        },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

/// There is a token, and account 3 has 100 of it.
fn ext() -> TestExternalities {
    let mut ext = new();
    ext.execute_with(|| {
        assert_ok!(Assets::create(signed(OWNER), ID, ADMIN, 10));
        assert_ok!(mint(3, 100));
    });
    ext
}

fn signed(who: u64) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn mint(to: u64, amount: Balance) -> DispatchResult {
    Assets::mint(signed(ADMIN), ID, to, amount)
}

fn send(from: u64, to: u64, amount: Balance) -> DispatchResult {
    Assets::transfer(signed(from), ID, to, amount)
}

fn has(who: u64) -> Balance {
    Assets::balance(ID, &who)
}

fn held(who: u64) -> (Balance, Balance) {
    (
        Balances::on_hold(&HoldReason::Asset.into(), &who),
        Balances::on_hold(&HoldReason::Approval.into(), &who),
    )
}

fn held_for_account(who: u64) -> Balance {
    Balances::on_hold(&HoldReason::Account.into(), &who)
}

fn last_event() -> Option<Event<Test>> {
    System::events().into_iter().rev().find_map(|r| match r.event {
        RuntimeEvent::Assets(event) => Some(event),
        _ => None,
    })
}

/// What a token says of itself is what is stored, and nobody who has one went away.
fn check() {
    assert_eq!(<Assets as Hooks<u32>>::try_state(System::block_number()), Ok(()));
    for (_, who, _) in Account::<Test>::iter() {
        assert!(System::account_exists(&who), "account {who} went away");
    }
}

#[test]
fn faults_in_the_books_are_found() {
    let details = |fault: fn(&mut AssetDetails<u64>)| {
        Asset::<Test>::mutate(ID, |details| fault(details.as_mut().expect("there is the token")));
    };
    let faults: [(&str, &dyn Fn()); 7] = [
        ("the supply is not the sum of all balances", &|| details(|it| it.supply += 1)),
        ("a token's accounts are counted wrong", &|| details(|it| it.accounts += 1)),
        ("the accounts that a token keeps alive are counted wrong", &|| {
            details(|it| it.sufficients += 1);
        }),
        ("a token's approvals are counted wrong", &|| details(|it| it.approvals = 0)),
        ("an account has less than the least balance", &|| details(|it| it.min_balance = 101)),
        ("there are accounts or approvals of a token that is not there", &|| {
            Account::<Test>::remove(ID, 3);
            Asset::<Test>::remove(ID);
        }),
        ("what is on hold is not what was written down", &|| details(|it| it.deposit += 1)),
    ];
    for (reason, fault) in faults {
        ext().execute_with(|| {
            assert_ok!(Assets::approve_transfer(signed(3), ID, 4, 5));
            check();
            fault();
            assert_eq!(Assets::check(), Err(DispatchError::Other(reason)));
        });
    }
}

#[test]
fn a_token_is_created_for_a_deposit() {
    new().execute_with(|| {
        let zero = Assets::create(signed(OWNER), ID, ADMIN, 0);
        assert_noop!(zero, Error::<Test>::MinBalanceZero);
        assert_ok!(Assets::create(signed(OWNER), ID, ADMIN, 10));
        assert_eq!(held(OWNER), (100, 0));
        let created = Event::Created { asset_id: ID, creator: OWNER, owner: ADMIN };
        assert_eq!(last_event(), Some(created));
        let again = Assets::create(signed(3), ID, ADMIN, 10);
        assert_noop!(again, Error::<Test>::InUse);
        let poor = Assets::create(signed(9), 8, ADMIN, 10);
        assert_noop!(poor, TokenError::FundsUnavailable);
        let forced = Assets::force_create(signed(3), 8, 3, true, 1);
        assert_noop!(forced, DispatchError::BadOrigin);
        assert_ok!(Assets::force_create(RuntimeOrigin::root(), 8, 3, true, 1));
        assert_eq!(held(3), (0, 0));
    });
}

#[test]
fn tokens_are_transferred_and_small_rests_go_along() {
    ext().execute_with(|| {
        assert_ok!(send(3, 4, 40));
        assert_eq!((has(3), has(4)), (60, 40));
        assert_noop!(send(3, 5, 9), TokenError::BelowMinimum);
        assert_noop!(send(3, 4, 61), Error::<Test>::BalanceLow);
        assert_noop!(send(3, 3, 61), Error::<Test>::BalanceLow);
        assert_noop!(send(6, 4, 10), Error::<Test>::NoAccount);
        assert_noop!(Assets::transfer(signed(3), 8, 4, 1), Error::<Test>::Unknown);
        let keep = Assets::transfer_keep_alive(signed(3), ID, 4, 51);
        assert_noop!(keep, Error::<Test>::WouldDie);
        assert_ok!(Assets::transfer_keep_alive(signed(3), ID, 4, 50));
        // Ten are left; after five, five would be.
        assert_ok!(send(3, 4, 5));
        assert_eq!((has(3), has(4)), (0, 100));
        let moved = Event::Transferred { asset_id: ID, from: 3, to: 4, amount: 10 };
        assert_eq!(last_event(), Some(moved));
        assert_eq!(System::consumers(&3), 0);
        check();
    });
}

#[test]
fn only_the_team_mints_burns_and_moves() {
    ext().execute_with(|| {
        for who in [OWNER, 3] {
            let no = Error::<Test>::NoPermission;
            assert_noop!(Assets::mint(signed(who), ID, 4, 10), no);
            let no = Error::<Test>::NoPermission;
            assert_noop!(Assets::burn(signed(who), ID, 3, 10), no);
            let no = Error::<Test>::NoPermission;
            assert_noop!(Assets::force_transfer(signed(who), ID, 3, 4, 10), no);
            let no = Error::<Test>::NoPermission;
            assert_noop!(Assets::freeze(signed(who), ID, 3), no);
            let no = Error::<Test>::NoPermission;
            assert_noop!(Assets::freeze_asset(signed(who), ID), no);
        }
        let team = Assets::set_team(signed(ADMIN), ID, 3, 3, 3);
        assert_noop!(team, Error::<Test>::NoPermission);
        assert_noop!(mint(9, 10), Error::<Test>::UnavailableConsumer);
        assert_noop!(mint(3, Balance::MAX), ArithmeticError::Overflow);
        assert_ok!(Assets::force_transfer(signed(ADMIN), ID, 3, 4, 30));
        assert_ok!(Assets::burn(signed(ADMIN), ID, 3, 20));
        assert_eq!((has(3), has(4), Asset::<Test>::get(ID).unwrap().supply), (50, 30, 80));
        // More than there is, or all but a rest: everything.
        assert_ok!(Assets::burn(signed(ADMIN), ID, 4, 1_000));
        assert_ok!(Assets::burn(signed(ADMIN), ID, 3, 45));
        assert_eq!(last_event(), Some(Event::Burned { asset_id: ID, owner: 3, balance: 50 }));
        check();
        assert_ok!(Assets::set_team(signed(OWNER), ID, 4, 5, 6));
        assert_noop!(mint(3, 10), Error::<Test>::NoPermission);
        assert_ok!(Assets::mint(signed(4), ID, 3, 10));
        assert_ok!(Assets::freeze(signed(6), ID, 3));
        assert_noop!(Assets::thaw(signed(6), ID, 3), Error::<Test>::NoPermission);
        assert_ok!(Assets::thaw(signed(5), ID, 3));
    });
}

#[test]
fn the_frozen_do_not_move() {
    ext().execute_with(|| {
        assert_ok!(Assets::approve_transfer(signed(3), ID, 5, 50));
        assert_ok!(Assets::freeze(signed(ADMIN), ID, 3));
        let approved = || Assets::transfer_approved(signed(5), ID, 3, 4, 10);
        assert_noop!(send(3, 4, 10), Error::<Test>::Frozen);
        assert_noop!(send(3, 3, 10), Error::<Test>::Frozen);
        assert_noop!(approved(), Error::<Test>::Frozen);
        assert_noop!(Assets::freeze(signed(ADMIN), ID, 4), Error::<Test>::NoAccount);
        // What comes in is welcome.
        assert_ok!(mint(4, 20));
        assert_ok!(send(4, 3, 10));
        assert_ok!(Assets::thaw(signed(ADMIN), ID, 3));
        assert_ok!(send(3, 4, 10));
        assert_ok!(Assets::freeze_asset(signed(ADMIN), ID));
        assert_noop!(send(3, 4, 10), Error::<Test>::AssetNotLive);
        assert_noop!(approved(), Error::<Test>::AssetNotLive);
        assert_noop!(mint(3, 10), Error::<Test>::AssetNotLive);
        assert_noop!(Assets::freeze_asset(signed(ADMIN), ID), Error::<Test>::AssetNotLive);
        assert_ok!(Assets::thaw_asset(signed(ADMIN), ID));
        assert_noop!(Assets::thaw_asset(signed(ADMIN), ID), Error::<Test>::NotFrozen);
        assert_ok!(approved());
    });
}

#[test]
fn a_delegate_transfers_what_it_may_and_no_more() {
    ext().execute_with(|| {
        assert_ok!(Assets::approve_transfer(signed(3), ID, 5, 30));
        assert_ok!(Assets::approve_transfer(signed(3), ID, 5, 20));
        assert_eq!(held(3), (0, 5));
        let take = |who, amount| Assets::transfer_approved(signed(who), ID, 3, 4, amount);
        assert_noop!(take(6, 10), Error::<Test>::Unapproved);
        assert_noop!(take(5, 51), Error::<Test>::Unapproved);
        assert_ok!(take(5, 20));
        assert_noop!(take(5, 31), Error::<Test>::Unapproved);
        check();
        assert_ok!(take(5, 30));
        assert_eq!((held(3), has(4)), ((0, 0), 50));
        assert_noop!(take(5, 10), Error::<Test>::Unapproved);
        // More than there is: the approval stays.
        assert_ok!(Assets::approve_transfer(signed(3), ID, 5, 1_000));
        assert_noop!(take(5, 51), Error::<Test>::BalanceLow);
        assert_ok!(Assets::cancel_approval(signed(3), ID, 5));
        assert_noop!(Assets::cancel_approval(signed(3), ID, 5), Error::<Test>::Unknown);
        assert_eq!(held(3), (0, 0));
        assert_noop!(take(5, 10), Error::<Test>::Unapproved);
        check();
    });
}

#[test]
fn a_sufficient_token_keeps_an_account_alive_and_others_need_one() {
    new().execute_with(|| {
        assert_ok!(Assets::force_create(RuntimeOrigin::root(), ID, ADMIN, true, 10));
        assert!(!System::account_exists(&9));
        assert_ok!(mint(9, 10));
        assert!(System::account_exists(&9));
        assert_ok!(send(9, 3, 10));
        assert!(!System::account_exists(&9));
        // The other kind: native money may not go while it has some.
        assert_ok!(Assets::create(signed(OWNER), 8, ADMIN, 10));
        assert_ok!(Assets::mint(signed(ADMIN), 8, 4, 10));
        let all = Balances::do_transfer(
            &4,
            &5,
            1_000,
            citrate_support::traits::tokens::Preservation::Expendable,
        );
        assert_err!(all, TokenError::OnlyProvider);
        check();
    });
}

#[test]
fn tokens_that_nobody_asked_for_leave_an_account_its_references() {
    new().execute_with(|| {
        let given = (0..16)
            .filter(|id| {
                assert_ok!(Assets::force_create(RuntimeOrigin::root(), *id, ADMIN, false, 1));
                Assets::mint(signed(ADMIN), *id, 3, 1).is_ok()
            })
            .count();
        assert_eq!(given, 14);
        assert_ok!(Balances::reserve(&3, 10));
    });
}

#[test]
fn an_account_that_was_opened_stays_for_its_deposit() {
    ext().execute_with(|| {
        let refund = |who, burn| Assets::refund(signed(who), ID, burn);
        assert_noop!(Assets::touch(signed(3), ID), Error::<Test>::AlreadyExists);
        assert_noop!(Assets::touch(signed(4), 99), Error::<Test>::Unknown);
        assert_noop!(Assets::touch(signed(9), ID), TokenError::FundsUnavailable);
        assert_noop!(refund(4, true), Error::<Test>::NoDeposit);
        assert_ok!(Assets::touch(signed(4), ID));
        let touched = Event::Touched { asset_id: ID, who: 4, depositor: 4 };
        assert_eq!(last_event(), Some(touched));
        assert_eq!((held_for_account(4), has(4)), (3, 0));
        check();
        // It has enough or nothing, as any other.
        assert_noop!(send(3, 4, 9), TokenError::BelowMinimum);
        assert_ok!(send(3, 4, 20));
        assert_noop!(Assets::transfer_keep_alive(signed(4), ID, 3, 20), Error::<Test>::WouldDie);
        assert_ok!(send(4, 3, 15));
        assert_eq!((has(3), has(4), held_for_account(4)), (100, 0, 3));
        check();
        assert_ok!(send(3, 4, 20));
        assert_noop!(refund(4, false), Error::<Test>::WouldBurn);
        assert_ok!(Assets::freeze(signed(ADMIN), ID, 4));
        assert_noop!(refund(4, true), Error::<Test>::Frozen);
        assert_ok!(Assets::thaw(signed(ADMIN), ID, 4));
        assert_ok!(refund(4, true));
        assert_eq!(last_event(), Some(Event::Burned { asset_id: ID, owner: 4, balance: 20 }));
        assert_eq!(
            (held_for_account(4), Asset::<Test>::get(ID).map(|it| it.supply)),
            (0, Some(80))
        );
        assert_noop!(refund(4, true), Error::<Test>::NoDeposit);
        // A reference to native money is given back too.
        assert_eq!(System::consumers(&3), 1);
        assert_ok!(refund(3, true));
        assert_eq!(System::consumers(&3), 0);
        check();
    });
}

#[test]
fn a_sufficient_account_has_no_deposit_to_give_back() {
    new().execute_with(|| {
        assert_ok!(Assets::force_create(RuntimeOrigin::root(), ID, ADMIN, true, 10));
        assert_ok!(mint(3, 10));
        assert_noop!(Assets::refund(signed(3), ID, true), Error::<Test>::NoDeposit);
    });
}

#[test]
fn names_cost_by_the_byte() {
    ext().execute_with(|| {
        let name = |who, name: &[u8]| {
            Assets::set_metadata(signed(who), ID, name.to_vec(), b"T".to_vec(), 6)
        };
        assert_noop!(name(ADMIN, b"Token"), Error::<Test>::NoPermission);
        assert_noop!(name(OWNER, b"123456789"), Error::<Test>::BadMetadata);
        assert_ok!(name(OWNER, b"12345678"));
        assert_eq!(held(OWNER).0, 100 + 10 + 9);
        assert_ok!(name(OWNER, b"Tok"));
        assert_eq!(held(OWNER).0, 100 + 10 + 4);
        assert_eq!(Metadata::<Test>::get(ID).decimals, 6);
        // The new owner has the deposits.
        assert_noop!(
            Assets::transfer_ownership(signed(ADMIN), ID, ADMIN),
            Error::<Test>::NoPermission
        );
        assert_ok!(Assets::transfer_ownership(signed(OWNER), ID, 4));
        assert_eq!((held(OWNER).0, held(4).0), (0, 114));
        assert_noop!(name(OWNER, b"Mine"), Error::<Test>::NoPermission);
        assert_ok!(Assets::clear_metadata(signed(4), ID));
        assert_eq!(held(4).0, 100);
        assert_noop!(Assets::clear_metadata(signed(4), ID), Error::<Test>::Unknown);
    });
}

#[test]
fn a_token_ends_in_bounded_steps_and_everything_is_given_back() {
    ext().execute_with(|| {
        assert_ok!(Assets::touch(signed(5), ID));
        for who in 4..=6 {
            assert_ok!(mint(who, 50));
            assert_ok!(Assets::approve_transfer(signed(3), ID, who, 1));
        }
        let end = |who| Assets::start_destroy(signed(who), ID);
        assert_noop!(end(ADMIN), Error::<Test>::NoPermission);
        let early = Assets::finish_destroy(signed(3), ID);
        assert_noop!(early, Error::<Test>::IncorrectStatus);
        assert_ok!(end(OWNER));
        assert_noop!(end(OWNER), Error::<Test>::AssetNotLive);
        assert_noop!(send(3, 4, 10), Error::<Test>::AssetNotLive);
        let cancelled = Assets::cancel_approval(signed(3), ID, 4);
        assert_ok!(cancelled);
        let accounts = || Assets::destroy_accounts(signed(6), ID).unwrap().actual_weight;
        let full = Call::<Test>::destroy_accounts { id: ID }.get_dispatch_info().call_weight;
        assert_eq!(accounts(), Some(full), "two of four");
        check();
        assert_noop!(Assets::finish_destroy(signed(3), ID), Error::<Test>::InUse);
        assert_eq!(accounts(), Some(full));
        assert!(accounts().unwrap().ref_time() < full.ref_time());
        assert_noop!(Assets::finish_destroy(signed(3), ID), Error::<Test>::InUse);
        assert_ok!(Assets::destroy_approvals(signed(6), ID));
        check();
        assert_ok!(Assets::finish_destroy(signed(6), ID));
        assert_eq!(last_event(), Some(Event::Destroyed { asset_id: ID }));
        for who in 1..=6 {
            assert_eq!((held(who), Balances::free_balance(&who)), ((0, 0), 1_000));
            assert_eq!((System::consumers(&who), held_for_account(who)), (0, 0));
        }
        assert_eq!(Account::<Test>::iter().count() + Approvals::<Test>::iter().count(), 0);
        // The number is free again.
        assert_ok!(Assets::create(signed(3), ID, 3, 1));
        assert_ok!(Assets::start_destroy(RuntimeOrigin::root(), ID));
    });
}

#[test]
fn whatever_is_done_the_books_are_right() {
    ext().execute_with(|| {
        // A sequence that is the same on each run.
        let mut state: u64 = 0x9e37_79b9;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040);
            (state >> 33) % below
        };
        let mut moved = 0;
        for _ in 0..2_000 {
            let (from, to) = (1 + draw(8), 1 + draw(8));
            let amount = Balance::from(draw(60));
            let result = match draw(10) {
                8 => Assets::touch(signed(from), ID),
                9 => Assets::refund(signed(from), ID, amount > 40),
                0 => mint(to, amount),
                1 => Assets::burn(signed(ADMIN), ID, from, amount),
                2 => Assets::approve_transfer(signed(from), ID, to, amount),
                3 => Assets::cancel_approval(signed(from), ID, to),
                4 => Assets::transfer_approved(signed(to), ID, from, 1 + draw(8), amount),
                5 => Assets::transfer_keep_alive(signed(from), ID, to, amount),
                _ => send(from, to, amount),
            };
            moved += usize::from(result.is_ok());
            check();
        }
        assert!(moved > 300, "{moved} of the calls succeeded");
    });
}

#[test]
fn what_is_done_is_within_its_weight() {
    let mut ext = new();
    let mut run = |who, call| assert_weighed(&mut ext, signed(who), RuntimeCall::Assets(call));
    let (id, amount) = (ID, 50);
    run(OWNER, Call::create { id, admin: ADMIN, min_balance: 10 });
    for who in 3..=5 {
        run(ADMIN, Call::mint { id, beneficiary: who, amount });
        run(who, Call::approve_transfer { id, delegate: 6, amount });
    }
    run(3, Call::transfer { id, target: 6, amount });
    run(6, Call::transfer_keep_alive { id, target: 3, amount: 10 });
    run(ADMIN, Call::force_transfer { id, source: 6, dest: 3, amount: 40 });
    // The whole approval, and all that the owner has.
    run(6, Call::transfer_approved { id, owner: 4, destination: 6, amount });
    run(5, Call::cancel_approval { id, delegate: 6 });
    run(4, Call::touch { id });
    run(4, Call::refund { id, allow_burn: true });
    run(5, Call::approve_transfer { id, delegate: 6, amount });
    run(ADMIN, Call::burn { id, who: 6, amount });
    run(ADMIN, Call::freeze { id, who: 5 });
    run(ADMIN, Call::thaw { id, who: 5 });
    run(ADMIN, Call::freeze_asset { id });
    run(ADMIN, Call::thaw_asset { id });
    let (name, symbol) = (b"Token".to_vec(), b"T".to_vec());
    run(OWNER, Call::set_metadata { id, name: name.clone(), symbol: symbol.clone(), decimals: 1 });
    run(OWNER, Call::clear_metadata { id });
    run(OWNER, Call::set_metadata { id, name, symbol, decimals: 1 });
    run(OWNER, Call::set_team { id, issuer: 3, admin: 3, freezer: 3 });
    run(OWNER, Call::transfer_ownership { id, owner: 4 });
    run(4, Call::start_destroy { id });
    run(6, Call::destroy_accounts { id });
    run(6, Call::destroy_approvals { id });
    run(6, Call::finish_destroy { id });
    let root = RuntimeOrigin::root();
    let call = Call::force_create { id, owner: 1, is_sufficient: true, min_balance: 1 };
    assert_weighed(&mut ext, root, RuntimeCall::Assets(call));
}

#[test]
fn indices_are_fixed() {
    assert_eq!(Call::<Test>::create { id: 1, admin: 2, min_balance: 3 }.encode()[..2], [0, 4]);
    assert_eq!(Call::<Test>::transfer { id: 1, target: 2, amount: 3 }.encode()[0], 8);
    assert_eq!(Call::<Test>::approve_transfer { id: 1, delegate: 2, amount: 3 }.encode()[0], 22);
    let call = Call::<Test>::transfer_approved { id: 1, owner: 2, destination: 3, amount: 4 };
    assert_eq!(call.encode()[0], 25);
    assert_eq!(Call::<Test>::touch { id: 1 }.encode()[0], 26);
    assert_eq!(Call::<Test>::refund { id: 1, allow_burn: true }.encode()[0], 27);
    assert_eq!(Event::<Test>::Touched { asset_id: 1, who: 2, depositor: 2 }.encode()[0], 22);
    assert_eq!(Event::<Test>::Destroyed { asset_id: 1 }.encode()[0], 13);
    assert_eq!(Event::<Test>::MetadataCleared { asset_id: 1 }.encode()[0], 16);
    let error = DispatchError::from(Error::<Test>::AssetNotLive);
    assert_eq!(error.encode(), [3, 2, 16, 0, 0, 0]);
}

#[test]
fn every_call_weighs_what_its_benchmark_touches() {
    citrate_testing::assert_benchmarks_weighed::<Assets>(citrate_testing::DB_WEIGHT, new);
}
