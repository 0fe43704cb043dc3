//! Questions to the runtime.

use std::sync::Arc;

use citrate_core::{
    Digest, DigestItem, ExtrinsicInclusionMode, H256, Header, OpaqueExtrinsic, RuntimeVersion,
    TransactionSource, TransactionValidity, well_known_keys,
};
use citrate_dag_types::{DagConfiguration, EquivocationProof, Slot};
use citrate_db::Db;
use citrate_host::{Extensions, Externalities, StateExt};
use codec::{DecodeAll, Encode};

use crate::chain::Chain;
use crate::code::CodeCache;
use crate::error::ChainError;
use crate::execute::INITIALIZE;
use crate::machine::{Machine, Purpose, register_services};

impl Chain {
    /// Calls the runtime on the state after block `at`; what it changes is discarded.
    ///
    /// # Errors
    /// There is no such state, or the runtime failed.
    pub fn call(&self, at: &H256, method: &str, data: &[u8]) -> Result<Vec<u8>, ChainError> {
        self.call_with(at, method, data, &mut |_| {}, well_known_keys::CODE)
    }

    /// As [`Self::call`], with services of the caller's choice, and with the code under `code_key`.
    /// Code under any other key than `:code` may use the inference engine.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn call_with(
        &self,
        at: &H256,
        method: &str,
        data: &[u8],
        setup: &mut dyn FnMut(&mut Extensions),
        code_key: &[u8],
    ) -> Result<Vec<u8>, ChainError> {
        let state = self.state_at(at)?;
        let code = self.codes.get(at, &state, code_key)?;
        let is_block = code_key == well_known_keys::CODE;
        let purpose = if is_block { Purpose::Block } else { Purpose::Worker };
        let mut ext = StateExt::new(state);
        register_services(&self.machine, ext.extensions());
        setup(ext.extensions());
        Ok(self.machine.call(&code, purpose, method, data, &mut ext)?)
    }

    /// The version of the runtime that the children of block `at` run.
    ///
    /// # Errors
    /// There is no such state, or its code is unusable.
    pub fn runtime_version(&self, at: &H256) -> Result<Arc<RuntimeVersion>, ChainError> {
        let state = self.state_at(at)?;
        let code = self.codes.get(at, &state, well_known_keys::CODE)?;
        self.codes.version(self.machine.as_ref(), &code)
    }

    /// Hash of the code under `:code` after block `at`; it differs from the parent's when the block
    /// upgraded the runtime.
    ///
    /// # Errors
    /// There is no such state or no code in it.
    pub fn code_hash(&self, at: &H256) -> Result<H256, ChainError> {
        let key = well_known_keys::CODE;
        let absent = || ChainError::NoCode { at: *at, key: key.to_vec() };
        self.state_at(at)?.hash_of(key)?.ok_or_else(absent)
    }

    /// The consensus parameters for children of block `at`.
    ///
    /// # Errors
    /// There is no such state, or the runtime failed.
    pub fn dag_configuration(&self, at: &H256) -> Result<Arc<DagConfiguration>, ChainError> {
        if let Some(configuration) = self.configurations.lock().get(at) {
            return Ok(Arc::clone(configuration));
        }
        let configuration: DagConfiguration = self.ask(at, "DagApi_configuration", &[])?;
        let configuration = Arc::new(configuration);
        self.configurations.lock().put(*at, Arc::clone(&configuration));
        Ok(configuration)
    }

    /// The consensus parameters for a block in this slot, whose selected parent descends from the
    /// block `base` or is it: those of the base's epoch, or of the next one.
    pub(crate) fn dag_configuration_at(
        &self,
        base: &H256,
        slot: Slot,
    ) -> Result<Arc<DagConfiguration>, ChainError> {
        let present = self.dag_configuration(base)?;
        let epoch = slot.epoch(present.epoch_length);
        let header = self.db.header(base)?.filter(|header| header.number > 0);
        let base_epoch = match header {
            Some(header) => self.digest(&header.hash())?.slot.epoch(present.epoch_length),
            None => 0,
        };
        if epoch <= base_epoch {
            return Ok(present);
        }
        let key = (*base, epoch);
        if let Some(next) = self.next_configurations.lock().get(&key) {
            return Ok(Arc::clone(next));
        }
        let next: DagConfiguration = self.ask(base, "DagApi_configuration_at", &slot.encode())?;
        let next = Arc::new(next);
        self.next_configurations.lock().put(key, Arc::clone(&next));
        Ok(next)
    }

    /// The extrinsic that reports an equivocation, at the best block; `None` if the runtime finds no
    /// proof in it, or knows already.
    ///
    /// # Errors
    /// The runtime failed, or the database.
    pub fn equivocation_report(
        &self,
        proof: &EquivocationProof,
    ) -> Result<Option<OpaqueExtrinsic>, ChainError> {
        self.ask(&self.best().hash, "DagApi_equivocation_report", &proof.encode())
    }

    /// Whether children of block `at` take transactions: they do not while a migration is under way.
    ///
    /// Known of a block that has an executed child. Of another one the runtime is asked, if anything speaks for a
    /// migration: the block before is closed or nothing is known of it, or this one changed the runtime. A migration that
    /// begins in another way costs a payload that is skipped.
    ///
    /// # Errors
    /// There is no such state, or the runtime failed.
    pub fn takes_transactions(&self, at: &H256) -> Result<bool, ChainError> {
        let known = |hash: &H256| self.open.lock().get(hash).copied();
        if let Some(is_open) = known(at) {
            return Ok(is_open);
        }
        let missing = ChainError::Incomplete { hash: *at, what: "the header" };
        let header = self.db.header(at)?.ok_or(missing)?;
        let is_upgrade = header.digest.logs.contains(&DigestItem::RuntimeEnvironmentUpdated);
        let is_open = if known(&header.parent_hash) == Some(true) && !is_upgrade {
            true
        } else {
            self.ask_whether_open(at, &header)?
        };
        self.open.lock().put(*at, is_open);
        Ok(is_open)
    }

    /// Begins a block after `at`, and forgets it.
    fn ask_whether_open(&self, at: &H256, header: &Header) -> Result<bool, ChainError> {
        let before = header.digest.logs.iter();
        let before = before.filter(|item| matches!(item, DigestItem::PreRuntime(..))).cloned();
        let next = Header {
            parent_hash: *at,
            number: header.number.saturating_add(1),
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest: Digest { logs: before.collect() },
        };
        let mode: ExtrinsicInclusionMode = self.ask(at, INITIALIZE, &next.encode())?;
        Ok(mode == ExtrinsicInclusionMode::AllExtrinsics)
    }

    /// What the runtime says of a transaction after block `at`.
    ///
    /// # Errors
    /// There is no such state, or the runtime failed.
    pub fn validate(
        &self,
        at: &H256,
        source: TransactionSource,
        extrinsic: &OpaqueExtrinsic,
    ) -> Result<TransactionValidity, ChainError> {
        let data = (source, extrinsic, at).encode();
        self.ask(at, "TaggedTransactionQueue_validate_transaction", &data)
    }

    fn ask<T: DecodeAll>(&self, at: &H256, method: &str, data: &[u8]) -> Result<T, ChainError> {
        let answer = self.call(at, method, data)?;
        decode(method, &answer)
    }
}

/// The consensus parameters after a block, while the chain is not open yet.
pub(crate) fn configuration(
    db: &Arc<Db>,
    machine: &dyn Machine,
    codes: &CodeCache,
    at: &H256,
) -> Result<DagConfiguration, ChainError> {
    const METHOD: &str = "DagApi_configuration";
    let state = db.state_at(at)?;
    let code = codes.get(at, &state, well_known_keys::CODE)?;
    let answer = machine.call(&code, Purpose::Block, METHOD, &[], &mut StateExt::new(state))?;
    decode(METHOD, &answer)
}

/// What a runtime function returned.
pub(crate) fn decode<T: DecodeAll>(method: &str, mut answer: &[u8]) -> Result<T, ChainError> {
    T::decode_all(&mut answer)
        .map_err(|source| ChainError::Undecodable { method: method.to_owned(), source })
}
