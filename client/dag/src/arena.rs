//! A growing list of things with ids, from which things are removed, the old ones mostly.

use std::collections::VecDeque;

use crate::reachability::BlockId;

/// Things by consecutive ids. What is removed leaves a hole until everything before it is gone too.
#[derive(Clone, Debug)]
pub(crate) struct Arena<T> {
    /// The id of the first place.
    base: u32,
    places: VecDeque<Option<T>>,
    count: usize,
}

impl<T> Arena<T> {
    /// An empty list whose first id is `base`.
    pub(crate) fn new(base: u32) -> Self {
        Self { base, places: VecDeque::new(), count: 0 }
    }

    /// How many things are here.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// How many places there are, holes included.
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    /// The id of what is pushed next; `None` if ids are used up.
    pub(crate) fn next_id(&self) -> Option<BlockId> {
        let position = u32::try_from(self.places.len()).ok()?;
        self.base.checked_add(position).filter(|id| *id < u32::MAX).map(BlockId)
    }

    pub(crate) fn push(&mut self, thing: T) {
        self.places.push_back(Some(thing));
        self.count += 1;
    }

    /// Takes back what was pushed last.
    pub(crate) fn pop(&mut self) {
        if let Some(Some(_)) = self.places.pop_back() {
            self.count -= 1;
        }
    }

    pub(crate) fn get(&self, id: BlockId) -> Option<&T> {
        self.places.get(self.position(id)?)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: BlockId) -> Option<&mut T> {
        let position = self.position(id)?;
        self.places.get_mut(position)?.as_mut()
    }

    pub(crate) fn remove(&mut self, id: BlockId) -> Option<T> {
        let position = self.position(id)?;
        let removed = self.places.get_mut(position)?.take()?;
        self.count -= 1;
        while let Some(None) = self.places.front() {
            self.places.pop_front();
            self.base += 1;
        }
        Some(removed)
    }

    /// Everything that is here, by ascending id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (BlockId, &T)> {
        let places = self.places.iter().zip(self.base..);
        places.filter_map(|(thing, id)| Some((BlockId(id), thing.as_ref()?)))
    }

    fn position(&self, id: BlockId) -> Option<usize> {
        usize::try_from(id.0.checked_sub(self.base)?).ok()
    }
}
