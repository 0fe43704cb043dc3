//! Signed transactions: made, sent, and followed until a block has them.

use super::{Event, Node, Runtime};
use anyhow::{Context, Result, bail};
use citrate_core::{
    AccountId32, Era, H256, MultiAddress, MultiSignature, MultiSigner, OpaqueExtrinsic,
    hashing::blake2_256, sr25519,
};
use codec::{Compact, Decode, Encode};
use serde_json::{Value, json};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// A signing payload longer than this is signed by its hash.
const PAYLOAD_SIGNED_MAX: usize = 256;
/// Version byte of a signed extrinsic.
const SIGNED_V4: u8 = 0x84;
/// `CheckMetadataHash` disabled: no hash is signed.
const METADATA_HASH_DISABLED: u8 = 0;
/// How long to wait for a block to have a transaction.
const ACCEPTED_TIMEOUT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// The account that signs.
#[derive(Debug)]
pub(crate) struct Signer {
    pair: sr25519::Pair,
}

/// A transaction in a block.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// Number of the block that executed it.
    pub(crate) number: u32,
    /// What happened.
    pub(crate) events: Vec<Event>,
}

impl Signer {
    /// The account of a secret.
    pub(crate) fn new(suri: &str) -> Result<Self> {
        Ok(Self { pair: sr25519::Pair::from_suri(suri, None).context("the signer's secret")? })
    }

    /// The account's identifier.
    pub(crate) fn account(&self) -> AccountId32 {
        MultiSigner::Sr25519(self.pair.public()).into_account()
    }

    /// The account's key.
    pub(crate) fn public(&self) -> sr25519::Public {
        self.pair.public()
    }

    /// Sends a call and waits until a block has executed it.
    pub(crate) fn send(&self, node: &Node, runtime: &Runtime, call: &[u8]) -> Result<Accepted> {
        let extrinsic = self.sign(node, call)?;
        let hash = extrinsic.hash();
        node.call(
            "author_submitExtrinsic",
            &json!([format!("0x{}", hex::encode(extrinsic.encode()))]),
        )?;
        let deadline = Instant::now() + ACCEPTED_TIMEOUT;
        while Instant::now() < deadline {
            let record = node.call("dag_getTransaction", &json!([hash]))?;
            match record["status"].as_str() {
                Some("accepted") => return accepted(node, runtime, &record),
                Some("skipped") => bail!("the transaction was skipped: {}", record["reason"]),
                _ => sleep(POLL),
            }
        }
        bail!("no block has the transaction {hash:?} after {} s", ACCEPTED_TIMEOUT.as_secs())
    }

    /// Immortal, without a tip, in the extensions' fixed order (compat spec, section 7).
    fn sign(&self, node: &Node, call: &[u8]) -> Result<OpaqueExtrinsic> {
        let genesis = node.block_hash(Some(0))?;
        let version = node.call("state_getRuntimeVersion", &json!([]))?;
        let number = |name: &str| -> Result<u32> {
            let value = version[name].as_u64().with_context(|| format!("no {name}"))?;
            Ok(u32::try_from(value)?)
        };
        let account = self.account();
        let nonce = node.call("system_accountNextIndex", &json!([account]))?;
        let nonce = u32::try_from(nonce.as_u64().context("no nonce")?)?;
        let values =
            (Era::Immortal, Compact(nonce), Compact(0u128), METADATA_HASH_DISABLED).encode();
        let implicits = (
            number("specVersion")?,
            number("transactionVersion")?,
            genesis,
            genesis,
            None::<[u8; 32]>,
        )
            .encode();
        let payload = [call, &values[..], &implicits[..]].concat();
        let signature = if payload.len() > PAYLOAD_SIGNED_MAX {
            self.pair.sign(&blake2_256(&payload))
        } else {
            self.pair.sign(&payload)
        };
        let mut body = vec![SIGNED_V4];
        MultiAddress::<AccountId32, ()>::Id(account).encode_to(&mut body);
        MultiSignature::Sr25519(signature).encode_to(&mut body);
        body.extend(values);
        body.extend(call);
        Ok(OpaqueExtrinsic(body))
    }
}

fn accepted(node: &Node, runtime: &Runtime, record: &Value) -> Result<Accepted> {
    let block = record["acceptingBlock"].as_str().context("no accepting block")?;
    let bytes = hex::decode(block.trim_start_matches("0x"))?;
    let block = H256::decode(&mut &bytes[..])?;
    let index = u32::try_from(record["index"].as_u64().context("no index")?)?;
    let header = node.call("chain_getHeader", &json!([block]))?;
    let number = header["number"].as_str().context("no number")?;
    let number = u32::from_str_radix(number.trim_start_matches("0x"), 16)?;
    Ok(Accepted { number, events: runtime.events(node, block, index)? })
}
