//! How a case gets its committee.

use alloc::vec::Vec;

use citrate_core::{
    AccountId32, Balance, BlockNumber, DispatchError, DispatchResult, H256, Weight,
};
use citrate_inference_types::score;
use citrate_support::pallet_prelude::{BoundedVec, ensure};
use citrate_support::traits::fungible::hold::Mutate as _;
use citrate_support::traits::{Get, Randomness};

use crate::{
    Case, Cases, Committee, Config, Docket, Due, Error, Event, HoldReason, Member, Module, Pallet,
    Question, Referee, Stage,
};

/// LIMIT: blocks after the wanted one that are tried.
const POSTPONED_BLOCKS_MAX: u32 = 64;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_dispute(challenger: AccountId32, case: H256) -> DispatchResult {
        Self::check_room(&case)?;
        let question = T::Docket::dispute(&case)?;
        Self::begin_bonded(case, question, challenger)
    }

    fn begin_bonded(case: H256, question: Question, challenger: AccountId32) -> DispatchResult {
        let bond = T::Bond::get();
        T::Currency::hold(&HoldReason::Dispute.into(), &challenger, bond)?;
        Self::begin(case, question, Some((challenger, bond)))
    }

    /// What it weighs to open a case that somebody disputes.
    pub(crate) fn opening_weight() -> Weight {
        T::DbWeight::get().reads_writes(8, 8)
    }

    fn check_room(case: &H256) -> DispatchResult {
        ensure!(Self::is_ready(), Error::<T>::NoReferee);
        ensure!(!Cases::<T>::contains_key(case), Error::<T>::AlreadyOpen);
        ensure!(Cases::<T>::count() < T::CasesMax::get(), Error::<T>::TooManyCases);
        Ok(())
    }

    fn begin(
        case: H256,
        question: Question,
        challenger: Option<(AccountId32, Balance)>,
    ) -> DispatchResult {
        let now = pallet_system::Pallet::<T>::block_number();
        let module = Module::<T>::get().ok_or(Error::<T>::NoReferee)?;
        Self::look_at(case, 0, now.saturating_add(1)).ok_or(Error::<T>::TooManyCases)?;
        let who = challenger.as_ref().map(|(who, _)| who.clone());
        let Question { attempt, part, limits } = question;
        let (stage, members) = (Stage::Waiting, BoundedVec::new());
        let entry = Case { attempt, part, limits, module, challenger, round: 0, stage, members };
        Cases::<T>::insert(case, entry);
        Self::deposit_event(Event::CaseOpened { case, challenger: who });
        Ok(())
    }

    /// Has `block`, or one soon after it, look at a case; gives the block before that one.
    pub(crate) fn look_at(case: H256, round: u32, block: BlockNumber) -> Option<BlockNumber> {
        let mut blocks = block..=block.saturating_add(POSTPONED_BLOCKS_MAX);
        let found = blocks
            .find(|at| Due::<T>::try_mutate(at, |cases| cases.try_push((case, round))).is_ok())?;
        Some(found.saturating_sub(1))
    }

    /// Draws a committee by stake, with this block's randomness; false if too few can be drawn, or no block has room
    /// to look after it.
    pub(crate) fn draw(id: H256, mut case: Case, now: BlockNumber) -> bool {
        let (randomness, _) = T::Randomness::random(b"referee");
        let judges = T::Committee::judges();
        let most = judges.iter().map(|judge| judge.stake).max().unwrap_or_default();
        let mut drawn: Vec<_> = judges
            .into_iter()
            .filter(|judge| judge.stake > 0)
            .map(|judge| {
                let account = &judge.account;
                (score(&randomness, &id, case.round, account, judge.stake, most), judge)
            })
            .collect();
        drawn.sort_unstable_by(|(a, one), (b, other)| (a, &one.account).cmp(&(b, &other.account)));
        let wanted = usize::try_from(T::Seats::get()).unwrap_or_default();
        let member = |(_, judge): (_, crate::Judge)| {
            let key = T::Committee::key(&judge.account)?;
            Some(Member { account: judge.account, key, commitment: None, verdict: None })
        };
        // Whoever has no key leaves its seat empty; more than half must be taken.
        drawn.truncate(wanted);
        let seats = drawn.len();
        let members: Vec<Member> = drawn.into_iter().filter_map(member).collect();
        let accounts: Vec<AccountId32> = members.iter().map(|seat| seat.account.clone()).collect();
        let Ok(members) = BoundedVec::try_from(members) else { return false };
        let close = now.saturating_add(T::CommitBlocks::get()).saturating_add(1);
        if members.len().saturating_mul(2) <= seats {
            return false;
        }
        let Some(due) = Self::look_at(id, case.round, close) else { return false };
        case.members = members;
        case.stage = Stage::Committing { due };
        Cases::<T>::insert(id, case);
        Self::deposit_event(Event::CommitteeDrawn { case: id, members: accounts, due });
        true
    }
}

impl<T: Config> Referee for Pallet<T> {
    fn is_ready() -> bool {
        Module::<T>::exists()
    }

    fn open(case: H256, question: Question) -> Result<(), DispatchError> {
        Self::check_room(&case)?;
        Self::begin(case, question, None)
    }

    fn dispute(
        case: H256,
        question: Question,
        challenger: AccountId32,
    ) -> Result<(), DispatchError> {
        Self::check_room(&case)?;
        Self::begin_bonded(case, question, challenger)
    }

    fn dispute_weight() -> Weight {
        Self::opening_weight()
    }
}
