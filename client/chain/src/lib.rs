//! The imported chain: blocks, states, runtime calls, import and events.
