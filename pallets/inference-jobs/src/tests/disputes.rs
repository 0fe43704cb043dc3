//! Results that are disputed or checked: the referee's word, and who pays for it.

#![expect(clippy::disallowed_types, reason = "scores of a model; the chain reads them as integers")]

use citrate_core::{Balance, DispatchError, DispatchResult, H256};
use citrate_inference_types::{
    DType, Policy, RefereeFault, Refereeable, RefundReason, Tensor, Tensors, verdict_hash,
};
use citrate_support::pallet_prelude::BoundedVec;
use citrate_support::traits::Dispatchable as _;
use citrate_support::traits::fungible::Inspect as _;
use codec::Encode;
use pallet_referee::{Answer, Cases, Stage, Vote};
use pallet_staking::{Role, Stake};
use sp_arithmetic::Permill;

use super::mock::{
    Balances, Burn, ISSUANCE, JUDGES, MODEL, MODULE, Market, OWNER, PRICE, Referee, RuntimeCall,
    RuntimeOrigin, SpotCheckRate, Staking, Test, Treasury, account, add_judges, add_provider,
    assigned, card, check, ext, free, input, judge, next_block, panel, provider, provider_account,
    receipt, register, scores, signed, state, submit_with,
};
use super::panel::{commit, reveal};
use crate::{Blob, Error, State};

/// The model's answer.
const RIGHT: f32 = 0.9;
/// Another one.
const WRONG: f32 = 0.1;
/// What a wrong result costs: 200 and twice the price.
const PENALTY: Balance = 200 + 2 * PRICE;
/// What makes the committee's commitments unlike each other's.
const SALT: H256 = H256([5; 32]);
/// What a challenger puts up.
const BOND: Balance = 500;
/// A provider's part of the price.
const EARNED: Balance = PRICE * 75 / 100;

pub(super) fn stake(number: u8) -> Balance {
    <Staking as Stake>::active(&provider_account(number), Role::Provider)
}

/// What the referee's module answers.
fn answer(score: f32) -> Answer {
    let Blob::Inline(bytes) = scores(score) else { unreachable!() };
    let tensors = Tensors::from_bytes(&bytes).unwrap();
    Ok::<_, RefereeFault>(tensors).encode().try_into().unwrap()
}

pub(super) fn deliver(number: u8, job: H256, score: f32) -> DispatchResult {
    let output = scores(score);
    let mut receipt = receipt(number, job);
    receipt.output = output.hash();
    let signature = provider(number).sign(&receipt.signing_payload());
    let who = signed(&provider_account(number));
    Market::submit_receipt(who, job, receipt, output, signature)
        .map(drop)
        .map_err(|failed| failed.error)
}

/// The numbers of those who judge a case.
fn committee(case: H256) -> Vec<u8> {
    let members = Cases::<Test>::get(case).unwrap().members;
    let number = |who| (0..JUDGES).find(|number| judge(*number) == who).unwrap();
    members.into_iter().map(|seat| number(seat.account)).collect()
}

fn vote(case: H256, number: u8) -> Vote {
    let round = Cases::<Test>::get(case).unwrap().round;
    Vote { case, round, member: judge(number) }
}

/// The calls by which all of the committee answer so; each is made when its turn comes.
pub(super) fn votes(case: H256, score: f32) -> Vec<Box<dyn Fn() -> pallet_referee::Call<Test>>> {
    votes_for(case, answer(score))
}

fn votes_for(case: H256, answer: Answer) -> Vec<Box<dyn Fn() -> pallet_referee::Call<Test>>> {
    let members = committee(case);
    let (committed, revealed) = (answer.clone(), answer);
    let commits = members.clone().into_iter().map(move |number| {
        let answer = committed.clone();
        let commit = move || {
            let vote = vote(case, number);
            let attempt = Cases::<Test>::get(case).unwrap().attempt;
            let verdict = verdict_hash(&case, attempt, &MODULE, &answer);
            let commitment = vote.commitment(&verdict, &SALT);
            let payload = vote.signing_payload(&Referee::genesis(), &commitment);
            let signature = provider(number).sign(&payload);
            pallet_referee::Call::commit_unsigned { vote, commitment, signature }
        };
        Box::new(commit) as Box<dyn Fn() -> pallet_referee::Call<Test>>
    });
    let reveals = members.into_iter().map(move |number| {
        let answer = revealed.clone();
        let reveal = move || {
            let (vote, answer) = (vote(case, number), answer.clone());
            let payload = vote.signing_payload(&Referee::genesis(), &(&answer, &SALT));
            let signature = provider(number).sign(&payload);
            pallet_referee::Call::reveal_unsigned { vote, answer, salt: SALT, signature }
        };
        Box::new(reveal) as Box<dyn Fn() -> pallet_referee::Call<Test>>
    });
    commits.chain(reveals).collect()
}

/// All of the committee answer so.
pub(super) fn judged(case: H256, score: f32) {
    judged_as(case, answer(score));
}

fn judged_as(case: H256, answer: Answer) {
    while Cases::<Test>::get(case).unwrap().stage == Stage::Waiting {
        next_block();
    }
    for vote in votes_for(case, answer) {
        RuntimeCall::Referee(vote()).dispatch(RuntimeOrigin::none()).unwrap();
    }
    assert_eq!(Cases::<Test>::get(case), None, "the last one decides");
    check();
}

/// A refereed job, with the numbers of those who have it.
fn refereed(providers: u8, quorum: u8) -> (H256, Vec<u8>) {
    add_judges(JUDGES);
    for number in 0..providers {
        add_provider(number, 1);
    }
    let job = submit_with(1, Policy::Refereed { providers, quorum }, 60);
    next_block();
    let panel = panel(job);
    if providers == 1 { (job, vec![assigned(job).unwrap()]) } else { (job, panel) }
}

/// Each commits to this and says it.
fn play(job: H256, answers: &[(u8, f32)]) {
    for (number, score) in answers {
        commit(*number, job, &scores(*score)).unwrap();
    }
    for (number, score) in answers {
        reveal(*number, job, &scores(*score)).unwrap();
    }
    check();
}

fn until(job: H256) -> u32 {
    let State::Claimed { until, .. } = state(job) else { panic!("{:?}", state(job)) };
    until
}

fn pass_the_window(job: H256) {
    let until = until(job);
    while super::mock::System::block_number() <= until {
        next_block();
    }
}

#[test]
fn there_is_the_whole_time_to_dispute_even_if_blocks_took_no_transactions() {
    ext().execute_with(|| {
        let (job, _) = refereed(1, 1);
        deliver(0, job, RIGHT).unwrap();
        let first = until(job);
        super::mock::System::note_closed_block();
        pass_the_window(job);
        let second = until(job);
        assert!(second > first, "{second}");
        Referee::dispute(signed(&account(2)), job).unwrap();
    });
}

#[test]
fn a_result_counts_when_nobody_disputes_it() {
    ext().execute_with(|| {
        let (job, _) = refereed(1, 1);
        let before = free(&provider_account(0));
        deliver(0, job, RIGHT).unwrap();
        assert_eq!(free(&provider_account(0)), before, "not paid yet");
        let info = Market::job(&job).unwrap();
        let shown = serde_json::to_value(&info.status).unwrap();
        assert!(shown.to_string().contains("laimed"), "{shown}");
        pass_the_window(job);
        assert!(matches!(state(job), State::Settled { .. }));
        assert_eq!(free(&provider_account(0)), before + EARNED);
        let late = Referee::dispute(signed(&account(2)), job);
        assert_eq!(late, Err(Error::<Test>::NotDisputable.into()));
    });
}

#[test]
fn who_disputes_a_wrong_result_gets_a_share_and_the_money_goes_back() {
    ext().execute_with(|| {
        let (job, _) = refereed(1, 1);
        let submitter = free(&account(1));
        deliver(0, job, WRONG).unwrap();
        let before = free(&account(2));
        Referee::dispute(signed(&account(2)), job).unwrap();
        assert_eq!(free(&account(2)), before - BOND);
        let again = Referee::dispute(signed(&account(1)), job);
        assert_eq!(again, Err(pallet_referee::Error::<Test>::AlreadyOpen.into()));
        judged(job, RIGHT);
        assert!(matches!(state(job), State::Refunded { reason: RefundReason::Refuted, .. }));
        assert_eq!(stake(0), 10_000 - PENALTY);
        assert_eq!(free(&account(2)), before + PENALTY / 4, "the bond is back, and a share");
        assert_eq!(free(&account(1)), submitter + PRICE);
    });
}

#[test]
fn who_disputes_a_right_result_loses_the_bond_to_its_provider() {
    ext().execute_with(|| {
        let (job, _) = refereed(1, 1);
        let (provider, challenger) = (free(&provider_account(0)), free(&account(2)));
        deliver(0, job, RIGHT).unwrap();
        Referee::dispute(signed(&account(2)), job).unwrap();
        judged(job, RIGHT);
        assert!(matches!(state(job), State::Settled { .. }));
        assert_eq!(free(&provider_account(0)), provider + EARNED + BOND);
        assert_eq!(free(&account(2)), challenger - BOND);
        assert_eq!(stake(0), 10_000);
    });
}

#[test]
fn two_of_three_who_collude_win_nothing() {
    ext().execute_with(|| {
        let (job, panel) = refereed(3, 2);
        let honest = provider_account(panel[2]);
        let before = free(&honest);
        play(job, &[(panel[0], WRONG), (panel[1], WRONG), (panel[2], RIGHT)]);
        until(job);
        // It stands to be slashed, so it has them judged.
        Referee::dispute(signed(&honest), job).unwrap();
        judged(job, RIGHT);
        for cheat in &panel[..2] {
            assert_eq!(stake(*cheat), 10_000 - PENALTY);
        }
        assert_eq!(stake(panel[2]), 10_000);
        assert_eq!(free(&honest), before + EARNED + 2 * (PENALTY / 4));
        let State::Settled { provider, output, .. } = state(job) else { panic!() };
        assert_eq!((provider, output), (honest, scores(RIGHT)), "the job has the right result");
    });
}

#[test]
fn without_a_dispute_the_panel_has_the_last_word() {
    ext().execute_with(|| {
        let (job, panel) = refereed(3, 2);
        play(job, &[(panel[0], RIGHT), (panel[1], RIGHT), (panel[2], WRONG)]);
        assert_eq!(stake(panel[2]), 10_000, "not before the window closes");
        pass_the_window(job);
        assert!(matches!(state(job), State::Settled { .. }));
        assert_eq!(stake(panel[2]), 10_000 - PENALTY);
    });
}

#[test]
fn a_panel_that_does_not_agree_is_judged_without_a_bond() {
    ext().execute_with(|| {
        let (job, panel) = refereed(2, 2);
        play(job, &[(panel[0], WRONG), (panel[1], RIGHT)]);
        assert!(matches!(state(job), State::Disputed { .. }));
        judged(job, RIGHT);
        let State::Settled { provider, .. } = state(job) else { panic!() };
        assert_eq!(provider, provider_account(panel[1]));
        assert_eq!((stake(panel[0]), stake(panel[1])), (10_000 - PENALTY, 10_000));
    });
}

#[test]
fn without_a_verdict_the_claim_stands_and_the_bond_is_free() {
    ext().execute_with(|| {
        let (job, _) = refereed(1, 1);
        let before = free(&account(2));
        deliver(0, job, WRONG).unwrap();
        Referee::dispute(signed(&account(2)), job).unwrap();
        // Two committees say nothing.
        for _ in 0..20 {
            next_block();
        }
        assert!(matches!(state(job), State::Settled { .. }));
        assert_eq!(free(&account(2)), before);
        assert_eq!(Cases::<Test>::count(), 0);
    });
}

/// Every block that could end the claim is full: the money goes back, and nothing hangs.
#[test]
fn a_claim_that_no_block_can_end_is_given_back() {
    ext().execute_with(|| {
        let (job, panel) = refereed(3, 2);
        let before = free(&account(1));
        let now = super::mock::System::block_number();
        for block in now..now + 40 {
            let full: Vec<(H256, u32)> = vec![(H256::zero(), 0); 3];
            crate::Due::<Test>::insert(block, BoundedVec::try_from(full).unwrap());
        }
        play(job, &[(panel[0], RIGHT), (panel[1], RIGHT), (panel[2], WRONG)]);
        assert!(matches!(state(job), State::Refunded { reason: RefundReason::NoResult, .. }));
        assert_eq!(free(&account(1)), before + 3 * PRICE);
    });
}

/// A card that says something else than its file does must not cost the providers their stakes.
#[test]
fn a_truth_that_is_not_of_the_cards_shape_is_none() {
    ext().execute_with(|| {
        let (job, _) = refereed(1, 1);
        let before = free(&account(2));
        deliver(0, job, RIGHT).unwrap();
        Referee::dispute(signed(&account(2)), job).unwrap();
        let tensor = Tensor::try_new(DType::U8, vec![1], vec![7]).unwrap();
        let other = Tensors::single("target_label", tensor).unwrap();
        judged_as(job, Ok::<_, RefereeFault>(other).encode().try_into().unwrap());
        assert!(matches!(state(job), State::Settled { .. }));
        assert_eq!((stake(0), free(&account(2))), (10_000, before));
    });
}

#[test]
fn without_a_verdict_a_panel_that_does_not_agree_is_not_paid() {
    ext().execute_with(|| {
        let (job, panel) = refereed(2, 2);
        let before = free(&account(1));
        play(job, &[(panel[0], WRONG), (panel[1], RIGHT)]);
        for _ in 0..20 {
            next_block();
        }
        let reason = RefundReason::Disagreed;
        assert!(matches!(state(job), State::Refunded { reason: of, .. } if of == reason));
        assert_eq!(free(&account(1)), before + 2 * PRICE);
        assert_eq!(
            (stake(panel[0]), stake(panel[1])),
            (10_000, 10_000),
            "nobody knows who is wrong"
        );
    });
}

#[test]
fn a_paid_result_may_be_checked_and_a_wrong_one_costs_more_than_it_brought() {
    SpotCheckRate::set(Permill::one());
    ext().execute_with(|| {
        add_judges(JUDGES);
        add_provider(0, 2);
        let (provider, submitter) = (free(&provider_account(0)), free(&account(1)));
        for (score, slashed) in [(RIGHT, 0), (WRONG, PENALTY + PRICE)] {
            let job = submit_with(1, Policy::Attested, 60);
            next_block();
            deliver(0, job, score).unwrap();
            assert!(matches!(state(job), State::Settled { .. }), "paid at once");
            next_block();
            judged(job, RIGHT);
            assert_eq!(stake(0), 10_000 - slashed);
        }
        assert_eq!(free(&provider_account(0)), provider + 2 * EARNED);
        assert_eq!(free(&account(1)), submitter - PRICE, "the second price is back");
    });
    SpotCheckRate::set(Permill::zero());
}

#[test]
fn how_many_results_are_checked_is_the_rate() {
    SpotCheckRate::set(Permill::from_percent(30));
    ext().execute_with(|| {
        add_judges(JUDGES);
        add_provider(0, 8);
        let mut checked = 0;
        for _ in 0..120 {
            let job = submit_with(1, Policy::Attested, 60);
            next_block();
            deliver(0, job, RIGHT).unwrap();
            next_block();
            if Cases::<Test>::contains_key(job) {
                checked += 1;
                judged(job, RIGHT);
            }
        }
        assert!((20..55).contains(&checked), "{checked} of 120");
    });
    SpotCheckRate::set(Permill::zero());
}

#[test]
fn what_cannot_be_judged_is_refused() {
    ext().execute_with(|| {
        let policy = Policy::Refereed { providers: 1, quorum: 1 };
        let submit = |model, policy| {
            Market::submit(signed(&account(1)), model, input(), 5 * PRICE, policy, 60)
        };
        let refused: DispatchResult = Err(Error::<Test>::NotComparable.into());
        assert_eq!(submit(MODEL, policy), refused, "the chain has no referee");
        add_judges(JUDGES);
        assert_eq!(submit(MODEL, policy), Ok(()));
        let other = H256([43; 32]);
        let unknown = citrate_inference_types::ModelCard { referee: Refereeable::No, ..card() };
        register(other, unknown);
        assert_eq!(submit(other, policy), refused, "the referee does not know the model");
        for (providers, quorum) in [(0, 0), (1, 0), (2, 1), (3, 4), (6, 4)] {
            let wrong = submit(MODEL, Policy::Refereed { providers, quorum });
            assert_eq!(wrong, Err(Error::<Test>::WrongPolicy.into()), "{quorum} of {providers}");
        }
        // The result must be on the chain, or nobody could judge it.
        add_provider(0, 2);
        next_block();
        let job = crate::Jobs::<Test>::iter().next().unwrap().0;
        let output = Blob::Content { hash: scores(RIGHT).hash(), bytes: 10 };
        let mut receipt = receipt(0, job);
        receipt.output = output.hash();
        let signature = provider(0).sign(&receipt.signing_payload());
        let who = signed(&provider_account(0));
        let hidden = Market::submit_receipt(who, job, receipt, output, signature);
        assert_eq!(hidden.unwrap_err().error, Error::<Test>::NotComparable.into());
        let unknown: DispatchError = Error::<Test>::UnknownJob.into();
        assert_eq!(Referee::dispute(signed(&account(2)), H256::zero()), Err(unknown));
        assert_eq!(
            Referee::dispute(signed(&account(2)), job),
            Err(Error::<Test>::NotDisputable.into())
        );
    });
}

#[test]
fn a_part_of_the_fee_may_be_burnt() {
    Burn::set(Permill::from_percent(10));
    ext().execute_with(|| {
        add_provider(0, 1);
        let before = (free(&provider_account(0)), free(&account(OWNER)), free(&Treasury::get()));
        let job = submit_with(1, Policy::Attested, 60);
        next_block();
        deliver(0, job, RIGHT).unwrap();
        let after = (free(&provider_account(0)), free(&account(OWNER)), free(&Treasury::get()));
        assert_eq!(after.0 - before.0, PRICE * 65 / 100);
        assert_eq!(after.1 - before.1, PRICE * 20 / 100);
        assert_eq!(after.2 - before.2, PRICE * 5 / 100);
        assert_eq!(Balances::total_issuance(), ISSUANCE - PRICE / 10);
    });
    Burn::set(Permill::zero());
}
