//! What this process has used.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// How often a [`Sampler`] looks: the kernel has no peak of this.
const SAMPLE_EVERY: Duration = Duration::from_millis(20);

/// Looks at the process's own memory, that is without mapped files, until it is stopped.
pub(crate) struct Sampler {
    is_done: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<u64>>,
    before: u64,
}

impl Sampler {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let is_done = Arc::<AtomicBool>::default();
        let done = Arc::clone(&is_done);
        let before = own()?;
        let thread = std::thread::spawn(move || {
            let mut peak = before;
            while !done.load(Ordering::Relaxed) {
                std::thread::sleep(SAMPLE_EVERY);
                peak = peak.max(own()?);
            }
            Ok(peak)
        });
        Ok(Self { is_done, thread, before })
    }

    /// The greatest that was seen, above what there was at the start, in KiB.
    pub(crate) fn stop(self) -> anyhow::Result<u64> {
        self.is_done.store(true, Ordering::Relaxed);
        let peak = self.thread.join().map_err(|_| anyhow::anyhow!("the sampler panicked"))??;
        Ok(peak.saturating_sub(self.before))
    }
}

fn own() -> anyhow::Result<u64> {
    of_status("RssAnon:")
}

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
