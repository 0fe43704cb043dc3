//! What a download has, and how it is written down.

use citrate_core::{H256, Header, OpaqueExtrinsic};
use citrate_trie::Walk;
use codec::{Decode, DecodeAll, Encode};

use crate::warp::io::{Batch, WarpChain};
use crate::warp::window::WindowEntry;

/// The record of a download that was begun and not finished.
pub const WARP_RECORD: &[u8] = b"warp/progress";
/// Records of the window's pages; the index of the first entry follows.
const PAGE: &[u8] = b"warp/window/";

/// The block that is to be begun at.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Target {
    pub(super) header: Header,
    /// Entries of the window that are here.
    pub(super) entries: u32,
    /// Where the window's pages begin.
    pub(super) pages: Vec<u32>,
    /// Whether the window is whole, and is the block's.
    pub(super) has_window: bool,
    pub(super) payload: Option<Vec<OpaqueExtrinsic>>,
}

impl Target {
    pub(super) fn new(header: Header, payload: Option<Vec<OpaqueExtrinsic>>) -> Self {
        Self { header, entries: 0, pages: Vec::new(), has_window: false, payload }
    }
}

/// A state that was downloaded in part and is not needed any more: the way through it anew, on which each node
/// is counted off, and where the download had not come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Retired {
    pub(super) walk: Walk,
    /// Sorted hashes of the steps that were not taken.
    pub(super) pending: Vec<H256>,
}

/// What a download has. Written down with every change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(super) struct Progress {
    pub(super) target: Option<Target>,
    /// The rest of the way through the target's state.
    pub(super) walk: Walk,
    pub(super) retired: Vec<Retired>,
    /// Nodes of the target's state that are here, their bytes, and how many of all were downloaded.
    pub(super) nodes: u64,
    pub(super) bytes: u64,
    pub(super) downloaded: u64,
    pub(super) given_up: u32,
}

fn page_key(index: u32) -> Vec<u8> {
    [PAGE, &index.to_be_bytes()].concat()
}

impl Progress {
    /// What was written down. A record of another version is as good as none.
    pub(super) fn load(chain: &dyn WarpChain) -> Self {
        let record = chain.record(WARP_RECORD);
        record.and_then(|record| Self::decode_all(&mut &*record).ok()).unwrap_or_default()
    }

    /// The record of what is here.
    pub(super) fn record(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        (WARP_RECORD.to_vec(), Some(self.encode()))
    }

    /// All records that there are.
    pub(super) fn records(&self) -> Vec<Vec<u8>> {
        let pages = self.target.iter().flat_map(|target| &target.pages);
        std::iter::once(WARP_RECORD.to_vec()).chain(pages.map(|index| page_key(*index))).collect()
    }

    /// A new target.
    pub(super) fn begin(&mut self, target: Target, root: H256) -> Batch {
        self.walk = Walk::new(root);
        (self.nodes, self.bytes) = (0, 0);
        self.target = Some(target);
        Batch { records: vec![self.record()], ..Batch::default() }
    }

    /// The target is given up, whose state has this root.
    pub(super) fn drop_target(&mut self, root: Option<H256>) -> Batch {
        let mut records = self.drop_window();
        let walk = std::mem::take(&mut self.walk);
        if let Some(root) = root.filter(|_| self.nodes > 0) {
            let mut pending: Vec<H256> = walk.upcoming().map(|step| step.hash).collect();
            pending.sort_unstable();
            self.retired.push(Retired { walk: Walk::new(root), pending });
        }
        self.target = None;
        self.given_up = self.given_up.saturating_add(1);
        records.push(self.record());
        Batch { records, ..Batch::default() }
    }

    /// Takes a page of the window.
    pub(super) fn add_page(&mut self, entries: &[Vec<u8>], is_whole: bool) -> Batch {
        let Some(target) = &mut self.target else { return Batch::default() };
        let index = target.entries;
        let page = (page_key(index), Some(entries.encode()));
        target.pages.push(index);
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        target.entries = target.entries.saturating_add(count);
        target.has_window = is_whole;
        Batch { records: vec![page, self.record()], ..Batch::default() }
    }

    /// The window is begun anew.
    pub(super) fn drop_window(&mut self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let Some(target) = &mut self.target else { return Vec::new() };
        (target.entries, target.has_window) = (0, false);
        target.pages.drain(..).map(|index| (page_key(index), None)).collect()
    }

    /// The window, as far as it was written down.
    pub(super) fn window(&self, chain: &dyn WarpChain) -> Option<Vec<WindowEntry>> {
        let mut window = Vec::new();
        for index in &self.target.as_ref()?.pages {
            let record = chain.record(&page_key(*index))?;
            let page = Vec::<Vec<u8>>::decode_all(&mut &*record).ok()?;
            for entry in page {
                window.push(WindowEntry::decode_all(&mut &*entry).ok()?);
            }
        }
        Some(window)
    }
}
