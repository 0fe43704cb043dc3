//! What relay and sync ask of the chain.

use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic};
use citrate_sync::{BlockRef, Check, Depth, HeaderPage, Status, SyncChain, WindowPage};
use citrate_trie::Step;
use codec::Encode;

use crate::chain::Chain;
use crate::error::{ChainError, ImportError};

/// How long a slot is taken to be when the chain cannot be read.
const SLOT_MS: u64 = 1_000;

fn check(judged: Result<(), ImportError>) -> Check {
    match judged {
        Ok(()) => Check::Valid,
        Err(error) if error.is_invalid() => Check::Invalid,
        Err(error) => {
            tracing::debug!(target: "sync", %error, "a block cannot be judged");
            Check::Unknown
        }
    }
}

/// What cannot be read is not there: the error shows where the chain itself needs it.
fn found<T>(read: Result<Option<T>, ChainError>) -> Option<T> {
    read.unwrap_or_else(|error| {
        tracing::error!(target: "sync", %error, "the database failed");
        None
    })
}

impl Chain {
    /// The headers of a selected-chain block and of what it merges besides its selected parent,
    /// parents first.
    fn segment(&self, number: BlockNumber) -> Result<Option<Vec<Header>>, ChainError> {
        let Some(hash) = self.db.hash_at(number)? else { return Ok(None) };
        let merged = self.db.merged(&hash)?.unwrap_or_default();
        let hashes = merged.iter().skip(1).map(|block| block.hash).chain([hash]);
        let mut headers = Vec::new();
        for hash in hashes {
            let header = self.db.header(&hash)?;
            headers.push(header.ok_or(ChainError::Incomplete { hash, what: "the header" })?);
        }
        Ok(Some(headers))
    }

    fn page(
        &self,
        locator: &[H256],
        count_max: usize,
        bytes_max: usize,
    ) -> Result<HeaderPage, ChainError> {
        let mut common = None;
        for hash in locator {
            let Some(header) = self.db.header(hash)? else { continue };
            if self.db.hash_at(header.number)? == Some(*hash) {
                common = Some((*hash, header.number));
                break;
            }
        }
        // What follows on an older block is not whole any more.
        let common = common.filter(|(_, number)| number.saturating_add(1) >= self.bodies_from());
        let Some((hash, start)) = common else {
            return Ok(HeaderPage { common: None, headers: Vec::new() });
        };
        let (mut headers, mut bytes) = (Vec::new(), 0usize);
        let mut number = start;
        while let Some(next) = number.checked_add(1) {
            let Some(segment) = self.segment(next)? else { break };
            if !headers.is_empty() && headers.len() + segment.len() > count_max {
                break;
            }
            bytes += segment.iter().map(Encode::encoded_size).sum::<usize>();
            headers.extend(segment);
            number = next;
            if bytes >= bytes_max {
                break;
            }
        }
        Ok(HeaderPage { common: Some(hash), headers })
    }
}

impl SyncChain for Chain {
    fn status(&self) -> Status {
        let reference =
            |block: crate::BlockRef| BlockRef { number: block.number, hash: block.hash };
        let (finalised, best) = (reference(self.finalized()), reference(self.best()));
        let (blue_score, tips) = self.with_dag(|dag| {
            let score = dag.block(&dag.sink()).map_or(0, |block| block.blue_score);
            (score, citrate_sync::tips(dag))
        });
        let oldest = self.bodies_from();
        Status { genesis: self.genesis, finalised, best, oldest, blue_score, tips }
    }

    fn contains(&self, hash: &H256) -> bool {
        self.with_dag(|dag| dag.contains(hash)) || found(Self::header(self, hash)).is_some()
    }

    fn locator(&self) -> Vec<H256> {
        self.with_dag(citrate_sync::locator)
    }

    fn headers_after(&self, locator: &[H256], count_max: usize, bytes_max: usize) -> HeaderPage {
        self.page(locator, count_max, bytes_max).unwrap_or_else(|error| {
            tracing::error!(target: "sync", %error, "headers cannot be read");
            HeaderPage { common: None, headers: Vec::new() }
        })
    }

    fn header(&self, hash: &H256) -> Option<Header> {
        found(Self::header(self, hash))
    }

    fn payload(&self, hash: &H256) -> Option<Vec<OpaqueExtrinsic>> {
        found(Self::payload(self, hash))
    }

    fn justification(&self, number: BlockNumber) -> Option<Vec<u8>> {
        Self::justification(self, number)
    }

    fn proof(&self, set: u64) -> Option<Vec<u8>> {
        self.proofs.get().and_then(|source| source(set))
    }

    fn window(&self, block: &H256, from: usize, bytes_max: usize) -> Option<WindowPage> {
        found(self.serve_window(block, from, bytes_max))
    }

    fn state(
        &self,
        block: &H256,
        steps: &[Step],
        depth: Depth,
        bytes_max: usize,
    ) -> Option<Vec<Vec<u8>>> {
        found(self.serve_state(block, steps, depth, bytes_max))
    }

    fn slot_duration_ms(&self) -> u64 {
        let configuration = self.dag_configuration(&self.best().hash);
        configuration.map_or(SLOT_MS, |configuration| configuration.slot_duration_ms)
    }

    fn check_author(&self, header: &Header) -> Check {
        check(self.judge_author(header))
    }

    fn check_header(&self, header: &Header) -> Check {
        check(self.judge_header(header))
    }

    fn check_payload(&self, header: &Header, payload: &[OpaqueExtrinsic]) -> Check {
        check(self.judge_payload(header, payload))
    }
}
