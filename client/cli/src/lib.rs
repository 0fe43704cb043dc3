//! The `citrate` command: run a node, manage keys, chain specs, artifacts and jobs.
