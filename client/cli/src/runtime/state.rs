//! A chain's state, fetched from a node and checked.

use crate::remote::Node;
use anyhow::{Context, Result, bail, ensure};
use citrate_core::{H256, Header, StateVersion, well_known_keys::CHILD_STORAGE_KEY_PREFIX};
use citrate_host::{Externalities as _, StateExt};
use citrate_trie::{EMPTY_ROOT, MemoryNodes, StateView};
use codec::Decode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Keys asked for at a time.
const PAGE: usize = 1_000;
/// LIMIT: bytes of keys and values; they are held in memory.
const STATE_BYTES_MAX: usize = 2 << 30;

/// The state after a block.
pub(super) struct ChainState {
    pub(super) header: Header,
    pub(super) hash: H256,
    pub(super) view: StateView,
    /// What holds the state; the states of blocks after it may be added.
    pub(super) nodes: Arc<MemoryNodes>,
    pub(super) keys: usize,
    pub(super) bytes: usize,
}

/// Fetches the state after a block, by default the last final one.
///
/// # Errors
/// When the node does not have it, or what it gave is not what the block's header says.
pub(super) fn fetch(node: &Node, at: Option<H256>) -> Result<ChainState> {
    let hash = match at {
        Some(hash) => hash,
        None => H256::decode(&mut &node.call_bytes("chain_getFinalizedHead", &json!([]))?[..])?,
    };
    let header = header(node, hash)?;
    let nodes = Arc::new(MemoryNodes::new());
    let mut state = StateExt::new(StateView::new(Arc::clone(&nodes) as Arc<_>, EMPTY_ROOT));
    let (mut keys, mut bytes, mut start) = (0, 0, None::<String>);
    loop {
        let page = node.call("state_getKeysPaged", &json!(["0x", PAGE, start, hash]))?;
        let page = page.as_array().context("keys are a list")?;
        let Some(last) = page.last().and_then(Value::as_str) else { break };
        start = Some(last.to_owned());
        for (key, value) in values(node, page, hash)? {
            if key.starts_with(CHILD_STORAGE_KEY_PREFIX) {
                bail!("the state has child tries, which cannot be fetched yet");
            }
            keys += 1;
            bytes += key.len() + value.len();
            ensure!(bytes <= STATE_BYTES_MAX, "the state has more than {STATE_BYTES_MAX} bytes");
            state.set(key, Some(value));
        }
    }
    let finished = state.finish(StateVersion::V1)?;
    ensure!(
        finished.root == header.state_root,
        "the node's answers are not the state of block {}: the root is {:?} instead of {:?}",
        header.number,
        finished.root,
        header.state_root
    );
    nodes.insert(&finished.delta);
    let view = StateView::new(Arc::clone(&nodes) as Arc<_>, finished.root);
    Ok(ChainState { header, hash, view, nodes, keys, bytes })
}

/// The state of a genesis.
pub(super) fn of(genesis: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<ChainState> {
    let nodes = Arc::new(MemoryNodes::new());
    let mut state = StateExt::new(StateView::new(Arc::clone(&nodes) as Arc<_>, EMPTY_ROOT));
    let (mut keys, mut bytes) = (0, 0);
    for (key, value) in genesis {
        let Some(value) = value else { continue };
        keys += 1;
        bytes += key.len() + value.len();
        state.set(key, Some(value));
    }
    let finished = state.finish(StateVersion::V1)?;
    nodes.insert(&finished.delta);
    let view = StateView::new(Arc::clone(&nodes) as Arc<_>, finished.root);
    let header = Header {
        parent_hash: H256::zero(),
        number: 0,
        state_root: finished.root,
        extrinsics_root: H256::zero(),
        digest: citrate_core::Digest::default(),
    };
    Ok(ChainState { hash: header.hash(), header, view, nodes, keys, bytes })
}

fn values(node: &Node, keys: &[Value], at: H256) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let answer = node.call("state_queryStorageAt", &json!([keys, at]))?;
    let changes = answer[0]["changes"].as_array().context("values are a list")?;
    let hex = |value: &Value| -> Result<Vec<u8>> {
        let text = value.as_str().context("a key without a value")?;
        Ok(hex::decode(text.trim_start_matches("0x"))?)
    };
    changes.iter().map(|change| Ok((hex(&change[0])?, hex(&change[1])?))).collect()
}

fn header(node: &Node, hash: H256) -> Result<Header> {
    let json = node.call("chain_getHeader", &json!([hash]))?;
    ensure!(!json.is_null(), "the node has no block {hash:?}");
    let bytes = |value: &Value| -> Result<Vec<u8>> {
        let text = value.as_str().context("a header's field is hex")?;
        Ok(hex::decode(text.trim_start_matches("0x"))?)
    };
    let root = |name: &str| Ok::<_, anyhow::Error>(H256::decode(&mut &bytes(&json[name])?[..])?);
    let number = json["number"].as_str().context("a header has a number")?;
    let logs = json["digest"]["logs"].as_array().context("a header has a digest")?;
    let logs = logs.iter().map(|item| Ok(Decode::decode(&mut &bytes(item)?[..])?));
    Ok(Header {
        parent_hash: root("parentHash")?,
        number: u32::from_str_radix(number.trim_start_matches("0x"), 16)?,
        state_root: root("stateRoot")?,
        extrinsics_root: root("extrinsicsRoot")?,
        digest: citrate_core::Digest { logs: logs.collect::<Result<_>>()? },
    })
}
