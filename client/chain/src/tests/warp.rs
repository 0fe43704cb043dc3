//! A chain that starts at a final block of another one, whose DAG is pruned.

use std::sync::Arc;

use citrate_core::Header;
use citrate_dag_types::DagBlock;
use citrate_db::{Db, DbConfig, Pruning};
use citrate_sync::{Depth, SyncChain, WindowEntry};
use citrate_trie::{Step, Walk};
use codec::DecodeAll;

use super::prune::{LENGTH, grow};
use crate::testing::{TestRuntime, balance, genesis, open, transfer};
use crate::{Chain, ChainConfig, ChainError};

const NOW_MS: u64 = 1_000_000_000;

fn config() -> DbConfig {
    DbConfig { pruning: Pruning::Keep(64), blocks: Pruning::Keep(64), ..DbConfig::in_memory() }
}

fn download(server: &Chain, db: &Db, header: &Header) {
    let (block, mut walk) = (header.hash(), Walk::new(header.state_root));
    while !walk.is_done() {
        let steps: Vec<Step> = walk.upcoming().take(8).copied().collect();
        let chunk = server.state(&block, &steps, Depth::Below, 256).unwrap();
        let mut nodes = Vec::new();
        for node in chunk {
            let step = walk.pop().unwrap();
            walk.push(step.open(&node).unwrap().into_iter());
            nodes.push((step.hash, node));
        }
        db.write_nodes(nodes, &[], vec![]).unwrap();
    }
}

fn window(server: &Chain, header: &Header) -> Vec<WindowEntry> {
    let mut entries: Vec<WindowEntry> = Vec::new();
    loop {
        let page = server.window(&header.hash(), entries.len(), 100_000).unwrap();
        let decoded = page.entries.iter().map(|entry| WindowEntry::decode_all(&mut &**entry));
        entries.extend(decoded.map(Result::unwrap));
        if entries.len() == usize::try_from(page.total).unwrap() {
            return entries;
        }
    }
}

#[test]
fn a_chain_starts_at_a_final_block_of_a_pruned_one_slow() {
    let server = open(&config()).unwrap();
    grow(&server, LENGTH);
    let header = server.header(&server.finalized().hash).unwrap().unwrap();
    assert!(server.offers(&header));
    let sink = server.header(&server.best().hash).unwrap().unwrap();
    assert!(!server.offers(&sink), "not final");
    let db = Arc::new(Db::open(&config()).unwrap());
    let reopen = || {
        let (machine, config) = (Arc::new(TestRuntime), ChainConfig::default());
        Chain::open(Arc::clone(&db), machine, &genesis(), config).unwrap()
    };
    let client = reopen();
    download(&server, &db, &header);
    let entries = window(&server, &header);
    assert!(entries.iter().all(|entry| entry.header.number > 100), "not from the first block on");
    let payload = server.payload(&header.hash()).unwrap().unwrap();
    // Another author's name on a record, whose key did not seal the header.
    let mut forged = entries.clone();
    forged[3].record.producer.as_mut().unwrap().author = [7; 32];
    let refused = client.start_at(&header, payload.clone(), forged, vec![]);
    assert!(matches!(refused, Err(ChainError::Window(_))));
    client.start_at(&header, payload, entries, vec![]).unwrap();
    drop(client);
    let client = reopen();
    assert_eq!((client.best(), client.finalized()), (server.finalized(), server.finalized()));
    assert_eq!(client.status().oldest, header.number + 1);
    // The server goes on, and the other one after it.
    let nonce = LENGTH / 100;
    grow(&server, LENGTH + 120);
    loop {
        let page = server.headers_after(&client.locator(), 64, usize::MAX);
        assert!(page.common.is_some());
        if page.headers.is_empty() {
            break;
        }
        for header in page.headers {
            let payload = server.payload(&header.hash()).unwrap().unwrap();
            client.import_at(DagBlock { header, payload }, NOW_MS).unwrap();
        }
    }
    assert_eq!((client.best(), client.finalized()), (server.best(), server.finalized()));
    let best = client.best().hash;
    assert_eq!(balance(&client, &best, 0), balance(&server, &best, 0));
    let sent = transfer(0, 1, nonce, 0);
    assert!(client.transaction(&sent.hash()).unwrap().is_some());
    assert!(client.is_body_pruned(&header.hash()).unwrap());
    drop(client);
    assert_eq!(reopen().best().hash, best, "after a restart");
}
