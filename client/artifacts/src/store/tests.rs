use std::fs;

use super::*;

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
    assert!(matches!(store.add_bytes(&[2; 1], ""), Err(StoreError::Full { .. })));
    store.remove(&hash).unwrap();
    assert!(store.add_bytes(&[2; 1], "").is_ok());
    assert!(matches!(store.add_bytes(&[3; 10], ""), Err(StoreError::Full { .. })));
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
        store.add_bytes(&[byte], "").unwrap();
    }
    assert!(matches!(store.add_bytes(&[4], ""), Err(StoreError::TooMany { count_max: 4 })));
    // What is there already needs no place.
    let known = store.add_bytes(&[3], "named").unwrap();
    assert_eq!(known.name, "named");
    store.remove(&known.hash).unwrap();
    assert!(store.add_bytes(&[4], "").is_ok());
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
