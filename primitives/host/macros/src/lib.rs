//! Macros that generate host functions and runtime APIs from one definition each.
