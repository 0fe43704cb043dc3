//! The chain: executor, database, genesis.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use citrate_chain::{Chain, ChainConfig, ChainError, GenesisState, Machine};
use citrate_chain_spec::ChainSpec;
use citrate_db::{Db, DbConfig, DbError};
use citrate_executor::{Executor, ExecutorConfig};

use crate::config::{DatabaseConfig, NodeConfig};
use crate::error::ServiceError;
use crate::folders::Folders;

/// Instances of the runtime that calls over RPC cannot take: the author's or importer's, the pool's,
/// the executor's own for reading a version, and some to spare.
const OWN_INSTANCES: u32 = 16;

/// The executor's limits, with room for the node's own work whatever RPC clients do.
///
/// A call that finds no free instance fails. If clients could take all of them, their slow calls
/// would keep the node from making and importing blocks.
pub(crate) fn executor(config: &NodeConfig) -> ExecutorConfig {
    let clients = u32::try_from(config.rpc.running_calls_max).unwrap_or(u32::MAX);
    let workers = u32::try_from(config.inference.calls_max).unwrap_or(u32::MAX);
    let needed = clients.saturating_add(workers).saturating_add(OWN_INSTANCES);
    let instances_max = config.executor.instances_max.max(needed);
    ExecutorConfig { instances_max, ..config.executor.clone() }
}

/// The executor, and the state that the chain begins with. Compiles the runtime.
pub(crate) fn machine(config: &NodeConfig) -> Result<(Arc<Executor>, GenesisState), ServiceError> {
    let executor = Arc::new(Executor::new(&executor(config))?);
    let genesis = genesis(&config.chain_spec, &executor)?;
    Ok((executor, genesis))
}

fn genesis(spec: &ChainSpec, executor: &Executor) -> Result<GenesisState, ServiceError> {
    let state = spec.genesis_state(executor)?;
    Ok(GenesisState { top: state.top, children: state.children })
}

/// Opens the database and the chain in it; begins the chain in an empty one.
pub(crate) fn open(
    path: Option<&Path>,
    config: DatabaseConfig,
    machine: Arc<dyn Machine>,
    genesis: &GenesisState,
) -> Result<Arc<Chain>, ServiceError> {
    open_in(open_database(path, config)?, path, machine, genesis)
}

/// Opens the database.
fn open_database(path: Option<&Path>, config: DatabaseConfig) -> Result<Arc<Db>, ServiceError> {
    let DatabaseConfig { pruning, blocks, cache_bytes, sync } = config;
    let path = path.map(Path::to_owned);
    let rest = DbConfig::in_memory();
    let db = DbConfig { path: path.clone(), pruning, blocks, cache_bytes, sync, ..rest };
    let opened = Db::open(&db).map_err(|error| of_db(error, path.unwrap_or_default()))?;
    Ok(Arc::new(opened))
}

/// Opens the chain in a database; begins it in an empty one.
pub(crate) fn open_in(
    db: Arc<Db>,
    path: Option<&Path>,
    machine: Arc<dyn Machine>,
    genesis: &GenesisState,
) -> Result<Arc<Chain>, ServiceError> {
    let folder = || path.map(Path::to_owned).unwrap_or_default();
    Chain::open(db, machine, genesis, ChainConfig::default()).map_err(|error| match error {
        ChainError::OtherGenesis { expected, found } => {
            ServiceError::WrongChain { path: folder(), expected, found }
        }
        ChainError::Db(error) => of_db(error, folder()),
        other => ServiceError::Chain(other),
    })
}

fn of_db(error: DbError, path: PathBuf) -> ServiceError {
    match error {
        DbError::Locked { path } => ServiceError::InUse { path },
        DbError::PruningMismatch => ServiceError::Pruning { path },
        DbError::Corrupted(reason) => ServiceError::Corrupted { path, reason },
        DbError::Io(source) => ServiceError::Folder { path, source },
        source => ServiceError::Db { path, source },
    }
}

/// Deletes a database that nobody uses.
///
/// # Errors
/// When it is in use or the file system refuses.
pub fn remove_database(path: &Path) -> Result<(), ServiceError> {
    citrate_db::remove(path).map_err(|error| of_db(error, path.to_owned()))
}

/// The chain in a configuration's folder, with nothing running on it: to export or import blocks.
///
/// # Errors
/// When the specification is no chain's, or the database is in use, broken or of another chain.
pub fn open_chain(config: &NodeConfig) -> Result<Arc<Chain>, ServiceError> {
    let (machine, genesis) = machine(config)?;
    let base = config.base_path.as_deref();
    let folders = base.map(|base| Folders::new(base, &config.chain_spec.id)).transpose()?;
    open(folders.map(|folders| folders.database()).as_deref(), config.database, machine, &genesis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_cannot_take_the_last_instance() {
        let mut config = NodeConfig::new(ChainSpec::development(vec![1], None));
        let room = |config: &NodeConfig| {
            let taken = config.rpc.running_calls_max + config.inference.calls_max;
            executor(config).instances_max as usize - taken
        };
        assert!(room(&config) >= 16, "by default");
        config.rpc.running_calls_max = 1_000;
        assert_eq!(room(&config), 16, "whatever is set");
        config.executor.instances_max = 5_000;
        assert_eq!(executor(&config).instances_max, 5_000, "and never fewer than asked for");
    }
}
