//! Asking the runtime for its genesis state.

use std::collections::BTreeMap;

use citrate_core::well_known_keys::{CODE, WORKER};
use citrate_executor::{Executor, Limits, Profile, RuntimeCode};
use citrate_host::StateExt;
use citrate_trie::{ChangeSet, StateView};
use codec::{Decode, Encode};

use crate::error::ChainSpecError;
use crate::genesis::GenesisState;
use crate::json::RuntimeGenesis;
use crate::merge::Json;

/// Runs functions of a runtime on an empty state.
pub trait GenesisRuntime {
    /// What `method` of the runtime `code` answers, and what it writes.
    ///
    /// # Errors
    /// When the code is no runtime, has no such function, or traps.
    fn call(&self, code: &[u8], method: &str, data: &[u8]) -> Result<(Vec<u8>, ChangeSet), String>;
}

impl GenesisRuntime for Executor {
    fn call(&self, code: &[u8], method: &str, data: &[u8]) -> Result<(Vec<u8>, ChangeSet), String> {
        let mut state = StateExt::new(StateView::empty());
        let code = RuntimeCode::new(code);
        let answer =
            Self::call(self, code, Profile::Block, method, data, &mut state, Limits::default())
                .map_err(|error| error.to_string())?;
        Ok((answer, state.into_changes()))
    }
}

/// The state that the runtime builds, with the blobs in it.
pub(crate) fn build(
    genesis: &RuntimeGenesis,
    runtime: &dyn GenesisRuntime,
) -> Result<GenesisState, ChainSpecError> {
    let json = configuration(genesis, runtime)?;
    let (answer, changes) = runtime
        .call(&genesis.code, "GenesisBuilder_build_state", &json.as_str().as_bytes().encode())
        .map_err(ChainSpecError::Runtime)?;
    decode::<Result<(), String>>(&answer)?.map_err(ChainSpecError::Refused)?;
    let mut state = state_of(changes);
    state.top.insert(CODE.to_vec(), genesis.code.clone());
    if let Some(worker) = &genesis.worker {
        state.top.insert(WORKER.to_vec(), worker.clone());
    }
    Ok(state)
}

/// The whole configuration: a patch goes over the runtime's default, as does a preset.
fn configuration(
    genesis: &RuntimeGenesis,
    runtime: &dyn GenesisRuntime,
) -> Result<Json, ChainSpecError> {
    if let Some(config) = &genesis.config {
        return Ok(config.clone());
    }
    let mut config = preset(genesis, runtime, None)?;
    if let Some(name) = &genesis.preset {
        config = config.merged(&preset(genesis, runtime, Some(name))?)?;
    }
    if let Some(patch) = &genesis.patch {
        config = config.merged(patch)?;
    }
    Ok(config)
}

fn preset(
    genesis: &RuntimeGenesis,
    runtime: &dyn GenesisRuntime,
    name: Option<&String>,
) -> Result<Json, ChainSpecError> {
    let (answer, _) = runtime
        .call(&genesis.code, "GenesisBuilder_get_preset", &name.encode())
        .map_err(ChainSpecError::Runtime)?;
    match decode::<Option<Vec<u8>>>(&answer)? {
        Some(json) => {
            let text = String::from_utf8(json)
                .map_err(|error| ChainSpecError::Runtime(error.to_string()))?;
            Ok(Json::new(&text)?)
        }
        None => Err(ChainSpecError::UnknownPreset(name.cloned().unwrap_or_default())),
    }
}

fn decode<T: Decode>(mut bytes: &[u8]) -> Result<T, ChainSpecError> {
    T::decode(&mut bytes).map_err(|error| ChainSpecError::Runtime(error.to_string()))
}

fn state_of(changes: ChangeSet) -> GenesisState {
    let written = |changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>| {
        changes.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    };
    let children = changes.children.into_iter();
    GenesisState {
        top: written(changes.top),
        children: children.map(|(name, child)| (name, written(child))).collect(),
    }
}
