//! The chain that benches work on.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use citrate_chain::{BuildInput, Chain, ChainConfig, GenesisState, Machine};
use citrate_chain_spec::ChainSpec;
use citrate_core::{
    AccountId32, Era, H256, Header, MultiAddress, MultiSignature, OpaqueExtrinsic, sr25519,
};
use citrate_dag_types::{DagBlock, Slot, VrfSignature, seal_item, split_seal, vrf_message};
use citrate_db::{Db, DbConfig};
use citrate_executor::{Executor, ExecutorConfig};
use citrate_wasm_builder::WasmBuilder;
use codec::{Compact, Encode};
use tempfile::TempDir;

/// The first slot.
const SLOT: u64 = 1_000_000;
/// What every account of the bench gets: 100 tokens.
const FUNDS: u128 = 100_000_000_000_000;
/// What a transfer moves.
const AMOUNT: u128 = 10_000_000_000;
/// Transfers in one block when accounts are funded; a block takes a few hundred.
const FUNDED_AT_ONCE: usize = 200;

/// A development chain on the WASM runtime, with a database on disk.
#[derive(Debug)]
pub struct DevChain {
    /// The chain.
    pub chain: Arc<Chain>,
    code: Vec<u8>,
    executor: Arc<Executor>,
    alice: Account,
    accounts: Vec<Account>,
    slot: u64,
    /// Every block that was imported, oldest first.
    blocks: Vec<(DagBlock, u64)>,
    folder: TempDir,
}

/// Somebody who signs.
#[derive(Debug)]
struct Account {
    pair: sr25519::Pair,
    nonce: u32,
}

/// A block that executed transfers, as `Core_execute_block` takes it.
#[derive(Clone, Debug)]
pub struct Executed {
    /// Its parent, whose payload carries the transfers.
    pub parent: H256,
    /// Its header without the seal.
    pub header: Header,
    /// The inherents and the transfers.
    pub body: Vec<OpaqueExtrinsic>,
    /// What building it on the parent takes.
    pub input: BuildInput,
}

impl DevChain {
    /// A chain of a genesis block and those that it takes to fund `accounts`. The runtime is built
    /// under the target folder unless it is there.
    ///
    /// # Errors
    /// When the runtime does not build, or the chain does not take a block.
    pub fn new(target: &Path, accounts: u32) -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/Cargo.toml");
        let blob = WasmBuilder::new(manifest).target_dir(target).build()?;
        let code = std::fs::read(blob.compressed)?;
        let executor = Arc::new(Executor::new(&ExecutorConfig::default())?);
        let folder = tempfile::tempdir()?;
        let chain = open(folder.path(), &code, &executor)?;
        let alice = Account {
            pair: sr25519::Pair::from_suri("//Alice", None).context("a development key")?,
            nonce: 0,
        };
        let blocks = Vec::new();
        let (accounts_wanted, accounts) = (accounts, Vec::new());
        let mut new = Self { chain, code, executor, alice, accounts, slot: SLOT, blocks, folder };
        for number in 0..accounts_wanted {
            let mut seed = [7; 32];
            seed[..4].copy_from_slice(&number.to_le_bytes());
            let pair = sr25519::Pair::from_seed(&seed).context("any 32 bytes are a seed")?;
            new.accounts.push(Account { pair, nonce: 0 });
        }
        new.fund()?;
        Ok(new)
    }

    /// The executor that runs the chain's runtime.
    pub fn executor(&self) -> &Arc<Executor> {
        &self.executor
    }

    /// The runtime's blob, compressed.
    pub fn code(&self) -> &[u8] {
        &self.code
    }

    /// One signed transfer from each of the first `count` accounts to its neighbour.
    ///
    /// # Errors
    /// When there are not so many accounts.
    pub fn transfers(&mut self, count: usize) -> Result<Vec<OpaqueExtrinsic>> {
        ensure!(count <= self.accounts.len(), "there are {} accounts", self.accounts.len());
        let context = self.signing_context()?;
        let mut transfers = Vec::with_capacity(count);
        for index in 0..count {
            let neighbour = (index + 1) % self.accounts.len();
            let to = self.accounts[neighbour].pair.public();
            transfers.push(self.accounts[index].transfer(&to, AMOUNT, &context));
        }
        Ok(transfers)
    }

    /// A block whose parent's payload holds `count` transfers, and which executed all of them.
    ///
    /// # Errors
    /// When a transfer was not accepted, or the chain failed.
    pub fn executed(&mut self, count: usize) -> Result<Executed> {
        let payload = self.transfers(count)?;
        let parent = self.extend(payload)?;
        let input = self.input(parent, Vec::new())?;
        let hash = self.author(input.clone())?;
        let header = self.chain.header(&hash)?.context("its header")?;
        let (header, _) = split_seal(&header)?;
        let body = self.chain.accepted(&hash)?.context("its body")?;
        // The inherent is one more.
        ensure!(body.len() == count + 1, "{} of {count} transfers are accepted", body.len() - 1);
        Ok(Executed { parent, header, body, input })
    }

    /// Authors a block with this payload and imports it.
    ///
    /// # Errors
    /// When the chain does not build or take it.
    pub fn extend(&mut self, payload: Vec<OpaqueExtrinsic>) -> Result<H256> {
        let input = self.input(self.chain.best().hash, payload)?;
        self.author(input)
    }

    /// Builds, seals and imports.
    fn author(&mut self, input: BuildInput) -> Result<H256> {
        self.slot += 1;
        let built = self.chain.build(input)?;
        let mut header = built.header;
        let seal = self.alice.pair.sign(header.hash().as_bytes());
        header.digest.push(seal_item(seal));
        let block = DagBlock { header, payload: built.payload };
        let now_ms = self.slot * self.slot_duration_ms()?;
        self.blocks.push((block.clone(), now_ms));
        Ok(self.chain.import_at(block, now_ms)?.hash)
    }

    /// The blocks from the number `first` on, with the times at which they were made.
    pub fn blocks(&self, first: usize) -> &[(DagBlock, u64)] {
        self.blocks.get(first.saturating_sub(1)..).unwrap_or_default()
    }

    /// Another node of this chain that has imported all blocks below the number `first`.
    ///
    /// # Errors
    /// When it does not take a block.
    pub fn follower(&self, first: usize) -> Result<(TempDir, Arc<Chain>)> {
        let folder = tempfile::tempdir()?;
        let chain = open(folder.path(), &self.code, &self.executor)?;
        for (block, now_ms) in self.blocks.iter().take(first.saturating_sub(1)) {
            chain.import_at(block.clone(), *now_ms)?;
        }
        Ok((folder, chain))
    }

    /// Where the database is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What building a block in the next slot takes.
    fn input(&self, parent: H256, payload: Vec<OpaqueExtrinsic>) -> Result<BuildInput> {
        let slot = Slot(self.slot + 1);
        let configuration = self.chain.dag_configuration(&parent)?;
        let vrf = self.alice.pair.vrf_sign(&vrf_message(&configuration.randomness, slot));
        let vrf = VrfSignature { pre_output: vrf.pre_output, proof: vrf.proof };
        Ok(BuildInput { parents: vec![parent], slot, author: 0, vrf, payload })
    }

    fn slot_duration_ms(&self) -> Result<u64> {
        Ok(self.chain.dag_configuration(&self.chain.best().hash)?.slot_duration_ms)
    }

    /// Alice pays every account, over as many blocks as it takes.
    fn fund(&mut self) -> Result<()> {
        let context = self.signing_context()?;
        let everybody: Vec<_> = self.accounts.iter().map(|account| account.pair.public()).collect();
        for some in everybody.chunks(FUNDED_AT_ONCE) {
            let payload =
                some.iter().map(|to| self.alice.transfer(to, FUNDS, &context)).collect::<Vec<_>>();
            let carrier = self.extend(payload)?;
            let block = self.extend(Vec::new())?;
            let accepted = self.chain.accepted(&block)?.context("a body")?.len() - 1;
            ensure!(accepted == some.len(), "{accepted} of {} in {carrier:?}", some.len());
        }
        Ok(())
    }

    fn signing_context(&self) -> Result<SigningContext> {
        let version = self.chain.runtime_version(&self.chain.best().hash)?;
        Ok(SigningContext {
            versions: (version.spec_version, version.transaction_version),
            genesis: self.chain.genesis_hash(),
        })
    }
}

/// What a signature covers besides what stands in the transaction.
struct SigningContext {
    versions: (u32, u32),
    genesis: H256,
}

impl Account {
    /// A signed `Balances::transfer_keep_alive`, immortal and without a tip.
    fn transfer(
        &mut self,
        to: &sr25519::Public,
        amount: u128,
        context: &SigningContext,
    ) -> OpaqueExtrinsic {
        let to: MultiAddress<AccountId32, ()> = MultiAddress::Id(AccountId32::from(to.0));
        let call = (2u8, 3u8, to, Compact(amount)).encode();
        // Era, nonce, tip, and no metadata hash.
        let explicit = (Era::Immortal, Compact(self.nonce), Compact(0u128), 0u8).encode();
        let SigningContext { versions, genesis } = context;
        let implicit = (versions, genesis, genesis, None::<[u8; 32]>).encode();
        let signature = self.pair.sign(&[call.as_slice(), &explicit, &implicit].concat());
        self.nonce += 1;
        let from = AccountId32::from(self.pair.public().0);
        let from: MultiAddress<AccountId32, ()> = MultiAddress::Id(from);
        let preamble = (0x84u8, from, MultiSignature::Sr25519(signature)).encode();
        OpaqueExtrinsic([preamble, explicit, call].concat())
    }
}

fn open(folder: &Path, code: &[u8], executor: &Arc<Executor>) -> Result<Arc<Chain>> {
    let spec = ChainSpec::development(code.to_vec(), None);
    let state = spec.genesis_state(executor.as_ref())?;
    let genesis = GenesisState { top: state.top, children: state.children };
    let db = Arc::new(Db::open(&DbConfig::on_disk(folder))?);
    let machine: Arc<dyn Machine> = executor.clone();
    Ok(Chain::open(db, machine, &genesis, ChainConfig::default())?)
}
