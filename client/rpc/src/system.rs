//! `system_*`, `payment_*`, `offchain_*` and `chainSpec_v1_*`: the node, fees, and constants.

use citrate_core::{AccountId32, H256, Nonce, OpaqueExtrinsic, Weight};
use codec::{Decode, Encode};
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::author::extrinsic_of;
use crate::context::Context;
use crate::error::{Answer, internal, invalid_params};
use crate::params::{Args, hex_or_null, hex_string};
use crate::registry::{Policy, Registry};

/// LIMIT: transactions of one account that the next index counts.
const NONCE_STEPS_MAX: u32 = 8192;
/// LIMIT: bytes of an off-chain storage key and of its value.
const OFFCHAIN_KEY_MAX: usize = 1024;
const OFFCHAIN_VALUE_MAX: usize = 1024 * 1024;

pub(crate) fn register(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["system_name"], safe, |context, _| Ok(json!(context.info.impl_name)));
    registry.method(&["system_version"], safe, |context, _| Ok(json!(context.info.impl_version)));
    registry.method(&["system_chain", "chainSpec_v1_chainName"], safe, |context, _| {
        Ok(json!(context.info.chain_name))
    });
    registry.method(&["system_chainType"], safe, |context, _| Ok(context.info.chain_type.clone()));
    registry.method(&["system_properties", "chainSpec_v1_properties"], safe, |context, _| {
        Ok(Value::Object(context.info.properties.clone()))
    });
    registry.method(&["chainSpec_v1_genesisHash"], safe, |context, _| {
        Ok(json!(context.backend.genesis_hash()))
    });
    registry.method(&["system_health"], safe, |context, _| {
        let should_have_peers = context.info.should_have_peers;
        Ok(json!({ "peers": 0, "isSyncing": false, "shouldHavePeers": should_have_peers }))
    });
    registry.method(&["system_localPeerId"], safe, |context, _| {
        Ok(json!(context.info.local_peer_id))
    });
    registry.method(&["system_localListenAddresses"], safe, |context, _| {
        Ok(json!(context.info.listen_addresses))
    });
    registry.method(&["system_nodeRoles"], safe, |context, _| Ok(json!(context.info.node_roles)));
    registry.method(&["system_peers"], Policy::Unsafe, |_, _| Ok(json!([])));
    registry.method(&["system_reservedPeers"], safe, |_, _| Ok(json!([])));
    registry.method(&["system_syncState"], safe, |context, _| {
        let best = context.backend.best().number;
        Ok(json!({ "startingBlock": 0, "currentBlock": best, "highestBlock": best }))
    });
    registry.method(
        &["system_accountNextIndex", "account_nextIndex"],
        safe,
        account_next_index,
    );
    registry.method(&["system_dryRun", "system_dryRunAt"], Policy::Unsafe, |context, args| {
        let extrinsic = extrinsic_of(&args.bytes(0, "extrinsic")?)?;
        let at = context.block_or_best(args.hash_opt(1, "at")?);
        let method = "BlockBuilder_apply_extrinsic";
        Ok(json!(hex_string(context.backend.call(&at, method, &extrinsic.encode())?)))
    });
    registry.method(&["payment_queryInfo"], safe, query_info);
    registry.method(&["payment_queryFeeDetails"], safe, query_fee_details);
    registry.method(&["offchain_localStorageGet"], Policy::Unsafe, |context, args| {
        Ok(hex_or_null(context.backend.offchain_get(&offchain_key(args)?)?))
    });
    registry.method(&["offchain_localStorageSet"], Policy::Unsafe, |context, args| {
        let value = args.bytes(2, "value")?;
        if value.len() > OFFCHAIN_VALUE_MAX {
            return Err(invalid_params("the value is too long"));
        }
        context.backend.offchain_set(&offchain_key(args)?, Some(&value))?;
        Ok(Value::Null)
    });
    registry.method(&["offchain_localStorageClear"], Policy::Unsafe, |context, args| {
        context.backend.offchain_set(&offchain_key(args)?, None)?;
        Ok(Value::Null)
    });
}

/// The nonce at the best block, and one more for each transaction of the pool that follows it.
fn account_next_index(context: &Context, args: &Args) -> Answer {
    let account = args.string(0, "account")?;
    let account: AccountId32 =
        account.parse().map_err(|_| invalid_params("`account`: not an SS58 address"))?;
    let best = context.backend.best().hash;
    let method = "AccountNonceApi_account_nonce";
    let answer = context.backend.call(&best, method, &account.encode())?;
    let nonce = Nonce::decode(&mut &answer[..]).map_err(internal)?;
    let queued = (0..NONCE_STEPS_MAX)
        .take_while(|step| context.pool.provides(&(&account, nonce.saturating_add(*step)).encode()))
        .count();
    Ok(json!(u64::from(nonce) + queued as u64))
}

/// The arguments of the payment API's queries: the extrinsic and its length.
fn payment_call(
    context: &Context,
    args: &Args,
    method: &str,
) -> Result<Vec<u8>, ErrorObjectOwned> {
    let extrinsic: OpaqueExtrinsic = extrinsic_of(&args.bytes(0, "extrinsic")?)?;
    let at: H256 = context.block_or_best(args.hash_opt(1, "at")?);
    let mut data = extrinsic.encode();
    let length = u32::try_from(data.len()).map_err(internal)?;
    length.encode_to(&mut data);
    Ok(context.backend.call(&at, method, &data)?)
}

fn query_info(context: &Context, args: &Args) -> Answer {
    let answer = payment_call(context, args, "TransactionPaymentApi_query_info")?;
    let (weight, class, fee) =
        <(Weight, u8, u128)>::decode(&mut &answer[..]).map_err(internal)?;
    let class = match class {
        0 => "normal",
        1 => "operational",
        _ => "mandatory",
    };
    Ok(json!({
        "weight": { "ref_time": weight.ref_time(), "proof_size": weight.proof_size() },
        "class": class,
        // A string: JavaScript's numbers are too short for a balance.
        "partialFee": fee.to_string(),
    }))
}

fn query_fee_details(context: &Context, args: &Args) -> Answer {
    let answer = payment_call(context, args, "TransactionPaymentApi_query_fee_details")?;
    let fees = Option::<(u128, u128, u128)>::decode(&mut &answer[..]).map_err(internal)?;
    let fees = fees.map(|(base, length, weight)| {
        json!({
            "baseFee": format!("0x{base:x}"),
            "lenFee": format!("0x{length:x}"),
            "adjustedWeightFee": format!("0x{weight:x}"),
        })
    });
    Ok(json!({ "inclusionFee": fees }))
}

fn offchain_key(args: &Args) -> Result<Vec<u8>, ErrorObjectOwned> {
    match args.string(0, "kind")?.as_str() {
        "PERSISTENT" => {}
        "LOCAL" => return Err(invalid_params("storage of kind `LOCAL` is not available")),
        _ => return Err(invalid_params("`kind`: expected `PERSISTENT` or `LOCAL`")),
    }
    let key = args.bytes(1, "key")?;
    if key.len() > OFFCHAIN_KEY_MAX {
        return Err(invalid_params("the key is too long"));
    }
    Ok(key)
}
