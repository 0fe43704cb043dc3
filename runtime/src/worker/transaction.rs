//! Transactions that the worker signs with a provider key.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Era, MultiAddress, MultiSignature, key_types, sr25519};
use citrate_host::{StorageKind, crypto, offchain};
use citrate_support::transaction_extension::{SignedPayload, TransactionExtension};
use codec::{Decode, Encode};

use crate::{Nonce, Runtime, RuntimeCall, UncheckedExtrinsic};

/// Domain of the nonces in use.
const NONCE_DOMAIN: &[u8] = b"CITRATE/worker/nonce/v2";
/// Blocks in which the chain's nonce may stand still before the transaction that should have moved it is taken to be lost.
const NONCE_BLOCKS: u32 = 8;
/// Blocks for which a transaction is valid, from the one whose hash is in it.
const ERA_BLOCKS: u64 = 64;
/// How far back that one lies: a reorganisation that replaced it would take the transaction with it. Finality has passed
/// it where it works.
const ANCHOR_BLOCKS: u32 = 16;
/// LIMIT: tries to get a nonce while other calls get theirs.
const TRIES_MAX: usize = 16;

/// What is known of an account's nonces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Nonces {
    /// The first that no call of the worker has used.
    next: Nonce,
    /// The chain's, as it was seen last.
    on_chain: Nonce,
    /// Since which block it has been that, or its transaction was made again.
    since: u32,
}

impl Nonces {
    /// The nonce for a transaction at block `now`, and what is known then: the one that the chain waits for if its
    /// transaction is lost, else the first unused one. Whoever only went on would leave a hole for good, behind which
    /// everything waits.
    fn take(known: Option<Self>, on_chain: Nonce, now: u32) -> Option<(Nonce, Self)> {
        let known = known.filter(|known| known.next > on_chain);
        let Some(known) = known else {
            return Some((on_chain, Self { next: on_chain.checked_add(1)?, on_chain, since: now }));
        };
        if known.on_chain != on_chain {
            let next = known.next.checked_add(1)?;
            return Some((known.next, Self { next, on_chain, since: now }));
        }
        if now >= known.since.saturating_add(NONCE_BLOCKS) {
            return Some((on_chain, Self { since: now, ..known }));
        }
        Some((known.next, Self { next: known.next.checked_add(1)?, ..known }))
    }

    /// What is known when the pool has not taken the transaction with this nonce.
    fn give_back(self, nonce: Nonce) -> Self {
        // A hole that is filled already needs nothing; one in the middle is found when the chain waits for it.
        let is_last = nonce.checked_add(1) == Some(self.next);
        Self { next: if is_last { nonce } else { self.next }, ..self }
    }
}

/// Signs a call with a provider key and gives it to the node's pool; false if the pool does not take it.
pub(super) fn submit(key: &sr25519::Public, call: RuntimeCall, now: u32) -> bool {
    let account = AccountId32::new(key.0);
    let on_chain = pallet_system::Pallet::<Runtime>::account_nonce(&account);
    let taken = change(&account, |known| {
        let (nonce, nonces) = Nonces::take(known, on_chain, now)?;
        Some((nonces, nonce))
    });
    let Some(nonce) = taken else { return false };
    let sent = sign(key, &account, call, nonce, now)
        .is_some_and(|extrinsic| offchain::submit_transaction(extrinsic.encode()).is_ok());
    if !sent {
        change(&account, |known| Some((known?.give_back(nonce), ())));
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
    let era = Era::mortal(ERA_BLOCKS, u64::from(now.saturating_sub(ANCHOR_BLOCKS)));
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

/// Changes what is known of an account's nonces, whatever other calls do to it.
fn change<T>(
    account: &AccountId32,
    how: impl Fn(Option<Nonces>) -> Option<(Nonces, T)>,
) -> Option<T> {
    let kind = StorageKind::Persistent;
    let key = nonce_key(account);
    for _ in 0..TRIES_MAX {
        let old = offchain::local_storage_get(kind, &key);
        let known = old.as_ref().and_then(|bytes| Nonces::decode(&mut bytes.as_slice()).ok());
        let (new, result) = how(known)?;
        if offchain::local_storage_compare_and_set(kind, &key, old, &new.encode()) {
            return Some(result);
        }
    }
    None
}

fn nonce_key(account: &AccountId32) -> Vec<u8> {
    (NONCE_DOMAIN, account).encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `count` nonces at a block at which the chain has `on_chain`.
    fn take(known: &mut Option<Nonces>, on_chain: Nonce, now: u32, count: usize) -> Vec<Nonce> {
        let mut taken = Vec::new();
        for _ in 0..count {
            let (nonce, nonces) = Nonces::take(*known, on_chain, now).unwrap();
            *known = Some(nonces);
            taken.push(nonce);
        }
        taken
    }

    #[test]
    fn a_hole_is_filled_however_busy_the_account_is() {
        let mut known = None;
        assert_eq!(take(&mut known, 5, 10, 3), [5, 6, 7]);
        // Nothing is included, and there is something to send in each block.
        for now in 11..18 {
            assert_eq!(take(&mut known, 5, now, 1), [now - 3]);
        }
        assert_eq!(take(&mut known, 5, 18, 3), [5, 15, 16], "the lost one once more, then on");
        for now in 19..26 {
            take(&mut known, 5, now, 1);
        }
        assert_eq!(take(&mut known, 5, 26, 2), [5, 24]);
        // The chain goes on: so does the account.
        assert_eq!(take(&mut known, 20, 27, 1), [25]);
        assert_eq!(take(&mut known, 26, 28, 1), [26]);
    }

    #[test]
    fn a_chain_that_is_ahead_or_went_back_is_believed() {
        let mut known = None;
        assert_eq!(take(&mut known, 5, 10, 2), [5, 6]);
        assert_eq!(take(&mut known, 40, 11, 2), [40, 41], "another node signs for it too");
        // A reorganisation took some back; they are in the pool again.
        assert_eq!(take(&mut known, 39, 12, 1), [42]);
        assert_eq!(take(&mut known, 39, 20, 1), [39]);
    }

    #[test]
    fn what_the_pool_does_not_take_leaves_no_hole() {
        let mut known = None;
        assert_eq!(take(&mut known, 5, 10, 2), [5, 6]);
        let known = known.unwrap();
        assert_eq!(known.give_back(6).next, 6);
        assert_eq!(known.give_back(5).next, 7, "a later one has been used");
    }
}
