//! Tasks that run as long as the node.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};

use crate::error::ServiceError;

/// A part of the node that runs on its own until it is told to stop.
#[derive(Debug)]
pub(crate) struct Task {
    part: &'static str,
    stop: watch::Sender<bool>,
    handle: JoinHandle<()>,
}

/// Where a task reports that it failed: the first report counts.
pub(crate) type Failure = watch::Sender<Option<(&'static str, String)>>;

impl Task {
    /// Starts a task; an error of it ends the node.
    pub(crate) fn spawn<F>(
        part: &'static str,
        failure: &Failure,
        task: impl FnOnce(watch::Receiver<bool>) -> F,
    ) -> Self
    where
        F: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let (stop, receiver) = watch::channel(false);
        let inner = tokio::spawn(task(receiver));
        let failure = failure.clone();
        let handle = tokio::spawn(async move {
            let _abort = AbortOnDrop(inner.abort_handle());
            let reason = match inner.await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(error) => describe(&error),
            };
            failure.send_if_modified(|first| {
                let is_first = first.is_none();
                first.get_or_insert((part, reason));
                is_first
            });
        });
        Self { part, stop, handle }
    }

    /// Asks the task to stop and waits, but no longer than this.
    pub(crate) async fn stop(mut self, patience: Duration) {
        // The task may have ended already.
        let _ = self.stop.send(true);
        if tokio::time::timeout(patience, &mut self.handle).await.is_err() {
            tracing::warn!(part = self.part, "does not stop in time and is abandoned");
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Returns when the node stops, or is gone.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error says that the sender is gone, which is to stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Runs what may block on the blocking pool.
///
/// # Errors
/// It panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    part: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ServiceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ServiceError::Failed { part, reason: describe(&error) })
}

fn describe(error: &JoinError) -> String {
    if error.is_panic() { "it panicked".to_owned() } else { error.to_string() }
}
