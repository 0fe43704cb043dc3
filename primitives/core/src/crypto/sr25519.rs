//! Schnorr signatures and VRFs over Ristretto25519 (schnorrkel).

use super::bytes::fixed_bytes;

fixed_bytes! {
    /// A public key.
    Public, 32
}
fixed_bytes! {
    /// A signature.
    Signature, 64
}

#[cfg(feature = "std")]
pub use pair::{Pair, VrfOutput, verify, vrf_verify};

#[cfg(feature = "std")]
mod pair {
    use super::{Public, Signature};
    use crate::crypto::suri::{self, Junction, Root, SuriError};
    use schnorrkel::{
        ExpansionMode, Keypair, MiniSecretKey, PublicKey,
        derive::Derivation,
        signing_context,
        vrf::{VRFPreOut, VRFProof},
    };

    const SIGNING_CONTEXT: &[u8] = b"substrate";
    const VRF_CONTEXT: &[u8] = b"CITRATE/core/vrf";
    const VRF_OUTPUT_CONTEXT: &[u8] = b"CITRATE/core/vrf-output";

    /// What a VRF gives: an unpredictable output, and the proof that nothing else was possible.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct VrfOutput {
        /// The curve point that the output is made of.
        pub pre_output: [u8; 32],
        /// Proof for [`vrf_verify`].
        pub proof: [u8; 64],
        /// 32 uniform bytes.
        pub output: [u8; 32],
    }

    /// A key pair.
    #[derive(Clone)]
    pub struct Pair(Keypair);

    impl core::fmt::Debug for Pair {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            write!(f, "Pair({:?})", self.public())
        }
    }

    impl Pair {
        /// The pair of a secret URI such as `//Alice`.
        ///
        /// # Errors
        /// When the text names no phrase or seed.
        pub fn from_suri(text: &str, password: Option<&str>) -> Result<Self, SuriError> {
            let (root, junctions) = suri::parse(text, password)?;
            let mini = match &root {
                Root::Seed(seed) => {
                    MiniSecretKey::from_bytes(seed).map_err(|_error| SuriError::InvalidSeed)?
                }
                Root::Phrase(entropy, password) => {
                    substrate_bip39::mini_secret_from_entropy(entropy, password)
                        .map_err(|_error| SuriError::InvalidPhrase)?
                }
            };
            let mut secret = mini.expand(ExpansionMode::Ed25519);
            for junction in junctions {
                secret = match junction {
                    Junction::Soft(code) => {
                        secret.derived_key_simple(schnorrkel::derive::ChainCode(code), b"").0
                    }
                    Junction::Hard(code) => secret
                        .hard_derive_mini_secret_key(Some(schnorrkel::derive::ChainCode(code)), b"")
                        .0
                        .expand(ExpansionMode::Ed25519),
                };
            }
            Ok(Self(secret.to_keypair()))
        }

        /// The pair of a 32-byte seed.
        pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SuriError> {
            let mini = MiniSecretKey::from_bytes(seed).map_err(|_error| SuriError::InvalidSeed)?;
            Ok(Self(mini.expand_to_keypair(ExpansionMode::Ed25519)))
        }

        /// The public key.
        pub fn public(&self) -> Public {
            Public(self.0.public.to_bytes())
        }

        /// Signs `message`.
        pub fn sign(&self, message: &[u8]) -> Signature {
            Signature(self.0.sign(signing_context(SIGNING_CONTEXT).bytes(message)).to_bytes())
        }

        /// Evaluates the VRF on `message`.
        pub fn vrf_sign(&self, message: &[u8]) -> VrfOutput {
            let transcript = signing_context(VRF_CONTEXT).bytes(message);
            let (in_out, proof, _) = self.0.vrf_sign(transcript);
            VrfOutput {
                pre_output: in_out.to_preout().to_bytes(),
                proof: proof.to_bytes(),
                output: in_out.make_bytes(VRF_OUTPUT_CONTEXT),
            }
        }
    }

    /// Whether `signature` is one of `message` by `public`.
    pub fn verify(signature: &Signature, message: &[u8], public: &Public) -> bool {
        let Ok(signature) = schnorrkel::Signature::from_bytes(&signature.0) else { return false };
        let Ok(public) = PublicKey::from_bytes(&public.0) else { return false };
        public.verify_simple(SIGNING_CONTEXT, message, &signature).is_ok()
    }

    /// The VRF's output on `message`, if `proof` shows that `public` must have got it.
    pub fn vrf_verify(
        message: &[u8],
        pre_output: &[u8; 32],
        proof: &[u8; 64],
        public: &Public,
    ) -> Option<[u8; 32]> {
        let public = PublicKey::from_bytes(&public.0).ok()?;
        let pre_output = VRFPreOut::from_bytes(pre_output).ok()?;
        let proof = VRFProof::from_bytes(proof).ok()?;
        let transcript = signing_context(VRF_CONTEXT).bytes(message);
        let (in_out, _) = public.vrf_verify(transcript, &pre_output, &proof).ok()?;
        Some(in_out.make_bytes(VRF_OUTPUT_CONTEXT))
    }
}
