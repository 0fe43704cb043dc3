//! Decides when this node authors a block and with which payload.
