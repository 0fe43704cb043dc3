//! Calls to a running node over a WebSocket on the loopback interface.
//!
//! The client is soketto's. The peer is a bare jsonrpsee server that answers each method with the
//! same value at once: the difference is what the node does for it. The node makes no blocks meanwhile.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use citrate_benches::{Bench, DevChain, Side};
use citrate_service::{Authoring, ChainSpec, InferenceConfig, Node, NodeConfig};
use jsonrpsee::RpcModule;
use jsonrpsee::server::{Server, ServerHandle};
use serde_json::{Value, json};
use soketto::connection::{Receiver, Sender};
use soketto::handshake::{Client, ServerResponse};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

/// Calls that are on the way at a time, in the second row of each method.
const IN_FLIGHT: u64 = 32;
/// Key of `//Alice` in `System::Account`.
const ALICE_KEY: &str = "0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9\
    de1e86a9a8c739864cf3cc5ec2bea59fd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
const ALICE: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

/// What is called: a constant, a block's header, a value of the state, and the runtime in WASM.
const METHODS: [(&str, &[&str]); 4] = [
    ("system_chain", &[]),
    ("chain_getHeader", &[]),
    ("state_getStorage", &[ALICE_KEY]),
    ("state_call", &["AccountNonceApi_account_nonce", ALICE]),
];

/// Runs the benches of the RPC server.
pub(crate) fn run(bench: &mut Bench, target: &Path) -> Result<()> {
    if !bench.wants("rpc") {
        return Ok(());
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = DevChain::new(target, 0)?.code().to_vec();
    let folder = tempfile::tempdir()?;
    let mut config = NodeConfig::new(ChainSpec::development(code, None));
    config.base_path = Some(folder.path().to_owned());
    config.rpc.listen.set_port(0);
    config.authoring = Authoring::Off;
    config.inference = InferenceConfig { enabled: false, ..InferenceConfig::default() };
    let node = runtime.block_on(Node::start(config))?;
    let mut client = runtime.block_on(Connection::open(&node.rpc_address().to_string()))?;
    for (method, params) in METHODS {
        let answer = runtime.block_on(client.call(method, params))?;
        ensure!(!answer.is_null(), "{method} has no answer");
        let (mut bare, _server) = bare(&runtime, method, answer.clone())?;
        let same = runtime.block_on(bare.call(method, params))?;
        ensure!(answer == same, "{method} is answered alike");
        for in_flight in [1, IN_FLIGHT] {
            let mut ours = calls(&runtime, &mut client, method, params, in_flight);
            let mut peer = calls(&runtime, &mut bare, method, params, in_flight);
            bench.duel(
                &format!("rpc/{method}/{in_flight}"),
                (1, "calls"),
                Side::new("node", &mut ours),
                Side::new("bare server", &mut peer),
            );
        }
    }
    drop(client);
    runtime.block_on(node.stop());
    Ok(())
}

/// A WebSocket to a server.
struct Connection {
    sender: Sender<Compat<TcpStream>>,
    receiver: Receiver<Compat<TcpStream>>,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut client = Client::new(stream.compat(), address, "/");
        let ServerResponse::Accepted { .. } = client.handshake().await? else {
            bail!("{address} takes no WebSocket");
        };
        let (sender, receiver) = client.into_builder().finish();
        Ok(Self { sender, receiver, answer: Vec::new() })
    }

    async fn call(&mut self, method: &str, params: &[&str]) -> Result<Value> {
        self.send(&request(method, params)).await?;
        self.receive().await?;
        let answer: Value = serde_json::from_slice(&self.answer)?;
        answer.get("result").cloned().with_context(|| answer.to_string())
    }

    /// Makes a request so often, with at most so many on the way.
    async fn repeat(&mut self, request: &str, times: u64, in_flight: u64) -> Result<Duration> {
        let begun = Instant::now();
        let mut sent = 0;
        for received in 0..times {
            while sent < times.min(received + in_flight) {
                self.send(request).await?;
                sent += 1;
            }
            self.receive().await?;
            let is_error = self.answer.windows(8).take(64).any(|part| part == br#""error":"#);
            ensure!(!is_error, "{}", String::from_utf8_lossy(&self.answer));
        }
        Ok(begun.elapsed())
    }

    async fn send(&mut self, request: &str) -> Result<()> {
        self.sender.send_text(request).await?;
        Ok(self.sender.flush().await?)
    }

    async fn receive(&mut self) -> Result<()> {
        self.answer.clear();
        self.receiver.receive_data(&mut self.answer).await?;
        Ok(())
    }
}

fn request(method: &str, params: &[&str]) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string()
}

fn calls<'a>(
    runtime: &'a Runtime,
    connection: &'a mut Connection,
    method: &str,
    params: &[&str],
    in_flight: u64,
) -> impl FnMut(u64) -> Duration + use<'a> {
    let request = request(method, params);
    move |times| {
        let repeated = runtime.block_on(connection.repeat(&request, times, in_flight));
        repeated.expect("it was answered before")
    }
}

/// A server that answers this method with this value, and a connection to it.
fn bare(
    runtime: &Runtime,
    method: &'static str,
    answer: Value,
) -> Result<(Connection, ServerHandle)> {
    let mut module = RpcModule::new(answer);
    module.register_method(method, |_, answer, _| answer.clone())?;
    runtime.block_on(async {
        let server = Server::builder().build("127.0.0.1:0").await?;
        let address = server.local_addr()?;
        let handle = server.start(module);
        Ok((Connection::open(&address.to_string()).await?, handle))
    })
}
