//! A node as a process of its own, and the command that talks to it.

use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// LIMIT of every wait.
const PATIENCE: Duration = Duration::from_secs(300);
const BINARY: &str = env!("CARGO_BIN_EXE_citrate");

/// The lines of a node's log.
#[derive(Default)]
struct Log {
    lines: Mutex<(Vec<String>, bool)>,
    changed: Condvar,
}

/// A running node, killed when it is dropped.
pub(super) struct Node {
    child: Child,
    log: Arc<Log>,
    pub(super) url: String,
}

impl Node {
    /// Starts a development chain in a folder, with these variables set or not, and waits until it answers.
    pub(super) fn start(base: &Path, environment: &[(&str, Option<&OsStr>)]) -> Self {
        Self::launch(base, environment, &["--dev"])
    }

    /// As [`Self::start`], with these arguments instead of `--dev`.
    pub(super) fn launch(
        base: &Path,
        environment: &[(&str, Option<&OsStr>)],
        arguments: &[&str],
    ) -> Self {
        let mut command = Command::new(BINARY);
        for (name, value) in environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut child = command
            .args(arguments)
            .args(["--rpc-port", "0", "--log", "info", "--base-path"])
            .arg(base)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Log::default());
        let (output, writer) = (child.stderr.take().unwrap(), Arc::clone(&log));
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                writer.lines.lock().unwrap().0.push(line);
                writer.changed.notify_all();
            }
            writer.lines.lock().unwrap().1 = true;
            writer.changed.notify_all();
        });
        let mut node = Self { child, log, url: String::new() };
        let line = node.wait_for("JSON-RPC: http://");
        let (_, rest) = line.split_once("JSON-RPC: ").unwrap();
        node.url = rest.split_whitespace().next().unwrap().to_owned();
        node
    }

    /// The first line of the log that contains a text, as soon as there is one.
    pub(super) fn wait_for(&self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut lines = self.log.lines.lock().unwrap();
        loop {
            if let Some(line) = lines.0.iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            let left = until.saturating_duration_since(Instant::now());
            let all = || lines.0.join("\n");
            assert!(!lines.1, "the node ended without saying {text:?}:\n{}", all());
            assert!(!left.is_zero(), "the node does not say {text:?}:\n{}", all());
            lines = self.log.changed.wait_timeout(lines, left).unwrap().0;
        }
    }

    /// How many lines of the log contain a text.
    pub(super) fn said(&self, text: &str) -> usize {
        self.log.lines.lock().unwrap().0.iter().filter(|line| line.contains(text)).count()
    }

    /// Ends the process as `kill -9` does, and waits for the end of its log.
    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        // The log is whole once its reader has seen the end.
        let mut lines = self.log.lines.lock().unwrap();
        while !lines.1 {
            lines = self.log.changed.wait(lines).unwrap();
        }
    }

    /// Calls a method.
    pub(super) fn rpc(&self, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut response = ureq::post(&self.url).send_json(request).unwrap();
        let mut answer: Value = response.body_mut().read_json().unwrap();
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// What the chain says of a job.
    pub(super) fn job(&self, id: &str) -> Value {
        self.rpc("inference_job", json!([id]))
    }

    /// Asks again and again until there is something to see.
    pub(super) fn eventually<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = look(self) {
                return seen;
            }
            if Instant::now() >= until {
                let log = self.log.lines.lock().unwrap().0.join("\n");
                panic!("{what}: not within {PATIENCE:?}\n{log}");
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The number of the best block.
    pub(super) fn height(&self) -> u32 {
        let header = self.rpc("chain_getHeader", json!([]));
        let number = header["number"].as_str().unwrap().trim_start_matches("0x");
        u32::from_str_radix(number, 16).unwrap()
    }

    /// Runs the command, for one that talks to this node.
    pub(super) fn citrate(&self, arguments: &[&OsStr]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(super) fn command(&self, arguments: &[&OsStr]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).env("CITRATE_NODE", &self.url).env_remove("CITRATE_SIGNER");
        command
    }

    /// As [`Self::citrate`], for a command that must succeed: what it prints.
    pub(super) fn succeed(&self, arguments: &[&OsStr]) -> String {
        let output = self.citrate(arguments);
        let log = self.log.lines.lock().unwrap().0.join("\n");
        assert!(output.status.success(), "{arguments:?}: {}\n{log}", text(&output.stderr));
        text(&output.stdout)
    }

    /// As [`Self::citrate`], for a command that must fail: what it says.
    pub(super) fn fail(&self, arguments: &[&OsStr]) -> String {
        let output = self.citrate(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stdout));
        let said = text(&output.stderr);
        assert!(said.starts_with("error: ") && said.lines().count() == 1, "{arguments:?}: {said}");
        said
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Arguments of any kind as what a command takes.
macro_rules! args {
    ($($argument:expr),* $(,)?) => {
        &[$(std::ffi::OsStr::new($argument)),*]
    };
}
pub(super) use args;

pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What `scripts/setup.sh` has fetched.
pub(super) fn cache() -> PathBuf {
    let folder = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("CITRATE_CACHE")
        .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("citrate")))
        .or_else(|| Some(folder("HOME")?.join(".cache/citrate")))
        .unwrap()
}

/// The magika model's file; without it, says that the test does nothing. Tests run by `make test` may not say so.
pub(super) fn magika() -> Option<PathBuf> {
    let model = cache().join("magika-1.0.3/model.onnx");
    if model.is_file() {
        return Some(model);
    }
    skipped("magika is not in the cache: run scripts/setup.sh");
    None
}

pub(super) fn skipped(reason: &str) {
    assert!(env::var_os("CITRATE_NO_SKIP").is_none(), "may not be skipped: {reason}");
    eprintln!("SKIPPED: {reason}");
}
