//! Deriving a block: its accepted list, its state and the header that follows from them.

use citrate_core::{
    ApplyExtrinsicResult, Digest, ExtrinsicInclusionMode, H256, Header, InherentData,
    InvalidTransaction, OpaqueExtrinsic, TransactionValidityError, well_known_keys,
};
use citrate_dag::{Acceptance, Accepted, Candidate, ParentInfo, Skipped, Step, mergeset};
use citrate_dag_types::{DagDigest, Merged, Slot, TIMESTAMP_INHERENT, VrfSignature};
use citrate_host::{Externalities, StateExt};
use citrate_trie::NodeDelta;
use codec::Encode;

use crate::calls::decode;
use crate::chain::Chain;
use crate::error::{BuildError, ChainError, RuntimeError};
use crate::machine::{Code, Purpose, register_services};

const INITIALIZE: &str = "Core_initialize_block";
const INHERENTS: &str = "BlockBuilder_inherent_extrinsics";
const APPLY: &str = "BlockBuilder_apply_extrinsic";
const FINALIZE: &str = "BlockBuilder_finalize_block";

/// A block to build.
#[derive(Clone, Debug)]
pub struct BuildInput {
    /// The selected parent.
    pub parent: H256,
    /// The slot that the author won.
    pub slot: Slot,
    /// The author's place among the authorities.
    pub author: u32,
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
    /// How many of them are inherents.
    pub(crate) inherents: usize,
    /// Where those after the inherents came from.
    pub(crate) accepted: Vec<Accepted>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) delta: NodeDelta,
}

impl Chain {
    /// Builds a block on a parent: derives what it accepts, and the header that commits to it.
    ///
    /// # Errors
    /// The parent cannot be built on, or the runtime failed.
    pub fn build(&self, input: BuildInput) -> Result<Built, BuildError> {
        let BuildInput { parent, slot, author, vrf, payload } = input;
        let info = self.parent_info(&parent)?;
        let merges = mergeset(parent, &info);
        let digest = DagDigest {
            slot,
            author,
            vrf,
            other_parents: Vec::new(),
            blue_score: merges.blue_score,
            merged: Merged::new(Vec::new()),
            payload_root: citrate_dag::payload_root(&payload),
        };
        let merged: Vec<H256> = merges.blocks.iter().map(|(hash, _)| *hash).collect();
        let logs = Digest { logs: vec![digest.to_item()] };
        let derived = self.derive(&parent, &info, slot, logs, &merged)?;
        let built = Built {
            header: derived.header.clone(),
            accepted: derived.body.clone(),
            skipped: derived.skipped.clone(),
            payload,
        };
        *self.built.lock() = Some((built.header.hash(), derived));
        Ok(built)
    }

    /// What a parent contributes to its children's headers.
    pub(crate) fn parent_info(&self, parent: &H256) -> Result<ParentInfo, BuildError> {
        let header = self.db.header(parent)?.ok_or(BuildError::BadParent(*parent))?;
        ParentInfo::of(&header)
            .map_err(|source| ChainError::Digest { hash: *parent, source }.into())
    }

    /// Executes a block: inherents, then the payloads of the merged blocks.
    ///
    /// `digest` holds the items that the author put in before execution.
    pub(crate) fn derive(
        &self,
        parent: &H256,
        info: &ParentInfo,
        slot: Slot,
        digest: Digest,
        merged: &[H256],
    ) -> Result<Derived, BuildError> {
        if !self.db.has_state(parent)? {
            return Err(BuildError::BadParent(*parent));
        }
        let number = info.number.checked_add(1).ok_or(BuildError::NumberOverflow(info.number))?;
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
        let mut body = block.inherents(slot.starts_at_ms(configuration.slot_duration_ms))?;
        let inherents = body.len();
        let mut acceptance = Acceptance::new(self.candidates(merged)?);
        while let Step::Apply(candidate) = acceptance.next_step() {
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
        body.extend(accepted.iter().map(|candidate| candidate.extrinsic.clone()));
        let header: Header = block.ask(FINALIZE, &[])?;
        let finished = block.ext.finish(version.state_version()).map_err(ChainError::from)?;
        if finished.root != header.state_root {
            let (runtime, node) = (header.state_root, finished.root);
            return Err(BuildError::StateRoot { runtime, node });
        }
        Ok(Derived { header, body, inherents, accepted, skipped, delta: finished.delta })
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
