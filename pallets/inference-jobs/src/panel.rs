//! Jobs that several providers run: commitments, results, and which of them count.

use alloc::vec::Vec;

use citrate_core::{AccountId32, BlockNumber, DispatchError, DispatchResult, H256, sr25519};
use citrate_inference_types::{
    Digest, INLINE_BYTES_MAX, JobId, ModelCard, Receipt, RefundReason, Seat, all_agree,
};
use citrate_support::pallet_prelude::ensure;
use citrate_support::storage::with_storage_layer;
use citrate_support::traits::Get;
use pallet_model_registry::{Model, Models};
use pallet_providers::Pallet as Providers;

use crate::market::bytes_max;
use crate::{
    Blob, Config, Error, Event, Fault, Job, Jobs, Pallet, Panel, Reveal, RevealDue, Reveals, State,
};

/// LIMIT: blocks after the wanted one that are tried for a judgement.
const POSTPONED_BLOCKS_MAX: u32 = 16;

/// LIMIT: tensors of a batch's result that the chain compares. Each takes some allocations to read, which is what takes most time
/// in WebAssembly where they are small.
const BATCH_TENSORS_MAX: u32 = 256;

impl<T: Config> Pallet<T> {
    /// Whether the chain can tell if two results of this model agree: it compares the bytes' hashes, digests of them, or
    /// tensors that it holds itself.
    pub(crate) fn is_comparable(model: &Model, batch: Option<u32>) -> bool {
        let bytes_max = bytes_max(batch, model.card.limits.output_bytes_max);
        let outputs = u32::try_from(model.card.outputs.len()).unwrap_or(u32::MAX);
        if batch.is_some_and(|runs| runs.saturating_mul(outputs) > BATCH_TENSORS_MAX) {
            return false;
        }
        model.card.is_exact()
            || bytes_max <= INLINE_BYTES_MAX
            || model.card.is_digested() && batch.is_none()
    }

    /// How many results have to agree.
    fn quorum(entry: &Job) -> usize {
        usize::try_from(entry.policy.quorum()).unwrap_or(usize::MAX)
    }

    /// The state of a job that these providers have, with the last block for their commitments, if there are
    /// blocks that have room to look after it.
    pub(crate) fn schedule_panel(
        job: JobId,
        entry: &Job,
        model: &Model,
        now: BlockNumber,
        winners: &[AccountId32],
    ) -> Option<(State, BlockNumber)> {
        let latest = Self::latest_commitment(entry);
        let commit_by =
            Self::look_after(job, entry.attempt, Self::run_until(entry, model, now).min(latest))?;
        let wanted = commit_by.saturating_add(T::Times::get().reveal);
        let reveal_by = (wanted..=wanted.saturating_add(POSTPONED_BLOCKS_MAX)).find(|due| {
            RevealDue::<T>::try_mutate(due.saturating_add(1), |jobs| {
                jobs.try_push((job, entry.attempt))
            })
            .is_ok()
        })?;
        let seat = |provider: &AccountId32| Seat {
            provider: provider.clone(),
            commitment: None,
            revealed: false,
        };
        let panel = Panel::try_from(winners.iter().map(seat).collect::<Vec<_>>()).ok()?;
        Some((State::Committing { panel, commit_by, reveal_by }, commit_by))
    }

    /// The block after which too little time is left for results.
    fn latest_commitment(entry: &Job) -> BlockNumber {
        entry.deadline.saturating_sub(T::Times::get().reveal)
    }

    pub(crate) fn do_commit(
        provider: &AccountId32,
        job: JobId,
        attempt: u32,
        commitment: H256,
    ) -> DispatchResult {
        let mut entry = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
        ensure!(entry.attempt == attempt, Error::<T>::NotAssigned);
        let State::Committing { mut panel, commit_by, reveal_by } = entry.state.clone() else {
            return Err(Error::<T>::NotAssigned.into());
        };
        let now = pallet_system::Pallet::<T>::block_number();
        ensure!(now <= commit_by, Error::<T>::TooLate);
        let seat = panel.iter_mut().find(|seat| seat.provider == *provider);
        let seat = seat.ok_or(Error::<T>::NotAssigned)?;
        ensure!(seat.commitment.is_none(), Error::<T>::AlreadyCommitted);
        seat.commitment = Some(commitment);
        Providers::<T>::note_seen(provider);
        Self::deposit_event(Event::JobCommitted { job, provider: provider.clone() });
        if panel.iter().all(|seat| seat.commitment.is_some()) {
            Self::begin_reveals(job, entry, panel, reveal_by, now);
        } else {
            entry.state = State::Committing { panel, commit_by, reveal_by };
            Jobs::<T>::insert(job, entry);
        }
        Ok(())
    }

    fn begin_reveals(
        job: JobId,
        mut entry: Job,
        panel: Panel,
        reveal_by: BlockNumber,
        since: BlockNumber,
    ) {
        entry.state = State::Revealing { panel, since, reveal_by };
        Jobs::<T>::insert(job, entry);
        Self::deposit_event(Event::JobRevealing { job, due: reveal_by });
    }

    /// Goes on without those that have not committed in time.
    pub(crate) fn close_commitments(
        job: JobId,
        entry: Job,
        mut panel: Panel,
        (commit_by, reveal_by): (BlockNumber, BlockNumber),
        now: BlockNumber,
    ) -> DispatchResult {
        let silent: Vec<AccountId32> = panel
            .iter()
            .filter(|seat| seat.commitment.is_none())
            .map(|seat| seat.provider.clone())
            .collect();
        let cut_short = commit_by >= Self::latest_commitment(&entry);
        for provider in &silent {
            Self::note_silence(job, &entry, provider, cut_short);
        }
        panel.retain(|seat| seat.commitment.is_some());
        if panel.len() < Self::quorum(&entry) {
            Self::dismiss(job, &entry, &panel);
            return Self::next_attempt(job, entry, &silent, RefundReason::NoResult);
        }
        for provider in &silent {
            Self::unassign(provider, &job, &entry);
        }
        Self::begin_reveals(job, entry, panel, reveal_by, now);
        Ok(())
    }

    /// Goes on without a provider that does not take the job, before it has committed to a result.
    pub(crate) fn leave_panel(
        job: JobId,
        mut entry: Job,
        mut panel: Panel,
        (commit_by, reveal_by): (BlockNumber, BlockNumber),
        provider: &AccountId32,
    ) -> DispatchResult {
        let seat = panel.iter().find(|seat| seat.provider == *provider);
        let seat = seat.ok_or(Error::<T>::NotAssigned)?;
        ensure!(seat.commitment.is_none(), Error::<T>::AlreadyCommitted);
        Self::deposit_event(Event::JobDeclined { job, provider: provider.clone() });
        panel.retain(|seat| seat.provider != *provider);
        if panel.len() < Self::quorum(&entry) {
            Self::dismiss(job, &entry, &panel);
            let failed = [provider.clone()];
            return Self::next_attempt(job, entry, &failed, RefundReason::Declined);
        }
        Self::unassign(provider, &job, &entry);
        if panel.iter().all(|seat| seat.commitment.is_some()) {
            let now = pallet_system::Pallet::<T>::block_number();
            Self::begin_reveals(job, entry, panel, reveal_by, now);
        } else {
            entry.state = State::Committing { panel, commit_by, reveal_by };
            Jobs::<T>::insert(job, entry);
        }
        Ok(())
    }

    /// Makes a result known; true if it was the last one, and the job was judged.
    pub(crate) fn do_reveal(
        provider: &AccountId32,
        job: JobId,
        receipt: &Receipt,
        output: Blob,
        salt: &H256,
        signature: &sr25519::Signature,
    ) -> Result<bool, DispatchError> {
        let mut entry = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
        let State::Revealing { mut panel, since, reveal_by } = entry.state.clone() else {
            return Err(Error::<T>::NotAssigned.into());
        };
        let now = pallet_system::Pallet::<T>::block_number();
        ensure!(now <= reveal_by, Error::<T>::TooLate);
        let seat = panel.iter_mut().find(|seat| seat.provider == *provider && !seat.revealed);
        let seat = seat.ok_or(Error::<T>::NotAssigned)?;
        let model = T::Models::get(&entry.model).ok_or(Error::<T>::UnknownModel)?;
        Self::check_receipt(provider, job, &entry, &model, receipt, &output, signature)?;
        let opened = seat.commitment == Some(receipt.commitment(salt));
        ensure!(opened, Error::<T>::WrongCommitment);
        // Where closeness counts, the chain has to see the numbers.
        let by_hash = model.card.is_exact() && !entry.is_refereed();
        let by_digest = output.digest_hash().is_some() && !entry.is_refereed();
        let is_shown = by_hash || by_digest || matches!(output, Blob::Inline(_));
        ensure!(is_shown, Error::<T>::NotComparable);
        seat.revealed = true;
        let event = Event::JobRevealed { job, provider: provider.clone(), output: receipt.output };
        Self::deposit_event(event);
        Reveals::<T>::insert(job, provider, Reveal { output, receipt: receipt.hash() });
        if panel.iter().all(|seat| seat.revealed) {
            return Self::judge(job, entry, panel).map(|()| true);
        }
        entry.state = State::Revealing { panel, since, reveal_by };
        Jobs::<T>::insert(job, entry);
        Ok(false)
    }

    /// Compares the results of a job. Those that agree with one of them are paid if they are enough; whoever agrees
    /// with nobody that is paid is slashed, and so is whoever has not opened its commitment.
    ///
    /// Closeness is not transitive, so an honest result at the edge may agree with some of those that count and not with
    /// the one that was chosen: it is neither paid nor slashed.
    pub(crate) fn judge(job: JobId, entry: Job, panel: Panel) -> DispatchResult {
        with_storage_layer(|| Self::do_judge(job, entry, panel))
    }

    fn do_judge(job: JobId, entry: Job, panel: Panel) -> DispatchResult {
        let model = T::Models::get(&entry.model).ok_or(Error::<T>::UnknownModel)?;
        let mut results = Vec::new();
        for seat in &panel {
            match Reveals::<T>::take(job, &seat.provider) {
                Some(reveal) => results.push((seat.provider.clone(), reveal)),
                None => Self::punish_absence(job, &entry, &seat.provider, Fault::Withheld),
            }
        }
        let same = compare(&model.card, entry.batch, &results);
        let (chosen, size) = largest(&same);
        let is_refereed = entry.is_refereed();
        if size < Self::quorum(&entry) {
            Self::deposit_event(Event::JobDisagreed { job });
            if is_refereed && !results.is_empty() {
                let referred = with_storage_layer(|| {
                    Self::dismiss(job, &entry, &panel);
                    Self::refer(job, entry.clone(), &model, results)
                });
                // As many cases are open as may: others try.
                if referred.is_ok() {
                    return Ok(());
                }
            }
            let failed: Vec<_> = panel.into_iter().map(|seat| seat.provider).collect();
            return Self::next_attempt(job, entry, &failed, RefundReason::Disagreed);
        }
        Self::dismiss(job, &entry, &panel);
        let counts = same.get(chosen).cloned().unwrap_or_default();
        if is_refereed {
            let (agreed, others) = split(results, chosen, &counts);
            let claimed = with_storage_layer(|| Self::claim(job, entry.clone(), agreed, others));
            // Where no block has room to end the claim, the money goes back: a job does not hang.
            return claimed.or_else(|_full| Self::give_up(job, entry, RefundReason::NoResult));
        }
        for ((provider, _), agrees) in results.iter().zip(&same) {
            if !agrees.iter().zip(&counts).any(|(agrees, counts)| *agrees && *counts) {
                Self::punish(job, &entry, provider, Fault::Wrong);
            }
        }
        let (agreed, _) = split(results, chosen, &counts);
        let (_, result) = agreed.first().cloned().ok_or(Error::<T>::NotProvider)?;
        let winners: Vec<AccountId32> = agreed.into_iter().map(|(provider, _)| provider).collect();
        Self::settle(job, entry, &model, &winners, result)
    }

    /// Takes the job from all of a panel.
    fn dismiss(job: JobId, entry: &Job, panel: &Panel) {
        for seat in panel {
            Self::unassign(&seat.provider, &job, entry);
        }
    }
}

type Results = Vec<(AccountId32, Reveal)>;

/// The results that count, the chosen one first, and the others.
fn split(mut results: Results, chosen: usize, counts: &[bool]) -> (Results, Results) {
    let mut agreed = Vec::new();
    let mut others = Vec::new();
    for (at, result) in results.drain(..).enumerate() {
        match counts.get(at) {
            Some(true) if at == chosen => agreed.insert(0, result),
            Some(true) => agreed.push(result),
            _ => others.push(result),
        }
    }
    (agreed, others)
}

/// Which results agree with which. One that is not what the model gives agrees with none, not even itself.
fn compare(
    card: &ModelCard,
    batch: Option<u32>,
    results: &[(AccountId32, Reveal)],
) -> Vec<Vec<bool>> {
    let outputs = || results.iter().map(|(_, reveal)| &reveal.output);
    if card.is_digested() && batch.is_none() {
        let digests: Vec<Option<Digest>> = outputs().map(|output| output.digest(card)).collect();
        return each_pair(&digests, |a, b| match (a, b) {
            (Some(a), Some(b)) => a.agrees(b, card),
            _ => false,
        });
    }
    let shown: Vec<_> = outputs().map(|output| (output, output.results(card, batch))).collect();
    each_pair(&shown, |a, b| match (a, b) {
        ((_, Some(a)), (_, Some(b))) => all_agree(card, a, b),
        // What the chain does not hold is compared by hash, where the model's results are exact.
        (
            (Blob::Content { hash: a, bytes: long }, None),
            (Blob::Content { hash: b, bytes }, None),
        ) => card.is_exact() && (a, long) == (b, bytes),
        _ => false,
    })
}

/// A symmetric relation of all with all.
fn each_pair<A>(all: &[A], relation: impl Fn(&A, &A) -> bool) -> Vec<Vec<bool>> {
    let mut table = alloc::vec![alloc::vec![false; all.len()]; all.len()];
    for (at, a) in all.iter().enumerate() {
        for (other, b) in all.iter().enumerate().skip(at) {
            let holds = relation(a, b);
            for (row, column) in [(at, other), (other, at)] {
                if let Some(cell) = table.get_mut(row).and_then(|row| row.get_mut(column)) {
                    *cell = holds;
                }
            }
        }
    }
    table
}

/// The first result with which most agree, and how many that are, itself included.
fn largest(same: &[Vec<bool>]) -> (usize, usize) {
    let sizes = same.iter().map(|agrees| agrees.iter().filter(|agrees| **agrees).count());
    sizes.enumerate().fold((0, 0), |best, (at, size)| if size > best.1 { (at, size) } else { best })
}
