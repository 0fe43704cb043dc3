//! The state that is measured on: a development chain's, with many accounts, in a database on disk.

use super::args::DatabaseArgs;
use anyhow::{Context, Result, ensure};
use citrate_chain_spec::{ChainSpec, GenesisRuntime};
use citrate_core::{Digest, H256, Header, StateVersion, hashing::blake2_128, hashing::twox_128};
use citrate_db::{BlockCommit, Db, DbConfig, Executed, Head, Pruning};
use citrate_executor::{Executor, Limits, Profile, RuntimeCode};
use citrate_host::{Laboratory, StateExt};
use citrate_trie::{ChangeSet, StateView};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// LIMIT: accounts that are added to the state in one block.
const ACCOUNTS_PER_BLOCK: u32 = 20_000;
/// A name for the folder of the database.
const FOLDER_PREFIX: &str = "citrate-benchmark";

/// A runtime that is built for benchmarks, which no profile but theirs runs.
pub(super) struct Measurable<'a>(pub(super) &'a Executor);

impl GenesisRuntime for Measurable<'_> {
    fn call(&self, code: &[u8], method: &str, data: &[u8]) -> Result<(Vec<u8>, ChangeSet), String> {
        let mut state = StateExt::new(StateView::empty());
        let (code, limits) = (RuntimeCode::new(code), Limits::default());
        let answer = self.0.call(code, Profile::Benchmark, method, data, &mut state, limits);
        Ok((answer.map_err(|error| error.to_string())?, state.into_changes()))
    }
}

/// The database, and the block on whose state every measurement begins.
pub(super) struct Database {
    db: Arc<Db>,
    base: H256,
    base_number: u32,
    begun: Instant,
    /// Removed when the database is.
    _folder: TempDir,
}

impl Database {
    /// The state of a development chain of this runtime, and so many accounts more.
    pub(super) fn new(executor: &Executor, code: &[u8], args: &DatabaseArgs) -> Result<Self> {
        let accounts = args.accounts;
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix(FOLDER_PREFIX);
        let folder = match &args.base_path {
            Some(parent) => builder.tempdir_in(parent),
            None => builder.tempdir(),
        }
        .context("a folder for the database")?;
        // Nothing is pruned: what is measured is a read of a state, not the age of it.
        let config = DbConfig {
            pruning: Pruning::Archive,
            cache_bytes: usize::from(args.cache) << 20,
            ..DbConfig::on_disk(folder.path().join("db"))
        };
        let db = Arc::new(Db::open(&config).context("the database")?);
        let spec = ChainSpec::development(code.to_vec(), None);
        let genesis = spec.genesis_state(&Measurable(executor)).context("the genesis state")?;
        let value = |(key, value)| (key, Some(value));
        let changes = ChangeSet {
            top: genesis.top.into_iter().map(value).collect(),
            children: genesis
                .children
                .into_iter()
                .map(|(name, child)| (name, child.into_iter().map(value).collect()))
                .collect(),
        };
        let mut this =
            Self { db, base: H256::zero(), base_number: 0, begun: Instant::now(), _folder: folder };
        let header = begun(H256::zero(), 0);
        this.base = this.commit(&StateView::empty(), &changes, header, Head::Best)?.0;
        let mut made = 0;
        while made < accounts {
            let until = accounts.min(made.saturating_add(ACCOUNTS_PER_BLOCK));
            this.extend(&accounts_changed(made..until, 0))?;
            made = until;
        }
        this.db.finalize(&this.base).context("the database")?;
        // What was written is in the tables, not in memory, when the database is opened again.
        let Self { db, base, base_number, begun, _folder } = this;
        drop(db);
        let db = Arc::new(Db::open(&config).context("the database")?);
        Ok(Self { db, base, base_number, begun, _folder })
    }

    /// The state on which measurements begin.
    pub(super) fn view(&self) -> Result<StateView> {
        Ok(self.db.state_at(&self.base)?)
    }

    /// Picoseconds that a block takes to be stored in which these accounts get a value of their own in each round.
    pub(super) fn time_writes(
        &mut self,
        accounts: impl Iterator<Item = u32>,
        round: u32,
    ) -> Result<u64> {
        let changes = accounts_changed(accounts, round.saturating_add(1));
        let begun = Instant::now();
        self.extend(&changes)?;
        Ok(picoseconds(begun.elapsed()))
    }

    /// Makes the base's successor the base.
    fn extend(&mut self, changes: &ChangeSet) -> Result<()> {
        self.base_number += 1;
        let (view, header) = (self.view()?, begun(self.base, self.base_number));
        self.base = self.commit(&view, changes, header, Head::Best)?.0;
        Ok(())
    }

    /// Makes a block of changes; its hash, and its state.
    fn commit(
        &self,
        view: &StateView,
        changes: &ChangeSet,
        mut header: Header,
        head: Head,
    ) -> Result<(H256, StateView)> {
        let (root, delta) = view.apply(changes, StateVersion::V1)?;
        header.state_root = root;
        let hash = header.hash();
        // The same preparation leads to the same state, which is stored once.
        if !self.db.has_state(&hash)? {
            self.db.commit(BlockCommit {
                hash,
                header,
                payload: Vec::new(),
                executed: Some(Executed { delta, ..Executed::default() }),
                head,
                transactions: Vec::new(),
                dag: None,
            })?;
        }
        let view = self.db.state_at(&hash)?;
        ensure!(view.root == root, "the database has another state than was stored");
        Ok((hash, view))
    }
}

impl Laboratory for Database {
    fn settle(&mut self, changes: ChangeSet) -> Result<StateView, String> {
        let settled = self.view().and_then(|view| {
            let header = begun(self.base, self.base_number + 1);
            self.commit(&view, &changes, header, Head::Unchanged)
        });
        settled.map(|(_, view)| view).map_err(|error| format!("{error:#}"))
    }

    fn settles(&self) -> bool {
        true
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Picoseconds that the value of the account with this number takes to read.
pub(super) fn time_read(view: &StateView, account: u32) -> Result<u64> {
    let key = account_key(account);
    let begun = Instant::now();
    let value = view.get(&key)?;
    let took = begun.elapsed();
    ensure!(value.is_some(), "account {account} is not in the state");
    Ok(picoseconds(took))
}

fn begun(parent_hash: H256, number: u32) -> Header {
    let (state_root, extrinsics_root) = (H256::zero(), H256::zero());
    Header { parent_hash, number, state_root, extrinsics_root, digest: Digest::default() }
}

/// Where `System.Account` keeps the account with this number: spread as those of real accounts.
fn account_key(number: u32) -> Vec<u8> {
    let half = blake2_128(&number.to_le_bytes());
    let account = [half, blake2_128(&half)].concat();
    [&twox_128(b"System")[..], &twox_128(b"Account"), &blake2_128(&account), &account].concat()
}

/// These accounts with values as long as an account's, four counters and four amounts, of which the first is given.
fn accounts_changed(accounts: impl Iterator<Item = u32>, nonce: u32) -> ChangeSet {
    let mut value = vec![0; 80];
    value[..4].copy_from_slice(&nonce.to_le_bytes());
    let top = accounts.map(|number| (account_key(number), Some(value.clone())));
    ChangeSet { top: top.collect(), ..ChangeSet::default() }
}

fn picoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().saturating_mul(1_000)).unwrap_or(u64::MAX)
}
