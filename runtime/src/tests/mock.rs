//! A state to run the runtime on, and blocks made as the node makes them.

use crate::{
    AccountId, Address, Executive, Nonce, RuntimeCall, Signature, UncheckedExtrinsic, VERSION,
    genesis,
};
use citrate_api::Block;
use citrate_core::hashing::blake2_256;
use citrate_core::{
    Digest, Era, H256, Header, InherentData, OpaqueExtrinsic, StateVersion, sr25519,
};
use citrate_dag_types::{DagDigest, Merged, Slot, TIMESTAMP_INHERENT, VrfSignature};
use citrate_host::{StateExt, with_externalities};
use citrate_support::traits::BuildGenesisConfig as _;
use citrate_trie::{MemoryNodes, NodeStore, StateView};
use codec::{Decode, Encode};
use std::sync::Arc;

/// Slot of the first block of the tests.
pub(super) const FIRST_SLOT: u64 = 3_500_000_000;

/// A chain of states in memory.
pub(super) struct Chain {
    nodes: Arc<MemoryNodes>,
    /// The newest state.
    pub(super) root: H256,
    /// The newest header.
    pub(super) head: Header,
    /// Hash of the first header.
    genesis: H256,
    /// Slots that nobody made a block in.
    skipped: u64,
}

impl Chain {
    /// The development chain at genesis.
    pub(super) fn development() -> Self {
        Self::of_preset(genesis::DEVELOPMENT)
    }

    /// A preset's chain at genesis.
    pub(super) fn of_preset(name: &str) -> Self {
        let nodes = Arc::new(MemoryNodes::new());
        let mut chain = Self {
            nodes,
            root: citrate_trie::EMPTY_ROOT,
            head: empty_header(),
            genesis: H256::zero(),
            skipped: 0,
        };
        let preset = genesis::preset(name).expect("the preset exists");
        chain.commit(|| preset.build());
        chain.head.state_root = chain.root;
        chain.genesis = chain.head.hash();
        chain
    }

    /// A signed transaction, made from what a wallet knows.
    pub(super) fn signed(&self, name: &str, nonce: Nonce, call: RuntimeCall) -> UncheckedExtrinsic {
        let extension = crate::extension(Era::Immortal, nonce, 0);
        let metadata_hash: Option<[u8; 32]> = None;
        let implicit = (
            VERSION.spec_version,
            VERSION.transaction_version,
            self.genesis,
            self.genesis,
            metadata_hash,
        );
        let payload = (&call, &extension, &implicit).encode();
        let payload = if payload.len() > 256 { blake2_256(&payload).to_vec() } else { payload };
        let signature = Signature::Sr25519(pair(name).sign(&payload));
        UncheckedExtrinsic::new_signed(call, Address::Id(account(name)), signature, extension)
    }

    fn view(&self) -> StateView {
        StateView::new(Arc::clone(&self.nodes) as Arc<dyn NodeStore>, self.root)
    }

    /// Runs `f` on the newest state and forgets the changes.
    pub(super) fn peek<R>(&self, f: impl FnOnce() -> R) -> R {
        with_externalities(&mut StateExt::new(self.view()), f)
    }

    /// Runs `f` on the newest state and keeps the changes.
    pub(super) fn commit<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let mut ext = StateExt::new(self.view());
        let output = with_externalities(&mut ext, f);
        let finished = ext.finish(StateVersion::V1).expect("the state is in memory");
        self.nodes.insert(&finished.delta);
        self.root = finished.root;
        output
    }

    /// Lets slots pass in which nobody makes a block.
    pub(super) fn skip(&mut self, slots: u64) {
        self.skipped += slots;
    }

    /// The slot of the next block.
    pub(super) fn slot(&self) -> u64 {
        FIRST_SLOT + self.skipped + u64::from(self.head.number)
    }

    /// Builds a block on the head with these extrinsics, executes it on the same state and moves on.
    pub(super) fn build(&mut self, extrinsics: &[UncheckedExtrinsic]) -> Built {
        let slot = self.slot();
        let before = (self.root, Arc::clone(&self.nodes));
        let parent_hash = self.head.hash();
        let number = self.head.number + 1;
        let (header, body, outcomes) = self.commit(|| {
            let start = Header {
                parent_hash,
                number,
                state_root: H256::zero(),
                extrinsics_root: H256::zero(),
                digest: Digest { logs: vec![dag_digest(slot).to_item()] },
            };
            Executive::initialize_block(&start);
            let mut data = InherentData::new();
            data.put(TIMESTAMP_INHERENT, &(slot * crate::constants::SLOT_DURATION_MS));
            let mut body = Executive::inherent_extrinsics(data);
            let inherents = body.len();
            body.extend(extrinsics.iter().map(opaque));
            let outcomes: Vec<_> =
                body.iter().map(|xt| Executive::apply_extrinsic(xt.clone())).collect();
            assert_eq!(outcomes[..inherents], vec![Ok(Ok(())); inherents]);
            (Executive::finalize_block(), body, outcomes[inherents..].to_vec())
        });
        assert_eq!(header.state_root, self.root, "the header commits to the state");
        let accepted: Vec<_> = body
            .iter()
            .take(body.len() - extrinsics.len())
            .cloned()
            .chain(
                extrinsics
                    .iter()
                    .zip(&outcomes)
                    .filter(|(_, outcome)| outcome.is_ok())
                    .map(|(xt, _)| opaque(xt)),
            )
            .collect();

        // Executed as a foreign tool would: from the parent's state, the header and the accepted list alone.
        let mut again = StateExt::new(StateView::new(before.1 as Arc<dyn NodeStore>, before.0));
        let root = with_externalities(&mut again, || {
            Executive::execute_block(Block {
                header: header.clone(),
                extrinsics: accepted.clone(),
            });
            H256::from_slice(&citrate_host::storage::root(StateVersion::V1))
        });
        assert_eq!(root, header.state_root, "execution agrees with authorship");
        self.head = header.clone();
        Built { header, accepted, outcomes }
    }
}

/// A block, and what came of the extrinsics that were offered to it.
pub(super) struct Built {
    /// Its header.
    pub(super) header: Header,
    /// Its inherents and what it accepted.
    pub(super) accepted: Vec<OpaqueExtrinsic>,
    /// What came of what was offered.
    pub(super) outcomes: Vec<citrate_core::ApplyExtrinsicResult>,
}

fn empty_header() -> Header {
    Header {
        parent_hash: H256::zero(),
        number: 0,
        state_root: H256::zero(),
        extrinsics_root: citrate_trie::EMPTY_ROOT,
        digest: Digest { logs: vec![] },
    }
}

pub(super) fn dag_digest(slot: u64) -> DagDigest {
    DagDigest {
        slot: Slot(slot),
        author: 0,
        vrf: VrfSignature { pre_output: [1; 32], proof: [2; 64] },
        other_parents: vec![],
        blue_score: 1,
        merged: Merged::new(vec![]),
        payload_root: H256::zero(),
    }
}

/// A development account's key.
pub(super) fn pair(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_suri(&format!("//{name}"), None).expect("a sound path")
}

/// A development account.
pub(super) fn account(name: &str) -> AccountId {
    AccountId::from(pair(name).public().0)
}

/// As the node passes it on.
pub(super) fn opaque(extrinsic: &UncheckedExtrinsic) -> OpaqueExtrinsic {
    OpaqueExtrinsic::decode(&mut &extrinsic.encode()[..]).expect("it was encoded just now")
}
