//! Chain specifications: what a node must know to join or start a chain.
