//! The pool against a model of it: a list that is searched from its start for everything.
//!
//! Transactions are those of accounts with nonces, blocks carry what the pool proposes, and the
//! next block accepts what the last one carried. After each step both must hold the same
//! transactions in the same places and propose them in the same order.

use std::collections::BTreeSet;

use citrate_core::{
    H256, InvalidTransaction, OpaqueExtrinsic, TransactionSource, TransactionValidityError,
    ValidTransaction,
};
use proptest::prelude::*;

use super::{block, config};
use crate::{AcceptedTx, BestUpdate, BlockTxs, Limit, Pool};

const ACCOUNTS: usize = 3;

/// What a wallet sends: bytes that differ with each field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sent {
    account: usize,
    nonce: u32,
    priority: u64,
    longevity: u64,
    padding: usize,
}

#[derive(Clone, Debug)]
enum Op {
    Send(Sent),
    /// Takes out the one at this place of all that are there.
    Remove(usize),
    /// A block whose payload is the first so many that the pool proposes.
    Block(usize),
    /// Asks the chain again about the one at this place.
    Revalidate(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Ready,
    Future,
}

#[derive(Clone, Debug)]
struct Entry {
    sent: Sent,
    requires: Option<u32>,
    valid_until: u64,
    arrival: u64,
    place: Place,
}

impl Sent {
    fn extrinsic(self) -> OpaqueExtrinsic {
        let [account, nonce, priority, longevity] =
            [self.account as u64, u64::from(self.nonce), self.priority, self.longevity]
                .map(|number| u8::try_from(number).unwrap());
        OpaqueExtrinsic([vec![account, nonce, priority, longevity], vec![0; self.padding]].concat())
    }

    fn hash(self) -> H256 {
        self.extrinsic().hash()
    }

    /// What the chain says of it.
    fn verdict(self, next: u32) -> Result<ValidTransaction, TransactionValidityError> {
        if self.nonce < next {
            return Err(TransactionValidityError::Invalid(InvalidTransaction::Stale));
        }
        let tag =
            |nonce: u32| vec![u8::try_from(self.account).unwrap(), u8::try_from(nonce).unwrap()];
        Ok(ValidTransaction {
            priority: self.priority,
            requires: self.required(next).map(tag).into_iter().collect(),
            provides: vec![tag(self.nonce)],
            longevity: self.longevity,
            propagate: true,
        })
    }

    fn required(self, next: u32) -> Option<u32> {
        self.nonce.checked_sub(1).filter(|_| self.nonce > next)
    }
}

impl Entry {
    fn hash(&self) -> H256 {
        self.sent.hash()
    }

    fn bytes(&self) -> usize {
        let tags = if self.requires.is_some() { 2 } else { 1 };
        self.sent.extrinsic().0.len() + 2 * tags
    }

    /// Greater is better.
    fn rank(&self) -> (u64, std::cmp::Reverse<u64>) {
        (self.sent.priority, std::cmp::Reverse(self.arrival))
    }

    fn needs(&self, other: &Self) -> bool {
        self.sent.account == other.sent.account && self.requires == Some(other.sent.nonce)
    }

    fn rivals(&self, other: &Self) -> bool {
        (self.sent.account, self.sent.nonce) == (other.sent.account, other.sent.nonce)
    }
}

/// The pool, simply.
#[derive(Default)]
struct Model {
    entries: Vec<Entry>,
    /// Account and nonce of what the last three blocks took from the pool, newest block first.
    recent: Vec<Vec<(usize, u32)>>,
    in_flight: BTreeSet<H256>,
    arrivals: u64,
    now: u32,
}

impl Model {
    fn all(&self, place: Place) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.place == place).collect()
    }

    fn hashes(&self, place: Place) -> BTreeSet<H256> {
        self.all(place).into_iter().map(Entry::hash).collect()
    }

    fn holds(&self, hash: H256) -> bool {
        self.entries.iter().any(|entry| entry.hash() == hash)
    }

    fn take(&mut self, hash: H256) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.hash() == hash)?;
        Some(self.entries.remove(at))
    }

    fn is_provided(&self, entry: &Entry) -> bool {
        let Some(nonce) = entry.requires else { return true };
        let tag = (entry.sent.account, nonce);
        self.all(Place::Ready).iter().any(|ready| entry.needs(ready))
            || self.recent.iter().any(|block| block.contains(&tag))
    }

    /// Whether it is there afterwards.
    fn send(&mut self, sent: Sent, next: u32) -> bool {
        if self.holds(sent.hash()) || sent.nonce < next {
            return false;
        }
        self.arrivals += 1;
        let placed = self.place(&Entry {
            sent,
            requires: sent.required(next),
            valid_until: u64::from(self.now) + sent.longevity,
            arrival: self.arrivals,
            place: Place::Future,
        });
        self.shrink();
        placed && self.holds(sent.hash())
    }

    /// Whether it found a place.
    fn place(&mut self, entry: &Entry) -> bool {
        if !self.is_provided(entry) {
            self.entries.push(Entry { place: Place::Future, ..*entry });
            return true;
        }
        let rival = self.all(Place::Ready).into_iter().find(|ready| ready.rivals(entry)).cloned();
        if let Some(rival) = rival {
            if entry.sent.priority <= rival.sent.priority || self.in_flight.contains(&rival.hash())
            {
                return false;
            }
            self.take(rival.hash());
        }
        self.entries.push(Entry { place: Place::Ready, ..*entry });
        self.promote();
        true
    }

    /// The best of those that wait for nothing any more moves, or goes, until there is none.
    fn promote(&mut self) {
        loop {
            let waiting = self.all(Place::Future).into_iter();
            let best = waiting.filter(|entry| self.is_provided(entry)).max_by_key(|e| e.rank());
            let Some(hash) = best.map(Entry::hash) else { return };
            if let Some(entry) = self.take(hash) {
                self.place(&entry);
            }
        }
    }

    /// Takes it out; what needs it waits again, and what needs that.
    fn remove(&mut self, hash: H256) {
        let mut gone: Vec<Entry> = self.take(hash).into_iter().collect();
        while let Some(removed) = gone.pop().filter(|entry| entry.place == Place::Ready) {
            for at in 0..self.entries.len() {
                let entry = self.entries[at].clone();
                if entry.place == Place::Ready && entry.needs(&removed) && !self.is_provided(&entry)
                {
                    self.entries[at].place = Place::Future;
                    gone.push(entry);
                }
            }
        }
    }

    fn block(&mut self, number: u32, accepted: &[Sent], payload: &[H256]) {
        self.now = number;
        self.recent.insert(0, vec![]);
        self.recent.truncate(3);
        self.in_flight.clear();
        for sent in accepted {
            if self.take(sent.hash()).is_some() {
                self.recent[0].push((sent.account, sent.nonce));
                self.promote();
            }
        }
        self.in_flight = payload.iter().copied().collect();
        let is_old = |entry: &&Entry| entry.valid_until < u64::from(number);
        let old: Vec<H256> = self.entries.iter().filter(is_old).map(Entry::hash).collect();
        for hash in old.into_iter().filter(|hash| !payload.contains(hash)) {
            self.remove(hash);
        }
        self.shrink();
    }

    fn revalidate(&mut self, hash: H256, next: u32) {
        if self.in_flight.contains(&hash) {
            return;
        }
        let Some(entry) = self.entries.iter().find(|entry| entry.hash() == hash).cloned() else {
            return;
        };
        if entry.sent.nonce < next {
            self.remove(hash);
        } else {
            let valid_until = u64::from(self.now) + entry.sent.longevity;
            let new = Entry { requires: entry.sent.required(next), valid_until, ..entry };
            let at = self.entries.iter().position(|entry| entry.hash() == hash).unwrap();
            if new.place == Place::Ready || !self.is_provided(&new) {
                self.entries[at] = new;
            } else {
                self.entries.remove(at);
                self.place(&new);
            }
        }
        self.shrink();
    }

    /// The lowest that nobody needs goes, one in flight last of all, until the limits hold.
    fn shrink(&mut self) {
        while self.exceeds(Place::Ready, config().ready) {
            let ready = self.all(Place::Ready);
            let is_leaf = |entry: &&&Entry| !ready.iter().any(|other| other.needs(entry));
            let leaves = ready.iter().filter(is_leaf);
            let worst = leaves.min_by_key(|e| (self.in_flight.contains(&e.hash()), e.rank()));
            let hash = worst.unwrap().hash();
            self.remove(hash);
        }
        while self.exceeds(Place::Future, config().future) {
            let hash = self.all(Place::Future).iter().min_by_key(|e| e.rank()).unwrap().hash();
            self.remove(hash);
        }
    }

    fn exceeds(&self, place: Place, limit: Limit) -> bool {
        let all = self.all(place);
        all.len() > limit.count
            || all.iter().map(|entry| entry.bytes()).sum::<usize>() > limit.bytes
    }

    /// What a payload takes: always the best of those whose need is met by then.
    fn order(&self) -> Vec<H256> {
        let is_free = |entry: &&Entry| !self.in_flight.contains(&entry.hash());
        let mut left: Vec<&Entry> = self.all(Place::Ready).into_iter().filter(is_free).collect();
        let mut order = vec![];
        while !left.is_empty() {
            let is_next = |entry: &&&Entry| !left.iter().any(|other| entry.needs(other));
            let best = left.iter().filter(is_next).max_by_key(|entry| entry.rank()).unwrap().hash();
            left.retain(|entry| entry.hash() != best);
            order.push(best);
        }
        order
    }
}

fn op() -> impl Strategy<Value = Op> {
    let sent = (0..ACCOUNTS, 0u32..7, 0u64..5, 1u64..12, 0usize..60);
    prop_oneof![
        8 => sent.prop_map(|(account, nonce, priority, longevity, padding)| {
            Op::Send(Sent { account, nonce, priority, longevity, padding })
        }),
        1 => (0usize..16).prop_map(Op::Remove),
        3 => (0usize..5).prop_map(Op::Block),
        2 => (0usize..16).prop_map(Op::Revalidate),
    ]
}

/// The pool, its model, and the chain under both.
struct World {
    pool: Pool,
    model: Model,
    /// Each account's next nonce.
    next: [u32; ACCOUNTS],
    /// Payload of the last block.
    payload: Vec<Sent>,
    number: u32,
}

impl World {
    fn new() -> Self {
        let (pool, model) = (Pool::new(config()), Model::default());
        Self { pool, model, next: [0; ACCOUNTS], payload: vec![], number: 0 }
    }

    fn apply(&mut self, op: &Op) {
        match *op {
            Op::Send(sent) => self.send(sent),
            Op::Remove(at) => {
                if let Some(hash) = self.pick(at) {
                    assert!(self.pool.remove(&hash));
                    self.model.remove(hash);
                    self.model.shrink();
                }
            }
            Op::Block(size) => self.block(size),
            Op::Revalidate(at) => {
                let Some(hash) = self.pick(at) else { return };
                let entry = self.model.entries.iter().find(|entry| entry.hash() == hash).unwrap();
                let (sent, next) = (entry.sent, self.next[entry.sent.account]);
                self.pool.revalidated(&hash, sent.verdict(next), self.number);
                self.model.revalidate(hash, next);
            }
        }
    }

    fn pick(&self, at: usize) -> Option<H256> {
        let mut all: Vec<H256> = self.model.entries.iter().map(Entry::hash).collect();
        all.sort();
        all.get(at).copied()
    }

    fn send(&mut self, sent: Sent) {
        let next = self.next[sent.account];
        let taken = match sent.verdict(next) {
            Ok(valid) => {
                let external = TransactionSource::External;
                self.pool
                    .import(sent.hash(), sent.extrinsic(), external, valid, self.number)
                    .is_ok()
            }
            Err(_) => false,
        };
        assert_eq!(taken, self.model.send(sent, next), "{sent:?}");
    }

    /// The chain executes the last payload, and the next one is taken from the pool.
    fn block(&mut self, size: usize) {
        self.number += 1;
        let (mut accepted, mut skipped, mut done) = (vec![], vec![], vec![]);
        for sent in std::mem::take(&mut self.payload) {
            let hash = sent.hash();
            if sent.nonce == self.next[sent.account] {
                self.next[sent.account] += 1;
                let index = u32::try_from(done.len()).unwrap();
                accepted.push(AcceptedTx { hash, index, extrinsic: sent.extrinsic() });
                done.push(sent);
            } else {
                skipped.push(hash);
            }
        }
        let ready = self.pool.ready();
        let payload: Vec<H256> = ready.iter().take(size).map(|tx| tx.hash).collect();
        self.payload = payload
            .iter()
            .map(|hash| self.model.entries.iter().find(|e| e.hash() == *hash).unwrap().sent)
            .collect();
        let hash = block(u8::try_from(self.number).unwrap());
        let new =
            BlockTxs { hash, number: self.number, payload: payload.clone(), accepted, skipped };
        let update = BestUpdate { number: self.number, retracted: vec![], enacted: vec![new] };
        assert!(self.pool.on_best(&update).is_empty());
        self.model.block(self.number, &done, &payload);
    }

    fn check(&self) {
        let (pool, model) = (&self.pool, &self.model);
        let ready: BTreeSet<H256> = pool.pending().iter().map(|tx| tx.hash).collect();
        assert_eq!(ready, model.hashes(Place::Ready));
        let future: BTreeSet<H256> = pool.future().iter().map(|tx| tx.hash).collect();
        assert_eq!(future, model.hashes(Place::Future));
        let order: Vec<H256> = pool.ready().iter().map(|tx| tx.hash).collect();
        assert_eq!(order, model.order());
        let bytes = |place| model.all(place).iter().map(|entry| entry.bytes()).sum::<usize>();
        let status = pool.status();
        assert_eq!(
            (status.ready_bytes, status.future_bytes),
            (bytes(Place::Ready), bytes(Place::Future))
        );
        assert_eq!(status.in_flight, model.in_flight.len());
        for entry in &model.entries {
            assert_eq!(pool.get(&entry.hash()).unwrap().valid_until, entry.valid_until);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn the_pool_does_what_its_model_does(ops in prop::collection::vec(op(), 1..100)) {
        let mut world = World::new();
        for op in &ops {
            world.apply(op);
            world.check();
        }
    }
}
