//! Transactions that the worker signs with a provider key.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Era, MultiAddress, MultiSignature, key_types, sr25519};
use citrate_host::{StorageKind, crypto, offchain};
use citrate_support::transaction_extension::{SignedPayload, TransactionExtension};
use codec::{Decode, Encode};

use crate::{Nonce, Runtime, RuntimeCall, UncheckedExtrinsic};

/// Domain of the nonces in use.
const NONCE_DOMAIN: &[u8] = b"CITRATE/worker/nonce/v1";
/// Blocks after which a nonce that was used and is not in the chain is taken to be free again.
const NONCE_BLOCKS: u32 = 8;
/// Blocks for which a transaction is valid.
const ERA_BLOCKS: u64 = 64;
/// LIMIT: tries to get a nonce while other calls get theirs.
const TRIES_MAX: usize = 16;

/// Signs a call with a provider key and gives it to the node's pool; false if the pool does not take it.
pub(super) fn submit(key: &sr25519::Public, call: RuntimeCall, now: u32) -> bool {
    let account = AccountId32::new(key.0);
    let Some(nonce) = take_nonce(&account, now) else { return false };
    let sent = sign(key, &account, call, nonce, now)
        .is_some_and(|extrinsic| offchain::submit_transaction(extrinsic.encode()).is_ok());
    if !sent {
        // A gap would hold up all that follow: the next one asks the chain again.
        offchain::local_storage_clear(StorageKind::Persistent, &nonce_key(&account));
    }
    sent
}

fn sign(
    key: &sr25519::Public,
    account: &AccountId32,
    call: RuntimeCall,
    nonce: Nonce,
    now: u32,
) -> Option<UncheckedExtrinsic> {
    // The present block's own hash is not in the state after it; its parent's is.
    let era = Era::mortal(ERA_BLOCKS, u64::from(now.saturating_sub(1)));
    let extension = crate::extension(era, nonce, 0);
    let implicit = TransactionExtension::<RuntimeCall>::implicit(&extension).ok()?;
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature =
        payload.using_bytes(|bytes| crypto::sr25519_sign(key_types::PROVIDER, key, bytes))?;
    let address = MultiAddress::Id(account.clone());
    Some(UncheckedExtrinsic::new_signed(
        call,
        address,
        MultiSignature::Sr25519(signature),
        extension,
    ))
}

/// The next nonce that neither the chain nor a call of the worker has used.
fn take_nonce(account: &AccountId32, now: u32) -> Option<Nonce> {
    let kind = StorageKind::Persistent;
    let key = nonce_key(account);
    let on_chain = pallet_system::Pallet::<Runtime>::account_nonce(account);
    for _ in 0..TRIES_MAX {
        let old = offchain::local_storage_get(kind, &key);
        let used =
            old.as_ref().and_then(|bytes| <(Nonce, u32)>::decode(&mut bytes.as_slice()).ok());
        let nonce = match used {
            Some((next, at)) if now < at.saturating_add(NONCE_BLOCKS) => next.max(on_chain),
            _ => on_chain,
        };
        let new = (nonce.checked_add(1)?, now).encode();
        if offchain::local_storage_compare_and_set(kind, &key, old, &new) {
            return Some(nonce);
        }
    }
    None
}

fn nonce_key(account: &AccountId32) -> Vec<u8> {
    (NONCE_DOMAIN, account).encode()
}
