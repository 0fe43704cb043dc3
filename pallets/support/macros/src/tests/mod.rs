//! The macros as functions: what they say about mistakes, and what they expand to.

mod expand;
mod mistakes;
