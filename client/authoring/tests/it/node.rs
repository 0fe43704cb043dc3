//! A chain on the WASM runtime with its pool and its author, stepped by hand.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use citrate_authoring::Author;
use citrate_chain::{BuildInput, Chain, ChainConfig, GenesisState};
use citrate_chain_spec::ChainSpec;
use citrate_core::{
    AccountId32, Era, H256, MultiAddress, MultiSignature, OpaqueExtrinsic, hashing::blake2_256,
    key_types, sr25519,
};
use citrate_dag_types::{DagBlock, Slot, VrfSignature, seal_item, vrf_message};
use citrate_db::{Db, DbConfig};
use citrate_executor::{Executor, ExecutorConfig};
use citrate_keystore::LocalKeystore;
use citrate_txpool::{AcceptedTx, BestUpdate, BlockTxs, PoolConfig, TxPool};
use citrate_wasm_builder::WasmBuilder;
use codec::{Compact, Encode};

/// The compressed `:code`, built once for all tests.
fn code() -> Vec<u8> {
    static CODE: OnceLock<Vec<u8>> = OnceLock::new();
    CODE.get_or_init(build).clone()
}

fn build() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // The folder where build scripts put it too.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let builder = WasmBuilder::new(root.join("runtime/Cargo.toml")).target_dir(target);
    std::fs::read(builder.build().unwrap().compressed).unwrap()
}

/// A chain on the WASM runtime with its pool and its author.
pub(crate) struct Node {
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<TxPool>,
    author: Author,
    slot: u64,
}

impl Node {
    /// The development chain in a database of this configuration.
    pub(crate) fn open(config: &DbConfig) -> Self {
        let executor = Arc::new(Executor::new(&ExecutorConfig::default()).unwrap());
        let state = ChainSpec::development(code(), None).genesis_state(executor.as_ref()).unwrap();
        let genesis = GenesisState { top: state.top, children: state.children };
        let db = Arc::new(Db::open(config).unwrap());
        let chain = Chain::open(db, executor, &genesis, ChainConfig::default()).unwrap();
        let pool = TxPool::new(Arc::<Chain>::clone(&chain), PoolConfig::default());
        let keystore = LocalKeystore::in_memory();
        let alice = pair("//Alice").public();
        keystore.insert(key_types::DAG, "//Alice", &alice.0).unwrap();
        let author = Author::new(Arc::clone(&chain), Arc::clone(&pool), Arc::new(keystore));
        let slot = 1_000_000 + u64::from(chain.best().number);
        Self { chain, pool, author, slot }
    }

    /// Authors a block; the pool hears of it afterwards.
    pub(crate) fn step(&mut self) -> H256 {
        self.slot += 1;
        let now = self.slot * self.author.slot_duration_ms().unwrap();
        let hash = self.author.author_block_at(Slot(self.slot), now).unwrap().unwrap();
        self.tell_pool(hash)
    }

    /// As [`Self::step`], with a payload that no pool has seen.
    pub(crate) fn step_with(&mut self, payload: Vec<OpaqueExtrinsic>) -> H256 {
        self.slot += 1;
        let slot = Slot(self.slot);
        let now = self.slot * self.author.slot_duration_ms().unwrap();
        let parent = self.chain.best().hash;
        let configuration = self.chain.dag_configuration(&parent).unwrap();
        let alice = pair("//Alice");
        let vrf = alice.vrf_sign(&vrf_message(&configuration.randomness, slot));
        let vrf = VrfSignature { pre_output: vrf.pre_output, proof: vrf.proof };
        let input = BuildInput { parents: vec![parent], slot, author: 0, vrf, payload };
        let built = self.chain.build(input).unwrap();
        let mut header = built.header;
        let seal = alice.sign(header.hash().as_bytes());
        header.digest.push(seal_item(seal));
        let block = DagBlock { header, payload: built.payload };
        let hash = self.chain.import_at(block, now).unwrap().hash;
        self.tell_pool(hash)
    }

    fn tell_pool(&self, hash: H256) -> H256 {
        let block = self.chain.block_transactions(&hash).unwrap().unwrap();
        let accepted = block.accepted.into_iter().map(|tx| AcceptedTx {
            hash: tx.hash,
            index: tx.index,
            extrinsic: tx.extrinsic,
        });
        let skipped = block.skipped.into_iter().map(|(hash, ..)| hash);
        let enacted = BlockTxs {
            hash,
            number: block.number,
            payload: block.payload,
            accepted: accepted.collect(),
            skipped: skipped.collect(),
        };
        let number = enacted.number;
        self.pool.on_best(&BestUpdate { number, retracted: vec![], enacted: vec![enacted] });
        let finalized = self.chain.finalized();
        self.pool.on_finalized(&[finalized.hash], finalized.number);
        hash
    }

    /// A transfer, signed for this chain.
    pub(crate) fn transfer(
        &self,
        from: &str,
        to: &str,
        nonce: u32,
        amount: u128,
        era: Option<(Era, H256)>,
    ) -> OpaqueExtrinsic {
        let to: MultiAddress<AccountId32, ()> = MultiAddress::Id(account(to));
        // Balances::transfer_keep_alive.
        let call = (2u8, 3u8, to, Compact(amount)).encode();
        let genesis = self.chain.genesis_hash();
        let (era, era_block) = era.unwrap_or((Era::Immortal, genesis));
        let version = self.chain.runtime_version(&self.chain.best().hash).unwrap();
        // Era, nonce, tip, and no metadata hash.
        let explicit = (era, Compact(nonce), Compact(0u128), 0u8).encode();
        let versions = (version.spec_version, version.transaction_version);
        let implicit = (versions, genesis, era_block, None::<[u8; 32]>).encode();
        let payload = [call.as_slice(), &explicit, &implicit].concat();
        let signature = if payload.len() > 256 {
            pair(from).sign(&blake2_256(&payload))
        } else {
            pair(from).sign(&payload)
        };
        let from: MultiAddress<AccountId32, ()> = MultiAddress::Id(account(from));
        let preamble = (0x84u8, from, MultiSignature::Sr25519(signature)).encode();
        OpaqueExtrinsic([preamble, explicit, call].concat())
    }

    /// Free funds of an account, after a block.
    pub(crate) fn free(&self, at: &H256, who: &str) -> u128 {
        let account = account(who).encode();
        let key = [
            citrate_core::hashing::twox_128(b"System").as_slice(),
            &citrate_core::hashing::twox_128(b"Account"),
            &citrate_core::hashing::blake2_128(&account),
            &account,
        ]
        .concat();
        let value = self.chain.state_at(at).unwrap().get(&key).unwrap().unwrap();
        // Nonce, consumers, providers, sufficients, then the free balance.
        u128::from_le_bytes(value[16..32].try_into().unwrap())
    }
}

fn pair(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_suri(name, None).unwrap()
}

fn account(name: &str) -> AccountId32 {
    AccountId32::from(pair(name).public().0)
}
