//! Authors that made more than one block of a slot.

use std::sync::Arc;

use citrate_core::H256;

use super::block::{Author, Producer, Work};
use super::dag::Dag;
use crate::reachability::BlockId;

impl Dag {
    /// The blocks of an author's slot that are known, in the order of insertion.
    pub fn blocks_of(&self, producer: &Producer) -> Vec<H256> {
        self.elections.get(producer).map_or_else(Vec::new, |blocks| self.hashes(blocks))
    }

    /// The authors that equivocated in the past of a block with this selected parent and mergeset.
    ///
    /// A pair that the selected parent does not have in its past has a block in the mergeset. The
    /// other one is in the mergeset too, is the selected parent or is in its past.
    pub(super) fn disabled_by(&self, selected: BlockId, mergeset: &[BlockId]) -> Arc<[Author]> {
        let inherited = &self.entry(selected).disabled;
        let mut added: Vec<Author> = Vec::new();
        for id in mergeset {
            let Some(producer) = self.entry(*id).producer else { continue };
            let author = producer.author;
            if inherited.binary_search(&author).is_ok() || added.contains(&author) {
                continue;
            }
            let same = self.elections.get(&producer).into_iter().flatten();
            let mut others = same.filter(|other| *other != id);
            if others.any(|o| mergeset.contains(o) || self.reachability.is_ancestor(*o, selected)) {
                added.push(author);
            }
        }
        if added.is_empty() {
            return Arc::clone(inherited);
        }
        added.extend(inherited.iter());
        added.sort_unstable();
        added.into()
    }

    /// The block that a candidate repeats: one of the same election before it in consensus order, where
    /// `before` are those of the mergeset.
    pub(super) fn repeats(
        &self,
        candidate: BlockId,
        selected: BlockId,
        before: &[BlockId],
    ) -> Option<BlockId> {
        let same = self.elections.get(&self.entry(candidate).producer?)?;
        let others = || same.iter().filter(|other| **other != candidate);
        let mut merged = others().filter(|o| self.reachability.is_ancestor(**o, selected));
        // Of several in the past, the lowest in the order is as good a proof as any, and the same
        // for everybody.
        let lowest = merged.next().map(|first| merged.fold(first, |a, b| self.lower(a, b)));
        lowest.copied().or_else(|| before.iter().find(|b| others().any(|o| o == *b)).copied())
    }

    /// What these blocks weigh; those of disabled authors weigh nothing.
    pub(super) fn work_of(&self, blues: &[BlockId], disabled: &[Author]) -> Work {
        let is_disabled = |author: &Author| disabled.binary_search(author).is_ok();
        let weights = blues
            .iter()
            .map(|blue| self.entry(*blue))
            .filter(|blue| blue.producer.is_none_or(|producer| !is_disabled(&producer.author)));
        weights.fold(Work::zero(), |sum, blue| sum.saturating_add(blue.weight))
    }

    fn lower<'a>(&self, a: &'a BlockId, b: &'a BlockId) -> &'a BlockId {
        if self.entry(*a).order < self.entry(*b).order { a } else { b }
    }
}
