//! The attribute macros that turn a module into a pallet and pallets into a runtime.
