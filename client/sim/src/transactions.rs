//! Transactions: what they are, which a block accepts, and what their senders are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use citrate_core::hashing::blake2_256;
use citrate_core::{
    BlockNumber, H256, InvalidTransaction, OpaqueExtrinsic, TransactionSource, TransactionValidity,
    TransactionValidityError, ValidTransaction,
};
use citrate_dag::ghostdag::Status;
use citrate_dag::{Acceptance, Candidate, Mergeset, Step};
use citrate_sync::testing::MemoryChain;
use citrate_txpool::{AcceptedTx, BlockTxs, PoolApi, TxStatus, WatchStream};
use codec::{Decode, Encode};
use parking_lot::Mutex;

use crate::scenario::Scenario;
use crate::voter::SharedChain;
use citrate_dag::testing::Random;

/// Bytes of a transaction.
pub(crate) const BYTES: usize = 120;
/// Who sends transactions.
pub(crate) const SENDERS: u32 = 512;
/// For so many blocks of the selected chain a transaction is valid.
pub(crate) const ERA: BlockNumber = 32;
/// How a version 4 transaction begins that an account signed.
const SIGNED_BY_ID: [u8; 2] = [0x84, 0x00];

/// A transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Transaction {
    /// Tells all transactions of a run apart.
    pub(crate) number: u64,
    pub(crate) sender: u32,
    pub(crate) nonce: u32,
    /// The last block that may accept it.
    pub(crate) expires: BlockNumber,
}

impl Transaction {
    pub(crate) fn extrinsic(self) -> OpaqueExtrinsic {
        let mut bytes = SIGNED_BY_ID.to_vec();
        bytes.extend(self.sender.using_encoded(blake2_256));
        bytes.extend(self.encode());
        bytes.resize(BYTES, 0);
        OpaqueExtrinsic(bytes)
    }

    /// `None` for what only a liar puts in a payload.
    pub(crate) fn of(extrinsic: &OpaqueExtrinsic) -> Option<Self> {
        let rest = extrinsic.0.strip_prefix(&SIGNED_BY_ID)?.get(32..)?;
        let transaction = Self::decode(&mut &*rest).ok()?;
        (transaction.sender < SENDERS).then_some(transaction)
    }
}

/// How many transactions of each sender are accepted up to a block.
type Nonces = Vec<u32>;

/// What a block of the selected chain does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) block: BlockTxs,
    nonces: Nonces,
}

/// What blocks do, by the real rule for a mergeset's transactions. An outcome follows from the
/// block's past alone, so all nodes of a run share them.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    outcomes: Mutex<BTreeMap<H256, Arc<Outcome>>>,
}

impl Ledger {
    /// What a block of the chain does; `None` while it was not found valid.
    pub(crate) fn outcome(&self, chain: &MemoryChain, hash: &H256) -> Option<Arc<Outcome>> {
        let mut path = Vec::new();
        let mut at = *hash;
        let mut last = loop {
            if let Some(outcome) = self.outcomes.lock().get(&at) {
                break Some(Arc::clone(outcome));
            }
            let header = &chain.block(&at)?.header;
            path.push(at);
            if header.number == 0 {
                break None;
            }
            at = header.parent_hash;
        };
        for hash in path.into_iter().rev() {
            let nonces = last.map_or_else(|| vec![0; SENDERS as usize], |last| last.nonces.clone());
            let outcome = Arc::new(execute(chain, &hash, nonces)?);
            self.outcomes.lock().insert(hash, Arc::clone(&outcome));
            last = Some(outcome);
        }
        last
    }

    /// The next nonce of a sender after a block.
    pub(crate) fn nonce(&self, chain: &MemoryChain, at: &H256, sender: u32) -> u32 {
        let outcome = self.outcome(chain, at);
        let nonce = outcome.and_then(|outcome| outcome.nonces.get(sender as usize).copied());
        nonce.unwrap_or_default()
    }
}

/// Executes what a block merges on top of these nonces.
fn execute(chain: &MemoryChain, hash: &H256, mut nonces: Nonces) -> Option<Outcome> {
    let dag = chain.dag();
    let info = dag.block(hash)?;
    let number = chain.block(hash)?.header.number;
    if info.status != Status::Valid {
        return None;
    }
    let mut candidates = Vec::new();
    for carrier in Mergeset::of(dag, &info).executed {
        let payload = chain.block(&carrier).map(|block| block.payload.as_slice());
        let payload = payload.unwrap_or_default().iter().cloned();
        candidates.extend(payload.map(|extrinsic| Candidate::new(carrier, extrinsic)));
    }
    let mut acceptance = Acceptance::new(candidates);
    while let Step::Apply(candidate) = acceptance.next_step() {
        let verdict = judge(&nonces, &candidate.extrinsic, number);
        let is_next = verdict.and_then(|(sender, ahead)| {
            if ahead > 0 {
                return Err(TransactionValidityError::Invalid(InvalidTransaction::Future));
            }
            nonces[sender] += 1;
            Ok(Ok(()))
        });
        acceptance.report(&is_next);
    }
    let (accepted, skipped) = acceptance.finish();
    let accepted = (0..).zip(accepted).map(|(index, candidate)| AcceptedTx {
        hash: candidate.hash,
        index,
        extrinsic: candidate.extrinsic,
    });
    let skipped = skipped.into_iter().map(|(candidate, _)| candidate.hash);
    let payload = chain.block(hash)?.payload.iter().map(OpaqueExtrinsic::hash).collect();
    let block = BlockTxs {
        hash: *hash,
        number,
        payload,
        accepted: accepted.collect(),
        skipped: skipped.collect(),
    };
    Some(Outcome { block, nonces })
}

/// The sender, and how many of its transactions have to come before.
fn judge(
    nonces: &Nonces,
    extrinsic: &OpaqueExtrinsic,
    number: BlockNumber,
) -> Result<(usize, u32), TransactionValidityError> {
    let invalid = TransactionValidityError::Invalid;
    let transaction = Transaction::of(extrinsic).ok_or(invalid(InvalidTransaction::Call))?;
    if transaction.expires < number {
        return Err(invalid(InvalidTransaction::AncientBirthBlock));
    }
    let sender = transaction.sender as usize;
    let ahead = transaction.nonce.checked_sub(nonces[sender]);
    Ok((sender, ahead.ok_or(invalid(InvalidTransaction::Stale))?))
}

/// What a pool asks of a node's chain.
#[derive(Debug)]
pub(crate) struct PoolPort {
    pub(crate) chain: SharedChain,
    pub(crate) ledger: Arc<Ledger>,
}

impl PoolApi for PoolPort {
    fn validate(
        &self,
        at: &H256,
        _source: TransactionSource,
        extrinsic: &OpaqueExtrinsic,
    ) -> Result<TransactionValidity, String> {
        let chain = self.chain.read();
        let outcome = self.ledger.outcome(&chain, at).ok_or("the block is not executed")?;
        let number = outcome.block.number.saturating_add(1);
        Ok(judge(&outcome.nonces, extrinsic, number).and_then(|(_, ahead)| {
            let call = TransactionValidityError::Invalid(InvalidTransaction::Call);
            let Transaction { sender, nonce, expires, .. } =
                Transaction::of(extrinsic).ok_or(call)?;
            let before = (ahead > 0).then(|| (sender, nonce.saturating_sub(1)).encode());
            Ok(ValidTransaction {
                priority: 1,
                requires: before.into_iter().collect(),
                provides: vec![(sender, nonce).encode()],
                longevity: u64::from(expires.saturating_sub(outcome.block.number)),
                propagate: true,
            })
        }))
    }

    fn best(&self) -> (H256, BlockNumber) {
        let chain = self.chain.read();
        let hash = chain.dag().sink();
        (hash, chain.block(&hash).map_or(0, |block| block.header.number))
    }
}

/// A transaction that a node took, and what it said of it since.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) hash: H256,
    stream: WatchStream,
    pub(crate) last: Option<TxStatus>,
}

impl Watched {
    pub(crate) fn new(hash: H256, stream: WatchStream) -> Self {
        Self { hash, stream, last: None }
    }

    /// Takes what is said; true once nothing more will be.
    pub(crate) fn is_settled(&mut self) -> bool {
        while let Some(status) = self.stream.try_recv() {
            self.last = Some(status);
        }
        self.last.as_ref().is_some_and(TxStatus::is_final)
    }
}

/// All transactions that will be submitted in a run, and their senders.
#[derive(Debug)]
pub(crate) struct Senders {
    /// When, and by whom.
    pub(crate) plan: Vec<(u64, u32)>,
    /// The next nonce of each sender, as its wallet counts.
    pub(crate) nonces: Nonces,
    pub(crate) submitted: u64,
}

impl Senders {
    pub(crate) fn new(scenario: &Scenario, random: &mut Random) -> Self {
        let count = scenario.transactions_per_s * scenario.active_ms / 1_000;
        let sender = |random: &mut Random| {
            u32::try_from(random.within(0, u64::from(SENDERS) - 1)).unwrap_or(0)
        };
        let plan = (0..count).map(|_| (random.within(0, scenario.active_ms - 1), sender(random)));
        Self { plan: plan.collect(), nonces: vec![0; SENDERS as usize], submitted: 0 }
    }

    /// The sender's next transaction, if the chain says `nonce` and the best block has this number.
    pub(crate) fn next(&mut self, sender: u32, nonce: u32, best: BlockNumber) -> Transaction {
        let counted = &mut self.nonces[sender as usize];
        *counted = nonce.max(*counted);
        self.submitted += 1;
        let expires = best.saturating_add(ERA);
        Transaction { number: self.submitted, sender, nonce: *counted, expires }
    }
}
