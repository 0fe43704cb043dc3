//! From a job's input bytes to the model's tensors, by the rule in the model's card.

use alloc::{borrow::Cow, vec::Vec};

use codec::DecodeAll;

use crate::{
    CardError, DType, Dim, ModelCard, PROMPT_TOKENS_MAX, Preprocess, Prompt, Tensor, Tensors,
};

/// The tensors that a model of this card gets for these input bytes.
///
/// # Errors
/// If the input is over the card's limit, or does not give the inputs that the card declares, or the model goes on with
/// a text: see [`prompt`].
pub fn preprocess(card: &ModelCard, input: &[u8]) -> Result<Tensors, CardError> {
    check_length(card, input)?;
    let tensors = match &card.preprocess {
        Preprocess::Tensors => {
            Tensors::from_bytes(input).map_err(|_error| CardError::NotTensors)?
        }
        Preprocess::FileWindow { begin, end, padding, block } => {
            let spec = card.inputs.first().ok_or(CardError::Preprocess)?;
            let row = file_window(input, *begin, *end, *padding, *block);
            let mut data = Vec::with_capacity(row.len().saturating_mul(4));
            for element in &row {
                data.extend_from_slice(&element.to_le_bytes());
            }
            let width = begin.saturating_add(*end);
            let tensor = Tensor::try_new(DType::I32, alloc::vec![1, width], data)
                .map_err(|_error| CardError::Preprocess)?;
            Tensors::single(spec.name.as_str(), tensor).map_err(|_error| CardError::Preprocess)?
        }
        Preprocess::Prompt { .. } => return Err(CardError::NotTensors),
    };
    card.check_inputs(&tensors)?;
    Ok(tensors)
}

/// The prompt that a model of this card is to go on with.
///
/// # Errors
/// If the input is over the card's limits or no prompt, or the model does not go on with texts.
pub fn prompt(card: &ModelCard, mut input: &[u8]) -> Result<Prompt, CardError> {
    check_length(card, input)?;
    let Preprocess::Prompt { tokens_max, .. } = &card.preprocess else {
        return Err(CardError::NotPrompt);
    };
    let prompt = Prompt::decode_all(&mut input).map_err(|_error| CardError::NotPrompt)?;
    if prompt.tokens.is_empty() {
        return Err(CardError::NotPrompt);
    }
    if !prompt.sampling.is_sound() {
        return Err(CardError::Sampling);
    }
    let tokens = (prompt.tokens.len() as u64).saturating_add(prompt.new_tokens_max.into());
    if prompt.new_tokens_max == 0 || tokens > u64::from(*tokens_max) {
        return Err(CardError::PromptTooLong);
    }
    Ok(prompt)
}

fn check_length(card: &ModelCard, input: &[u8]) -> Result<(), CardError> {
    let is_short = input.len() as u64 <= u64::from(card.limits.input_bytes_max);
    if is_short { Ok(()) } else { Err(CardError::InputTooLarge) }
}

/// The part of a file that has to be submitted: what is left out cannot change the tensors.
pub fn submission<'a>(card: &ModelCard, file: &'a [u8]) -> Cow<'a, [u8]> {
    match &card.preprocess {
        Preprocess::Tensors | Preprocess::Prompt { .. } => Cow::Borrowed(file),
        Preprocess::FileWindow { block, .. } => {
            let block = *block as usize;
            if file.len() <= block.saturating_mul(2) {
                return Cow::Borrowed(file);
            }
            let (first, last) = (file.get(..block), file.get(file.len().saturating_sub(block)..));
            Cow::Owned([first.unwrap_or_default(), last.unwrap_or_default()].concat())
        }
    }
}

/// True if the card's rule gives inputs of the declared type and shape.
pub(crate) fn fits(card: &ModelCard) -> bool {
    match &card.preprocess {
        Preprocess::Tensors => true,
        Preprocess::FileWindow { begin, end, block, .. } => {
            let [input] = card.inputs.as_slice() else { return false };
            let Some(width) = begin.checked_add(*end) else { return false };
            let [rows, columns] = input.shape.as_slice() else { return false };
            input.dtype == DType::I32
                && width > 0
                && begin <= block
                && end <= block
                && *block <= WINDOW_BLOCK_MAX
                && matches!(rows, Dim::Dynamic(_) | Dim::Fixed(1))
                && match columns {
                    Dim::Fixed(fixed) => *fixed == width,
                    Dim::Dynamic(_) => true,
                }
        }
        Preprocess::Prompt { ends, tokens_max } => {
            let ([input], [output]) = (card.inputs.as_slice(), card.outputs.as_slice()) else {
                return false;
            };
            let [_, Dim::Dynamic(_)] = input.shape.as_slice() else { return false };
            input.name.as_str() == "input_ids"
                && input.dtype == DType::I64
                && output.name.as_str() == "tokens"
                && output.is_text()
                && !ends.is_empty()
                && (2..=TEXT_TOKENS_MAX).contains(tokens_max)
        }
    }
}

/// LIMIT: the largest block of a file window, so that no card makes a worker read without end.
pub const WINDOW_BLOCK_MAX: u32 = 1 << 20;

/// LIMIT: tokens of a text; a card that promises more makes its providers hold gigabytes.
pub const TEXT_TOKENS_MAX: u32 = 1 << 17;
const _: () = assert!(PROMPT_TOKENS_MAX < TEXT_TOKENS_MAX);

/// One row of `begin + end` elements. The first block is stripped on its left and padded on its
/// right, the last block is stripped on its right and padded on its left.
fn file_window(file: &[u8], begin: u32, end: u32, padding: i32, block: u32) -> Vec<i32> {
    let (begin, end) = (begin as usize, end as usize);
    let block = (block as usize).min(file.len());
    let first = file.get(..block).unwrap_or_default();
    let last = file.get(file.len().saturating_sub(block)..).unwrap_or_default();

    let skip = first.iter().take_while(|byte| is_space(**byte)).count();
    let head = first.iter().skip(skip).take(begin);
    let mut row: Vec<i32> = head.map(|byte| i32::from(*byte)).collect();
    row.resize(begin, padding);

    let skip = last.iter().rev().take_while(|byte| is_space(**byte)).count();
    let kept = last.get(..last.len().saturating_sub(skip)).unwrap_or_default();
    let tail = kept.get(kept.len().saturating_sub(end)..).unwrap_or_default();
    row.resize(begin.saturating_add(end).saturating_sub(tail.len()), padding);
    row.extend(tail.iter().map(|byte| i32::from(*byte)));
    row
}

/// White space as Python's `bytes.strip` means it.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}
