//! Transactions as a wallet makes them.

use citrate_core::{
    AccountId32, Era, H256, MultiAddress, MultiSignature, hashing::blake2_128, hashing::blake2_256,
    hashing::twox_128, sr25519,
};
use codec::{Compact, Encode};
use serde_json::{Value, json};

use crate::node::Node;

/// One CIT.
pub(crate) const UNIT: u128 = 1_000_000_000_000;

/// Signs for one chain.
pub(crate) struct Wallet {
    genesis: H256,
    spec_version: u32,
    transaction_version: u32,
}

/// What a transaction says besides its call.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) nonce: u32,
    /// The era and the hash of the block at its start.
    pub(crate) era: Option<(Era, H256)>,
}

impl Wallet {
    /// A wallet for the chain of this node.
    pub(crate) fn new(node: &Node) -> Self {
        Self::of(|method, params| node.call(method, params))
    }

    /// A wallet for the chain that answers these calls.
    pub(crate) fn of(call: impl Fn(&str, Value) -> Value) -> Self {
        let version = call("state_getRuntimeVersion", json!([]));
        let number = |name: &str| u32::try_from(version[name].as_u64().expect(name)).expect(name);
        Self {
            genesis: hash(&call("chain_getBlockHash", json!([0]))),
            spec_version: number("specVersion"),
            transaction_version: number("transactionVersion"),
        }
    }

    /// The hash of block 0.
    pub(crate) const fn genesis(&self) -> H256 {
        self.genesis
    }

    /// A signed call, in hex.
    pub(crate) fn sign(&self, from: &str, call: &[u8], terms: Terms) -> String {
        let (era, start) = terms.era.unwrap_or((Era::Immortal, self.genesis));
        // Era, nonce, tip, and no metadata hash.
        let explicit = (era, Compact(terms.nonce), Compact(0u128), 0u8).encode();
        let versions = (self.spec_version, self.transaction_version);
        let implicit = (versions, self.genesis, start, None::<[u8; 32]>).encode();
        let payload = [call, &explicit, &implicit].concat();
        let payload = if payload.len() > 256 { blake2_256(&payload).to_vec() } else { payload };
        let signature = MultiSignature::Sr25519(pair(from).sign(&payload));
        let from: MultiAddress<AccountId32, ()> = MultiAddress::Id(account(from));
        let preamble = (0x84u8, from, signature).encode();
        let extrinsic = [preamble, explicit, call.to_vec()].concat();
        format!("0x{}", hex::encode(extrinsic.encode()))
    }

    /// A transfer, in hex.
    pub(crate) fn transfer(&self, from: &str, to: &str, amount: u128, terms: Terms) -> String {
        let to: MultiAddress<AccountId32, ()> = MultiAddress::Id(account(to));
        // Balances.transfer_keep_alive
        self.sign(from, &(2u8, 3u8, to, Compact(amount)).encode(), terms)
    }
}

/// An immortal transaction with this nonce.
pub(crate) fn nonce(nonce: u32) -> Terms {
    Terms { nonce, era: None }
}

/// A hash in JSON.
pub(crate) fn hash(json: &Value) -> H256 {
    json.as_str().and_then(|text| text.parse().ok()).expect("a hash")
}

pub(crate) fn pair(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_suri(name, None).expect("a development account")
}

pub(crate) fn account(name: &str) -> AccountId32 {
    AccountId32::from(pair(name).public().0)
}

/// What the state after a block says under a key of a pallet's map.
pub(crate) fn stored(
    node: &Node,
    [pallet, item]: [&str; 2],
    id: &[u8],
    at: &Value,
) -> Option<Vec<u8>> {
    let prefix = [pallet, item].map(|name| twox_128(name.as_bytes()));
    let key = [&prefix[0][..], &prefix[1], &blake2_128(id), id].concat();
    let value = node.call("state_getStorage", json!([format!("0x{}", hex::encode(key)), at]));
    let digits = value.as_str()?.strip_prefix("0x").expect("hex");
    Some(hex::decode(digits).expect("hex"))
}

/// An account's nonce and free funds after a block.
pub(crate) fn funds(node: &Node, name: &str, at: &Value) -> (u32, u128) {
    let value = stored(node, ["System", "Account"], &account(name).encode(), at);
    let value = value.expect("an account");
    let (nonce, rest) = value.split_first_chunk().expect("a nonce");
    // Consumers, providers and sufficients stand between.
    let free = rest.get(12..28).and_then(|bytes| bytes.try_into().ok()).expect("funds");
    (u32::from_le_bytes(*nonce), u128::from_le_bytes(free))
}
