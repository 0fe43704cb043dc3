//! `citrate purge-chain`, `export-blocks` and `import-blocks`.
//!
//! A file of blocks is a sequence of SCALE-encoded blocks, each behind its length in four bytes,
//! little endian.

use crate::{
    Distribution,
    args::{ChainArgs, ExportArgs, ImportArgs, PurgeArgs},
    output::line,
    paths,
};
use anyhow::{Context, Result, bail, ensure};
use citrate_chain::{BlockStatus, Chain, ImportError};
use citrate_dag_types::DagBlock;
use citrate_service::{NodeConfig, Pruning, ServiceError};
use codec::{DecodeAll, Encode};
use std::{
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    sync::Arc,
};

/// LIMIT: bytes of one block in a file.
const BLOCK_BYTES_MAX: u32 = 64 << 20;

pub(crate) fn purge(args: &PurgeArgs, distribution: &Distribution) -> Result<()> {
    let folder = paths::chain(&args.chain, distribution)?.1.database();
    if !folder.exists() {
        line(&format!("{} does not exist", folder.display()));
        return Ok(());
    }
    if !args.yes {
        line(&format!("Delete {}? [y/N]", folder.display()));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if !answer.trim().eq_ignore_ascii_case("y") {
            bail!("nothing was deleted");
        }
    }
    citrate_service::remove_database(&folder)?;
    line(&format!("Deleted {}", folder.display()));
    Ok(())
}

pub(crate) fn export(args: &ExportArgs, distribution: &Distribution) -> Result<()> {
    let chain = open(&args.chain, distribution)?;
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
    line(&format!("Exported {count} blocks"));
    Ok(())
}

pub(crate) fn import(args: &ImportArgs, distribution: &Distribution) -> Result<()> {
    let chain = open(&args.chain, distribution)?;
    let name = args.file.display().to_string();
    let file = File::open(&args.file).with_context(|| name.clone())?;
    let mut file = BufReader::new(file);
    let (mut imported, mut known) = (0u64, 0u64);
    while let Some(block) = read_block(&mut file)
        .with_context(|| format!("{name}: block {} of the file", imported + known + 1))?
    {
        let number = block.header.number;
        match import_block(&chain, block).with_context(|| format!("{name}: block {number}"))? {
            Known::Before => known += 1,
            Known::Now => imported += 1,
        }
    }
    let before = if known > 0 { format!(" ({known} were known)") } else { String::new() };
    line(&format!("Imported {imported} blocks{before}, best is {}", chain.best().number));
    Ok(())
}

enum Known {
    Before,
    Now,
}

fn import_block(chain: &Chain, block: DagBlock) -> Result<Known> {
    match chain.import(block) {
        Ok(imported) => match imported.status {
            BlockStatus::Best | BlockStatus::Side => Ok(Known::Now),
            // What is exported is the selected chain: its blocks are not disqualified where they
            // come from.
            BlockStatus::Disqualified(why) => bail!("its execution gives another result: {why:?}"),
        },
        Err(ImportError::AlreadyKnown(_)) => Ok(Known::Before),
        Err(ImportError::UnknownParent(parent)) => bail!(
            "its parent {parent:?} is not in the database: the file begins later than the \
             database ends, or is of another chain"
        ),
        Err(error) => Err(error.into()),
    }
}

/// The next block; `None` at the end of the file.
fn read_block(file: &mut impl Read) -> Result<Option<DagBlock>> {
    let length = read_up_to(file, 4)?;
    let length = match <[u8; 4]>::try_from(&length[..]) {
        Ok(length) => u32::from_le_bytes(length),
        Err(_) if length.is_empty() => return Ok(None),
        Err(_) => bail!(TRUNCATED),
    };
    ensure!(
        length <= BLOCK_BYTES_MAX,
        "is no block, or damaged: it would have {length} bytes, and at most {BLOCK_BYTES_MAX} are \
         allowed"
    );
    let bytes = read_up_to(file, u64::from(length))?;
    ensure!(bytes.len() == length as usize, TRUNCATED);
    Ok(Some(DagBlock::decode_all(&mut &bytes[..]).context("is no block, or damaged")?))
}

const TRUNCATED: &str = "the file ends in the middle of it; what came before is imported";

/// So many bytes, fewer at the end of the file. Memory is taken for what is there, not for what a
/// length claims.
fn read_up_to(file: &mut impl Read, length: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The chain on disk, with nothing running on it.
fn open(args: &ChainArgs, distribution: &Distribution) -> Result<Arc<Chain>> {
    let (spec, folders) = paths::chain(args, distribution)?;
    let mut config = NodeConfig::new(spec);
    config.executor = distribution.executor();
    config.base_path = Some(paths::base(&args.base, distribution)?);
    config.database.pruning = Pruning::Archive;
    tracing::debug!(path = %folders.database().display(), "opening");
    match citrate_service::open_chain(&config) {
        // The database of a node that prunes.
        Err(ServiceError::Pruning { .. }) => {
            config.database.pruning = NodeConfig::new(config.chain_spec.clone()).database.pruning;
            Ok(citrate_service::open_chain(&config)?)
        }
        opened => Ok(opened?),
    }
}
