//! A development node of one's own.

use crate::{Connection, View};
use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};
use subxt::rpcs::RpcClient;
use tempfile::TempDir;

/// What the node logs before the address that it serves.
const SERVES: &str = "JSON-RPC: http://";
/// After this a node that neither serves nor stops is given up.
const START_TIMEOUT: Duration = Duration::from_secs(120);
/// Lines of the node's log that a failed test shows.
const LOG_LINES: usize = 60;

/// A development node on a port and a folder of its own; it ends with this value.
#[derive(Debug)]
pub struct Node {
    child: Child,
    address: String,
    log: Arc<Mutex<Vec<String>>>,
    _base: TempDir,
}

impl Node {
    /// Starts `citrate --dev` and waits until it serves.
    ///
    /// # Errors
    /// When there is no such program, or it stops at once.
    pub fn start() -> Result<Self> {
        let binary = binary()?;
        let base = TempDir::new()?;
        let mut child = Command::new(&binary)
            .args(["--dev", "--rpc-port", "0", "--log", "info", "--base-path"])
            .arg(base.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| binary.display().to_string())?;
        let lines = BufReader::new(child.stderr.take().context("the log is piped")?).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut node = Self { child, address: String::new(), log: log.clone(), _base: base };
        let (serves, address) = channel();
        // Reads to the end, so that the node never waits for a full pipe.
        thread::spawn(move || read(lines.map_while(Result::ok), &log, &serves));
        node.address = match address.recv_timeout(START_TIMEOUT) {
            Ok(address) => address,
            Err(RecvTimeoutError::Disconnected) => bail!("the node stopped:\n{}", node.log()),
            Err(RecvTimeoutError::Timeout) => bail!("the node does not serve:\n{}", node.log()),
        };
        Ok(node)
    }

    /// The node's own methods, all of them.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub async fn rpc(&self) -> Result<RpcClient> {
        Ok(RpcClient::from_insecure_url(format!("ws://{}", self.address)).await?)
    }

    /// A client that sees a part of the node's methods.
    ///
    /// # Errors
    /// When subxt cannot work with them.
    pub async fn connect(&self, view: View) -> Result<Connection> {
        Connection::open(self.rpc().await?, view, None).await
    }

    /// A client that sees the old methods, and is told that there is one version of the metadata.
    ///
    /// # Errors
    /// When subxt cannot work with them.
    pub async fn connect_with_metadata(&self, version: u32) -> Result<Connection> {
        Connection::open(self.rpc().await?, View::Legacy, Some(version)).await
    }

    /// The end of the node's log.
    fn log(&self) -> String {
        self.log.lock().map(|lines| lines.join("\n")).unwrap_or_default()
    }
}

impl Drop for Node {
    #[expect(clippy::print_stderr, reason = "a failed test shows the node's log")]
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- the node's log ends so:\n{}", self.log());
        }
    }
}

fn read(lines: impl Iterator<Item = String>, log: &Mutex<Vec<String>>, serves: &Sender<String>) {
    for line in lines {
        if let Some((_, rest)) = line.split_once(SERVES) {
            let address = rest.split_whitespace().next().unwrap_or_default();
            // Nobody waits if the node served too late.
            let _ = serves.send(address.to_owned());
        }
        let Ok(mut log) = log.lock() else { return };
        if log.len() == LOG_LINES {
            log.remove(0);
        }
        log.push(line);
    }
}

/// `CITRATE_BIN`, or the program beside the tests in cargo's target folder.
fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CITRATE_BIN") {
        return Ok(path.into());
    }
    let test = std::env::current_exe()?;
    let profile = test.parent().and_then(|deps| deps.parent()).context("a target folder")?;
    let path = profile.join(format!("citrate{}", std::env::consts::EXE_SUFFIX));
    if !path.exists() {
        bail!(
            "{} is missing: run `cargo build -p citrate-cli`, or set CITRATE_BIN",
            path.display()
        );
    }
    Ok(path)
}
