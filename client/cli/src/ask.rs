//! What the command line says of the input of an inference.

use clap::Args;
use std::path::PathBuf;

/// What is asked.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct InputArgs {
    /// A file, as the model's card says; several are one job, a batch.
    #[arg(long, num_args = 1..)]
    pub(crate) file: Vec<PathBuf>,
    /// A text, for a model with a tokenizer.
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// A picture, PNG or JPEG.
    #[arg(long)]
    pub(crate) image: Option<PathBuf>,
}

/// How a model goes on with a text.
#[derive(Args, Debug)]
pub(crate) struct WritingArgs {
    /// Most tokens to write.
    #[arg(long, default_value_t = 128)]
    pub(crate) new_tokens: u32,
    /// Draw each token by its score, flattened by this; at 0, or without it and a seed, the best one is taken.
    #[arg(long, value_parser = thousandths)]
    pub(crate) temperature: Option<u32>,
    /// Draw from so many of the best tokens; 0 is all.
    #[arg(long, default_value_t = 0)]
    pub(crate) top_k: u32,
    /// Draw from the best tokens that together are this likely.
    #[arg(long, value_parser = thousandths, default_value = "1")]
    pub(crate) top_p: u32,
    /// Where the randomness comes from [default: 0]; the same seed gives the same text.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}

/// A number with at most three digits after the point, in thousandths.
fn thousandths(text: &str) -> Result<u32, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || fraction.len() > 3 {
        return Err("not a number with at most three digits after the point".into());
    }
    format!("{whole}{fraction:0<3}").parse().map_err(|_large| "too large".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;

    #[test]
    fn numbers_are_read_in_thousandths() {
        for (text, expected) in
            [("0", 0), ("1", 1_000), ("0.7", 700), ("0.95", 950), ("12.345", 12_345), ("1.", 1_000)]
        {
            assert_eq!(thousandths(text), Ok(expected), "{text}");
        }
        for text in ["", ".5", "0.1234", "-1", "1e3", "0,5", "1.5x", "5000000", "99999999999"] {
            assert!(thousandths(text).is_err(), "{text}");
        }
        assert_eq!(thousandths("4294967.295"), Ok(u32::MAX));
    }

    #[test]
    fn one_thing_is_asked() {
        let parse = |arguments: &[&str]| {
            let start = ["citrate", "infer", "--model", "m"];
            Cli::try_parse_from(start.iter().chain(arguments)).is_ok()
        };
        assert!(parse(&["--text", "x", "--seed", "1"]));
        assert!(parse(&["--image", "x.png"]));
        assert!(parse(&["--file", "x", "y", "--file", "z"]));
        assert!(!parse(&[]), "nothing");
        assert!(!parse(&["--text", "x", "--file", "y"]), "two things");
    }
}
