//! The `citrate` command as its users run it: real processes, real signals, real disks.

mod market;
