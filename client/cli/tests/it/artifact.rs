//! `artifact`: files by their content.

use std::fs;

use crate::command::{citrate_in, fails, succeeds};

#[test]
fn a_file_is_found_by_hash_cid_and_name() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| succeeds(citrate_in(folder.path(), args.iter().copied()));
    assert_eq!(run(&["artifact", "ls"]), "");
    let file = folder.path().join("model.onnx");
    fs::write(&file, "hello\n").unwrap();
    let file = file.display().to_string();
    // What `sha256sum` and `ipfs add --cid-version=1` say of this content.
    let hash = "0x5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    let cid = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";
    let added = run(&["artifact", "add", &file]);
    for part in [hash, cid, "model.onnx"] {
        assert!(added.contains(part), "{added}");
    }
    assert_eq!(run(&["artifact", "ls"]), added);
    for id in [hash, cid, "model.onnx"] {
        assert_eq!(run(&["artifact", "get", id]), "hello\n", "{id}");
    }
    let output = folder.path().join("copy");
    run(&["artifact", "get", "model.onnx", "--output", &output.display().to_string()]);
    assert_eq!(fs::read(&output).unwrap(), b"hello\n");
    run(&["artifact", "add", &file, "--name", "other"]);

    // What was added is kept until it is let go.
    assert!(added.contains("  pinned  model.onnx"), "{added}");
    let fails_with = |args: &[&str]| fails(citrate_in(folder.path(), args.iter().copied()));
    let more = folder.path().join("more");
    fs::write(&more, "more\n").unwrap();
    let more = more.display().to_string();
    let said = fails_with(&["artifact", "--artifact-quota", "0", "add", &more]);
    assert!(said.contains("the store is full: 5 more bytes do not fit into 0"), "{said}");
    assert!(fails_with(&["artifact", "rm", cid]).contains("is pinned"));
    run(&["artifact", "unpin", cid]);
    assert!(run(&["artifact", "add", &more, "--unpinned"]).contains("  -       more"));
    run(&["artifact", "rm", "more"]);
    assert!(!run(&["artifact", "ls"]).contains("more"));
    run(&["artifact", "pin", hash]);
    assert_eq!(run(&["artifact", "ls"]), added);

    let fails = |args: &[&str]| fails(citrate_in(folder.path(), args.iter().copied()));
    assert!(fails(&["artifact", "get", "nothing"]).contains("nothing"));
    let missing = folder.path().join("missing").display().to_string();
    assert!(fails(&["artifact", "add", &missing]).contains("missing"));
    assert!(fails(&["artifact", "get", hash, "--output", "/dev/null/x"]).contains("/dev/null/x"));
}
