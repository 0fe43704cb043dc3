//! `chain_getBlockWeight`: how much of what a block may execute was used.

use citrate_core::{H256, Weight, hashing::twox_128};
use codec::Decode;
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{self, Answer, internal};
use crate::params::Args;
use crate::registry::{Policy, Registry};

/// The classes of calls, in the order in which the runtime keeps them.
const CLASSES: [&str; 3] = ["normal", "operational", "mandatory"];

pub(crate) fn register(registry: &mut Registry) {
    registry.method(&["chain_getBlockWeight"], Policy::Safe, block_weight);
}

/// A weight as runtimes encode it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Decode)]
struct Encoded(#[codec(compact)] u64, #[codec(compact)] u64);

impl From<Encoded> for Weight {
    fn from(Encoded(time, size): Encoded) -> Self {
        Self::from_parts(time, size)
    }
}

/// The limits of a class: what each extrinsic weighs besides its call, then the most of one, the most of all together, and
/// what the class has to itself.
#[derive(Debug, PartialEq, Eq, Decode)]
struct ClassLimits {
    base_extrinsic: Encoded,
    max_extrinsic: Option<Encoded>,
    max_total: Option<Encoded>,
    reserved: Option<Encoded>,
}

/// The constant `System.BlockWeights`.
#[derive(Debug, PartialEq, Eq, Decode)]
struct Limits {
    base_block: Encoded,
    max_block: Encoded,
    per_class: [ClassLimits; 3],
}

fn block_weight(context: &Context, args: &Args) -> Answer {
    let hash = context.block_or_best(args.hash_opt(0, "hash")?);
    let Some(header) = context.backend.header(&hash)? else { return Ok(Value::Null) };
    let key = [twox_128(b"System"), twox_128(b"BlockWeight")].concat();
    let stored = context.state(Some(hash))?.get(&key).map_err(error::state)?;
    // A block in which nothing weighed anything has no value there.
    let used = match stored {
        Some(stored) => <[Encoded; 3]>::decode(&mut &stored[..]).map_err(internal)?,
        None => [Encoded::default(); 3],
    };
    let limits = limits(context, &hash)?;
    let used = used.map(Weight::from);
    let total = used.iter().fold(Weight::zero(), |sum, weight| sum.saturating_add(*weight));
    let max = Weight::from(limits.max_block);
    let mut answer = json!({
        "hash": hash,
        "number": header.number,
        "total": share(total, Some(max)),
        "baseBlock": shown(limits.base_block.into()),
    });
    for ((name, used), limits) in CLASSES.iter().zip(used).zip(&limits.per_class) {
        answer[*name] = share(used, limits.max_total.map(Weight::from));
        answer[*name]["baseExtrinsic"] = shown(limits.base_extrinsic.into());
        answer[*name]["maxExtrinsic"] = optional(limits.max_extrinsic);
        answer[*name]["reserved"] = optional(limits.reserved);
    }
    Ok(answer)
}

/// What blocks may weigh, as the metadata of the block's runtime says.
fn limits(context: &Context, hash: &H256) -> Result<Limits, ErrorObjectOwned> {
    let answer = context.backend.call(hash, "Metadata_metadata", &[])?;
    let bytes = Vec::<u8>::decode(&mut &answer[..]).map_err(internal)?;
    let metadata = RuntimeMetadataPrefixed::decode(&mut &bytes[..]).map_err(internal)?;
    let RuntimeMetadata::V14(metadata) = metadata.1 else {
        return Err(internal("the runtime's metadata is not of version 14"));
    };
    let system = metadata.pallets.iter().find(|pallet| pallet.name == "System");
    let constants = system.map(|system| &system.constants[..]).unwrap_or_default();
    let weights = constants.iter().find(|constant| constant.name == "BlockWeights");
    let weights =
        weights.ok_or_else(|| internal("the runtime does not say what blocks may weigh"))?;
    Limits::decode(&mut &weights.value[..]).map_err(internal)
}

fn shown(weight: Weight) -> Value {
    json!({ "refTime": weight.ref_time(), "proofSize": weight.proof_size() })
}

fn optional(weight: Option<Encoded>) -> Value {
    weight.map_or(Value::Null, |weight| shown(weight.into()))
}

/// What was used of a limit, and which share of its time in millionths.
fn share(used: Weight, max: Option<Weight>) -> Value {
    let millionths = max.map(|max| {
        let used = u128::from(used.ref_time()) * 1_000_000;
        u64::try_from(used / u128::from(max.ref_time().max(1))).unwrap_or(u64::MAX)
    });
    json!({ "used": shown(used), "max": max.map(shown), "timeMillionths": millionths })
}

#[cfg(test)]
mod tests {
    use super::{Encoded, Limits, share};
    use citrate_core::Weight;
    use codec::{Compact, Decode, Encode};
    use serde_json::{Value, json};

    #[test]
    fn limits_are_read_as_the_system_pallet_writes_them() {
        let weight = |time: u64, size: u64| (Compact(time), Compact(size));
        let class = |total: Option<(Compact<u64>, Compact<u64>)>| {
            (weight(1, 0), None::<(Compact<u64>, Compact<u64>)>, total, Some(weight(2, 3)))
        };
        let bytes = (
            (weight(5, 0), weight(1_000, 50)),
            [class(Some(weight(750, 40))), class(Some(weight(1_000, 50))), class(None)],
        )
            .encode();
        let limits = Limits::decode(&mut &bytes[..]).unwrap();
        assert_eq!(limits.max_block, Encoded(1_000, 50));
        assert_eq!(limits.per_class[0].max_total, Some(Encoded(750, 40)));
        assert_eq!(limits.per_class[2].max_total, None);
        assert_eq!(limits.per_class[2].reserved, Some(Encoded(2, 3)));
    }

    #[test]
    fn a_share_is_of_time_and_of_nothing_without_a_limit() {
        let used = Weight::from_parts(250, 7);
        assert_eq!(share(used, Some(Weight::from_parts(1_000, 9)))["timeMillionths"], 250_000);
        assert_eq!(share(used, Some(Weight::zero()))["timeMillionths"], 250_000_000);
        let unlimited = share(used, None);
        assert_eq!(unlimited["timeMillionths"], Value::Null);
        assert_eq!(unlimited["used"], json!({ "refTime": 250, "proofSize": 7 }));
    }
}
