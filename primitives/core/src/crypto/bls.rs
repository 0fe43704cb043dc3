//! Keys and signatures of BLS12-381, with public keys in G2 and signatures in G1.
//!
//! The bytes only: `citrate-bls` makes and checks them (ADR 006). They are points in the compressed form of the IETF's drafts.

use super::bytes::fixed_bytes;

fixed_bytes! {
    /// A public key: a point of G2.
    Public, 96
}
fixed_bytes! {
    /// A signature, of one key or aggregated: a point of G1.
    Signature, 48
}
fixed_bytes! {
    /// A proof that whoever shows a public key has its secret: a point of G1.
    Proof, 48
}
