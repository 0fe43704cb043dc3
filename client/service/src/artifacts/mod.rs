//! Artifacts between nodes: what this node lacks it fetches, what others lack it gives them.

mod fetch;
mod uploads;
mod wishes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use citrate_artifacts::{Input, Pin, Progress, Size, Want};
use citrate_core::H256;
use citrate_network::{PeerId, Responder};
use parking_lot::Mutex;
use tokio::sync::mpsc;

pub(crate) use fetch::FetchLoop;
pub(crate) use uploads::Uploads;
pub(crate) use wishes::Wishes;

/// LIMIT: what waits for the thread that fetches.
const JOBS_MAX: usize = 1_024;
/// LIMIT: failures that are remembered; the oldest is forgotten first.
const FAILURES_MAX: usize = 256;
/// How long something that nobody had is not looked for again, unless the operator asks.
const RETRY_AFTER: Duration = Duration::from_secs(60);
/// How long a job waits for its model, and how much longer if that is nearly here. A job that is given back costs its
/// provider nothing; one that is not answered in time, some twenty seconds, does.
const JOB_PATIENCE: Duration = Duration::from_secs(8);

/// What the thread that fetches is told.
#[derive(Debug)]
pub(crate) enum FetchJob {
    /// A peer is connected.
    Connected(PeerId),
    /// A peer is gone.
    Disconnected(PeerId),
    /// Anything else that the machine should know.
    Input(Input),
    /// The node stops.
    Stop,
}

/// A question of a peer.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) peer: PeerId,
    pub(crate) data: Vec<u8>,
    pub(crate) respond: Responder,
}

/// How an artifact that was asked for stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// It is being fetched.
    Coming(Progress),
    /// It was not fetched, and will not be for a while.
    Failed(String),
}

#[derive(Debug)]
enum State {
    Coming { progress: Progress, since: Instant },
    Failed { reason: String, since: Instant },
}

/// What is being fetched, and a way to ask for more. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Fetcher {
    jobs: mpsc::Sender<FetchJob>,
    states: Arc<Mutex<BTreeMap<H256, State>>>,
}

impl Fetcher {
    /// A fetcher, and what its thread has to do.
    pub(crate) fn new() -> (Self, mpsc::Receiver<FetchJob>) {
        let (jobs, received) = mpsc::channel(JOBS_MAX);
        (Self { jobs, states: Arc::default() }, received)
    }

    /// The way to the thread.
    pub(crate) fn jobs(&self) -> &mpsc::Sender<FetchJob> {
        &self.jobs
    }

    /// How an artifact stands; none if it was not asked for lately.
    pub(crate) fn state(&self, artifact: &H256) -> Option<Sought> {
        match self.states.lock().get(artifact)? {
            State::Coming { progress, .. } => Some(Sought::Coming(*progress)),
            State::Failed { reason, since } => {
                (since.elapsed() < RETRY_AFTER).then(|| Sought::Failed(reason.clone()))
            }
        }
    }

    /// Has an artifact fetched, whatever came of it before. It may be busy: then it is not noted.
    pub(crate) fn fetch(&self, hash: H256, size: Size, name: &str, pin: Pin) -> Sought {
        let want = Want { hash, size, name: name.to_owned(), pin };
        let mut states = self.states.lock();
        if self.jobs.try_send(FetchJob::Input(Input::Want(want))).is_err() {
            return Sought::Failed("too much is being fetched".to_owned());
        }
        let (progress, since) = match states.get(&hash) {
            Some(State::Coming { progress, since }) => (*progress, *since),
            _ => (Progress::default(), Instant::now()),
        };
        states.insert(hash, State::Coming { progress, since });
        Sought::Coming(progress)
    }

    /// Whether something that is being fetched will be here so soon that a job may wait for it.
    pub(crate) fn is_soon(&self, artifact: &H256) -> bool {
        match self.states.lock().get(artifact) {
            Some(State::Coming { progress, since }) => is_soon(since.elapsed(), *progress),
            _ => false,
        }
    }

    /// Has an artifact fetched, unless it is being fetched, or could not be lately.
    pub(crate) fn seek(&self, hash: H256, size: Size, name: &str) -> Sought {
        self.state(&hash).unwrap_or_else(|| self.fetch(hash, size, name, Pin::No))
    }

    /// Notes how far things are.
    fn note(&self, wanted: impl Iterator<Item = (H256, Progress)>) {
        let mut states = self.states.lock();
        for (hash, new) in wanted {
            if let Some(State::Coming { progress, .. }) = states.get_mut(&hash) {
                *progress = new;
            }
        }
    }

    /// Notes the end of a fetch.
    fn end(&self, hash: &H256, failure: Option<String>) {
        let mut states = self.states.lock();
        states.remove(hash);
        if let Some(reason) = failure {
            states.insert(*hash, State::Failed { reason, since: Instant::now() });
        }
        let mut failures: Vec<(Instant, H256)> = states
            .iter()
            .filter_map(|(hash, state)| match state {
                State::Failed { since, .. } => Some((*since, *hash)),
                State::Coming { .. } => None,
            })
            .collect();
        failures.sort_unstable();
        for (_, hash) in failures.iter().take(failures.len().saturating_sub(FAILURES_MAX)) {
            states.remove(hash);
        }
    }
}

/// Whether what has come so far after this time lets expect the rest within [`JOB_PATIENCE`].
fn is_soon(elapsed: Duration, progress: Progress) -> bool {
    if elapsed < JOB_PATIENCE {
        return true;
    }
    let Some(total) = progress.bytes_total else { return false };
    let left = u128::from(total.saturating_sub(progress.bytes));
    let patience = u128::from(progress.bytes) * JOB_PATIENCE.as_millis();
    left * elapsed.as_millis() < patience
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: usize) -> H256 {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
        H256(bytes)
    }

    #[test]
    fn what_failed_is_not_sought_again_at_once_unless_it_is_asked_for() {
        let (fetcher, mut jobs) = Fetcher::new();
        let one = hash(1);
        assert_eq!(fetcher.state(&one), None);
        let coming = Sought::Coming(Progress::default());
        assert_eq!(fetcher.seek(one, Size::AtMost(9), ""), coming);
        assert_eq!(fetcher.seek(one, Size::AtMost(9), ""), coming);
        assert!(jobs.try_recv().is_ok());
        assert!(jobs.try_recv().is_err(), "it is asked for once");
        let progress = Progress { bytes: 1, bytes_total: Some(2) };
        fetcher.note([(one, progress)].into_iter());
        assert_eq!(fetcher.fetch(one, Size::AtMost(9), "", Pin::Yes), Sought::Coming(progress));
        fetcher.end(&one, Some("why".to_owned()));
        assert_eq!(fetcher.seek(one, Size::AtMost(9), ""), Sought::Failed("why".to_owned()));
        assert_eq!(fetcher.fetch(one, Size::AtMost(9), "", Pin::No), coming);
        fetcher.end(&one, None);
        assert_eq!(fetcher.state(&one), None);
    }

    #[test]
    fn a_job_waits_for_a_model_that_is_nearly_here() {
        let of = |bytes, bytes_total| Progress { bytes, bytes_total };
        let seconds = Duration::from_secs;
        for (elapsed, progress, expected) in [
            (0, of(0, None), true),
            (7, of(0, Some(1_000)), true),
            (8, of(0, None), false),
            (8, of(0, Some(1_000)), false),
            (10, of(500, Some(1_000)), false),
            (10, of(600, Some(1_000)), true),
            (60, of(880, Some(1_000)), false),
            (60, of(890, Some(1_000)), true),
            (600, of(u64::MAX, Some(u64::MAX)), true),
        ] {
            assert_eq!(is_soon(seconds(elapsed), progress), expected, "{elapsed} s, {progress:?}");
        }
        let (fetcher, _jobs) = Fetcher::new();
        assert!(!fetcher.is_soon(&hash(1)));
        fetcher.fetch(hash(1), Size::AtMost(1), "", Pin::No);
        assert!(fetcher.is_soon(&hash(1)));
        fetcher.end(&hash(1), Some(String::new()));
        assert!(!fetcher.is_soon(&hash(1)));
    }

    #[test]
    fn failures_and_what_waits_are_bounded() {
        let (fetcher, _jobs) = Fetcher::new();
        for number in 0..=FAILURES_MAX {
            fetcher.end(&hash(number), Some(String::new()));
        }
        assert_eq!(fetcher.state(&hash(0)), None, "the oldest is forgotten");
        assert!(fetcher.state(&hash(1)).is_some());
        for number in 0..JOBS_MAX {
            assert!(matches!(
                fetcher.fetch(hash(number), Size::AtMost(1), "", Pin::No),
                Sought::Coming(_)
            ));
        }
        let more = fetcher.fetch(hash(JOBS_MAX), Size::AtMost(1), "", Pin::No);
        assert!(matches!(more, Sought::Failed(_)));
        assert_eq!(fetcher.state(&hash(JOBS_MAX)), None);
    }
}
