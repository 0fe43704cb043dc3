//! Text as tokens, and tokens as text.

use std::fmt;

use citrate_inference_types::{
    DType, ModelCard, Preprocess, Prompt, Sampling, Tensor, Tensors, adapter,
};
use codec::Encode;

use crate::AdapterError;

/// LIMIT: bytes of a text.
pub const TEXT_BYTES_MAX: usize = 64 << 10;
/// LIMIT: bytes of a tokenizer's file.
pub const TOKENIZER_BYTES_MAX: usize = 16 << 20;
/// What stands for the text in a [template](fill).
const PLACE: &str = "{prompt}";

/// The inputs of a model that reads whole texts.
const IDS: &str = "input_ids";
const MASK: &str = "attention_mask";
const TYPES: &str = "token_type_ids";

/// Turns text into a model's tokens and back.
pub struct Tokenizer(tokenizers::Tokenizer);

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokenizer({} tokens)", self.0.get_vocab_size(true))
    }
}

/// A text's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Their numbers in the vocabulary.
    pub ids: Vec<u32>,
    /// To which of two texts each belongs; one text is all zeros.
    pub types: Vec<u32>,
}

impl Tokenizer {
    /// A tokenizer from its `tokenizer.json`. What that says of padding and truncation does not count: a text is as
    /// long as it is.
    ///
    /// # Errors
    /// If the file is larger than [`TOKENIZER_BYTES_MAX`] or no tokenizer.
    pub fn from_json(json: &[u8]) -> Result<Self, AdapterError> {
        if json.len() > TOKENIZER_BYTES_MAX {
            let (bytes, max) = (json.len(), TOKENIZER_BYTES_MAX);
            return Err(AdapterError::TooLarge { what: "a tokenizer", bytes, max });
        }
        let unusable = |error: tokenizers::Error| AdapterError::Tokenizer(error.to_string());
        let mut tokenizer = tokenizers::Tokenizer::from_bytes(json).map_err(unusable)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(unusable)?;
        Ok(Self(tokenizer))
    }

    /// A text's tokens, those that the model wants around every text included.
    ///
    /// # Errors
    /// If the text is larger than [`TEXT_BYTES_MAX`], or the tokenizer has no token for a part of it.
    pub fn encode(&self, text: &str) -> Result<Encoded, AdapterError> {
        if text.len() > TEXT_BYTES_MAX {
            let (bytes, max) = (text.len(), TEXT_BYTES_MAX);
            return Err(AdapterError::TooLarge { what: "a text", bytes, max });
        }
        let encoding = self.0.encode_fast(text, true);
        let encoding = encoding.map_err(|error| AdapterError::Tokenizer(error.to_string()))?;
        Ok(Encoded { ids: encoding.get_ids().to_vec(), types: encoding.get_type_ids().to_vec() })
    }

    /// The text of these tokens, without those that only mark its structure.
    ///
    /// # Errors
    /// If the tokenizer cannot put them together.
    pub fn decode(&self, tokens: &[u32]) -> Result<String, AdapterError> {
        self.0.decode(tokens, true).map_err(|error| AdapterError::Tokenizer(error.to_string()))
    }
}

/// A chat model's prompt: its template with the text where `{prompt}` is.
pub fn fill(template: &str, text: &str) -> String {
    template.replacen(PLACE, text, 1)
}

/// The input of a model that reads a whole text, such as one that gives a vector for it.
///
/// # Errors
/// If the model takes something else, or the text does not fit.
pub fn embed(card: &ModelCard, tokenizer: &Tokenizer, text: &str) -> Result<Tensors, AdapterError> {
    let wrong = |error: &dyn fmt::Display| AdapterError::Card(error.to_string());
    if card.preprocess != Preprocess::Tensors {
        return Err(AdapterError::NotTaken("text"));
    }
    let Encoded { ids, types } = tokenizer.encode(text)?;
    let mut tensors = Vec::new();
    for input in &card.inputs {
        let values: Vec<i64> = match input.name.as_str() {
            IDS => ids.iter().copied().map(i64::from).collect(),
            MASK => vec![1; ids.len()],
            TYPES => types.iter().copied().map(i64::from).collect(),
            _ => return Err(AdapterError::NotTaken("text")),
        };
        let length = u32::try_from(values.len()).map_err(|error| wrong(&error))?;
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = Tensor::try_new(DType::I64, vec![1, length], data);
        tensors.push((input.name.as_str(), tensor.map_err(|error| wrong(&error))?));
    }
    let named = tensors.into_iter().map(|(name, tensor)| citrate_inference_types::NamedTensor {
        name: name.to_owned(),
        tensor,
    });
    let tensors = Tensors::try_new(named.collect()).map_err(|error| wrong(&error))?;
    card.check_inputs(&tensors).map_err(|error| wrong(&error))?;
    Ok(tensors)
}

/// The input of a model that goes on with a text.
///
/// # Errors
/// If the model takes something else, or the text and its new tokens do not fit.
pub fn prompt(
    card: &ModelCard,
    tokenizer: &Tokenizer,
    text: &str,
    new_tokens_max: u32,
    sampling: Sampling,
) -> Result<Prompt, AdapterError> {
    if !matches!(card.preprocess, Preprocess::Prompt { .. }) {
        return Err(AdapterError::NotTaken("prompt"));
    }
    let tokens = tokenizer.encode(text)?.ids;
    let count = tokens.len();
    let tokens = tokens
        .try_into()
        .map_err(|_many| AdapterError::Card(format!("{count} tokens are more than a job takes")))?;
    let prompt = Prompt { tokens, new_tokens_max, sampling };
    adapter::prompt(card, &prompt.encode()).map_err(|error| AdapterError::Card(error.to_string()))
}

/// The tokens in the output of a model that goes on with texts, the one that ends it left out; none if it is no text.
pub fn tokens(card: &ModelCard, outputs: &Tensors) -> Option<Vec<u32>> {
    let Preprocess::Prompt { ends, .. } = &card.preprocess else { return None };
    let tensor = outputs.get(card.outputs.first()?.name.as_str())?;
    if tensor.dtype() != DType::I32 || !matches!(tensor.shape(), [_, 2]) {
        return None;
    }
    let rows = tensor.data().as_chunks::<8>().0.iter();
    let mut tokens: Vec<u32> =
        rows.map(|row| row.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))).collect();
    if tokens.last().is_some_and(|last| ends.contains(last)) {
        tokens.pop();
    }
    Some(tokens)
}
