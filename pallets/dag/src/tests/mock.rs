//! The runtime, and blocks on it.

use crate::{Candidate, Config, Member, OnNewValidators, Validators};
use citrate_core::{
    AccountId32, Balance, Digest, DispatchError, H256, Header, KeyTypeId, Perbill, Permill, Weight,
    key_types, sr25519,
};
use citrate_dag_types::{
    Authority, Colour, DagDigest, EquivocationProof, Merged, MergedBlock, Slot, VrfSignature,
    seal_item,
};
use citrate_support::parameter_types;
use citrate_support::storage::unhashed;
use citrate_support::traits::{ConstU32, ConstU64, ConstU128, Get, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::TestExternalities;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use pallet_session::{OpaqueKeys, RawKey};
use pallet_staking::Role;
use scale_info::TypeInfo;

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Balances: pallet_balances = 1,
        Dag: crate = 6,
        Staking: pallet_staking = 7,
        Session: pallet_session = 10,
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

/// Slots in an epoch; outputs count in the first 8.
pub(super) const EPOCH: u64 = 12;
/// What a merged block brings.
pub(super) const ISSUANCE: Balance = 1_000;

parameter_types! {
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 1_000 };
    pub const PayloadWeight: Weight = Weight::from_parts(1_000, 1_000);
    pub const Treasury: AccountId32 = AccountId32::new([99; 32]);
    pub const TenPercent: Perbill = Perbill::from_percent(10);
    pub const MergerShare: Permill = Permill::from_percent(20);
    pub const TreasuryShare: Permill = Permill::from_percent(10);
}

/// A parameter that a runtime upgrade would change.
#[derive(Debug)]
pub struct PayloadBytes;

impl PayloadBytes {
    pub(super) fn set(bytes: u32) {
        unhashed::put(b"payload bytes", &bytes);
    }
}

impl Get<u32> for PayloadBytes {
    fn get() -> u32 {
        unhashed::get(b"payload bytes").unwrap_or(1_000)
    }
}

impl Config for Test {
    type SlotDuration = ConstU64<500>;
    type EpochLength = ConstU64<EPOCH>;
    type MaxAuthorities = ConstU32<3>;
    type PayloadBytesMax = PayloadBytes;
    type PayloadWeightMax = PayloadWeight;
    type MergesetMax = ConstU32<8>;
    type DelayBoundMs = ConstU32<1_000>;
    type Validators = Bonded;
    type OnNewValidators = (Recorder, ());
    type Currency = Balances;
    type MergerShare = MergerShare;
    type TreasuryShare = TreasuryShare;
    type Treasury = Treasury;
    type EvidenceEpochs = ConstU32<4>;
    type OffencesMax = ConstU32<2>;
    type EquivocationSlash = TenPercent;
    type ReporterShare = TenPercent;
}

impl pallet_staking::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProviderBondMin = ConstU128<100>;
    type ValidatorBondMin = ConstU128<500>;
    type UnbondingDelay = ConstU32<100>;
    type UnlockingMax = ConstU32<3>;
    type ValidatorsMax = ConstU32<5>;
    type SlashBeneficiary = Treasury;
}

impl pallet_session::Config for Test {
    type Keys = Keys;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type KeyDeposit = ConstU128<0>;
}

/// One key, which needs no proof here.
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
pub struct Keys(sr25519::Public);

impl OpaqueKeys for Keys {
    fn raw_keys(&self) -> Vec<(KeyTypeId, RawKey)> {
        vec![(key_types::DAG, RawKey::truncate_from(self.0.0.to_vec()))]
    }

    fn ownership_proof_is_valid(&self, _owner: &[u8], _proof: &[u8]) -> bool {
        true
    }
}

/// Stakes with keys.
#[derive(Debug)]
pub struct Bonded;

impl Validators for Bonded {
    fn candidates() -> Vec<Candidate> {
        let with_key = |(account, stake)| {
            let key = Session::keys(&account)?.0;
            Some(Candidate { account, key, stake })
        };
        Staking::validators().into_iter().filter_map(with_key).collect()
    }

    fn owner(key: &sr25519::Public) -> Option<AccountId32> {
        Session::key_owner(key_types::DAG, &key.0)
    }

    fn punish(
        who: &AccountId32,
        slash: Perbill,
        reporter: Option<(&AccountId32, Perbill)>,
    ) -> Balance {
        Staking::punish(who, slash, reporter)
    }
}

/// Remembers what it heard last.
#[derive(Debug)]
pub struct Recorder;

impl Recorder {
    pub(super) fn heard() -> Option<(u64, Vec<Member>)> {
        unhashed::get(b"heard")
    }
}

impl OnNewValidators for Recorder {
    fn on_new_validators(epoch: u64, validators: &[Member]) -> Weight {
        unhashed::put(b"heard", &(epoch, validators.to_vec()));
        DbWeight::get().writes(1)
    }
}

pub(super) fn pair(id: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[id; 32]).unwrap()
}

pub(super) fn account(id: u8) -> AccountId32 {
    AccountId32::new([id; 32])
}

pub(super) fn authority(id: u8, weight: u64) -> Authority {
    Authority { key: pair(id).public(), weight }
}

pub(super) fn member(id: u8, key: u8, weight: u64) -> Member {
    Member { account: account(id), authority: authority(key, weight) }
}

/// Accounts 1 to 6 have 100,000 each; 1 and 2 author, with keys 1 and 2, and nobody has a stake.
pub(super) fn ext() -> TestExternalities {
    ext_with(vec![])
}

/// As [`ext`], with these validators and bonds.
pub(super) fn ext_with(validators: Vec<(AccountId32, u64)>) -> TestExternalities {
    let balances = (1..=6).map(|id| (account(id), 100_000)).collect();
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        dag: crate::GenesisConfig {
            authorities: vec![authority(1, 1), authority(2, 1)],
            randomness: [9; 32],
            block_issuance: u64::try_from(ISSUANCE).unwrap(),
            ..Default::default()
        },
        staking: pallet_staking::GenesisConfig { validators, ..Default::default() },
        session: pallet_session::GenesisConfig {
            keys: (1..=5).map(|id| (account(id), Keys(pair(id).public()))).collect(),
        },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

pub(super) fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

pub(super) fn bond(id: u8, amount: Balance) {
    Staking::bond(signed(id), Role::Validator, amount).unwrap();
}

pub(super) fn set_key(id: u8, key: u8) {
    try_set_key(id, key).unwrap();
}

pub(super) fn try_set_key(id: u8, key: u8) -> Result<(), DispatchError> {
    Session::set_keys(signed(id), Keys(pair(key).public()), vec![])
}

/// A merged block; its output is a function of author and slot, as that of a VRF is.
pub(super) fn merged(author: u32, slot: u64, colour: Colour) -> MergedBlock {
    MergedBlock { author, slot: Slot(slot), colour, pre_output: output(author, slot) }
}

pub(super) fn blue(author: u32, slot: u64) -> MergedBlock {
    merged(author, slot, Colour::Blue)
}

pub(super) fn red(author: u32, slot: u64) -> MergedBlock {
    merged(author, slot, Colour::Red)
}

fn output(author: u32, slot: u64) -> [u8; 32] {
    (author, slot).using_encoded(citrate_core::hashing::blake2_256)
}

pub(super) fn dag_digest(slot: u64, author: u32, list: Vec<MergedBlock>) -> DagDigest {
    DagDigest {
        slot: Slot(slot),
        author,
        vrf: VrfSignature { pre_output: output(author, slot), proof: [4; 64] },
        other_parents: vec![],
        blue_score: 1,
        merged: Merged::new(list),
        payload_root: H256::zero(),
    }
}

/// Begins the next block, with this digest.
pub(super) fn begin(digest: &Digest) -> Weight {
    let number = pallet_system::Number::<Test>::get() + 1;
    System::initialize(&number, &H256::zero(), digest);
    Dag::on_initialize(number)
}

/// Begins the next block, by this author, in this slot.
pub(super) fn block(slot: u64, author: u32) -> Weight {
    merging(slot, author, vec![])
}

/// Begins the next block, which merges these besides its selected parent.
pub(super) fn merging(slot: u64, author: u32, list: Vec<MergedBlock>) -> Weight {
    begin(&Digest { logs: vec![dag_digest(slot, author, list).to_item()] })
}

/// The first slot of an epoch.
pub(super) fn first(epoch: u64) -> u64 {
    epoch * EPOCH
}

pub(super) fn keys(set: &[Member]) -> Vec<sr25519::Public> {
    set.iter().map(|member| member.authority.key).collect()
}

/// A sealed header of author `index` in `slot`; `number` makes it differ.
pub(super) fn header(index: u32, slot: u64, number: u32, by: u8) -> Header {
    let mut header = Header {
        parent_hash: H256::zero(),
        number,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs: vec![dag_digest(slot, index, vec![]).to_item()] },
    };
    let seal = pair(by).sign(header.hash().as_bytes());
    header.digest.push(seal_item(seal));
    header
}

/// Two headers of author `index` in `slot`, sealed by `key`.
pub(super) fn equivocation(index: u32, slot: u64, key: u8) -> Box<EquivocationProof> {
    Box::new(EquivocationProof {
        first: header(index, slot, 1, key),
        second: header(index, slot, 2, key),
    })
}

/// All money there is, which must be what accounts have.
pub(super) fn issuance() -> Balance {
    let sum = pallet_system::Account::<Test>::iter()
        .map(|(_, account)| account.data.free + account.data.reserved)
        .sum();
    assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), sum);
    sum
}
