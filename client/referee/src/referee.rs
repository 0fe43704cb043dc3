//! One run of a model by the referee.

use citrate_core::H256;
use citrate_executor::{Compilation, MeteredLimits, MeteredModule};
use citrate_inference_types::{RefereeFault, RefereeLimits, Tensors, content_hash};
use codec::{DecodeAll, Encode};

use crate::RefereeError;

/// LIMIT: bytes of an answer beside the outputs: a message, and what says that it is one.
const ANSWER_OVERHEAD_BYTES: u32 = 2048;

/// What the referee says of a model and an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the model gives.
    pub outputs: Tensors,
    /// Fuel that it took.
    pub fuel: u64,
    /// Bytes of linear memory that it took.
    pub memory_bytes: u64,
}

/// The referee's module, compiled. Runs are on threads of their own and may be at once; each takes the memory that its
/// limits allow.
#[derive(Debug)]
pub struct Referee {
    module: MeteredModule,
    hash: H256,
}

impl Referee {
    /// Compiles the module: some seconds.
    ///
    /// # Errors
    /// When the bytes are no module that runs on fuel, without imports.
    pub fn new(module: &[u8]) -> Result<Self, RefereeError> {
        Self::compiled(module, Compilation::default())
    }

    /// The same, compiled in this way. What the referee says does not depend on it.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn compiled(module: &[u8], compilation: Compilation) -> Result<Self, RefereeError> {
        let hash = Self::hash_of(module);
        Ok(Self { module: MeteredModule::new(module, compilation)?, hash })
    }

    /// What names the module on chain: its content hash, as that of any artifact.
    pub const fn module_hash(&self) -> H256 {
        self.hash
    }

    /// The hash that a module of these bytes has.
    pub fn hash_of(module: &[u8]) -> H256 {
        content_hash(module)
    }

    /// Runs a model on the calling thread's time, within limits.
    ///
    /// # Errors
    /// When there are no outputs; [`RefereeError::is_final`] tells whether that is a verdict too.
    pub fn run(
        &self,
        model: &[u8],
        inputs: &Tensors,
        limits: RefereeLimits,
    ) -> Result<Verdict, RefereeError> {
        let metered = MeteredLimits {
            fuel: limits.fuel,
            memory_bytes: limits.memory_bytes,
            output_bytes: limits.output_bytes.saturating_add(ANSWER_OVERHEAD_BYTES),
        };
        let run = self.module.run(&[model, &inputs.encode()], limits.output_bytes, metered)?;
        let answer =
            Result::<Tensors, RefereeFault>::decode_all(&mut &run.output[..]).map_err(|error| {
                RefereeError::Module(format!("its answer does not decode: {error}"))
            })?;
        Ok(Verdict { outputs: answer?, fuel: run.fuel, memory_bytes: run.memory_bytes })
    }
}
