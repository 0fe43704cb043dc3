//! `citrate referee`.

use super::input;
use crate::output;
use anyhow::{Context, Result};
use citrate_inference_types::{ModelCard, RefereeLimits, Tensors, adapter, content_hash};
use citrate_referee::{Assessment, Example, Referee};
use clap::{Args, Subcommand};
use codec::Encode;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Which referee, and what a run of it may take.
#[derive(Args, Debug, Clone)]
pub(crate) struct RefereeArgs {
    /// The referee's WebAssembly module; scripts/referee.sh builds it and prints its path.
    #[arg(long, value_name = "PATH", env = "CITRATE_REFEREE")]
    pub(crate) module: PathBuf,
    /// Fuel of a run.
    #[arg(long, default_value_t = RefereeLimits::MAX.fuel)]
    pub(crate) fuel: u64,
    /// Bytes of memory of a run.
    #[arg(long, value_name = "BYTES", default_value_t = RefereeLimits::MAX.memory_bytes)]
    pub(crate) memory: u64,
}

#[derive(Subcommand, Debug)]
pub(crate) enum RefereeCommand {
    /// Print what the referee says of an input, as JSON: the same on every machine.
    Run {
        /// The ONNX file.
        model: PathBuf,
        /// Its card, JSON.
        card: PathBuf,
        /// The input, as in a job.
        input: PathBuf,
    },
    /// Print whether the referee can run a model, and what a run takes, as JSON.
    Assess {
        /// The ONNX file.
        model: PathBuf,
        /// Its card, JSON.
        card: PathBuf,
        /// Inputs, as in jobs: as large as any that the model is offered for.
        #[arg(required = true)]
        inputs: Vec<PathBuf>,
    },
}

pub(crate) fn execute(args: &RefereeArgs, command: RefereeCommand) -> Result<()> {
    let referee = Referee::new(&read(&args.module)?).with_context(|| about(&args.module))?;
    let limits = RefereeLimits { fuel: args.fuel, memory_bytes: args.memory, ..RefereeLimits::MAX };
    match command {
        RefereeCommand::Run { model, card, input } => {
            let inputs = inputs(&self::card(&card)?, &input)?;
            let verdict = referee.run(&read(&model)?, &inputs, limits)?;
            let outputs = verdict.outputs.encode();
            let result = json!({
                "module": referee.module_hash(),
                "fuel": verdict.fuel,
                "memoryBytes": verdict.memory_bytes,
                "outputHash": content_hash(&outputs),
                "output": format!("0x{}", hex::encode(outputs)),
            });
            output::line(&result.to_string());
        }
        RefereeCommand::Assess { model, card, inputs: files } => {
            let card = self::card(&card)?;
            let example = |file| Ok(Example { inputs: inputs(&card, file)?, outputs: None });
            let examples: Vec<Example> =
                files.iter().map(|file| example(file.as_path())).collect::<Result<_>>()?;
            let assessment = referee.assess(&read(&model)?, &card, &examples, limits)?;
            let reason = match &assessment {
                Assessment::No(reason) => Some(reason.to_string()),
                Assessment::Yes { .. } => None,
            };
            let result = json!({
                "module": referee.module_hash(),
                "refereeable": assessment.refereeable(),
                "reason": reason,
            });
            output::line(&result.to_string());
        }
    }
    Ok(())
}

fn about(path: &Path) -> String {
    path.display().to_string()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| about(path))
}

fn card(path: &Path) -> Result<ModelCard> {
    let card: ModelCard = serde_json::from_slice(&read(path)?).with_context(|| about(path))?;
    card.validate().context("the model's card")?;
    Ok(card)
}

/// The tensors that a provider would make of a job with this input.
fn inputs(card: &ModelCard, file: &Path) -> Result<Tensors> {
    let input = input::read(card, file)?;
    let submitted = adapter::submission(card, &input);
    adapter::preprocess(card, &submitted).with_context(|| about(file))
}
