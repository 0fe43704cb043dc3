//! `citrate artifact`.

use std::time::Duration;

use crate::{
    Distribution,
    args::{ArtifactCommand, BaseArgs, QuotaArgs},
    output, paths,
    remote::Node,
};
use anyhow::{Context, Result, bail};
use citrate_artifacts::{Artifact, Store, StoreConfig};
use citrate_core::H256;
use citrate_service::Folders;
use serde_json::{Value, json};

/// How often a node is asked how far it is.
const POLL: Duration = Duration::from_millis(250);

pub(crate) fn execute(
    base: &BaseArgs,
    quota: QuotaArgs,
    command: ArtifactCommand,
    distribution: &Distribution,
) -> Result<()> {
    if let ArtifactCommand::Fetch { hash, node, bytes_max } = command {
        return fetch(&Node::new(&node), &hash, bytes_max);
    }
    let folders = Folders::new(&paths::base(base, distribution)?, "dev")?;
    let config = StoreConfig::new(folders.artifacts());
    let store = Store::open(StoreConfig { bytes_max: quota.bytes_max(), ..config })?;
    match command {
        ArtifactCommand::Add { file, name, unpinned } => {
            let own = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut added = store.add_file(&file, &name.unwrap_or(own))?;
            if !unpinned {
                store.set_pinned(&added.hash, true)?;
                added.pinned = true;
            }
            print(&added);
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
        ArtifactCommand::Pin { id } => store.set_pinned(&store.find(&id)?.hash, true)?,
        ArtifactCommand::Unpin { id } => store.set_pinned(&store.find(&id)?.hash, false)?,
        ArtifactCommand::Rm { id } => store.remove(&store.find(&id)?.hash)?,
        ArtifactCommand::Ls => store.list()?.iter().for_each(print),
        ArtifactCommand::Fetch { .. } => {}
    }
    Ok(())
}

/// Has a node fetch an artifact, and waits until it has.
fn fetch(node: &Node, hash: &H256, bytes_max: u64) -> Result<()> {
    let mut state = node.call("inference_fetchArtifact", &json!([hash, bytes_max]))?;
    loop {
        match state["type"].as_str() {
            Some("stored") => {
                output::line(&format!("{hash:?}  {:>12}", state["bytes"]));
                return Ok(());
            }
            Some("failed") => bail!("{}", state["reason"].as_str().unwrap_or("for no reason")),
            Some("fetching") => {}
            _ => bail!("the node does not fetch it any more: {}", Value::to_string(&state)),
        }
        std::thread::sleep(POLL);
        state = node.call("inference_artifactState", &json!([hash]))?;
    }
}

fn print(artifact: &Artifact) {
    let Artifact { hash, cid, bytes, name, pinned, .. } = artifact;
    let pinned = if *pinned { "pinned" } else { "-     " };
    output::line(&format!("{hash:?}  {cid}  {bytes:>12}  {pinned}  {name}"));
}
