//! ONNX Runtime's errors as the worker sees them.

use citrate_inference_types::{InferenceError, Text};

use crate::memory;

/// LIMIT: bytes of a message; what ONNX Runtime says of a model may be as long as the model's names.
const MESSAGE_BYTES_MAX: u32 = 512;

/// As much of a message as is kept, on one line.
pub(super) fn clip(message: &str) -> String {
    let line: String = message
        .chars()
        .take(MESSAGE_BYTES_MAX as usize)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    Text::<MESSAGE_BYTES_MAX>::truncated(line.trim_end()).as_str().to_owned()
}

/// A file that is no model.
pub(super) fn refused(error: &ort::Error) -> InferenceError {
    or_exhausted(error, InferenceError::InvalidModel)
}

/// A run that failed.
pub(super) fn failed(error: &ort::Error) -> InferenceError {
    or_exhausted(error, InferenceError::Failed)
}

fn or_exhausted(
    error: &ort::Error,
    other: impl FnOnce(String) -> InferenceError,
) -> InferenceError {
    let message = error.message();
    if message.contains(memory::EXHAUSTED) {
        return InferenceError::OutOfMemory;
    }
    other(clip(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line_of_a_bounded_length() {
        assert_eq!(clip("two\nlines\n"), "two lines");
        let max = MESSAGE_BYTES_MAX as usize;
        assert_eq!(clip(&"x".repeat(max)).len(), max);
        assert_eq!(clip(&"x".repeat(max + 1)).len(), max);
        // A character of three bytes is not cut in two.
        assert_eq!(clip(&"\u{20ac}".repeat(max)).len(), max / 3 * 3);
    }
}
