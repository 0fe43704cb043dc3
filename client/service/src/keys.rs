//! The keystore, and keys that the command line gives.

use std::path::Path;
use std::sync::Arc;

use citrate_core::{key_types, sr25519};
use citrate_dag_types::DagConfiguration;
use citrate_keystore::{LocalKeystore, Scheme};

use crate::config::{KeysConfig, Secret};
use crate::error::ServiceError;

/// Opens the keystore and adds the keys of the configuration's seeds.
pub(crate) fn open(
    folder: Option<&Path>,
    config: &KeysConfig,
) -> Result<Arc<LocalKeystore>, ServiceError> {
    let password = config.password.as_ref().map(Secret::expose);
    let keystore = match folder {
        Some(folder) => LocalKeystore::open(folder, password)?,
        None => LocalKeystore::in_memory(),
    };
    for seed in &config.seeds {
        for key_type in [key_types::DAG, key_types::PROVIDER] {
            keystore.insert_suri(key_type, Scheme::Sr25519, seed.expose())?;
        }
        keystore.insert_suri(key_types::GRANDPA, Scheme::Ed25519, seed.expose())?;
    }
    Ok(Arc::new(keystore))
}

/// Whether the keystore has the key of an authority.
pub(crate) fn is_authority(keystore: &LocalKeystore, configuration: &DagConfiguration) -> bool {
    let has = |key: &sr25519::Public| keystore.has(key_types::DAG, &key.0);
    configuration.authorities.iter().any(|authority| has(&authority.key))
}
