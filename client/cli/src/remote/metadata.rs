//! What a running chain's metadata tells about its calls and errors.

use super::Node;
use anyhow::{Context, Result, bail};
use codec::Decode;
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed, v14::RuntimeMetadataV14};
use scale_info::{TypeDef, Variant};
use serde_json::json;

/// The runtime of a running chain.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(super) metadata: RuntimeMetadataV14,
}

impl Runtime {
    /// Asks the node.
    pub(crate) fn fetch(node: &Node) -> Result<Self> {
        let bytes = node.call_bytes("state_getMetadata", &json!([]))?;
        match RuntimeMetadataPrefixed::decode(&mut &bytes[..])?.1 {
            RuntimeMetadata::V14(metadata) => Ok(Self { metadata }),
            other => bail!("metadata of version {} instead of 14", other.version()),
        }
    }

    /// The bytes of a call: the pallet's index, the call's, and the encoded arguments.
    pub(crate) fn call(&self, pallet: &str, call: &str, arguments: &[u8]) -> Result<Vec<u8>> {
        let found = self.metadata.pallets.iter().find(|p| p.name == pallet);
        let found = found.with_context(|| format!("this chain has no pallet {pallet}"))?;
        let calls = found.calls.as_ref().map(|calls| self.variants(calls.ty.id));
        let variant = calls.unwrap_or_default().iter().find(|variant| variant.name == call);
        let variant = variant.with_context(|| format!("{pallet} has no call {call}"))?;
        Ok([&[found.index, variant.index], arguments].concat())
    }

    /// The name of a pallet's error.
    pub(super) fn error_name(&self, pallet: u8, error: u8) -> String {
        let found = self.metadata.pallets.iter().find(|p| p.index == pallet);
        let name = found.and_then(|found| {
            let ty = found.error.as_ref()?.ty.id;
            let variant = self.variants(ty).iter().find(|variant| variant.index == error)?;
            Some(format!("{}.{}: {}", found.name, variant.name, variant.docs.join(" ")))
        });
        name.unwrap_or_else(|| format!("error {error} of pallet {pallet}"))
    }

    fn variants(&self, ty: u32) -> &[Variant<scale_info::form::PortableForm>] {
        match self.metadata.types.resolve(ty).map(|ty| &ty.type_def) {
            Some(TypeDef::Variant(def)) => &def.variants,
            _ => &[],
        }
    }
}
