//! Drives a freshly built node through subxt, over the new RPC methods and over the old.
//!
//! The tests are in `tests/it`; here is what they share: a node of their own ([`Node`]), what of
//! its methods subxt gets to see ([`View`]), and the types that subxt makes from our metadata
//! ([`chain`]).
//!
//! `metadata.scale` is the metadata from which the types are made. A test compares it with the
//! node's; after a deliberate change of the runtime's interface it is written anew by
//! `BLESS=1 cargo test -p citrate-client-tests metadata`.

mod node;
mod view;

pub use node::Node;
pub use view::{Connection, View};

/// The metadata from which [`chain`] is made.
pub const METADATA: &[u8] = include_bytes!("../metadata.scale");

/// Calls, events, storage, constants and runtime APIs, as subxt's macro makes them.
#[subxt::subxt(
    runtime_metadata_path = "metadata.scale",
    derive_for_all_types = "Clone, PartialEq",
    substitute_type(
        path = "citrate_inference_types::card::ModelCard",
        with = "::subxt::utils::Static<::citrate_inference_types::ModelCard>"
    )
)]
pub mod chain {}
