//! `citrate try-upgrade`: runs a new runtime's migrations on a running chain's state, and looks at what they leave.

use super::blob::{Blob, Facts, version_key};
use super::{TryUpgradeArgs, diff, state};
use crate::{Distribution, output, remote::Node};
use anyhow::{Context, Result, ensure};
use citrate_core::{Digest, DigestItem, H256, Header, Weight, hashing::twox_128, well_known_keys};
use citrate_executor::{Executor, Limits, Profile, RuntimeCode};
use citrate_host::{Externalities as _, StateExt};
use citrate_trie::{ChangeSet, StateView};
use codec::{Compact, Decode, Encode};
use frame_metadata::v14::{StorageEntryMetadata, StorageEntryType};
use scale_info::form::PortableForm;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

/// Bytes of the part of a key that names pallet and item.
const PREFIX_BYTES: usize = 32;
/// How many values that do not decode are shown of an item.
const SHOWN_MAX: usize = 1;

/// `citrate try-upgrade`.
///
/// # Errors
/// When the upgrade would not go well: the first block of the new runtime traps, or a value does not decode as what
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

    let header = next(&fetched.header, fetched.hash);
    let usual = first_block(&executor, &fetched.view, &old, &header)
        .context("the present runtime cannot make a block on this state")?;
    let begun = Instant::now();
    let changed = first_block(&executor, &fetched.view, &new, &header)
        .context("the first block of the new runtime fails")?;
    let time = begun.elapsed();
    let weight = mandatory_weight(&changed);
    let limit = block_weight_max(&after);
    output::line(&format!(
        "first block of the new runtime: {} ms, weight {} of {} ns",
        time.as_millis(),
        weight.ref_time() / 1_000,
        limit.ref_time() / 1_000
    ));
    let items = Items::new(&after);
    for (item, count) in migrated(&items, &usual, &changed) {
        output::line(&format!("migrated {item}: {count} value(s)"));
    }
    let mut problems = difference.problems;
    if weight.any_gt(limit) {
        problems
            .push("the migrations weigh more than a block may: spread them over several".into());
    }
    let state = Merged { view: &fetched.view, changes: &changed };
    problems.extend(versions(&after, &state)?);
    let (decoded, wrong) = decode_all(&after, &items, &state)?;
    output::line(&format!("{decoded} values decode as the new runtime's types"));
    problems.extend(wrong);
    ensure!(problems.is_empty(), "{}", problems.join("; "));
    output::line("the upgrade can be made");
    Ok(())
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

/// What a runtime changes as it begins the next block, which is when migrations run.
fn first_block(
    executor: &Executor,
    view: &StateView,
    blob: &Blob,
    header: &Header,
) -> Result<ChangeSet> {
    let mut state = StateExt::new(view.clone());
    state.set(well_known_keys::CODE.to_vec(), Some(blob.bytes.clone()));
    let code = RuntimeCode::new(&blob.bytes);
    let (method, limits) = ("Core_initialize_block", Limits::default());
    executor.call(code, Profile::Block, method, &header.encode(), &mut state, limits)?;
    Ok(state.into_changes())
}

/// The weight of what every block has to execute.
fn mandatory_weight(changes: &ChangeSet) -> Weight {
    let key = [twox_128(b"System"), twox_128(b"BlockWeight")].concat();
    let value = changes.top.get(&key).cloned().flatten().unwrap_or_default();
    // Normal, operational and mandatory, each a time and a size.
    let weights = <[(Compact<u64>, Compact<u64>); 3]>::decode(&mut &value[..]);
    weights.map_or(Weight::zero(), |[.., (time, size)]| Weight::from_parts(time.0, size.0))
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
fn migrated(items: &Items<'_>, usual: &ChangeSet, changed: &ChangeSet) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for key in changed.top.keys().filter(|key| !usual.top.contains_key(*key)) {
        if let Some((name, _)) = items.of(key) {
            *counts.entry(name.clone()).or_default() += 1;
        }
    }
    counts
}

/// The state after the first block.
struct Merged<'a> {
    view: &'a StateView,
    changes: &'a ChangeSet,
}

impl Merged<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        match self.changes.top.get(key) {
            Some(value) => Ok(value.clone()),
            None => Ok(self.view.get(key)?),
        }
    }

    fn keys(&self) -> Result<BTreeSet<Vec<u8>>> {
        let mut keys: BTreeSet<Vec<u8>> =
            self.view.keys_with_prefix(&[], None, usize::MAX)?.into_iter().collect();
        for (key, value) in &self.changes.top {
            match value {
                Some(_) => keys.insert(key.clone()),
                None => keys.remove(key),
            };
        }
        Ok(keys)
    }
}

/// Pallets whose storage is not of the version that the code expects.
fn versions(facts: &Facts, state: &Merged<'_>) -> Result<Vec<String>> {
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
fn decode_all(
    facts: &Facts,
    items: &Items<'_>,
    state: &Merged<'_>,
) -> Result<(usize, Vec<String>)> {
    let types = &facts.metadata.types;
    let (mut decoded, mut wrong) = (0, BTreeMap::<String, Vec<String>>::new());
    let mut orphans = BTreeMap::<Vec<u8>, usize>::new();
    let versions: BTreeSet<Vec<u8>> =
        facts.metadata.pallets.iter().map(|pallet| version_key(&pallet.name)).collect();
    for key in state.keys()? {
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
