//! Blocks of a runtime on a fetched state, made one after the other until its migrations are through.

use super::blob::{Blob, Facts};
use super::state::ChainState;
use crate::output;
use crate::remote::{Event, all_events, events_key};
use anyhow::{Context, Result, bail};
use citrate_core::{
    Digest, DigestItem, ExtrinsicInclusionMode, H256, Header, StateVersion, Weight,
    hashing::twox_128, well_known_keys,
};
use citrate_executor::{Executor, Limits, Profile, RuntimeCode};
use citrate_host::{Externalities as _, StateExt};
use citrate_trie::StateView;
use codec::{Compact, Decode, DecodeAll, Encode};
use scale_value::Composite;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What migrations say of themselves.
const PROGRESS: [&str; 7] = [
    "UpgradeStarted",
    "MigrationAdvanced",
    "MigrationCompleted",
    "MigrationSkipped",
    "MigrationFailed",
    "UpgradeCompleted",
    "UpgradeFailed",
];

/// Which blocks are made.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// So many closed or open ones at least, before the last.
    pub(super) least: u32,
    /// LIMIT: so many closed ones at most.
    pub(super) most: u32,
}

/// What came of the blocks.
pub(super) struct Walk {
    /// The state after the start of the first block that takes transactions.
    pub(super) view: StateView,
    /// All keys that were written.
    pub(super) changed: BTreeSet<Vec<u8>>,
    /// How many blocks there were before the last.
    pub(super) closed: u32,
    /// What the first block had to execute.
    pub(super) first_weight: Weight,
    /// The most that one of the others had to.
    pub(super) weight: Weight,
    /// Whether a migration failed.
    pub(super) failed: bool,
}

struct Runner<'a> {
    executor: &'a Executor,
    blob: &'a Blob,
}

impl Runner<'_> {
    fn call(&self, method: &str, data: &[u8], state: &mut StateExt) -> Result<Vec<u8>> {
        let code = RuntimeCode::new(&self.blob.bytes);
        let limits = Limits::default();
        Ok(self.executor.call(code, Profile::Block, method, data, state, limits)?)
    }
}

/// Makes blocks until one takes transactions; tells how migrations get on, if `facts` can read it.
pub(super) fn walk(
    executor: &Executor,
    start: &ChainState,
    blob: &Blob,
    facts: Option<&Facts>,
    extent: Extent,
) -> Result<Walk> {
    let runner = Runner { executor, blob };
    let mut walk = Walk {
        view: start.view.clone(),
        changed: BTreeSet::new(),
        closed: 0,
        first_weight: Weight::zero(),
        weight: Weight::zero(),
        failed: false,
    };
    let (mut parent, mut parent_hash) = (start.header.clone(), start.hash);
    loop {
        let mut state = StateExt::new(walk.view.clone());
        if walk.closed == 0 {
            state.set(well_known_keys::CODE.to_vec(), Some(blob.bytes.clone()));
        }
        let header = next(&parent, parent_hash);
        let mode = runner.call("Core_initialize_block", &header.encode(), &mut state)?;
        let mode = ExtrinsicInclusionMode::decode_all(&mut &mode[..])?;
        let is_last = mode == ExtrinsicInclusionMode::AllExtrinsics && walk.closed >= extent.least;
        if !is_last {
            let header = runner.call("BlockBuilder_finalize_block", &[], &mut state)?;
            parent = Header::decode_all(&mut &header[..])?;
            parent_hash = parent.hash();
        }
        let weight = mandatory_weight(&mut state);
        if walk.closed == 0 {
            walk.first_weight = weight;
        }
        walk.weight = Weight::from_parts(
            walk.weight.ref_time().max(weight.ref_time()),
            walk.weight.proof_size().max(weight.proof_size()),
        );
        if let Some(facts) = facts {
            walk.failed |= tell(facts, walk.closed, &mut state)?;
        }
        commit(start, &mut walk, state)?;
        if is_last {
            return Ok(walk);
        }
        walk.closed += 1;
        if walk.closed >= extent.most {
            bail!("the migrations are not through after {} blocks", extent.most);
        }
    }
}

/// Keeps what a block changed, as the state that the next one begins with.
fn commit(start: &ChainState, walk: &mut Walk, state: StateExt) -> Result<()> {
    let mut kept = StateExt::new(walk.view.clone());
    for (key, value) in state.into_changes().top {
        kept.set(key.clone(), value);
        walk.changed.insert(key);
    }
    let finished = kept.finish(StateVersion::V1)?;
    start.nodes.insert(&finished.delta);
    walk.view = StateView::new(Arc::clone(&start.nodes) as Arc<_>, finished.root);
    Ok(())
}

/// Prints what migrations say in a block's events; whether one failed.
fn tell(facts: &Facts, block: u32, state: &mut StateExt) -> Result<bool> {
    let bytes = state.get(&events_key()).unwrap_or_default();
    if bytes.is_empty() {
        return Ok(false);
    }
    let mut failed = false;
    for event in all_events(&bytes, &facts.metadata).context("the events of a block")? {
        let name = event.name.rsplit('.').next().unwrap_or_default();
        if !PROGRESS.contains(&name) {
            continue;
        }
        failed |= name == "UpgradeFailed";
        if name != "MigrationAdvanced" || is_shown(&event) {
            output::line(&format!("block {}: {}{}", block + 1, event.name, fields(&event)));
        }
    }
    Ok(failed)
}

/// A migration may take thousands of blocks: its progress is shown ever more rarely.
fn is_shown(event: &Event) -> bool {
    let Composite::Named(fields) = &event.fields else { return true };
    let took = fields.iter().find(|(name, _)| name == "took");
    let took = took.and_then(|(_, value)| value.as_u128()).unwrap_or_default();
    took.is_power_of_two() || took.is_multiple_of(1_000)
}

fn fields(event: &Event) -> String {
    let Composite::Named(fields) = &event.fields else { return String::new() };
    fields.iter().map(|(name, value)| format!(" {name}={value}")).collect()
}

/// The header that the next block's execution begins with.
fn next(parent: &Header, hash: H256) -> Header {
    let is_before = |item: &DigestItem| matches!(item, DigestItem::PreRuntime(..));
    let logs = parent.digest.logs.iter().filter(|item| is_before(item)).cloned().collect();
    Header {
        parent_hash: hash,
        number: parent.number + 1,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs },
    }
}

/// The weight of what a block has to execute, so far.
fn mandatory_weight(state: &mut StateExt) -> Weight {
    let key = [twox_128(b"System"), twox_128(b"BlockWeight")].concat();
    let value = state.get(&key).unwrap_or_default();
    // Normal, operational and mandatory, each a time and a size.
    let weights = <[(Compact<u64>, Compact<u64>); 3]>::decode(&mut &value[..]);
    weights.map_or(Weight::zero(), |[.., (time, size)]| Weight::from_parts(time.0, size.0))
}
