//! `citrate artifact`.

use crate::{
    args::{ArtifactCommand, BaseArgs},
    output, paths,
};
use anyhow::{Context, Result};
use citrate_artifacts::{Artifact, Store, StoreConfig};
use citrate_service::Folders;

pub(crate) fn execute(base: &BaseArgs, command: ArtifactCommand) -> Result<()> {
    let folders = Folders::new(&paths::base(base)?, "dev")?;
    let store = Store::open(StoreConfig::new(folders.artifacts()))?;
    match command {
        ArtifactCommand::Add { file, name } => {
            let own = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            print(&store.add_file(&file, &name.unwrap_or(own))?);
        }
        ArtifactCommand::Get { id, output } => {
            let artifact = store.find(&id)?;
            let bytes = store.read(&artifact.hash, artifact.bytes)?;
            match output {
                Some(path) => std::fs::write(&path, bytes)
                    .with_context(|| format!("cannot write {}", path.display()))?,
                None => output::bytes(&bytes),
            }
        }
        ArtifactCommand::Ls => store.list()?.iter().for_each(print),
    }
    Ok(())
}

fn print(artifact: &Artifact) {
    let Artifact { hash, cid, bytes, name, .. } = artifact;
    output::line(&format!("{hash:?}  {cid}  {bytes:>12}  {name}"));
}
