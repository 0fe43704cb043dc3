//! Whether `:worker` belongs to `:code`.

use std::sync::{Mutex, PoisonError};

use citrate_chain::{Chain, ChainError};
use citrate_core::{H256, RuntimeVersion, well_known_keys};
use codec::DecodeAll;

/// Remembers the last pair of blobs, so that one pair is compared, and complained about, once.
#[derive(Debug, Default)]
pub(crate) struct VersionCheck {
    last: Mutex<Option<((H256, H256), bool)>>,
}

impl VersionCheck {
    /// True if the state after this block has a worker and it is of the code's version.
    pub(crate) fn passes(&self, chain: &Chain, at: &H256) -> Result<bool, ChainError> {
        let state = chain.state_at(at)?;
        let Some(worker) = state.hash_of(well_known_keys::WORKER)? else { return Ok(false) };
        let pair = (chain.code_hash(at)?, worker);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, passes)) = *last
            && known == pair
        {
            return Ok(passes);
        }
        let code = chain.runtime_version(at)?;
        let answer =
            chain.call_with(at, "Core_version", &[], &mut |_| {}, well_known_keys::WORKER)?;
        let passes = match RuntimeVersion::decode_all(&mut answer.as_slice()) {
            Ok(worker) if worker.spec_version == code.spec_version => true,
            Ok(worker) => {
                tracing::error!(
                    code = code.spec_version,
                    worker = worker.spec_version,
                    "the runtime's worker is not of the runtime's version: no jobs until both are upgraded together"
                );
                false
            }
            Err(error) => {
                tracing::error!(%error, "the runtime's worker does not say its version: no jobs");
                false
            }
        };
        *last = Some((pair, passes));
        Ok(passes)
    }
}
