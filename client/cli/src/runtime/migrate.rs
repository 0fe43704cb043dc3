//! `citrate try-upgrade`: runs a new runtime's migrations on a running chain's state, and looks at what they leave.

use super::blob::{Blob, Facts, Surface, version_key};
use super::walk::{Extent, walk};
use super::{TryUpgradeArgs, diff, state};
use crate::{Distribution, output, remote::Node};
use anyhow::{Context, Result, bail, ensure};
use citrate_core::{Weight, hashing::twox_128, well_known_keys};
use citrate_executor::{Executor, ExecutorError, Limits, Profile, RuntimeCode};
use citrate_host::StateExt;
use citrate_trie::StateView;
use codec::{Compact, Decode, Encode};
use frame_metadata::v14::{StorageEntryMetadata, StorageEntryType};
use scale_info::form::PortableForm;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// Bytes of the part of a key that names pallet and item.
const PREFIX_BYTES: usize = 32;
/// LIMIT: blocks that migrations may take on a genesis.
const BLOCKS_MAX: u32 = 10_000;
/// LIMIT: how long a runtime's own checks may take.
const TRIAL_TIME: Duration = Duration::from_secs(3_600);
/// How many values that do not decode are shown of an item.
const SHOWN_MAX: usize = 1;

/// `citrate try-upgrade`.
///
/// # Errors
/// When the upgrade would not go well: a block of the new runtime traps, its migrations fail or take too many blocks, or a value does not decode as what
/// the new runtime takes it for, or a pallet's storage has another version than the code expects.
pub(crate) fn try_upgrade(args: &TryUpgradeArgs, distribution: &Distribution) -> Result<()> {
    let executor = Executor::new(&distribution.executor())?;
    let node = Node::new(&args.node);
    let new = Blob::load(&args.runtime)?;
    let begun = Instant::now();
    let fetched = state::fetch(&node, args.at)?;
    output::line(&format!(
        "state of block {} ({:?}): {} keys, {} bytes, fetched and checked in {} ms",
        fetched.header.number,
        fetched.hash,
        fetched.keys,
        fetched.bytes,
        begun.elapsed().as_millis()
    ));
    let code = fetched.view.get(well_known_keys::CODE)?.context("the state has no runtime")?;
    let old = Blob { bytes: code };
    let (before, after) = (old.facts(&executor)?, new.facts(&executor)?);
    let difference = diff::compare(&before.surface, &after.surface);
    difference.lines.iter().for_each(|line| output::line(line));

    match trial(&executor, &fetched.view, &new)? {
        None => output::line("its own checks are not in this runtime (feature try-runtime)"),
        Some(Ok(_)) => output::line("its migrations' checks and its pallets' try_state hold"),
        Some(Err(reason)) => bail!("one of its own checks fails: {reason}"),
    }
    let begun = Instant::now();
    let extent = Extent { least: 0, most: args.blocks };
    let walked = walk(&executor, &fetched, &new, Some(&after), extent)
        .context("the first blocks of the new runtime fail")?;
    let time = begun.elapsed();
    let extent = Extent { least: walked.closed, most: u32::MAX };
    let usual = walk(&executor, &fetched, &old, None, extent)
        .context("the present runtime cannot make a block on this state")?;
    let limit = block_weight_max(&after);
    output::line(&format!(
        "first block of the new runtime: weight {} of {} ns",
        walked.first_weight.ref_time() / 1_000,
        limit.ref_time() / 1_000
    ));
    output::line(&format!(
        "migrations over several blocks: {} block(s) without transactions; all in {} ms",
        walked.closed,
        time.as_millis()
    ));
    let items = Items::new(&after);
    for (item, count) in migrated(&items, &usual.changed, &walked.changed) {
        output::line(&format!("migrated {item}: {count} value(s)"));
    }
    let mut problems = difference.problems;
    if walked.failed {
        problems.push("a migration fails".into());
    }
    if walked.weight.any_gt(limit) {
        problems
            .push("the migrations weigh more than a block may: spread them over several".into());
    }
    let state = &walked.view;
    problems.extend(versions(&after, state)?);
    let (decoded, wrong) = decode_all(&after, &items, state)?;
    output::line(&format!("{decoded} values decode as the new runtime's types"));
    problems.extend(wrong);
    ensure!(problems.is_empty(), "{}", problems.join("; "));
    output::line("the upgrade can be made");
    Ok(())
}

/// Pallets whose storage has another version in `old`, and which no migration of the runtime in the file `new` brings to the
/// version that it expects.
///
/// There is no chain to ask. The runtime's own genesis stands for one, with the old versions in it.
///
/// # Errors
/// The runtime has no genesis, or cannot make a block on it.
pub(super) fn missing(executor: &Executor, old: &Surface, new: &str) -> Result<Vec<String>> {
    let blob = Blob::load(new)?;
    let facts = blob.facts(executor)?;
    if facts.surface.storage_versions == old.storage_versions {
        return Ok(Vec::new());
    }
    let mut state = blob.genesis(executor)?.top;
    for pallet in facts.surface.schema.pallets.keys() {
        state.remove(&version_key(pallet));
        if !old.schema.pallets.contains_key(pallet) {
            // The chain has nothing of a new pallet.
            let prefix = twox_128(pallet.as_bytes());
            state.retain(|key, _| !key.starts_with(&prefix));
        }
    }
    for (pallet, version) in &old.storage_versions {
        state.insert(version_key(pallet), Some(version.encode()));
    }
    let last = (Compact(old.version.spec_version), old.version.spec_name.to_string());
    let key = [twox_128(b"System"), twox_128(b"LastRuntimeUpgrade")].concat();
    state.insert(key, Some(last.encode()));
    let start = state::of(state)?;
    let extent = Extent { least: 0, most: BLOCKS_MAX };
    let walked = walk(executor, &start, &blob, None, extent)
        .context("its migrations, on its own genesis with the old versions")?;
    versions(&facts, &walked.view)
}

/// What the runtime's own checks say, if it was built with them.
fn trial(
    executor: &Executor,
    view: &StateView,
    blob: &Blob,
) -> Result<Option<Result<Weight, String>>> {
    const METHOD: &str = "UpgradeTrial_try_upgrade";
    let mut state = StateExt::new(view.clone());
    let code = RuntimeCode::new(&blob.bytes);
    // All steps of all migrations, and a look at the whole state, in one call.
    let limits = Limits { time: TRIAL_TIME, ..Limits::default() };
    match executor.call(code, Profile::Block, METHOD, &[], &mut state, limits) {
        Ok(answer) => Ok(Some(Decode::decode(&mut &answer[..])?)),
        Err(ExecutorError::ExportMissing(_)) => Ok(None),
        Err(error) => Err(error).context("its own checks"),
    }
}

/// The most that a block of this runtime may weigh.
fn block_weight_max(facts: &Facts) -> Weight {
    let system = facts.metadata.pallets.iter().find(|pallet| pallet.name == "System");
    let limits = system.and_then(|system| {
        system.constants.iter().find(|constant| constant.name == "BlockWeights")
    });
    // What a block costs by itself, then the most, each a time and a size.
    let weights = limits.and_then(|limits| {
        <[(Compact<u64>, Compact<u64>); 2]>::decode(&mut &limits.value[..]).ok()
    });
    weights.map_or(Weight::MAX, |[_, (time, size)]| Weight::from_parts(time.0, size.0))
}

/// The storage items of a runtime, by the first bytes of their keys.
struct Items<'a> {
    known: BTreeMap<Vec<u8>, (String, &'a StorageEntryMetadata<PortableForm>)>,
}

impl<'a> Items<'a> {
    fn new(facts: &'a Facts) -> Self {
        let mut known = BTreeMap::new();
        for pallet in &facts.metadata.pallets {
            let Some(storage) = &pallet.storage else { continue };
            for entry in &storage.entries {
                let key =
                    [twox_128(storage.prefix.as_bytes()), twox_128(entry.name.as_bytes())].concat();
                known.insert(key, (format!("{}.{}", storage.prefix, entry.name), entry));
            }
        }
        Self { known }
    }

    fn of(&self, key: &[u8]) -> Option<&(String, &'a StorageEntryMetadata<PortableForm>)> {
        self.known.get(key.get(..PREFIX_BYTES)?)
    }
}

/// How many values of each item the new runtime changed that the old one would not have.
fn migrated(
    items: &Items<'_>,
    usual: &BTreeSet<Vec<u8>>,
    changed: &BTreeSet<Vec<u8>>,
) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for key in changed.difference(usual) {
        if let Some((name, _)) = items.of(key) {
            *counts.entry(name.clone()).or_default() += 1;
        }
    }
    counts
}

/// Pallets whose storage is not of the version that the code expects.
fn versions(facts: &Facts, state: &StateView) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for (pallet, expected) in &facts.surface.storage_versions {
        let stored = state.get(&version_key(pallet))?;
        let stored = stored.map_or(Ok(0), |bytes| u16::decode(&mut &bytes[..]))?;
        if stored != *expected {
            problems.push(format!(
                "{pallet}'s storage has version {stored}, the code expects {expected}: a migration is missing"
            ));
        }
    }
    Ok(problems)
}

/// How many values decode, and what is wrong with the others.
fn decode_all(facts: &Facts, items: &Items<'_>, state: &StateView) -> Result<(usize, Vec<String>)> {
    let types = &facts.metadata.types;
    let (mut decoded, mut wrong) = (0, BTreeMap::<String, Vec<String>>::new());
    let mut orphans = BTreeMap::<Vec<u8>, usize>::new();
    let versions: BTreeSet<Vec<u8>> =
        facts.metadata.pallets.iter().map(|pallet| version_key(&pallet.name)).collect();
    for key in state.keys_with_prefix(&[], None, usize::MAX)? {
        if key.starts_with(b":") || versions.contains(&key) {
            continue;
        }
        let Some((name, entry)) = items.of(&key) else {
            *orphans.entry(key.get(..PREFIX_BYTES).unwrap_or(&key).to_vec()).or_default() += 1;
            continue;
        };
        let ty = match &entry.ty {
            StorageEntryType::Plain(value) | StorageEntryType::Map { value, .. } => value.id,
        };
        let value = state.get(&key)?.unwrap_or_default();
        let mut rest = &value[..];
        match scale_value::scale::decode_as_type(&mut rest, ty, types) {
            Ok(_) if rest.is_empty() => decoded += 1,
            Ok(_) => wrong.entry(name.clone()).or_default().push("is too long".into()),
            Err(error) => wrong.entry(name.clone()).or_default().push(error.to_string()),
        }
    }
    for (prefix, count) in orphans {
        output::line(&format!(
            "nobody reads {count} key(s) that begin with 0x{}",
            hex::encode(prefix)
        ));
    }
    let problem = |(name, errors): (String, Vec<String>)| {
        let shown: Vec<String> = errors.iter().take(SHOWN_MAX).cloned().collect();
        format!("{} value(s) of {name} do not decode ({})", errors.len(), shown.join(", "))
    };
    Ok((decoded, wrong.into_iter().map(problem).collect()))
}
