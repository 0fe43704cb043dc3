//! Whether the referee can run a model, and what a run takes.

use citrate_inference_types::{CardError, ModelCard, RefereeLimits, Refereeable, Tensors, agree};

use crate::{Referee, RefereeError};

/// LIMIT: examples that are run.
const EXAMPLES_MAX: usize = 16;

/// An input to try a model on.
#[derive(Clone, Debug)]
pub struct Example {
    /// What the model gets.
    pub inputs: Tensors,
    /// What another engine gave for it, if that is known.
    pub outputs: Option<Tensors>,
}

/// What a registration records, or why the model is not refereeable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assessment {
    /// The referee can run the model.
    Yes {
        /// Fuel of the example that took most.
        fuel: u64,
        /// Bytes of linear memory of the example that took most.
        memory_bytes: u64,
    },
    /// It cannot.
    No(Reason),
}

impl Assessment {
    /// What goes on chain.
    pub const fn refereeable(&self) -> Refereeable {
        match self {
            Self::Yes { fuel, memory_bytes } => {
                Refereeable::Yes { fuel: *fuel, memory_bytes: *memory_bytes }
            }
            Self::No(_) => Refereeable::No,
        }
    }
}

/// Why a model is not refereeable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing can be measured.
    #[error("there are no examples, or more than {EXAMPLES_MAX}")]
    Examples,
    /// An example, or what the referee gave for it, is not what the card says.
    #[error("example {example}: {error}")]
    Card {
        /// Which, from 0.
        example: usize,
        /// What is wrong with it.
        error: CardError,
    },
    /// The referee gave no outputs.
    #[error("example {example}: {error}")]
    Run {
        /// Which, from 0.
        example: usize,
        /// Why.
        error: RefereeError,
    },
    /// The referee and the other engine are further apart than the card tolerates: an honest provider would lose
    /// disputes.
    #[error("example {0}: not within the card's tolerance of what another engine gave")]
    Disagrees(usize),
}

impl Referee {
    /// Runs a model on examples and says what the one that took most took. Inputs of another size take more or less:
    /// examples should be as large as any input that the model is offered for.
    ///
    /// # Errors
    /// When this machine or the module is at fault, so that nothing is known about the model.
    pub fn assess(
        &self,
        model: &[u8],
        card: &ModelCard,
        examples: &[Example],
        limits: RefereeLimits,
    ) -> Result<Assessment, RefereeError> {
        if examples.is_empty() || examples.len() > EXAMPLES_MAX {
            return Ok(Assessment::No(Reason::Examples));
        }
        let (mut fuel, mut memory_bytes) = (0, 0);
        for (at, example) in examples.iter().enumerate() {
            let refused = |error| Ok(Assessment::No(Reason::Card { example: at, error }));
            if let Err(error) = card.check_inputs(&example.inputs) {
                return refused(error);
            }
            let verdict = match self.run(model, &example.inputs, limits) {
                Ok(verdict) => verdict,
                Err(error) if error.is_final() => {
                    return Ok(Assessment::No(Reason::Run { example: at, error }));
                }
                Err(error) => return Err(error),
            };
            if let Err(error) = card.check_outputs(&verdict.outputs) {
                return refused(error);
            }
            // With itself, if nothing else: a model that gives NaN agrees with nobody.
            let expected = example.outputs.as_ref().unwrap_or(&verdict.outputs);
            if !agree(card, &verdict.outputs, expected) {
                return Ok(Assessment::No(Reason::Disagrees(at)));
            }
            fuel = fuel.max(verdict.fuel);
            memory_bytes = memory_bytes.max(verdict.memory_bytes);
        }
        Ok(Assessment::Yes { fuel, memory_bytes })
    }
}
