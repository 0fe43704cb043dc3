//! What goes into a payload.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::tx::PoolTx;
use citrate_core::{H256, OpaqueExtrinsic};
use citrate_dag::{PAYLOAD_EXTRINSIC_BYTES_MIN, payload_bytes_max};
use citrate_dag_types::DagConfiguration;

/// Fills a payload in the pool's order within the limits on bytes and number.
///
/// `taken` are transactions of payloads that are not merged yet. What is not `is_ours` is left to the authors
/// of parallel blocks. What depends on a transaction that is left out, or found no room, is left out as well: it could not be executed. Weight is not counted here: the
/// runtime meters it when the payload is merged, and what finds no room then returns to the pool.
pub fn propose(
    ready: &[Arc<PoolTx>],
    taken: &BTreeSet<H256>,
    configuration: &DagConfiguration,
    is_ours: impl Fn(&PoolTx) -> bool,
) -> Vec<OpaqueExtrinsic> {
    let bytes_max = payload_bytes_max(configuration);
    let count_max = bytes_max / PAYLOAD_EXTRINSIC_BYTES_MIN;
    let mut room = bytes_max;
    let mut missing: BTreeSet<&[u8]> = BTreeSet::new();
    let mut payload = Vec::new();
    for tx in ready {
        if taken.contains(&tx.hash) {
            continue;
        }
        let blocked =
            !is_ours(tx) || tx.requires.iter().any(|tag| missing.contains(tag.as_slice()));
        let bytes = tx.extrinsic.encoded_len();
        if blocked || bytes > room || payload.len() >= count_max {
            missing.extend(tx.provides.iter().map(Vec::as_slice));
            continue;
        }
        room -= bytes;
        payload.push(tx.extrinsic.clone());
    }
    payload
}
