//! A node in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::command::citrate;

/// LIMIT of every wait: a machine that is busy with other things is slow, not wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);
/// How much of its log a node shows when a test fails.
const LAST_LINES: usize = 25;
/// How a node says that it serves.
const READY: &str = "JSON-RPC: http://";

/// A node in a process of its own; killed when it is dropped.
pub(crate) struct Node {
    child: Child,
    /// Where its RPC is.
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
    reads: Arc<AtomicBool>,
}

/// Arguments of a development node on a free port, in this folder.
pub(crate) fn dev(base: &Path) -> Command {
    let mut command = citrate(["--dev", "--rpc-port", "0", "--no-inference", "--base-path"]);
    command.arg(base);
    command
}

impl Node {
    /// Starts a node and waits until it serves.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child =
            command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("starts");
        let log = Arc::new(Mutex::new(String::new()));
        let (ready, address) = mpsc::channel();
        let errors = BufReader::new(child.stderr.take().expect("piped"));
        let (kept, reads) = (Arc::clone(&log), Arc::new(AtomicBool::new(true)));
        let reading = Arc::clone(&reads);
        std::thread::spawn(move || {
            for line in errors.lines() {
                let Ok(line) = line else { return };
                if let Some((_, rest)) = line.split_once(READY) {
                    let address = rest.split_whitespace().next().and_then(|text| text.parse().ok());
                    // The receiver is gone once it has an address.
                    let _ = ready.send(address.expect("an address"));
                }
                let mut kept = kept.lock().expect("nobody panics here");
                kept.push_str(&line);
                kept.push('\n');
                if !reading.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        let Ok(address) = address.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let log = log.lock().expect("nobody panics here");
            panic!("{command:?} does not serve: {log}");
        };
        Self { child, address, log, reads }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("nobody panics here").clone()
    }

    /// Closes this end of its log with the next line.
    pub(crate) fn stop_reading(&self) {
        self.reads.store(false, Ordering::Relaxed);
    }

    /// A method's result or error object.
    pub(crate) fn try_call(&self, method: &str, params: Value) -> Result<Value, Value> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = ureq::post(format!("http://{}", self.address))
            .content_type("application/json")
            .send(request.to_string().as_str())
            .unwrap_or_else(|error| panic!("{method}: {error}: {}", self.log()))
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_string()
            .expect("an answer");
        let mut answer: Value = serde_json::from_str(&answer).expect("JSON");
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].take()),
        }
    }

    /// A method's result.
    pub(crate) fn call(&self, method: &str, params: Value) -> Value {
        let what = format!("{method} {params}");
        self.try_call(method, params).unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// The number of the best block.
    pub(crate) fn best(&self) -> u32 {
        number(&self.call("chain_getHeader", json!([])))
    }

    /// Waits until the best block is at least this one.
    pub(crate) fn wait_for_block(&self, number: u32) {
        eventually(&format!("block {number}"), || (self.best() >= number).then_some(()));
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status().expect("a shell");
        assert!(sent.success(), "{kill}");
    }

    /// Waits until the process has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let child = &mut self.child;
        eventually("the end of the process", || child.try_wait().expect("a child"))
    }

    /// Asks the node to stop, and checks that it does so in order.
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        let status = self.wait();
        assert_eq!(status.code(), Some(0), "{status}: {}", self.log());
    }

    /// Ends it as a loss of power would, as far as a process can see.
    pub(crate) fn kill(mut self) {
        // SIGKILL on Unix.
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let last = lines.len().saturating_sub(LAST_LINES);
            eprintln!("{} logged last:\n{}", self.address, lines[last..].join("\n"));
        }
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Held by the tests that start several nodes, one test at a time: each takes all of a small machine, and who misses
/// its time is slashed.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of a header in JSON.
pub(crate) fn number(header: &Value) -> u32 {
    let digits = header["number"].as_str().and_then(|text| text.strip_prefix("0x"));
    u32::from_str_radix(digits.expect("a number"), 16).expect("a number")
}

/// Looks every few milliseconds until there is something to see.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
