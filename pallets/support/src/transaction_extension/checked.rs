//! From the bytes of an extrinsic to its effects.

use super::{
    AsTransactionAuthorizedOrigin, DispatchOriginOf, RuntimeDispatchable, TransactionExtension,
};
use crate::{
    dispatch::{DispatchInfo, DispatchResultWithPostInfo},
    storage::with_storage_layer,
    traits::{IdentifyAccount, OriginTrait, StaticLookup, ValidateUnsigned, Verify},
};
use citrate_core::{
    InvalidTransaction, Preamble, TransactionSource, TransactionValidity, TransactionValidityError,
    UncheckedExtrinsic,
};
use codec::Encode;

/// The outcome of an extrinsic that may be in the block, with what is known of its call.
pub type ApplyExtrinsicResultWithInfo =
    Result<DispatchResultWithPostInfo, TransactionValidityError>;

/// Payloads longer than this are hashed before they are signed.
const SIGNED_PAYLOAD_BYTES_MAX: usize = 256;

/// What is signed: the call, the extensions, and what they imply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPayload<Call, Extension, Implicit>((Call, Extension, Implicit));

impl<Call: Encode, Extension: Encode, Implicit: Encode> SignedPayload<Call, Extension, Implicit> {
    /// A payload of these parts.
    pub fn from_raw(call: Call, extension: Extension, implicit: Implicit) -> Self {
        Self((call, extension, implicit))
    }

    /// Hands the bytes to sign to `f`.
    pub fn using_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        self.0.using_encoded(|payload| {
            if payload.len() > SIGNED_PAYLOAD_BYTES_MAX {
                f(&citrate_host::hashing::blake2_256(payload))
            } else {
                f(payload)
            }
        })
    }
}

/// Who sends a checked extrinsic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtrinsicFormat<AccountId, Extension> {
    /// Nobody, without extensions: inherents and unsigned calls.
    Bare,
    /// An account whose signature was checked.
    Signed(AccountId, Extension),
    /// Whoever the extensions make of it.
    General(u8, Extension),
}

/// An extrinsic whose signature, if any, was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedExtrinsic<AccountId, Call, Extension> {
    /// Who sends it.
    pub format: ExtrinsicFormat<AccountId, Extension>,
    /// What it does.
    pub function: Call,
}

/// Checks an extrinsic's signature and resolves its address.
///
/// # Errors
/// The address stands for nothing, an implicit part cannot be computed, or the signature is bad.
pub fn check_extrinsic<Lookup, Call, Signature, Extension>(
    extrinsic: UncheckedExtrinsic<Lookup::Source, Call, Signature, Extension>,
) -> Result<CheckedExtrinsic<Lookup::Target, Call, Extension>, TransactionValidityError>
where
    Lookup: StaticLookup,
    Call: RuntimeDispatchable + Encode,
    Extension: TransactionExtension<Call>,
    Signature: Verify,
    Signature::Signer: IdentifyAccount<AccountId = Lookup::Target>,
{
    let function = extrinsic.function;
    let format = match extrinsic.preamble {
        Preamble::Bare(_) => ExtrinsicFormat::Bare,
        Preamble::General(version, extension) => ExtrinsicFormat::General(version, extension),
        Preamble::Signed(address, signature, extension) => {
            let signer = Lookup::lookup(address)?;
            let implicit = extension.implicit()?;
            let payload = SignedPayload::from_raw(&function, &extension, implicit);
            if !payload.using_bytes(|bytes| signature.verify(bytes, &signer)) {
                return Err(InvalidTransaction::BadProof.into());
            }
            ExtrinsicFormat::Signed(signer, extension)
        }
    };
    Ok(CheckedExtrinsic { format, function })
}

impl<AccountId, Call, Extension> CheckedExtrinsic<AccountId, Call, Extension>
where
    Call: RuntimeDispatchable + Encode,
    DispatchOriginOf<Call>: OriginTrait<AccountId = AccountId>,
    Extension: TransactionExtension<Call>,
    AccountId: Clone,
{
    /// What the extensions weigh; zero without.
    pub fn extension_weight(&self) -> citrate_core::Weight {
        match &self.format {
            ExtrinsicFormat::Bare => citrate_core::Weight::zero(),
            ExtrinsicFormat::Signed(_, extension) | ExtrinsicFormat::General(_, extension) => {
                extension.weight(&self.function)
            }
        }
    }

    /// Checks the extrinsic for the transaction pool.
    ///
    /// # Errors
    /// It is not valid, or not now.
    pub fn validate<Unsigned: ValidateUnsigned<Call = Call>>(
        &self,
        source: TransactionSource,
        info: &DispatchInfo,
        len: usize,
    ) -> TransactionValidity {
        let (extension, origin) = match &self.format {
            ExtrinsicFormat::Bare => {
                let valid = Extension::bare_validate(&self.function, info, len)?;
                let unsigned = Unsigned::validate_unsigned(source, &self.function)?;
                return Ok(valid.combine_with(unsigned));
            }
            ExtrinsicFormat::Signed(who, extension) => {
                (extension, <DispatchOriginOf<Call>>::signed(who.clone()))
            }
            ExtrinsicFormat::General(_, extension) => (extension, <DispatchOriginOf<Call>>::none()),
        };
        let implicit = extension.implicit()?;
        let (valid, _, origin) =
            extension.validate(origin, &self.function, info, len, implicit, &(), source)?;
        if !origin.is_transaction_authorized() {
            return Err(InvalidTransaction::UnknownOrigin.into());
        }
        Ok(valid)
    }

    /// Runs the extrinsic: extensions, call, settlement.
    ///
    /// A call that fails is rolled back; what the extensions did stays.
    ///
    /// # Errors
    /// The extrinsic may not be in this block.
    pub fn apply<Unsigned: ValidateUnsigned<Call = Call>>(
        self,
        info: &DispatchInfo,
        len: usize,
    ) -> ApplyExtrinsicResultWithInfo {
        let function = self.function;
        let (extension, origin) = match self.format {
            ExtrinsicFormat::Bare => {
                Unsigned::pre_dispatch(&function)?;
                Extension::bare_validate_and_prepare(&function, info, len)?;
                let mut result = run(function, <DispatchOriginOf<Call>>::none());
                let outcome = result.as_ref().map(|_| ()).map_err(|error| error.error);
                let post_info = post_info_mut(&mut result);
                Extension::bare_post_dispatch(info, post_info, len, &outcome)?;
                return Ok(result);
            }
            ExtrinsicFormat::Signed(who, extension) => {
                (extension, <DispatchOriginOf<Call>>::signed(who))
            }
            ExtrinsicFormat::General(_, extension) => (extension, <DispatchOriginOf<Call>>::none()),
        };
        let implicit = extension.implicit()?;
        let (_, val, origin) = extension.validate(
            origin,
            &function,
            info,
            len,
            implicit,
            &(),
            TransactionSource::InBlock,
        )?;
        if !origin.is_transaction_authorized() {
            return Err(InvalidTransaction::UnknownOrigin.into());
        }
        let pre = extension.prepare(val, &origin, &function, info, len)?;
        let mut result = run(function, origin);
        let outcome = result.as_ref().map(|_| ()).map_err(|error| error.error);
        let post_info = post_info_mut(&mut result);
        post_info.set_extension_weight(info);
        Extension::post_dispatch(pre, info, post_info, len, &outcome)?;
        Ok(result)
    }
}

/// Runs a call in a storage layer of its own.
fn run<Call: RuntimeDispatchable>(
    call: Call,
    origin: DispatchOriginOf<Call>,
) -> DispatchResultWithPostInfo {
    with_storage_layer(|| call.dispatch(origin))
}

fn post_info_mut(
    result: &mut DispatchResultWithPostInfo,
) -> &mut crate::dispatch::PostDispatchInfo {
    match result {
        Ok(post_info) => post_info,
        Err(error) => &mut error.post_info,
    }
}
