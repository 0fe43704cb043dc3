//! Deriving a block: its accepted list, its state and the header that follows from them.

use citrate_core::{
    ApplyExtrinsicResult, Digest, ExtrinsicInclusionMode, H256, Header, InherentData,
    InvalidTransaction, OpaqueExtrinsic, TransactionValidityError, well_known_keys,
};
use citrate_dag::ghostdag::DagError;
use citrate_dag::{Acceptance, Candidate, Mergeset, Skipped, Step};
use citrate_dag_types::{AuthorityIndex, DagDigest, Slot, TIMESTAMP_INHERENT, VrfSignature};
use citrate_host::{Externalities, StateExt};
use citrate_trie::NodeDelta;
use codec::Encode;

use crate::calls::decode;
use crate::chain::Chain;
use crate::dag;
use crate::error::{BuildError, ChainError, RuntimeError};
use crate::machine::{Code, Purpose, register_services};

pub(crate) const INITIALIZE: &str = "Core_initialize_block";
const INHERENTS: &str = "BlockBuilder_inherent_extrinsics";
const APPLY: &str = "BlockBuilder_apply_extrinsic";
const FINALIZE: &str = "BlockBuilder_finalize_block";

/// A block to build.
#[derive(Clone, Debug)]
pub struct BuildInput {
    /// The parents, in any order; see [`Chain::place_for`].
    pub parents: Vec<H256>,
    /// The slot that the author won.
    pub slot: Slot,
    /// The author's place among the authorities.
    pub author: AuthorityIndex,
    /// The author's election proof.
    pub vrf: VrfSignature,
    /// What the author proposes; not executed by this block.
    pub payload: Vec<OpaqueExtrinsic>,
}

/// A block that waits for its seal.
#[derive(Clone, Debug)]
pub struct Built {
    /// The header without its seal.
    pub header: Header,
    /// The extrinsics that the block executes, inherents first.
    pub accepted: Vec<OpaqueExtrinsic>,
    /// What the block merges and does not execute.
    pub skipped: Vec<Skipped>,
    /// What the author proposes.
    pub payload: Vec<OpaqueExtrinsic>,
}

/// What executing a block gave.
#[derive(Clone, Debug)]
pub(crate) struct Derived {
    /// The header without its seal.
    pub(crate) header: Header,
    /// The extrinsics executed, inherents first.
    pub(crate) body: Vec<OpaqueExtrinsic>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) delta: NodeDelta,
}

impl Chain {
    /// Builds a block on its parents: derives what it accepts, and the header that commits to it.
    ///
    /// # Errors
    /// A block of these parents would break a rule, its selected parent cannot be built on, or the
    /// runtime failed.
    pub fn build(&self, input: BuildInput) -> Result<Built, BuildError> {
        let BuildInput { parents, slot, author, vrf, payload } = input;
        let (parent, blue_score, mergeset) = self.preview(&parents, slot, author)?;
        let digest = DagDigest {
            slot,
            author,
            vrf,
            other_parents: parents.into_iter().filter(|other| *other != parent).collect(),
            blue_score,
            merged: self.merged(&mergeset)?,
            payload_root: citrate_dag::payload_root(&payload),
        };
        let logs = Digest { logs: vec![digest.to_item()] };
        let derived = self.derive(&parent, slot, logs, &mergeset.executed)?;
        let built = Built {
            header: derived.header.clone(),
            accepted: derived.body.clone(),
            skipped: derived.skipped.clone(),
            payload,
        };
        *self.built.lock() = Some((built.header.hash(), derived));
        Ok(built)
    }

    /// What a block of these parents would merge: the selected parent, the blue score, the mergeset.
    fn preview(
        &self,
        parents: &[H256],
        slot: Slot,
        author: AuthorityIndex,
    ) -> Result<(H256, u64, Mergeset), BuildError> {
        let known = parents.first().ok_or(DagError::NoParent)?;
        let configuration = self.configuration_for(known, slot)?;
        let position = usize::try_from(author).unwrap_or(usize::MAX);
        let authority = configuration.authorities.get(position);
        let authority = authority.ok_or(BuildError::UnknownAuthority(author))?;
        let block = dag::candidate(parents, dag::producer(slot, &authority.key));
        let dag = self.dag.read();
        let info = dag.preview(&block)?;
        let parent = info.selected_parent.ok_or(DagError::NoParent)?;
        Ok((parent, info.blue_score, Mergeset::of(&dag, &info)))
    }

    /// Executes a block: inherents, then the payloads of the merged blocks.
    ///
    /// `digest` holds the items that the author put in before execution.
    pub(crate) fn derive(
        &self,
        parent: &H256,
        slot: Slot,
        digest: Digest,
        merged: &[H256],
    ) -> Result<Derived, BuildError> {
        if !self.db.has_state(parent)? {
            return Err(BuildError::BadParent(*parent));
        }
        let below = self.db.header(parent)?.ok_or(BuildError::BadParent(*parent))?.number;
        let number = below.checked_add(1).ok_or(BuildError::NumberOverflow(below))?;
        let configuration = self.dag_configuration(parent)?;
        let state = self.state_at(parent)?;
        let code = self.codes.get(parent, &state, well_known_keys::CODE)?;
        let version = self.codes.version(self.machine.as_ref(), &code)?;
        let header = Header {
            parent_hash: *parent,
            number,
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest,
        };
        let mut ext = StateExt::new(state);
        register_services(&self.machine, ext.extensions());
        let mut block = Execution { chain: self, code, ext };
        let mode: ExtrinsicInclusionMode = block.ask(INITIALIZE, &header.encode())?;
        self.open.lock().put(*parent, mode == ExtrinsicInclusionMode::AllExtrinsics);
        let mut body = block.inherents(slot.starts_at_ms(configuration.slot_duration_ms))?;
        let mut acceptance = Acceptance::new(self.candidates(merged)?);
        while let Step::Apply(candidate) = acceptance.next_step() {
            // A migration is under way. They are skipped, not lost: they are as valid later as they were.
            if mode == ExtrinsicInclusionMode::OnlyInherents {
                let full = InvalidTransaction::ExhaustsResources;
                acceptance.report(&Err(TransactionValidityError::Invalid(full)));
                continue;
            }
            match block.apply(&candidate.extrinsic)? {
                Some(result) => acceptance.report(&result),
                None => acceptance.report_trap(),
            }
        }
        let (accepted, skipped) = acceptance.finish();
        body.extend(accepted.into_iter().map(|candidate| candidate.extrinsic));
        let header: Header = block.ask(FINALIZE, &[])?;
        let finished = block.ext.finish(version.state_version()).map_err(ChainError::from)?;
        if finished.root != header.state_root {
            let (runtime, node) = (header.state_root, finished.root);
            return Err(BuildError::StateRoot { runtime, node });
        }
        Ok(Derived { header, body, skipped, delta: finished.delta })
    }

    /// The payloads of the merged blocks, in their order.
    pub(crate) fn candidates(&self, merged: &[H256]) -> Result<Vec<Candidate>, ChainError> {
        let mut candidates = Vec::new();
        for hash in merged {
            let payload = self.db.payload(hash)?;
            let payload =
                payload.ok_or(ChainError::Incomplete { hash: *hash, what: "the payload" })?;
            candidates
                .extend(payload.into_iter().map(|extrinsic| Candidate::new(*hash, extrinsic)));
        }
        Ok(candidates)
    }
}

/// A block in execution: all calls work on the same changes.
struct Execution<'a> {
    chain: &'a Chain,
    code: Code,
    ext: StateExt,
}

impl Execution<'_> {
    fn call(&mut self, method: &str, data: &[u8]) -> Result<Vec<u8>, RuntimeError> {
        let machine = self.chain.machine.as_ref();
        machine.call(&self.code, Purpose::Block, method, data, &mut self.ext)
    }

    fn ask<T: codec::DecodeAll>(&mut self, method: &str, data: &[u8]) -> Result<T, ChainError> {
        let answer = self.call(method, data)?;
        decode(method, &answer)
    }

    /// Makes the inherents for a block at this time and applies them.
    fn inherents(&mut self, time_ms: u64) -> Result<Vec<OpaqueExtrinsic>, BuildError> {
        let mut data = InherentData::new();
        data.put(TIMESTAMP_INHERENT, &time_ms);
        let inherents: Vec<OpaqueExtrinsic> = self.ask(INHERENTS, &data.encode())?;
        for (index, inherent) in inherents.iter().enumerate() {
            match self.ask::<ApplyExtrinsicResult>(APPLY, &inherent.encode())? {
                // What an inherent's dispatch returns is an event like any other.
                Ok(_) => {}
                Err(error) => return Err(BuildError::Inherent { index, error }),
            }
        }
        Ok(inherents)
    }

    /// Applies an extrinsic; its changes are undone unless it is accepted. `None` is a trap.
    fn apply(
        &mut self,
        extrinsic: &OpaqueExtrinsic,
    ) -> Result<Option<ApplyExtrinsicResult>, BuildError> {
        let depth = self.ext.overlay().transaction_depth();
        self.ext.start_transaction();
        let result = match self.ask::<ApplyExtrinsicResult>(APPLY, &extrinsic.encode()) {
            Ok(result) => Some(result),
            // The trap is the runtime's own doing, and every node's runtime does it.
            Err(ChainError::Runtime(RuntimeError::Trapped(reason))) => {
                tracing::debug!(target: "chain", hash = ?extrinsic.hash(), reason, "trapped");
                None
            }
            Err(other) => return Err(other.into()),
        };
        if matches!(result, Some(Ok(_))) {
            self.ext.commit_transaction();
        }
        // A trap leaves the runtime's own transactions open.
        while self.ext.overlay().transaction_depth() > depth {
            self.ext.rollback_transaction();
        }
        Ok(result)
    }
}
