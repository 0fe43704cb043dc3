//! What of a file goes into a job.

use anyhow::{Context, Result, ensure};
use citrate_inference_types::{INLINE_BYTES_MAX, ModelCard, Preprocess};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

/// The part of a file that the model's card asks for, without reading the rest of it.
///
/// # Errors
/// The file cannot be read, or what the model needs of it is more than a job takes.
pub(super) fn read(card: &ModelCard, path: &Path) -> Result<Vec<u8>> {
    let about = || path.display().to_string();
    let mut file = File::open(path).with_context(about)?;
    let metadata = file.metadata().with_context(about)?;
    ensure!(!metadata.is_dir(), "{} is a folder, not a file", path.display());
    let bytes_max = u64::from(INLINE_BYTES_MAX.min(card.limits.input_bytes_max));
    let mut input = Vec::new();
    match &card.preprocess {
        // What lies between the two blocks cannot change the model's input.
        Preprocess::FileWindow { block, .. } if metadata.len() > u64::from(*block) * 2 => {
            let block = u64::from(*block);
            (&mut file).take(block).read_to_end(&mut input).with_context(about)?;
            file.seek(SeekFrom::Start(metadata.len() - block)).with_context(about)?;
            file.take(block).read_to_end(&mut input).with_context(about)?;
        }
        Preprocess::FileWindow { .. } | Preprocess::Tensors => {
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
