//! The runtime version that a blob carries in custom sections.

use crate::ExecutorError;
use citrate_core::RuntimeVersion;
use codec::Decode;
use std::borrow::Cow;
use wasmparser::{Parser, Payload};

/// The version in the sections `runtime_version` and `runtime_apis`, when the blob has them.
pub(crate) fn embedded_version(code: &[u8]) -> Result<Option<RuntimeVersion>, ExecutorError> {
    let (mut version, mut apis) = (None, Vec::new());
    for payload in Parser::new(0).parse_all(code) {
        let payload = payload.map_err(|error| ExecutorError::Module(error.to_string()))?;
        let Payload::CustomSection(section) = payload else { continue };
        match section.name() {
            "runtime_version" => {
                let decoded = RuntimeVersion::decode(&mut section.data()).map_err(|source| {
                    ExecutorError::Decode { method: "runtime_version", source }
                })?;
                version = Some(decoded);
            }
            "runtime_apis" => apis.extend(section.data().chunks_exact(12).filter_map(api)),
            _ => {}
        }
    }
    Ok(version.map(|version| RuntimeVersion { apis: Cow::Owned(apis), ..version }))
}

fn api(record: &[u8]) -> Option<([u8; 8], u32)> {
    let (id, version) = record.split_at_checked(8)?;
    Some((id.try_into().ok()?, u32::from_le_bytes(version.try_into().ok()?)))
}
