//! Jobs that several providers run: every attack ends in a slash, a refund or a refusal.

#![expect(clippy::disallowed_types, reason = "scores of a model; the chain reads them as integers")]

use citrate_core::{Balance, DispatchError, DispatchResult, H256, bls};
use citrate_inference_types::{Policy, Receipt, RefundReason};
use citrate_support::dispatch::Pays;
use pallet_providers::Providers as Entries;
use pallet_staking::{Role, Stake};

use super::mock::{
    MODEL, Market, OWNER, PRICE, PROVIDERS, Providers, RuntimeEvent, Staking, System, Test,
    Treasury, account, add_provider, assigned, card, check, ext, free, input, next_block, output,
    panel, provider, provider_account, receipt, register, scores, signed, state, submit,
    submit_redundant,
};
use crate::{Blob, Call, Error, Event, Fault, Jobs, SignedReceipt, State};

/// The model's answer.
const RIGHT: f32 = 0.9;
/// What a wrong or withheld result costs: 200 and twice the price.
const WRONG: Balance = 200 + 2 * PRICE;
/// What silence costs.
const SILENT: Balance = 50;

fn error(error: Error<Test>) -> DispatchError {
    error.into()
}

fn salt(number: u8) -> H256 {
    H256([number; 32])
}

fn receipt_for(number: u8, job: H256, output: &Blob) -> Receipt {
    Receipt { output: output.hash(), ..receipt(number, job) }
}

/// The call that commits to an output.
pub(super) fn commit_call(number: u8, job: H256, output: &Blob) -> Call<Test> {
    let attempt = Jobs::<Test>::get(job).unwrap().attempt;
    let commitment = receipt_for(number, job, output).commitment(&salt(number));
    Call::commit { job, attempt, commitment }
}

/// The call that opens that commitment.
pub(super) fn reveal_call(number: u8, job: H256, output: &Blob) -> Call<Test> {
    let receipt = receipt_for(number, job, output);
    let signature = provider(number).sign(&receipt.signing_payload());
    Call::reveal { job, receipt, output: output.clone(), salt: salt(number), signature }
}

fn commit_to(number: u8, job: H256, commitment: H256) -> DispatchResult {
    let attempt = Jobs::<Test>::get(job).unwrap().attempt;
    let committed = Market::commit(signed(&provider_account(number)), job, attempt, commitment);
    committed.map(|info| assert_eq!(info.pays_fee, Pays::No)).map_err(|failed| failed.error)
}

pub(super) fn commit(number: u8, job: H256, output: &Blob) -> DispatchResult {
    commit_to(number, job, receipt_for(number, job, output).commitment(&salt(number)))
}

fn reveal_with(number: u8, job: H256, output: &Blob, salt: H256) -> DispatchResult {
    let receipt = receipt_for(number, job, output);
    let signature = provider(number).sign(&receipt.signing_payload());
    let who = signed(&provider_account(number));
    Market::reveal(who, job, receipt, output.clone(), salt, signature)
        .map(drop)
        .map_err(|failed| failed.error)
}

pub(super) fn reveal(number: u8, job: H256, output: &Blob) -> DispatchResult {
    reveal_with(number, job, output, salt(number))
}

fn stake(number: u8) -> Balance {
    <Staking as Stake>::active(&provider_account(number), Role::Provider)
}

/// A market of so many providers with room for one job, and a job that is assigned.
fn market(providers: u8, wanted: u8, quorum: u8) -> (H256, Vec<u8>) {
    for number in 0..providers {
        add_provider(number, 1);
    }
    let job = submit_redundant(1, wanted, quorum, 60);
    next_block();
    let panel = panel(job);
    assert_eq!(panel.len(), usize::from(wanted));
    (job, panel)
}

/// Everybody commits to what it will say, and says it.
fn answer(job: H256, answers: &[(u8, f32)]) {
    for (number, score) in answers {
        commit(*number, job, &scores(*score)).unwrap();
    }
    for (number, score) in answers {
        reveal(*number, job, &scores(*score)).unwrap();
    }
    check();
}

fn faults(job: H256) -> Vec<(u8, Fault)> {
    let number = |who| (0..PROVIDERS).find(|n| provider_account(*n) == who).unwrap();
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Market(Event::ProviderFailed { job: of, provider, fault, .. })
                if of == job =>
            {
                Some((number(provider), fault))
            }
            _ => None,
        })
        .collect()
}

fn winners(job: H256) -> Vec<u8> {
    let State::Settled { provider, confirmed_by, .. } = state(job) else { return Vec::new() };
    let number = |who| (0..PROVIDERS).find(|n| provider_account(*n) == who).unwrap();
    [provider].into_iter().chain(confirmed_by).map(number).collect()
}

#[test]
fn who_agrees_may_attest_it() {
    ext().execute_with(|| {
        let (job, panel) = market(4, 3, 2);
        for number in &panel {
            let key = bls::Public([*number; 96]);
            pallet_attestations::Keys::<Test>::insert(provider_account(*number), key);
        }
        let [first, second, third] = panel[..] else { panic!("{panel:?}") };
        answer(job, &[(first, RIGHT), (second, 0.1), (third, RIGHT)]);
        let gathering = pallet_attestations::Gatherings::<Test>::get(job).unwrap();
        let seats: Vec<_> = gathering.seats.iter().map(|seat| seat.provider.clone()).collect();
        assert_eq!(seats, [first, third].map(provider_account), "not the one that was wrong");
        let statement = gathering.statement;
        assert_eq!((statement.job, statement.attempt), (job, 0));
        assert_eq!(statement.output, scores(RIGHT).hash());
        assert_eq!(statement.genesis, Market::genesis());
    });
}

#[test]
fn results_that_agree_are_paid_each() {
    ext().execute_with(|| {
        let (job, panel) = market(3, 3, 2);
        assert_eq!(free(&account(1)), 997_000);
        let before: Vec<_> = panel.iter().map(|n| free(&provider_account(*n))).collect();
        let shares = [free(&account(OWNER)), free(&Treasury::get())];
        // The same within 1e-4, as unlike machines give it.
        answer(job, &[(panel[0], RIGHT), (panel[1], RIGHT + 1e-5), (panel[2], RIGHT - 1e-5)]);
        assert_eq!(winners(job), panel);
        for (number, before) in panel.iter().zip(before) {
            assert_eq!(free(&provider_account(*number)) - before, 750);
            assert_eq!(stake(*number), 10_000);
            assert_eq!(Entries::<Test>::get(provider_account(*number)).unwrap().completed, 1);
        }
        assert_eq!(free(&account(OWNER)) - shares[0], 600);
        assert_eq!(free(&Treasury::get()) - shares[1], 150);
        assert_eq!(free(&account(1)), 997_000);
        assert!(faults(job).is_empty());
    });
}

#[test]
fn a_wrong_result_is_slashed_and_earns_nothing() {
    ext().execute_with(|| {
        let (job, panel) = market(3, 3, 2);
        let cheat = panel[1];
        let before = free(&provider_account(cheat));
        answer(job, &[(panel[0], RIGHT), (cheat, 0.5), (panel[2], RIGHT)]);
        assert_eq!(winners(job), [panel[0], panel[2]]);
        assert_eq!(faults(job), [(cheat, Fault::Wrong)]);
        assert_eq!(stake(cheat), 10_000 - WRONG);
        assert_eq!(free(&provider_account(cheat)), before);
        assert_eq!(Entries::<Test>::get(provider_account(cheat)).unwrap().wrong, 1);
        // What was held for the third run goes back.
        assert_eq!(free(&account(1)), 998_000);
    });
}

#[test]
fn who_copies_a_commitment_cannot_open_it() {
    ext().execute_with(|| {
        let (job, panel) = market(3, 3, 2);
        let (honest, copier, other) = (panel[0], panel[1], panel[2]);
        let right = scores(RIGHT);
        let copied = receipt_for(honest, job, &right).commitment(&salt(honest));
        commit(honest, job, &right).unwrap();
        commit_to(copier, job, copied).unwrap();
        commit(other, job, &right).unwrap();
        reveal(honest, job, &right).unwrap();
        // The copier knows the result and the salt now, and its own receipt does not fit.
        for salt in [salt(honest), salt(copier)] {
            let refused = reveal_with(copier, job, &right, salt);
            assert_eq!(refused, Err(error(Error::WrongCommitment)));
        }
        // The honest one's receipt does, and is not the copier's.
        let receipt = receipt_for(honest, job, &right);
        let signature = provider(honest).sign(&receipt.signing_payload());
        let who = signed(&provider_account(copier));
        let stolen = Market::reveal(who, job, receipt, right.clone(), salt(honest), signature);
        assert_eq!(stolen.map_err(|e| e.error).err(), Some(error(Error::WrongReceipt)));
        reveal(other, job, &right).unwrap();
        while state(job).is_open() {
            next_block();
        }
        assert_eq!(winners(job), [honest, other]);
        assert_eq!(faults(job), [(copier, Fault::Withheld)]);
        assert_eq!(stake(copier), 10_000 - WRONG);
    });
}

#[test]
fn who_does_not_like_the_others_results_cannot_withdraw_its_own() {
    ext().execute_with(|| {
        let (job, panel) = market(3, 3, 2);
        for number in &panel {
            commit(*number, job, &scores(if *number == panel[2] { 0.1 } else { RIGHT })).unwrap();
        }
        reveal(panel[0], job, &scores(RIGHT)).unwrap();
        reveal(panel[1], job, &scores(RIGHT)).unwrap();
        // Another result than the one that it has committed to, or leaving, is refused.
        let changed = reveal(panel[2], job, &scores(RIGHT));
        assert_eq!(changed, Err(error(Error::WrongCommitment)));
        let left = Market::decline(signed(&provider_account(panel[2])), job, 0);
        assert_eq!(left, Err(error(Error::NotAssigned)));
        let State::Revealing { reveal_by, .. } = state(job) else { panic!("{:?}", state(job)) };
        while System::block_number() <= reveal_by {
            assert!(state(job).is_open());
            next_block();
        }
        assert_eq!(winners(job), [panel[0], panel[1]]);
        assert_eq!(stake(panel[2]), 10_000 - WRONG);
    });
}

#[test]
fn silence_costs_and_the_others_go_on() {
    ext().execute_with(|| {
        let (job, panel) = market(3, 3, 2);
        let right = scores(RIGHT);
        commit(panel[0], job, &right).unwrap();
        commit(panel[1], job, &right).unwrap();
        assert_eq!(reveal(panel[0], job, &right), Err(error(Error::NotAssigned)));
        let State::Committing { commit_by, .. } = state(job) else { panic!("{:?}", state(job)) };
        while System::block_number() <= commit_by {
            next_block();
        }
        assert_eq!(commit(panel[2], job, &right), Err(error(Error::NotAssigned)));
        assert_eq!(super::mock::panel(job), [panel[0], panel[1]]);
        assert_eq!(stake(panel[2]), 10_000 - SILENT);
        // It has room for another job at once.
        assert_eq!(Entries::<Test>::get(provider_account(panel[2])).unwrap().assigned, 0);
        reveal(panel[0], job, &right).unwrap();
        reveal(panel[1], job, &right).unwrap();
        assert_eq!(winners(job), [panel[0], panel[1]]);
        check();
    });
}

#[test]
fn too_few_commitments_bring_others_and_then_the_money_back() {
    ext().execute_with(|| {
        let (job, first) = market(5, 2, 2);
        commit(first[0], job, &scores(RIGHT)).unwrap();
        while panel(job) == first {
            next_block();
        }
        assert_eq!(faults(job), [(first[1], Fault::Silent)]);
        if panel(job).is_empty() {
            next_block();
        }
        let second = panel(job);
        assert!(!second.contains(&first[1]), "{second:?}");
        // The commitment of the first attempt is not one of the second.
        assert_eq!(Jobs::<Test>::get(job).unwrap().attempt, 1);
        while state(job).is_open() {
            next_block();
        }
        assert!(matches!(state(job), State::Refunded { reason: RefundReason::NoResult, .. }));
        assert_eq!(free(&account(1)), 1_000_000);
        assert_eq!(faults(job).len(), 3);
    });
}

#[test]
fn where_nobody_has_a_majority_nobody_is_paid_or_slashed() {
    ext().execute_with(|| {
        let (job, panel) = market(3, 3, 2);
        answer(job, &[(panel[0], 0.1), (panel[1], 0.2), (panel[2], 0.3)]);
        let now = System::block_number();
        assert_eq!(state(job), State::Refunded { reason: RefundReason::Disagreed, at: now });
        assert_eq!(free(&account(1)), 1_000_000);
        assert!(panel.iter().all(|number| stake(*number) == 10_000));
    });
    ext().execute_with(|| {
        // With others left, they try.
        let (job, first) = market(4, 2, 2);
        answer(job, &[(first[0], RIGHT), (first[1], 0.2)]);
        assert_eq!(state(job), State::Queued);
        next_block();
        let second = panel(job);
        assert!(second.iter().all(|number| !first.contains(number)));
        answer(job, &[(second[0], RIGHT), (second[1], RIGHT)]);
        assert_eq!(winners(job), second);
        assert_eq!(free(&account(1)), 998_000);
    });
}

#[test]
fn an_honest_result_at_the_edge_is_not_slashed() {
    ext().execute_with(|| {
        let (job, panel) = market(5, 5, 3);
        // 1.9e-4 is what the card allows around 0.9. The last one agrees with one or two of the four others.
        let scores = [0.9, 0.9001, 0.9, 0.9002, 0.90035];
        answer(job, &[0, 1, 2, 3, 4].map(|at| (panel[at], scores[at])));
        assert_eq!(winners(job).len(), 4);
        assert!(!winners(job).contains(&panel[4]));
        assert!(faults(job).is_empty());
        assert_eq!(stake(panel[4]), 10_000);
    });
}

#[test]
fn what_is_no_result_of_the_model_agrees_with_nothing() {
    ext().execute_with(|| {
        let (job, panel) = market(3, 3, 2);
        // Two that say the same nonsense, and one that says NaN.
        let nonsense = output();
        commit(panel[0], job, &nonsense).unwrap();
        commit(panel[1], job, &nonsense).unwrap();
        commit(panel[2], job, &scores(f32::NAN)).unwrap();
        reveal(panel[0], job, &nonsense).unwrap();
        reveal(panel[1], job, &nonsense).unwrap();
        reveal(panel[2], job, &scores(f32::NAN)).unwrap();
        assert!(matches!(state(job), State::Refunded { reason: RefundReason::Disagreed, .. }));
        check();
    });
}

#[test]
fn a_result_that_the_chain_cannot_see_is_refused_where_closeness_counts() {
    ext().execute_with(|| {
        let (job, panel) = market(2, 2, 2);
        let hidden = Blob::Content { hash: scores(RIGHT).hash(), bytes: scores(RIGHT).len() };
        commit(panel[0], job, &hidden).unwrap();
        commit(panel[1], job, &hidden).unwrap();
        assert_eq!(reveal(panel[0], job, &hidden), Err(error(Error::NotComparable)));
        // The same bytes inline have the same receipt.
        reveal(panel[0], job, &scores(RIGHT)).unwrap();
        reveal(panel[1], job, &scores(RIGHT)).unwrap();
        assert_eq!(winners(job), panel);
    });
}

#[test]
fn a_provider_leaves_before_it_commits_and_not_after() {
    ext().execute_with(|| {
        let (job, panel) = market(3, 3, 2);
        let decline = |number: u8| Market::decline(signed(&provider_account(number)), job, 0);
        commit(panel[0], job, &scores(RIGHT)).unwrap();
        assert_eq!(commit(panel[0], job, &scores(RIGHT)), Err(error(Error::AlreadyCommitted)));
        assert_eq!(decline(panel[0]), Err(error(Error::AlreadyCommitted)));
        commit(panel[1], job, &scores(RIGHT)).unwrap();
        // The last one that all others waited for.
        decline(panel[2]).unwrap();
        reveal(panel[0], job, &scores(RIGHT)).unwrap();
        assert_eq!(reveal(panel[0], job, &scores(RIGHT)), Err(error(Error::NotAssigned)));
        reveal(panel[1], job, &scores(RIGHT)).unwrap();
        assert_eq!(winners(job), [panel[0], panel[1]]);
        assert_eq!(stake(panel[2]), 10_000);
        check();
    });
    ext().execute_with(|| {
        // Too few are left.
        let (job, panel) = market(2, 2, 2);
        Market::decline(signed(&provider_account(panel[0])), job, 0).unwrap();
        assert!(matches!(state(job), State::Refunded { reason: RefundReason::Declined, .. }));
        assert_eq!(free(&account(1)), 1_000_000);
        check();
    });
}

#[test]
fn submission_of_redundant_jobs_is_checked() {
    ext().execute_with(|| {
        let submit = |providers, quorum, max_fee, blocks| {
            let policy = Policy::Redundant { providers, quorum };
            Market::submit(signed(&account(1)), MODEL, input(), max_fee, policy, blocks)
        };
        for (providers, quorum) in [(0, 0), (1, 1), (3, 1), (4, 2), (3, 4), (6, 4)] {
            let refused = submit(providers, quorum, 10 * PRICE, 50);
            assert_eq!(refused, Err(error(Error::WrongPolicy)), "{quorum} of {providers}");
        }
        assert_eq!(submit(3, 2, 3 * PRICE - 1, 50), Err(error(Error::FeeTooLow)));
        assert_eq!(submit(3, 2, 3 * PRICE, 6), Err(error(Error::WrongDeadline)));
        submit(3, 2, 3 * PRICE, 7).unwrap();
        // Results that are too large to be in the chain can only be compared if they are exact.
        let mut large = card();
        large.limits.output_bytes_max = 1 << 20;
        let close = H256([43; 32]);
        register(close, large.clone());
        large.tolerance = Default::default();
        large.referee = Default::default();
        let exact = H256([44; 32]);
        register(exact, large);
        let policy = Policy::Redundant { providers: 3, quorum: 2 };
        let of = |model| Market::submit(signed(&account(1)), model, input(), 3 * PRICE, policy, 50);
        assert_eq!(of(close), Err(error(Error::NotComparable)));
        of(exact).unwrap();
        check();
    });
}

#[test]
fn fewer_providers_than_wanted_wait_until_it_is_too_late() {
    ext().execute_with(|| {
        add_provider(0, 1);
        add_provider(1, 1);
        let job = submit_redundant(1, 3, 2, 10);
        next_block();
        assert_eq!(state(job), State::Queued);
        while state(job).is_open() {
            next_block();
        }
        assert!(matches!(state(job), State::Expired { .. }));
        assert_eq!(free(&account(1)), 1_000_000);
    });
}

#[test]
fn two_results_of_one_run_are_slashed_once_on_anybodys_report() {
    ext().execute_with(|| {
        add_provider(0, 1);
        let job = submit(1, 50);
        next_block();
        assert_eq!(assigned(job), Some(0));
        let sign = |number: u8, receipt: Receipt| SignedReceipt {
            key: provider(number).public(),
            signature: provider(number).sign(&receipt.signing_payload()),
            receipt,
        };
        let report = |first: &SignedReceipt, second: &SignedReceipt| {
            let who = signed(&account(2));
            Market::report_contradiction(who, first.clone(), second.clone())
                .map_err(|failed| failed.error)
        };
        let one = sign(0, receipt_for(0, job, &scores(RIGHT)));
        let two = sign(0, receipt_for(0, job, &scores(0.2)));
        assert_eq!(report(&one, &one).err(), Some(error(Error::NoContradiction)));
        let changes: [fn(&mut Receipt); 5] = [
            |r| r.genesis.0[0] ^= 1,
            |r| r.job.0[0] ^= 1,
            |r| r.attempt += 1,
            |r| r.input.0[0] ^= 1,
            |r| r.provider = provider_account(1),
        ];
        for change in changes {
            let mut other = two.receipt.clone();
            change(&mut other);
            let found = report(&one, &sign(0, other)).err();
            assert_eq!(found, Some(error(Error::NoContradiction)));
        }
        // Both of another chain.
        let foreign = |mut signed: SignedReceipt| {
            signed.receipt.genesis.0[0] ^= 1;
            sign(0, signed.receipt)
        };
        let found = report(&foreign(one.clone()), &foreign(two.clone())).err();
        assert_eq!(found, Some(error(Error::NoContradiction)));
        // Signed by somebody else, or not at all.
        let forged = sign(1, two.receipt.clone());
        assert_eq!(report(&one, &forged).err(), Some(error(Error::WrongSignature)));
        let swapped = SignedReceipt { signature: one.signature, ..two.clone() };
        assert_eq!(report(&one, &swapped).err(), Some(error(Error::WrongSignature)));

        let before = free(&account(2));
        // Giving up the key does not help, nor does leaving.
        let who = signed(&provider_account(0));
        Providers::register(who.clone(), provider(1).public(), 1).unwrap();
        Staking::chill(who).unwrap();
        assert_eq!(report(&two, &one).map(|info| info.pays_fee), Ok(Pays::No));
        assert_eq!(free(&account(2)) - before, 1_000, "a quarter for the reporter");
        let who = signed(&provider_account(0));
        Staking::activate(who).unwrap();
        assert_eq!(stake(0), 6_000);
        assert_eq!(report(&one, &two).err(), Some(error(Error::AlreadyReported)));
        check();
    });
}
