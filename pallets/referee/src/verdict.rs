//! How a committee votes, and what a case comes to.

use alloc::collections::BTreeMap;
use alloc::vec;

use citrate_core::{
    AccountId32, Balance, BlockNumber, DispatchResult, H256, InvalidTransaction,
    TransactionPriority, TransactionValidity, ValidTransaction, Weight, sr25519,
};
use citrate_inference_types::{RefereeFault, Tensors, verdict_hash};
use citrate_support::pallet_prelude::ensure;
use citrate_support::traits::Get;
use citrate_support::traits::fungible::{Mutate as _, hold::Mutate as _};
use citrate_support::traits::tokens::{Fortitude, Precision, Preservation, Restriction};
use codec::{DecodeAll, Encode};
use pallet_staking::Stake;

use crate::{
    Answer, Answers, Call, Case, Cases, Committee, Config, Docket, Due, Error, Event, HoldReason,
    Outcome, Pallet, SEATS_MAX, Stage, Vote,
};

/// Time to check a vote: a signature.
pub(crate) const VOTE_WEIGHT: Weight = Weight::from_parts(200_000_000, 0);
/// Tag of votes in the pool.
const TAG: &[u8] = b"referee/vote";

impl<T: Config> Pallet<T> {
    /// Checks that somebody may cast this vote now.
    fn check_vote(
        case: &Case,
        vote: &Vote,
        content: &impl Encode,
        signature: &sr25519::Signature,
    ) -> Result<usize, Error<T>> {
        ensure!(case.round == vote.round, Error::<T>::UnknownCase);
        let at = case.members.iter().position(|seat| seat.account == vote.member);
        let (at, seat) =
            at.and_then(|at| Some((at, case.members.get(at)?))).ok_or(Error::<T>::NotMember)?;
        let payload = vote.signing_payload(&Self::genesis(), content);
        let signed = citrate_host::crypto::sr25519_verify(signature, &payload, &seat.key);
        ensure!(signed, Error::<T>::WrongSignature);
        Ok(at)
    }

    fn check_commit(
        vote: &Vote,
        commitment: H256,
        signature: &sr25519::Signature,
    ) -> Result<(Case, usize), Error<T>> {
        let case = Cases::<T>::get(vote.case).ok_or(Error::<T>::UnknownCase)?;
        let Stage::Committing { due } = case.stage else { return Err(Error::<T>::UnknownCase) };
        let now = pallet_system::Pallet::<T>::block_number();
        ensure!(now <= due, Error::<T>::TooLate);
        let at = Self::check_vote(&case, vote, &commitment, signature)?;
        let is_new = case.members.get(at).is_some_and(|seat| seat.commitment.is_none());
        ensure!(is_new, Error::<T>::NotMember);
        Ok((case, at))
    }

    /// As [`Self::check_commit`]; gives the verdict's hash too.
    fn check_reveal(
        vote: &Vote,
        answer: &Answer,
        salt: &H256,
        signature: &sr25519::Signature,
    ) -> Result<(Case, usize, H256), Error<T>> {
        let case = Cases::<T>::get(vote.case).ok_or(Error::<T>::UnknownCase)?;
        let Stage::Revealing { due, .. } = case.stage else { return Err(Error::<T>::UnknownCase) };
        let now = pallet_system::Pallet::<T>::block_number();
        ensure!(now <= due, Error::<T>::TooLate);
        let at = Self::check_vote(&case, vote, &(answer, salt), signature)?;
        let seat = case.members.get(at).filter(|seat| seat.verdict.is_none());
        let seat = seat.ok_or(Error::<T>::NotMember)?;
        let verdict = verdict_hash(&vote.case, case.attempt, &case.module, answer);
        let opened = seat.commitment == Some(vote.commitment(&verdict, salt));
        ensure!(opened, Error::<T>::WrongCommitment);
        Ok((case, at, verdict))
    }

    pub(crate) fn do_commit(
        vote: &Vote,
        commitment: H256,
        signature: &sr25519::Signature,
    ) -> DispatchResult {
        let (mut case, at) = Self::check_commit(vote, commitment, signature)?;
        if let Some(seat) = case.members.get_mut(at) {
            seat.commitment = Some(commitment);
        }
        if case.members.iter().all(|seat| seat.commitment.is_some()) {
            Self::begin_reveals(vote.case, case);
        } else {
            Cases::<T>::insert(vote.case, case);
        }
        Ok(())
    }

    pub(crate) fn do_reveal(
        vote: &Vote,
        answer: Answer,
        salt: &H256,
        signature: &sr25519::Signature,
    ) -> DispatchResult {
        let (mut case, at, verdict) = Self::check_reveal(vote, &answer, salt, signature)?;
        Answers::<T>::insert(vote.case, verdict, answer);
        if let Some(seat) = case.members.get_mut(at) {
            seat.verdict = Some(verdict);
        }
        let is_open = |seat: &crate::Member| seat.commitment.is_some() && seat.verdict.is_none();
        if case.members.iter().any(is_open) {
            Cases::<T>::insert(vote.case, case);
        } else {
            let now = pallet_system::Pallet::<T>::block_number();
            Self::decide(vote.case, case, now);
        }
        Ok(())
    }

    /// Judges a bare vote before it is in a block: one for each member, round and stage.
    pub(crate) fn validate_vote(call: &Call<T>) -> TransactionValidity {
        let (vote, checked) = match call {
            Call::commit_unsigned { vote, commitment, signature } => {
                (vote, Self::check_commit(vote, *commitment, signature).map(|_| 0u8))
            }
            Call::reveal_unsigned { vote, answer, salt, signature } => {
                (vote, Self::check_reveal(vote, answer, salt, signature).map(|_| 1u8))
            }
            _ => return Err(InvalidTransaction::Call.into()),
        };
        let stage = checked.map_err(|error| match error {
            Error::WrongSignature | Error::WrongCommitment => InvalidTransaction::BadProof,
            _ => InvalidTransaction::Stale,
        })?;
        Ok(ValidTransaction {
            priority: TransactionPriority::MAX / 2,
            provides: vec![(TAG, vote, stage).encode()],
            longevity: T::CommitBlocks::get().max(T::RevealBlocks::get()).into(),
            ..ValidTransaction::default()
        })
    }

    fn begin_reveals(id: H256, mut case: Case) {
        let since = pallet_system::Pallet::<T>::block_number();
        let close = since.saturating_add(T::RevealBlocks::get()).saturating_add(1);
        match Self::look_at(id, case.round, close) {
            Some(due) => {
                case.stage = Stage::Revealing { since, due };
                Cases::<T>::insert(id, case);
            }
            // No block has room for it: the case ends without a verdict.
            None => Self::close(id, &case, None),
        }
    }

    /// Takes the cases further whose time has come.
    pub(crate) fn look_after_cases(now: BlockNumber) -> Weight {
        let mut weight = T::DbWeight::get().reads_writes(1, 1);
        for (id, round) in Due::<T>::take(now) {
            weight = weight.saturating_add(Self::case_weight());
            let Some(case) = Cases::<T>::get(id).filter(|case| case.round == round) else {
                continue;
            };
            match case.stage {
                Stage::Waiting => {
                    let unopened = case.clone();
                    if !Self::draw(id, case, now) {
                        Self::close(id, &unopened, None);
                    }
                }
                Stage::Committing { due } if due < now => {
                    let committed = case.members.iter().filter(|seat| seat.commitment.is_some());
                    if committed.count() * 2 > case.members.len() {
                        Self::begin_reveals(id, case);
                    } else {
                        Self::retry(id, case, now);
                    }
                }
                Stage::Revealing { due, .. } if due < now => Self::decide(id, case, now),
                Stage::Committing { .. } | Stage::Revealing { .. } => {}
            }
        }
        weight
    }

    /// What more than half of the committee found, and how many that are.
    fn majority(case: &Case) -> Option<(H256, usize)> {
        let mut votes: BTreeMap<H256, usize> = BTreeMap::new();
        for verdict in case.members.iter().filter_map(|seat| seat.verdict) {
            *votes.entry(verdict).or_default() += 1;
        }
        votes.into_iter().find(|(_, count)| count * 2 > case.members.len())
    }

    fn decide(id: H256, case: Case, now: BlockNumber) {
        let majority = Self::majority(&case);
        // Nobody could bring an answer to a block that took no transactions.
        let is_excused = match case.stage {
            Stage::Revealing { since, .. } => {
                pallet_system::Pallet::<T>::was_closed_since(since.saturating_add(1))
            }
            Stage::Waiting | Stage::Committing { .. } => false,
        };
        for seat in case.members.iter().filter(|seat| seat.commitment.is_some()) {
            // Without a majority nobody can say whose answer is wrong; to keep one's own back is.
            let is_wrong = match (seat.verdict, majority) {
                (None, _) => !is_excused,
                (Some(verdict), Some((right, _))) => verdict != right,
                (Some(_), None) => false,
            };
            if is_wrong {
                let slashed = T::Stake::slash(&seat.account, T::Penalty::get(), None);
                let member = seat.account.clone();
                Self::deposit_event(Event::MemberFailed { case: id, member, slashed });
            }
        }
        match majority {
            Some(found) => Self::close(id, &case, Some(found)),
            None => Self::retry(id, case, now),
        }
    }

    /// Draws another committee, or gives up.
    fn retry(id: H256, mut case: Case, now: BlockNumber) {
        Self::forget_answers(&id, &case);
        let next = case.round.saturating_add(1);
        let is_last = next >= T::RoundsMax::get();
        if is_last || Self::look_at(id, next, now.saturating_add(1)).is_none() {
            return Self::close(id, &case, None);
        }
        case.round = next;
        case.stage = Stage::Waiting;
        case.members = Default::default();
        Cases::<T>::insert(id, case);
    }

    /// Ends a case: tells the docket, pays the committee, and settles the bond.
    fn close(id: H256, case: &Case, found: Option<(H256, usize)>) {
        let truth = found.and_then(|(verdict, _)| Answers::<T>::get(id, verdict));
        let truth = truth.and_then(|answer| {
            <Result<Tensors, RefereeFault>>::decode_all(&mut answer.as_slice()).ok()?.ok()
        });
        Self::forget_answers(&id, case);
        Cases::<T>::remove(id);
        let verdict = found.map(|(verdict, _)| verdict);
        let votes = found.map_or(0, |(_, votes)| u32::try_from(votes).unwrap_or(u32::MAX));
        Self::deposit_event(Event::CaseDecided { case: id, verdict, votes });
        for seat in case.members.iter().filter(|seat| seat.verdict.is_some()) {
            if seat.verdict == verdict {
                Self::reward(&seat.account);
            }
        }
        let challenger = case.challenger.as_ref().map(|(who, _)| who);
        let outcome = T::Docket::on_verdict(&id, case.part, truth.as_ref(), challenger);
        if let Some((who, bond)) = &case.challenger {
            Self::settle_bond(id, who, *bond, outcome);
        }
    }

    /// LIMIT: a committee has at most as many different answers as members.
    fn forget_answers(id: &H256, case: &Case) {
        for verdict in case.members.iter().filter_map(|seat| seat.verdict) {
            Answers::<T>::remove(id, verdict);
        }
    }

    fn reward(member: &AccountId32) {
        let (from, amount) = (T::Treasury::get(), T::Reward::get());
        // A treasury that is empty pays nobody: the verdict stands all the same.
        let _ = T::Currency::transfer(&from, member, amount, Preservation::Preserve);
    }

    fn settle_bond(case: H256, who: &AccountId32, bond: Balance, outcome: Outcome) {
        let reason = HoldReason::Dispute.into();
        let Outcome::Upheld { defender } = outcome else {
            // What cannot be released now stays the owner's, on hold.
            let _ = T::Currency::release(&reason, who, bond, Precision::BestEffort);
            return;
        };
        for to in [defender, T::Treasury::get()] {
            let moved = T::Currency::transfer_on_hold(
                &reason,
                who,
                &to,
                bond,
                Precision::BestEffort,
                Restriction::Free,
                Fortitude::Force,
            );
            if let Ok(amount) = moved {
                let challenger = who.clone();
                Self::deposit_event(Event::BondLost { case, challenger, to, amount });
                return;
            }
        }
    }

    /// What it weighs to take a case one step further: at most to decide it.
    pub(crate) fn case_weight() -> Weight {
        let seats = u64::from(SEATS_MAX);
        T::DbWeight::get()
            .reads_writes(11, 10)
            .saturating_add(T::DbWeight::get().reads_writes(6, 6).saturating_mul(seats))
            .saturating_add(T::Committee::weight())
            .saturating_add(T::Docket::verdict_weight())
    }

    pub(crate) fn reveal_weight() -> Weight {
        Self::case_weight().saturating_add(VOTE_WEIGHT)
    }

    pub(crate) fn check_parameters() {
        let seats = T::Seats::get();
        assert!(seats % 2 == 1 && seats <= SEATS_MAX, "a committee has an odd number of members");
        assert!(T::RoundsMax::get() > 0, "a case needs a committee");
        let cases = u64::from(T::CasesPerBlockMax::get());
        let (worst, block) =
            (Self::case_weight().saturating_mul(cases), T::BlockWeights::get().max_block);
        assert!(
            worst.all_lte(block.saturating_div(4)),
            "the cases of a block may weigh {worst:?}, more than a quarter of the block"
        );
    }

    /// Names the chain in signatures.
    pub fn genesis() -> H256 {
        pallet_system::Pallet::<T>::genesis_hash()
    }
}
