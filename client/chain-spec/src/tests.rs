use std::collections::BTreeMap;

use citrate_core::{StateVersion, well_known_keys};
use citrate_trie::{ChangeSet, EMPTY_ROOT, StateView};
use codec::{Decode, Encode};
use serde_json::{Value, json};

use crate::{ChainSpec, ChainSpecError, ChainType, Genesis, GenesisRuntime, GenesisState};

/// Writes its configuration to the key `config`.
struct Echo;

impl GenesisRuntime for Echo {
    fn call(
        &self,
        code: &[u8],
        method: &str,
        mut data: &[u8],
    ) -> Result<(Vec<u8>, ChangeSet), String> {
        assert_eq!(code, b"code");
        let mut changes = ChangeSet::default();
        let answer = match method {
            "GenesisBuilder_get_preset" => {
                let preset = match Option::<String>::decode(&mut data).unwrap().as_deref() {
                    None => Some(json!({ "a": { "x": 1, "y": 2 }, "list": [1, 2] })),
                    Some("development") => Some(json!({ "a": { "y": 3 }, "list": [5] })),
                    Some(_) => None,
                };
                preset.map(|json| json.to_string().into_bytes()).encode()
            }
            "GenesisBuilder_build_state" => {
                let json = Vec::<u8>::decode(&mut data).unwrap();
                let is_good = !json.windows(3).any(|part| part == b"bad");
                changes.top.insert(b"config".to_vec(), Some(json));
                changes.top.insert(b"gone".to_vec(), None);
                let child = BTreeMap::from([(b"k".to_vec(), Some(b"v".to_vec()))]);
                changes.children.insert(b"child".to_vec(), child);
                if is_good { Ok(()) } else { Err("no such pallet".to_owned()) }.encode()
            }
            other => return Err(format!("no function {other}")),
        };
        Ok((answer, changes))
    }
}

fn spec(genesis: &Value) -> Value {
    json!({ "name": "Test", "id": "test", "genesis": genesis })
}

fn read(json: &Value) -> Result<ChainSpec, ChainSpecError> {
    ChainSpec::from_json(json.to_string().as_bytes())
}

fn built(genesis: &Value) -> Result<Value, ChainSpecError> {
    let state = read(&spec(&json!({ "runtimeGenesis": genesis })))?.genesis_state(&Echo)?;
    Ok(serde_json::from_slice(&state.top[b"config".as_slice()]).unwrap())
}

#[test]
fn the_development_chain_is_its_preset_over_the_default() {
    let spec = ChainSpec::development(b"code".to_vec(), Some(b"worker".to_vec()));
    assert_eq!(spec.chain_type, ChainType::Development);
    let state = spec.genesis_state(&Echo).unwrap();
    let config: Value = serde_json::from_slice(&state.top[b"config".as_slice()]).unwrap();
    assert_eq!(config, json!({ "a": { "x": 1, "y": 3 }, "list": [5] }));
    assert_eq!(state.top[well_known_keys::CODE], b"code");
    assert_eq!(state.top[well_known_keys::WORKER], b"worker");
    assert!(!state.top.contains_key(b"gone".as_slice()));
    assert_eq!(state.children[b"child".as_slice()][b"k".as_slice()], b"v");
}

#[test]
fn raw_and_human_specifications_are_the_same_chain() {
    let human = ChainSpec::development(b"code".to_vec(), None);
    let raw = human.to_raw(&Echo).unwrap();
    assert!(matches!(raw.genesis, Genesis::Raw(_)));
    let read = ChainSpec::from_json(raw.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(read, raw);
    assert_eq!(read.genesis_state(&Echo).unwrap(), human.genesis_state(&Echo).unwrap());
    let human_again = ChainSpec::from_json(human.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(human_again, human);
}

#[test]
fn configurations_are_taken_whole_patches_over_the_default() {
    let config = json!({ "code": "0x636f6465", "config": { "only": true } });
    assert_eq!(built(&config).unwrap(), json!({ "only": true }));
    let patch = json!({ "code": "0x636f6465", "patch": { "a": { "x": 9 } } });
    assert_eq!(built(&patch).unwrap(), json!({ "a": { "x": 9, "y": 2 }, "list": [1, 2] }));
    let default = json!({ "code": "0x636f6465" });
    assert_eq!(built(&default).unwrap()["a"], json!({ "x": 1, "y": 2 }));

    let big = json!({ "code": "0x636f6465" }).to_string();
    let big =
        big.replace('}', ",\"patch\":{\"a\":{\"x\": 340282366920938463463374607431768211455}}}");
    let big = format!(r#"{{"name":"n","id":"i","genesis":{{"runtimeGenesis":{big}}}}}"#);
    let state = ChainSpec::from_json(big.as_bytes()).unwrap().genesis_state(&Echo).unwrap();
    let config = String::from_utf8(state.top[b"config".as_slice()].clone()).unwrap();
    assert!(config.contains("340282366920938463463374607431768211455"), "{config}");

    let unknown = built(&json!({ "code": "0x636f6465", "preset": "nope" })).unwrap_err();
    assert!(matches!(unknown, ChainSpecError::UnknownPreset(name) if name == "nope"));
    let refused = built(&json!({ "code": "0x636f6465", "config": { "bad": 1 } })).unwrap_err();
    assert!(refused.to_string().contains("no such pallet"), "{refused}");
}

#[test]
fn the_root_of_genesis_is_that_of_its_state() {
    assert_eq!(GenesisState::default().root(StateVersion::V1), EMPTY_ROOT);
    let state = ChainSpec::development(b"code".to_vec(), Some(vec![7; 100]));
    let state = state.genesis_state(&Echo).unwrap();
    let top = state.top.iter().map(|(k, v)| (k.clone(), Some(v.clone()))).collect();
    let mut changes = ChangeSet { top, ..ChangeSet::default() };
    for (name, child) in &state.children {
        let child = child.iter().map(|(k, v)| (k.clone(), Some(v.clone()))).collect();
        changes.children.insert(name.clone(), child);
    }
    for version in [StateVersion::V0, StateVersion::V1] {
        let (root, _) = StateView::empty().apply(&changes, version).unwrap();
        assert_eq!(state.root(version), root);
        assert_eq!(state.header(version).state_root, root);
    }
    let header = state.header(StateVersion::V1);
    assert_eq!((header.number, header.extrinsics_root), (0, EMPTY_ROOT));
    assert!(header.parent_hash.is_zero() && header.digest.logs.is_empty());
}

#[test]
fn a_raw_specification_of_substrate_is_read() {
    let json = json!({
        "name": "Test", "id": "test_1", "chainType": { "Custom": "odd" }, "bootNodes": [],
        "telemetryEndpoints": [["/dns/x", 0]], "protocolId": "dot", "forkId": "f",
        "properties": { "tokenSymbol": "X" }, "codeSubstitutes": {}, "consensusEngine": null,
        "genesis": { "raw": {
            "top": { "0x3a636f6465": "0x01", "0x": "0x02" },
            "childrenDefault": {
                "0x61": { "0x62": "0x63" },
                // Some tools write the whole key of the root.
                "0x3a6368696c645f73746f726167653a64656661756c743a64": { "0x65": "0x66" },
            },
        } },
    });
    let state = read(&json).unwrap().genesis_state(&Echo).unwrap();
    assert_eq!(state.top[&Vec::new()], [2]);
    assert_eq!(state.children[&b"a".to_vec()][&b"b".to_vec()], b"c");
    assert_eq!(state.children[&b"d".to_vec()][&b"e".to_vec()], b"f");
}

#[test]
fn bad_specifications_are_refused_by_field() {
    let raw = json!({ "raw": { "top": { "0x3a636f6465": "0x01" } } });
    assert!(read(&spec(&raw)).is_ok());
    let with = |key: &str, value: Value| {
        let mut json = spec(&raw);
        json[key] = value;
        json
    };
    for (json, text) in [
        (with("color", json!(1)), "unknown field `color`"),
        (with("name", json!("")), "`name`"),
        (with("id", json!("../x")), "`id`"),
        (with("id", json!(".hidden")), "`id`"),
        (with("id", json!("x".repeat(257))), "`id`"),
        (with("bootNodes", json!(vec!["/ip4"; 257])), "`bootNodes`"),
        (with("bootNodes", json!(["x".repeat(257)])), "`bootNodes`"),
        (with("codeSubstitutes", json!({ "1": "0x00" })), "`codeSubstitutes`"),
        (with("chainType", json!("Fake")), "unknown variant"),
        (spec(&json!({ "raw": { "top": {} } })), "no `:code`"),
        (spec(&json!({ "raw": { "top": { "zz": "0x" } } })), "expected 0x"),
        (spec(&json!({ "raw": { "top": { "0xz0": "0x" } } })), "character"),
        (spec(&json!({ "runtimeGenesis": { "code": "0x" } })), "is empty"),
        (
            spec(&json!({ "runtimeGenesis": { "code": "0x01", "patch": {}, "preset": "a" } })),
            "one of",
        ),
        (spec(&json!({ "other": {} })), "unknown variant"),
    ] {
        let error = read(&json).unwrap_err().to_string();
        assert!(error.contains(text), "{text}: {error}");
    }
    assert!(ChainSpec::from_json(b"{").is_err());
    assert!(ChainSpec::from_json(b"\xff").is_err());
}
