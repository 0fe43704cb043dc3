//! Checking that the index is what it must be.

use super::{BlockId, Node, ORIGIN, Reachability};

/// A block that breaks an invariant of the index, which would be a mistake of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("block {block:?} of the reachability index: {what}")]
pub struct Corrupt {
    /// The block.
    pub block: BlockId,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Reachability {
    /// Checks all invariants of all blocks, in time linear in their number.
    ///
    /// # Errors
    /// The first block that breaks one.
    pub fn validate(&self) -> Result<(), Corrupt> {
        let mut count = 0;
        for (id, node) in std::iter::once((ORIGIN, &self.origin)).chain(self.nodes.iter()) {
            self.validate_node(node).map_err(|what| Corrupt { block: id, what })?;
            let children = node.children.iter();
            let mut parents = children.map(|child| self.get(*child).and_then(|node| node.parent));
            if parents.any(|parent| parent != Some(id)) {
                return Err(Corrupt { block: id, what: "a child has another parent" });
            }
            for covering in &node.covering {
                if !self.get(*covering).is_some_and(|covering| covering.covers.contains(&id)) {
                    return Err(Corrupt { block: id, what: "what covers it does not know that" });
                }
            }
            count += node.children.len();
        }
        if count != self.nodes.len() {
            return Err(Corrupt { block: ORIGIN, what: "a block is nobody's child" });
        }
        if !self.contains(self.reindex_root) {
            return Err(Corrupt { block: self.reindex_root, what: "the reindex root is gone" });
        }
        Ok(())
    }

    fn validate_node(&self, node: &Node) -> Result<(), &'static str> {
        if node.interval.is_empty() {
            return Err("its interval is empty");
        }
        let mut before: Option<u64> = None;
        for child in &node.children {
            let child = self.get(*child).ok_or("a child is gone")?.interval;
            match before {
                Some(end) if end + 1 != child.start => return Err("siblings are not adjacent"),
                None if child.start < node.interval.start => return Err("a child sticks out"),
                _ => {}
            }
            if child.is_empty() || child.end >= node.interval.end {
                return Err("a child is empty or does not end before its parent");
            }
            before = Some(child.end);
        }
        let mut before = 0;
        for covering in &node.covering {
            let covering = self.get(*covering).ok_or("what covers it is gone")?.interval;
            if covering.start <= before || node.interval.contains(covering) {
                return Err("its covering set is not ordered and disjoint");
            }
            before = covering.end;
        }
        Ok(())
    }
}
