//! Text, token by token.
//!
//! The model has the names that Optimum gives: it takes `input_ids`, `attention_mask`, `position_ids` and
//! `past_key_values.*`, and gives `logits` and `present.*`. What it has computed of the text so far stays in ONNX
//! Runtime's memory, on the device, from one run to the next. Each token is chosen in integers (`citrate_inference_types::sampling`).

use std::{sync::Arc, time::Duration};

use citrate_core::H256;
use citrate_inference_types::{
    DType, Device, Generation, InferenceError, RunLimits, Tensor, Tensors,
    sampling::{self, Choice},
};
use codec::Encode;
use ort::{
    session::{RunOptions, Session, SessionInputValue},
    value::{DynValue, Outlet, Tensor as OrtTensor, TensorElementType},
};

use super::{Engine, bound, error::failed, lock, smaller};
use crate::watchdog::Watchdog;

/// Tokens of a prompt that are read in one run. Scores come for each of them, so that a long prompt in one run
/// would need hundreds of megabytes.
const CHUNK: usize = 64;
/// Bytes that an output takes at most besides its rows.
const OVERHEAD: u64 = 64;
/// Bytes of a row: a token and its margin.
const ROW_BYTES: u64 = 8;
/// LIMIT: tokens of a vocabulary; known models have some hundred thousand.
const VOCABULARY_MAX: i64 = 1 << 20;
const PAST: &str = "past_key_values.";
const PRESENT: &str = "present.";

impl Engine {
    /// Lets a model go on with a text until it ends it, or until there are as many new tokens as wanted. Gives `tokens`,
    /// `i32[new, 2]`: the new tokens, the ending one included, each with its margin.
    ///
    /// # Errors
    /// If the model, the prompt or the limits do not allow it.
    pub fn generate(
        &self,
        model: &H256,
        generation: &Generation,
        limits: RunLimits,
    ) -> Result<Tensors, InferenceError> {
        let prompt = &generation.prompt;
        if prompt.tokens.is_empty() || prompt.new_tokens_max == 0 {
            return Err(InferenceError::InvalidInput("no tokens, or none wanted".into()));
        }
        let _place = self.places.now().ok_or(InferenceError::Busy)?;
        let time_ms = smaller(limits.time_ms_max.into(), self.config.time_ms_max.into());
        let memory = smaller(limits.memory_bytes_max, self.config.memory_bytes_max);
        let output_max =
            smaller(limits.output_bytes_max.into(), self.config.output_bytes_max.into());
        if u64::from(prompt.new_tokens_max) * ROW_BYTES + OVERHEAD > output_max {
            return Err(InferenceError::OutputTooLarge);
        }
        let loaded = self.model(model, memory, u32::try_from(time_ms).unwrap_or(u32::MAX))?;
        let mut session = lock(&loaded.session);
        let device = self.runtime()?.device;
        let mut text = Writer::new(&mut session, device, Duration::from_millis(time_ms))?;
        let tokens = prompt.tokens.len() as u64 + u64::from(prompt.new_tokens_max);
        if loaded.bytes.saturating_add(text.bytes_for(tokens)) > memory {
            return Err(InferenceError::OutOfMemory);
        }
        let choices = text.write(generation)?;
        let rows = u32::try_from(choices.len()).map_err(|_many| InferenceError::OutputTooLarge)?;
        let outputs = Tensor::try_new(DType::I32, vec![rows, 2], sampling::rows(&choices))
            .and_then(|tensor| Tensors::single("tokens", tensor))
            .map_err(|error| InferenceError::Failed(error.to_string()))?;
        if outputs.encoded_size() as u64 > output_max {
            return Err(InferenceError::OutputTooLarge);
        }
        Ok(outputs)
    }
}

/// Keys or values of one layer.
struct Cache {
    input: String,
    output: String,
    heads: u32,
    width: u32,
    value: DynValue,
}

/// A text that a model goes on with.
struct Writer<'a> {
    session: &'a mut Session,
    device: Device,
    options: Arc<RunOptions>,
    watchdog: Watchdog,
    caches: Vec<Cache>,
    /// Tokens that the caches are of.
    length: u32,
}

impl<'a> Writer<'a> {
    fn new(
        session: &'a mut Session,
        device: Device,
        limit: Duration,
    ) -> Result<Self, InferenceError> {
        let caches = check(session)?;
        let mut options = RunOptions::new().map_err(|error| failed(&error))?;
        // A cache is a bit larger after each run, and none of the pieces before it fits.
        options
            .set("memory.enable_memory_arena_shrinkage", "cpu:0")
            .map_err(|error| failed(&error))?;
        let options = Arc::new(options);
        let stop = Arc::clone(&options);
        let watchdog = Watchdog::start(limit, move || {
            if let Err(error) = stop.terminate() {
                tracing::warn!(error = error.message(), "a slow run cannot be stopped");
            }
        })
        .map_err(|error| InferenceError::Failed(error.to_string()))?;
        Ok(Self { session, device, options, watchdog, caches, length: 0 })
    }

    /// Bytes that the caches of so many tokens need: those before a run and those after it.
    fn bytes_for(&self, tokens: u64) -> u64 {
        let of = |cache: &Cache| u64::from(cache.heads) * u64::from(cache.width) * 4;
        let one = self.caches.iter().map(of).fold(0u64, u64::saturating_add);
        one.saturating_mul(2).saturating_mul(tokens)
    }

    fn write(&mut self, generation: &Generation) -> Result<Vec<Choice>, InferenceError> {
        let Generation { prompt, ends } = generation;
        let mut scores = Vec::new();
        for chunk in prompt.tokens.chunks(CHUNK) {
            scores = self.read(chunk)?;
        }
        let mut choices = Vec::new();
        loop {
            let choice = sampling::choose(&scores, &prompt.sampling, self.length)
                .ok_or_else(|| InferenceError::InvalidInput("no sound sampling".into()))?;
            choices.push(choice);
            let is_enough = choices.len() as u64 >= u64::from(prompt.new_tokens_max);
            if is_enough || ends.contains(&choice.token) {
                return Ok(choices);
            }
            scores = self.read(&[choice.token])?;
        }
    }

    /// Reads tokens that follow the text so far; gives the scores of what may come next.
    fn read(&mut self, tokens: &[u32]) -> Result<Vec<i64>, InferenceError> {
        let count = i64::try_from(tokens.len()).unwrap_or(i64::MAX);
        let before = i64::from(self.length);
        let after = before + count;
        let mut inputs: Vec<(String, SessionInputValue<'_>)> = Vec::new();
        for outlet in self.session.inputs() {
            let values: Vec<i64> = match outlet.name() {
                "input_ids" => tokens.iter().copied().map(i64::from).collect(),
                "attention_mask" => vec![1; usize::try_from(after).unwrap_or(0)],
                "position_ids" => (before..after).collect(),
                _ => continue,
            };
            let shape = vec![1, i64::try_from(values.len()).unwrap_or(i64::MAX)];
            let tensor = OrtTensor::from_array((shape, values)).map_err(|error| failed(&error))?;
            inputs.push((outlet.name().to_owned(), tensor.into_dyn().into()));
        }
        for cache in &self.caches {
            inputs.push((cache.input.clone(), (&cache.value).into()));
        }
        let binding = match self.device {
            Device::Cuda => Some(bound::bind(self.session, &inputs, |name| {
                self.caches.iter().any(|cache| cache.output == name)
            })),
            _ => None,
        };
        let binding = binding.transpose().map_err(|error| failed(&error))?;
        let outputs = match &binding {
            Some(binding) => self.session.run_binding_with_options(binding, &self.options),
            None => self.session.run_with_options(inputs, &self.options),
        };
        if self.watchdog.fired() {
            return Err(InferenceError::Timeout);
        }
        let mut outputs = outputs.map_err(|error| failed(&error))?;
        let mut next = Vec::with_capacity(self.caches.len());
        for cache in &self.caches {
            let value = outputs.remove(&cache.output);
            next.push(value.ok_or_else(|| invalid(format!("it gives no {:?}", cache.output)))?);
        }
        let logits = outputs.get("logits").ok_or_else(|| invalid("it gives no \"logits\""))?;
        let (shape, scores) = logits.try_extract_tensor::<f32>().map_err(|error| failed(&error))?;
        let [1, rows, vocabulary @ 1..=VOCABULARY_MAX] = **shape else {
            return Err(invalid("its \"logits\" are not [1, tokens, vocabulary]"));
        };
        if rows != count {
            return Err(invalid("its \"logits\" are not of each token"));
        }
        let last = scores.rchunks(usize::try_from(vocabulary).unwrap_or(usize::MAX)).next();
        let scores = last.unwrap_or_default().iter().map(|score| sampling::score(score.to_bits()));
        let scores: Option<Vec<i64>> = scores.collect();
        drop(outputs);
        for (cache, value) in self.caches.iter_mut().zip(next) {
            cache.value = value;
        }
        self.length = u32::try_from(after).unwrap_or(u32::MAX);
        scores.ok_or_else(|| InferenceError::Failed("a score is not a number".into()))
    }
}

fn invalid(reason: impl Into<String>) -> InferenceError {
    InferenceError::InvalidModel(reason.into())
}

/// Checks that a model goes on with texts; gives its empty caches.
fn check(session: &Session) -> Result<Vec<Cache>, InferenceError> {
    let mut caches = Vec::new();
    for outlet in session.inputs() {
        let (element, shape) = (outlet.dtype().tensor_type(), outlet.dtype().tensor_shape());
        match outlet.name() {
            "input_ids" | "attention_mask" | "position_ids" => {
                let rank = shape.map(|shape| shape.len());
                if element != Some(TensorElementType::Int64) || rank != Some(2) {
                    return Err(invalid(format!("{:?} is not i64[1, tokens]", outlet.name())));
                }
            }
            name if name.starts_with(PAST) => caches.push(cache(outlet)?),
            name => return Err(invalid(format!("it takes {name:?}, which no text has"))),
        }
    }
    let has = |name: &str| session.inputs().iter().any(|outlet| outlet.name() == name);
    if !has("input_ids") || caches.is_empty() {
        return Err(invalid("it does not go on with texts"));
    }
    Ok(caches)
}

fn cache(outlet: &Outlet) -> Result<Cache, InferenceError> {
    let name = outlet.name();
    let wrong = || invalid(format!("{name:?} is not f32[1, heads, tokens, width]"));
    let shape = outlet.dtype().tensor_shape().ok_or_else(wrong)?;
    let [_, heads @ 1..=i64::MAX, _, width @ 1..=i64::MAX] = **shape else { return Err(wrong()) };
    if outlet.dtype().tensor_type() != Some(TensorElementType::Float32) {
        return Err(wrong());
    }
    let value = OrtTensor::from_array((vec![1, heads, 0, width], Vec::<f32>::new()))
        .map_err(|error| failed(&error))?;
    Ok(Cache {
        input: name.to_owned(),
        output: name.replacen(PAST, PRESENT, 1),
        heads: u32::try_from(heads).map_err(|_large| wrong())?,
        width: u32::try_from(width).map_err(|_large| wrong())?,
        value: value.into_dyn(),
    })
}
