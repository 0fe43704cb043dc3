//! Wires the parts of a node together and runs it.
