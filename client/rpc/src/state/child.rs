//! `childstate_*`: the same for child tries.

use citrate_core::{hashing::blake2_256, well_known_keys::DEFAULT_CHILD_STORAGE_KEY_PREFIX};
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use super::{KEYS_MAX, UNPAGED_MAX, hex_list, page, unpaged};
use crate::context::Context;
use crate::error::{self, invalid_params};
use crate::params::{Args, hex_or_null, hex_string};
use crate::registry::{Policy, Registry};

pub(super) fn register(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["childstate_getStorage"], safe, |context, args| {
        Ok(hex_or_null(value(context, args)?))
    });
    registry.method(&["childstate_getStorageHash"], safe, |context, args| {
        Ok(hex_or_null(value(context, args)?.map(|value| blake2_256(&value))))
    });
    registry.method(&["childstate_getStorageSize"], safe, |context, args| {
        Ok(json!(value(context, args)?.map(|value| value.len())))
    });
    registry.method(&["childstate_getStorageEntries"], safe, |context, args| {
        let name = child_name(args)?;
        let keys = args.bytes_list(1, "keys", KEYS_MAX)?;
        let state = context.state(args.hash_opt(2, "at")?)?;
        let value = |key: &Vec<u8>| -> Result<Value, ErrorObjectOwned> {
            Ok(hex_or_null(state.child_get(&name, key).map_err(error::state)?))
        };
        Ok(Value::Array(keys.iter().map(value).collect::<Result<_, _>>()?))
    });
    registry.method(&["childstate_getKeys"], Policy::Unsafe, |context, args| {
        let name = child_name(args)?;
        let prefix = args.bytes(1, "prefix")?;
        let state = context.state(args.hash_opt(2, "at")?)?;
        let keys = state.child_keys_with_prefix(&name, &prefix, None, UNPAGED_MAX + 1);
        let keys = keys.map_err(error::state)?;
        unpaged(keys.len())?;
        Ok(hex_list(keys))
    });
    registry.method(
        &["childstate_getKeysPaged", "childstate_getKeysPagedAt"],
        safe,
        |context, args| {
            let name = child_name(args)?;
            let prefix = args.bytes_opt(1, "prefix")?.unwrap_or_default();
            let (count, start) = page(args, 2)?;
            let state = context.state(args.hash_opt(4, "at")?)?;
            let keys = state.child_keys_with_prefix(&name, &prefix, start.as_deref(), count);
            Ok(hex_list(keys.map_err(error::state)?))
        },
    );
    registry.method(&["state_getChildReadProof"], safe, |context, args| {
        let name = child_name(args)?;
        let keys = args.bytes_list(1, "keys", KEYS_MAX)?;
        let at = context.block_or_best(args.hash_opt(2, "at")?);
        let state = context.backend.state_at(&at)?;
        let proof = state.prove_child(&name, &keys).map_err(error::state)?;
        let proof: Vec<String> = proof.iter().map(hex_string).collect();
        Ok(json!({ "at": at, "proof": proof }))
    });
}

fn value(context: &Context, args: &Args) -> Result<Option<Vec<u8>>, ErrorObjectOwned> {
    let name = child_name(args)?;
    let key = args.bytes(1, "key")?;
    let state = context.state(args.hash_opt(2, "at")?)?;
    state.child_get(&name, &key).map_err(error::state)
}

/// Clients name a child trie by the key of its root.
fn child_name(args: &Args) -> Result<Vec<u8>, ErrorObjectOwned> {
    let key = args.bytes(0, "childStorageKey")?;
    let name = key.strip_prefix(DEFAULT_CHILD_STORAGE_KEY_PREFIX);
    name.map(<[u8]>::to_vec).ok_or_else(|| invalid_params("Invalid child storage key"))
}
