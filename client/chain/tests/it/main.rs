//! Integration tests of the chain: those that start processes, so that no other test forks with their locks.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod kill;
