//! Bad input over RPC to a real node: each a clear error, and the node goes on.

use citrate_core::Era;
use codec::Encode;
use serde_json::{Value, json};

use crate::command::succeeds;
use crate::node::{Node, dev, eventually};
use crate::transaction::{Terms, UNIT, Wallet, funds, hash, nonce};

/// The runtime says that a transaction is invalid.
const INVALID: i64 = 1010;

fn submit(node: &Node, extrinsic: &str) -> Result<Value, (i64, String)> {
    let answer = node.try_call("author_submitExtrinsic", json!([extrinsic]));
    answer.map_err(|error| (error["code"].as_i64().expect("a code"), error.to_string()))
}

/// Waits until an account has sent so many transactions.
fn sent(node: &Node, name: &str, count: u32) -> u128 {
    eventually("the transactions", || {
        let (nonce, free) = funds(node, name, &node.call("chain_getBlockHash", json!([])));
        (nonce == count).then_some(free)
    })
}

#[test]
fn bad_transactions_are_refused_and_good_ones_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(dev(folder.path()));
    let wallet = Wallet::new(&node);
    let transfer = |terms| wallet.transfer("//Bob", "//Charlie", UNIT, terms);
    let good = transfer(nonce(0));
    submit(&node, &good).unwrap();
    sent(&node, "//Bob", 1);

    // A digit of the signature, and one of the call.
    let turn = |text: &str, at: usize| {
        let digit = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
        [&text[..at], digit, &text[at + 1..]].concat()
    };
    let next = transfer(nonce(1));
    let stale_era = {
        let at = node.call("chain_getBlockHash", json!([1]));
        // Four blocks long: long over when block 10 is there.
        node.wait_for_block(10);
        transfer(Terms { nonce: 1, era: Some((Era::mortal(4, 1), hash(&at))) })
    };
    let cases: [(&str, String, i64, &str); 9] = [
        ("a nonce that was used", transfer(nonce(0)), INVALID, "outdated"),
        ("a forged signature", turn(&next, 100), INVALID, "bad signature"),
        ("a forged call", turn(&next, next.len() - 1), INVALID, "bad signature"),
        ("an era that is over", stale_era, INVALID, ""),
        ("a length that is a lie", "0x0102030405".into(), 1001, "Not enough data"),
        ("half an extrinsic", next[..60].into(), 1001, "Not enough data"),
        ("nothing", "0x".into(), 1001, "invalid format"),
        ("bytes that are no call", "0x10ffffffff".into(), INVALID, "not expected"),
        ("no hex", "0xzz".into(), -32602, "`extrinsic`: Invalid character"),
    ];
    for (desc, extrinsic, code, text) in cases {
        let (got, error) = submit(&node, &extrinsic).unwrap_err();
        assert_eq!(got, code, "{desc}: {error}");
        assert!(error.contains(text), "{desc}: {error}");
    }
    // A nonce from the future waits; what fills the gap lets both through.
    submit(&node, &transfer(nonce(2))).unwrap();
    submit(&node, &next).unwrap();
    let free = sent(&node, "//Bob", 3);
    assert!(free < 1_000_000 * UNIT - 3 * UNIT && free > 1_000_000 * UNIT - 4 * UNIT, "{free}");
    assert!(!node.log().contains("panicked"), "{}", node.log());
    node.stop();
}

#[test]
fn garbage_is_no_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(dev(folder.path()));
    let wallet = Wallet::new(&node);
    let version = node.call("state_getRuntimeVersion", json!([]));
    let bomb = {
        let mut bomb = citrate_core::code::ZSTD_MAGIC.to_vec();
        bomb.extend([0xff; 100]);
        bomb
    };
    let codes = [vec![], b"garbage".to_vec(), b"\0asm\x01\0\0\0".to_vec(), bomb];
    for (number, code) in (0u32..).zip(&codes) {
        // Sudo.sudo(System.set_code(code))
        let call = (4u8, 0u8, 0u8, 2u8, code).encode();
        submit(&node, &wallet.sign("//Alice", &call, nonce(number))).unwrap();
        sent(&node, "//Alice", number + 1);
    }
    assert_eq!(node.call("state_getRuntimeVersion", json!([])), version);
    // The chain goes on with the code that it has.
    let transfer = wallet.transfer("//Alice", "//Bob", UNIT, nonce(4));
    submit(&node, &transfer).unwrap();
    sent(&node, "//Alice", 5);
    assert!(!node.log().contains("panicked"), "{}", node.log());
    let log = node.log();
    node.stop();
    assert!(!log.contains("ERROR"), "{log}");
}

#[test]
fn requests_that_are_too_large_or_no_requests_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(dev(folder.path()));
    let post = |body: &str| {
        let answer = ureq::post(format!("http://{}", node.address))
            .config()
            .http_status_as_error(false)
            .build()
            .content_type("application/json")
            .send(body);
        // The server may close before it has read all of a request that is too large.
        answer.map(|mut answer| {
            (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap_or_default())
        })
    };
    if let Ok((status, body)) = post(&"x".repeat(40 << 20)) {
        assert!(status == 413 || body.contains("large") || body.contains("big"), "{status} {body}");
    }
    for body in ["", "{", "[]", "{\"jsonrpc\":\"2.0\"}", "\u{0}", &"[".repeat(100_000)] {
        let (status, answer) = post(body).unwrap();
        let start = &body[..body.len().min(20)];
        assert!(status >= 400 || answer.contains("error"), "{start}: {status} {answer}");
    }
    let unknown = node.try_call("no_such_method", json!([])).unwrap_err();
    assert_eq!(unknown["code"], -32601);
    for params in [json!([{}]), json!(["0x12"]), json!([1, 2, 3]), json!({ "at": 7 })] {
        assert!(node.try_call("chain_getHeader", params.clone()).is_err(), "{params}");
    }
    assert!(node.try_call("state_call", json!(["No_such", "0x"])).is_err());
    assert!(node.try_call("state_call", json!(["Core_execute_block", "0x00"])).is_err());
    node.wait_for_block(node.best() + 2);
    assert!(!node.log().contains("panicked"), "{}", node.log());
    node.stop();
    succeeds(crate::command::citrate(["--version"]));
}
