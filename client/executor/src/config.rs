//! What may be set, and what a call is given.

use citrate_core::{H256, hashing::blake2_256};
use citrate_host::{Group, HostFunction};
use std::{borrow::Cow, time::Duration};

/// How the executor is set up.
#[derive(Clone, Debug)]
pub struct ExecutorConfig {
    /// LIMIT: instances at once; a call beyond fails with `Exhausted`.
    pub instances_max: u32,
    /// LIMIT: bytes of one instance's memory.
    pub memory_bytes_max: usize,
    /// LIMIT: compiled modules kept.
    pub modules_max: usize,
    /// Host functions of the chain's own, besides those of `citrate_host`; of two with one name, the first counts.
    pub functions: Vec<HostFunction>,
}

impl Default for ExecutorConfig {
    fn default() -> Self {
        Self {
            instances_max: 64,
            memory_bytes_max: 256 << 20,
            modules_max: 16,
            functions: Vec::new(),
        }
    }
}

/// What a blob is for, hence what it may import.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Profile {
    /// The state transition: the Polkadot Host's functions.
    Block,
    /// The off-chain worker: the inference engine and keys of BLS too.
    Worker,
    /// A measurement: what a block may import, and the ends of what is measured.
    Benchmark,
}

impl Profile {
    pub(crate) fn allows(self, group: Group) -> bool {
        match (self, group) {
            (_, Group::Standard)
            | (Self::Worker, Group::Worker | Group::Inference)
            | (Self::Benchmark, Group::Benchmark) => true,
            (Self::Block | Self::Benchmark, Group::Worker | Group::Inference)
            | (Self::Block | Self::Worker, Group::Benchmark) => false,
        }
    }
}

/// LIMITs of one call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wall-clock time, with a resolution of 10 ms; without that spent in the inference engine,
    /// whose runs have limits of their own.
    pub time: Duration,
    /// Bytes that the export may return.
    pub output_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), output_bytes: 64 << 20 }
    }
}

/// Fetches a blob that is not compiled yet.
pub(crate) type Fetch<'a> = &'a dyn Fn() -> Option<Vec<u8>>;

/// A runtime's code, possibly compressed, named by its hash.
#[derive(Clone, Copy)]
pub struct RuntimeCode<'a> {
    pub(crate) hash: H256,
    source: Source<'a>,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Bytes(&'a [u8]),
    Fetch(Fetch<'a>),
}

impl std::fmt::Debug for RuntimeCode<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RuntimeCode({:?})", self.hash)
    }
}

impl<'a> RuntimeCode<'a> {
    /// The code itself; its hash is computed.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { hash: blake2_256(bytes).into(), source: Source::Bytes(bytes) }
    }

    /// Code that is fetched only when no compiled module of this hash is at hand.
    pub fn lazy(hash: H256, fetch: &'a dyn Fn() -> Option<Vec<u8>>) -> Self {
        Self { hash, source: Source::Fetch(fetch) }
    }

    /// The hash that names the code.
    pub fn hash(&self) -> H256 {
        self.hash
    }

    pub(crate) fn bytes(&self) -> Option<Cow<'a, [u8]>> {
        match self.source {
            Source::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            Source::Fetch(fetch) => fetch().map(Cow::Owned),
        }
    }
}
