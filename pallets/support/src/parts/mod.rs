//! What a pallet shows its runtime: its call, event and error types, metadata, inherents.
//!
//! `#[pallet]` implements [`PalletParts`] and `#[runtime]` uses it. There is nothing else between
//! the two macros, so a pallet may also be written by hand.

mod absent;
mod error;
mod help;
mod inherents;
pub mod require;

pub use self::{
    absent::{Absent, AbsentGenesis, Never},
    error::{PalletError, ensure_error_fits},
    help::{
        CheckIfFeeless, StorageQuery, VIEW_FUNCTION_DEPTH_MAX, count, has_storage, join_hashes,
        module_error, outer_path, select, view_function_id,
    },
    inherents::{InherentChecks, no_unsigned_validator},
};

use crate::{
    dispatch::{
        DispatchErrorWithPostInfo, DispatchResultWithPostInfo, PostDispatchInfo,
        ViewFunctionDispatchError, ViewFunctionId,
    },
    traits::PalletInfoAccess,
};
use alloc::vec::Vec;
use citrate_core::{
    InherentData, InherentIdentifier, TransactionSource, TransactionValidity,
    TransactionValidityError, UnknownTransaction,
};
use sp_metadata_ir::{
    EnumDeprecationInfoIR, ItemDeprecationInfoIR, PalletAssociatedTypeMetadataIR,
    PalletConstantMetadataIR, PalletMetadataIR, PalletStorageMetadataIR,
    PalletViewFunctionMetadataIR,
};

/// The parts of a pallet that its runtime `R` composes.
///
/// A part that a pallet does not have is [`Absent`]. The composed enums have `From` and the like for
/// the types here. Whether two such implementations overlap is decided with only those traits in
/// view that name a type of the runtime's crate among their own parameters: hence `R`.
pub trait PalletParts<R>: PalletInfoAccess + Sized + 'static {
    /// The calls; an enum without variants if there are none.
    type Call: 'static;
    /// The events.
    type Event: 'static;
    /// The errors.
    type Error: 'static;
    /// The origin.
    type Origin: 'static;
    /// The reasons for holds.
    type HoldReason: 'static;
    /// The reasons for freezes.
    type FreezeReason: 'static;
    /// The part of the genesis config.
    type GenesisConfig: 'static;

    /// Whether there are calls.
    const HAS_CALL: bool = false;
    /// Whether there are events.
    const HAS_EVENT: bool = false;
    /// Whether there are errors.
    const HAS_ERROR: bool = false;
    /// Whether there is an origin.
    const HAS_ORIGIN: bool = false;
    /// Whether there are reasons for holds.
    const HAS_HOLD_REASON: bool = false;
    /// Whether there are reasons for freezes.
    const HAS_FREEZE_REASON: bool = false;
    /// Whether there is a genesis config.
    const HAS_GENESIS_CONFIG: bool = false;

    /// Everything that metadata says of the pallet but its name and index.
    fn parts_metadata() -> PartsMetadata;

    /// The pallet's inherent, made from the node's data.
    fn create_inherent(_data: &InherentData) -> Option<Self::Call> {
        None
    }

    /// Whether a call is the pallet's inherent.
    fn is_inherent(_call: &Self::Call) -> bool {
        false
    }

    /// Checks the pallet's inherent against the node's data.
    fn check_inherent(_call: &Self::Call, _data: &InherentData) -> Option<InherentFault> {
        None
    }

    /// What is wrong with a block that lacks the pallet's inherent.
    fn missing_inherent(_data: &InherentData) -> Option<InherentFault> {
        None
    }

    /// Checks an unsigned call for the transaction pool.
    ///
    /// # Errors
    /// The call must not run.
    fn validate_unsigned(_source: TransactionSource, _call: &Self::Call) -> TransactionValidity {
        Err(UnknownTransaction::NoUnsignedValidator.into())
    }

    /// Checks an unsigned call just before it runs: the pallet's inherent passes, which no pool takes.
    ///
    /// # Errors
    /// The call must not run.
    fn pre_dispatch_unsigned(call: &Self::Call) -> Result<(), TransactionValidityError> {
        if Self::is_inherent(call) {
            return Ok(());
        }
        Err(UnknownTransaction::NoUnsignedValidator.into())
    }

    /// Runs a view function on its encoded arguments.
    ///
    /// # Errors
    /// There is no such function, or the arguments do not decode.
    fn view_function(
        id: &ViewFunctionId,
        _input: &mut &[u8],
    ) -> Result<Vec<u8>, ViewFunctionDispatchError> {
        Err(ViewFunctionDispatchError::NotFound(id.clone()))
    }

    /// All of the pallet's metadata.
    fn metadata() -> PalletMetadataIR {
        let parts = Self::parts_metadata();
        PalletMetadataIR {
            name: Self::name(),
            storage: parts.storage,
            calls: Self::HAS_CALL.then_some(sp_metadata_ir::PalletCallMetadataIR {
                ty: parts.call_type,
                deprecation_info: parts.call_deprecation,
            }),
            view_functions: parts.view_functions,
            event: parts.event.map(|(ty, deprecation_info)| {
                sp_metadata_ir::PalletEventMetadataIR { ty, deprecation_info }
            }),
            constants: parts.constants,
            error: parts.error.map(|(ty, deprecation_info)| {
                sp_metadata_ir::PalletErrorMetadataIR { ty, deprecation_info }
            }),
            associated_types: parts.associated_types,
            // A pallet's index is a `u8` in `#[runtime]`.
            index: u8::try_from(Self::index()).unwrap_or(u8::MAX),
            docs: parts.docs,
            deprecation_info: parts.deprecation,
        }
    }
}

/// A pallet's metadata without its name and index.
#[derive(Debug)]
pub struct PartsMetadata {
    /// Documentation.
    pub docs: Vec<&'static str>,
    /// Whether the pallet is deprecated.
    pub deprecation: ItemDeprecationInfoIR,
    /// Storage items; none if the pallet has none.
    pub storage: Option<PalletStorageMetadataIR>,
    /// The type of the calls.
    pub call_type: scale_info::MetaType,
    /// Deprecated calls.
    pub call_deprecation: EnumDeprecationInfoIR,
    /// The type of the events, and the deprecated ones.
    pub event: Option<(scale_info::MetaType, EnumDeprecationInfoIR)>,
    /// The type of the errors, and the deprecated ones.
    pub error: Option<(scale_info::MetaType, EnumDeprecationInfoIR)>,
    /// Constants.
    pub constants: Vec<PalletConstantMetadataIR>,
    /// Types of the config.
    pub associated_types: Vec<PalletAssociatedTypeMetadataIR>,
    /// View functions.
    pub view_functions: Vec<PalletViewFunctionMetadataIR>,
}

/// What is wrong with an inherent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InherentFault {
    /// Which inherent.
    pub identifier: InherentIdentifier,
    /// The pallet's error, encoded.
    pub error: Vec<u8>,
    /// Whether the block is invalid.
    pub fatal: bool,
}

impl InherentFault {
    /// What `Pallet` says is wrong.
    pub fn new<Pallet: crate::traits::ProvideInherent>(error: &Pallet::Error) -> Self {
        Self {
            identifier: Pallet::INHERENT_IDENTIFIER,
            error: codec::Encode::encode(error),
            fatal: crate::traits::IsFatalError::is_fatal_error(error),
        }
    }
}

/// Bytes that are an encoding already.
#[derive(Debug)]
pub struct Encoded<'a>(pub &'a [u8]);

impl codec::Encode for Encoded<'_> {
    fn encode_to<O: codec::Output + ?Sized>(&self, output: &mut O) {
        output.write(self.0);
    }
}

/// What a runtime does with inherents, composed of its pallets.
pub trait RuntimeInherents {
    /// The runtime's calls.
    type Call;
    /// The inherents of all pallets, made from the node's data.
    fn create_inherents(data: &InherentData) -> Vec<Self::Call>;
    /// Whether a call is some pallet's inherent.
    fn is_inherent_call(call: &Self::Call) -> bool;
    /// Checks the bare calls of a block against the node's data.
    fn check_inherents<'a>(
        calls: impl Iterator<Item = &'a Self::Call>,
        data: &InherentData,
    ) -> citrate_core::CheckInherentsResult
    where
        Self::Call: 'a;
}

/// What a call may return.
#[diagnostic::on_unimplemented(
    message = "a call returns `DispatchResult` or `DispatchResultWithPostInfo`, not `{Self}`",
    label = "not a call's result"
)]
pub trait CallOutput {
    /// The result in its full form.
    ///
    /// # Errors
    /// Those of the call.
    fn into_full(self) -> DispatchResultWithPostInfo;
}

impl<P: Into<PostDispatchInfo>, E: Into<DispatchErrorWithPostInfo>> CallOutput for Result<P, E> {
    fn into_full(self) -> DispatchResultWithPostInfo {
        self.map(Into::into).map_err(Into::into)
    }
}
