//! Accounts that act together and for each other, with the runtime's own kinds of proxies.

use super::market::batch;
use super::mock::{Chain, account};
use crate::constants::CIT;
use crate::{AccountId, Address, Balance, Balances, Multisig, ProxyType, RuntimeCall};
use citrate_core::{H256, Weight};
use citrate_support::dispatch::GetDispatchInfo;
use citrate_support::traits::InstanceFilter;

const KINDS: [ProxyType; 6] = [
    ProxyType::Any,
    ProxyType::NonTransfer,
    ProxyType::Governance,
    ProxyType::Staking,
    ProxyType::Market,
    ProxyType::CancelProxy,
];

fn transfer(to: &AccountId, value: Balance) -> RuntimeCall {
    let dest = Address::Id(to.clone());
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive { dest, value })
}

fn free(chain: &Chain, who: &AccountId) -> Balance {
    chain.peek(|| Balances::free_balance(who))
}

/// A call of each pallet that accounts call.
fn some_calls() -> Vec<RuntimeCall> {
    let call_hash = H256::zero();
    vec![
        RuntimeCall::System(pallet_system::Call::remark { remark: vec![] }),
        transfer(&account("Bob"), 1),
        RuntimeCall::Sudo(pallet_sudo::Call::remove_key {}),
        batch(vec![]),
        RuntimeCall::Staking(pallet_staking::Call::chill {}),
        RuntimeCall::ModelRegistry(pallet_model_registry::Call::deprecate { model: call_hash }),
        RuntimeCall::InferenceJobs(pallet_inference_jobs::Call::cancel { job: call_hash }),
        RuntimeCall::Session(pallet_session::Call::purge_keys {}),
        RuntimeCall::Referee(pallet_referee::Call::dispute { case: call_hash }),
        RuntimeCall::Providers(pallet_providers::Call::deregister {}),
        RuntimeCall::Attestations(pallet_attestations::Call::remove_key {}),
        RuntimeCall::Treasury(pallet_treasury::Call::payout { index: 0 }),
        RuntimeCall::Preimage(pallet_preimage::Call::unnote_preimage { hash: call_hash }),
        RuntimeCall::Scheduler(pallet_scheduler::Call::cancel { when: 1, index: 0 }),
        RuntimeCall::Council(pallet_collective::Call::disapprove_proposal {
            proposal_hash: call_hash,
        }),
        RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
            other_signatories: vec![],
            call: Box::new(batch(vec![])),
        }),
        RuntimeCall::Vesting(pallet_vesting::Call::vest {}),
        RuntimeCall::Assets(pallet_assets::Call::freeze_asset { id: 1 }),
        RuntimeCall::Proxy(pallet_proxy::Call::remove_proxies {}),
        RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement {
            delegate: Address::Id(account("Bob")),
            call_hash,
        }),
    ]
}

#[test]
fn a_kind_that_is_said_to_allow_what_another_allows_does() {
    for (one, other) in KINDS.iter().flat_map(|one| KINDS.map(|other| (one, other))) {
        if one.is_superset(&other) {
            for call in some_calls().iter().filter(|call| other.filter(call)) {
                assert!(one.filter(call), "{one:?} is no superset of {other:?}: {call:?}");
            }
        }
        assert_eq!(one.is_superset(&other) && other.is_superset(one), *one == other);
    }
    // Each kind allows something, and all but the first refuse something.
    for kind in KINDS {
        assert!(some_calls().iter().any(|call| kind.filter(call)));
        assert_eq!(some_calls().iter().all(|call| kind.filter(call)), kind == ProxyType::Any);
    }
}

#[test]
fn a_proxy_for_stakes_chills_and_does_not_take_money() {
    let mut chain = Chain::development();
    let bond =
        pallet_staking::Call::bond { role: pallet_staking::Role::Provider, amount: 1_000 * CIT };
    let add = |kind| pallet_proxy::Call::add_proxy {
        delegate: Address::Id(account("Bob")),
        proxy_type: kind,
        delay: 0,
    };
    let calls = [bond.into(), add(ProxyType::Staking).into(), add(ProxyType::NonTransfer).into()];
    let prepare = chain.signed("Alice", 0, batch(calls.to_vec()));
    assert_eq!(chain.build(&[prepare]).outcomes, [Ok(Ok(()))]);
    // She in turn may do anything for Charlie.
    let trust = pallet_proxy::Call::add_proxy {
        delegate: Address::Id(account("Alice")),
        proxy_type: ProxyType::Any,
        delay: 0,
    };
    let trust = chain.signed("Charlie", 0, trust.into());
    assert_eq!(chain.build(&[trust]).outcomes, [Ok(Ok(()))]);
    let before = free(&chain, &account("Alice"));
    let mut nonce = 0;
    let mut act = |kind, call: RuntimeCall| {
        let proxy = pallet_proxy::Call::proxy {
            real: Address::Id(account("Alice")),
            force_proxy_type: Some(kind),
            call: Box::new(call),
        };
        let extrinsic = chain.signed("Bob", nonce, proxy.into());
        nonce += 1;
        assert_eq!(chain.build(&[extrinsic]).outcomes, [Ok(Ok(()))]);
        let executed = |event: &crate::RuntimeEvent| match event {
            crate::RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => {
                Some(*result)
            }
            _ => None,
        };
        chain
            .peek(|| crate::System::events().iter().find_map(|r| executed(&r.event)))
            .expect("it was dispatched")
    };
    let theft = transfer(&account("Bob"), CIT);
    let sudo = RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(theft.clone()) });
    let through_her = RuntimeCall::Proxy(pallet_proxy::Call::proxy {
        real: Address::Id(account("Charlie")),
        force_proxy_type: None,
        call: Box::new(theft.clone()),
    });
    let with_another = RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
        other_signatories: vec![account("Dave")],
        call: Box::new(batch(vec![])),
    });
    for kind in [ProxyType::Staking, ProxyType::NonTransfer] {
        for call in [
            through_her.clone(),
            with_another.clone(),
            theft.clone(),
            batch(vec![theft.clone()]),
            sudo.clone(),
            add(ProxyType::Any).into(),
        ] {
            assert!(act(kind, call.clone()).is_err(), "{kind:?}: {call:?}");
        }
    }
    assert_eq!(act(ProxyType::Staking, pallet_staking::Call::chill {}.into()), Ok(()));
    // She authors the blocks, and has the fees.
    assert!(free(&chain, &account("Alice")) >= before);
}

#[test]
fn the_sudo_key_can_be_of_several() {
    let mut chain = Chain::development();
    let mut accounts = vec![account("Alice"), account("Bob")];
    accounts.sort();
    let both = Multisig::multi_account_id(&accounts, 2);
    let set = pallet_sudo::Call::set_key { new: Address::Id(both.clone()) };
    let fund = chain.signed("Dave", 0, transfer(&both, CIT));
    let hand_over = chain.signed("Alice", 0, set.into());
    assert_eq!(chain.build(&[fund, hand_over]).outcomes, [Ok(Ok(())); 2]);
    let give = pallet_balances::Call::force_transfer {
        source: Address::Id(account("Ferdie")),
        dest: Address::Id(account("Eve")),
        value: 7 * CIT,
    };
    let sudo = RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(give.into()) });
    let before = free(&chain, &account("Eve"));
    let height = chain.head.number + 1;
    for (nonce, name, other, index) in [(1, "Alice", "Bob", None), (0, "Bob", "Alice", Some(1))] {
        assert_eq!(free(&chain, &account("Eve")), before);
        let as_multi = pallet_multisig::Call::as_multi {
            threshold: 2,
            other_signatories: vec![account(other)],
            maybe_timepoint: index.map(|index| pallet_multisig::Timepoint { height, index }),
            call: Box::new(sudo.clone()),
            max_weight: sudo.get_dispatch_info().call_weight,
        };
        let extrinsic = chain.signed(name, nonce, as_multi.into());
        assert_eq!(chain.build(&[extrinsic]).outcomes, [Ok(Ok(()))]);
    }
    assert_eq!(free(&chain, &account("Eve")), before + 7 * CIT);
}

#[test]
fn two_of_three_transfer_from_an_account_that_was_never_registered() {
    let mut chain = Chain::development();
    let mut people = ["Alice", "Bob", "Charlie"].map(|name| (account(name), name));
    people.sort();
    let accounts: Vec<_> = people.iter().map(|(account, _)| account.clone()).collect();
    let multisig = Multisig::multi_account_id(&accounts, 2);
    let fund = chain.signed("Dave", 0, transfer(&multisig, 100 * CIT));
    assert_eq!(chain.build(&[fund]).outcomes, [Ok(Ok(()))]);
    let call = transfer(&account("Eve"), 40 * CIT);
    let before = free(&chain, &account("Eve"));
    let height = chain.head.number + 1;
    for (who, name) in &people[..2] {
        let first = *who == people[0].0;
        let as_multi = pallet_multisig::Call::as_multi {
            threshold: 2,
            other_signatories: accounts.iter().filter(|other| *other != who).cloned().collect(),
            // Behind the inherent.
            maybe_timepoint: (!first).then_some(pallet_multisig::Timepoint { height, index: 1 }),
            call: Box::new(call.clone()),
            max_weight: if first { Weight::zero() } else { call.get_dispatch_info().call_weight },
        };
        assert_eq!(free(&chain, &account("Eve")), before);
        let extrinsic = chain.signed(name, 0, as_multi.into());
        assert_eq!(chain.build(&[extrinsic]).outcomes, [Ok(Ok(()))]);
    }
    assert_eq!(free(&chain, &account("Eve")), before + 40 * CIT);
}
