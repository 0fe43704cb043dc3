//! Answers to the `GenesisBuilder` runtime API.

pub use crate::traits::BuildGenesisConfig;

use alloc::{format, string::String, vec::Vec};

/// Writes the first state from JSON, with defaults for what is not named.
///
/// # Errors
/// The JSON is no configuration of this runtime.
pub fn build_state<G: BuildGenesisConfig>(json: &[u8]) -> Result<(), String> {
    let config: G =
        serde_json::from_slice(json).map_err(|error| format!("invalid genesis JSON: {error}"))?;
    config.build();
    Ok(())
}

/// A named preset, or the default configuration if no name is given, as JSON.
pub fn get_preset<G: BuildGenesisConfig>(
    id: Option<&str>,
    preset: impl FnOnce(&str) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    match id {
        None => serde_json::to_vec(&G::default()).ok(),
        Some(id) => preset(id),
    }
}
