use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use citrate_core::{
    BlockNumber, H256, InvalidTransaction, OpaqueExtrinsic, TransactionSource, TransactionValidity,
    TransactionValidityError, UnknownTransaction,
};

use super::{block, config, hash, valid};
use crate::{
    AcceptedTx, BestUpdate, BlockTxs, PoolApi, PoolConfig, PoolError, TxPool, TxStatus, WatchStream,
};

/// Transactions of one byte each: the account's nonce, from 0.
#[derive(Default)]
struct Account {
    nonce: AtomicU32,
}

impl PoolApi for Account {
    fn validate(
        &self,
        _at: &H256,
        _source: TransactionSource,
        extrinsic: &OpaqueExtrinsic,
    ) -> Result<TransactionValidity, String> {
        let Some(&nonce) = extrinsic.0.first() else { return Err("trap".into()) };
        let next = self.nonce.load(Ordering::SeqCst);
        if nonce == 255 {
            let cannot = UnknownTransaction::CannotLookup;
            return Ok(Err(TransactionValidityError::Unknown(cannot)));
        }
        if u32::from(nonce) < next {
            return Ok(Err(TransactionValidityError::Invalid(InvalidTransaction::Stale)));
        }
        let before = [nonce.wrapping_sub(1)];
        let requires: &[&[u8]] = if u32::from(nonce) == next { &[] } else { &[&before] };
        Ok(Ok(valid(1, requires, &[&[nonce]])))
    }

    fn best(&self) -> (H256, BlockNumber) {
        (block(1), 1)
    }
}

fn pool() -> (Arc<Account>, Arc<TxPool>) {
    let account = Arc::new(Account::default());
    let pool = TxPool::new(Arc::clone(&account) as Arc<dyn PoolApi>, config());
    (account, pool)
}

fn tx(nonce: u8) -> OpaqueExtrinsic {
    OpaqueExtrinsic(vec![nonce])
}

fn drain(stream: &mut WatchStream) -> Vec<TxStatus> {
    std::iter::from_fn(|| stream.try_recv()).collect()
}

#[test]
fn a_watcher_sees_the_whole_life() {
    let (account, pool) = pool();
    let mut announced = pool.subscribe_ready();
    let (first, mut stream) = pool.submit_and_watch(TransactionSource::External, tx(1)).unwrap();
    assert_eq!(drain(&mut stream), [TxStatus::Future]);
    pool.submit(TransactionSource::External, tx(0)).unwrap();
    assert_eq!(drain(&mut stream), [TxStatus::Ready]);
    assert_eq!(announced.try_recv(), Ok(tx(0).hash()));
    assert_eq!(announced.try_recv(), Ok(first));
    pool.on_broadcast(&first, vec!["peer".into()]);
    account.nonce.store(2, Ordering::SeqCst);
    let accepted = [0u8, 1].map(|nonce| AcceptedTx {
        hash: tx(nonce).hash(),
        index: u32::from(nonce) + 1,
        extrinsic: tx(nonce),
    });
    let included =
        BlockTxs { hash: block(2), number: 2, accepted: accepted.to_vec(), ..BlockTxs::default() };
    pool.on_best(&BestUpdate { number: 2, retracted: vec![], enacted: vec![included.clone()] });
    assert_eq!(pool.status().ready, 0);
    // The block goes, and the account is as it was: both come back.
    account.nonce.store(0, Ordering::SeqCst);
    pool.on_best(&BestUpdate { number: 1, retracted: vec![included.clone()], enacted: vec![] });
    assert_eq!(pool.status().ready, 2);
    pool.on_best(&BestUpdate { number: 2, retracted: vec![], enacted: vec![included] });
    pool.on_finalized(&[block(2)], 2);
    let in_block = TxStatus::InBlock { block: block(2), index: 2 };
    let finalized = TxStatus::Finalized { block: block(2), index: 2 };
    let statuses = drain(&mut stream);
    let expected =
        [TxStatus::Broadcast(vec!["peer".into()]), in_block.clone(), TxStatus::Retracted(block(2))];
    assert_eq!(statuses[..3], expected);
    assert_eq!(statuses[statuses.len() - 3..], [TxStatus::Ready, in_block, finalized]);
}

#[test]
fn verdicts_become_errors_of_their_own() {
    let (account, pool) = pool();
    account.nonce.store(2, Ordering::SeqCst);
    let submit = |nonce| pool.submit(TransactionSource::External, tx(nonce));
    let stale = PoolError::InvalidTransaction(InvalidTransaction::Stale);
    assert_eq!(submit(1), Err(stale));
    assert_eq!(submit(1), Err(PoolError::TemporarilyBanned));
    let unknown = PoolError::UnknownTransaction(UnknownTransaction::CannotLookup);
    assert_eq!(submit(255), Err(unknown.clone()));
    assert_eq!(submit(255), Err(unknown));
    let hash = submit(2).unwrap();
    assert_eq!(submit(2), Err(PoolError::AlreadyImported(hash)));
    let trap = pool.submit(TransactionSource::External, OpaqueExtrinsic(vec![]));
    assert_eq!(trap, Err(PoolError::Runtime("trap".into())));
}

#[test]
fn a_rival_on_the_best_chain_of_a_moment_decides_nothing() {
    let (account, pool) = pool();
    let (hash, mut stream) = pool.submit_and_watch(TransactionSource::External, tx(0)).unwrap();
    let accepted = AcceptedTx { hash, index: 1, extrinsic: tx(0) };
    let ours =
        BlockTxs { hash: block(2), number: 2, accepted: vec![accepted], ..BlockTxs::default() };
    let skipped = vec![hash];
    let theirs = BlockTxs { hash: block(3), number: 2, skipped, ..BlockTxs::default() };
    let best = |retracted: &[&BlockTxs], enacted: &BlockTxs| {
        let retracted = retracted.iter().map(|block| (*block).clone()).collect();
        pool.on_best(&BestUpdate { number: 2, retracted, enacted: vec![enacted.clone()] });
    };
    let in_block = TxStatus::InBlock { block: block(2), index: 1 };
    best(&[], &ours);
    // A chain is better in which the account has sent something else.
    account.nonce.store(1, Ordering::SeqCst);
    best(&[&ours], &theirs);
    let retracted = TxStatus::Retracted(block(2));
    assert_eq!(drain(&mut stream), [TxStatus::Ready, in_block.clone(), retracted.clone()]);
    assert_eq!(pool.submit(TransactionSource::External, tx(0)), Err(PoolError::TemporarilyBanned));
    // Finality has not come so far, then the first chain is better again, and it is asked anew.
    pool.on_finalized(&[block(1)], 1);
    best(&[&theirs], &ours);
    assert_eq!(drain(&mut stream), [in_block]);
    best(&[&ours], &theirs);
    assert_eq!(drain(&mut stream), [retracted]);
    // A final block without either of them brings it back; one that excludes it ends the watch.
    account.nonce.store(0, Ordering::SeqCst);
    pool.on_finalized(&[block(3)], 2);
    assert_eq!(drain(&mut stream), [TxStatus::Ready]);
    account.nonce.store(1, Ordering::SeqCst);
    pool.on_best(&BestUpdate { number: 3, retracted: vec![], enacted: vec![] });
    pool.on_finalized(&[block(4)], 3);
    assert_eq!(drain(&mut stream), [TxStatus::Invalid]);
    assert_eq!(pool.status().doubtful, 0);
}

#[test]
fn a_final_block_asks_about_a_bounded_number_of_doubts() {
    let account = Arc::new(Account::default());
    let chain = Arc::clone(&account) as Arc<dyn PoolApi>;
    let pool = TxPool::new(chain, PoolConfig { revalidate_max: 3, ..config() });
    for nonce in 0..4 {
        pool.submit(TransactionSource::External, tx(nonce)).unwrap();
    }
    account.nonce.store(4, Ordering::SeqCst);
    for number in [2, 3] {
        pool.on_best(&BestUpdate { number, retracted: vec![], enacted: vec![] });
    }
    assert_eq!(pool.status().doubtful, 4);
    pool.on_finalized(&[block(3)], 3);
    assert_eq!(pool.status().doubtful, 1);
    pool.on_finalized(&[block(4)], 4);
    assert_eq!(pool.status().doubtful, 0);
}

#[test]
fn the_number_of_watchers_is_bounded() {
    let account: Arc<dyn PoolApi> = Arc::new(Account::default());
    let pool = TxPool::new(account, PoolConfig { watchers_max: 1, ..config() });
    let (_, stream) = pool.submit_and_watch(TransactionSource::External, tx(0)).unwrap();
    let refused = pool.submit_and_watch(TransactionSource::External, tx(1)).map(|(hash, _)| hash);
    assert_eq!(refused, Err(PoolError::TooManyWatchers));
    drop(stream);
    pool.submit_and_watch(TransactionSource::External, tx(1)).unwrap();
    assert!(pool.remove(&tx(1).hash()));
    assert!(!pool.remove(&hash(9)));
}

#[test]
fn a_watcher_who_does_not_keep_up_is_told_that_nobody_looks_after_it() {
    let (_, pool) = pool();
    let (hash, mut slow) = pool.submit_and_watch(TransactionSource::External, tx(0)).unwrap();
    let peers = |id: u8| vec![id.to_string()];
    for id in 0..40 {
        pool.on_broadcast(&hash, peers(id));
    }
    // 32 statuses fit, the first of them `Ready`.
    let mut expected = vec![TxStatus::Ready];
    expected.extend((0..31).map(|id| TxStatus::Broadcast(peers(id))));
    expected.push(TxStatus::Dropped);
    assert_eq!(drain(&mut slow), expected);
    assert_eq!(slow.try_recv(), None, "and that once");
    assert!(pool.get(&hash).is_some(), "the transaction itself is not lost");
}

#[test]
fn what_there_was_no_time_for_comes_first_next_time() {
    let (account, pool) = pool();
    let mut watches: Vec<_> = (0..5)
        .map(|nonce| pool.submit_and_watch(TransactionSource::External, tx(nonce)).unwrap().1)
        .collect();
    // All of them become stale, which nobody knows before they are validated again.
    account.nonce.store(5, Ordering::SeqCst);
    let update = |number| BestUpdate { number, retracted: vec![], enacted: vec![] };
    let left = std::cell::Cell::new(2usize);
    let has_time = || left.replace(left.get().saturating_sub(1)) > 0;
    pool.on_best_within(&update(2), &has_time);
    assert_eq!(pool.status().ready + pool.status().future, 3, "there was time for two");
    pool.on_best_within(&update(3), &has_time);
    assert_eq!(pool.status().ready + pool.status().future, 3);
    pool.on_best(&update(4));
    assert_eq!(pool.status().ready + pool.status().future, 0, "and then for the rest");
    pool.on_finalized(&[block(4)], 4);
    for watch in &mut watches {
        assert_eq!(drain(watch).last(), Some(&TxStatus::Invalid));
    }
}

#[test]
fn no_watcher_is_left_without_a_last_word() {
    let (_, pool) = pool();
    let (hash, mut first) = pool.submit_and_watch(TransactionSource::External, tx(0)).unwrap();
    let accepted = AcceptedTx { hash, index: 1, extrinsic: tx(0) };
    let included =
        BlockTxs { hash: block(2), number: 2, accepted: vec![accepted], ..BlockTxs::default() };
    pool.on_best(&BestUpdate { number: 2, retracted: vec![], enacted: vec![included] });
    // The node that was asked has not seen that block's state yet: somebody else sends it again.
    let (_, mut second) = pool.submit_and_watch(TransactionSource::External, tx(0)).unwrap();
    pool.on_finalized(&[block(2)], 2);
    let in_block = TxStatus::InBlock { block: block(2), index: 1 };
    let finalized = TxStatus::Finalized { block: block(2), index: 1 };
    let again = TxStatus::Ready;
    assert_eq!(drain(&mut first), [TxStatus::Ready, in_block, again.clone(), finalized.clone()]);
    assert_eq!(drain(&mut second), [again, finalized]);
    // A node that stops ends what is still open.
    let (_, mut last) = pool.submit_and_watch(TransactionSource::External, tx(1)).unwrap();
    drop(pool);
    assert_eq!(drain(&mut last), [TxStatus::Ready, TxStatus::Dropped]);
}
