//! What the machine asks of the chain.

use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic};
use citrate_trie::Step;

use crate::wire::{Depth, HeaderPage, Status, WindowPage};

/// What the chain says of a header or a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It keeps all rules that can be checked.
    Valid,
    /// It breaks one, whoever looks at it.
    Invalid,
    /// This node knows too little to say, like the authors of an epoch that is far ahead.
    Unknown,
}

/// The chain, as sync sees it. A *known* block is one that was imported, payload included. An
/// import that was reported shows here before the report.
///
/// Whether a slot lies in the future is not asked here: the machine holds such blocks back.
pub trait SyncChain {
    /// Where this node stands.
    fn status(&self) -> Status;

    /// Whether the block is known.
    fn contains(&self, hash: &H256) -> bool;

    /// Blocks of the selected chain: the tip, then ever fewer, the lowest block last. See
    /// [`locator`](crate::locator).
    fn locator(&self) -> Vec<H256>;

    /// The headers that follow, of `count_max` at most, and hardly more than `bytes_max` bytes. See
    /// [`page`](crate::page).
    fn headers_after(&self, locator: &[H256], count_max: usize, bytes_max: usize) -> HeaderPage;

    /// A known block's header.
    fn header(&self, hash: &H256) -> Option<Header>;

    /// A known block's payload.
    fn payload(&self, hash: &H256) -> Option<Vec<OpaqueExtrinsic>>;

    /// The proof that the block of this number is final.
    fn justification(&self, number: BlockNumber) -> Option<Vec<u8>>;

    /// A page of the proof that the voters changed as they did, from the end of this set on; see
    /// [`Request::Proof`](crate::Request).
    fn proof(&self, set: u64) -> Option<Vec<u8>> {
        let _ = set;
        None
    }

    /// What the DAG knows of the blocks around a final one, from the entry with this index on, in hardly
    /// more than `bytes_max` bytes; see [`Request::Window`](crate::Request).
    fn window(&self, block: &H256, from: usize, bytes_max: usize) -> Option<WindowPage> {
        let _ = (block, from, bytes_max);
        None
    }

    /// Nodes of the state after a final block, in hardly more than `bytes_max` bytes; see
    /// [`Request::State`](crate::Request).
    fn state(
        &self,
        block: &H256,
        steps: &[Step],
        depth: Depth,
        bytes_max: usize,
    ) -> Option<Vec<Vec<u8>>> {
        let _ = (block, steps, depth, bytes_max);
        None
    }

    /// How long a slot is, in milliseconds.
    fn slot_duration_ms(&self) -> u64;

    /// Judges what can be judged without the parents: form, election and seal.
    fn check_author(&self, header: &Header) -> Check;

    /// Judges a header whose parents are all known by every rule but those on its execution.
    fn check_header(&self, header: &Header) -> Check;

    /// Judges a payload by its header's commitment and the chain's limits.
    fn check_payload(&self, header: &Header, payload: &[OpaqueExtrinsic]) -> Check;
}
