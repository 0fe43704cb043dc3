//! What goes into a job, and what comes out of it for a reader.

use super::{Session, UPLOAD_BYTES_MAX};
use crate::ask::{InputArgs, WritingArgs};
use anyhow::{Context, Result, ensure};
use citrate_adapter::{PICTURE_BYTES_MAX, Tokenizer};
use citrate_inference_types::{ModelCard, Preprocess, Sampling, Tensors};
use codec::Encode;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

/// The asset that turns text into tokens.
const TOKENIZER: &str = "tokenizer.json";
/// The asset that a chat model's prompt is written into.
const TEMPLATE: &str = "chat.txt";

/// What is asked.
pub(super) enum Source<'a> {
    File(&'a Path),
    Text { text: &'a str, new_tokens: u32, sampling: Sampling },
    Image(&'a Path),
}

impl<'a> Source<'a> {
    /// What is asked: more than one thing is a batch.
    pub(super) fn all(input: &'a InputArgs, writing: &WritingArgs) -> Vec<Self> {
        if let Some(text) = &input.text {
            let sampling = sampling(writing);
            return vec![Source::Text { text, new_tokens: writing.new_tokens, sampling }];
        }
        if let Some(path) = &input.image {
            return vec![Source::Image(path)];
        }
        input.file.iter().map(|path| Source::File(path)).collect()
    }

    /// What it is called in what is printed.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) | Self::Image(path) => {
                path.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
            Self::Text { .. } => "text".into(),
        }
    }
}

fn sampling(writing: &WritingArgs) -> Sampling {
    match (writing.temperature, writing.seed) {
        (None, None) | (Some(0), _) => Sampling::Greedy,
        (temperature, seed) => Sampling::Seeded {
            temperature_milli: temperature.unwrap_or(1_000),
            top_k: writing.top_k,
            top_p_milli: writing.top_p,
            seed: seed.unwrap_or_default(),
        },
    }
}

/// The bytes of a job's input.
///
/// # Errors
/// The input cannot be read, is not what the model takes, or is more than a job takes.
pub(super) fn prepare(session: &Session, card: &ModelCard, source: &Source<'_>) -> Result<Vec<u8>> {
    match *source {
        Source::File(path) => read(card, path),
        Source::Image(path) => {
            let about = || path.display().to_string();
            let mut file = Vec::new();
            let opened = File::open(path).with_context(about)?;
            opened.take(PICTURE_BYTES_MAX as u64 + 1).read_to_end(&mut file).with_context(about)?;
            Ok(citrate_adapter::picture(card, &file).with_context(about)?.encode())
        }
        Source::Text { text, new_tokens, sampling } => {
            let tokenizer = tokenizer(session, card)?;
            if !matches!(card.preprocess, Preprocess::Prompt { .. }) {
                return Ok(citrate_adapter::embed(card, &tokenizer, text)?.encode());
            }
            let template = asset(session, card, TEMPLATE)?.map(String::from_utf8).transpose()?;
            let text = match template {
                Some(template) => citrate_adapter::fill(&template, text),
                None => text.to_owned(),
            };
            let prompt = citrate_adapter::prompt(card, &tokenizer, &text, new_tokens, sampling)?;
            Ok(prompt.encode())
        }
    }
}

/// What a model of texts wrote; none if it is none.
pub(super) fn text(
    session: &Session,
    card: &ModelCard,
    output: &Tensors,
) -> Result<Option<String>> {
    let Some(tokens) = citrate_adapter::tokens(card, output) else { return Ok(None) };
    Ok(Some(tokenizer(session, card)?.decode(&tokens)?))
}

fn tokenizer(session: &Session, card: &ModelCard) -> Result<Tokenizer> {
    let json = asset(session, card, TOKENIZER)?
        .with_context(|| format!("the model {} has no {TOKENIZER}: it takes no text", card.name))?;
    Ok(Tokenizer::from_json(&json)?)
}

/// The asset of this name, if the card has one.
fn asset(session: &Session, card: &ModelCard, name: &str) -> Result<Option<Vec<u8>>> {
    let Some(asset) = card.assets.iter().find(|asset| asset.name.as_str() == name) else {
        return Ok(None);
    };
    session.artifact(asset.hash).with_context(|| format!("the model's {name}")).map(Some)
}

/// The part of a file that the model's card asks for, without reading the rest of it.
///
/// # Errors
/// The file cannot be read, or what the model needs of it is more than a job takes.
pub(super) fn read(card: &ModelCard, path: &Path) -> Result<Vec<u8>> {
    let about = || path.display().to_string();
    let mut file = File::open(path).with_context(about)?;
    let metadata = file.metadata().with_context(about)?;
    ensure!(!metadata.is_dir(), "{} is a folder, not a file", path.display());
    let bytes_max = (UPLOAD_BYTES_MAX as u64).min(card.limits.input_bytes_max.into());
    let mut input = Vec::new();
    match &card.preprocess {
        // What lies between the two blocks cannot change the model's input.
        Preprocess::FileWindow { block, .. } if metadata.len() > u64::from(*block) * 2 => {
            let block = u64::from(*block);
            (&mut file).take(block).read_to_end(&mut input).with_context(about)?;
            file.seek(SeekFrom::Start(metadata.len() - block)).with_context(about)?;
            file.take(block).read_to_end(&mut input).with_context(about)?;
        }
        Preprocess::FileWindow { .. } | Preprocess::Tensors | Preprocess::Prompt { .. } => {
            file.take(bytes_max + 1).read_to_end(&mut input).with_context(about)?;
        }
    }
    ensure!(
        input.len() as u64 <= bytes_max,
        "{}: the model's input is larger than {bytes_max} bytes, the most that a job takes",
        path.display()
    );
    Ok(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use citrate_inference_types::adapter::{preprocess, submission};

    fn card() -> ModelCard {
        let json = include_str!("../../../../scripts/models/magika.json");
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_part_that_is_read_stands_for_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for length in [0, 1, 4_096, 8_191, 8_192, 8_193, 100_000] {
            let whole: Vec<u8> = (0..length).map(|at: u32| (at * 7 + (at >> 8)) as u8).collect();
            std::fs::write(&path, &whole).unwrap();
            let read = read(&card(), &path).unwrap();
            assert_eq!(read, *submission(&card(), &whole), "{length}");
            assert!(read.len() <= 8_192, "{length}");
            assert!(preprocess(&card(), &read).is_ok(), "{length}");
        }
    }

    #[test]
    fn limits_hold_and_one_past_them_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut tensors = card();
        tensors.preprocess = Preprocess::Tensors;
        std::fs::write(&path, vec![0; 8_192]).unwrap();
        assert_eq!(read(&tensors, &path).unwrap().len(), 8_192);
        std::fs::write(&path, vec![0; 8_193]).unwrap();
        let error = read(&tensors, &path).unwrap_err().to_string();
        assert!(error.contains("larger than 8192 bytes"), "{error}");
        // A window that is wider than a job.
        let mut wide = card();
        wide.preprocess = Preprocess::FileWindow { begin: 1, end: 1, padding: 0, block: 1 << 20 };
        std::fs::write(&path, vec![0; 9_000]).unwrap();
        assert!(read(&wide, &path).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.txt");
        let error = format!("{:#}", read(&card(), &missing).unwrap_err());
        assert!(error.contains("missing.txt") && error.contains("No such file"), "{error}");
        let error = read(&card(), folder.path()).unwrap_err().to_string();
        assert!(error.contains("is a folder"), "{error}");
    }
}
