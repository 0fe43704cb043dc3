//! What the command line says.

use crate::ask::{InputArgs, WritingArgs};
use crate::market::{AttestationArgs, ModelCommand, RefereeArgs, RefereeCommand, account};
use crate::new::NewArgs;
use crate::runtime::{BenchmarkCommand, RuntimeCommand, TryUpgradeArgs};
use citrate_core::AccountId32;
use citrate_service::{Multiaddr, MultiaddrWithPeerId};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::IpAddr, path::PathBuf};

/// A node of a Citrate chain, and the tools around it.
///
/// Without a subcommand it runs a node: `citrate --dev` starts a chain of your own.
#[derive(Parser, Debug)]
#[command(name = "citrate", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Write a chain of your own: a workspace with a node, a runtime and a pallet to start from.
    New(NewArgs),
    /// Print a chain's specification as JSON.
    BuildSpec(BuildSpecArgs),
    /// Make, look at and store keys.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Look at runtimes, compare them, and install one on a running chain.
    Runtime {
        #[command(subcommand)]
        command: RuntimeCommand,
    },
    /// Run a new runtime's migrations on a running chain's state, and look at what they leave.
    TryUpgrade(TryUpgradeArgs),
    /// Measure what the calls of a runtime take.
    Benchmark {
        #[command(subcommand)]
        command: BenchmarkCommand,
    },
    /// Delete a chain's database. Keys and artifacts stay.
    PurgeChain(PurgeArgs),
    /// Write the blocks of the selected chain to a file.
    ExportBlocks(ExportArgs),
    /// Import blocks from a file written by export-blocks.
    ImportBlocks(ImportArgs),
    /// Add, fetch, keep and list files of the artifact store.
    Artifact {
        #[command(flatten)]
        base: BaseArgs,
        #[command(flatten)]
        quota: QuotaArgs,
        #[command(subcommand)]
        command: ArtifactCommand,
    },
    /// Register models with a running chain, say who may use them, and list them.
    Model {
        #[command(flatten)]
        remote: RemoteArgs,
        #[command(subcommand)]
        command: ModelCommand,
    },
    /// Stake as a provider and serve models.
    Provider {
        #[command(flatten)]
        remote: RemoteArgs,
        #[command(subcommand)]
        command: ProviderCommand,
    },
    /// Run a model in the deterministic referee, without a node.
    Referee {
        #[command(flatten)]
        limits: RefereeArgs,
        #[command(subcommand)]
        command: RefereeCommand,
    },
    /// Buy an inference for a file, a text or a picture, and print its result.
    Infer(InferArgs),
    /// Fetch who attests a job's result, and check their signature on this machine.
    Attestation(AttestationArgs),
    /// Register a model, stake a provider and buy an inference, step by step.
    Demo(DemoArgs),
}

/// Where data lies.
#[derive(Args, Debug, Clone)]
pub(crate) struct BaseArgs {
    /// Folder of databases, keys and artifacts [default: the user's data folder].
    #[arg(long, short = 'd', value_name = "PATH", env = "CITRATE_BASE_PATH")]
    pub(crate) base_path: Option<PathBuf>,
}

/// How much the artifact store takes.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct QuotaArgs {
    /// MiB of all artifacts; what was used least recently and is not pinned leaves for what is new.
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 65_536,
        env = "CITRATE_ARTIFACT_QUOTA",
        help_heading = "Inference"
    )]
    pub(crate) artifact_quota: u32,
}

impl QuotaArgs {
    pub(crate) fn bytes_max(self) -> u64 {
        u64::from(self.artifact_quota) << 20
    }
}

/// Which chain.
#[derive(Args, Debug, Clone)]
pub(crate) struct ChainArgs {
    /// `dev`, `local`, or the path of a specification.
    #[arg(long, value_name = "CHAIN", default_value = "dev")]
    pub(crate) chain: String,
    #[command(flatten)]
    pub(crate) base: BaseArgs,
}

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) chain: ChainArgs,
    /// Run a development chain: one authority, Alice, with keys that everybody knows.
    #[arg(long, conflicts_with = "chain")]
    pub(crate) dev: bool,
    /// Keep everything in memory and in a folder that is deleted at the end.
    #[arg(long)]
    pub(crate) tmp: bool,
    /// Author blocks when this node's keys are elected.
    #[arg(long)]
    pub(crate) validator: bool,
    /// Insert Alice's session keys.
    #[arg(long, group = "wellknown")]
    pub(crate) alice: bool,
    /// Insert Bob's session keys.
    #[arg(long, group = "wellknown")]
    pub(crate) bob: bool,
    /// Insert Charlie's session keys.
    #[arg(long, group = "wellknown")]
    pub(crate) charlie: bool,
    /// Insert Dave's session keys.
    #[arg(long, group = "wellknown")]
    pub(crate) dave: bool,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Password of the keystore.
    #[arg(
        long,
        value_name = "PASSWORD",
        env = "CITRATE_KEYSTORE_PASSWORD",
        hide_env_values = true
    )]
    pub(crate) password: Option<String>,
    /// Port of the JSON-RPC server, HTTP and WebSocket.
    #[arg(long, value_name = "PORT", default_value_t = 9944, help_heading = "RPC")]
    pub(crate) rpc_port: u16,
    /// Address that the JSON-RPC server listens on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", help_heading = "RPC")]
    pub(crate) rpc_host: IpAddr,
    /// Origins that browsers may call from, separated by commas; `all` for any.
    #[arg(long, value_name = "ORIGINS", help_heading = "RPC")]
    pub(crate) rpc_cors: Option<String>,
    /// Which methods are offered; `auto` offers unsafe ones on the loopback address only.
    #[arg(long, value_enum, default_value = "auto", help_heading = "RPC")]
    pub(crate) rpc_methods: RpcMethods,
    /// States kept behind the finalised block: a number, or `archive`.
    #[arg(long, visible_alias = "state-pruning", value_name = "BLOCKS", default_value = "archive")]
    pub(crate) pruning: String,
    /// Blocks kept whole behind the finalised one: a number, or `archive`; headers of the chain
    /// stay.
    #[arg(long, value_name = "BLOCKS", default_value = "archive")]
    pub(crate) blocks_pruning: String,
    /// Where an empty database starts: `full` executes all blocks, `warp` downloads the state of a
    /// final one.
    #[arg(long, value_enum, default_value = "full")]
    pub(crate) sync: SyncKind,
    /// Hash of a final block that is trusted: `--sync warp` starts there, without a proof.
    #[arg(long, value_name = "HASH")]
    pub(crate) checkpoint: Option<citrate_core::H256>,
    /// ONNX Runtime's shared library [default: searched].
    #[arg(long, value_name = "PATH", env = "CITRATE_ONNXRUNTIME", help_heading = "Inference")]
    pub(crate) onnxruntime: Option<PathBuf>,
    /// Where models run.
    #[arg(long, value_enum, default_value = "auto", help_heading = "Inference")]
    pub(crate) inference_device: Device,
    /// Do not serve inference jobs.
    #[arg(long, help_heading = "Inference")]
    pub(crate) no_inference: bool,
    /// Rows of jobs of one model that are run together, if its card allows it; 1 runs each alone
    /// [default: 8 on a GPU, 1 on the processor].
    #[arg(
        long,
        value_name = "ROWS",
        value_parser = clap::value_parser!(u32).range(1..=1024),
        help_heading = "Inference"
    )]
    pub(crate) inference_batch: Option<u32>,
    /// Milliseconds that the first job of a batch waits for others.
    #[arg(
        long,
        value_name = "MS",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(0..=10_000),
        help_heading = "Inference"
    )]
    pub(crate) inference_batch_wait: u32,
    /// MiB that loaded models and their runs may take together, of a GPU's memory where they run on one.
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 4096,
        value_parser = clap::value_parser!(u32).range(64..=1_048_576),
        help_heading = "Inference"
    )]
    pub(crate) inference_memory: u32,
    #[command(flatten)]
    pub(crate) quota: QuotaArgs,
    /// MiB of artifacts that other nodes get from this one, a second; 0 gives them none.
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 32,
        value_parser = clap::value_parser!(u16).range(0..=128),
        help_heading = "Inference"
    )]
    pub(crate) artifact_upload: u16,
    /// What is logged, for example `info,citrate_rpc=debug`.
    #[arg(
        long,
        short = 'l',
        value_name = "FILTER",
        default_value = "info,libp2p_gossipsub=error,libp2p_swarm=warn",
        env = "RUST_LOG",
        help_heading = "Log"
    )]
    pub(crate) log: String,
    /// Log in JSON, a line an event.
    #[arg(long, help_heading = "Log")]
    pub(crate) log_json: bool,
}

/// Where an empty database starts.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SyncKind {
    Full,
    Warp,
}

/// How the node takes part in the network.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Port for other nodes, TCP and QUIC; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 30333)]
    pub(crate) port: u16,
    /// Addresses to listen on instead, such as /ip4/127.0.0.1/tcp/30333.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub(crate) listen_addr: Vec<Multiaddr>,
    /// Addresses under which others reach this node, behind a port mapping.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub(crate) public_addr: Vec<Multiaddr>,
    /// Nodes that know others, such as /dns/node.example/tcp/30333/p2p/12D3Koo...
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub(crate) bootnodes: Vec<MultiaddrWithPeerId>,
    /// Peers that always have a place.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub(crate) reserved_nodes: Vec<MultiaddrWithPeerId>,
    /// Talk to reserved peers only.
    #[arg(long)]
    pub(crate) reserved_only: bool,
    /// Peers that this node connects to.
    #[arg(long, value_name = "COUNT", default_value_t = 16)]
    pub(crate) out_peers: usize,
    /// Peers that connect to this node.
    #[arg(long, value_name = "COUNT", default_value_t = 32)]
    pub(crate) in_peers: usize,
    /// Announce and believe private addresses as well: for a network in one place. A chain of type Local does.
    #[arg(long)]
    pub(crate) allow_private_ip: bool,
    /// Talk to nobody.
    #[arg(long)]
    pub(crate) no_network: bool,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RpcMethods {
    /// Unsafe methods on the loopback address only.
    Auto,
    /// Safe methods only.
    Safe,
    /// Every method.
    Unsafe,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Device {
    /// The best that there is.
    Auto,
    /// The processor.
    Cpu,
    /// NVIDIA's GPUs.
    Cuda,
    /// Apple's.
    Coreml,
}

#[derive(Args, Debug)]
pub(crate) struct BuildSpecArgs {
    #[command(flatten)]
    pub(crate) chain: ChainArgs,
    /// Print the genesis state itself instead of its recipe.
    #[arg(long)]
    pub(crate) raw: bool,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum KeyScheme {
    /// Schnorr over Ristretto.
    #[default]
    Sr25519,
    /// Ed25519.
    Ed25519,
    /// ECDSA over secp256k1.
    Ecdsa,
}

#[derive(Subcommand, Debug)]
pub(crate) enum KeyCommand {
    /// Make a key and print its phrase.
    Generate {
        /// The signature scheme.
        #[arg(long, value_enum, default_value = "sr25519")]
        scheme: KeyScheme,
    },
    /// Print what belongs to a secret, an address or a public key.
    Inspect {
        /// A phrase with derivation such as `//Alice`, 0x and a seed, or an SS58 address.
        uri: String,
        /// Take 0x and 64 digits for a public key, which is no secret.
        #[arg(long)]
        public: bool,
        /// The signature scheme.
        #[arg(long, value_enum, default_value = "sr25519")]
        scheme: KeyScheme,
        /// SS58 prefix to print addresses with [default: the chain's].
        #[arg(long)]
        prefix: Option<u16>,
    },
    /// Put a key into a chain's keystore.
    Insert {
        #[command(flatten)]
        chain: ChainArgs,
        /// What the key is for: gdag, gran, prov or acco.
        #[arg(long)]
        key_type: String,
        /// A phrase with derivation, or a seed.
        #[arg(long)]
        suri: String,
        /// The signature scheme.
        #[arg(long, value_enum, default_value = "sr25519")]
        scheme: KeyScheme,
        /// Password of the keystore.
        #[arg(long, env = "CITRATE_KEYSTORE_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct PurgeArgs {
    #[command(flatten)]
    pub(crate) chain: ChainArgs,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) chain: ChainArgs,
    /// File to write.
    pub(crate) file: PathBuf,
    /// First block.
    #[arg(long, default_value_t = 1)]
    pub(crate) from: u32,
    /// Last block [default: the best].
    #[arg(long)]
    pub(crate) to: Option<u32>,
}

#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    pub(crate) chain: ChainArgs,
    /// File to read.
    pub(crate) file: PathBuf,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ArtifactCommand {
    /// Add a file; prints its hash and CID.
    Add {
        /// The file.
        file: PathBuf,
        /// A name to find it by [default: the file's].
        #[arg(long)]
        name: Option<String>,
        /// Let it go when there is no room for others.
        #[arg(long)]
        unpinned: bool,
    },
    /// Have a running node fetch an artifact from others, and keep it.
    Fetch {
        /// Its hash.
        hash: citrate_core::H256,
        /// URL of the node's JSON-RPC over HTTP.
        #[arg(long, default_value = "http://127.0.0.1:9944", env = "CITRATE_NODE")]
        node: String,
        /// Most bytes that it may have.
        #[arg(long, value_name = "BYTES", default_value_t = 2 << 30)]
        bytes_max: u64,
    },
    /// Keep an artifact, whatever else there has to be room for.
    Pin {
        /// Its hash, CID or name.
        id: String,
    },
    /// Let an artifact go when there is no room for others.
    Unpin {
        /// Its hash, CID or name.
        id: String,
    },
    /// Remove an artifact that is not pinned.
    Rm {
        /// Its hash, CID or name.
        id: String,
    },
    /// Write an artifact to a file or to standard output.
    Get {
        /// Its hash, CID or name.
        id: String,
        /// File to write.
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// List what is stored.
    Ls,
}

/// A running node, and the account that pays.
#[derive(Args, Debug, Clone)]
pub(crate) struct RemoteArgs {
    /// URL of a node's JSON-RPC over HTTP.
    #[arg(long, default_value = "http://127.0.0.1:9944", env = "CITRATE_NODE")]
    pub(crate) node: String,
    /// Secret of the account that signs and pays.
    #[arg(long, default_value = "//Alice", env = "CITRATE_SIGNER", hide_env_values = true)]
    pub(crate) signer: String,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ProviderCommand {
    /// Bond stake, name the session key and serve models.
    Start {
        /// Stake to bond, in the token's smallest unit.
        #[arg(long)]
        stake: u128,
        /// Jobs at once.
        #[arg(long, default_value_t = 4)]
        capacity: u32,
        /// Models to serve, by hash or name.
        #[arg(long, required = true)]
        model: Vec<String>,
        /// Price of a run of each, in the token's smallest unit; a model's own counts where it is higher
        /// [default: the models' own].
        #[arg(long)]
        price: Option<u128>,
        /// Seconds to wait until each model takes jobs: until a provider has found it to be what its card says.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u32,
    },
    /// Take no more jobs for a model; those that are assigned are still to be done.
    Unserve {
        /// The model, by hash or name.
        model: String,
    },
    /// Take no new jobs; those that are assigned are still to be done.
    Chill,
    /// Take jobs again.
    Activate,
    /// List the providers.
    Ls,
    /// Show an account's work as a provider, and what it has earned: by that, as a model's owner, by blocks.
    Show {
        /// The account, an SS58 address [default: the signer's].
        #[arg(value_parser = account)]
        account: Option<AccountId32>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct InferArgs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    /// The model, by hash or name.
    #[arg(long)]
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    /// Providers that run the model, each paid its price; what more than half of them agree on is the result.
    #[arg(long, default_value_t = 1)]
    pub(crate) providers: u8,
    /// How many of them have to agree [default: more than half].
    #[arg(long)]
    pub(crate) quorum: Option<u8>,
    /// Let the result be disputed before it counts; a dispute has the referee run the model again
    #[arg(long)]
    pub(crate) refereed: bool,
    /// Most to pay, in the token's smallest unit [default: what enough providers ask, and the model's
    /// access fee].
    #[arg(long)]
    pub(crate) max_fee: Option<u128>,
    /// Blocks within which a result must come.
    #[arg(long, default_value_t = 100)]
    pub(crate) blocks: u32,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    /// The ONNX file.
    #[arg(long)]
    pub(crate) model: PathBuf,
    /// Its card, JSON.
    #[arg(long)]
    pub(crate) card: PathBuf,
    /// The input.
    #[arg(long)]
    pub(crate) file: PathBuf,
}
