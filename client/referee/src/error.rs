//! Why the referee gives no outputs.

use citrate_core::H256;
use citrate_executor::MeteredError;
use citrate_inference_types::RefereeFault;

/// Why the referee gives no outputs. The model or its input is at fault, unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefereeError {
    /// The bytes are no ONNX model.
    #[error("not an ONNX model: {0}")]
    InvalidModel(String),
    /// The model has an operator or a type that the referee does not know; says which.
    #[error("the referee does not know: {0}")]
    Unsupported(String),
    /// The inputs are not what the model takes.
    #[error("wrong input for the model: {0}")]
    InvalidInput(String),
    /// The run took more fuel than allowed.
    #[error("the model ran out of fuel")]
    OutOfFuel,
    /// The run took more memory than allowed.
    #[error("the model ran out of memory")]
    OutOfMemory,
    /// The outputs are larger than allowed.
    #[error("the model's output is larger than allowed")]
    OutputTooLarge,
    /// An operator failed on this input, or the engine gave up.
    #[error("the model failed: {0}")]
    Failed(String),
    /// The module is not a referee. Whoever chose it is at fault.
    #[error("not a referee's module: {0}")]
    Module(String),
    /// The module is not the one asked for.
    #[error("the referee's module has the hash {found:?}, not {expected:?}")]
    WrongModule {
        /// What was asked for.
        expected: H256,
        /// What there is.
        found: H256,
    },
    /// This machine could not run it.
    #[error("this machine could not run the referee: {0}")]
    Machine(String),
}

impl RefereeError {
    /// Whether every machine that runs the same module on the same model and input within the same limits gives this
    /// error. If not, it says nothing about the model.
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Module(_) | Self::WrongModule { .. } | Self::Machine(_))
    }
}

impl From<RefereeFault> for RefereeError {
    fn from(fault: RefereeFault) -> Self {
        match fault {
            RefereeFault::InvalidModel(why) => Self::InvalidModel(why),
            RefereeFault::Unsupported(what) => Self::Unsupported(what),
            RefereeFault::InvalidInput(why) => Self::InvalidInput(why),
            RefereeFault::OutputTooLarge => Self::OutputTooLarge,
            RefereeFault::Failed(why) => Self::Failed(why),
        }
    }
}

impl From<MeteredError> for RefereeError {
    fn from(error: MeteredError) -> Self {
        match error {
            MeteredError::Fuel => Self::OutOfFuel,
            MeteredError::Memory => Self::OutOfMemory,
            MeteredError::Trap(why) => Self::Failed(why),
            MeteredError::Machine(why) => Self::Machine(why),
            // The module itself checks its outputs' size, and says so.
            MeteredError::Module(_) | MeteredError::Output { .. } => {
                Self::Module(error.to_string())
            }
            other => Self::Machine(other.to_string()),
        }
    }
}
