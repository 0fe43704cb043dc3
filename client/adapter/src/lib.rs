//! Turns text and pictures into what models take, and tokens into text.
//!
//! This is the buyer's side: what a job carries and what the chain keeps are token ids and pixels, which mean the same
//! everywhere, so that no provider's tokenizer or picture decoder is part of a result.
//!
//! - [`Tokenizer`]: a `tokenizer.json`, one of the assets in a model's card.
//! - [`embed`], [`prompt`]: the input of a job for a text.
//! - [`picture`]: the input of a job for a PNG or JPEG file.

mod picture;
#[cfg(test)]
mod tests;
mod text;

pub use picture::{PICTURE_BYTES_MAX, picture};
pub use text::{TEXT_BYTES_MAX, TOKENIZER_BYTES_MAX, Tokenizer, embed, fill, prompt, tokens};

/// Why there is no input for a model.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AdapterError {
    /// More bytes than are looked at.
    #[error("{what} of {bytes} bytes is over the limit of {max}")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// How large it is.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The file is no tokenizer of a known kind.
    #[error("not a usable tokenizer: {0}")]
    Tokenizer(String),
    /// The file is no picture of a known kind.
    #[error("not a usable picture: {0}")]
    Picture(String),
    /// The model does not take this kind of input.
    #[error("the model takes no {0}")]
    NotTaken(&'static str),
    /// What comes out is not what the card says the model takes.
    #[error("the input does not fit the model: {0}")]
    Card(String),
}
