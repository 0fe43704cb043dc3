//! The table from which an executor serves host functions.

use crate::interfaces;

/// Type of a WASM number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueType {
    /// 32 bits.
    I32,
    /// 64 bits.
    I64,
}

/// A WASM number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// 32 bits.
    I32(u32),
    /// 64 bits.
    I64(u64),
}

/// Who may import a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    /// The Polkadot Host's functions: any runtime.
    Standard,
    /// What only our node has and no block needs, such as keys of BLS: workers, never block execution.
    Worker,
    /// The inference engine: workers, never block execution. Its runs have limits of their own.
    Inference,
    /// Measurements: runtimes that are built for benchmarks, and never run in a block.
    Benchmark,
}

/// The WASM instance that called a host function.
pub trait HostCaller {
    /// `len` bytes of the guest's memory.
    ///
    /// # Errors
    /// When they are not all inside the memory.
    fn read_memory(&self, address: u32, len: u32) -> Result<Vec<u8>, HostError>;
    /// Overwrites the guest's memory.
    ///
    /// # Errors
    /// When the bytes would not all be inside the memory.
    fn write_memory(&mut self, address: u32, bytes: &[u8]) -> Result<(), HostError>;
    /// Allocates memory for the guest, which owns it then.
    ///
    /// # Errors
    /// When there is not enough left.
    fn allocate(&mut self, size: u32) -> Result<u32, HostError>;
    /// Frees what [`Self::allocate`] returned.
    ///
    /// # Errors
    /// When it did not return this address, or it was freed already.
    fn deallocate(&mut self, address: u32) -> Result<(), HostError>;
}

/// Why a host function stopped the call of the runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The runtime panicked.
    #[error("{0}")]
    Panic(String),
    /// A pointer leads outside the guest's memory.
    #[error("{len} bytes at {address:#x} are outside the memory")]
    Memory {
        /// Where they begin.
        address: u32,
        /// How many.
        len: u32,
    },
    /// The allocator refused.
    #[error("allocator: {0}")]
    Allocator(String),
    /// An argument does not decode.
    #[error("argument of a host function does not decode: {0}")]
    Argument(codec::Error),
    /// Number or type of the arguments is not the function's.
    #[error("arguments do not match the host function's signature")]
    Signature,
    /// The number names no state version.
    #[error("unknown state version")]
    StateVersion,
    /// A result does not fit the guest's address space.
    #[error("result of {0} bytes is too large for the runtime")]
    ResultTooLarge(usize),
    /// There is no state to work on.
    #[error("host function called without externalities")]
    NoExternalities,
    /// The state could not be read, or the call is impossible in it.
    #[error("{0}")]
    State(String),
}

/// What runs a host function.
pub type HostCall = fn(&mut dyn HostCaller, &[Value]) -> Result<Option<Value>, HostError>;

/// One host function.
#[derive(Clone, Copy)]
pub struct HostFunction {
    /// Its name, in module `env`.
    pub name: &'static str,
    /// What it takes.
    pub params: &'static [ValueType],
    /// What it returns.
    pub result: Option<ValueType>,
    /// Who may import it.
    pub group: Group,
    /// Runs it for an instance, on the calling thread's externalities.
    pub call: HostCall,
}

impl core::fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}{:?} -> {:?} ({:?})", self.name, self.params, self.result, self.group)
    }
}

/// Every host function there is.
pub fn functions() -> Vec<HostFunction> {
    [
        interfaces::allocator::functions(),
        interfaces::benchmarking::functions(),
        interfaces::bls::functions(),
        interfaces::crypto::functions(),
        interfaces::default_child_storage::functions(),
        interfaces::hashing::functions(),
        interfaces::inference::functions(),
        interfaces::logging::functions(),
        interfaces::misc::functions(),
        interfaces::offchain::functions(),
        interfaces::offchain_index::functions(),
        interfaces::panic_handler::functions(),
        interfaces::storage::functions(),
        interfaces::storage_proof_size::functions(),
        interfaces::transaction_index::functions(),
        interfaces::trie::functions(),
    ]
    .concat()
}
