//! Reading a file and finding out what it is.

use std::fmt;
use std::fs::File;
use std::io::Read;

use anyhow::{Context, bail, ensure};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

/// LIMIT: bytes of a file, and of what is packed in it.
const BYTES_MAX: u64 = 1 << 30;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Dag,
    Topology,
    Replay,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dag => "dag",
            Self::Topology => "topology",
            Self::Replay => "replay",
        })
    }
}

/// The text of a file, unpacked.
pub(crate) fn read(file: &str) -> anyhow::Result<String> {
    let bytes = read_limited(File::open(file)?).context("it cannot be read")?;
    let bytes = match bytes.starts_with(&GZIP_MAGIC) {
        true => read_limited(MultiGzDecoder::new(bytes.as_slice()))
            .context("it starts like gzip, but cannot be unpacked")?,
        false => bytes,
    };
    String::from_utf8(bytes).context("it is no text")
}

fn read_limited(reader: impl Read) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= BYTES_MAX, "more than {BYTES_MAX} bytes");
    Ok(bytes)
}

/// What a text holds, by its first JSON value.
pub(crate) fn detect(text: &str) -> anyhow::Result<Format> {
    if text.trim_start().starts_with('[') {
        return Ok(Format::Topology);
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let first = values.next().context("it is empty")?.context("it does not start with JSON")?;
    if first.get("Blocks").is_some() {
        Ok(Format::Dag)
    } else if first.get("blockrate").is_some() {
        Ok(Format::Replay)
    } else {
        bail!("it has neither Blocks nor blockrate, and is no list: the format is unknown")
    }
}
