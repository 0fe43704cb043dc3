//! What a block of given parents merges, and in which colours.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use citrate_core::H256;

use super::block::{Author, DagError, Entry, Order, Producer, Status, Work};
use super::dag::Dag;
use crate::reachability::BlockId;

/// The colouring of a block, while it goes on.
struct Colouring {
    selected: BlockId,
    blues: Vec<BlockId>,
    reds: Vec<BlockId>,
    repeated: Vec<(BlockId, BlockId)>,
    /// Sizes of blue anticones that were set or changed.
    anticones: BTreeMap<BlockId, u16>,
}

impl Dag {
    /// A block of these parents, without what its header says. What it merges is limited but not yet
    /// checked for its age.
    pub(super) fn assess(
        &self,
        parents: &[BlockId],
        producer: Option<Producer>,
    ) -> Result<Entry, DagError> {
        self.check_slots(parents, producer)?;
        self.check_antichain(parents)?;
        let selected = parents.iter().max_by_key(|parent| self.entry(**parent).order);
        let selected = *selected.ok_or(DagError::NoParent)?;
        // Of what does not build on the pruning point we no longer know the past.
        if !self.reachability.is_ancestor(self.pruning_point, selected) {
            return Err(DagError::BelowPruningPoint);
        }
        let mergeset = self.mergeset(selected, parents)?;
        let disabled = self.disabled_by(selected, &mergeset);
        let coloured = self.colour(selected, &mergeset, &disabled);
        let chain = self.entry(selected);
        let blue_score = chain.blue_score + coloured.blues.len() as u64;
        let work = self.work_of(&coloured.blues, &disabled);
        let blue_work = chain.order.blue_work.saturating_add(work);
        let stall = if work.is_zero() { chain.order.stall.saturating_add(1) } else { 0 };
        Ok(Entry {
            order: Order { blue_work, stall, tie_break: [0; 32], hash: H256::zero() },
            parents: parents.into(),
            selected_parent: Some(selected),
            number: chain.number + 1,
            blue_score,
            weight: Work::zero(),
            producer,
            blues: coloured.blues.into(),
            reds: coloured.reds.into(),
            repeated: coloured.repeated.into(),
            anticones: coloured.anticones.into_iter().collect(),
            disabled,
            merge_root: self.merge_root(selected, blue_score),
            children: 0,
            status: Status::Header,
        })
    }

    /// Slots increase along edges. A parent without a producer has no slot.
    fn check_slots(&self, parents: &[BlockId], producer: Option<Producer>) -> Result<(), DagError> {
        let Some(Producer { slot: got, .. }) = producer else { return Ok(()) };
        let slots = parents.iter().filter_map(|parent| self.entry(*parent).producer);
        match slots.map(|producer| producer.slot).find(|slot| *slot >= got) {
            Some(parent) => Err(DagError::SlotNotAfterParent { parent, got }),
            None => Ok(()),
        }
    }

    /// Only a block that is lower in the order can be in another's past.
    fn check_antichain(&self, parents: &[BlockId]) -> Result<(), DagError> {
        let mut ordered: Vec<(Order, BlockId)> =
            parents.iter().map(|parent| (self.entry(*parent).order, *parent)).collect();
        ordered.sort_unstable();
        for (index, (order, lower)) in ordered.iter().enumerate() {
            let mut higher = ordered[index + 1..].iter();
            if higher.any(|(_, higher)| self.reachability.is_ancestor(*lower, *higher)) {
                return Err(DagError::RelatedParents(order.hash));
            }
        }
        Ok(())
    }

    /// What the parents have in their past and the selected one has not, in order.
    fn mergeset(&self, selected: BlockId, parents: &[BlockId]) -> Result<Vec<BlockId>, DagError> {
        let max = self.rules.mergeset_max;
        let mut seen: HashSet<BlockId> = HashSet::new();
        let mut mergeset: Vec<(Order, BlockId)> = Vec::new();
        let mut queue: Vec<BlockId> = parents.iter().filter(|p| **p != selected).copied().collect();
        while let Some(id) = queue.pop() {
            if !seen.insert(id) {
                continue;
            }
            // A block that is gone is in the pruning point's past, and so in the selected parent's.
            let Some(block) = self.get(id) else { continue };
            if self.reachability.is_ancestor(id, selected) {
                continue;
            }
            mergeset.push((block.order, id));
            if mergeset.len() >= max {
                return Err(DagError::MergesetTooLarge { max });
            }
            queue.extend(&block.parents);
        }
        mergeset.sort_unstable();
        Ok(mergeset.into_iter().map(|(_, id)| id).collect())
    }

    fn colour(
        &self,
        selected: BlockId,
        mergeset: &[BlockId],
        disabled: &Arc<[Author]>,
    ) -> Colouring {
        let mut new = Colouring {
            selected,
            blues: vec![selected],
            reds: Vec::new(),
            repeated: Vec::new(),
            anticones: BTreeMap::from([(selected, 0)]),
        };
        for (index, candidate) in mergeset.iter().copied().enumerate() {
            let first = self.repeats(candidate, selected, &mergeset[..index]);
            new.repeated.extend(first.map(|first| (candidate, first)));
            let producer = self.entry(candidate).producer;
            let is_disabled = producer.is_some_and(|p| disabled.binary_search(&p.author).is_ok());
            let anticone = match first.is_some() || is_disabled {
                true => None,
                false => self.anticone_if_blue(&new, candidate),
            };
            let Some(anticone) = anticone else {
                new.reds.push(candidate);
                continue;
            };
            let size = u16::try_from(anticone.len()).unwrap_or(u16::MAX);
            new.anticones.insert(candidate, size);
            for (blue, size) in anticone {
                new.anticones.insert(blue, size + 1);
            }
            new.blues.push(candidate);
        }
        new
    }

    /// The blue blocks in the candidate's anticone with the sizes of their own blue anticones, if
    /// the candidate may be blue: at most `k` of them, and each with fewer than `k`.
    fn anticone_if_blue(&self, new: &Colouring, candidate: BlockId) -> Option<Vec<(BlockId, u16)>> {
        let k = self.rules.k;
        // The selected parent is in the anticone of everything that is merged.
        if new.blues.len() > usize::from(k) {
            return None;
        }
        let mut anticone = Vec::new();
        // Down the selected chain, until a chain block is in the candidate's past: all blue blocks
        // below it are as well.
        let (mut blues, mut chain) = (new.blues.as_slice(), Some(new.selected));
        loop {
            for blue in blues.iter().copied() {
                if self.reachability.is_ancestor(blue, candidate) {
                    continue;
                }
                let size = self.blue_anticone(new, blue);
                if anticone.len() >= usize::from(k) || size >= k {
                    return None;
                }
                anticone.push((blue, size));
            }
            let Some(parent) = chain.filter(|p| !self.reachability.is_ancestor(*p, candidate))
            else {
                break;
            };
            let Some(entry) = self.get(parent) else { break };
            (blues, chain) = (&entry.blues, entry.selected_parent);
        }
        Some(anticone)
    }

    /// The size of a blue block's blue anticone as the new block sees it so far.
    fn blue_anticone(&self, new: &Colouring, blue: BlockId) -> u16 {
        if let Some(size) = new.anticones.get(&blue) {
            return *size;
        }
        let mut at = self.get(new.selected);
        while let Some(entry) = at {
            if let Ok(index) = entry.anticones.binary_search_by_key(&blue, |(id, _)| *id) {
                return entry.anticones[index].1;
            }
            at = entry.selected_parent.and_then(|parent| self.get(parent));
        }
        0
    }
}
