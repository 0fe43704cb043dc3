//! What is measured in WebAssembly: signatures and the comparison of results.
//!
//! Not part of the product: the examples of `citrate-executor` run it as the executor runs a runtime, `bls` and `agree`.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
// Its allocator and its panic handler.
use citrate_host as _;

pub mod agree;
pub mod bls;

use alloc::vec::Vec;
use citrate_api::{ViewFunctionDispatchError, ViewFunctionId};
use citrate_inference_types::ModelCard;
use codec::{Decode, Encode};

use bls::{KeysInG1, KeysInG2, Signed, Variant, Work};

/// The module's one export: a view function, which of them the id says. It answers whether its input was accepted.
#[derive(Debug)]
pub struct Guest;

/// Names [`KeysInG2`] in a call of the module.
pub const KEYS_IN_G2: ViewFunctionId = ViewFunctionId { prefix: [2; 16], suffix: [0; 16] };
/// Names [`KeysInG1`].
pub const KEYS_IN_G1: ViewFunctionId = ViewFunctionId { prefix: [1; 16], suffix: [0; 16] };
/// Names [`agree::all_agree_with_all`].
pub const AGREEMENT: ViewFunctionId = ViewFunctionId { prefix: [3; 16], suffix: [0; 16] };

fn arguments<A: Decode>(mut input: &[u8]) -> Result<A, ViewFunctionDispatchError> {
    A::decode(&mut input).map_err(|_error| ViewFunctionDispatchError::Codec)
}

citrate_api::impl_runtime_apis! {
    impl citrate_api::RuntimeViewFunction for Guest {
        fn execute_view_function(
            query_id: ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, ViewFunctionDispatchError> {
            let accepted = if query_id == AGREEMENT {
                type Arguments = (ModelCard, Option<u32>, Vec<Vec<u8>>);
                let (card, batch, outputs) = arguments::<Arguments>(&input)?;
                agree::all_agree_with_all(&card, batch, &outputs)
            } else if query_id == KEYS_IN_G2 {
                let (signed, work) = arguments::<(Signed, Work)>(&input)?;
                KeysInG2::work(&signed, work)
            } else if query_id == KEYS_IN_G1 {
                let (signed, work) = arguments::<(Signed, Work)>(&input)?;
                KeysInG1::work(&signed, work)
            } else {
                return Err(ViewFunctionDispatchError::NotFound(query_id));
            };
            Ok(accepted.encode())
        }
    }
}
