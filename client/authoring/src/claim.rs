//! Whether a key of ours wins a slot.

use citrate_core::{key_types, sr25519};
use citrate_dag_types::{
    AuthorityIndex, DagConfiguration, Slot, VrfSignature, lottery, vrf_message,
};
use citrate_host::Keystore;

/// A slot that a key of ours won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The slot.
    pub slot: Slot,
    /// The key's place among the authorities.
    pub author: AuthorityIndex,
    /// The key.
    pub key: sr25519::Public,
    /// The proof for the header.
    pub vrf: VrfSignature,
    /// The output that won, which nobody could choose.
    pub output: [u8; 32],
}

/// The claim of the first of our keys that wins the slot.
pub fn claim(
    slot: Slot,
    configuration: &DagConfiguration,
    keystore: &dyn Keystore,
) -> Option<Claim> {
    let ours = keystore.sr25519_public_keys(key_types::DAG);
    let weights = configuration.authorities.iter().map(|authority| authority.weight);
    let total = weights.fold(0, u64::saturating_add);
    let message = vrf_message(&configuration.randomness, slot);
    for (author, authority) in (0..).zip(&configuration.authorities) {
        if !ours.contains(&authority.key) {
            continue;
        }
        let signed = keystore.sr25519_vrf_sign(key_types::DAG, &authority.key, &message);
        let Some(vrf) = signed else { continue };
        let threshold = lottery::threshold(configuration.election, authority.weight, total);
        if lottery::wins(&vrf.output, threshold) {
            let output = vrf.output;
            let vrf = VrfSignature { pre_output: vrf.pre_output, proof: vrf.proof };
            return Some(Claim { slot, author, key: authority.key, vrf, output });
        }
    }
    None
}
