//! Public keys that were checked.

use ark_bls12_381::{G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup};
use citrate_core::bls::Public;

use crate::BlsError;
use crate::point::{self, Subgroup};

/// A public key that was checked: a point of the right subgroup, and not the identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key(pub(crate) G2Affine);

impl Key {
    /// The key in these bytes.
    ///
    /// # Errors
    /// When it is no point of the subgroup, or the identity.
    pub fn try_new(public: &Public) -> Result<Self, BlsError> {
        point::g2(&public.0, Subgroup::Check).map(Self).ok_or(BlsError::Key)
    }

    /// The same for bytes from which [`Self::try_new`] has made a key before: it saves the look at the subgroup, the longer
    /// half of the work. Only for who keeps such bytes where nobody else writes, as a chain's state does.
    ///
    /// # Errors
    /// When it is no point at all, or the identity.
    pub fn known(public: &Public) -> Result<Self, BlsError> {
        point::g2(&public.0, Subgroup::Known).map(Self).ok_or(BlsError::Key)
    }

    /// The key for which the sum of these keys' signatures of one message is a signature. A proof of possession of each was
    /// verified.
    ///
    /// # Errors
    /// When there are none, or they cancel each other: everybody could sign for such keys.
    pub fn sum(keys: &[Self]) -> Result<Self, BlsError> {
        if let [key] = keys {
            return Ok(*key);
        }
        let sum: G2Projective = keys.iter().map(|key| key.0).sum();
        let sum = sum.into_affine();
        if sum.is_zero() { Err(BlsError::NoKeys) } else { Ok(Self(sum)) }
    }
}
