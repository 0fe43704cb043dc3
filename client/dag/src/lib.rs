//! The DAG consensus as a state machine: header rules, mergesets and their order.
