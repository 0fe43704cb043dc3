//! Deleting blocks, for pruning.

use super::{BlockId, Reachability};

impl Reachability {
    /// Deletes a block. What is known of the remaining blocks stays the same: its children take
    /// its place under its parent, and in every covering set that has it. A block that is not here is
    /// left alone, and so is the origin.
    pub fn delete(&mut self, id: BlockId) {
        let Some(node) = self.get(id).cloned() else { return };
        let Some(parent) = node.parent else { return };
        for holder in &node.covers {
            let at = self.position(&self.node(*holder).covering, node.interval.start);
            let covering = &mut self.node_mut(*holder).covering;
            covering.splice(at..=at, node.children.iter().copied());
            for child in &node.children {
                self.node_mut(*child).covers.push(*holder);
            }
        }
        for covering in &node.covering {
            self.node_mut(*covering).covers.retain(|merged| *merged != id);
        }
        let at = self.position(&self.node(parent).children, node.interval.start);
        match (node.children.first(), node.children.last()) {
            (Some(first), Some(last)) => {
                self.node_mut(*first).interval.start = node.interval.start;
                self.node_mut(*last).interval.end = node.interval.end;
            }
            // A neighbour takes over the room, so that siblings stay adjacent.
            _ => {
                let siblings = &self.node(parent).children;
                let left = at.checked_sub(1).and_then(|left| siblings.get(left)).copied();
                let right = siblings.get(at + 1).copied();
                if let Some(left) = left {
                    self.node_mut(left).interval.end = node.interval.end;
                } else if let Some(right) = right {
                    self.node_mut(right).interval.start = node.interval.start;
                }
            }
        }
        for child in &node.children {
            self.node_mut(*child).parent = Some(parent);
        }
        self.node_mut(parent).children.splice(at..=at, node.children);
        if self.reindex_root == id {
            self.reindex_root = parent;
        }
        self.nodes.remove(id);
    }
}
