mod model;
mod naive;
mod pool;
mod shared;

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic, TransactionSource, ValidTransaction};

use crate::{Limit, Pool, PoolConfig, PoolError};

/// An extrinsic with some bytes of its own.
fn extrinsic(id: u8) -> OpaqueExtrinsic {
    OpaqueExtrinsic(vec![id; 10])
}

fn hash(id: u8) -> H256 {
    extrinsic(id).hash()
}

fn block(id: u8) -> H256 {
    H256::repeat_byte(id)
}

fn valid(priority: u64, requires: &[&[u8]], provides: &[&[u8]]) -> ValidTransaction {
    ValidTransaction {
        priority,
        requires: requires.iter().map(|tag| tag.to_vec()).collect(),
        provides: provides.iter().map(|tag| tag.to_vec()).collect(),
        longevity: 64,
        propagate: true,
    }
}

fn config() -> PoolConfig {
    PoolConfig {
        ready: Limit { count: 8, bytes: 400 },
        future: Limit { count: 4, bytes: 200 },
        extrinsic_bytes_max: 100,
        ban_blocks: 10,
        bans_max: 8,
        doubts: Limit { count: 4, bytes: 50 },
        revalidate_max: 16,
        finality_timeout_blocks: 20,
        ..PoolConfig::default()
    }
}

fn import(pool: &mut Pool, id: u8, valid: ValidTransaction) -> Result<(), PoolError> {
    import_at(pool, id, valid, 0)
}

fn import_at(
    pool: &mut Pool,
    id: u8,
    valid: ValidTransaction,
    at: BlockNumber,
) -> Result<(), PoolError> {
    pool.import(hash(id), extrinsic(id), TransactionSource::External, valid, at)
}

fn ready(pool: &Pool) -> Vec<u8> {
    pool.ready().iter().map(|tx| tx.extrinsic.0[0]).collect()
}

fn statuses(pool: &mut Pool) -> Vec<(H256, crate::TxStatus)> {
    pool.take_outputs().into_iter().map(|output| (output.hash, output.status)).collect()
}
