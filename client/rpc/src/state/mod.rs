//! `state_*` and `childstate_*`: storage, runtime calls and read proofs.

mod child;
mod subscribe;

pub(crate) use subscribe::next_best;

use std::collections::BTreeMap;

use citrate_core::{H256, hashing::blake2_256};
use citrate_trie::StateView;
use codec::Decode;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{self, Answer, bad_count, bad_range, internal};
use crate::params::{Args, hex_or_null, hex_string};
use crate::registry::{Policy, Registry};

/// LIMIT: keys in one page.
const PAGE_MAX: u64 = 1000;
/// LIMIT: keys in one query.
const KEYS_MAX: usize = 8192;
/// LIMIT: keys of `state_getKeys` and `state_getPairs`, which have no pages.
const UNPAGED_MAX: usize = 65_536;
/// LIMIT: blocks that `state_queryStorage` walks.
const RANGE_MAX: usize = 1024;

pub(crate) fn register(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["state_call", "state_callAt"], safe, call);
    registry.method(&["state_getMetadata"], safe, metadata);
    registry.method(
        &["state_getRuntimeVersion", "chain_getRuntimeVersion"],
        safe,
        |context, args| {
            let at = context.block_or_best(args.hash_opt(0, "at")?);
            Ok(json!(*context.backend.runtime_version(&at)?))
        },
    );
    registry.method(&["state_getStorage", "state_getStorageAt"], safe, |context, args| {
        Ok(hex_or_null(value(context, args)?))
    });
    registry.method(&["state_getStorageHash", "state_getStorageHashAt"], safe, |context, args| {
        Ok(hex_or_null(value(context, args)?.map(|value| blake2_256(&value))))
    });
    registry.method(&["state_getStorageSize", "state_getStorageSizeAt"], safe, |context, args| {
        Ok(json!(value(context, args)?.map(|value| value.len())))
    });
    registry.method(&["state_getKeysPaged", "state_getKeysPagedAt"], safe, |context, args| {
        let prefix = args.bytes_opt(0, "prefix")?.unwrap_or_default();
        let (count, start) = page(args, 1)?;
        let state = context.state(args.hash_opt(3, "at")?)?;
        let keys = state.keys_with_prefix(&prefix, start.as_deref(), count);
        Ok(hex_list(keys.map_err(error::state)?))
    });
    registry.method(&["state_getKeys"], Policy::Unsafe, |context, args| {
        let prefix = args.bytes(0, "prefix")?;
        let state = context.state(args.hash_opt(1, "at")?)?;
        let keys = state.keys_with_prefix(&prefix, None, UNPAGED_MAX + 1).map_err(error::state)?;
        unpaged(keys.len())?;
        Ok(hex_list(keys))
    });
    registry.method(&["state_getPairs"], Policy::Unsafe, |context, args| {
        let prefix = args.bytes(0, "prefix")?;
        let state = context.state(args.hash_opt(1, "at")?)?;
        let pairs =
            state.pairs_with_prefix(&prefix, None, UNPAGED_MAX + 1).map_err(error::state)?;
        unpaged(pairs.len())?;
        Ok(pairs.iter().map(|(key, value)| json!([hex_string(key), hex_string(value)])).collect())
    });
    registry.method(&["state_queryStorageAt"], safe, |context, args| {
        let keys = args.bytes_list(0, "keys", KEYS_MAX)?;
        let at = context.block_or_best(args.hash_opt(1, "at")?);
        let values = read_all(&context.backend.state_at(&at)?, &keys)?;
        Ok(json!([change_set(&at, keys.iter().zip(&values))]))
    });
    registry.method(&["state_queryStorage"], Policy::Unsafe, query_storage);
    registry.method(&["state_getReadProof"], safe, |context, args| {
        let keys = args.bytes_list(0, "keys", KEYS_MAX)?;
        let at = context.block_or_best(args.hash_opt(1, "at")?);
        let proof = context.backend.state_at(&at)?.prove(&keys).map_err(error::state)?;
        Ok(json!({ "at": at, "proof": hex_list(proof) }))
    });
    child::register(registry);
    subscribe::register(registry);
}

fn call(context: &Context, args: &Args) -> Answer {
    let method = args.string(0, "method")?;
    let data = args.bytes_opt(1, "data")?.unwrap_or_default();
    let at = context.block_or_best(args.hash_opt(2, "at")?);
    Ok(json!(hex_string(context.backend.call(&at, &method, &data)?)))
}

/// Metadata V14 as it stands inside the `OpaqueMetadata`, without the outer length.
fn metadata(context: &Context, args: &Args) -> Answer {
    let at = context.block_or_best(args.hash_opt(0, "at")?);
    let answer = context.backend.call(&at, "Metadata_metadata", &[])?;
    Ok(json!(hex_string(Vec::<u8>::decode(&mut &answer[..]).map_err(internal)?)))
}

fn value(context: &Context, args: &Args) -> Result<Option<Vec<u8>>, ErrorObjectOwned> {
    let key = args.bytes(0, "key")?;
    context.state(args.hash_opt(1, "at")?)?.get(&key).map_err(error::state)
}

/// Count and start key of a page, at positions `index` and the one after.
fn page(args: &Args, index: usize) -> Result<(usize, Option<Vec<u8>>), ErrorObjectOwned> {
    let count = args.number(index, "count")?;
    if count > PAGE_MAX {
        return Err(bad_count(count, PAGE_MAX));
    }
    let start = args.bytes_opt(index + 1, "startKey")?.filter(|key| !key.is_empty());
    Ok((usize::try_from(count).unwrap_or(usize::MAX), start))
}

fn unpaged(count: usize) -> Result<(), ErrorObjectOwned> {
    let max = UNPAGED_MAX;
    if count > max { Err(bad_count(count as u64, max as u64)) } else { Ok(()) }
}

fn hex_list<T: AsRef<[u8]>>(items: impl IntoIterator<Item = T>) -> Value {
    items.into_iter().map(hex_string).collect()
}

type Values = Vec<Option<Vec<u8>>>;

fn read_all(state: &StateView, keys: &[Vec<u8>]) -> Result<Values, ErrorObjectOwned> {
    keys.iter().map(|key| state.get(key).map_err(error::state)).collect()
}

fn change_set<'a>(
    block: &H256,
    changes: impl IntoIterator<Item = (&'a Vec<u8>, &'a Option<Vec<u8>>)>,
) -> Value {
    let change = |(key, value): (&Vec<u8>, &Option<Vec<u8>>)| {
        json!([hex_string(key), hex_or_null(value.as_ref())])
    };
    let changes: Vec<Value> = changes.into_iter().map(change).collect();
    json!({ "block": block, "changes": changes })
}

/// The values at the first block, then what changed in each block up to the last.
fn query_storage(context: &Context, args: &Args) -> Answer {
    let keys = args.bytes_list(0, "keys", KEYS_MAX)?;
    let from = args.hash(1, "fromBlock")?;
    let to = context.block_or_best(args.hash_opt(2, "toBlock")?);
    let mut known: BTreeMap<&Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
    let mut sets = Vec::new();
    for block in chain_between(context, from, to)? {
        let values = read_all(&context.backend.state_at(&block)?, &keys)?;
        let mut changes = Vec::new();
        for (key, value) in keys.iter().zip(&values) {
            if known.get(key) != Some(value) {
                known.insert(key, value.clone());
                changes.push((key, value));
            }
        }
        if !changes.is_empty() {
            sets.push(change_set(&block, changes));
        }
    }
    Ok(Value::Array(sets))
}

/// The blocks from `from` to its descendant `to`, both included.
fn chain_between(context: &Context, from: H256, to: H256) -> Result<Vec<H256>, ErrorObjectOwned> {
    let mut blocks = vec![to];
    let mut current = to;
    while current != from {
        let header = context.backend.header(&current)?;
        let Some(header) = header.filter(|header| header.number > 0) else {
            return Err(bad_range(format!("{from:?} is no ancestor of {to:?}")));
        };
        current = header.parent_hash;
        blocks.push(current);
        if blocks.len() > RANGE_MAX {
            return Err(bad_range(format!("at most {RANGE_MAX} blocks")));
        }
    }
    blocks.reverse();
    Ok(blocks)
}
