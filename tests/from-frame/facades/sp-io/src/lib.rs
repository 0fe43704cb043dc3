//! Citrate's host functions under the name of Substrate's.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use citrate_host::hashing;

/// Data of extrinsics that nodes keep for others.
pub mod transaction_index {
    /// Marks the last `size` bytes of an extrinsic as such data.
    pub fn index(extrinsic: u32, size: u32, context_hash: [u8; 32]) {
        citrate_host::transaction_index::index(extrinsic, size, &context_hash);
    }
}

/// What off-chain workers know of their node.
pub mod offchain {
    use alloc::vec::Vec;
    use sp_core::OpaquePeerId;

    /// A node's place in the network.
    #[derive(Debug)]
    pub struct OpaqueNetworkState {
        /// Who it is.
        pub peer_id: OpaquePeerId,
        /// Where it can be reached.
        pub external_addresses: Vec<Vec<u8>>,
    }

    /// Citrate's workers are told nothing of the network: always an error.
    #[expect(clippy::result_unit_err, reason = "Substrate's signature")]
    pub fn network_state() -> Result<OpaqueNetworkState, ()> {
        Err(())
    }

    /// Citrate's nodes choose their peers by themselves: without effect.
    pub fn set_authorized_nodes(_nodes: Vec<OpaquePeerId>, _authorized_only: bool) {}
}
