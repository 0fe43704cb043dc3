//! Tests of the pallet on a small runtime with balances and stakes.

use std::sync::OnceLock;

use citrate_bls::{Key, Secret};
use citrate_core::{AccountId32, Balance, DispatchError, H256, Weight, bls};
use citrate_inference_types::{Attestation, JobId, Statement};
use citrate_support::dispatch::{GetDispatchInfo, Pays};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128, Dispatchable, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::{Accesses, TestExternalities};
use pallet_staking::{Role, Stake as _};

use crate::{
    Attest, Awaited, Call, Config, Costs, Due, Error, Event, Gatherings, Keys, Pallet, Queue,
    QueueRange,
};

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Balances: pallet_balances = 1,
        Staking: pallet_staking = 2,
        Notary: crate = 3,
    }
);

#[citrate_support::derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {
    type AccountId = AccountId32;
    type Lookup = citrate_support::traits::IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData;
    type DbWeight = DbWeight;
}

#[citrate_support::derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<5>;
}

impl pallet_staking::Config for Test {
    type ValidatorsMax = ConstU32<8>;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProviderBondMin = ConstU128<1000>;
    type ValidatorBondMin = ConstU128<1000>;
    type UnbondingDelay = ConstU32<10>;
    type UnlockingMax = ConstU32<3>;
    type SlashBeneficiary = Treasury;
}

parameter_types! {
    pub const Treasury: AccountId32 = AccountId32::new([99; 32]);
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 1_000 };
    /// No time, so that a weight is what is read and written.
    pub const NoTime: Costs = Costs {
        proof: Weight::zero(),
        signature: Weight::zero(),
        batch: Weight::zero(),
        sum: Weight::zero(),
        share: Weight::zero(),
    };
}

impl Config for Test {
    type Stake = Staking;
    type Penalty = ConstU128<PENALTY>;
    type GatherBlocks = ConstU32<GATHER>;
    type GatheringsMax = ConstU32<6>;
    type SumsPerBlockMax = ConstU32<SUMS>;
    type AttestationsMax = ConstU32<3>;
    type Costs = NoTime;
}

const PENALTY: Balance = 100;
const GATHER: u32 = 4;
const SUMS: u32 = 2;
/// How many providers have a stake.
const PROVIDERS: u8 = 5;
const STAKE: Balance = 10_000;
/// All the money.
const ISSUANCE: Balance = PROVIDERS as Balance * 1_000_000 + 100;

fn account(number: u8) -> AccountId32 {
    AccountId32::new([number + 1; 32])
}

/// The provider's key. Made once: points take their time.
fn secret(number: u8) -> &'static Secret {
    static SECRETS: OnceLock<Vec<Secret>> = OnceLock::new();
    let made = || (0..=PROVIDERS).map(|number| Secret::from_seed(&[number + 1; 32])).collect();
    &SECRETS.get_or_init(made)[usize::from(number)]
}

fn signed(number: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(number))
}

fn error(error: Error<Test>) -> DispatchError {
    error.into()
}

fn register(number: u8) -> Result<Pays, DispatchError> {
    let proof = secret(number).prove(&Notary::holder(&account(number)));
    let set = Notary::set_key(signed(number), secret(number).public(), proof);
    set.map(|info| info.pays_fee).map_err(|failed| failed.error)
}

/// Everybody has a stake, and as many a key.
fn ext(with_key: u8) -> TestExternalities {
    let mut balances: Vec<_> = (0..PROVIDERS).map(|number| (account(number), 1_000_000)).collect();
    balances.push((Treasury::get(), 100));
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    let mut ext = citrate_testing::new_test_ext(&config);
    ext.execute_with(|| {
        for number in 0..PROVIDERS {
            Staking::bond(signed(number), Role::Provider, STAKE).unwrap();
        }
        for number in 0..with_key {
            assert_eq!(register(number), Ok(Pays::No));
        }
    });
    ext
}

fn next_block() {
    let now = System::block_number() + 1;
    System::set_block_number(now);
    let weight = Notary::on_initialize(now);
    assert!(weight.all_lte(Notary::hooks_weight_max()), "{weight:?}");
    check();
}

/// No money is made or lost; what is awaited and queued belongs to a gathering.
fn check() {
    let sum: Balance = pallet_system::Account::<Test>::iter()
        .map(|(_, account)| account.data.free + account.data.reserved)
        .sum();
    assert_eq!(sum, ISSUANCE);
    for (_, job) in Awaited::<Test>::iter_keys() {
        assert!(Gatherings::<Test>::contains_key(job), "a share of {job:?} is awaited");
    }
    let (first, end) = QueueRange::<Test>::get();
    assert_eq!(Queue::<Test>::iter().count() as u64, end - first);
    assert_eq!(Gatherings::<Test>::iter().count() as u32, Gatherings::<Test>::count());
}

fn job(number: u8) -> JobId {
    H256([number; 32])
}

fn statement(number: u8) -> Statement {
    let genesis = pallet_system::Pallet::<Test>::genesis_hash();
    Statement { genesis, job: job(number), attempt: 1, output: H256([7; 32]) }
}

fn settle(number: u8, providers: &[u8]) {
    let providers: Vec<AccountId32> = providers.iter().map(|number| account(*number)).collect();
    Notary::on_settled(job(number), 1, H256([7; 32]), &providers);
}

fn share_with(number: u8, of: u8, share: bls::Signature) -> Result<(), DispatchError> {
    let id = statement(of).share_id(&secret(number).public());
    let sent = Notary::share(signed(number), job(of), id, share);
    sent.map(|info| assert_eq!(info.pays_fee, Pays::No)).map_err(|failed| failed.error)
}

fn share(number: u8, of: u8) -> Result<(), DispatchError> {
    share_with(number, of, secret(number).sign(&statement(of).signing_payload()))
}

/// A share that is a signature, but of something else.
fn lie(number: u8, of: u8) {
    share_with(number, of, secret(number).sign(b"something else")).unwrap();
}

fn attested(of: u8) -> Option<Attestation> {
    Pallet::<Test>::attestation(job(of))
}

/// Who signed, if the attestation is true: checked as anybody can who has nothing but it.
fn signers(of: u8) -> Vec<u8> {
    let Some(found) = attested(of) else { return Vec::new() };
    let keys: Vec<Key> = found.signers.iter().map(|(_, key)| Key::try_new(key).unwrap()).collect();
    let payload = found.statement.signing_payload();
    citrate_bls::verify_aggregate(&keys, &payload, &found.signature).unwrap();
    assert_eq!(found.statement, statement(of));
    let number = |who: &AccountId32| (0..PROVIDERS).find(|number| account(*number) == *who);
    found.signers.iter().map(|(who, _)| number(who).unwrap()).collect()
}

fn stake(number: u8) -> Balance {
    Staking::active(&account(number), Role::Provider)
}

#[test]
fn a_key_needs_a_stake_and_a_proof_for_its_account() {
    ext(0).execute_with(|| {
        let stranger = PROVIDERS;
        assert_eq!(register(stranger), Err(error(Error::NoStake)));
        // Somebody else's proof, and one for another account.
        let (key, own) = (secret(0).public(), Notary::holder(&account(0)));
        for (by, proof) in [
            (1, secret(0).prove(&own)),
            (0, secret(0).prove(&[])),
            (0, secret(1).prove(&own)),
            (0, bls::Proof([0xff; 48])),
        ] {
            let refused = Notary::set_key(signed(by), key, proof).unwrap_err().error;
            assert_eq!(refused, error(Error::WrongProof));
        }
        let garbage = bls::Public([0xff; 96]);
        let refused = Notary::set_key(signed(0), garbage, secret(0).prove(&own)).unwrap_err();
        assert_eq!(refused.error, error(Error::WrongProof));
        assert_eq!(Keys::<Test>::iter().count(), 0);

        // The first key is free, another one is not: a proof costs the chain milliseconds.
        assert_eq!(register(0), Ok(Pays::No));
        assert_eq!(Pallet::<Test>::key(account(0)), Some(key));
        assert_eq!(register(0), Ok(Pays::Yes));
        Notary::remove_key(signed(0)).unwrap();
        assert_eq!(Notary::remove_key(signed(0)), Err(error(Error::NoKey)));
    });
}

#[test]
fn those_who_agree_sign_together_and_one_signature_stays() {
    ext(5).execute_with(|| {
        settle(1, &[0, 1, 2, 3, 4]);
        assert_eq!(Pallet::<Test>::awaited(&account(2), 9), [(statement(1), secret(2).public())]);
        for number in 0..5 {
            share(number, 1).unwrap();
            assert_eq!(share(number, 1), Err(error(Error::NotAwaited)), "once is enough");
        }
        assert_eq!(attested(1), None, "the next block verifies it");
        next_block();
        assert_eq!(signers(1), [0, 1, 2, 3, 4]);
        assert_eq!(attested(1).unwrap().at, System::block_number());
        assert_eq!((Gatherings::<Test>::count(), Awaited::<Test>::iter().count()), (0, 0));
        let accounts = (0..5).map(account).collect();
        System::assert_last_event(Event::JobAttested { job: job(1), signers: accounts }.into());
        assert!((0..5).all(|number| stake(number) == STAKE));
    });
}

#[test]
fn a_provider_without_a_key_or_without_a_word_loses_nothing() {
    ext(2).execute_with(|| {
        // The third has no key, the second says nothing.
        settle(1, &[0, 1, 2]);
        share(0, 1).unwrap();
        assert_eq!(share(2, 1), Err(error(Error::NotAwaited)));
        // Nobody of these has a key, and one alone needs no attestation.
        settle(2, &[2, 3]);
        settle(3, &[0]);
        assert_eq!(Gatherings::<Test>::count(), 1);
        // Nobody of these says anything.
        settle(4, &[1, 2, 3]);
        for _ in 0..GATHER {
            assert!(Gatherings::<Test>::contains_key(job(1)));
            next_block();
        }
        next_block();
        assert_eq!(signers(1), [0]);
        assert_eq!(share(1, 1), Err(error(Error::NotAwaited)), "too late");
        assert_eq!(attested(4), None);
        assert_eq!(Gatherings::<Test>::count(), 0);
        assert!((0..4).all(|number| stake(number) == STAKE));
        let gone = System::events()
            .into_iter()
            .any(|record| record.event == RuntimeEvent::from(Event::JobUnattested { job: job(4) }));
        assert!(gone, "readers hear that there is none");
    });
}

#[test]
fn shares_of_other_statements_and_what_is_no_share_are_refused() {
    ext(3).execute_with(|| {
        settle(1, &[0, 1]);
        settle(2, &[0, 1]);
        let good = secret(0).sign(&statement(1).signing_payload());
        // Of another job, another fork's output, another key.
        let other = Statement { output: H256([8; 32]), ..statement(1) };
        for id in [
            statement(2).share_id(&secret(0).public()),
            other.share_id(&secret(0).public()),
            statement(1).share_id(&secret(1).public()),
        ] {
            let refused = Notary::share(signed(0), job(1), id, good).unwrap_err().error;
            assert_eq!(refused, error(Error::OtherStatement));
        }
        // No panelist, no job, no point, the identity.
        assert_eq!(share(2, 1), Err(error(Error::NotAwaited)));
        assert_eq!(share(0, 9), Err(error(Error::NotAwaited)));
        let mut identity = [0; 48];
        identity[0] = 0xc0;
        for bytes in [[0xff; 48], identity] {
            let refused = share_with(0, 1, bls::Signature(bytes));
            assert_eq!(refused, Err(error(Error::NoSignature)));
        }
        // A key that changes meanwhile changes nothing: the old one is awaited.
        let proof = secret(5).prove(&Notary::holder(&account(0)));
        Notary::set_key(signed(0), secret(5).public(), proof).unwrap();
        share(0, 1).unwrap();
        share(1, 1).unwrap();
        next_block();
        assert_eq!(signers(1), [0, 1]);
        assert_eq!(attested(1).unwrap().signers[0].1, secret(0).public());
        assert_eq!(stake(0), STAKE);
    });
}

#[test]
fn whoever_sends_a_wrong_share_is_slashed_and_the_others_count() {
    ext(4).execute_with(|| {
        // Two jobs of one batch, and one of the next.
        settle(1, &[0, 1, 2]);
        settle(2, &[1, 2]);
        settle(3, &[2, 3]);
        share(0, 1).unwrap();
        lie(1, 1);
        share(2, 1).unwrap();
        for (number, of) in [(1, 2), (2, 2), (2, 3), (3, 3)] {
            share(number, of).unwrap();
        }
        next_block();
        assert_eq!((attested(1), attested(2)), (None, None), "one of them is wrong");
        assert!((0..4).all(|number| stake(number) == STAKE), "nobody knows whose yet");
        next_block();
        assert_eq!(signers(3), [2, 3], "suspects wait behind the others");
        next_block();
        assert_eq!(signers(1), [0, 2]);
        let slashed = RuntimeEvent::from(Event::ShareWrong {
            job: job(1),
            provider: account(1),
            slashed: PENALTY,
        });
        assert!(System::events().into_iter().any(|record| record.event == slashed));
        next_block();
        assert_eq!(signers(2), [1, 2], "the neighbour of a wrong sum is not lost");
        assert_eq!([0, 1, 2, 3].map(stake), [STAKE, STAKE - PENALTY, STAKE, STAKE]);
        assert_eq!(Gatherings::<Test>::count(), 0);
    });
}

#[test]
fn swapped_shares_say_what_is_true_and_wrong_ones_leave_nothing() {
    ext(4).execute_with(|| {
        settle(1, &[0, 1]);
        settle(2, &[2, 3]);
        let payload = statement(1).signing_payload();
        share_with(0, 1, secret(1).sign(&payload)).unwrap();
        share_with(1, 1, secret(0).sign(&payload)).unwrap();
        share(2, 2).unwrap();
        share(3, 2).unwrap();
        next_block();
        // The sum of swapped shares is right, and says what is true: both have signed.
        assert_eq!(signers(1), [0, 1]);
        assert_eq!(signers(2), [2, 3]);
        // All of them wrong: nothing is left.
        settle(3, &[0, 1]);
        lie(0, 3);
        lie(1, 3);
        next_block();
        next_block();
        assert_eq!(attested(3), None);
        assert_eq!([0, 1].map(stake), [STAKE - PENALTY; 2]);
        assert_eq!(Gatherings::<Test>::count(), 0);
    });
}

#[test]
fn keys_that_cancel_each_other_keep_nobody_up() {
    ext(4).execute_with(|| {
        // Somebody who has the secrets of both can prove that: the second's key is the first's with the other sign.
        let mut opposite = secret(0).public();
        opposite.0[0] ^= 0x20;
        Keys::<Test>::insert(account(1), opposite);
        settle(1, &[0, 1]);
        settle(2, &[2, 3]);
        let right = secret(0).sign(&statement(1).signing_payload());
        let mut negated = right;
        negated.0[0] ^= 0x20;
        share_with(0, 1, right).unwrap();
        let id = statement(1).share_id(&opposite);
        Notary::share(signed(1), job(1), id, negated).unwrap();
        share(2, 2).unwrap();
        share(3, 2).unwrap();
        next_block();
        assert_eq!(signers(2), [2, 3], "the sum of nothing is no part of the batch");
        next_block();
        assert_eq!(attested(1), None);
        assert_eq!(Gatherings::<Test>::count(), 0);
        assert_eq!([0, 1].map(stake), [STAKE; 2], "both shares are right");
    });
}

#[test]
fn nothing_grows_without_a_limit() {
    ext(2).execute_with(|| {
        for number in 0..20 {
            settle(number, &[0, 1]);
        }
        assert_eq!(Gatherings::<Test>::count(), 6);
        // As many may end in a block as it may verify; the others end later.
        let ends: Vec<(u32, usize)> =
            Due::<Test>::iter().map(|(at, jobs)| (at, jobs.len())).collect();
        assert!(ends.iter().all(|(_, jobs)| *jobs <= SUMS as usize), "{ends:?}");
        for number in 0..6 {
            share(0, number).unwrap();
            share(1, number).unwrap();
        }
        for done in [2, 4, 6] {
            next_block();
            assert_eq!(Gatherings::<Test>::count(), 6 - done);
        }
        // Three are kept.
        assert!((0..3).all(|number| attested(number).is_none()));
        assert!((3..6).all(|number| signers(number) == [0, 1]));
        // What was due meanwhile is nothing any more.
        for _ in 0..12 {
            next_block();
        }
        assert_eq!(Due::<Test>::iter().count(), 0);
        assert!((3..6).all(|number| attested(number).is_some()));
    });
}

/// In the mock a read weighs 1 and a write 1,000.
fn assert_covers(weight: Weight, accesses: &Accesses, what: &str) {
    let (reads, writes) = (weight.ref_time() % 1_000, weight.ref_time() / 1_000);
    assert!(
        accesses.reads() <= reads && accesses.writes() <= writes,
        "{what} weighs {reads} reads and {writes} writes and did {} and {}: {accesses:#?}",
        accesses.reads(),
        accesses.writes()
    );
}

fn call(ext: &mut TestExternalities, number: u8, call: Call<Test>) {
    let call = RuntimeCall::Notary(call);
    let (weight, what) = (call.get_dispatch_info().call_weight, format!("{call:?}"));
    let (result, accesses) = ext.accesses(|| call.dispatch(signed(number)));
    result.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    assert_covers(weight, &accesses, &what);
}

#[test]
fn calls_and_hooks_weigh_what_they_do() {
    let mut ext = ext(4);
    let fifth = |ext: &mut TestExternalities| {
        let proof = ext.execute_with(|| secret(4).prove(&Notary::holder(&account(4))));
        Call::set_key { key: secret(4).public(), proof }
    };
    let set = fifth(&mut ext);
    call(&mut ext, 4, set.clone());
    call(&mut ext, 4, Call::remove_key {});
    call(&mut ext, 4, set);
    let all = [0, 1, 2, 3, 4];
    let opened = Pallet::<Test>::weight();
    for number in 0..4 {
        let ((), accesses) = ext.accesses(|| settle(number, &all));
        assert_covers(opened, &accesses, "a settled job");
    }
    let sent = |ext: &mut TestExternalities, number: u8, of: u8, is_right: bool| {
        let (statement, id) = ext.execute_with(|| {
            let statement = statement(of);
            (statement.signing_payload(), statement.share_id(&secret(number).public()))
        });
        let payload = if is_right { statement } else { b"something else".to_vec() };
        let share = secret(number).sign(&payload);
        call(ext, number, Call::share { job: job(of), id, share });
    };
    // One without a share, one with one, one that is right, one that is all wrong.
    sent(&mut ext, 0, 1, true);
    for number in all {
        sent(&mut ext, number, 2, true);
        sent(&mut ext, number, 3, false);
    }
    for _ in 0..GATHER + 6 {
        let (weight, accesses) = ext.accesses(|| {
            let now = System::block_number() + 1;
            System::set_block_number(now);
            Notary::on_initialize(now)
        });
        assert_covers(weight, &accesses, "a block's hooks");
    }
    ext.execute_with(|| {
        assert_eq!((signers(1), signers(2), signers(3)), (vec![0], all.to_vec(), vec![]));
        assert_eq!(Gatherings::<Test>::count(), 0);
    });
}
