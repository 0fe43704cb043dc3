//! Storage queries of the new spec, answered a page at a time.

use std::collections::VecDeque;

use citrate_core::{hashing::blake2_256, well_known_keys::DEFAULT_CHILD_STORAGE_KEY_PREFIX};
use citrate_trie::{StateView, TrieError};
use jsonrpsee::types::ErrorObjectOwned;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::invalid_params;
use crate::params::{decode_hex, hex_string};

/// LIMIT: items of one query.
pub(crate) const ITEMS_MAX: usize = 1024;
/// Results in one page.
const PAGE_ITEMS: usize = 256;
/// Bytes after which a page ends; one value may go over it.
const PAGE_BYTES: usize = 1024 * 1024;

/// What is asked about a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ItemKind {
    Value,
    Hash,
    ClosestDescendantMerkleValue,
    DescendantsValues,
    DescendantsHashes,
}

/// An item as a client sends it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemParam {
    key: String,
    #[serde(rename = "type")]
    kind: ItemKind,
    #[serde(default)]
    pagination_start_key: Option<String>,
}

#[derive(Clone, Debug)]
struct Item {
    key: Vec<u8>,
    kind: ItemKind,
    /// Descendants go on above this key.
    after: Option<Vec<u8>>,
}

/// A query and how far it has come.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    child: Option<Vec<u8>>,
    items: VecDeque<Item>,
}

impl Query {
    pub(crate) fn new(
        items: Vec<ItemParam>,
        child: Option<Vec<u8>>,
    ) -> Result<Self, ErrorObjectOwned> {
        if items.len() > ITEMS_MAX {
            return Err(invalid_params(format!("at most {ITEMS_MAX} items")));
        }
        let hex = |text: &str| decode_hex(text).map_err(invalid_params);
        let item = |param: ItemParam| {
            let after = param.pagination_start_key.as_deref().map(hex).transpose()?;
            Ok(Item { key: hex(&param.key)?, kind: param.kind, after })
        };
        let items = items.into_iter().map(item).collect::<Result<_, ErrorObjectOwned>>()?;
        // Clients name a child trie by its root's key, or by its bare name.
        let bare = |key: Vec<u8>| {
            key.strip_prefix(DEFAULT_CHILD_STORAGE_KEY_PREFIX).map(<[u8]>::to_vec).unwrap_or(key)
        };
        Ok(Self { child: child.map(bare), items })
    }

    /// The name of the child trie, if the query is about one.
    pub(crate) fn child(&self) -> Option<&[u8]> {
        self.child.as_deref()
    }

    /// The next results; `None` when there are no more. A page may be empty.
    pub(crate) fn next_page(&mut self, state: &StateView) -> Result<Option<Vec<Value>>, TrieError> {
        if self.items.is_empty() {
            return Ok(None);
        }
        let mut page = Page::default();
        while !page.is_full() {
            let Some(item) = self.items.front_mut() else { break };
            if advance(state, self.child.as_deref(), item, &mut page)? {
                self.items.pop_front();
            }
        }
        Ok(Some(page.results))
    }
}

#[derive(Default)]
struct Page {
    results: Vec<Value>,
    bytes: usize,
}

impl Page {
    fn is_full(&self) -> bool {
        self.results.len() >= PAGE_ITEMS || self.bytes >= PAGE_BYTES
    }

    fn push(&mut self, key: &[u8], field: &str, value: &[u8]) {
        self.bytes += key.len() + value.len();
        self.results.push(json!({ "key": hex_string(key), field: hex_string(value) }));
    }
}

/// Adds results of `item` until the page is full; whether the item is done.
fn advance(
    state: &StateView,
    child: Option<&[u8]>,
    item: &mut Item,
    page: &mut Page,
) -> Result<bool, TrieError> {
    let get = |key: &[u8]| match child {
        Some(child) => state.child_get(child, key),
        None => state.get(key),
    };
    match item.kind {
        ItemKind::Value => {
            if let Some(value) = get(&item.key)? {
                page.push(&item.key, "value", &value);
            }
            return Ok(true);
        }
        ItemKind::Hash => {
            if let Some(value) = get(&item.key)? {
                page.push(&item.key, "hash", &blake2_256(&value));
            }
            return Ok(true);
        }
        ItemKind::ClosestDescendantMerkleValue => {
            let found = match child {
                Some(child) => state.child_closest_merkle_value(child, &item.key)?,
                None => state.closest_merkle_value(&item.key)?,
            };
            if let Some(value) = found {
                page.push(&item.key, "closestDescendantMerkleValue", &value);
            }
            return Ok(true);
        }
        ItemKind::DescendantsValues | ItemKind::DescendantsHashes => {}
    }
    let after = item.after.as_deref();
    let keys = match child {
        Some(child) => state.child_keys_with_prefix(child, &item.key, after, PAGE_ITEMS)?,
        None => state.keys_with_prefix(&item.key, after, PAGE_ITEMS)?,
    };
    let is_last = keys.len() < PAGE_ITEMS;
    for key in keys {
        if page.is_full() {
            return Ok(false);
        }
        let value = get(&key)?.unwrap_or_default();
        match item.kind {
            ItemKind::DescendantsHashes => page.push(&key, "hash", &blake2_256(&value)),
            _ => page.push(&key, "value", &value),
        }
        item.after = Some(key);
    }
    Ok(is_last)
}
