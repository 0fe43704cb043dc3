//! `citrate runtime upgrade`: installs a runtime on a running chain as its sudo key.

use super::{blob::Blob, diff};
use crate::{
    args::RemoteArgs,
    output,
    remote::{Node, Runtime, Signer},
};
use anyhow::{Result, bail, ensure};
use citrate_core::well_known_keys;
use citrate_executor::Executor;
use codec::Encode;
use serde_json::json;
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// How long to wait until the new runtime is final.
const FINAL_TIMEOUT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(200);

/// Installs the runtime, with its worker if there is one, and waits until a final block has it.
///
/// # Errors
/// When it is no later version of the chain's runtime, or what changed asks for more (see [`diff::compare`]).
pub(super) fn upgrade(
    remote: &RemoteArgs,
    source: &str,
    worker: Option<&str>,
    executor: &Executor,
) -> Result<()> {
    let (node, signer) = (Node::new(&remote.node), Signer::new(&remote.signer)?);
    let new = Blob::load(source)?;
    let (before, after) =
        (Blob::load(&remote.node)?.facts(executor)?.surface, new.facts(executor)?.surface);
    let problems = diff::compare(&before, &after).problems;
    ensure!(problems.is_empty(), "{}", problems.join("; "));
    ensure!(
        after.version.spec_version > before.version.spec_version,
        "the chain runs version {} already; spec_version must be above it",
        before.version.spec_version
    );
    let runtime = Runtime::fetch(&node)?;
    let set_code = runtime.call("System", "set_code", &new.bytes.encode())?;
    let call = match worker {
        None => set_code,
        Some(worker) => {
            let items = vec![(well_known_keys::WORKER.to_vec(), Blob::load(worker)?.bytes)];
            let set_worker = runtime.call("System", "set_storage", &items.encode())?;
            let calls = [vec![8], set_worker, set_code].concat();
            runtime.call("Utility", "batch_all", &calls)?
        }
    };
    let sent = signer.send(&node, &runtime, &runtime.call("Sudo", "sudo", &call)?)?;
    output::line(&format!("block {} has the upgrade", sent.number));
    let deadline = Instant::now() + FINAL_TIMEOUT;
    while Instant::now() < deadline {
        let head = node.call("chain_getFinalizedHead", &json!([]))?;
        let version = node.call("state_getRuntimeVersion", &json!([head]))?;
        if version["specVersion"] == json!(after.version.spec_version) {
            output::line(&format!(
                "the chain runs {} {} now, and it is final",
                after.version.spec_name, after.version.spec_version
            ));
            return Ok(());
        }
        sleep(POLL);
    }
    bail!(
        "no final block has the new runtime after {} s; see the block's event Sudo.Sudid",
        FINAL_TIMEOUT.as_secs()
    )
}
