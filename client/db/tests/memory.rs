//! What an open database takes in memory, counted by the allocator: its size does not matter.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use citrate_core::{Digest, H256, Header, OpaqueExtrinsic};
use citrate_db::{BlockCommit, Db, DbConfig, Executed, Head};

/// What was allocated and not freed.
static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[expect(unsafe_code, reason = "an allocator is unsafe to write")]
// SAFETY: the system's allocator does everything; only a number is kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const JOURNAL_BYTES: usize = 2 << 20;
const PAYLOAD_BYTES: usize = 16 << 10;
const BLOCKS: u32 = 2_048;
/// The group that waits for the tables, what the tables have not written yet, their own lists, cached headers.
const LIVE_MAX: usize = 4 * JOURNAL_BYTES + (4 << 20);

#[test]
fn memory_is_bounded_by_the_journal() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let journal_bytes_max = JOURNAL_BYTES as u64;
    let config = DbConfig { journal_bytes_max, ..DbConfig::on_disk(folder.path()) };
    let db = Arc::new(Db::open(&config).expect("opens"));
    let before = LIVE.load(Ordering::Relaxed);
    let mut parent = H256::zero();
    let mut most = 0;
    for number in 0..BLOCKS {
        let header = Header {
            parent_hash: parent,
            number,
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest: Digest::default(),
        };
        let is_first = number == 0;
        parent = header.hash();
        let block = BlockCommit {
            hash: parent,
            header,
            payload: vec![OpaqueExtrinsic(vec![7; PAYLOAD_BYTES])],
            executed: is_first.then(Executed::default),
            head: if is_first { Head::Best } else { Head::Unchanged },
            transactions: Vec::new(),
            dag: Some(vec![number.to_le_bytes()[0]; 512]),
        };
        db.commit(block).expect("written");
        most = most.max(LIVE.load(Ordering::Relaxed).saturating_sub(before));
    }
    let written = BLOCKS as usize * PAYLOAD_BYTES;
    assert!(written > 2 * LIVE_MAX, "too little is written to show anything");
    assert!(most < LIVE_MAX, "{most} bytes were in use at once; {LIVE_MAX} are expected at most");
    assert!(most > PAYLOAD_BYTES, "{most} bytes: something is not counted");
}
