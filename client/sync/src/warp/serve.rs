//! Nodes of a state, for whoever downloads it.

use citrate_trie::{NodeStore, Step, Walk};

use crate::wire::{Depth, NODES_MAX};

/// The nodes that a request asks for, in its order, in hardly more than `bytes_max` bytes: as many as are here
/// one after the other. `None` if the first is not.
pub fn state_nodes(
    store: &dyn NodeStore,
    steps: &[Step],
    depth: Depth,
    bytes_max: usize,
) -> Option<Vec<Vec<u8>>> {
    let mut walk = Walk::default();
    walk.push(steps.iter().copied());
    let (mut nodes, mut bytes) = (Vec::new(), 0usize);
    while let Some(step) = walk.pop() {
        // What cannot be read is not here: the error shows where the node itself needs it.
        let Some(node) = store.node(&step.hash).ok().flatten() else { break };
        if depth == Depth::Below {
            // The asker may have called it something that it is not.
            let Ok(children) = step.open(&node) else { break };
            walk.push(children.into_iter());
        }
        bytes = bytes.saturating_add(node.len());
        nodes.push(node);
        if bytes >= bytes_max || nodes.len() >= NODES_MAX {
            break;
        }
    }
    (!nodes.is_empty()).then_some(nodes)
}
