//! A runtime's blob, and what it says of itself.

use super::schema::{Schema, shapes};
use crate::remote::Node;
use anyhow::{Context, Result, bail, ensure};
use citrate_chain_spec::GenesisRuntime;
use citrate_core::{H256, RuntimeVersion, hashing::blake2_256, hashing::twox_128, well_known_keys};
use citrate_executor::{Executor, RuntimeCode};
use citrate_trie::ChangeSet;
use codec::{Decode, DecodeAll, Encode};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed, v14::RuntimeMetadataV14};
use serde_json::{Value, json};
use std::{borrow::Cow, collections::BTreeMap};

/// LIMIT: bytes of a blob in a file.
const BLOB_BYTES_MAX: u64 = 64 << 20;
/// The last part of the key under which a pallet keeps the version of its storage.
const STORAGE_VERSION: &[u8] = b":__STORAGE_VERSION__:";

/// A runtime's code, possibly compressed.
pub(super) struct Blob {
    pub(super) bytes: Vec<u8>,
}

/// What a runtime says of itself.
pub(super) struct Facts {
    bytes: usize,
    module_bytes: usize,
    hash: H256,
    pub(super) metadata: RuntimeMetadataV14,
    pub(super) surface: Surface,
}

/// What of a runtime an upgrade can break.
#[derive(Clone)]
pub(super) struct Surface {
    pub(super) version: RuntimeVersion,
    pub(super) schema: Schema,
    /// The versions of the pallets' storage that the code expects, by pallet.
    pub(super) storage_versions: BTreeMap<String, u16>,
}

impl Blob {
    /// The blob in a file, or that of the chain whose node answers at a URL, at its best block.
    pub(super) fn load(source: &str) -> Result<Self> {
        let is_url =
            ["http://", "https://", "ws://", "wss://"].iter().any(|s| source.starts_with(s));
        if is_url {
            let code = format!("0x{}", hex::encode(well_known_keys::CODE));
            let bytes = Node::new(source).call_bytes("state_getStorage", &json!([code]))?;
            return Ok(Self { bytes });
        }
        let about = || format!("runtime {source}");
        let size = std::fs::metadata(source).with_context(about)?.len();
        ensure!(size <= BLOB_BYTES_MAX, "{source} is larger than {BLOB_BYTES_MAX} bytes");
        let bytes = std::fs::read(source).with_context(about)?;
        ensure!(!bytes.is_empty(), "{source} is empty: it was built with SKIP_WASM_BUILD");
        Ok(Self { bytes })
    }

    /// The BLAKE2-256 hash of the blob, by which an upgrade is authorised.
    pub(super) fn hash(&self) -> H256 {
        blake2_256(&self.bytes).into()
    }

    /// The WebAssembly module.
    pub(super) fn module(&self) -> Result<Cow<'_, [u8]>> {
        Ok(citrate_core::code::decompress(&self.bytes)?)
    }

    /// Runs the blob to learn what it is.
    pub(super) fn facts(&self, executor: &Executor) -> Result<Facts> {
        let version = executor.runtime_version(RuntimeCode::new(&self.bytes))?;
        self.facts_of(version, executor)
    }

    /// As [`Self::facts`], for a runtime that no block can be made with.
    pub(super) fn facts_by(&self, runtime: &dyn GenesisRuntime) -> Result<Facts> {
        let answer = self.ask(runtime, "Core_version", &[])?;
        self.facts_of(RuntimeVersion::decode_all(&mut &answer[..])?, runtime)
    }

    fn facts_of(&self, version: RuntimeVersion, runtime: &dyn GenesisRuntime) -> Result<Facts> {
        let metadata = self.metadata(runtime)?;
        Ok(Facts {
            bytes: self.bytes.len(),
            module_bytes: self.module()?.len(),
            hash: self.hash(),
            surface: Surface {
                version,
                schema: shapes(&metadata),
                storage_versions: self.storage_versions(runtime, &metadata)?,
            },
            metadata,
        })
    }

    fn ask(&self, runtime: &dyn GenesisRuntime, method: &str, data: &[u8]) -> Result<Vec<u8>> {
        let answer = runtime.call(&self.bytes, method, data);
        answer.map(|(answer, _)| answer).map_err(|reason| anyhow::anyhow!("{method}: {reason}"))
    }

    fn metadata(&self, runtime: &dyn GenesisRuntime) -> Result<RuntimeMetadataV14> {
        let answer = self.ask(runtime, "Metadata_metadata", &[])?;
        let bytes = Vec::<u8>::decode_all(&mut &answer[..]).context("the metadata")?;
        match RuntimeMetadataPrefixed::decode(&mut &bytes[..]).context("the metadata")?.1 {
            RuntimeMetadata::V14(metadata) => Ok(metadata),
            other => bail!("metadata of version {} instead of 14", other.version()),
        }
    }

    /// What a new chain's state is: the empty one, or else that of the first preset that can be built.
    pub(super) fn genesis(&self, runtime: &dyn GenesisRuntime) -> Result<ChangeSet> {
        let build = |json: &[u8]| {
            let data = json.encode();
            runtime.call(&self.bytes, "GenesisBuilder_build_state", &data)
        };
        let reason = match build(b"{}") {
            Ok((_, changes)) => return Ok(changes),
            Err(reason) => reason,
        };
        let names = self.ask(runtime, "GenesisBuilder_preset_names", &[])?;
        for name in Vec::<String>::decode_all(&mut &names[..]).context("names of presets")? {
            let preset = self.ask(runtime, "GenesisBuilder_get_preset", &Some(name).encode())?;
            let preset = Option::<Vec<u8>>::decode_all(&mut &preset[..]).context("a preset")?;
            if let Some(Ok((_, changes))) = preset.map(|json| build(&json)) {
                return Ok(changes);
            }
        }
        bail!("neither its empty genesis nor one of its presets can be built: {reason}")
    }

    /// A new chain's state has the versions that the code expects.
    fn storage_versions(
        &self,
        runtime: &dyn GenesisRuntime,
        metadata: &RuntimeMetadataV14,
    ) -> Result<BTreeMap<String, u16>> {
        let changes = self.genesis(runtime)?;
        let version = |name: &str| {
            let stored = changes.top.get(&version_key(name)).cloned().flatten()?;
            u16::decode(&mut &stored[..]).ok()
        };
        let names = metadata.pallets.iter().map(|pallet| pallet.name.clone());
        Ok(names.filter_map(|name| Some((name.clone(), version(&name)?))).collect())
    }
}

/// Where a pallet keeps the version of its storage.
pub(super) fn version_key(pallet: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(STORAGE_VERSION)].concat()
}

impl Facts {
    /// The facts as JSON.
    pub(super) fn json(&self) -> Value {
        let pallet = |pallet: &frame_metadata::v14::PalletMetadata<_>| {
            json!({
                "name": pallet.name,
                "index": pallet.index,
                "storageVersion": self.surface.storage_versions.get(&pallet.name).copied().unwrap_or(0),
            })
        };
        json!({
            "specName": self.surface.version.spec_name,
            "specVersion": self.surface.version.spec_version,
            "transactionVersion": self.surface.version.transaction_version,
            "bytes": self.bytes,
            "moduleBytes": self.module_bytes,
            "blake2_256": self.hash,
            "pallets": self.metadata.pallets.iter().map(pallet).collect::<Vec<_>>(),
        })
    }

    /// The facts for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let version = &self.surface.version;
        let mut lines = vec![
            format!("runtime       {} {}", version.spec_name, version.spec_version),
            format!("transactions  {}", version.transaction_version),
            format!("bytes         {} ({} decompressed)", self.bytes, self.module_bytes),
            format!("BLAKE2-256    {:?}", self.hash),
        ];
        lines.extend(self.metadata.pallets.iter().map(|pallet| {
            let version = self.surface.storage_versions.get(&pallet.name).copied().unwrap_or(0);
            format!("pallet {:>6}  {} (storage version {version})", pallet.index, pallet.name)
        }));
        lines
    }
}
