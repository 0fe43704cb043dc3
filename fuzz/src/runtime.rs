//! The runtime on the state of the development chain's genesis, run natively, and transactions as wallets make them.

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

use citrate_core::{
    AccountId32, ApplyExtrinsicResult, Digest, Era, H256, Header, InherentData, OpaqueExtrinsic,
    StateVersion, sr25519,
};
use citrate_dag_types::{DagDigest, Merged, Slot, TIMESTAMP_INHERENT, VrfSignature};
use citrate_host::{StateExt, with_externalities};
use citrate_runtime::{
    Address, AllPalletsWithSystem, Executive, Nonce, RuntimeCall, Signature, UncheckedExtrinsic,
    VERSION, constants::SLOT_DURATION_MS, genesis,
};
use citrate_support::{
    keyring::Keyring,
    traits::{BuildGenesisConfig, TryState},
};
use citrate_testing::{Choices, Values};
use citrate_trie::{EMPTY_ROOT, MemoryNodes, StateView};
use codec::{Decode, Encode};

/// Slot of the first block.
const FIRST_SLOT: u64 = 3_500_000_000;

/// The state at genesis.
pub(crate) fn state() -> StateView {
    static STATE: OnceLock<StateView> = OnceLock::new();
    STATE.get_or_init(build).clone()
}

fn build() -> StateView {
    let nodes = Arc::new(MemoryNodes::new());
    let mut ext = StateExt::new(StateView::new(nodes.clone(), EMPTY_ROOT));
    let preset = genesis::preset(genesis::DEVELOPMENT).expect("the preset exists");
    with_externalities(&mut ext, || preset.build());
    let finished = ext.finish(StateVersion::V1).expect("the state is in memory");
    nodes.insert(&finished.delta);
    StateView::new(nodes, finished.root)
}

/// The first header.
fn genesis_header() -> Header {
    Header {
        parent_hash: H256::zero(),
        number: 0,
        state_root: state().root,
        extrinsics_root: EMPTY_ROOT,
        digest: Digest::default(),
    }
}

/// Hash of the first header.
pub(crate) fn genesis_hash() -> H256 {
    static HASH: OnceLock<H256> = OnceLock::new();
    *HASH.get_or_init(|| genesis_header().hash())
}

/// Runs `f` on the state at genesis, whose changes are forgotten.
pub(crate) fn at_genesis<R>(f: impl FnOnce() -> R) -> R {
    with_externalities(&mut StateExt::new(state()), f)
}

/// What block 1 makes of an extrinsic. The books balance after it.
///
/// # Panics
/// They do not, or the block cannot be made.
pub(crate) fn apply(extrinsic: &OpaqueExtrinsic) -> ApplyExtrinsicResult {
    at_genesis(|| {
        Executive::initialize_block(&first_header());
        let mut data = InherentData::new();
        data.put(TIMESTAMP_INHERENT, &(FIRST_SLOT * SLOT_DURATION_MS));
        for inherent in Executive::inherent_extrinsics(data) {
            assert_eq!(Executive::apply_extrinsic(inherent), Ok(Ok(())));
        }
        // The first one that is no inherent ends the inherents, refused or not.
        let remark = RuntimeCall::System(pallet_system::Call::remark { remark: Vec::new() });
        let refused = Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(remark));
        assert!(refused.is_err(), "nobody signed it");
        let before = root();
        let result = Executive::apply_extrinsic(extrinsic.clone());
        if result.is_err() {
            assert_eq!(root(), before, "a refused extrinsic leaves a trace");
        }
        let header = Executive::finalize_block();
        assert_eq!(header.number, 1);
        let books = <AllPalletsWithSystem as TryState<u32>>::try_state(1);
        assert!(books.is_ok(), "{books:?} after {extrinsic:?}");
        result
    })
}

fn root() -> H256 {
    H256::from_slice(&citrate_host::storage::root(StateVersion::V1))
}

fn first_header() -> Header {
    let digest = DagDigest {
        slot: Slot(FIRST_SLOT),
        author: 0,
        vrf: VrfSignature { pre_output: [1; 32], proof: [2; 64] },
        other_parents: Vec::new(),
        blue_score: 1,
        merged: Merged::new(Vec::new()),
        payload_root: H256::zero(),
    };
    Header {
        parent_hash: genesis_hash(),
        number: 1,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs: vec![digest.to_item()] },
    }
}

/// A transaction that this account signs.
pub(crate) fn signed(
    who: Keyring,
    nonce: Nonce,
    tip: u128,
    call: RuntimeCall,
) -> UncheckedExtrinsic {
    let extension = citrate_runtime::extension(Era::Immortal, nonce, tip);
    let no_metadata_hash: Option<[u8; 32]> = None;
    let genesis = genesis_hash();
    let implicit =
        (VERSION.spec_version, VERSION.transaction_version, genesis, genesis, no_metadata_hash);
    let payload = (&call, &extension, &implicit).encode();
    let payload = if payload.len() > 256 {
        citrate_core::hashing::blake2_256(&payload).to_vec()
    } else {
        payload
    };
    let pair = sr25519::Pair::from_suri(who.uri(), None).expect("a sound path");
    let signature = Signature::Sr25519(pair.sign(&payload));
    UncheckedExtrinsic::new_signed(call, Address::Id(who.account()), signature, extension)
}

/// As the node passes it on.
pub(crate) fn opaque(extrinsic: &UncheckedExtrinsic) -> OpaqueExtrinsic {
    OpaqueExtrinsic::decode(&mut &extrinsic.encode()[..]).expect("it was encoded just now")
}

/// The accounts that exist.
pub(crate) fn accounts() -> Vec<AccountId32> {
    Keyring::ALL.map(Keyring::account).to_vec()
}

/// A call of any pallet.
pub(crate) fn call(choices: &mut Choices<'_>) -> Option<RuntimeCall> {
    thread_local! {
        static CALLS: OnceCell<Values<RuntimeCall>> = const { OnceCell::new() };
    }
    CALLS.with(|calls| {
        let calls = calls.get_or_init(|| Values::new().prefer::<AccountId32>(&accounts()));
        calls.value(choices)
    })
}
