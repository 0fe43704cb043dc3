//! Blocks: from genesis through authorship to execution.

use super::mock::{Chain, FIRST_SLOT, account, opaque};
use crate::constants::{CIT, SLOT_DURATION_MS};
use crate::{
    Address, Balances, Dag, Runtime, RuntimeCall, RuntimeEvent, System, Timestamp,
    UncheckedExtrinsic, genesis,
};
use citrate_api::{GenesisBuilder as _, GrandpaApi as _};
use citrate_core::{
    DispatchError, H256, InvalidTransaction, TransactionSource, TransactionValidityError, ed25519,
};
use citrate_dag_types::Slot;
use citrate_grandpa_types::{
    AuthorityList, Equivocation, EquivocationProof, Message, OpaqueKeyOwnershipProof, Prevote,
    SetId, finality_grandpa, localized_payload,
};
use codec::Encode;

fn transfer(to: &str, value: u128) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Address::Id(account(to)),
        value,
    })
}

fn free(chain: &Chain, name: &str) -> u128 {
    let who = account(name);
    chain.peek(|| Balances::free_balance(&who))
}

#[test]
fn alice_alone_votes_on_a_development_chain() {
    let alice = ed25519::Pair::from_suri("//Alice", None).expect("a sound path").public();
    let chain = Chain::development();
    chain.peek(|| {
        assert_eq!(apis_of_finality(), (0, vec![(alice, 1)]));
        let empty = OpaqueKeyOwnershipProof::default();
        assert_eq!(Runtime::generate_key_ownership_proof(0, alice), Some(empty));
        assert_eq!(Runtime::generate_key_ownership_proof(1, alice), None);
        let stranger = ed25519::Public([7; 32]);
        assert_eq!(Runtime::generate_key_ownership_proof(0, stranger), None);
    });
}

/// The set and the voters, as the node asks for them.
fn apis_of_finality() -> (SetId, AuthorityList) {
    (Runtime::current_set_id(), Runtime::grandpa_authorities())
}

#[test]
fn a_voter_that_voted_twice_is_reported_without_a_fee() {
    let alice = ed25519::Pair::from_suri("//Alice", None).expect("a sound path");
    let [first, second] = [1, 2].map(|hash| {
        let vote = Prevote { target_hash: H256::repeat_byte(hash), target_number: 4 };
        let payload = localized_payload(7, 0, &Message::Prevote(vote.clone()));
        (vote, alice.sign(&payload))
    });
    let identity = alice.public();
    let votes = finality_grandpa::Equivocation { round_number: 7, identity, first, second };
    let proof = EquivocationProof { set_id: 0, equivocation: Equivocation::Prevote(votes) };
    let call = pallet_grandpa::Call::report_equivocation_unsigned {
        equivocation_proof: Box::new(proof),
        key_owner_proof: OpaqueKeyOwnershipProof::default(),
    };
    let report = UncheckedExtrinsic::new_bare(RuntimeCall::Grandpa(call));
    let mut chain = Chain::development();
    let built = chain.build(&[report]);
    assert_eq!(built.accepted.len(), 2, "the inherent and the report");
    chain.peek(|| {
        assert_eq!(pallet_grandpa::Equivocators::<Runtime>::get(0, identity), Some(7));
    });
}

#[test]
fn an_empty_block_keeps_time_and_slot() {
    let mut chain = Chain::development();
    let built = chain.build(&[]);
    assert_eq!(built.accepted.len(), 1);
    assert_eq!(built.header.number, 1);
    chain.peek(|| {
        assert_eq!(Timestamp::now(), FIRST_SLOT * SLOT_DURATION_MS);
        assert_eq!(Dag::current_slot(), Slot(FIRST_SLOT));
        assert_eq!(Dag::author(), Some(account("Alice")));
    });
}

#[test]
fn a_transfer_moves_money_and_pays_the_author() {
    let mut chain = Chain::development();
    let (alice, bob, charlie) =
        (free(&chain, "Alice"), free(&chain, "Bob"), free(&chain, "Charlie"));
    let xt = chain.signed("Bob", 0, transfer("Charlie", 5 * CIT));
    let built = chain.build(&[xt]);
    assert_eq!(built.outcomes, [Ok(Ok(()))]);
    assert_eq!(free(&chain, "Charlie"), charlie + 5 * CIT);
    let fee = bob - 5 * CIT - free(&chain, "Bob");
    assert!(fee > 0);
    assert_eq!(free(&chain, "Alice"), alice + fee);
    chain.peek(|| {
        let last = System::events().pop().expect("there are events");
        assert!(matches!(
            last.event,
            RuntimeEvent::System(pallet_system::Event::ExtrinsicSuccess { .. })
        ));
        let paid = pallet_transaction_payment::Event::TransactionFeePaid {
            who: account("Bob"),
            actual_fee: fee,
            tip: 0,
        };
        assert!(
            System::events()
                .iter()
                .any(|r| r.event == RuntimeEvent::TransactionPayment(paid.clone()))
        );
    });
}

#[test]
fn what_does_not_apply_is_skipped_without_a_trace() {
    let mut chain = Chain::development();
    let first = chain.signed("Bob", 0, transfer("Charlie", CIT));
    let again = first.clone();
    let future = chain.signed("Dave", 1, transfer("Charlie", CIT));
    let built = chain.build(&[first.clone(), again, future]);
    let error = |e: InvalidTransaction| Err(TransactionValidityError::Invalid(e));
    assert_eq!(
        built.outcomes,
        [Ok(Ok(())), error(InvalidTransaction::Stale), error(InvalidTransaction::Future)]
    );
    // The same block without the skipped ones has the same roots: `build` executed the accepted list.
    assert_eq!(built.accepted.len(), 2);

    let mut other = Chain::development();
    let clean = other.build(&[first]);
    assert_eq!(clean.header.hash(), built.header.hash());
}

#[test]
fn a_failing_transfer_pays_and_says_why() {
    let mut chain = Chain::development();
    let before = free(&chain, "Bob");
    let xt = chain.signed("Bob", 0, transfer("Charlie", u128::MAX / 2));
    let built = chain.build(&[xt]);
    let error = DispatchError::Token(citrate_core::TokenError::FundsUnavailable);
    assert_eq!(built.outcomes, [Ok(Err(error))]);
    assert!(free(&chain, "Bob") < before);
}

#[test]
fn sudo_is_alices() {
    let mut chain = Chain::development();
    let call = |name: &str| {
        let call = RuntimeCall::Balances(pallet_balances::Call::force_set_balance {
            who: Address::Id(account(name)),
            new_free: 7 * CIT,
        });
        RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(call) })
    };
    let good = chain.signed("Alice", 0, call("Eve"));
    let bad = chain.signed("Bob", 0, call("Bob"));
    let built = chain.build(&[good, bad]);
    assert_eq!(built.outcomes[0], Ok(Ok(())));
    let error = DispatchError::from(pallet_sudo::Error::<Runtime>::RequireSudo);
    assert_eq!(built.outcomes[1], Ok(Err(error)));
    assert_eq!(free(&chain, "Eve"), 7 * CIT);
}

#[test]
fn a_batch_of_transfers_is_one_transaction() {
    let mut chain = Chain::development();
    let before = free(&chain, "Eve");
    let batch = RuntimeCall::Utility(pallet_utility::Call::batch_all {
        calls: vec![transfer("Eve", CIT), transfer("Eve", 2 * CIT)],
    });
    let xt = chain.signed("Bob", 0, batch);
    assert_eq!(chain.build(&[xt]).outcomes, [Ok(Ok(()))]);
    assert_eq!(free(&chain, "Eve"), before + 3 * CIT);
}

#[test]
fn bad_transactions_are_refused() {
    let mut chain = Chain::development();
    let good = chain.signed("Bob", 0, transfer("Charlie", CIT));
    let mut forged = good;
    forged.function = transfer("Charlie", 2 * CIT);
    let built = chain.build(&[forged]);
    let bad_proof = TransactionValidityError::Invalid(InvalidTransaction::BadProof);
    assert_eq!(built.outcomes, [Err(bad_proof)]);
    // An unsigned transfer and a second inherent are no transactions.
    let bare = UncheckedExtrinsic::new_bare(transfer("Charlie", CIT));
    assert!(chain.build(&[bare]).outcomes[0].is_err());
}

#[test]
fn validation_tells_order_and_price() {
    let chain = Chain::development();
    let validate = |xt: &UncheckedExtrinsic| {
        chain.peek(|| {
            crate::Executive::validate_transaction(
                TransactionSource::External,
                xt.clone(),
                chain.head.hash(),
            )
        })
    };
    let first = chain.signed("Bob", 0, transfer("Charlie", CIT));
    let second = chain.signed("Bob", 1, transfer("Charlie", CIT));
    let (first, second) = (validate(&first).unwrap(), validate(&second).unwrap());
    assert!(first.requires.is_empty());
    assert_eq!(second.requires, first.provides);
    let poor = chain.signed("Nobody", 0, transfer("Charlie", CIT));
    assert_eq!(
        validate(&poor),
        Err(TransactionValidityError::Invalid(InvalidTransaction::Payment))
    );
}

#[test]
fn extrinsics_survive_their_opaque_form() {
    let chain = Chain::development();
    let xt = chain.signed("Bob", 0, transfer("Charlie", CIT));
    let bytes = opaque(&xt);
    assert_eq!(bytes.encode(), xt.encode());
    // A few hundred mutilations: an error or another extrinsic, never a panic.
    for at in 0..bytes.0.len() {
        let mut broken = bytes.clone();
        broken.0[at] ^= 0xff;
        let _ = <UncheckedExtrinsic as codec::Decode>::decode(&mut &broken.encode()[..]);
    }
}

#[test]
fn genesis_takes_whole_and_partial_configurations() {
    let check = |json: &[u8]| {
        let mut ext = citrate_host::StateExt::new(citrate_trie::StateView::new(
            std::sync::Arc::new(citrate_trie::MemoryNodes::new()),
            citrate_trie::EMPTY_ROOT,
        ));
        citrate_host::with_externalities(&mut ext, || Runtime::build_state(json.to_vec()))
    };
    for name in genesis::preset_names() {
        let json = Runtime::get_preset(Some(name.clone())).expect("a name that exists");
        assert_eq!(check(&json), Ok(()), "{name}");
    }
    assert_eq!(check(b"{}"), Ok(()));
    assert_eq!(check(&Runtime::get_preset(None).expect("the empty configuration")), Ok(()));
    assert!(check(b"{").unwrap_err().contains("JSON"));
    assert!(check(br#"{"balnces": {}}"#).unwrap_err().contains("balnces"));
    assert_eq!(Runtime::get_preset(Some("nowhere".into())), None);
}
