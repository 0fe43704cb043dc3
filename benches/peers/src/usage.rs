//! What this process has used.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// CPU time of all threads so far.
pub(crate) fn cpu() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}

/// Starts the measurement of peak memory anew; returns what is resident now, in KiB.
pub(crate) fn reset_peak() -> anyhow::Result<u64> {
    fs::write("/proc/self/clear_refs", "5").context("the peak of memory cannot be reset")?;
    of_status("VmRSS:")
}

/// The greatest resident memory since, in KiB.
pub(crate) fn peak() -> anyhow::Result<u64> {
    of_status("VmHWM:")
}

fn of_status(name: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|rest| rest.trim().strip_suffix(" kB")).context("no such line")?;
    Ok(value.trim().parse()?)
}
