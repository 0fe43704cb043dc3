//! Answers to the `GenesisBuilder` runtime API.

pub use crate::traits::BuildGenesisConfig;

use alloc::{format, string::String, vec::Vec};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Builds the state of a configuration, given as JSON; what it leaves out is as in the empty configuration.
///
/// # Errors
/// When the bytes are not such a configuration.
pub fn build_state<G>(json: &[u8]) -> Result<(), String>
where
    G: BuildGenesisConfig + Default + Serialize + DeserializeOwned,
{
    // The direct way first: a JSON value of this crate holds no number above 64 bits.
    if let Ok(config) = serde_json::from_slice::<G>(json) {
        config.build();
        return Ok(());
    }
    let given: Value = serde_json::from_slice(json).map_err(|e| format!("bad JSON: {e}"))?;
    let mut config = serde_json::to_value(G::default())
        .map_err(|e| format!("the empty configuration has no JSON: {e}"))?;
    merge(&mut config, given);
    let config: G =
        serde_json::from_value(config).map_err(|e| format!("not a genesis configuration: {e}"))?;
    config.build();
    Ok(())
}

/// Lays `given` over `base`, member by member; what is unknown is kept, so that it is refused by name.
fn merge(base: &mut Value, given: Value) {
    match (base, given) {
        (Value::Object(base), Value::Object(given)) => {
            for (name, value) in given {
                merge(base.entry(name).or_insert(Value::Null), value);
            }
        }
        (base, given) => *base = given,
    }
}

/// The preset that `preset` makes of a name as JSON, or the empty configuration if no name is given.
pub fn get_preset<G: BuildGenesisConfig + Default + Serialize>(
    id: Option<&str>,
    preset: impl FnOnce(&str) -> Option<G>,
) -> Option<Vec<u8>> {
    let config = match id {
        None => G::default(),
        Some(id) => preset(id)?,
    };
    serde_json::to_vec(&config).ok()
}
