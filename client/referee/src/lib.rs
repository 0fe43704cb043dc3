//! Runs ONNX models once more in metered, deterministic WebAssembly, to decide disputes.
//!
//! [`Referee`] is the module of `client/referee/guest`, an ONNX engine in WebAssembly, compiled. A run of it gives a
//! [`Verdict`]: the same outputs, to the bit, and the same fuel on every machine that runs the same module, which is
//! named by its hash. An error is the same everywhere too, unless [`RefereeError::is_final`] says no.
//!
//! [`Referee::assess`] says whether the referee can run a model, and what a run takes: what a registration records
//! ([`Refereeable`](citrate_inference_types::Refereeable)). [`Referees`] keeps compiled modules by hash.
//!
//! Nothing of a model is trusted: it runs inside of the module, on fuel and within a memory of bounded size.
//! (`docs/design/referee.md`)

mod assess;
mod cache;
mod error;
mod referee;

pub use assess::{Assessment, Example, Reason};
pub use cache::Referees;
pub use error::RefereeError;
pub use referee::{Referee, Verdict};

pub use citrate_executor::Compilation;
