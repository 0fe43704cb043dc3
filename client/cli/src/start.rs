//! Runs a node until it is told to stop.

use crate::{
    Distribution,
    args::{Device, NetworkArgs, RpcMethods, RunArgs, SyncKind},
    paths, spec,
};
use anyhow::{Context, Result, bail};
use citrate_service::{
    Authoring, ChainSpec, ChainType, Cors, DeviceChoice, LogFilter, MethodPolicy, Multiaddr,
    NetworkOptions, Node, NodeConfig, Pruning, ReservedOnly, Scope, SyncMode,
};
use std::{io::IsTerminal, net::SocketAddr, time::Duration};
use tracing_subscriber::{EnvFilter, fmt, reload::Handle};

/// How long a stopped node's threads may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(args: RunArgs, distribution: &Distribution) -> Result<()> {
    let filter = log(&args)?;
    let mut config = config(args, distribution)?;
    config.rpc.log = Some(filter);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(node(config));
    // A call or a model that does not end must not keep the process: the node is stopped, and what
    // it acknowledged is on disk.
    runtime.shutdown_timeout(PATIENCE);
    result
}

async fn node(config: NodeConfig) -> Result<()> {
    // Before the start, which takes seconds: what comes meanwhile ends the node right after it.
    let mut stop = std::pin::pin!(stop_signal()?);
    let name = config.chain_spec.name.clone();
    // A warp sync may take long, and goes on where it was when it is started again.
    let is_short = config.sync == SyncMode::Full;
    let node = tokio::select! {
        node = Node::start(config) => node?,
        () = &mut stop, if !is_short => return Ok(()),
    };
    let address = node.rpc_address();
    tracing::info!(chain = name, genesis = ?node.chain().genesis_hash(), "node started");
    tracing::info!("JSON-RPC: http://{address} and ws://{address}");
    node.run_until(stop).await?;
    Ok(())
}

/// Starts to log; gives the way to change what is logged.
fn log(args: &RunArgs) -> Result<LogFilter> {
    let filter = EnvFilter::try_new(&args.log).context("--log")?;
    let builder = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // It would panic when nobody reads the log any more.
        .log_internal_errors(false);
    let initial = args.log.clone();
    Ok(if args.log_json {
        let builder = builder.json().with_filter_reloading();
        let handle = builder.reload_handle();
        builder.init();
        LogFilter::new(initial, move |filter| reload(&handle, filter))
    } else {
        let builder = builder.with_target(false).with_filter_reloading();
        let handle = builder.reload_handle();
        builder.init();
        LogFilter::new(initial, move |filter| reload(&handle, filter))
    })
}

fn reload<S>(handle: &Handle<EnvFilter, S>, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    handle.reload(filter).map_err(|error| error.to_string())
}

/// Resolves when the user or the system asks the process to stop. Asked again, it ends at once.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::warn!("stopping at once");
            std::process::exit(1);
        });
    })
}

/// Resolves when the user asks the process to stop.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>> {
    Ok(async {
        // An error says that there are no signals here.
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn config(args: RunArgs, distribution: &Distribution) -> Result<NodeConfig> {
    let chain = if args.dev { "dev" } else { &args.chain.chain };
    let mut config = NodeConfig::new(spec::load(chain, distribution)?);
    config.executor = distribution.executor();
    config.base_path =
        if args.tmp { None } else { Some(paths::base(&args.chain.base, distribution)?) };
    config.database.pruning = kept(&args.pruning).context("--pruning: a number, or `archive`")?;
    config.database.blocks =
        kept(&args.blocks_pruning).context("--blocks-pruning: a number, or `archive`")?;
    config.sync = match (args.sync, args.checkpoint) {
        (SyncKind::Warp, trusted) => SyncMode::Warp(trusted),
        (SyncKind::Full, None) => SyncMode::Full,
        (SyncKind::Full, Some(_)) => bail!("--checkpoint: only with --sync warp"),
    };
    config.keys.password = args.password.map(Into::into);
    let keys = [
        (args.dev || args.alice, "//Alice"),
        (args.bob, "//Bob"),
        (args.charlie, "//Charlie"),
        (args.dave, "//Dave"),
    ];
    let wanted = keys.into_iter().filter(|(is_wanted, _)| *is_wanted);
    config.keys.seeds.extend(wanted.map(|(_, seed)| seed.into()));
    if !args.dev && !args.network.no_network {
        config.network = Some(network(args.network, &config.chain_spec));
    }
    config.authoring = if args.dev || args.validator { Authoring::On } else { Authoring::Off };
    config.rpc.listen = SocketAddr::new(args.rpc_host, args.rpc_port);
    config.rpc.methods = match args.rpc_methods {
        RpcMethods::Auto => MethodPolicy::Auto,
        RpcMethods::Safe => MethodPolicy::Safe,
        RpcMethods::Unsafe => MethodPolicy::Unsafe,
    };
    config.rpc.cors = match args.rpc_cors.as_deref() {
        Some("all") => Cors::Any,
        Some(origins) => Cors::Origins(origins.split(',').map(str::to_owned).collect()),
        None if args.dev => Cors::Any,
        None => Cors::None,
    };
    config.inference.enabled = !args.no_inference;
    config.inference.artifacts_bytes_max = args.quota.bytes_max();
    config.inference.artifacts_upload_per_second = u64::from(args.artifact_upload) << 20;
    config.inference.engine.batch_rows_max = args.inference_batch;
    config.inference.engine.batch_wait_ms = args.inference_batch_wait;
    config.inference.engine.memory_bytes_max = u64::from(args.inference_memory) << 20;
    config.inference.engine.library = args.onnxruntime;
    config.inference.engine.device = match args.inference_device {
        Device::Auto => DeviceChoice::Auto,
        Device::Cpu => DeviceChoice::Cpu,
        Device::Cuda => DeviceChoice::Cuda,
        Device::Coreml => DeviceChoice::CoreMl,
    };
    Ok(config)
}

/// What an option says of how much is kept.
fn kept(text: &str) -> Result<Pruning> {
    Ok(if text == "archive" { Pruning::Archive } else { Pruning::Keep(text.parse()?) })
}

fn network(args: NetworkArgs, spec: &ChainSpec) -> NetworkOptions {
    let everywhere = || {
        let port = args.port;
        let both = [format!("/ip4/0.0.0.0/tcp/{port}"), format!("/ip4/0.0.0.0/udp/{port}/quic-v1")];
        both.iter().filter_map(|address| address.parse::<Multiaddr>().ok()).collect()
    };
    let is_local = args.allow_private_ip || spec.chain_type != ChainType::Live;
    NetworkOptions {
        listen: if args.listen_addr.is_empty() { everywhere() } else { args.listen_addr },
        external: args.public_addr,
        bootnodes: args.bootnodes,
        reserved: args.reserved_nodes,
        reserved_only: if args.reserved_only { ReservedOnly::Yes } else { ReservedOnly::No },
        scope: if is_local { Scope::Local } else { Scope::Global },
        peers_out_max: args.out_peers,
        peers_in_max: args.in_peers,
    }
}
