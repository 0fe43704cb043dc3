//! The extrinsics that blocks must have.

use crate::{BlockHooks, Executive, RuntimeCall, decode_extrinsic};
use alloc::vec::Vec;
use citrate_api::Block;
use citrate_core::{CheckInherentsResult, InherentData, OpaqueExtrinsic, UncheckedExtrinsic};
use citrate_support::{
    parts::RuntimeInherents,
    traits::{IdentifyAccount, OnRuntimeUpgrade, StaticLookup, ValidateUnsigned, Verify},
    transaction_extension::TransactionExtension,
};
use codec::{Codec, Decode, Encode};

impl<Runtime, Address, Call, Signature, Extension, Pallets, Migrations>
    Executive<Runtime, UncheckedExtrinsic<Address, Call, Signature, Extension>, Pallets, Migrations>
where
    Runtime: pallet_system::Config<RuntimeCall = Call>
        + ValidateUnsigned<Call = Call>
        + RuntimeInherents<Call = Call>,
    Runtime::Lookup: StaticLookup<Source = Address, Target = Runtime::AccountId>,
    Address: Codec,
    Call: RuntimeCall<Runtime::RuntimeOrigin>,
    Signature: Verify + Codec,
    Signature::Signer: IdentifyAccount<AccountId = Runtime::AccountId>,
    Extension: TransactionExtension<Call>,
    Pallets: BlockHooks,
    Migrations: OnRuntimeUpgrade,
{
    /// Whether an extrinsic is an inherent: nobody signs it, and a pallet claims its call.
    pub(crate) fn is_inherent(
        extrinsic: &UncheckedExtrinsic<Address, Call, Signature, Extension>,
    ) -> bool {
        extrinsic.is_bare() && Runtime::is_inherent_call(&extrinsic.function)
    }

    /// The block's inherents, made from the node's data.
    #[expect(clippy::needless_pass_by_value, reason = "the signature of the runtime API")]
    pub fn inherent_extrinsics(data: InherentData) -> Vec<OpaqueExtrinsic> {
        Runtime::create_inherents(&data)
            .into_iter()
            .filter_map(|call| {
                let extrinsic =
                    UncheckedExtrinsic::<Address, Call, Signature, Extension>::new_bare(call);
                // Both types have the same encoding, so this never drops one.
                OpaqueExtrinsic::decode(&mut extrinsic.encode().as_slice()).ok()
            })
            .collect()
    }

    /// Checks a block's inherents against the node's data.
    #[expect(clippy::needless_pass_by_value, reason = "the signature of the runtime API")]
    pub fn check_inherents(block: Block, data: InherentData) -> CheckInherentsResult {
        let calls: Vec<Call> = block
            .extrinsics
            .iter()
            .filter_map(|opaque| {
                decode_extrinsic::<UncheckedExtrinsic<Address, Call, Signature, Extension>>(
                    &opaque.encode(),
                )
                .ok()
            })
            .filter(UncheckedExtrinsic::is_bare)
            .map(|extrinsic| extrinsic.function)
            .collect();
        Runtime::check_inherents(calls.iter(), &data)
    }
}
