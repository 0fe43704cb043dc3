//! Signs of life: a provider that is not heard of gets no jobs.

use citrate_core::sr25519;
use citrate_inference_types::{Claims, ProviderInfo};
use codec::Encode;

use super::{RESEND_BLOCKS, capabilities, engine, record, transaction};
use crate::{Providers, RuntimeCall};

/// Says that this provider is there and what it runs models with, if that is due or has changed. A node without an
/// engine says nothing, so that nobody waits for it.
pub(super) fn run(key: &sr25519::Public, provider: &ProviderInfo, now: u32) {
    let about = capabilities();
    if !about.available {
        return;
    }
    let claims = Claims { engine: engine(&about), memory_bytes: about.memory_bytes_max };
    let is_due = now.saturating_sub(provider.seen) >= Providers::heartbeat_after();
    let name = ("heartbeat", &provider.account).encode();
    let is_wanted = is_due || provider.claims.as_ref() != Some(&claims);
    if !is_wanted || !record::is_due(&name, now, RESEND_BLOCKS) {
        return;
    }
    let call = pallet_providers::Call::heartbeat { claims };
    if transaction::submit(key, RuntimeCall::Providers(call), now) {
        record::sent(&name, now);
    }
}
