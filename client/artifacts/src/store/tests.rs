use std::fs;

use super::*;
use crate::tree::Position;

fn store(bytes_max: u64) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (folder, Store::open(StoreConfig { path, bytes_max, count_max: 4 }).unwrap())
}

#[test]
fn what_is_added_is_found_by_hash_cid_and_name_also_later() {
    let (folder, store) = store(1000);
    let artifact = store.add_bytes(b"hello world", "greeting").unwrap();
    assert_eq!(artifact.hash, H256(citrate_core::hashing::sha2_256(b"hello world")));
    assert_eq!(artifact.cid, "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    drop(store);
    let store = Store::open(StoreConfig::new(folder.path())).unwrap();
    for text in [&format!("{:x}", artifact.hash), &artifact.cid, "greeting"] {
        assert_eq!(store.find(text).unwrap(), artifact, "{text}");
    }
    assert_eq!(store.read(&artifact.hash, 11).unwrap(), b"hello world");
    assert!(matches!(store.find("other"), Err(StoreError::Unknown(_))));
}

#[test]
fn adding_twice_is_adding_once() {
    let (_folder, store) = store(1000);
    let first = store.add_bytes(b"same", "").unwrap();
    let second = store.add_bytes(b"same", "named").unwrap();
    assert_eq!((first.hash, second.name.as_str()), (second.hash, "named"));
    assert_eq!(store.list().unwrap().len(), 1);
    assert_eq!(fs::read_dir(store.folder("tmp")).unwrap().count(), 0);
}

#[test]
fn a_flipped_byte_is_found_and_adding_again_repairs() {
    let (_folder, store) = store(1000);
    let hash = store.add_bytes(b"precious", "").unwrap().hash;
    fs::write(store.blob(&hash), b"Precious").unwrap();
    assert!(matches!(store.read(&hash, 100), Err(StoreError::Corrupted(found)) if found == hash));
    store.add_bytes(b"precious", "").unwrap();
    assert_eq!(store.read(&hash, 100).unwrap(), b"precious");
}

#[test]
fn limits_hold_and_one_past_them_fails() {
    let (_folder, store) = store(10);
    let hash = store.add_bytes(&[1; 10], "").unwrap().hash;
    assert!(store.read(&hash, 10).is_ok());
    assert!(matches!(store.read(&hash, 9), Err(StoreError::TooLarge { bytes: 10, bytes_max: 9 })));
    store.set_pinned(&hash, true).unwrap();
    assert!(matches!(
        store.add_bytes(&[2; 1], ""),
        Err(StoreError::Full { bytes: 1, bytes_max: 10 })
    ));
    store.set_pinned(&hash, false).unwrap();
    store.remove(&hash).unwrap();
    assert!(store.add_bytes(&[2; 1], "").is_ok());
    assert!(matches!(store.add_bytes(&[3; 11], ""), Err(StoreError::Full { .. })));
    assert_eq!(store.list().unwrap().len(), 1, "what cannot fit drives nothing out");
}

/// Makes an artifact look as if it was used so many seconds ago.
fn used_ago(store: &Store, hash: &H256, seconds: u64) {
    let path = store.about_path(hash);
    let then = SystemTime::now() - Duration::from_secs(seconds);
    File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
}

fn present(store: &Store, hashes: &[H256]) -> Vec<bool> {
    hashes.iter().map(|hash| store.about(hash).unwrap().is_some()).collect()
}

#[test]
fn what_was_used_least_recently_leaves_for_what_is_new_and_what_is_pinned_stays() {
    let (_folder, store) = store(100);
    let [old, pinned, used] = [1, 2, 3].map(|byte| store.add_bytes(&[byte; 30], "").unwrap().hash);
    store.set_pinned(&pinned, true).unwrap();
    for (hash, seconds) in [(&pinned, 300), (&used, 200), (&old, 100)] {
        used_ago(&store, hash, seconds);
    }
    // To read it is to use it.
    store.read(&used, 100).unwrap();
    let new = store.add_bytes(&[4; 40], "").unwrap().hash;
    assert_eq!(present(&store, &[old, pinned, used, new]), [false, true, true, true]);
    assert_eq!(store.bytes_used().unwrap(), 100);
    // As many leave as must.
    let large = store.add_bytes(&[5; 70], "").unwrap().hash;
    assert_eq!(present(&store, &[pinned, used, new, large]), [true, false, false, true]);
    assert!(matches!(store.add_bytes(&[6; 71], ""), Err(StoreError::Full { .. })));
    assert_eq!(present(&store, &[pinned, large]), [true, true]);
    // What is here already drives nothing out.
    store.add_bytes(&[5; 70], "again").unwrap();
    assert_eq!(present(&store, &[pinned, large]), [true, true]);
}

#[test]
fn collection_keeps_what_is_pinned() {
    let (_folder, store) = store(100);
    let kept = store.add_bytes(&[1; 30], "").unwrap().hash;
    let gone = store.add_bytes(&[2; 30], "").unwrap().hash;
    store.set_pinned(&kept, true).unwrap();
    assert!(matches!(store.remove(&kept), Err(StoreError::Pinned(_))));
    let removed = store.collect(30).unwrap();
    assert_eq!(removed.iter().map(|artifact| artifact.hash).collect::<Vec<_>>(), [gone]);
    assert!(store.collect(0).unwrap().is_empty());
    assert!(store.read(&kept, 100).is_ok());
    assert!(matches!(store.read(&gone, 100), Err(StoreError::Unknown(_))));
}

#[test]
fn half_an_artifact_is_none() {
    let (folder, store) = store(100);
    let hash = H256(citrate_core::hashing::sha2_256(b"cut off"));
    // Killed after the content was put in its place and before the description was.
    fs::create_dir_all(store.blob(&hash).parent().unwrap()).unwrap();
    fs::write(store.blob(&hash), b"cut").unwrap();
    assert!(store.list().unwrap().is_empty());
    assert!(matches!(store.read(&hash, 100), Err(StoreError::Unknown(_))));
    assert_eq!(store.add_bytes(b"cut off", "").unwrap().hash, hash);
    assert_eq!(store.read(&hash, 100).unwrap(), b"cut off");
    drop(folder);
}

#[test]
fn two_artifacts_of_one_name_need_the_hash() {
    let (_folder, store) = store(100);
    store.add_bytes(b"one", "model\n").unwrap();
    store.add_bytes(b"two", "model").unwrap();
    assert!(matches!(store.find("model"), Err(StoreError::Ambiguous(_))));
}

#[test]
fn small_artifacts_are_bounded_in_number() {
    let (_folder, store) = store(1000);
    for byte in 0..4 {
        let hash = store.add_bytes(&[byte], "").unwrap().hash;
        store.set_pinned(&hash, true).unwrap();
    }
    assert!(matches!(store.add_bytes(&[4], ""), Err(StoreError::TooMany { count_max: 4 })));
    // What is there already needs no place.
    let known = store.add_bytes(&[3], "named").unwrap();
    assert_eq!(known.name, "named");
    store.set_pinned(&known.hash, false).unwrap();
    assert!(store.add_bytes(&[4], "").is_ok());
    assert_eq!(present(&store, &[known.hash]), [false], "it left for the other");
}

#[test]
fn a_damaged_description_is_left_out_and_written_anew() {
    let (_folder, store) = store(1000);
    let other = store.add_bytes(b"other", "").unwrap();
    let hash = store.add_bytes(b"content", "").unwrap().hash;
    let foreign = fs::read(store.about_path(&other.hash)).unwrap();
    for damage in [&b"{"[..], b"", &foreign] {
        fs::write(store.about_path(&hash), damage).unwrap();
        let error = store.read(&hash, 100).unwrap_err();
        assert!(matches!(error, StoreError::CorruptedDescription { .. }), "{error}");
        assert_eq!(store.list().unwrap(), std::slice::from_ref(&other));
        store.add_bytes(b"content", "").unwrap();
        assert_eq!(store.read(&hash, 100).unwrap(), b"content");
    }
}

#[test]
fn what_a_killed_process_left_is_cleared_away_later() {
    let (folder, store) = store(1000);
    let kept = store.add_bytes(b"kept", "").unwrap().hash;
    let orphan = store.add_bytes(b"orphan", "").unwrap().hash;
    let young = store.add_bytes(b"young", "").unwrap().hash;
    for hash in [&orphan, &young] {
        fs::remove_file(store.about_path(hash)).unwrap();
    }
    let temporary = store.folder("tmp").join("1-2-3");
    fs::write(&temporary, b"half").unwrap();
    let long_ago = SystemTime::now() - ABANDONED - Duration::from_secs(60);
    for path in [&temporary, &store.blob(&orphan), &store.blob(&kept)] {
        File::options().append(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    Store::open(StoreConfig::new(folder.path())).unwrap();
    let present = [&store.blob(&kept), &store.blob(&young), &store.blob(&orphan), &temporary];
    assert_eq!(present.map(|path| path.exists()), [true, true, false, false]);
}

/// A store whose files are cut into many blocks, and one of them: its hash, content and tree.
fn cut(bytes_max: u64) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig { path: folder.path().to_owned(), bytes_max, count_max: 4 };
    let store = Store::open_with(config, Layout { leaf_bytes: 16, links_max: 3 }).unwrap();
    (folder, store)
}

fn content() -> Vec<u8> {
    (0..200).collect()
}

/// The blocks of the content, and what is claimed of it.
fn blocks() -> (H256, Claim, Vec<(Position, Vec<u8>)>) {
    let (_folder, source) = cut(1_000);
    let hash = source.add_bytes(&content(), "").unwrap().hash;
    let mut reader = BlockReader::default();
    let claim = reader.claim(&source, &hash).unwrap().unwrap();
    let mut blocks = Vec::new();
    for level in (0..9).rev() {
        let places = (0..).map(|index| Position { level, index });
        let found = places.map_while(|at| Some((at, reader.block(&source, &hash, at).unwrap()?)));
        blocks.extend(found);
    }
    assert_eq!(blocks.len(), 13 + 5 + 2 + 1);
    (hash, claim, blocks)
}

#[test]
fn an_artifact_is_put_together_of_its_blocks_whatever_interrupts_it() {
    let (hash, claim, blocks) = blocks();
    let (folder, store) = cut(1_000);
    let mut partial = store.begin(&hash, claim).unwrap();
    assert!(matches!(store.begin(&hash, claim), Err(StoreError::Held(_))));
    assert!(matches!(store.discard(&hash), Err(StoreError::Held(_))));
    // A block whose parent is not here yet, and one with a flipped bit.
    assert_eq!(partial.put(blocks[1].0, &blocks[1].1).unwrap(), Put::Wrong);
    let mut flipped = blocks[0].1.clone();
    flipped[9] ^= 1;
    assert_eq!(partial.put(blocks[0].0, &flipped).unwrap(), Put::Wrong);
    for (at, block) in &blocks[..12] {
        assert_eq!(partial.put(*at, block).unwrap(), Put::Taken, "{at:?}");
        assert_eq!(partial.put(*at, block).unwrap(), Put::Known, "{at:?}");
    }
    assert_eq!(partial.bytes_verified(), 4 * 16);
    drop(partial);

    // A kill in the middle of a write, and a disk that lost one leaf.
    let path = folder.path().join("partial").join(format!("{hash:x}"));
    let nodes = fs::read(path.join("nodes")).unwrap();
    fs::write(path.join("nodes"), [&nodes[..], &nodes[..9]].concat()).unwrap();
    let mut data = fs::read(path.join("data")).unwrap();
    data[20] ^= 1;
    fs::write(path.join("data"), data).unwrap();
    let mut partial = store.begin(&hash, claim).unwrap();
    assert_eq!(partial.bytes_verified(), 3 * 16);
    let wanted: Vec<Position> = partial.wanted().collect();
    assert_eq!(wanted.len(), 1 + 9);
    for (at, block) in &blocks {
        let expected = if wanted.contains(at) { Put::Taken } else { Put::Known };
        assert_eq!(partial.put(*at, block).unwrap(), expected, "{at:?}");
    }
    assert!(partial.is_complete());
    assert_eq!(fs::read(path.join("nodes")).unwrap(), nodes);
    let artifact = store.complete(partial, "whole", Pin::Yes).unwrap();
    assert_eq!((artifact.bytes, artifact.pinned), (200, true));
    assert_eq!(store.read(&hash, 200).unwrap(), content());
    assert_eq!(store.find("whole").unwrap(), artifact);
    assert!(!path.exists());
}

#[test]
fn nodes_that_a_kill_cut_off_are_asked_for_again() {
    let (hash, claim, blocks) = blocks();
    let (folder, store) = cut(1_000);
    let mut partial = store.begin(&hash, claim).unwrap();
    for (at, block) in &blocks[..8] {
        partial.put(*at, block).unwrap();
    }
    drop(partial);
    let path = folder.path().join("partial").join(format!("{hash:x}")).join("nodes");
    let nodes = fs::read(&path).unwrap();
    for length in 0..=nodes.len() {
        fs::write(&path, &nodes[..length]).unwrap();
        let mut partial = store.begin(&hash, claim).unwrap();
        for (at, block) in &blocks[..8] {
            assert_ne!(partial.put(*at, block).unwrap(), Put::Wrong, "{length}: {at:?}");
        }
        drop(partial);
        assert_eq!(fs::read(&path).unwrap(), nodes, "{length}");
    }
}

#[test]
fn a_file_under_a_wrong_claim_is_no_artifact() {
    let (_, claim, blocks) = blocks();
    let (_folder, store) = cut(1_000);
    let other = H256([7; 32]);
    let mut partial = store.begin(&other, claim).unwrap();
    for (at, block) in &blocks {
        partial.put(*at, block).unwrap();
    }
    assert!(partial.is_complete());
    let refused = store.complete(partial, "", Pin::No);
    assert!(matches!(refused, Err(StoreError::Corrupted(hash)) if hash == other));
    assert!(store.list().unwrap().is_empty());
    assert_eq!(store.bytes_used().unwrap(), 0);
}

#[test]
fn what_is_being_fetched_has_its_place_and_what_was_gives_it_up() {
    let (hash, claim, _) = blocks();
    let (_folder, store) = cut(300);
    let old = store.add_bytes(&[1; 150], "").unwrap().hash;
    let partial = store.begin(&hash, claim).unwrap();
    assert_eq!(present(&store, &[old]), [false]);
    assert_eq!(store.bytes_used().unwrap(), 200);
    assert!(store.add_bytes(&[2; 100], "").is_ok());
    assert!(matches!(store.add_bytes(&[3; 101], ""), Err(StoreError::Full { .. })));
    drop(partial);
    assert!(store.add_bytes(&[3; 201], "").is_ok());
    assert_eq!(store.partial_claim(&hash).unwrap(), None);
    // Another claim is another file: what is here of the first is of no use.
    let (_folder, store) = cut(300);
    drop(store.begin(&hash, claim).unwrap());
    let shorter = Claim { bytes: 100, ..claim };
    drop(store.begin(&hash, shorter).unwrap());
    assert_eq!(store.partial_claim(&hash).unwrap(), Some(shorter));
    assert_eq!(store.bytes_used().unwrap(), 100);
}

#[test]
fn blocks_are_read_without_the_list_of_hashes_and_not_from_a_damaged_file() {
    let (_folder, store) = cut(1_000);
    let hash = store.add_bytes(&content(), "").unwrap().hash;
    let at = Position { level: 0, index: 12 };
    let expected = &content()[192..];
    for damage in [None, Some(&b"too short"[..]), Some(&[0; 13 * 32])] {
        match damage {
            None => fs::remove_file(store.tree_path(&hash)).unwrap(),
            Some(bytes) => fs::write(store.tree_path(&hash), bytes).unwrap(),
        }
        let mut reader = BlockReader::default();
        assert_eq!(reader.block(&store, &hash, at).unwrap().as_deref(), Some(expected));
        assert_eq!(fs::read(store.tree_path(&hash)).unwrap().len(), 13 * 32);
    }
    let mut reader = BlockReader::default();
    for at in [Position { level: 0, index: 13 }, Position { level: 4, index: 0 }] {
        assert_eq!(reader.block(&store, &hash, at).unwrap(), None, "one past the end");
    }
    let mut flipped = content();
    flipped[199] ^= 1;
    fs::write(store.blob(&hash), &flipped).unwrap();
    assert!(matches!(reader.block(&store, &hash, at), Err(StoreError::Corrupted(_))));
    fs::remove_file(store.blob(&hash)).unwrap();
    assert_eq!(reader.block(&store, &hash, at).unwrap(), None);
}

impl Store {
    /// Puts another file in an artifact's place, with everything that belongs to it.
    pub(crate) fn replace(&self, artifact: &Artifact, content: &[u8]) {
        fs::write(self.blob(&artifact.hash), content).unwrap();
        let mut builder = CidBuilder::new(self.layout);
        builder.update(content);
        let tree = builder.tree().unwrap();
        self.write_tree(&artifact.hash, &tree).unwrap();
        self.write_about(&Artifact { cid: tree.cid().to_string(), ..artifact.clone() }).unwrap();
    }
}
