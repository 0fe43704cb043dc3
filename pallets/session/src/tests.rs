//! Tests of the pallet on a small runtime.

use crate::{Config, Error, HoldReason, KeyOwner, NextKeys, OpaqueKeys, RawKey};
use citrate_core::{AccountId32, DispatchError, KeyTypeId, key_types, sr25519};
use citrate_support::dispatch::GetDispatchInfo;
use citrate_support::traits::{ConstU128, Dispatchable, IdentityLookup};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{derive_impl, parameter_types};
use citrate_testing::TestExternalities;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system,
        Balances: pallet_balances,
        Session: crate,
    }
);

#[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData;
    type DbWeight = DbWeight;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU128<5>;
}

parameter_types! {
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 1_000 };
}

impl Config for Test {
    type Keys = Keys;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type KeyDeposit = ConstU128<100>;
}

/// Two keys; the proof is a signature of the owner's bytes by each.
#[derive(
    Clone,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Keys {
    dag: sr25519::Public,
    provider: sr25519::Public,
}

impl OpaqueKeys for Keys {
    fn raw_keys(&self) -> Vec<(KeyTypeId, RawKey)> {
        let raw = |key: &sr25519::Public| RawKey::truncate_from(key.0.to_vec());
        vec![(key_types::DAG, raw(&self.dag)), (key_types::PROVIDER, raw(&self.provider))]
    }

    fn ownership_proof_is_valid(&self, owner: &[u8], mut proof: &[u8]) -> bool {
        <(sr25519::Signature, sr25519::Signature)>::decode_all(&mut proof).is_ok_and(|(a, b)| {
            sr25519::verify(&a, owner, &self.dag) && sr25519::verify(&b, owner, &self.provider)
        })
    }
}

fn pair(seed: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[seed; 32]).unwrap()
}

fn account(id: u8) -> AccountId32 {
    AccountId32::new([id; 32])
}

fn keys(dag: u8, provider: u8) -> Keys {
    Keys { dag: pair(dag).public(), provider: pair(provider).public() }
}

/// Registers the keys of two seeds for an account, with a proof made for `owner`.
fn set(id: u8, (dag, provider): (u8, u8), owner: u8) -> Result<(), DispatchError> {
    let sign = |seed| pair(seed).sign(account(owner).as_ref());
    let proof = (sign(dag), sign(provider)).encode();
    Session::set_keys(RuntimeOrigin::signed(account(id)), keys(dag, provider), proof)
}

fn purge(id: u8) -> Result<(), DispatchError> {
    Session::purge_keys(RuntimeOrigin::signed(account(id)))
}

fn owner(id: KeyTypeId, seed: u8) -> Option<AccountId32> {
    Session::key_owner(id, &pair(seed).public().0)
}

fn held(id: u8) -> u128 {
    Balances::on_hold(&HoldReason::Keys.into(), &account(id))
}

fn error(error: Error<Test>) -> Result<(), DispatchError> {
    Err(error.into())
}

fn genesis(keys: Vec<(AccountId32, Keys)>) -> TestExternalities {
    let balances = vec![(account(1), 1000), (account(2), 1000), (account(3), 50)];
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        session: crate::GenesisConfig { keys },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

#[test]
fn keys_are_registered_replaced_and_removed() {
    genesis(vec![]).execute_with(|| {
        set(1, (11, 12), 1).unwrap();
        assert_eq!(Session::keys(&account(1)), Some(keys(11, 12)));
        assert_eq!(owner(key_types::DAG, 11), Some(account(1)));
        assert_eq!(owner(key_types::PROVIDER, 12), Some(account(1)));
        assert_eq!(owner(key_types::PROVIDER, 11), None, "a key of another type");
        assert_eq!(held(1), 100);

        // One key stays, the other changes.
        set(1, (11, 13), 1).unwrap();
        assert_eq!(held(1), 100, "one deposit");
        assert_eq!(owner(key_types::DAG, 11), Some(account(1)));
        assert_eq!(owner(key_types::PROVIDER, 12), None);
        assert_eq!(owner(key_types::PROVIDER, 13), Some(account(1)));

        purge(1).unwrap();
        assert_eq!((Session::keys(&account(1)), held(1)), (None, 0));
        assert_eq!(KeyOwner::<Test>::iter().count(), 0);
        assert_eq!(purge(1), error(Error::NoKeys));
        // What one gave up another may take.
        set(2, (11, 13), 2).unwrap();
    });
}

#[test]
fn only_who_owns_keys_registers_them() {
    genesis(vec![]).execute_with(|| {
        assert_eq!(set(1, (11, 12), 2), error(Error::InvalidProof), "made for another");
        for proof in [vec![], vec![0; 128], vec![0; 129]] {
            let origin = RuntimeOrigin::signed(account(1));
            let result = Session::set_keys(origin, keys(11, 12), proof);
            assert_eq!(result, error(Error::InvalidProof));
        }
        set(1, (11, 12), 1).unwrap();
        assert_eq!(set(2, (11, 14), 2), error(Error::DuplicatedKey));
        assert_eq!(set(2, (14, 12), 2), error(Error::DuplicatedKey));
        // A key of one type is another's key of another type.
        set(2, (12, 11), 2).unwrap();
        assert!(set(3, (15, 16), 3).is_err(), "no money for the deposit");
        assert!(Session::purge_keys(RuntimeOrigin::root()).is_err());
    });
}

#[test]
fn keys_at_genesis_cost_nothing() {
    genesis(vec![(account(1), keys(11, 12))]).execute_with(|| {
        assert_eq!(owner(key_types::DAG, 11), Some(account(1)));
        assert_eq!(held(1), 0);
        purge(1).unwrap();
        assert!(!NextKeys::<Test>::contains_key(account(1)));
    });
}

#[test]
#[should_panic(expected = "no key is two accounts' at genesis")]
fn a_key_is_one_accounts_at_genesis() {
    genesis(vec![(account(1), keys(11, 12)), (account(2), keys(13, 12))]);
}

#[test]
#[should_panic(expected = "has keys twice at genesis")]
fn an_account_has_keys_once_at_genesis() {
    genesis(vec![(account(1), keys(11, 12)), (account(1), keys(13, 14))]);
}

#[test]
fn calls_weigh_what_they_do() {
    let mut ext = genesis(vec![]);
    let mut run = |id: u8, call: crate::Call<Test>| {
        let call = RuntimeCall::Session(call);
        let weight = call.get_dispatch_info().call_weight.ref_time() % 1_000_000;
        let (result, accesses) = ext.accesses(|| call.dispatch(RuntimeOrigin::signed(account(id))));
        result.unwrap();
        let did = (accesses.reads(), accesses.writes());
        assert!(did.0 <= weight % 1_000 && did.1 <= weight / 1_000, "{weight}: {did:?}");
    };
    let set = |dag: u8, provider: u8| {
        let sign = |seed| pair(seed).sign(account(1).as_ref());
        let proof = (sign(dag), sign(provider)).encode();
        crate::Call::set_keys { keys: keys(dag, provider), proof }
    };
    run(1, set(11, 12));
    run(1, set(13, 14));
    run(1, crate::Call::purge_keys {});
}
