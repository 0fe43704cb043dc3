//! The state machine of one `chainHead_v1_follow`: what was announced, and what is pinned.
//!
//! Rules that clients rely on: a block is announced once and after its parent; only announced
//! blocks become best or final; before blocks become final the best block is one of them or a
//! descendant; every announced block that was not final at the start is later reported as final or
//! pruned; a block stays pinned from its announcement until the client unpins it.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::H256;

use crate::config::ChainHeadLimits;
use citrate_chain::ChainEvent;

/// The chain when the subscription starts.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// Final blocks, old to new; never empty.
    pub(crate) finalized: Vec<H256>,
    /// Blocks above the last final one with their parents, parents first.
    pub(crate) live: Vec<(H256, H256)>,
    /// Tip of the selected chain.
    pub(crate) best: H256,
    /// Height of the last final block.
    pub(crate) finalized_number: u32,
}

/// What the subscriber is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum FollowEvent {
    Initialized {
        finalized: Vec<H256>,
    },
    NewBlock {
        block: H256,
        parent: H256,
    },
    BestBlockChanged {
        block: H256,
    },
    Finalized {
        finalized: Vec<H256>,
        pruned: Vec<H256>,
    },
    /// Nothing follows; the subscriber starts anew.
    Stop,
}

/// Why blocks are not unpinned; none is then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum UnpinError {
    Duplicate,
    NotPinned,
}

/// The state machine.
#[derive(Debug)]
pub(crate) struct Follow {
    limits: ChainHeadLimits,
    /// Announced blocks that are not final, with their parents.
    live: BTreeMap<H256, H256>,
    pinned: BTreeSet<H256>,
    finalized: H256,
    finalized_number: u32,
    best: H256,
    stopped: bool,
}

impl Follow {
    pub(crate) fn start(limits: ChainHeadLimits, snapshot: Snapshot) -> (Self, Vec<FollowEvent>) {
        let Snapshot { finalized, live, best, finalized_number } = snapshot;
        let last = finalized.last().copied().unwrap_or_default();
        let mut this = Self {
            limits,
            live: BTreeMap::new(),
            pinned: finalized.iter().copied().collect(),
            finalized: last,
            finalized_number,
            best: last,
            stopped: false,
        };
        let mut events = vec![FollowEvent::Initialized { finalized }];
        for (block, parent) in live {
            this.announce(block, parent, &mut events);
        }
        // Told even if it is the final block: clients wait for the first one.
        if !this.stopped {
            this.best = if this.live.contains_key(&best) { best } else { last };
            events.push(FollowEvent::BestBlockChanged { block: this.best });
        }
        (this, events)
    }

    pub(crate) fn on_event(&mut self, event: &ChainEvent) -> Vec<FollowEvent> {
        let mut events = Vec::new();
        if self.stopped {
            return events;
        }
        match event {
            // Not executed yet, and perhaps never.
            ChainEvent::Added { .. } => {}
            ChainEvent::Imported { hash, parent, .. } => {
                self.announce(*hash, *parent, &mut events);
            }
            ChainEvent::NewBest { block, .. } => {
                if block.number.saturating_sub(self.finalized_number) > self.limits.lag_max {
                    self.stop(&mut events);
                } else if block.hash != self.best && self.live.contains_key(&block.hash) {
                    self.best = block.hash;
                    events.push(FollowEvent::BestBlockChanged { block: block.hash });
                }
            }
            ChainEvent::Finalized { blocks, .. } => self.finalize(blocks, &mut events),
        }
        events
    }

    fn stop(&mut self, events: &mut Vec<FollowEvent>) {
        self.stopped = true;
        events.push(FollowEvent::Stop);
    }

    /// A block without an announced parent is on a branch that can never be final.
    fn announce(&mut self, block: H256, parent: H256, events: &mut Vec<FollowEvent>) {
        let has_parent = parent == self.finalized || self.live.contains_key(&parent);
        let is_known = block == self.finalized || self.live.contains_key(&block);
        if self.stopped || !has_parent || is_known {
            return;
        }
        if self.pinned.len() >= self.limits.pinned_max {
            self.stop(events);
            return;
        }
        self.live.insert(block, parent);
        self.pinned.insert(block);
        events.push(FollowEvent::NewBlock { block, parent });
    }

    fn finalize(&mut self, blocks: &[H256], events: &mut Vec<FollowEvent>) {
        // The snapshot may have held some of them as final already.
        let finalized: Vec<H256> =
            blocks.iter().copied().filter(|block| self.live.contains_key(block)).collect();
        let Some(&last) = finalized.last() else { return };
        let kept: BTreeSet<H256> =
            self.live.keys().copied().filter(|block| self.descends(*block, last)).collect();
        if !kept.contains(&self.best) {
            self.best = last;
            events.push(FollowEvent::BestBlockChanged { block: last });
        }
        let now_final: BTreeSet<H256> = finalized.iter().copied().collect();
        let pruned: Vec<H256> = self
            .live
            .keys()
            .copied()
            .filter(|block| !kept.contains(block) && !now_final.contains(block))
            .collect();
        self.live.retain(|block, _| *block != last && kept.contains(block));
        self.finalized = last;
        let count = u32::try_from(finalized.len()).unwrap_or(u32::MAX);
        self.finalized_number = self.finalized_number.saturating_add(count);
        events.push(FollowEvent::Finalized { finalized, pruned });
    }

    /// Whether `block` is `ancestor` or one of its announced descendants.
    fn descends(&self, block: H256, ancestor: H256) -> bool {
        let mut current = block;
        while current != ancestor {
            match self.live.get(&current) {
                Some(parent) => current = *parent,
                None => return false,
            }
        }
        true
    }

    pub(crate) fn is_pinned(&self, block: &H256) -> bool {
        self.pinned.contains(block)
    }

    pub(crate) fn unpin(&mut self, blocks: &[H256]) -> Result<(), UnpinError> {
        let distinct: BTreeSet<&H256> = blocks.iter().collect();
        if distinct.len() != blocks.len() {
            return Err(UnpinError::Duplicate);
        }
        if !blocks.iter().all(|block| self.pinned.contains(block)) {
            return Err(UnpinError::NotPinned);
        }
        for block in blocks {
            self.pinned.remove(block);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use citrate_chain::BlockRef;

    fn h(id: u8) -> H256 {
        H256::repeat_byte(id)
    }

    fn limits() -> ChainHeadLimits {
        ChainHeadLimits { pinned_max: 8, lag_max: 10, ..ChainHeadLimits::default() }
    }

    fn started() -> Follow {
        let live = vec![(h(2), h(1)), (h(3), h(2))];
        let snapshot =
            Snapshot { finalized: vec![h(0), h(1)], live, best: h(3), finalized_number: 1 };
        Follow::start(limits(), snapshot).0
    }

    fn imported(block: u8, parent: u8) -> ChainEvent {
        ChainEvent::Imported { hash: h(block), parent: h(parent), number: 0 }
    }

    fn best(block: u8, number: u32) -> ChainEvent {
        let block = BlockRef { hash: h(block), number };
        ChainEvent::NewBest { block, retracted: Vec::new(), enacted: Vec::new() }
    }

    fn finalized(blocks: &[u8]) -> ChainEvent {
        let blocks = blocks.iter().map(|id| h(*id)).collect();
        ChainEvent::Finalized { blocks, pruned: Vec::new() }
    }

    #[test]
    fn starts_with_final_then_live_then_best() {
        let live = vec![(h(2), h(1)), (h(9), h(8)), (h(3), h(2))];
        let snapshot =
            Snapshot { finalized: vec![h(0), h(1)], live, best: h(3), finalized_number: 1 };
        let (follow, events) = Follow::start(limits(), snapshot);
        assert_eq!(
            events,
            [
                FollowEvent::Initialized { finalized: vec![h(0), h(1)] },
                FollowEvent::NewBlock { block: h(2), parent: h(1) },
                FollowEvent::NewBlock { block: h(3), parent: h(2) },
                FollowEvent::BestBlockChanged { block: h(3) },
            ]
        );
        assert!(follow.is_pinned(&h(0)) && follow.is_pinned(&h(3)) && !follow.is_pinned(&h(9)));
    }

    #[test]
    fn an_idle_chain_has_its_final_block_as_best() {
        let snapshot =
            Snapshot { finalized: vec![h(0)], live: Vec::new(), best: h(0), finalized_number: 0 };
        let (_, events) = Follow::start(limits(), snapshot);
        assert_eq!(events[1], FollowEvent::BestBlockChanged { block: h(0) });
    }

    #[test]
    fn what_the_snapshot_told_is_not_told_again() {
        let mut follow = started();
        assert!(follow.on_event(&imported(3, 2)).is_empty());
        assert!(follow.on_event(&best(3, 3)).is_empty());
        assert!(follow.on_event(&finalized(&[1])).is_empty());
    }

    #[test]
    fn blocks_are_announced_after_their_parents_and_before_they_are_best() {
        let mut follow = started();
        assert!(follow.on_event(&imported(6, 5)).is_empty(), "parent unknown");
        assert!(follow.on_event(&best(6, 4)).is_empty(), "not announced");
        let events = follow.on_event(&imported(4, 3));
        assert_eq!(events, [FollowEvent::NewBlock { block: h(4), parent: h(3) }]);
        let events = follow.on_event(&best(4, 4));
        assert_eq!(events, [FollowEvent::BestBlockChanged { block: h(4) }]);
    }

    #[test]
    fn finality_reports_every_announced_block_once() {
        let mut follow = started();
        follow.on_event(&imported(4, 3));
        follow.on_event(&imported(5, 2)); // a side branch of 3
        follow.on_event(&imported(6, 5));
        let events = follow.on_event(&finalized(&[2, 3]));
        assert_eq!(
            events,
            [FollowEvent::Finalized { finalized: vec![h(2), h(3)], pruned: vec![h(5), h(6)] }]
        );
        assert!(follow.on_event(&imported(7, 6)).is_empty(), "its branch is pruned");
        assert!(follow.on_event(&imported(7, 2)).is_empty(), "below the final block");
        let events = follow.on_event(&finalized(&[4]));
        let expected = [
            FollowEvent::BestBlockChanged { block: h(4) },
            FollowEvent::Finalized { finalized: vec![h(4)], pruned: vec![] },
        ];
        assert_eq!(events, expected, "3 was best and is an ancestor of what became final");
    }

    #[test]
    fn a_best_block_on_a_pruned_branch_is_replaced_first() {
        let mut follow = started();
        follow.on_event(&imported(5, 2));
        let events = follow.on_event(&finalized(&[2, 5]));
        assert_eq!(events[0], FollowEvent::BestBlockChanged { block: h(5) });
        assert_eq!(
            events[1],
            FollowEvent::Finalized { finalized: vec![h(2), h(5)], pruned: vec![h(3)] }
        );
    }

    #[test]
    fn pins_are_released_by_the_client_only() {
        let mut follow = started();
        follow.on_event(&finalized(&[2, 3]));
        assert!(follow.is_pinned(&h(2)));
        assert_eq!(follow.unpin(&[h(2), h(2)]), Err(UnpinError::Duplicate));
        assert_eq!(follow.unpin(&[h(2), h(9)]), Err(UnpinError::NotPinned));
        assert!(follow.is_pinned(&h(2)), "an error unpins nothing");
        assert_eq!(follow.unpin(&[h(2), h(0)]), Ok(()));
        assert_eq!(follow.unpin(&[h(2)]), Err(UnpinError::NotPinned));
    }

    #[test]
    fn one_pin_too_many_stops() {
        let mut follow = started();
        for block in 4..8 {
            let events = follow.on_event(&imported(block, block - 1));
            assert!(matches!(events[..], [FollowEvent::NewBlock { .. }]));
        }
        assert_eq!(follow.pinned.len(), 8);
        assert_eq!(follow.on_event(&imported(8, 7)), [FollowEvent::Stop]);
        assert!(follow.on_event(&imported(9, 8)).is_empty(), "nothing after stop");
    }

    #[test]
    fn unpinning_makes_room() {
        let mut follow = started();
        for block in 4..40 {
            assert_eq!(follow.on_event(&imported(block, block - 1)).len(), 1, "{block}");
            follow.on_event(&best(block, 3));
            follow.on_event(&finalized(&[block - 1]));
            follow.unpin(&[h(block - 1)]).unwrap();
        }
    }

    #[test]
    fn finality_that_lags_too_far_stops() {
        let mut follow = started();
        follow.on_event(&imported(4, 3));
        assert_eq!(follow.on_event(&best(4, 11)).len(), 1);
        follow.on_event(&imported(5, 4));
        assert_eq!(follow.on_event(&best(5, 12)), [FollowEvent::Stop]);
    }
}
