//! Checks of the workspace that cargo does not make.

fn main() {}
