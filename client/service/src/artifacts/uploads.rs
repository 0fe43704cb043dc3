//! The thread that gives others what they ask for, no faster than the operator allows.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use citrate_artifacts::{Serve, Store};
use citrate_network::{Network, Penalty};
use tokio::sync::mpsc;

use super::Upload;

/// LIMIT: questions that wait; more than the network lets peers have open.
const WAITING_MAX: usize = 128;

/// What the thread works with.
pub(crate) struct Uploads {
    store: Arc<Store>,
    network: Network,
    pace: Pace,
    received: mpsc::Receiver<Upload>,
}

impl Uploads {
    /// So many bytes a second; for none at all every question is refused.
    pub(crate) fn new(
        store: Arc<Store>,
        network: Network,
        bytes_per_second: u64,
    ) -> (mpsc::Sender<Upload>, Self) {
        let (sender, received) = mpsc::channel(WAITING_MAX);
        let pace = Pace { bytes_per_second, free_at: Instant::now() };
        (sender, Self { store, network, pace, received })
    }

    /// Works until nobody can ask any more. Who asks is held up by the wait for its answer, and may have only so many
    /// questions open: that is what keeps it from asking faster.
    pub(crate) fn run(mut self) {
        let mut serve = Serve::new(Arc::clone(&self.store));
        while let Some(upload) = self.received.blocking_recv() {
            // It may have waited too long.
            if self.pace.bytes_per_second == 0 || !upload.respond.is_open() {
                continue;
            }
            match serve.answer(&upload.data) {
                Ok(answer) => {
                    thread::sleep(self.pace.wait(Instant::now(), answer.len()));
                    upload.respond.send(answer);
                }
                Err(_malformed) => self.network.report(&upload.peer, Penalty::InvalidRequest),
            }
        }
    }
}

/// When the next bytes may be sent.
#[derive(Debug)]
struct Pace {
    bytes_per_second: u64,
    free_at: Instant,
}

impl Pace {
    /// How long to wait with so many bytes.
    fn wait(&mut self, now: Instant, bytes: usize) -> Duration {
        let micros = (bytes as u64).saturating_mul(1_000_000) / self.bytes_per_second.max(1);
        let from = self.free_at.max(now);
        self.free_at = from + Duration::from_micros(micros);
        from.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_wait_for_those_before_them() {
        let now = Instant::now();
        let mut pace = Pace { bytes_per_second: 1_000, free_at: now };
        assert_eq!(pace.wait(now, 500), Duration::ZERO);
        assert_eq!(pace.wait(now, 250), Duration::from_millis(500));
        assert_eq!(pace.wait(now, 1), Duration::from_millis(750));
        let later = now + Duration::from_secs(9);
        assert_eq!(pace.wait(later, 100), Duration::ZERO, "a pause gains nothing");
        assert_eq!(pace.wait(later, 0), Duration::from_millis(100));
    }
}
