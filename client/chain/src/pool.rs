//! What the transaction pool asks of the chain.

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic, TransactionSource, TransactionValidity};
use citrate_txpool::PoolApi;

use crate::chain::Chain;

impl PoolApi for Chain {
    fn validate(
        &self,
        at: &H256,
        source: TransactionSource,
        extrinsic: &OpaqueExtrinsic,
    ) -> Result<TransactionValidity, String> {
        Self::validate(self, at, source, extrinsic).map_err(|error| error.to_string())
    }

    fn takes_transactions(&self, at: &H256) -> bool {
        Self::takes_transactions(self, at).unwrap_or_else(|error| {
            // As most blocks do. What is asked of the runtime next fails or does not.
            tracing::warn!(target: "chain", ?at, %error, "a block that cannot be begun");
            true
        })
    }

    fn best(&self) -> (H256, BlockNumber) {
        let best = Self::best(self);
        (best.hash, best.number)
    }
}
