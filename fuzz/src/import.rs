//! Blocks from other nodes, on a chain in memory: real ones in any order, changed ones, sealed by liars, and bytes.
//!
//! What is refused leaves everything as it was; what is taken is kept and consistent; relay, which judges before it
//! passes a block on, and import say the same; and a restart finds the same chain.

use std::sync::{Arc, OnceLock};

use citrate_chain::testing::{
    TestCall, TestRuntime, author_of, balance, block_by, configuration, genesis_of, open_of,
    transfer,
};
use citrate_chain::{BlockRef, Chain, ChainConfig, ImportError};
use citrate_core::{DigestItem, H256, OpaqueExtrinsic};
use citrate_dag::payload_root;
use citrate_dag_types::{
    Colour, DagBlock, DagDigest, Merged, MergedBlock, Slot, VrfSignature, seal_item, split_seal,
    vrf_message,
};
use citrate_db::DbConfig;
use citrate_sync::{Check, Status, SyncChain, Wire};
use citrate_testing::Choices;
use codec::Encode;

use crate::Outcome;

const NOW_MS: u64 = 1_000_000;
const AUTHORS: u8 = 3;
/// Real blocks that are on the chain before an input begins.
const KNOWN: usize = 4;
/// LIMIT: what one input does.
const STEPS_MAX: usize = 12;

/// Real blocks of a DAG, parents first.
fn blocks() -> &'static [DagBlock] {
    static BLOCKS: OnceLock<Vec<DagBlock>> = OnceLock::new();
    BLOCKS.get_or_init(|| {
        let chain = chain();
        let mut blocks: Vec<DagBlock> = Vec::new();
        let mut tips = vec![chain.genesis_hash()];
        for round in 0..6u64 {
            let mut next = Vec::new();
            for author in 0..AUTHORS {
                // Authors who do not always know of each other.
                if (round + u64::from(author)).is_multiple_of(3) {
                    continue;
                }
                let nonce = u32::try_from(round).unwrap_or_default();
                let payload =
                    vec![transfer(author, 3, nonce, 7), transfer(author, 9, nonce + 1, 1)];
                let slot = 10 + round * 3 + u64::from(author);
                let block = block_by(author, &chain, tips.clone(), slot, payload);
                let block = block.expect("the parents are here");
                chain.import_at(block.clone(), NOW_MS).expect("it was built just now");
                next.push(block.hash());
                blocks.push(block);
            }
            tips = next;
        }
        blocks
    })
}

fn chain() -> Arc<Chain> {
    open_of(AUTHORS, &DbConfig::in_memory()).expect("a chain in memory")
}

/// What everybody can see of a chain.
#[derive(Debug, PartialEq)]
struct View {
    best: BlockRef,
    finalized: BlockRef,
    status: Status,
    leaves: Vec<BlockRef>,
}

impl View {
    fn of(chain: &Chain) -> Self {
        Self {
            best: chain.best(),
            finalized: chain.finalized(),
            status: chain.status(),
            leaves: chain.leaves().expect("the database is in memory"),
        }
    }
}

pub(crate) fn run(bytes: &[u8]) -> Outcome {
    let chain = chain();
    for block in &blocks()[..KNOWN] {
        chain.import_at(block.clone(), NOW_MS).expect("a real block");
    }
    let mut choices = Choices::new(bytes);
    let mut taken = false;
    for _ in 0..STEPS_MAX {
        if choices.is_empty() {
            break;
        }
        let how = choices.below(4);
        let block = match how {
            0 => some_block(&mut choices),
            1 | 2 => Some(changed(&mut choices)),
            _ => {
                let length = choices.below(256);
                let raw: Vec<u8> = (0..length).map(|_| choices.byte()).collect();
                DagBlock::from_bytes(&raw).ok()
            }
        };
        if let Some(block) = block {
            taken |= import(&chain, &block);
        }
    }
    check_chain(&chain);
    let again = Chain::open(
        chain.db().clone(),
        Arc::new(TestRuntime),
        &genesis_of(AUTHORS),
        ChainConfig::default(),
    );
    let again = again.expect("what was stored can be opened");
    assert_eq!(View::of(&again), View::of(&chain), "a restart finds another chain");
    Outcome::taken(taken)
}

fn import(chain: &Chain, block: &DagBlock) -> bool {
    let (hash, before) = (block.hash(), View::of(chain));
    let is_known = SyncChain::contains(chain, &hash);
    let judged = [
        chain.check_author(&block.header),
        chain.check_header(&block.header),
        chain.check_payload(&block.header, &block.payload),
    ];
    match chain.import_at(block.clone(), NOW_MS) {
        Ok(imported) => {
            assert!(!is_known, "{hash:?} was here");
            assert!(!judged.contains(&Check::Invalid), "relay refuses {judged:?} of {block:?}");
            assert_eq!((imported.hash, imported.number), (hash, block.header.number));
            let header = Chain::header(chain, &hash).expect("the database is in memory");
            assert_eq!(header.as_ref(), Some(&block.header));
            let payload = Chain::payload(chain, &hash).expect("the database is in memory");
            assert_eq!(payload.as_ref(), Some(&block.payload));
            check_chain(chain);
            true
        }
        Err(ImportError::Build(error)) => panic!("our own side failed: {error} of {block:?}"),
        Err(error) => {
            assert_eq!(View::of(chain), before, "{error} changed the chain");
            assert_eq!(SyncChain::contains(chain, &hash), is_known, "{error} is kept");
            if error.is_invalid() {
                let is_seen = judged.iter().any(|check| *check != Check::Valid);
                assert!(is_seen, "relay passes on what import refuses: {error}, {block:?}");
            }
            false
        }
    }
}

/// The selected chain goes from genesis to its tip, its books balance, and its tip executes to what its header says.
fn check_chain(chain: &Chain) {
    let read = "the database is in memory";
    let best = chain.best();
    let mut at = best;
    while at.number > 0 {
        assert_eq!(chain.hash_at(at.number).expect(read), Some(at.hash));
        let header = Chain::header(chain, &at.hash).expect(read).expect("it is on the chain");
        at = BlockRef { number: header.number - 1, hash: header.parent_hash };
    }
    assert_eq!(at.hash, chain.genesis_hash());
    assert!(chain.finalized().number <= best.number);
    let money: u64 = (0..=255).map(|account| balance(chain, &best.hash, account)).sum();
    assert!(money <= 4_000, "{money} of 4000");
    if best.number > 0 {
        let header = Chain::header(chain, &best.hash).expect(read).expect("it is the tip");
        let (unsealed, _) = split_seal(&header).expect("it was imported");
        let body = chain.accepted(&best.hash).expect(read).expect("it was executed");
        let data = (&unsealed, &body).encode();
        let executed = chain.call(&header.parent_hash, "Core_execute_block", &data);
        assert!(executed.is_ok(), "{executed:?}");
    }
}

fn some_block(choices: &mut Choices<'_>) -> Option<DagBlock> {
    blocks().get(choices.below(blocks().len())).cloned()
}

fn some_hash(choices: &mut Choices<'_>) -> H256 {
    match choices.below(blocks().len() + 2) {
        0 => H256::repeat_byte(choices.byte()),
        index => blocks().get(index - 1).map_or_else(H256::zero, DagBlock::hash),
    }
}

/// A real block with something else in it, and made as sound again as a liar with the authors' keys can make it.
fn changed(choices: &mut Choices<'_>) -> DagBlock {
    let mut block = some_block(choices).expect("there are blocks");
    let (mut header, mut seal) = split_seal(&block.header).expect("real blocks are sealed");
    let mut digest = DagDigest::from_header(&header).expect("real blocks have a digest");
    for _ in 0..=choices.below(3) {
        match choices.below(15) {
            0 => header.number = header.number.wrapping_add_signed(i32::from(choices.byte()) - 128),
            1 => header.parent_hash = some_hash(choices),
            2 => header.state_root = some_hash(choices),
            3 => header.extrinsics_root = some_hash(choices),
            4 => digest.slot = Slot(digest.slot.0.wrapping_add(choices.byte().into())),
            5 => digest.slot = Slot(u64::MAX >> choices.below(64)),
            6 => digest.author = choices.byte().into(),
            7 => digest.other_parents.push(some_hash(choices)),
            8 => drop(digest.other_parents.pop()),
            9 => digest.blue_score = digest.blue_score.wrapping_add(choices.byte().into()),
            10 => digest.merged = merged(choices),
            11 => block.payload.push(some_extrinsic(choices)),
            12 => drop(block.payload.pop()),
            13 => header.digest.push(some_item(choices)),
            _ => digest.vrf.pre_output[choices.below(32)] ^= 1 << choices.below(8),
        }
    }
    let sound = choices.byte();
    let author = author_of(u8::try_from(digest.author % u32::from(AUTHORS)).unwrap_or_default());
    if sound & 1 == 0 {
        digest.payload_root = payload_root(&block.payload);
    }
    if sound & 2 == 0 {
        let vrf = author.vrf_sign(&vrf_message(&configuration().randomness, digest.slot));
        digest.vrf = VrfSignature { pre_output: vrf.pre_output, proof: vrf.proof };
    }
    if let Some(first) = header.digest.logs.first_mut() {
        *first = digest.to_item();
    }
    if sound & 4 == 0 {
        seal = author.sign(header.hash().as_bytes());
    }
    header.digest.push(seal_item(seal));
    block.header = header;
    block
}

fn merged(choices: &mut Choices<'_>) -> Merged {
    let count = choices.below(4);
    let merged = (0..count).map(|_| MergedBlock {
        author: choices.below(4).try_into().unwrap_or_default(),
        slot: Slot(choices.byte().into()),
        colour: if choices.byte() & 1 == 0 { Colour::Blue } else { Colour::Red },
        pre_output: [choices.byte(); 32],
    });
    Merged::new(merged.collect())
}

fn some_extrinsic(choices: &mut Choices<'_>) -> OpaqueExtrinsic {
    let (a, b) = (choices.byte(), choices.byte());
    match choices.below(6) {
        0 => transfer(a % 8, b % 8, u32::from(choices.byte() % 8), choices.byte().into()),
        1 => transfer(a, b, 0, u64::MAX - u64::from(choices.byte())),
        2 => TestCall::Trap.extrinsic(),
        3 => TestCall::SetVoters(a % 4).extrinsic(),
        4 => TestCall::Timestamp(a.into()).extrinsic(),
        _ => OpaqueExtrinsic(vec![a; usize::from(b) * 32]),
    }
}

fn some_item(choices: &mut Choices<'_>) -> DigestItem {
    let bytes = vec![choices.byte(); choices.below(80)];
    match choices.below(4) {
        0 => DigestItem::RuntimeEnvironmentUpdated,
        1 => DigestItem::Other(bytes),
        2 => DigestItem::PreRuntime(citrate_dag_types::ENGINE_ID, bytes),
        _ => DigestItem::Seal(citrate_dag_types::ENGINE_ID, bytes),
    }
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = vec![("known".to_owned(), vec![0, 0, 0, 1])];
    let rest: Vec<u8> = (KNOWN..blocks().len())
        .flat_map(|index| [0, u8::try_from(index).unwrap_or_default()])
        .collect();
    seeds.push(("ok-in-order".to_owned(), rest.clone()));
    let backwards: Vec<u8> = rest.rchunks(2).flatten().copied().collect();
    seeds.push(("ok-backwards".to_owned(), [backwards.clone(), backwards].concat()));
    // Each change alone, of a block whose parents are here, with the soundness of an honest author and without.
    for change in 0..15u8 {
        for sound in [0, 1, 7] {
            let input = vec![1, 4, 0, change, 130, 3, 9, 5, sound, sound, sound];
            seeds.push((format!("changed-{change}-{sound}"), input));
        }
    }
    let bytes = blocks().first().map(Wire::to_bytes).unwrap_or_default();
    let bytes = bytes.get(..255).unwrap_or(&bytes);
    seeds.push(("cut".to_owned(), [&[3, 255], bytes].concat()));
    seeds
}
