//! Drives the runtime's worker on every block, so that this node serves inference jobs.
