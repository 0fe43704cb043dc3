//! A model's examples: what its file gives for some inputs, run here.

use super::{Session, input, row};
use anyhow::{Context, Result, ensure};
use citrate_artifacts::{Store, StoreConfig};
use citrate_core::H256;
use citrate_inference::{Engine, EngineConfig, ModelSource, Sought};
use citrate_inference_types::{
    EXAMPLES_MAX, Example, Generation, ModelCard, Preprocess, RunLimits, adapter, content_hash,
};
use codec::Encode;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An input, as in a job, and what the model gives for it.
pub(super) struct Given {
    input: Vec<u8>,
    output: Vec<u8>,
}

/// The engine's knowledge of the one model that it runs.
struct Only(ModelCard);

impl ModelSource for Only {
    fn card(&self, _model: &H256) -> Option<ModelCard> {
        Some(self.0.clone())
    }

    fn seek(&self, _model: &H256, _bytes_max: u64) -> Sought {
        Sought::Nowhere
    }
}

/// Checks a model's file against its card, and runs it on these inputs.
///
/// # Errors
/// There is no engine, or the file is not what its card says.
pub(super) fn run(
    file: &Path,
    card: &ModelCard,
    inputs: &[PathBuf],
    library: Option<PathBuf>,
) -> Result<Vec<Given>> {
    if inputs.is_empty() {
        return Ok(Vec::new());
    }
    let most = usize::try_from(EXAMPLES_MAX)?;
    ensure!(inputs.len() <= most, "a card has {most} examples at most");
    let about = || file.display().to_string();
    let folder = tempfile::tempdir().context("a folder for the model")?;
    let store = Arc::new(Store::open(StoreConfig::new(folder.path()))?);
    let model = store.add_file(file, "").with_context(about)?.hash;
    let config = EngineConfig { library, ..EngineConfig::default() };
    let engine = Engine::with_source(config, store, Arc::new(Only(card.clone())));
    let limits = RunLimits {
        time_ms_max: card.limits.time_ms_max,
        memory_bytes_max: card.limits.memory_bytes_max,
        output_bytes_max: card.limits.output_bytes_max,
    };
    let described = engine.describe(&model, limits).with_context(about)?;
    card.check_file(&described).with_context(about)?;
    inputs.iter().map(|path| example(&engine, &model, card, limits, path)).collect()
}

fn example(
    engine: &Engine,
    model: &H256,
    card: &ModelCard,
    limits: RunLimits,
    path: &Path,
) -> Result<Given> {
    let about = || path.display().to_string();
    let input = input::read(card, path)?;
    let input = adapter::submission(card, &input).into_owned();
    let output = if let Preprocess::Prompt { ends, .. } = &card.preprocess {
        let prompt = adapter::prompt(card, &input).with_context(about)?;
        engine.generate(model, &Generation { prompt, ends: ends.clone() }, limits)
    } else {
        let tensors = adapter::preprocess(card, &input).with_context(about)?;
        engine.run_tensors(model, tensors, limits)
    };
    let output = output.with_context(about)?.encode();
    // It must be the card's outputs, and agree with itself: what is no finite number agrees with nothing.
    card.check_example(&output, &output).with_context(about)?;
    Ok(Given { input, output })
}

/// The examples as the card names them.
///
/// # Errors
/// One is larger than anything that is kept.
pub(super) fn named(given: &[Given]) -> Result<Vec<Example>> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len());
    let example = |Given { input, output }: &Given| {
        Ok(Example {
            input: content_hash(input),
            input_bytes: length(input)?,
            output: content_hash(output),
            output_bytes: length(output)?,
        })
    };
    given.iter().map(example).collect()
}

/// Gives the node the examples, for providers to fetch.
pub(super) fn upload(session: &Session, given: &[Given]) -> Result<()> {
    for Given { input, output } in given {
        session.upload(input).context("an example's input")?;
        session.upload(output).context("an example's output")?;
        let (taken, gave) = (input.len(), output.len());
        row("example stored", &format!("{taken} bytes give {gave} bytes"));
    }
    Ok(())
}
