//! Keys, signatures and the accounts that they control.

mod account;
pub mod bls;
pub mod ecdsa;
pub mod ed25519;
mod key_type;
mod multi;
pub mod sr25519;
pub mod ss58;
#[cfg(feature = "std")]
pub mod suri;

mod bytes;
#[cfg(test)]
mod tests;

pub use account::AccountId32;
pub use key_type::{KeyTypeId, key_types};
pub use multi::{MultiSignature, MultiSigner};
