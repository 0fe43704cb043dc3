//! Why a signature does not count.

/// Why a signature does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlsError {
    /// The bytes are no public key: no point, one outside of the subgroup, or the identity.
    #[error("not a public key of BLS12-381")]
    Key,
    /// The bytes are no signature or proof: no point, one outside of the subgroup, or the identity.
    #[error("not a signature of BLS12-381")]
    Signature,
    /// There is nothing to aggregate, or keys that cancel each other.
    #[error("no keys, or keys that add up to nothing")]
    NoKeys,
    /// The signature is not one of this message by these keys.
    #[error("the signature is not one of this message by these keys")]
    Mismatch,
}
