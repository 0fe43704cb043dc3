//! A small native runtime with accounts, nonces and transfers, and chains that run on it.

use std::sync::Arc;

use citrate_core::{
    ApplyExtrinsicResult, DigestItem, DispatchError, ExtrinsicInclusionMode, H256, Header,
    InherentData, InvalidTransaction, OpaqueExtrinsic, RuntimeVersion, StateVersion,
    TransactionSource, TransactionValidity, TransactionValidityError, ValidTransaction, Weight,
    ed25519, hashing::blake2_256, sr25519, well_known_keys,
};
use citrate_dag_types::{
    Authority, DagBlock, DagConfiguration, DagDigest, Election, Slot, TIMESTAMP_INHERENT,
    VrfSignature, seal_item, vrf_message,
};
use citrate_db::{Db, DbConfig};
use citrate_host::Externalities;
use codec::{Decode, Encode};

use crate::{BuildError, RuntimeError};
use crate::{BuildInput, Chain, ChainConfig, ChainError, Code, GenesisState, Machine, Purpose};

/// Slots of the test chains, in milliseconds.
pub const SLOT_MS: u64 = 500;
const RANDOMNESS: [u8; 32] = [5; 32];
/// Where the state says how many authors there are, if more than one.
const AUTHORS: &[u8] = b"authors";

/// Where the state says who votes on finality: how many, and how many sets there were before.
const VOTERS: &[u8] = b"voters";

/// Where the state says which epoch it is, by which randomness, and which one is next. A chain without it has one
/// randomness for ever.
const EPOCHS: &[u8] = b"epochs";

/// Slots of an epoch.
pub const EPOCH_LENGTH: u64 = 1_000;

/// Where the state says that the block changed the code.
const UPGRADED: &[u8] = b"upgraded";

/// Where the state says which code ran last, and for how many blocks its migration goes on.
const MIGRATION: &[u8] = b"migration";

/// An extrinsic of the test runtime; opaque bytes to everybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TestCall {
    /// The inherent: milliseconds.
    Timestamp(u64),
    /// Moves funds between accounts.
    Transfer {
        /// Who pays.
        from: u8,
        /// Who receives.
        to: u8,
        /// The payer's count of transactions.
        nonce: u32,
        /// How much.
        amount: u64,
    },
    /// Changes storage, leaves a transaction open and panics.
    Trap,
    /// Replaces the code by this byte. From 100 on it is a runtime that migrates for so many blocks more than 100.
    SetCode(u8),
    /// Lets the first so many authors vote on the blocks above this one.
    SetVoters(u8),
}

impl TestCall {
    /// As an extrinsic.
    pub fn extrinsic(self) -> OpaqueExtrinsic {
        OpaqueExtrinsic(self.encode())
    }
}

/// A transfer as an extrinsic.
pub fn transfer(from: u8, to: u8, nonce: u32, amount: u64) -> OpaqueExtrinsic {
    TestCall::Transfer { from, to, nonce, amount }.extrinsic()
}

/// The test runtime.
#[derive(Clone, Debug, Default)]
pub struct TestRuntime;

fn read<T: Decode + Default>(ext: &mut dyn Externalities, key: &[u8]) -> T {
    ext.get(key).and_then(|value| T::decode(&mut &*value).ok()).unwrap_or_default()
}

fn epochs(ext: &mut dyn Externalities) -> Option<(u64, [u8; 32], [u8; 32])> {
    ext.get(EPOCHS).and_then(|value| Decode::decode(&mut &*value).ok())
}

fn key(what: &str, account: u8) -> Vec<u8> {
    [what.as_bytes(), &[account]].concat()
}

/// An account's funds in a state.
pub fn balance(chain: &Chain, at: &H256, account: u8) -> u64 {
    let value = chain.state_at(at).ok().and_then(|state| state.get(&key("balance", account)).ok());
    value.flatten().and_then(|value| u64::decode(&mut &*value).ok()).unwrap_or_default()
}

fn invalid(reason: InvalidTransaction) -> TransactionValidityError {
    TransactionValidityError::Invalid(reason)
}

impl TestRuntime {
    fn initialize(ext: &mut dyn Externalities, header: &Header) {
        ext.set(b"header".to_vec(), Some(header.encode()));
        ext.set(b"applied".to_vec(), None);
        Self::enter_epoch(ext, header);
        let code = ext.get(well_known_keys::CODE).and_then(|code| code.first().copied());
        let (ran, _): (u8, u8) = read(ext, MIGRATION);
        if let Some(code) = code.filter(|code| *code >= 100 && *code != ran) {
            ext.set(MIGRATION.to_vec(), Some((code, code - 100).encode()));
        }
    }

    /// What was next is in force from an epoch's first block on, and what comes after it follows from that block's chain.
    fn enter_epoch(ext: &mut dyn Externalities, header: &Header) {
        let Some((epoch, _, next)) = epochs(ext) else { return };
        let Ok(digest) = DagDigest::from_header(header) else { return };
        let entered = digest.slot.epoch(EPOCH_LENGTH);
        if entered > epoch {
            let after = blake2_256(&(next, header.parent_hash).encode());
            ext.set(EPOCHS.to_vec(), Some((entered, next, after).encode()));
        }
    }

    /// For how many blocks, this one included, no transaction is executed.
    fn closed_for(ext: &mut dyn Externalities) -> u8 {
        read::<(u8, u8)>(ext, MIGRATION).1
    }

    fn apply(
        ext: &mut dyn Externalities,
        extrinsic: &OpaqueExtrinsic,
    ) -> Result<ApplyExtrinsicResult, RuntimeError> {
        let Ok(call) = TestCall::decode(&mut &*extrinsic.0) else {
            return Ok(Err(invalid(InvalidTransaction::Call)));
        };
        if Self::closed_for(ext) > 0 && !matches!(call, TestCall::Timestamp(_)) {
            return Ok(Err(invalid(InvalidTransaction::ExhaustsResources)));
        }
        let mut result = Ok(());
        match call {
            TestCall::Timestamp(now) => {
                if ext.get(b"applied").is_some() {
                    return Err(RuntimeError::Trapped("the time is set already".into()));
                }
                ext.set(b"now".to_vec(), Some(now.encode()));
            }
            TestCall::Transfer { from, to, nonce, amount } => {
                let next: u32 = read(ext, &key("nonce", from));
                // Changed before it is judged, so that a missing rollback shows.
                ext.set(key("nonce", from), Some(nonce.wrapping_add(1).encode()));
                if nonce != next {
                    let stale = nonce < next;
                    let reason =
                        if stale { InvalidTransaction::Stale } else { InvalidTransaction::Future };
                    return Ok(Err(invalid(reason)));
                }
                let funds: u64 = read(ext, &key("balance", from));
                let Some(funds) = funds.checked_sub(1) else {
                    return Ok(Err(invalid(InvalidTransaction::Payment)));
                };
                ext.set(key("balance", from), Some(funds.encode()));
                match funds.checked_sub(amount) {
                    Some(rest) => {
                        ext.set(key("balance", from), Some(rest.encode()));
                        let other: u64 = read(ext, &key("balance", to));
                        ext.set(key("balance", to), Some((other + amount).encode()));
                    }
                    None => result = Err(DispatchError::Unavailable),
                }
            }
            TestCall::Trap => {
                ext.set(key("balance", 0), Some(u64::MAX.encode()));
                ext.start_transaction();
                return Err(RuntimeError::Trapped("as asked".into()));
            }
            TestCall::SetCode(byte) => {
                ext.set(well_known_keys::CODE.to_vec(), Some(vec![byte]));
                ext.set(UPGRADED.to_vec(), Some(vec![1]));
            }
            TestCall::SetVoters(count) => {
                let (_, sets): (u8, u64) = read(ext, VOTERS);
                ext.set(VOTERS.to_vec(), Some((count, sets + 1).encode()));
            }
        }
        ext.append(b"applied".to_vec(), &extrinsic.encode().encode());
        Ok(Ok(result))
    }

    fn finalize(ext: &mut dyn Externalities) -> Result<Header, RuntimeError> {
        let header = ext.get(b"header").ok_or(RuntimeError::Trapped("no block is open".into()))?;
        let mut header =
            Header::decode(&mut &*header).map_err(|e| RuntimeError::Trapped(e.to_string()))?;
        let applied: Vec<Vec<u8>> = read(ext, b"applied");
        ext.set(b"header".to_vec(), None);
        ext.set(b"applied".to_vec(), None);
        let (code, blocks): (u8, u8) = read(ext, MIGRATION);
        if let Some(left) = blocks.checked_sub(1) {
            ext.set(MIGRATION.to_vec(), Some((code, left).encode()));
        }
        if ext.get(UPGRADED).is_some() {
            ext.set(UPGRADED.to_vec(), None);
            header.digest.push(DigestItem::RuntimeEnvironmentUpdated);
        }
        header.extrinsics_root = citrate_trie::ordered_root(&applied, StateVersion::V1);
        header.state_root = ext.root(StateVersion::V1);
        Ok(header)
    }

    fn execute_block(ext: &mut dyn Externalities, data: &[u8]) -> Result<(), RuntimeError> {
        let (header, body) = <(Header, Vec<OpaqueExtrinsic>)>::decode(&mut &*data)
            .map_err(|error| RuntimeError::Trapped(error.to_string()))?;
        let mut start =
            Header { state_root: H256::zero(), extrinsics_root: H256::zero(), ..header.clone() };
        start.digest.logs.retain(|item| matches!(item, DigestItem::PreRuntime(..)));
        Self::initialize(ext, &start);
        for extrinsic in &body {
            if let Err(error) = Self::apply(ext, extrinsic)? {
                return Err(RuntimeError::Trapped(format!("{error:?}")));
            }
        }
        if Self::finalize(ext)? == header {
            Ok(())
        } else {
            Err(RuntimeError::Trapped("the roots differ".into()))
        }
    }

    fn validate(ext: &mut dyn Externalities, extrinsic: &OpaqueExtrinsic) -> TransactionValidity {
        let valid = |requires: Vec<Vec<u8>>, provides: Vec<u8>| ValidTransaction {
            priority: 1,
            requires,
            provides: vec![provides],
            longevity: 64,
            propagate: true,
        };
        match TestCall::decode(&mut &*extrinsic.0) {
            // A state in the middle of a migration, and what it may make of any transaction.
            Ok(TestCall::Transfer { from: 2.., .. }) if Self::closed_for(ext) > 0 => {
                Err(invalid(InvalidTransaction::Stale))
            }
            Ok(TestCall::Transfer { from, nonce, .. }) => {
                let next: u32 = read(ext, &key("nonce", from));
                if nonce < next {
                    return Err(invalid(InvalidTransaction::Stale));
                }
                if read::<u64>(ext, &key("balance", from)) == 0 {
                    return Err(invalid(InvalidTransaction::Payment));
                }
                let before = nonce.checked_sub(1).filter(|_| nonce > next);
                let requires = before.map(|nonce| (from, nonce).encode()).into_iter().collect();
                Ok(valid(requires, (from, nonce).encode()))
            }
            Ok(TestCall::SetCode(_) | TestCall::SetVoters(_) | TestCall::Trap) => {
                Ok(valid(vec![], extrinsic.encode()))
            }
            Ok(TestCall::Timestamp(_)) | Err(_) => Err(invalid(InvalidTransaction::Call)),
        }
    }
}

impl Machine for TestRuntime {
    fn call(
        &self,
        _code: &Code,
        _purpose: Purpose,
        method: &str,
        data: &[u8],
        ext: &mut dyn Externalities,
    ) -> Result<Vec<u8>, RuntimeError> {
        let bad = |error: codec::Error| RuntimeError::Trapped(error.to_string());
        Ok(match method {
            "Core_initialize_block" => {
                Self::initialize(ext, &Header::decode(&mut &*data).map_err(bad)?);
                match Self::closed_for(ext) {
                    0 => ExtrinsicInclusionMode::AllExtrinsics.encode(),
                    _ => ExtrinsicInclusionMode::OnlyInherents.encode(),
                }
            }
            "BlockBuilder_inherent_extrinsics" => {
                let inherents = InherentData::decode(&mut &*data).map_err(bad)?;
                let now: Option<u64> = inherents.get(&TIMESTAMP_INHERENT).map_err(bad)?;
                let now = now.ok_or(RuntimeError::Trapped("no time".into()))?;
                vec![TestCall::Timestamp(now).extrinsic()].encode()
            }
            "BlockBuilder_apply_extrinsic" => {
                Self::apply(ext, &OpaqueExtrinsic::decode(&mut &*data).map_err(bad)?)?.encode()
            }
            "BlockBuilder_finalize_block" => Self::finalize(ext)?.encode(),
            "Core_execute_block" => Self::execute_block(ext, data)?.encode(),
            "DagApi_configuration" | "DagApi_configuration_at" => {
                let mut configuration = configuration_of(read::<u8>(ext, AUTHORS).max(1));
                if let Some((epoch, present, next)) = epochs(ext) {
                    let slot = Slot::decode(&mut &*data).unwrap_or_default();
                    let is_next = slot.epoch(EPOCH_LENGTH) > epoch;
                    configuration.randomness = if is_next { next } else { present };
                }
                configuration.encode()
            }
            "TaggedTransactionQueue_validate_transaction" => {
                let (_, extrinsic, _) =
                    <(TransactionSource, OpaqueExtrinsic, H256)>::decode(&mut &*data)
                        .map_err(bad)?;
                Self::validate(ext, &extrinsic).encode()
            }
            "AccountNonceApi_account_nonce" => {
                let account = data.first().copied().unwrap_or_default();
                read::<u32>(ext, &key("nonce", account)).encode()
            }
            "GrandpaApi_grandpa_authorities" if ext.get(VOTERS).is_some() => {
                let (count, _): (u8, u64) = read(ext, VOTERS);
                (0..count).map(|index| (voter_of(index), 1u64)).collect::<Vec<_>>().encode()
            }
            "GrandpaApi_current_set_id" => read::<(u8, u64)>(ext, VOTERS).1.encode(),
            other => return Err(RuntimeError::NoSuchMethod(other.into())),
        })
    }

    fn runtime_version(&self, code: &Code) -> Result<RuntimeVersion, RuntimeError> {
        let byte = *code.bytes.first().ok_or(RuntimeError::Code("empty".into()))?;
        let spec_version = u32::from(byte);
        Ok(RuntimeVersion { spec_version, system_version: 1, ..RuntimeVersion::default() })
    }
}

/// The author with this index.
pub fn author_of(index: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[index.wrapping_add(1); 32]).expect("any 32 bytes are a seed")
}

/// The key that the author with this index votes with.
fn voter_of(index: u8) -> ed25519::Public {
    let seed = format!("0x{}", format!("{:02x}", index.wrapping_add(1)).repeat(32));
    ed25519::Pair::from_suri(&seed, None).expect("any 32 bytes are a seed").public()
}

/// How many vote on the blocks above a block, and how many sets of voters there were before them.
pub fn voters(chain: &Chain, at: &H256) -> (u8, u64) {
    let value = chain.state_at(at).ok().and_then(|state| state.get(VOTERS).ok()).flatten();
    value.and_then(|value| Decode::decode(&mut &*value).ok()).unwrap_or_default()
}

/// The first author, who is the only one of most test chains.
pub fn author() -> sr25519::Pair {
    author_of(0)
}

/// The test runtime's consensus parameters, with one author.
pub fn configuration() -> DagConfiguration {
    configuration_of(1)
}

/// The test runtime's consensus parameters, with so many authors; each wins every slot.
pub fn configuration_of(authors: u8) -> DagConfiguration {
    let authority = |index| Authority { key: author_of(index).public(), weight: 1 };
    DagConfiguration {
        slot_duration_ms: SLOT_MS,
        epoch_length: EPOCH_LENGTH,
        election: Election::EverySlot,
        authorities: (0..authors).map(authority).collect(),
        randomness: RANDOMNESS,
        payload_bytes_max: 4_096,
        payload_weight_max: Weight::MAX,
        mergeset_max: 64,
        delay_bound_ms: 1_000,
    }
}

/// A state in which accounts 0 to 3 own 1000 each, and whose code is the byte 1.
pub fn genesis() -> GenesisState {
    let mut state = GenesisState::default();
    state.top.insert(well_known_keys::CODE.to_vec(), vec![1]);
    for account in 0..4 {
        state.top.insert(key("balance", account), 1_000u64.encode());
    }
    state
}

/// The same state, with so many authors.
pub fn genesis_of(authors: u8) -> GenesisState {
    let mut state = genesis();
    state.top.insert(AUTHORS.to_vec(), authors.encode());
    state
}

/// The same state, with epochs whose randomness follows from the chain.
pub fn genesis_with_epochs(authors: u8) -> GenesisState {
    let mut state = genesis_of(authors);
    state.top.insert(EPOCHS.to_vec(), (0u64, RANDOMNESS, RANDOMNESS).encode());
    state
}

/// The state of one author, with so many who vote on finality.
pub fn genesis_with_voters(count: u8) -> GenesisState {
    let mut state = genesis();
    state.top.insert(VOTERS.to_vec(), (count, 0u64).encode());
    state
}

/// A chain of one author in this database.
///
/// # Errors
/// As [`Chain::open`].
pub fn open(config: &DbConfig) -> Result<Arc<Chain>, ChainError> {
    let db = Arc::new(Db::open(config)?);
    Chain::open(db, Arc::new(TestRuntime), &genesis(), ChainConfig::default())
}

/// A chain of so many authors in this database.
///
/// # Errors
/// As [`Chain::open`].
pub fn open_of(authors: u8, config: &DbConfig) -> Result<Arc<Chain>, ChainError> {
    let db = Arc::new(Db::open(config)?);
    Chain::open(db, Arc::new(TestRuntime), &genesis_of(authors), ChainConfig::default())
}

/// A block by the first author on one parent, sealed; not imported.
///
/// # Errors
/// As [`Chain::build`].
pub fn block(
    chain: &Chain,
    parent: H256,
    slot: u64,
    payload: Vec<OpaqueExtrinsic>,
) -> Result<DagBlock, BuildError> {
    block_by(0, chain, vec![parent], slot, payload)
}

/// A block by this author on these parents, sealed; not imported.
///
/// # Errors
/// As [`Chain::build`].
pub fn block_by(
    author: u8,
    chain: &Chain,
    parents: Vec<H256>,
    slot: u64,
    payload: Vec<OpaqueExtrinsic>,
) -> Result<DagBlock, BuildError> {
    let slot = Slot(slot);
    let parent = parents.first().copied().unwrap_or_else(|| chain.best().hash);
    let randomness = chain.configuration_for(&parent, slot)?.randomness;
    let vrf = author_of(author).vrf_sign(&vrf_message(&randomness, slot));
    let vrf = VrfSignature { pre_output: vrf.pre_output, proof: vrf.proof };
    let input = BuildInput { parents, slot, author: author.into(), vrf, payload };
    let built = chain.build(input)?;
    Ok(seal_by(author, built.header, built.payload))
}

/// Seals a header as the first author does.
pub fn seal(header: Header, payload: Vec<OpaqueExtrinsic>) -> DagBlock {
    seal_by(0, header, payload)
}

/// Seals a header as this author does.
pub fn seal_by(author: u8, mut header: Header, payload: Vec<OpaqueExtrinsic>) -> DagBlock {
    let signature = author_of(author).sign(header.hash().as_bytes());
    header.digest.push(seal_item(signature));
    DagBlock { header, payload }
}
