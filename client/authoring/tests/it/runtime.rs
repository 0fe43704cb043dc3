use citrate_chain::{ChainError, RuntimeError, TxStatus as Place};
use citrate_core::{Era, InvalidTransaction, TransactionSource, TransactionValidityError};
use citrate_dag_types::split_seal;
use citrate_db::DbConfig;
use citrate_txpool::{PoolError, TxStatus};
use codec::Encode;

use crate::node::Node;

const AMOUNT: u128 = 5_000_000_000_000;

#[test]
fn a_transfer_on_the_wasm_runtime_and_a_restart_slow() {
    let folder = tempfile::tempdir().unwrap();
    let config = DbConfig::on_disk(folder.path());
    let mut node = Node::open(&config);
    for _ in 0..3 {
        node.step();
    }
    assert_eq!(node.chain.best().number, 3);
    let before = node.free(&node.chain.best().hash, "//Bob");
    let tx = node.transfer("//Alice", "//Bob", 0, AMOUNT, None);
    let source = TransactionSource::External;
    let (hash, mut watch) = node.pool.submit_and_watch(source, tx).unwrap();
    // The second waits for the first's nonce; both go into one payload.
    let second = node.transfer("//Alice", "//Bob", 1, AMOUNT, None);
    node.pool.submit(source, second).unwrap();
    let carrier = node.step();
    assert_eq!(node.chain.payload(&carrier).unwrap().unwrap().len(), 2);
    assert_eq!(node.free(&carrier, "//Bob"), before, "not executed yet");
    let accepting = node.step();
    assert_eq!(node.chain.best().number, 5);
    assert_eq!(node.free(&accepting, "//Bob"), before + 2 * AMOUNT);
    let record = node.chain.transaction(&hash).unwrap().unwrap();
    assert_eq!((record.payload_block, record.accepting_block), (carrier, Some(accepting)));
    assert_eq!((record.index, record.status), (Some(1), Place::Accepted));
    node.step();
    let statuses: Vec<TxStatus> = std::iter::from_fn(|| watch.try_recv()).collect();
    let in_block = TxStatus::InBlock { block: accepting, index: 1 };
    let finalized = TxStatus::Finalized { block: accepting, index: 1 };
    assert_eq!(statuses, [TxStatus::Ready, in_block, finalized]);

    // The header and the accepted list are an ordinary block of the runtime.
    let (unsealed, _) = split_seal(&node.chain.header(&accepting).unwrap().unwrap()).unwrap();
    let body = node.chain.accepted(&accepting).unwrap().unwrap();
    let execute = "Core_execute_block";
    node.chain.call(&carrier, execute, &(&unsealed, &body).encode()).unwrap();
    let refused = node.chain.call(&carrier, execute, &(&unsealed, &body[..2]).encode());
    assert!(matches!(refused, Err(ChainError::Runtime(RuntimeError::Trapped(_)))));

    let best = node.chain.best();
    drop(node);
    let mut node = Node::open(&config);
    assert_eq!(node.chain.best(), best);
    let next = node.step();
    assert_eq!(node.free(&next, "//Bob"), before + 2 * AMOUNT);
}

#[test]
fn what_is_not_valid_is_refused_by_the_pool_and_skipped_in_a_payload_slow() {
    let mut node = Node::open(&DbConfig::in_memory());
    let first = node.step();
    let used = node.transfer("//Alice", "//Bob", 0, AMOUNT, None);
    node.pool.submit(TransactionSource::External, used).unwrap();
    node.step();
    node.step();
    let stale = node.transfer("//Alice", "//Bob", 0, AMOUNT + 1, None);
    let mut forged = node.transfer("//Alice", "//Bob", 1, AMOUNT, None);
    // A byte of the signature.
    forged.0[40] ^= 1;
    // An era whose block is another one.
    let era = Era::mortal(4, 1);
    let wrong_era = node.transfer("//Alice", "//Bob", 1, AMOUNT, Some((era, first)));
    for _ in 0..6 {
        node.step();
    }
    let cases = [
        (stale, InvalidTransaction::Stale),
        (forged, InvalidTransaction::BadProof),
        (wrong_era, InvalidTransaction::BadProof),
    ];
    for (tx, reason) in cases {
        let refused = node.pool.submit(TransactionSource::External, tx.clone());
        assert!(
            matches!(refused, Err(PoolError::InvalidTransaction(_))),
            "{reason:?}: {refused:?}"
        );
        let best = node.chain.best();
        // An author who proposes it all the same gets it skipped, with the reason on record.
        let carrier = node.step_with(vec![tx.clone()]);
        assert_ne!(carrier, best.hash);
        let accepting = node.step();
        let record = node.chain.transaction(&tx.hash()).unwrap().unwrap();
        assert_eq!(record.accepting_block, Some(accepting));
        let Place::Skipped(TransactionValidityError::Invalid(why)) = record.status else {
            panic!("{:?}", record.status)
        };
        let stale_era = why == InvalidTransaction::AncientBirthBlock;
        assert!(why == reason || stale_era, "{why:?} is not {reason:?}");
        assert_eq!(node.chain.accepted(&accepting).unwrap().unwrap().len(), 1);
    }
}
