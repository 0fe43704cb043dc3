//! The chain of validators: its preset, what blocks bring, who authors when, and what equivocation costs.

use super::mock::{Chain, account, dag_digest, opaque, pair};
use crate::constants::{
    BLOCK_ISSUANCE, CIT, DELAY_BOUND_MS, EPOCH_LENGTH, KEY_DEPOSIT, MERGESET_MAX,
};
use crate::validators::finality_voters;
use crate::{
    Balances, Dag, Runtime, RuntimeCall, Session, SessionKeys, Staking, UncheckedExtrinsic, genesis,
};
use citrate_api::DagApi;
use citrate_core::{
    Digest, H256, Header, OpaqueExtrinsic, TransactionPriority, TransactionSource, ed25519,
    key_types,
};
use citrate_dag_types::{Authority, Election, EquivocationProof, Slot, seal_item};
use citrate_inference_types::Earnings;
use codec::{Decode, Encode};
use pallet_session::OpaqueKeys;
use pallet_staking::Role;

const VALIDATORS: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];
const STAKE: u128 = 10_000 * CIT;

fn local() -> Chain {
    Chain::of_preset(genesis::LOCAL_TESTNET)
}

fn finality_pair(name: &str) -> ed25519::Pair {
    ed25519::Pair::from_suri(&format!("//{name}"), None).expect("a sound path")
}

/// The issuance, which is the sum of what all accounts have.
fn issuance(chain: &Chain) -> u128 {
    chain.peek(|| {
        let sum = pallet_system::Account::<Runtime>::iter()
            .map(|(_, info)| info.data.free + info.data.reserved)
            .sum();
        assert_eq!(pallet_balances::TotalIssuance::<Runtime>::get(), sum);
        sum
    })
}

#[test]
fn the_local_chain_has_four_validators_and_a_lottery() {
    let chain = local();
    chain.peek(|| {
        let configuration = Dag::configuration();
        let authorities = VALIDATORS.map(|name| Authority {
            key: pair(name).public(),
            weight: u64::try_from(STAKE).expect("it fits"),
        });
        assert_eq!(configuration.authorities, authorities);
        assert_eq!(configuration.election, Election::Lottery { rate_millionths: 4_200_000 });
        assert_eq!((configuration.epoch_length, configuration.slot_duration_ms), (240, 500));
        assert_eq!(configuration.delay_bound_ms, DELAY_BOUND_MS);
        assert_eq!((configuration.mergeset_max, MERGESET_MAX), (180, 180));
        assert_eq!(Dag::configuration_at(Slot(u64::MAX)), configuration);
        assert_eq!(Staking::validators().len(), 4);
        for name in VALIDATORS {
            let keys = Session::keys(&account(name)).expect("it has keys");
            assert_eq!(keys.dag, pair(name).public());
            assert_eq!(keys.grandpa, finality_pair(name).public());
            let owner = Session::key_owner(key_types::GRANDPA, &keys.grandpa.0);
            assert_eq!(owner, Some(account(name)));
            assert_eq!(Balances::reserved_balance(&account(name)), STAKE);
        }
    });
    issuance(&chain);
}

#[test]
fn finality_is_voted_on_by_the_authorities_that_have_keys_for_it() {
    let mut chain = local();
    chain.build(&[]);
    let voters =
        |chain: &Chain| chain.peek(|| finality_voters(&pallet_dag::Authorities::<Runtime>::get()));
    let weight = u64::try_from(STAKE).expect("it fits");
    let expected = VALIDATORS.map(|name| (finality_pair(name).public(), weight));
    assert_eq!(voters(&chain), expected);
    let purge = RuntimeCall::Session(pallet_session::Call::purge_keys {});
    let extrinsic = chain.signed("Alice", 0, purge);
    assert_eq!(chain.build(&[extrinsic]).outcomes, [Ok(Ok(()))]);
    assert_eq!(voters(&chain), expected[1..]);
    // The development chain has one, and without any keys there is nobody to take over.
    let mut chain = Chain::development();
    assert_eq!(voters(&chain), [(finality_pair("Alice").public(), 1)]);
    let purge = RuntimeCall::Session(pallet_session::Call::purge_keys {});
    let extrinsic = chain.signed("Alice", 0, purge);
    assert_eq!(chain.build(&[extrinsic]).outcomes, [Ok(Ok(()))]);
    assert_eq!(voters(&chain), []);
}

/// The least `k` for which a block of a network without an adversary has more than `k` blocks in its anticone less often
/// than once in a million: the tail of the Poisson distribution.
#[expect(clippy::disallowed_types, reason = "a check of a constant, in no block's execution")]
fn k(rate_millionths: u32) -> u32 {
    let blocks_per_slot = f64::from(rate_millionths) / 1e6;
    let slot_ms = crate::constants::SLOT_DURATION_MS as f64;
    let mean = 2.0 * (f64::from(DELAY_BOUND_MS) + slot_ms) * blocks_per_slot / slot_ms;
    let (mut term, mut below, mut k) = ((-mean).exp(), (-mean).exp(), 0);
    while 1.0 - below > 1e-6 {
        k += 1;
        term *= mean / f64::from(k);
        below += term;
    }
    k
}

#[test]
fn a_mergeset_holds_twice_k() {
    let k = k(crate::constants::LOTTERY_RATE_MILLIONTHS);
    assert!((30..60).contains(&k), "{k}");
    assert_eq!(MERGESET_MAX, (2 * k).clamp(180, 512));
}

#[test]
fn blocks_bring_money_on_the_local_chain_and_none_on_the_development_chain() {
    let mut chain = local();
    let before = issuance(&chain);
    chain.build(&[]);
    assert_eq!(issuance(&chain), before, "the genesis block is nobody's");
    chain.build(&[]);
    chain.build(&[]);
    assert_eq!(issuance(&chain), before + 2 * BLOCK_ISSUANCE);
    // All but what it has from the beginning.
    let treasury = chain.peek(crate::Treasury::pot);
    assert_eq!(treasury, 2 * BLOCK_ISSUANCE / 10);
    let alice = chain.peek(|| Dag::block_rewards(account("Alice")));
    assert_eq!(alice, 2 * BLOCK_ISSUANCE - treasury, "she made all blocks and merged them");
    let income = chain.peek(|| <Runtime as citrate_api::InferenceApi>::income(account("Alice")));
    assert_eq!(income.for_blocks, Earnings { count: 3, total: alice });

    let mut chain = Chain::development();
    let before = issuance(&chain);
    chain.build(&[]);
    chain.build(&[]);
    assert_eq!(issuance(&chain), before);
}

/// Keys of a node of this name, and the proof that they were made for an account.
fn keys_for(node: &str, owner: &str) -> (SessionKeys, Vec<u8>) {
    let (pair, finality) = (pair(node), finality_pair(node));
    let keys =
        SessionKeys { dag: pair.public(), grandpa: finality.public(), provider: pair.public() };
    let owner: [u8; 32] = account(owner).into();
    let statement = (&b"CITRATE/runtime/session-keys"[..], &owner[..]).encode();
    let proof = (pair.sign(&statement), finality.sign(&statement), pair.sign(&statement));
    (keys, proof.encode())
}

#[test]
fn a_proof_of_keys_is_for_its_owner_only() {
    let chain = local();
    chain.peek(|| {
        let (keys, proof) = keys_for("Eve", "Ferdie");
        let valid = |owner: &str, proof: &[u8]| {
            keys.ownership_proof_is_valid(account(owner).as_ref(), proof)
        };
        assert!(valid("Ferdie", &proof));
        assert!(!valid("Eve", &proof));
        assert!(!valid("Ferdie", &proof[..proof.len() - 1]));
        assert!(!valid("Ferdie", &[&proof[..], &[0]].concat()));
        for at in [0, 64, 128] {
            let mut forged = proof.clone();
            forged[at] ^= 1;
            assert!(!valid("Ferdie", &forged), "signature at {at}");
        }
        let raw = SessionKeys::decode_into_raw_public_keys(&keys.encode()).expect("sound");
        let types: Vec<_> = raw.iter().map(|(_, id)| *id).collect();
        assert_eq!(types, [key_types::DAG, key_types::GRANDPA, key_types::PROVIDER]);
    });
}

#[test]
fn who_bonds_and_registers_keys_authors_in_the_third_epoch_after() {
    let mut chain = local();
    chain.build(&[]);
    let (keys, proof) = keys_for("Eve", "Ferdie");
    let set = RuntimeCall::Session(pallet_session::Call::set_keys { keys, proof });
    let bond = RuntimeCall::Staking(pallet_staking::Call::bond {
        role: Role::Validator,
        amount: 2 * STAKE,
    });
    let extrinsics = [chain.signed("Ferdie", 0, bond), chain.signed("Ferdie", 1, set)];
    assert_eq!(chain.build(&extrinsics).outcomes, [Ok(Ok(())), Ok(Ok(()))]);
    let reserved = chain.peek(|| Balances::reserved_balance(&account("Ferdie")));
    assert_eq!(reserved, 2 * STAKE + KEY_DEPOSIT);
    for expected in [4, 4, 5] {
        chain.skip(EPOCH_LENGTH);
        chain.build(&[]);
        let authorities = chain.peek(|| Dag::configuration().authorities);
        assert_eq!(authorities.len(), expected);
    }
    let first = chain.peek(|| Dag::configuration().authorities[0]);
    let weight = u64::try_from(2 * STAKE).expect("it fits");
    assert_eq!(first, Authority { key: pair("Eve").public(), weight });
}

/// A header of Alice's in a slot, sealed by `by`.
fn header(slot: u64, number: u32, by: &str) -> Header {
    let mut header = Header {
        parent_hash: H256::zero(),
        number,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs: vec![dag_digest(slot).to_item()] },
    };
    header.digest.push(seal_item(pair(by).sign(header.hash().as_bytes())));
    header
}

fn report(chain: &Chain, slot: u64, by: &str) -> Option<OpaqueExtrinsic> {
    let proof = EquivocationProof { first: header(slot, 1, by), second: header(slot, 2, by) };
    chain.peek(|| Runtime::equivocation_report(proof))
}

#[test]
fn a_node_reports_an_equivocation_for_nothing() {
    let mut chain = local();
    chain.build(&[]);
    let slot = chain.slot() - 1;
    assert_eq!(report(&chain, slot, "Bob"), None, "not her seal");
    let extrinsic = report(&chain, slot, "Alice").expect("a sound proof");
    let decoded = UncheckedExtrinsic::decode(&mut &extrinsic.encode()[..]).expect("it decodes");
    assert_eq!(opaque(&decoded), extrinsic);
    let valid = chain.peek(|| {
        crate::Executive::validate_transaction(
            TransactionSource::Local,
            decoded.clone(),
            chain.head.hash(),
        )
    });
    assert_eq!(valid.expect("it is valid").priority, TransactionPriority::MAX);

    let treasury =
        |chain: &Chain| chain.peek(|| Balances::free_balance(&crate::market::Treasury::get()));
    let before = treasury(&chain);
    let again = decoded.clone();
    let outcomes = chain.build(&[decoded, again]).outcomes;
    assert_eq!(outcomes[0], Ok(Ok(())));
    assert!(outcomes[1].is_err(), "once");
    assert_eq!(treasury(&chain), before + STAKE / 10 + BLOCK_ISSUANCE / 10);
    let left = chain.peek(|| Balances::reserved_balance(&account("Alice")));
    assert_eq!(left, STAKE - STAKE / 10);
    assert_eq!(report(&chain, slot, "Alice"), None, "punished before");
    issuance(&chain);

    // She authors in this epoch and the one that is prepared, and then no more.
    for expected in [4, 4, 3] {
        let authorities = chain.peek(|| Dag::configuration().authorities);
        assert_eq!(authorities.len(), expected);
        chain.skip(EPOCH_LENGTH);
        chain.build(&[]);
    }
    let authorities = chain.peek(|| Dag::configuration().authorities);
    assert!(authorities.iter().all(|authority| authority.key != pair("Alice").public()));
}
