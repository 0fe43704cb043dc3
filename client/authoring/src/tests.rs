use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use citrate_chain::testing::{self, SLOT_MS, balance, configuration, transfer};
use citrate_chain::{Chain, TxStatus as Place};
use citrate_core::{
    H256, InvalidTransaction, OpaqueExtrinsic, TransactionSource, TransactionValidityError,
    key_types,
};
use citrate_dag_types::{DagConfiguration, Election, Slot};
use citrate_db::DbConfig;
use citrate_host::Keystore;
use citrate_keystore::LocalKeystore;
use citrate_txpool::{
    AcceptedTx, BestUpdate, BlockTxs, Lane, PoolConfig, PoolError, PoolTx, TxPool, TxStatus,
    propose,
};

use crate::{Author, SlotClock, Tick, claim};

#[test]
fn the_clock_hands_out_each_slot_once() {
    let mut clock = SlotClock::new();
    let wait = |ms| Tick::Wait(Duration::from_millis(ms));
    let due = |slot| Tick::Due(Slot(slot));
    let steps = [
        ("in the middle of a slot", 1_250, due(2)),
        ("again in that slot", 1_300, wait(200)),
        ("woken too early", 1_499, wait(1)),
        ("when the next has begun", 1_500, due(3)),
        ("an hour of sleep is one slot", 3_601_600, due(7_203)),
        ("what went by is not made up", 3_601_700, wait(300)),
        ("the clock went back", 5_000, wait(3_597_000)),
        ("and was set right while we waited", 3_602_100, due(7_204)),
        ("the clock is at its end", u64::MAX, due(u64::MAX / 500)),
    ];
    for (desc, now, expected) in steps {
        assert_eq!(clock.next(now, 500), expected, "{desc}");
    }
    assert_eq!(SlotClock::new().next(7, 0), due(7), "a duration of zero counts as one");
}

proptest::proptest! {
    /// Whatever the clock does, slots only go up, and one that is over is never handed out.
    #[test]
    fn slots_go_up_and_are_never_over(
        times in proptest::collection::vec(0u64..20_000, 1..100),
        duration in 1u64..700,
    ) {
        let mut clock = SlotClock::new();
        let mut last = None;
        for now in times {
            match clock.next(now, duration) {
                Tick::Due(slot) => {
                    assert_eq!(slot, Slot::at(now, duration));
                    assert!(last < Some(slot));
                    last = Some(slot);
                }
                Tick::Wait(wait) => {
                    let until = now + u64::try_from(wait.as_millis()).unwrap();
                    assert_eq!(last, Some(Slot(Slot::at(until, duration).0 - 1)));
                    assert!(!wait.is_zero());
                }
            }
        }
    }
}

fn keystore() -> Arc<LocalKeystore> {
    let keystore = LocalKeystore::in_memory();
    let seed = format!("0x{}", "01".repeat(32));
    keystore.insert(key_types::DAG, &seed, &testing::author().public().0).unwrap();
    Arc::new(keystore)
}

#[test]
fn a_slot_is_claimed_with_a_key_of_an_authority() {
    let configuration = configuration();
    let ours = keystore();
    let won = claim(Slot(3), &configuration, ours.as_ref()).unwrap();
    assert_eq!((won.slot, won.author, won.key), (Slot(3), 0, testing::author().public()));
    let nobody = LocalKeystore::in_memory();
    assert_eq!(claim(Slot(3), &configuration, &nobody), None);
    let other = LocalKeystore::in_memory();
    Keystore::sr25519_generate(&other, key_types::DAG, Some("//Bob")).unwrap();
    assert_eq!(claim(Slot(3), &configuration, &other), None);
    let never = Election::Lottery { rate_millionths: 0 };
    let never = DagConfiguration { election: never, ..configuration };
    assert_eq!(claim(Slot(3), &never, ours.as_ref()), None);
}

fn pool_tx(id: u8, bytes: usize, requires: &[u8], provides: u8) -> Arc<PoolTx> {
    let extrinsic = OpaqueExtrinsic(vec![id; bytes]);
    Arc::new(PoolTx {
        hash: extrinsic.hash(),
        extrinsic,
        source: TransactionSource::External,
        priority: 1,
        requires: requires.iter().map(|tag| vec![*tag]).collect(),
        provides: vec![vec![provides]],
        valid_until: 100,
        propagate: true,
        arrival: 1,
    })
}

#[test]
fn a_payload_keeps_to_its_limits_and_to_dependencies() {
    let limits = DagConfiguration { payload_bytes_max: 320, ..configuration() };
    let ids = |ready: &[Arc<PoolTx>], taken: &[Arc<PoolTx>]| -> Vec<u8> {
        let taken: BTreeSet<H256> = taken.iter().map(|tx| tx.hash).collect();
        propose(ready, &taken, &limits, |_| true).iter().map(|extrinsic| extrinsic.0[0]).collect()
    };
    // The length prefix counts: 2 + 158.
    let (a, b) = (pool_tx(1, 158, &[], 1), pool_tx(2, 158, &[1], 2));
    let (c, d) = (pool_tx(3, 159, &[], 3), pool_tx(4, 4, &[3], 4));
    let e = pool_tx(5, 4, &[], 5);
    assert_eq!(ids(&[a.clone(), b.clone()], &[]), [1, 2]);
    let ready = [a.clone(), c, d, e];
    assert_eq!(ids(&ready, &[]), [1, 5], "what depends on the one without room is left out too");
    assert_eq!(ids(&[a.clone(), b], std::slice::from_ref(&a)), [2]);
    let many: Vec<_> = (0..11).map(|id| pool_tx(id, 4, &[], id)).collect();
    assert_eq!(ids(&many, &[]).len(), 10, "320 bytes hold 10 extrinsics at most");
    let any = DagConfiguration { payload_bytes_max: u32::MAX, ..configuration() };
    let large: Vec<_> = (0..5).map(|id| pool_tx(id, 1 << 20, &[], id)).collect();
    let proposed = propose(&large, &BTreeSet::new(), &any, |_| true);
    assert_eq!(proposed.len(), 3, "more is no block that could be sent");
}

/// A chain, its pool and its author, stepped by hand.
struct Bench {
    chain: Arc<Chain>,
    pool: Arc<TxPool>,
    author: Author,
    slot: u64,
}

impl Bench {
    fn new(config: &DbConfig) -> Self {
        let chain = testing::open(config).unwrap();
        let pool = TxPool::new(Arc::<Chain>::clone(&chain), PoolConfig::default());
        let author = Author::new(Arc::clone(&chain), Arc::clone(&pool), keystore());
        let slot = 10 + u64::from(chain.best().number);
        Self { chain, pool, author, slot }
    }

    /// Authors a block; the pool hears of it afterwards.
    fn step(&mut self) -> H256 {
        self.slot += 1;
        let now = self.slot * SLOT_MS;
        let hash = self.author.author_block_at(Slot(self.slot), now).unwrap().unwrap();
        let block = self.chain.block_transactions(&hash).unwrap().unwrap();
        let accepted = block.accepted.into_iter().map(|tx| AcceptedTx {
            hash: tx.hash,
            index: tx.index,
            extrinsic: tx.extrinsic,
        });
        let skipped = block.skipped.into_iter();
        let enacted = BlockTxs {
            hash,
            number: block.number,
            payload: block.payload,
            accepted: accepted.collect(),
            skipped: skipped.map(|(hash, ..)| hash).collect(),
        };
        let number = block.number;
        self.pool.on_best(&BestUpdate { number, retracted: vec![], enacted: vec![enacted] });
        let finalized = self.chain.finalized();
        self.pool.on_finalized(&[finalized.hash], finalized.number);
        hash
    }

    fn submit(&self, extrinsic: OpaqueExtrinsic) -> Result<H256, PoolError> {
        self.pool.submit(TransactionSource::External, extrinsic)
    }
}

#[test]
fn from_genesis_to_a_finalised_transfer() {
    let folder = tempfile::tempdir().unwrap();
    let config = DbConfig::on_disk(folder.path());
    let mut bench = Bench::new(&config);
    for _ in 0..3 {
        bench.step();
    }
    assert_eq!(bench.chain.best().number, 3);
    let tx = transfer(0, 1, 0, 100);
    let source = TransactionSource::External;
    let (hash, mut watch) = bench.pool.submit_and_watch(source, tx.clone()).unwrap();
    bench.submit(transfer(0, 2, 1, 50)).unwrap();
    let carrier = bench.step();
    assert_eq!(bench.chain.payload(&carrier).unwrap().unwrap().len(), 2);
    assert_eq!(balance(&bench.chain, &carrier, 1), 1_000);
    assert!(bench.pool.ready().is_empty(), "both are in flight");
    assert_eq!(bench.pool.status().ready, 2);
    let accepting = bench.step();
    assert!(bench.chain.payload(&accepting).unwrap().unwrap().is_empty(), "not proposed twice");
    assert_eq!(balance(&bench.chain, &accepting, 0), 848);
    assert_eq!(balance(&bench.chain, &accepting, 1), 1_100);
    assert_eq!(balance(&bench.chain, &accepting, 2), 1_050);
    assert_eq!(bench.pool.status().ready, 0);
    bench.step();
    let statuses: Vec<TxStatus> = std::iter::from_fn(|| watch.try_recv()).collect();
    let in_block = TxStatus::InBlock { block: accepting, index: 1 };
    let finalized = TxStatus::Finalized { block: accepting, index: 1 };
    assert_eq!(statuses, [TxStatus::Ready, in_block, finalized]);
    assert_eq!(bench.chain.finalized().hash, accepting);
    // A restart goes on from the same block.
    let best = bench.chain.best();
    drop(bench);
    let mut bench = Bench::new(&config);
    assert_eq!(bench.chain.best(), best);
    bench.step();
    let record = bench.chain.transaction(&hash).unwrap().unwrap();
    assert_eq!((record.accepting_block, record.status), (Some(accepting), Place::Accepted));
    let again = bench.submit(tx);
    assert_eq!(again, Err(PoolError::InvalidTransaction(InvalidTransaction::Stale)));
}

#[test]
fn what_another_payload_made_stale_is_skipped_and_leaves_the_pool() {
    let mut bench = Bench::new(&DbConfig::in_memory());
    bench.step();
    // The pool takes a transfer of the account's whole funds, and one that then cannot be paid.
    bench.submit(transfer(3, 0, 0, 999)).unwrap();
    let source = TransactionSource::External;
    let poor = transfer(3, 0, 1, 1);
    let (hash, mut watch) = bench.pool.submit_and_watch(source, poor).unwrap();
    bench.step();
    bench.step();
    let place = bench.chain.transaction(&hash).unwrap().unwrap();
    let payment = TransactionValidityError::Invalid(InvalidTransaction::Payment);
    assert_eq!(place.status, Place::Skipped(payment));
    // That is the last word once a block that excludes it is final.
    bench.step();
    let statuses: Vec<TxStatus> = std::iter::from_fn(|| watch.try_recv()).collect();
    assert_eq!(statuses, [TxStatus::Ready, TxStatus::Invalid]);
    assert_eq!(bench.pool.status().ready, 0);
}

#[test]
fn nothing_is_lost_while_a_migration_runs() {
    let mut bench = Bench::new(&DbConfig::in_memory());
    bench.step();
    bench.submit(testing::TestCall::SetCode(104).extrinsic()).unwrap();
    bench.step();
    // In the payload of the block that executes the upgrade: the first block of the migration skips it.
    let source = TransactionSource::External;
    let (early, mut watch) = bench.pool.submit_and_watch(source, transfer(0, 1, 0, 10)).unwrap();
    // This one's verdict would be `Stale` in the middle of the migration.
    let misjudged = bench.submit(transfer(2, 1, 0, 20)).unwrap();
    let upgraded = bench.step();
    assert_eq!(bench.chain.payload(&upgraded).unwrap().unwrap().len(), 2);
    for _ in 0..4 {
        let closed = bench.step();
        assert!(bench.chain.payload(&closed).unwrap().unwrap().is_empty(), "nothing is proposed");
        assert_eq!(bench.chain.accepted(&closed).unwrap().unwrap().len(), 1, "the time alone");
        assert_eq!(bench.pool.status().banned, 0);
    }
    let full = TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);
    let place = bench.chain.transaction(&early).unwrap().unwrap();
    assert_eq!(place.status, Place::Skipped(full), "who asks is told why");
    let during = bench.submit(transfer(1, 2, 0, 30)).unwrap();
    let carrier = bench.step();
    assert_eq!(bench.chain.payload(&carrier).unwrap().unwrap().len(), 3);
    let open = bench.step();
    for hash in [early, misjudged, during] {
        let place = bench.chain.transaction(&hash).unwrap().unwrap();
        assert_eq!((place.status, place.accepting_block), (Place::Accepted, Some(open)));
    }
    assert_eq!(bench.pool.status().ready, 0);
    let statuses: Vec<TxStatus> = std::iter::from_fn(|| watch.try_recv()).collect();
    let [TxStatus::Ready, TxStatus::InBlock { block, .. }] = statuses[..] else {
        panic!("{statuses:?}")
    };
    assert_eq!(block, open);
}

#[test]
fn no_second_block_in_a_slot_and_none_without_a_key() {
    let mut bench = Bench::new(&DbConfig::in_memory());
    bench.step();
    let (slot, now) = (Slot(bench.slot), bench.slot * SLOT_MS);
    assert_eq!(bench.author.author_block_at(slot, now).unwrap(), None);
    let keyless = Arc::new(LocalKeystore::in_memory());
    let other = Author::new(Arc::clone(&bench.chain), Arc::clone(&bench.pool), keyless);
    assert_eq!(other.author_block_at(Slot(slot.0 + 1), now + SLOT_MS).unwrap(), None);
    assert_eq!(other.slot_duration_ms().unwrap(), SLOT_MS);
}

/// A transaction that the account with this byte signed.
fn signed(account: u8, nonce: u8) -> Arc<PoolTx> {
    let extrinsic = OpaqueExtrinsic([&[0x84, 0], &[account; 32][..], &[nonce; 70]].concat());
    let mut tx = pool_tx(0, 1, &[], 0).as_ref().clone();
    (tx.hash, tx.extrinsic) = (extrinsic.hash(), extrinsic);
    Arc::new(tx)
}

#[test]
fn authors_of_one_slot_take_different_senders() {
    let four = testing::configuration_of(4);
    let lanes: Vec<Lane> = (0..4).map(|index| Lane::draw(&four, &[index; 32])).collect();
    let mut held = [0; 4];
    for account in 0..200 {
        let of: Vec<usize> = (0..4).filter(|at| lanes[*at].holds(&signed(account, 0))).collect();
        assert_eq!(of.len(), 1, "each sender is in one lane");
        assert!(lanes[of[0]].holds(&signed(account, 9)), "with all its transactions");
        held[of[0]] += 1;
    }
    assert!(held.iter().all(|held| *held > 25), "{held:?}");
    // Who is alone takes everything, and a lottery has as many lanes as winners.
    let alone = Lane::draw(&configuration(), &[3; 32]);
    assert!((0..200).all(|account| alone.holds(&signed(account, 0))));
    let election = Election::Lottery { rate_millionths: 1_000_001 };
    let two = DagConfiguration { election, ..four.clone() };
    assert_eq!(Lane::draw(&two, &[2; 32]), Lane::draw(&two, &[4; 32]));
    let rare = DagConfiguration { election: Election::Lottery { rate_millionths: 5 }, ..four };
    assert!(Lane::draw(&rare, &[1; 32]).holds(&signed(7, 7)));
}

#[test]
fn what_is_another_authors_is_left_out() {
    let old = signed(1, 1);
    let configuration = configuration();
    let ready = [old.clone()];
    let taken = BTreeSet::new();
    assert!(propose(&ready, &taken, &configuration, |_| false).is_empty());
    let payload = propose(&ready, &taken, &configuration, |_| true);
    assert_eq!(payload, std::slice::from_ref(&old.extrinsic));
}
