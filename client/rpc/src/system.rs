//! `system_*`, `payment_*`, `offchain_*` and `chainSpec_v1_*`: the node, fees, and constants.

use citrate_api::{account_nonce_api, transaction_payment_api};
use citrate_core::{AccountId32, H256, OpaqueExtrinsic};
use codec::Encode;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::author::extrinsic_of;
use crate::context::Context;
use crate::deps::PeerSummary;
use crate::error::{Answer, api, internal, invalid_params};
use crate::log::LogFilter;
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
        let (peers, sync) = (context.network.peers().len(), context.network.sync());
        let is_syncing = sync.is_syncing;
        Ok(json!({ "peers": peers, "isSyncing": is_syncing, "shouldHavePeers": should_have_peers }))
    });
    registry
        .method(&["system_localPeerId"], safe, |context, _| Ok(json!(context.info.local_peer_id)));
    registry.method(&["system_localListenAddresses"], safe, |context, _| {
        Ok(json!(context.network.listen_addresses()))
    });
    registry.method(&["system_nodeRoles"], safe, |context, _| Ok(json!(context.info.node_roles)));
    registry.method(&["system_peers"], Policy::Unsafe, |context, _| Ok(peers(context)));
    registry.method(&["system_reservedPeers"], safe, |context, _| {
        Ok(json!(context.network.reserved()))
    });
    registry.method(&["system_addReservedPeer"], Policy::Unsafe, |context, args| {
        let added = context.network.add_reserved(&args.string(0, "peer")?);
        added.map(|()| Value::Null).map_err(invalid_params)
    });
    registry.method(&["system_removeReservedPeer"], Policy::Unsafe, |context, args| {
        let removed = context.network.remove_reserved(&args.string(0, "peerId")?);
        removed.map(|()| Value::Null).map_err(invalid_params)
    });
    registry.method(&["system_syncState"], safe, |context, _| {
        let (best, sync) = (context.backend.best().number, context.network.sync());
        let highest = sync.highest.max(best);
        Ok(json!({
            "startingBlock": sync.starting,
            "currentBlock": best,
            "highestBlock": highest,
        }))
    });
    registry.method(&["system_accountNextIndex", "account_nextIndex"], safe, account_next_index);
    registry.method(&["system_dryRun", "system_dryRunAt"], Policy::Unsafe, |context, args| {
        let extrinsic = extrinsic_of(&args.bytes(0, "extrinsic")?)?;
        let at = context.block_or_best(args.hash_opt(1, "at")?);
        let method = "BlockBuilder_apply_extrinsic";
        Ok(json!(hex_string(context.backend.call(&at, method, &extrinsic.encode())?)))
    });
    registry.method(&["system_addLogFilter"], Policy::Unsafe, |context, args| {
        let directives = args.string(0, "directives")?;
        log(context)?.add(&directives).map_err(invalid_params)?;
        Ok(Value::Null)
    });
    registry.method(&["system_resetLogFilter"], Policy::Unsafe, |context, _| {
        log(context)?.reset().map_err(internal)?;
        Ok(Value::Null)
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

/// The best block is null until the peer has told it.
fn peers(context: &Context) -> Value {
    let peer = |peer: &PeerSummary| {
        json!({
            "peerId": peer.peer_id,
            "roles": "FULL",
            "bestHash": peer.best.map(|(_, hash)| hash),
            "bestNumber": peer.best.map(|(number, _)| number),
            "agent": peer.agent,
            "address": peer.address,
            "score": peer.score,
        })
    };
    context.network.peers().iter().map(peer).collect()
}

fn log(context: &Context) -> Result<&LogFilter, ErrorObjectOwned> {
    context.config.log.as_ref().ok_or_else(|| internal("what is logged cannot be changed"))
}

/// The nonce at the best block, and one more for each transaction of the pool that follows it.
fn account_next_index(context: &Context, args: &Args) -> Answer {
    let account = args.string(0, "account")?;
    let account: AccountId32 =
        account.parse().map_err(|_invalid| invalid_params("`account`: not an SS58 address"))?;
    let nonce = account_nonce_api::account_nonce(&context.runtime(None), account.clone());
    let nonce = nonce.map_err(api)?;
    let queued = (0..NONCE_STEPS_MAX)
        .take_while(|step| context.pool.provides(&(&account, nonce.saturating_add(*step)).encode()))
        .count();
    Ok(json!(u64::from(nonce) + queued as u64))
}

/// The arguments of the payment API's queries: the extrinsic, its length, and the block.
fn payment_args(args: &Args) -> Result<(OpaqueExtrinsic, u32, Option<H256>), ErrorObjectOwned> {
    let extrinsic = extrinsic_of(&args.bytes(0, "extrinsic")?)?;
    let length = u32::try_from(extrinsic.encoded_len()).map_err(internal)?;
    Ok((extrinsic, length, args.hash_opt(1, "at")?))
}

fn query_info(context: &Context, args: &Args) -> Answer {
    let (extrinsic, length, at) = payment_args(args)?;
    let runtime = context.runtime(at);
    let info = transaction_payment_api::query_info(&runtime, extrinsic, length).map_err(api)?;
    Ok(json!({
        "weight": {
            "ref_time": info.weight.ref_time(),
            "proof_size": info.weight.proof_size(),
        },
        "class": info.class,
        // A string: JavaScript's numbers are too short for a balance.
        "partialFee": info.partial_fee.to_string(),
    }))
}

fn query_fee_details(context: &Context, args: &Args) -> Answer {
    let (extrinsic, length, at) = payment_args(args)?;
    let runtime = context.runtime(at);
    let details =
        transaction_payment_api::query_fee_details(&runtime, extrinsic, length).map_err(api)?;
    let fees = details.inclusion_fee.map(|fee| {
        json!({
            "baseFee": format!("0x{:x}", fee.base_fee),
            "lenFee": format!("0x{:x}", fee.len_fee),
            "adjustedWeightFee": format!("0x{:x}", fee.adjusted_weight_fee),
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
