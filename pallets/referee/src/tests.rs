//! Tests of the pallet on a small runtime, with a docket that says what the test wants.

use std::sync::OnceLock;

use citrate_core::{
    AccountId32, Balance, DispatchError, DispatchResult, H256, InvalidTransaction,
    TransactionSource, Weight, hashing, sr25519,
};
use citrate_inference_types::{DType, RefereeFault, RefereeLimits, Tensor, Tensors, verdict_hash};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128, Hooks, Randomness, ValidateUnsigned};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::TestExternalities;
use codec::Encode;
use pallet_staking::{Role, Stake as _};

use crate::{
    Answer, Answers, Call, Case, Cases, Committee, Config, Docket, Error, Event, HoldReason, Judge,
    Outcome, Pallet, Question, Referee as _, Stage, Vote,
};

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Balances: pallet_balances = 1,
        Staking: pallet_staking = 2,
        Court: crate = 3,
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
    /// What the docket says a verdict means.
    pub static Meaning: Outcome = Outcome::Void;
    /// What the docket was told: the case, what the model gives, who challenged.
    pub static Told: Vec<(H256, Option<Tensors>, Option<AccountId32>)> = vec![];
}

/// Everything but the zero hash may be disputed.
#[derive(Debug)]
pub struct Anything;

impl Docket for Anything {
    fn knows(case: &H256) -> bool {
        !case.is_zero()
    }

    fn dispute(case: &H256) -> Result<Question, DispatchError> {
        if case.is_zero() { Err(DispatchError::Other("no such result")) } else { Ok(question()) }
    }

    fn on_verdict(
        case: &H256,
        part: u32,
        truth: Option<&Tensors>,
        challenger: Option<&AccountId32>,
    ) -> Outcome {
        assert_eq!(part, question().part);
        Told::mutate(|told| told.push((*case, truth.cloned(), challenger.cloned())));
        Meaning::get()
    }

    fn verdict_weight() -> Weight {
        Weight::zero()
    }
}

#[derive(Debug)]
pub struct Staked;

impl Committee for Staked {
    fn judges() -> Vec<Judge> {
        let judge = |number| {
            let stake = Staking::active(&account(number), Role::Validator);
            Judge { account: account(number), stake }
        };
        (0..JUDGES).map(judge).collect()
    }

    fn key(judge: &AccountId32) -> Option<sr25519::Public> {
        (0..JUDGES).find(|number| account(*number) == *judge).map(|number| key(number).public())
    }

    fn weight() -> Weight {
        DbWeight::get().reads(u64::from(JUDGES))
    }
}

#[derive(Debug)]
pub struct BlockRandomness;

impl Randomness<H256, u32> for BlockRandomness {
    fn random(subject: &[u8]) -> (H256, u32) {
        let now = System::block_number();
        (H256((subject, now).using_encoded(hashing::blake2_256)), now)
    }
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Docket = Anything;
    type Committee = Staked;
    type Stake = Staking;
    type Randomness = BlockRandomness;
    type Treasury = Treasury;
    type Bond = ConstU128<500>;
    type Reward = ConstU128<10>;
    type Penalty = ConstU128<300>;
    type Seats = ConstU32<3>;
    type CommitBlocks = ConstU32<4>;
    type RevealBlocks = ConstU32<3>;
    type RoundsMax = ConstU32<2>;
    type CasesMax = ConstU32<3>;
    type CasesPerBlockMax = ConstU32<1>;
}

const JUDGES: u8 = 5;
const CHALLENGER: u8 = 50;
const MODULE: H256 = H256([66; 32]);
const CASE: H256 = H256([1; 32]);
const SALT: H256 = H256([5; 32]);
const STAKE: Balance = 10_000;
const ISSUANCE: Balance = (JUDGES as Balance + 1) * 100_000 + 1_000;

fn key(number: u8) -> &'static sr25519::Pair {
    static PAIRS: OnceLock<Vec<sr25519::Pair>> = OnceLock::new();
    let pairs = PAIRS.get_or_init(|| {
        let pair = |number| sr25519::Pair::from_suri(&format!("//Judge{number}"), None).unwrap();
        (0..JUDGES).map(pair).collect()
    });
    &pairs[usize::from(number)]
}

fn account(id: u8) -> AccountId32 {
    AccountId32::new([id; 32])
}

fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

fn question() -> Question {
    Question {
        attempt: 7,
        part: 3,
        limits: RefereeLimits { fuel: 1_000, memory_bytes: 1 << 20, output_bytes: 1_024 },
    }
}

fn ext() -> TestExternalities {
    let mut balances: Vec<_> = (0..JUDGES).map(|id| (account(id), 100_000)).collect();
    balances.push((account(CHALLENGER), 100_000));
    balances.push((Treasury::get(), 1_000));
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    let mut ext = citrate_testing::new_test_ext(&config);
    ext.execute_with(|| {
        System::set_block_number(1);
        Court::set_module(RuntimeOrigin::root(), Some(MODULE)).unwrap();
        for id in 0..JUDGES {
            Staking::bond(signed(id), Role::Validator, STAKE).unwrap();
        }
        Meaning::set(Outcome::Void);
        Told::set(vec![]);
    });
    ext
}

fn next_block() {
    let now = System::block_number() + 1;
    System::set_block_number(now);
    Court::on_initialize(now);
    let sum: Balance = pallet_system::Account::<Test>::iter()
        .map(|(_, account)| account.data.free + account.data.reserved)
        .sum();
    assert_eq!(sum, ISSUANCE, "no money comes or goes");
    for (case, _, _) in Answers::<Test>::iter() {
        assert!(Cases::<Test>::contains_key(case), "answers of a case that is decided");
    }
}

fn free(id: u8) -> Balance {
    pallet_system::Account::<Test>::get(account(id)).data.free
}

fn stake(id: u8) -> Balance {
    Staking::active(&account(id), Role::Validator)
}

fn error(error: Error<Test>) -> DispatchError {
    error.into()
}

fn case() -> Case {
    Cases::<Test>::get(CASE).unwrap()
}

/// Opens a case and has its committee drawn; gives the members' numbers.
fn dispute() -> Vec<u8> {
    Court::dispute(signed(CHALLENGER), CASE).unwrap();
    assert_eq!(case().stage, Stage::Waiting, "the block that opens it draws nobody");
    next_block();
    members()
}

fn members() -> Vec<u8> {
    let number = |who| (0..JUDGES).find(|id| account(*id) == who).unwrap();
    case().members.into_iter().map(|seat| number(seat.account)).collect()
}

fn tensors(value: u8) -> Tensors {
    let tensor = Tensor::try_new(DType::U8, vec![1], vec![value]).unwrap();
    Tensors::single("y", tensor).unwrap()
}

fn answer(value: u8) -> Answer {
    Ok::<_, RefereeFault>(tensors(value)).encode().try_into().unwrap()
}

fn vote(id: u8) -> Vote {
    Vote { case: CASE, round: case().round, member: account(id) }
}

fn verdict(answer: &Answer) -> H256 {
    verdict_hash(&CASE, question().attempt, &MODULE, answer)
}

fn commit_call(id: u8, signer: u8, answer: &Answer) -> Call<Test> {
    let vote = vote(id);
    let commitment = vote.commitment(&verdict(answer), &SALT);
    let payload = vote.signing_payload(&Pallet::<Test>::genesis(), &commitment);
    Call::commit_unsigned { vote, commitment, signature: key(signer).sign(&payload) }
}

fn reveal_call(id: u8, signer: u8, answer: &Answer) -> Call<Test> {
    let vote = vote(id);
    let payload = vote.signing_payload(&Pallet::<Test>::genesis(), &(answer, &SALT));
    let signature = key(signer).sign(&payload);
    Call::reveal_unsigned { vote, answer: answer.clone(), salt: SALT, signature }
}

fn cast(call: Call<Test>) -> DispatchResult {
    let none = RuntimeOrigin::none();
    match call {
        Call::commit_unsigned { vote, commitment, signature } => {
            Court::commit_unsigned(none, vote, commitment, signature)
        }
        Call::reveal_unsigned { vote, answer, salt, signature } => {
            Court::reveal_unsigned(none, vote, answer, salt, signature)
        }
        other => panic!("{other:?}"),
    }
}

fn commit(id: u8, value: u8) {
    cast(commit_call(id, id, &answer(value))).unwrap();
}

fn reveal(id: u8, value: u8) {
    cast(reveal_call(id, id, &answer(value))).unwrap();
}

fn failed() -> Vec<u8> {
    let number = |who| (0..JUDGES).find(|id| account(*id) == who).unwrap();
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Court(Event::MemberFailed { member, slashed, .. }) => {
                assert_eq!(slashed, 300);
                Some(number(member))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn more_than_half_decide_and_who_says_otherwise_is_slashed() {
    ext().execute_with(|| {
        let drawn = dispute();
        assert_eq!(drawn.len(), 3);
        let funds: Vec<_> = drawn.iter().map(|id| free(*id)).collect();
        for (id, value) in drawn.iter().zip([9, 9, 8]) {
            commit(*id, value);
        }
        assert!(matches!(case().stage, Stage::Revealing { .. }), "all have committed");
        for (id, value) in drawn.iter().zip([9, 9, 8]) {
            reveal(*id, value);
        }
        assert_eq!(Told::get(), [(CASE, Some(tensors(9)), Some(account(CHALLENGER)))]);
        assert_eq!(failed(), [drawn[2]]);
        assert_eq!(
            drawn.iter().map(|id| stake(*id)).collect::<Vec<_>>(),
            [STAKE, STAKE, STAKE - 300]
        );
        let paid: Vec<_> = drawn.iter().zip(funds).map(|(id, before)| free(*id) - before).collect();
        assert_eq!(paid, [10, 10, 0]);
        next_block();
    });
}

#[test]
fn nobody_is_slashed_for_an_answer_that_no_block_took() {
    ext().execute_with(|| {
        let drawn = dispute();
        drawn.iter().for_each(|id| commit(*id, 9));
        reveal(drawn[0], 9);
        let Stage::Revealing { due, .. } = case().stage else { panic!("{:?}", case().stage) };
        next_block();
        System::note_closed_block();
        while System::block_number() <= due {
            next_block();
        }
        assert_eq!(case().round, 1, "another committee is asked");
        assert_eq!(failed(), [0; 0]);
        assert!(drawn.iter().all(|id| stake(*id) == STAKE));
    });
}

#[test]
fn the_bond_goes_where_the_verdict_says() {
    for (outcome, lost) in [
        (Outcome::Void, 0),
        (Outcome::Refuted, 0),
        (Outcome::Upheld { defender: account(4) }, 500),
        // An account that cannot take it: the treasury does.
        (Outcome::Upheld { defender: account(CHALLENGER) }, 500),
    ] {
        ext().execute_with(|| {
            Meaning::set(outcome.clone());
            let drawn = dispute();
            assert_eq!(free(CHALLENGER), 100_000 - 500);
            let before = free(4);
            drawn.iter().for_each(|id| commit(*id, 1));
            drawn.iter().for_each(|id| reveal(*id, 1));
            let reason = HoldReason::Dispute.into();
            assert_eq!(Balances::on_hold(&reason, &account(CHALLENGER)), 0);
            let defended = outcome == Outcome::Upheld { defender: account(4) };
            if defended {
                let reward = if drawn.contains(&4) { 10 } else { 0 };
                assert_eq!(free(4), before + 500 + reward);
            }
            if outcome != (Outcome::Upheld { defender: account(CHALLENGER) }) {
                assert_eq!(free(CHALLENGER), 100_000 - lost, "{outcome:?}");
            }
            next_block();
        });
    }
}

#[test]
fn a_vote_is_its_members_own_and_cast_once() {
    ext().execute_with(|| {
        let drawn = dispute();
        let outsider = (0..JUDGES).find(|id| !drawn.contains(id)).unwrap();
        let (first, second) = (drawn[0], drawn[1]);
        assert_eq!(cast(commit_call(outsider, outsider, &answer(1))), Err(error(Error::NotMember)));
        assert_eq!(cast(commit_call(first, second, &answer(1))), Err(error(Error::WrongSignature)));
        assert_eq!(cast(reveal_call(first, first, &answer(1))), Err(error(Error::UnknownCase)));
        commit(first, 1);
        assert_eq!(cast(commit_call(first, first, &answer(1))), Err(error(Error::NotMember)));
        // The second copies the first one's commitment, and cannot open it.
        let Call::commit_unsigned { commitment, .. } = commit_call(first, first, &answer(1)) else {
            unreachable!()
        };
        let copy = vote(second);
        let payload = copy.signing_payload(&Pallet::<Test>::genesis(), &commitment);
        let signature = key(second).sign(&payload);
        cast(Call::commit_unsigned { vote: copy, commitment, signature }).unwrap();
        commit(drawn[2], 1);
        let copied = cast(reveal_call(second, second, &answer(1)));
        assert_eq!(copied, Err(error(Error::WrongCommitment)));
        let changed = cast(reveal_call(first, first, &answer(2)));
        assert_eq!(changed, Err(error(Error::WrongCommitment)));
        reveal(first, 1);
        assert_eq!(cast(reveal_call(first, first, &answer(1))), Err(error(Error::NotMember)));
        reveal(drawn[2], 1);
        // It does not own up in time: slashed, and the others decide.
        for _ in 0..6 {
            next_block();
        }
        assert_eq!(failed(), [second]);
        assert_eq!(Told::get().len(), 1);
    });
}

#[test]
fn silence_and_discord_have_another_committee_drawn_and_then_end_the_case() {
    ext().execute_with(|| {
        let drawn = dispute();
        drawn.iter().zip(1..).for_each(|(id, value)| commit(*id, value));
        drawn.iter().zip(1..).for_each(|(id, value)| reveal(*id, value));
        assert_eq!((case().round, case().stage), (1, Stage::Waiting), "three answers");
        assert_eq!(failed(), [0u8; 0], "nobody knows who is wrong");
        next_block();
        let again = members();
        assert_eq!(again.len(), 3);
        // One of the second committee commits: too few.
        commit(again[0], 1);
        for _ in 0..8 {
            next_block();
        }
        assert_eq!(Told::get(), [(CASE, None, Some(account(CHALLENGER)))]);
        assert_eq!(Cases::<Test>::count(), 0);
        assert_eq!(free(CHALLENGER), 100_000);
    });
}

#[test]
fn a_fault_of_the_model_is_no_truth() {
    ext().execute_with(|| {
        let drawn = dispute();
        let fault = Err::<Tensors, _>(RefereeFault::Unsupported("Loop".into())).encode();
        let fault: Answer = fault.try_into().unwrap();
        drawn.iter().for_each(|id| cast(commit_call(*id, *id, &fault)).unwrap());
        drawn.iter().for_each(|id| cast(reveal_call(*id, *id, &fault)).unwrap());
        assert_eq!(Told::get(), [(CASE, None, Some(account(CHALLENGER)))]);
        assert_eq!(failed(), [0u8; 0], "all said the same");
    });
}

#[test]
fn stake_decides_how_often_somebody_is_drawn() {
    ext().execute_with(|| {
        Staking::bond_extra(signed(0), 80_000).unwrap();
        Staking::chill(signed(1)).unwrap();
        let mut sat = [0; JUDGES as usize];
        for number in 0..60u8 {
            let id = H256([100 + number; 32]);
            Court::open(id, question()).unwrap();
            while Cases::<Test>::get(id).unwrap().stage == Stage::Waiting {
                next_block();
            }
            for seat in Cases::<Test>::get(id).unwrap().members {
                sat[usize::from(<[u8; 32]>::from(seat.account)[0])] += 1;
            }
            Cases::<Test>::remove(id);
        }
        assert_eq!(sat[1], 0, "without stake nobody sits");
        assert!(sat[0] > 55 && sat[2..].iter().all(|count| (25..55).contains(count)), "{sat:?}");
    });
}

#[test]
fn what_may_not_be_opened_is_refused() {
    ext().execute_with(|| {
        let refused = Court::set_module(signed(0), None);
        assert_eq!(refused, Err(DispatchError::BadOrigin));
        let dispute = |byte| Court::dispute(signed(CHALLENGER), H256([byte; 32]));
        assert_eq!(dispute(0), Err(DispatchError::Other("no such result")));
        for byte in 1..=3 {
            dispute(byte).unwrap();
        }
        assert_eq!(dispute(1), Err(error(Error::AlreadyOpen)));
        assert_eq!(dispute(4), Err(error(Error::TooManyCases)));
        // A block looks at one case: the others' committees are drawn after it.
        let waiting = || Cases::<Test>::iter().filter(|(_, c)| c.stage == Stage::Waiting).count();
        for left in [2, 1, 0] {
            next_block();
            assert_eq!(waiting(), left);
        }
        Court::set_module(RuntimeOrigin::root(), None).unwrap();
        assert_eq!(Court::open(H256([9; 32]), question()), Err(error(Error::NoReferee)));
    });
}

#[test]
fn the_pool_takes_each_vote_once() {
    ext().execute_with(|| {
        let validate =
            |call: &Call<Test>| Court::validate_unsigned(TransactionSource::External, call);
        let drawn = dispute();
        let good = commit_call(drawn[0], drawn[0], &answer(1));
        let tags = validate(&good).unwrap().provides;
        let other = validate(&commit_call(drawn[0], drawn[0], &answer(2))).unwrap().provides;
        assert_eq!(tags, other, "one vote of a member and stage");
        let forged = validate(&commit_call(drawn[0], drawn[1], &answer(1)));
        assert_eq!(forged, Err(InvalidTransaction::BadProof.into()));
        let early = validate(&reveal_call(drawn[0], drawn[0], &answer(1)));
        assert_eq!(early, Err(InvalidTransaction::Stale.into()));
        cast(good.clone()).unwrap();
        assert_eq!(validate(&good), Err(InvalidTransaction::Stale.into()));
        let none = validate(&Call::dispute { case: CASE });
        assert_eq!(none, Err(InvalidTransaction::Call.into()));
    });
}
