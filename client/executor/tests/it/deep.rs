//! Calls in the name of others, nested as deep as they decode.

use citrate_core::hashing::blake2_256;
use citrate_core::{InvalidTransaction, Weight};
use citrate_executive::EXTRINSIC_DEPTH_MAX;
use citrate_runtime::{ProxyType, Runtime, RuntimeCall, RuntimeEvent, System};
use citrate_support::dispatch::GetDispatchInfo;
use codec::Encode;
use pallet_multisig::{Call as Multisig, Timepoint};
use pallet_proxy::Call as Proxy;

use crate::chain::{Chain, account, address};
use crate::history::{extend, signed};

fn remark() -> RuntimeCall {
    RuntimeCall::System(pallet_system::Call::remark { remark: vec![] })
}

/// How often a call that another one dispatched succeeded.
fn succeeded(chain: &Chain) -> usize {
    let executed = |event: &RuntimeEvent| {
        matches!(
            event,
            RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result: Ok(()) })
                | RuntimeEvent::Multisig(pallet_multisig::Event::MultisigExecuted {
                    result: Ok(()),
                    ..
                })
        )
    };
    chain.read(System::events).iter().filter(|record| executed(&record.event)).count()
}

/// Alice for Bob, Bob for Alice, and so on.
fn for_each_other(depth: u32) -> RuntimeCall {
    (0..depth).rev().fold(remark(), |call, level| {
        let real = address(if level % 2 == 0 { "Bob" } else { "Alice" });
        let proxy = Proxy::proxy { real, force_proxy_type: None, call: Box::new(call) };
        RuntimeCall::Proxy(proxy)
    })
}

/// Alice and Bob are an account, which is one with Bob, and so on; each dispatches what the next one is to dispatch. What Alice
/// sends, and Bob's approvals of all of it, which are executed at `when`.
fn together(depth: u32, when: Timepoint) -> (RuntimeCall, RuntimeCall) {
    let mut accounts = vec![account("Alice")];
    for _ in 0..depth {
        let mut both = [accounts.last().unwrap().clone(), account("Bob")];
        both.sort();
        accounts.push(pallet_multisig::Pallet::<Runtime>::multi_account_id(&both, 2));
    }
    let mut approvals = vec![];
    let mut call = remark();
    for level in (0..usize::try_from(depth).unwrap()).rev() {
        approvals.push(RuntimeCall::Multisig(Multisig::approve_as_multi {
            threshold: 2,
            other_signatories: vec![accounts[level].clone()],
            maybe_timepoint: None,
            call_hash: call.using_encoded(blake2_256),
            max_weight: Weight::zero(),
        }));
        call = RuntimeCall::Multisig(Multisig::as_multi {
            threshold: 2,
            other_signatories: vec![account("Bob")],
            maybe_timepoint: Some(when),
            max_weight: call.get_dispatch_info().call_weight,
            call: Box::new(call),
        });
    }
    let batch = pallet_utility::Call::batch_all { calls: approvals };
    (call, RuntimeCall::Utility(batch))
}

/// As `the_deepest_call_runs_in_the_stack_there_is` says of other calls: who sends one that traps pays nothing.
#[test]
fn the_deepest_call_for_others_runs_in_the_stack_there_is() {
    let run = || {
        let refused = Err(InvalidTransaction::Call.into());
        for depth in [1, EXTRINSIC_DEPTH_MAX, EXTRINSIC_DEPTH_MAX + 1] {
            let expected = if depth > EXTRINSIC_DEPTH_MAX { refused } else { Ok(Ok(())) };
            let all = if expected.is_ok() { usize::try_from(depth).unwrap() } else { 0 };

            let mut chain = Chain::new();
            let trust = |delegate| {
                let delegate = address(delegate);
                Proxy::add_proxy { delegate, proxy_type: ProxyType::Any, delay: 0 }.into()
            };
            let prepared = [
                signed(&chain, "Alice", 0, &trust("Bob")),
                signed(&chain, "Bob", 0, &trust("Alice")),
            ];
            assert_eq!(extend(&mut chain, &prepared), [Ok(Ok(())); 2]);
            let xt = signed(&chain, "Alice", 1, &for_each_other(depth));
            assert_eq!(extend(&mut chain, &[xt]), [expected], "proxies, {depth} deep");
            assert_eq!(succeeded(&chain), all);

            // Behind the inherent of the next block.
            let when = Timepoint { height: chain.head.number + 1, index: 1 };
            let (call, approvals) = together(depth, when);
            let xt = signed(&chain, "Bob", 1, &approvals);
            assert_eq!(extend(&mut chain, &[xt]), [Ok(Ok(()))]);
            let nonce = if expected.is_ok() { 2 } else { 1 };
            let xt = signed(&chain, "Alice", nonce, &call);
            assert_eq!(extend(&mut chain, &[xt]), [expected], "multisig, {depth} deep");
            assert_eq!(succeeded(&chain), all);
        }
    };
    // Natively, unoptimised frames are large.
    let thread = std::thread::Builder::new().stack_size(1 << 28).spawn(run).unwrap();
    thread.join().unwrap();
}
