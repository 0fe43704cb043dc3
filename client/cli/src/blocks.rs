//! `citrate purge-chain`, `export-blocks` and `import-blocks`.
//!
//! A file of blocks is a sequence of SCALE-encoded blocks, each behind its length in four bytes,
//! little endian.

use crate::{
    args::{ChainArgs, ExportArgs, ImportArgs, PurgeArgs},
    paths,
};
use anyhow::{Context, Result, bail, ensure};
use citrate_chain::Chain;
use citrate_dag_types::DagBlock;
use citrate_service::{NodeConfig, Pruning};
use codec::{DecodeAll, Encode};
use std::{
    fs::File,
    io::{BufReader, BufWriter, ErrorKind, Read, Write},
    sync::Arc,
};

/// LIMIT: bytes of one block in a file.
const BLOCK_BYTES_MAX: u32 = 64 << 20;

pub(crate) fn purge(args: &PurgeArgs) -> Result<()> {
    let folder = paths::chain(&args.chain)?.1.database();
    if !folder.exists() {
        say(&format!("{} does not exist", folder.display()));
        return Ok(());
    }
    if !args.yes {
        say(&format!("Delete {}? [y/N]", folder.display()));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if !answer.trim().eq_ignore_ascii_case("y") {
            bail!("nothing was deleted");
        }
    }
    std::fs::remove_dir_all(&folder)
        .with_context(|| format!("cannot delete {}", folder.display()))?;
    say(&format!("Deleted {}", folder.display()));
    Ok(())
}

pub(crate) fn export(args: &ExportArgs) -> Result<()> {
    let chain = open(&args.chain)?;
    let last = args.to.unwrap_or(chain.best().number).min(chain.best().number);
    let file = File::create(&args.file).with_context(|| args.file.display().to_string())?;
    let mut file = BufWriter::new(file);
    let mut count = 0u32;
    for number in args.from.max(1)..=last {
        let hash = chain.hash_at(number)?.with_context(|| format!("no block {number}"))?;
        let header = chain.header(&hash)?.with_context(|| format!("no header {number}"))?;
        let payload = chain.payload(&hash)?.with_context(|| format!("no payload {number}"))?;
        let bytes = DagBlock { header, payload }.encode();
        file.write_all(&u32::try_from(bytes.len())?.to_le_bytes())?;
        file.write_all(&bytes)?;
        count += 1;
    }
    file.flush()?;
    say(&format!("Exported {count} blocks"));
    Ok(())
}

pub(crate) fn import(args: &ImportArgs) -> Result<()> {
    let chain = open(&args.chain)?;
    let file = File::open(&args.file).with_context(|| args.file.display().to_string())?;
    let mut file = BufReader::new(file);
    let mut count = 0u32;
    while let Some(block) = read_block(&mut file).with_context(|| format!("block {}", count + 1))? {
        let number = block.header.number;
        chain.import(block).with_context(|| format!("block number {number}"))?;
        count += 1;
    }
    say(&format!("Imported {count} blocks, best is {}", chain.best().number));
    Ok(())
}

fn read_block(file: &mut impl Read) -> Result<Option<DagBlock>> {
    let mut length = [0; 4];
    match file.read_exact(&mut length) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        result => result?,
    }
    let length = u32::from_le_bytes(length);
    ensure!(length <= BLOCK_BYTES_MAX, "a block of {length} bytes is too large");
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes)?;
    Ok(Some(DagBlock::decode_all(&mut &bytes[..]).context("does not decode")?))
}

/// The chain on disk, with nothing running on it.
fn open(args: &ChainArgs) -> Result<Arc<Chain>> {
    let (spec, folders) = paths::chain(args)?;
    let mut config = NodeConfig::new(spec);
    config.base_path = Some(paths::base(&args.base)?);
    config.database.pruning = Pruning::Archive;
    tracing::debug!(path = %folders.database().display(), "opening");
    Ok(citrate_service::open_chain(&config)?)
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn say(text: &str) {
    println!("{text}");
}
