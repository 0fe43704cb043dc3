//! Where a node keeps what.

use crate::{
    Distribution,
    args::{BaseArgs, ChainArgs},
    spec,
};
use anyhow::{Context, Result};
use citrate_service::{ChainSpec, Folders};
use std::path::PathBuf;

/// The folder given, or that of the command's name in the platform's folder for a user's data.
pub(crate) fn base(args: &BaseArgs, distribution: &Distribution) -> Result<PathBuf> {
    if let Some(path) = &args.base_path {
        return Ok(path.clone());
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(|| {
        let folder =
            if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
        home.map(|home| home.join(folder))
    });
    Ok(data.context("HOME is not set; name a folder with --base-path")?.join(distribution.name))
}

/// A chain's specification and folders.
pub(crate) fn chain(args: &ChainArgs, distribution: &Distribution) -> Result<(ChainSpec, Folders)> {
    let spec = spec::load(&args.chain, distribution)?;
    let folders = Folders::new(&base(&args.base, distribution)?, &spec.id)?;
    Ok((spec, folders))
}
