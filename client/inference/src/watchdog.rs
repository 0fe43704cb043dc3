//! Stops what takes too long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Calls a function unless it is dropped in time.
pub(crate) struct Watchdog {
    done: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    fired: Arc<AtomicBool>,
}

impl Watchdog {
    /// Calls `stop` after `limit`.
    pub(crate) fn start(
        limit: Duration,
        stop: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (done, wait) = sync_channel(1);
        let fired = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&fired);
        let thread = thread::Builder::new().name("inference-watchdog".into()).spawn(move || {
            if wait.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                flag.store(true, Ordering::SeqCst);
                stop();
            }
        })?;
        Ok(Self { done: Some(done), thread: Some(thread), fired })
    }

    /// True if the time was up.
    pub(crate) fn fired(&self) -> bool {
        self.fired.load(Ordering::SeqCst)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            // It only waits and stops; there is nothing to learn from how it ended.
            let _ = thread.join();
        }
    }
}
