//! Metadata of a runtime, in the versions that clients read.

pub use sp_metadata_ir::*;

use alloc::vec::Vec;
use citrate_core::OpaqueMetadata;
use codec::Encode;

/// The version of the `Metadata_metadata` runtime call.
const OLDEST: u32 = 14;

/// The versions that can be asked for. No unstable one: some clients take the largest.
pub fn versions() -> Vec<u32> {
    supported_versions()
}

/// The metadata in version 14.
pub fn opaque(metadata: MetadataIR) -> OpaqueMetadata {
    OpaqueMetadata(into_version(metadata, OLDEST).map(|m| m.encode()).unwrap_or_default())
}

/// The metadata in a version, if it is supported.
pub fn opaque_at(metadata: MetadataIR, version: u32) -> Option<OpaqueMetadata> {
    into_version(metadata, version).map(|m| OpaqueMetadata(m.encode()))
}

/// Metadata of the runtime's extrinsics: version 4 signed, one version of the extensions.
pub fn extrinsic<Address, Call, Signature, Extension>() -> ExtrinsicMetadataIR
where
    Address: scale_info::StaticTypeInfo,
    Call: scale_info::StaticTypeInfo + crate::dispatch::Dispatchable,
    Signature: scale_info::StaticTypeInfo,
    Extension: crate::transaction_extension::TransactionExtension<Call>,
{
    use scale_info::meta_type;
    let extensions = Extension::metadata();
    let indices = (0_u32..).take(extensions.len()).collect();
    ExtrinsicMetadataIR {
        ty: meta_type::<citrate_core::UncheckedExtrinsic<Address, Call, Signature, Extension>>(),
        // Several clients take the first version as the one to sign with.
        versions: alloc::vec![4, 5],
        address_ty: meta_type::<Address>(),
        call_ty: meta_type::<Call>(),
        signature_ty: meta_type::<Signature>(),
        extra_ty: meta_type::<Extension>(),
        extensions_by_version: core::iter::once((0_u8, indices)).collect(),
        extensions_in_versions: extensions,
    }
}
