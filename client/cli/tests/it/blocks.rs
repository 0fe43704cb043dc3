//! `export-blocks` and `import-blocks`: a chain in a file.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::command::{citrate_in, fails, succeeds};
use crate::node::{Node, dev};
use crate::transaction::{UNIT, Wallet, funds, nonce};

struct Exported {
    folder: tempfile::TempDir,
    file: String,
    /// The header of the last block.
    head: Value,
    blocks: u32,
}

/// A chain with a transfer on it, in a file.
fn exported() -> Exported {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(dev(folder.path()));
    let wallet = Wallet::new(&node);
    let transfer = wallet.transfer("//Alice", "//Bob", 5 * UNIT, nonce(0));
    let hash = node.call("author_submitExtrinsic", json!([transfer]));
    crate::node::eventually("the transfer", || {
        let (nonce, _) = funds(&node, "//Alice", &node.call("chain_getBlockHash", json!([])));
        (nonce == 1).then_some(())
    });
    check_weights(&node, &transfer, &hash);
    node.stop();
    let file = folder.path().join("blocks").display().to_string();
    let said = succeeds(citrate_in(folder.path(), ["export-blocks", &file]));
    let blocks = said.trim().strip_prefix("Exported ").unwrap().strip_suffix(" blocks").unwrap();
    let head = head(folder.path());
    Exported { file, head, blocks: blocks.parse().unwrap(), folder }
}

/// The block with the transfer says that it was used by it, and the first block that it was not.
fn check_weights(node: &Node, transfer: &str, hash: &Value) {
    let record = node.call("dag_getTransaction", json!([hash]));
    let with = node.call("chain_getBlockWeight", json!([record["acceptingBlock"]]));
    let time = |weight: &Value| weight["refTime"].as_u64().expect("a time");
    let info = node.call("payment_queryInfo", json!([transfer]));
    let normal = &with["normal"];
    let weight = info["weight"]["ref_time"].as_u64().expect("a weight");
    let expected = time(&normal["baseExtrinsic"]) + weight;
    assert_eq!(time(&normal["used"]), expected, "{with} {info}");
    let share = u128::from(expected) * 1_000_000 / u128::from(time(&normal["max"]));
    assert_eq!(normal["timeMillionths"], json!(u64::try_from(share).unwrap()));
    let total = ["normal", "operational", "mandatory"].map(|class| time(&with[class]["used"]));
    assert_eq!(time(&with["total"]["used"]), total.iter().sum::<u64>());
    assert!(time(&with["total"]["max"]) > time(&normal["max"]), "{with}");

    let first = node.call("chain_getBlockHash", json!([1]));
    let without = node.call("chain_getBlockWeight", json!([first]));
    assert_eq!((&without["hash"], &without["number"]), (&first, &json!(1)));
    assert_eq!(time(&without["normal"]["used"]), 0);
    assert!(time(&without["mandatory"]["used"]) > 0, "every block has an inherent: {without}");
    let unknown = json!([format!("0x{}", "07".repeat(32))]);
    assert_eq!(node.call("chain_getBlockWeight", unknown), Value::Null);
}

/// The best header of what is in this folder, as a node that makes no blocks tells it.
fn head(base: &Path) -> Value {
    let mut command = citrate_in(base, ["--no-inference", "--rpc-port", "0"]);
    command.args(["--chain", "dev"]);
    let node = Node::start(command);
    let head = node.call("chain_getHeader", json!([]));
    let (_, free) = funds(&node, "//Bob", &node.call("chain_getBlockHash", json!([])));
    if crate::node::number(&head) > 0 {
        assert_eq!(free % (1_000_000 * UNIT), 5 * UNIT, "the state is that of the transfer");
    }
    node.stop();
    head
}

#[test]
fn a_chain_goes_through_a_file() {
    let Exported { folder, file, head: expected, blocks } = exported();
    assert_eq!(crate::node::number(&expected), blocks);

    let fresh = tempfile::tempdir().unwrap();
    let said = succeeds(citrate_in(fresh.path(), ["import-blocks", &file]));
    assert_eq!(said, format!("Imported {blocks} blocks, best is {blocks}\n"));
    // Hash, state root and all.
    assert_eq!(head(fresh.path()), expected);
    // What is exported again is the same file, and importing it again is no harm.
    let again = fresh.path().join("again").display().to_string();
    succeeds(citrate_in(fresh.path(), ["export-blocks", &again]));
    assert_eq!(fs::read(&again).unwrap(), fs::read(&file).unwrap());
    let said = succeeds(citrate_in(fresh.path(), ["import-blocks", &file]));
    assert_eq!(said, format!("Imported 0 blocks ({blocks} were known), best is {blocks}\n"));

    // A part, then the rest; and a part without what comes before.
    let part = |from: &str, to: &str, name: &str| {
        let file = folder.path().join(name).display().to_string();
        succeeds(citrate_in(folder.path(), ["export-blocks", &file, "--from", from, "--to", to]));
        file
    };
    let (first, rest) = (part("1", "2", "first"), part("3", "4000000000", "rest"));
    let pieces = tempfile::tempdir().unwrap();
    let error = fails(citrate_in(pieces.path(), ["import-blocks", &rest]));
    assert!(error.contains("block 3") && error.contains("begins later"), "{error}");
    succeeds(citrate_in(pieces.path(), ["import-blocks", &first]));
    succeeds(citrate_in(pieces.path(), ["import-blocks", &rest]));
    assert_eq!(head(pieces.path()), expected);

    damaged(&file, &expected);
}

/// Files that are not what was written.
fn damaged(file: &str, expected: &Value) {
    let whole = fs::read(file).unwrap();
    let length = u32::from_le_bytes(whole[..4].try_into().unwrap());
    let second = 4 + usize::try_from(length).unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] ^= byte;
        bytes
    };
    let cases = [
        ("cut in a length", whole[..second + 3].to_vec(), "block 2 of the file: the file ends"),
        ("cut in a block", whole[..second + 40].to_vec(), "block 2 of the file: the file ends"),
        ("cut by a byte", whole[..whole.len() - 1].to_vec(), "the file ends in the middle"),
        ("a length of gigabytes", with(second + 3, 0xff), "block 2 of the file: is no block"),
        ("a length that is off", with(second, 1), "is no block, or damaged"),
        ("another parent", with(second + 4, 1), "is not in the database"),
        // Behind the parent's hash and the number's one byte.
        ("another state root", with(second + 4 + 33, 1), "block 2: the seal does not verify"),
        ("no blocks at all", b"{ \"json\": true }".to_vec(), "block 1 of the file: is no block"),
        ("zeros", vec![0; 100], "block 1 of the file: is no block"),
    ];
    for (desc, bytes, message) in cases {
        let folder = tempfile::tempdir().unwrap();
        let bad = folder.path().join("bad").display().to_string();
        fs::write(&bad, bytes).unwrap();
        let error = fails(citrate_in(folder.path(), ["import-blocks", &bad]));
        assert!(error.contains(message) && error.contains(&bad), "{desc}: {error}");
        if desc == "cut by a byte" {
            // What came before the damage is there, and the whole file brings the rest.
            let said = succeeds(citrate_in(folder.path(), ["import-blocks", file]));
            assert!(said.starts_with("Imported 1 blocks ("), "{said}");
            assert_eq!(head(folder.path()), *expected);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let error = fails(citrate_in(folder.path(), ["import-blocks", "/nowhere/blocks"]));
    assert!(error.contains("/nowhere/blocks: No such file"), "{error}");
    let error = fails(citrate_in(folder.path(), ["export-blocks", "/nowhere/blocks"]));
    assert!(error.contains("/nowhere/blocks: No such file"), "{error}");
}
