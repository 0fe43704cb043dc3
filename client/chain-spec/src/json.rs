//! The JSON of a specification.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};

use citrate_core::well_known_keys::{CODE, DEFAULT_CHILD_STORAGE_KEY_PREFIX};

use crate::error::ChainSpecError;
use crate::genesis::GenesisState;
use crate::merge::Json;
use crate::runtime::{GenesisRuntime, build};

/// LIMIT: bytes of a specification; hex doubles the state.
const JSON_BYTES_MAX: usize = 256 * 1024 * 1024;
/// LIMIT: bytes of a name, an id, an address.
const TEXT_BYTES_MAX: usize = 256;
/// LIMIT: boot nodes, telemetry endpoints, properties, code substitutes: entries of each.
const ENTRIES_MAX: usize = 256;

/// What kind of chain it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ChainType {
    /// One node, keys that everybody knows.
    Development,
    /// A few nodes on one machine.
    Local,
    /// A chain with value on it.
    Live,
    /// Another kind.
    Custom(String),
}

/// A chain specification.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChainSpec {
    /// The chain's name, for people.
    pub name: String,
    /// The chain's id, for paths.
    pub id: String,
    /// What kind of chain it is.
    #[serde(default = "live")]
    pub chain_type: ChainType,
    /// Addresses of nodes that know others.
    #[serde(default)]
    pub boot_nodes: Vec<String>,
    /// Where telemetry goes, with verbosity.
    #[serde(default)]
    pub telemetry_endpoints: Option<Vec<(String, u8)>>,
    /// Tells the chain's network protocols from other chains'.
    #[serde(default)]
    pub protocol_id: Option<String>,
    /// Tells forks of one chain apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork_id: Option<String>,
    /// For wallets: `ss58Format`, `tokenDecimals`, `tokenSymbol`.
    #[serde(default)]
    pub properties: Option<Map<String, Value>>,
    /// Code to run instead of what is on chain, by block number; we have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub code_substitutes: BTreeMap<String, String>,
    /// Always null; kept because other tools write it.
    #[serde(default)]
    pub consensus_engine: (),
    /// The state at block 0, or how it is made.
    pub genesis: Genesis,
}

/// The state at block 0, or how it is made.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Genesis {
    /// The state.
    Raw(RawGenesis),
    /// The runtime, and what it makes the state of.
    RuntimeGenesis(RuntimeGenesis),
}

/// A state in hex.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawGenesis {
    /// The top trie.
    pub top: BTreeMap<Hex, Hex>,
    /// Child tries, by the key of their root or its last part, the name.
    #[serde(default)]
    pub children_default: BTreeMap<Hex, BTreeMap<Hex, Hex>>,
}

/// A runtime and its configuration: at most one of `config`, `patch` and `preset`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuntimeGenesis {
    /// The state transition, WASM, possibly compressed.
    #[serde(with = "hex_bytes")]
    pub code: Vec<u8>,
    /// The off-chain worker, WASM, possibly compressed.
    #[serde(default, with = "hex_bytes_opt", skip_serializing_if = "Option::is_none")]
    pub worker: Option<Vec<u8>>,
    /// The whole configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Json>,
    /// What differs from the runtime's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Json>,
    /// The name of one of the runtime's presets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
}

/// Bytes that JSON holds as `0x` and hex.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Hex(pub Vec<u8>);

fn live() -> ChainType {
    ChainType::Live
}

impl ChainSpec {
    /// A development chain: the runtime's preset `development`, one authority.
    pub fn development(code: Vec<u8>, worker: Option<Vec<u8>>) -> Self {
        Self::of_preset("Development", "dev", ChainType::Development, "development", code, worker)
    }

    /// A chain of several nodes on one machine: the runtime's preset `local_testnet`.
    pub fn local(code: Vec<u8>, worker: Option<Vec<u8>>) -> Self {
        let preset = "local_testnet";
        Self::of_preset("Local Testnet", "local", ChainType::Local, preset, code, worker)
    }

    fn of_preset(
        name: &str,
        id: &str,
        chain_type: ChainType,
        preset: &str,
        code: Vec<u8>,
        worker: Option<Vec<u8>>,
    ) -> Self {
        let properties = [
            ("ss58Format", Value::from(42)),
            ("tokenDecimals", Value::from(12)),
            ("tokenSymbol", Value::from("CIT")),
        ];
        Self {
            name: name.to_owned(),
            id: id.to_owned(),
            chain_type,
            boot_nodes: Vec::new(),
            telemetry_endpoints: None,
            protocol_id: None,
            fork_id: None,
            properties: Some(
                properties.map(|(key, value)| (key.to_owned(), value)).into_iter().collect(),
            ),
            code_substitutes: BTreeMap::new(),
            consensus_engine: (),
            genesis: Genesis::RuntimeGenesis(RuntimeGenesis {
                code,
                worker,
                preset: Some(preset.to_owned()),
                ..RuntimeGenesis::default()
            }),
        }
    }

    /// Reads a specification.
    ///
    /// # Errors
    /// When the text is too long, is no specification, or has a field that is out of bounds.
    pub fn from_json(json: &[u8]) -> Result<Self, ChainSpecError> {
        if json.len() > JSON_BYTES_MAX {
            return Err(ChainSpecError::TooLong { bytes: json.len(), max: JSON_BYTES_MAX });
        }
        let spec: Self = serde_json::from_slice(json)?;
        spec.check()?;
        Ok(spec)
    }

    /// Writes the specification.
    ///
    /// # Errors
    /// None for a specification that [`Self::from_json`] would read.
    pub fn to_json(&self) -> Result<String, ChainSpecError> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// The same chain with its state built.
    ///
    /// # Errors
    /// When the runtime cannot build it.
    pub fn to_raw(&self, runtime: &dyn GenesisRuntime) -> Result<Self, ChainSpecError> {
        let state = self.genesis_state(runtime)?;
        let hex = |pairs: BTreeMap<Vec<u8>, Vec<u8>>| -> BTreeMap<Hex, Hex> {
            pairs.into_iter().map(|(key, value)| (Hex(key), Hex(value))).collect()
        };
        let children = state.children.into_iter();
        let raw = RawGenesis {
            top: hex(state.top),
            children_default: children.map(|(name, pairs)| (Hex(name), hex(pairs))).collect(),
        };
        Ok(Self { genesis: Genesis::Raw(raw), ..self.clone() })
    }

    /// The state at block 0. A raw specification does not need the runtime for it.
    ///
    /// # Errors
    /// When the runtime cannot build it.
    pub fn genesis_state(
        &self,
        runtime: &dyn GenesisRuntime,
    ) -> Result<GenesisState, ChainSpecError> {
        match &self.genesis {
            Genesis::Raw(raw) => Ok(raw.state()),
            Genesis::RuntimeGenesis(genesis) => build(genesis, runtime),
        }
    }

    fn check(&self) -> Result<(), ChainSpecError> {
        let texts = [
            ("name", Some(&self.name)),
            ("id", Some(&self.id)),
            ("protocolId", self.protocol_id.as_ref()),
            ("forkId", self.fork_id.as_ref()),
        ];
        for (field, text) in texts {
            if text.is_some_and(|text| text.is_empty() || text.len() > TEXT_BYTES_MAX) {
                let reason = format!("must have 1 to {TEXT_BYTES_MAX} bytes");
                return Err(ChainSpecError::field(field, reason));
            }
        }
        // The id becomes the name of a folder.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !self.id.chars().all(is_plain) || self.id.starts_with('.') {
            let reason = "must be letters, digits, `-`, `_` and `.`, and not begin with `.`";
            return Err(ChainSpecError::field("id", reason));
        }
        let lists = [
            ("bootNodes", self.boot_nodes.len()),
            ("telemetryEndpoints", self.telemetry_endpoints.as_ref().map_or(0, Vec::len)),
            ("properties", self.properties.as_ref().map_or(0, Map::len)),
            ("codeSubstitutes", self.code_substitutes.len()),
        ];
        for (field, length) in lists {
            if length > ENTRIES_MAX {
                return Err(ChainSpecError::field(field, format!("at most {ENTRIES_MAX} entries")));
            }
        }
        if self.boot_nodes.iter().any(|address| address.len() > TEXT_BYTES_MAX) {
            let reason = format!("an address has at most {TEXT_BYTES_MAX} bytes");
            return Err(ChainSpecError::field("bootNodes", reason));
        }
        if !self.code_substitutes.is_empty() {
            let reason = "replacing the code on chain is not supported";
            return Err(ChainSpecError::field("codeSubstitutes", reason));
        }
        match &self.genesis {
            Genesis::Raw(raw) => raw.check(),
            Genesis::RuntimeGenesis(genesis) => genesis.check(),
        }
    }
}

impl RawGenesis {
    fn check(&self) -> Result<(), ChainSpecError> {
        if self.top.contains_key(&Hex(CODE.to_vec())) {
            Ok(())
        } else {
            Err(ChainSpecError::field("genesis.raw.top", "the state has no `:code`"))
        }
    }

    fn state(&self) -> GenesisState {
        let bytes = |pairs: &BTreeMap<Hex, Hex>| {
            pairs.iter().map(|(key, value)| (key.0.clone(), value.0.clone())).collect()
        };
        let child = |(key, pairs): (&Hex, &BTreeMap<Hex, Hex>)| {
            let name = key.0.strip_prefix(DEFAULT_CHILD_STORAGE_KEY_PREFIX).unwrap_or(&key.0);
            (name.to_vec(), bytes(pairs))
        };
        GenesisState {
            top: bytes(&self.top),
            children: self.children_default.iter().map(child).collect(),
        }
    }
}

impl RuntimeGenesis {
    fn check(&self) -> Result<(), ChainSpecError> {
        if self.code.is_empty() {
            return Err(ChainSpecError::field("genesis.runtimeGenesis.code", "is empty"));
        }
        let given = [self.config.is_some(), self.patch.is_some(), self.preset.is_some()];
        if given.iter().filter(|given| **given).count() > 1 {
            let reason = "give one of `config`, `patch` and `preset`";
            return Err(ChainSpecError::field("genesis.runtimeGenesis", reason));
        }
        Ok(())
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        hex_bytes::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        hex_bytes::deserialize(deserializer).map(Self)
    }
}

mod hex_bytes {
    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").ok_or_else(|| D::Error::custom("expected 0x"))?;
        hex::decode(digits).map_err(D::Error::custom)
    }
}

mod hex_bytes_opt {
    use super::*;

    #[expect(clippy::ref_option, reason = "serde passes the field by reference")]
    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| Hex(bytes.clone())).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Hex>::deserialize(deserializer)?.map(|bytes| bytes.0))
    }
}
