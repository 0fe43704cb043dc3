//! A provider's part in attestations: registers its key of BLS12-381, and signs the results that it agrees with.
//!
//! The node's keystore makes such a key of each provider key's own secret. Which of the node's keys a provider registers does not
//! matter, as long as no two take the same; a key that is registered stays while the node has it.

use alloc::vec::Vec;

use citrate_core::{AccountId32, H256, bls::Public, key_types, sr25519};
use citrate_host::{bls, crypto};
use citrate_inference_types::Statement;
use codec::Encode;
use pallet_attestations::{Call, Keys};
use pallet_staking::{Role, Stake};

use super::{record, transaction};
use crate::{Attestations, Runtime, RuntimeCall, Staking};

/// LIMIT: shares that one call sends; the next call goes on.
const SHARES_MAX: usize = 8;

/// Does what there is to do for this provider after a block.
pub(super) fn run(key: &sr25519::Public, account: &AccountId32, now: u32) {
    let mine = bls::public_keys(key_types::PROVIDER_BLS);
    let registered = Keys::<Runtime>::get(account);
    if !registered.is_some_and(|public| mine.contains(&public)) {
        register(key, account, &mine, now);
    }
    for (statement, public) in Attestations::awaited(account, SHARES_MAX) {
        if mine.contains(&public) {
            share(key, account, &statement, &public, now);
        }
    }
}

/// Registers a key of this node that none of its other providers has.
fn register(key: &sr25519::Public, account: &AccountId32, mine: &[Public], now: u32) {
    let name = ("attestation key", account).encode();
    let has_stake = <Staking as Stake>::active(account, Role::Provider) > 0;
    if !has_stake || !record::is_due(&name, now, super::RESEND_BLOCKS) {
        return;
    }
    // Before a key is made: another call of the worker that runs at the same time need not make one too.
    record::sent(&name, now);
    let providers = crypto::sr25519_public_keys(key_types::PROVIDER);
    let has = |provider: &sr25519::Public| {
        let registered = Keys::<Runtime>::get(AccountId32::new(provider.0));
        registered.filter(|public| mine.contains(public))
    };
    let taken: Vec<Public> = providers.iter().filter_map(has).collect();
    // Each of those without a key takes another one, also if they look at the same state.
    let place = providers.iter().filter(|provider| has(provider).is_none()).position(|p| p == key);
    let free = mine.iter().filter(|public| !taken.contains(public)).nth(place.unwrap_or_default());
    let public = match free {
        Some(public) => *public,
        None => bls::generate_key(key_types::PROVIDER_BLS, None),
    };
    let holder = Attestations::holder(account);
    let Some(proof) = bls::prove(key_types::PROVIDER_BLS, &public, &holder) else { return };
    super::log(&alloc::format!("provider {account}: registers its attestation key"));
    let call = Call::set_key { key: public, proof };
    transaction::submit(key, RuntimeCall::Attestations(call), now);
}

/// Signs a statement, unless that was done lately.
fn share(
    key: &sr25519::Public,
    account: &AccountId32,
    statement: &Statement,
    public: &Public,
    now: u32,
) {
    let job: H256 = statement.job;
    let name = ("share", job, account).encode();
    if !record::is_due(&name, now, super::RESEND_BLOCKS) {
        return;
    }
    let payload = statement.signing_payload();
    let Some(share) = bls::sign(key_types::PROVIDER_BLS, public, &payload) else { return };
    let call = Call::share { job, id: statement.share_id(public), share };
    if transaction::submit(key, RuntimeCall::Attestations(call), now) {
        record::sent(&name, now);
    }
}
