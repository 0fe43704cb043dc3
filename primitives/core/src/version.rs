//! The version of a runtime and of its state layout.

use alloc::borrow::Cow;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Identifier of a runtime API: blake2-64 of its name.
pub type ApiId = [u8; 8];

/// Layout of the state trie.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum StateVersion {
    /// Values are part of their node.
    V0,
    /// Values of 33 bytes and more are nodes of their own, referred to by hash.
    #[default]
    V1,
}

impl TryFrom<u8> for StateVersion {
    type Error = ();
    fn try_from(version: u8) -> Result<Self, ()> {
        match version {
            0 => Ok(Self::V0),
            1 => Ok(Self::V1),
            _ => Err(()),
        }
    }
}

impl From<StateVersion> for u8 {
    fn from(version: StateVersion) -> Self {
        match version {
            StateVersion::V0 => 0,
            StateVersion::V1 => 1,
        }
    }
}

/// What a runtime is, which transactions it understands and which APIs it offers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(replace_segment("citrate_core", "sp_version"))]
pub struct RuntimeVersion {
    /// Name of the chain's rules; an upgrade must keep it.
    pub spec_name: Cow<'static, str>,
    /// Name of the implementation.
    pub impl_name: Cow<'static, str>,
    /// Version of the authoring rules.
    pub authoring_version: u32,
    /// Version of the rules; an upgrade must raise it.
    pub spec_version: u32,
    /// Version of the implementation.
    pub impl_version: u32,
    /// The APIs offered, with their versions.
    pub apis: Cow<'static, [(ApiId, u32)]>,
    /// Version of the encoding of transactions.
    pub transaction_version: u32,
    /// 0: state V0. 1: state V1, extrinsics root V0. 2 and more: V1 for both.
    pub system_version: u8,
}

impl RuntimeVersion {
    /// Layout of the state trie.
    pub fn state_version(&self) -> StateVersion {
        if self.system_version == 0 { StateVersion::V0 } else { StateVersion::V1 }
    }

    /// Layout of the trie whose root commits to the extrinsics.
    pub fn extrinsics_root_state_version(&self) -> StateVersion {
        if self.system_version < 2 { StateVersion::V0 } else { StateVersion::V1 }
    }

    /// Version of the API `id`, if the runtime offers it.
    pub fn api_version(&self, id: &ApiId) -> Option<u32> {
        self.apis.iter().find(|(offered, _)| offered == id).map(|(_, version)| *version)
    }
}

#[cfg(feature = "std")]
impl serde::Serialize for RuntimeVersion {
    /// The JSON that Substrate's RPC answers.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let apis: Vec<(String, u32)> =
            self.apis.iter().map(|(id, v)| (format!("0x{}", hex::encode(id)), *v)).collect();
        let mut map = serializer.serialize_struct("RuntimeVersion", 9)?;
        map.serialize_field("specName", &self.spec_name)?;
        map.serialize_field("implName", &self.impl_name)?;
        map.serialize_field("authoringVersion", &self.authoring_version)?;
        map.serialize_field("specVersion", &self.spec_version)?;
        map.serialize_field("implVersion", &self.impl_version)?;
        map.serialize_field("apis", &apis)?;
        map.serialize_field("transactionVersion", &self.transaction_version)?;
        map.serialize_field("systemVersion", &self.system_version)?;
        map.serialize_field("stateVersion", &u8::from(self.state_version()))?;
        map.end()
    }
}
