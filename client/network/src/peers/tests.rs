//! Slots, flows and reserved peers.
