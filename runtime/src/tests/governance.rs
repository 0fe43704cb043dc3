//! The council, the treasury and the scheduler with the runtime's own constants.

use super::market::{MODEL, PRICE, job, market, submit};
use super::mock::{Chain, account, pair};
use crate::constants::{CIT, DAYS};
use crate::{
    Address, Balance, Balances, Council, InferenceJobs, Nonce, Runtime, RuntimeCall, RuntimeEvent,
    System, Treasury,
};
use citrate_core::{DispatchError, H256, Weight};
use citrate_inference_types::{
    Counters, Device, EngineInfo, JobStatus, RECEIPT_VERSION, Receipt, Text, content_hash,
};
use citrate_support::dispatch::GetDispatchInfo;
use citrate_support::traits::{BlakeTwo256, Hash};
use codec::Encode;
use pallet_inference_jobs::Blob;
use std::collections::BTreeMap;

/// A chain, and how many transactions everybody sent.
struct People {
    chain: Chain,
    nonces: BTreeMap<&'static str, Nonce>,
}

impl People {
    /// One transaction in a block of its own; says what came of it.
    fn send(
        &mut self,
        who: &'static str,
        call: impl Into<RuntimeCall>,
    ) -> Result<(), DispatchError> {
        let nonce = self.nonces.entry(who).or_default();
        let extrinsic = self.chain.signed(who, *nonce, call.into());
        *nonce += 1;
        self.chain.build(&[extrinsic]).outcomes[0].expect("the transaction applies")
    }

    fn free(&self, who: &str) -> Balance {
        self.chain.peek(|| Balances::free_balance(&account(who)))
    }

    fn pot(&self) -> Balance {
        self.chain.peek(Treasury::pot)
    }

    /// Proposes a call to the council, has these vote for it, and closes it; says what the call returned.
    fn decide(&mut self, call: &RuntimeCall, voters: &[&'static str]) -> Result<(), DispatchError> {
        let (proposal, length_bound) = (Box::new(call.clone()), call.encoded_size() as u32);
        let threshold = voters.len() as u32;
        let index = self.chain.peek(pallet_collective::ProposalCount::<Runtime>::get);
        let propose = pallet_collective::Call::propose { threshold, proposal, length_bound };
        self.send(voters[0], propose).expect("a member proposes");
        let proposal = BlakeTwo256::hash_of(call);
        for who in voters {
            let vote = pallet_collective::Call::vote { proposal, index, approve: true };
            self.send(who, vote).expect("a member votes");
        }
        let close = pallet_collective::Call::close {
            proposal_hash: proposal,
            index,
            proposal_weight_bound: call.get_dispatch_info().call_weight,
            length_bound,
        };
        self.send("Ferdie", close).expect("it is decided");
        let executed = |event: &RuntimeEvent| match event {
            RuntimeEvent::Council(pallet_collective::Event::Executed { result, .. }) => {
                Some(*result)
            }
            _ => None,
        };
        self.events().iter().find_map(executed).expect("it was dispatched")
    }

    fn events(&self) -> Vec<RuntimeEvent> {
        self.chain.peek(|| System::events().into_iter().map(|record| record.event).collect())
    }
}

/// Dave has answered Charlie's job.
fn settled() -> People {
    let mut chain = market(&["Dave"]);
    let id = submit(&mut chain, 1_000);
    for _ in 0..10 {
        if matches!(job(&chain, &id).status, JobStatus::Assigned { .. }) {
            break;
        }
        chain.build(&[]);
    }
    let output = b"markdown".to_vec();
    let receipt = Receipt {
        version: RECEIPT_VERSION,
        genesis: chain.peek(InferenceJobs::genesis),
        job: id,
        attempt: job(&chain, &id).attempt,
        model: MODEL,
        input: content_hash(b"# Title"),
        output: content_hash(&output),
        digest: None,
        engine: EngineInfo {
            name: Text::truncated("onnxruntime"),
            version: Text::default(),
            device: Device::Cpu,
            settings: H256::zero(),
        },
        counters: Counters::default(),
        provider: account("Dave"),
    };
    let signature = pair("Dave").sign(&receipt.signing_payload());
    let output = Blob::Inline(output.try_into().expect("short"));
    let nonces = BTreeMap::from([("Bob", 1), ("Charlie", 1), ("Dave", 2)]);
    let mut people = People { chain, nonces };
    let call = pallet_inference_jobs::Call::submit_receipt { job: id, receipt, output, signature };
    people.send("Dave", call).expect("the job is Dave's");
    assert!(matches!(job(&people.chain, &id).status, JobStatus::Settled { .. }));
    people
}

fn spend(amount: Balance) -> RuntimeCall {
    RuntimeCall::Treasury(pallet_treasury::Call::spend {
        asset_kind: (),
        amount,
        beneficiary: Box::new(Address::Id(account("Ferdie"))),
        valid_from: None,
    })
}

#[test]
fn what_the_treasury_has_of_a_job_the_council_spends_and_nobody_else() {
    let mut people = settled();
    let income = PRICE / 20;
    assert_eq!(people.pot(), income, "five per cent");
    // Neither a member, nor root's friend, nor whoever wants it.
    for who in ["Alice", "Ferdie"] {
        assert_eq!(people.send(who, spend(income)), Err(DispatchError::BadOrigin));
    }
    assert_eq!(people.decide(&spend(income), &["Alice", "Bob"]), Err(DispatchError::BadOrigin));
    let take = pallet_balances::Call::force_transfer {
        source: Address::Id(crate::market::Treasury::get()),
        dest: Address::Id(account("Ferdie")),
        value: income,
    };
    let members = ["Alice", "Bob", "Charlie"];
    assert_eq!(people.decide(&take.into(), &members), Err(DispatchError::BadOrigin));
    assert_eq!(people.pot(), income);

    assert_eq!(people.decide(&spend(income), &members), Ok(()));
    let payout = pallet_treasury::Call::payout { index: 0 };
    let before = people.free("Ferdie");
    people.send("Bob", payout.clone()).expect("anybody has it paid out");
    assert_eq!(people.free("Ferdie"), before + income);
    assert_eq!(people.pot(), 0);
    let twice = pallet_treasury::Error::<Runtime>::AlreadyAttempted.into();
    assert_eq!(people.send("Bob", payout), Err(twice));
}

#[test]
fn the_council_appoints_its_members_by_three_quarters() {
    let mut people = People { chain: Chain::development(), nonces: BTreeMap::new() };
    let members = |people: &People| people.chain.peek(|| Council::is_member(&account("Ferdie")));
    let set = RuntimeCall::Council(pallet_collective::Call::set_members {
        new_members: vec![account("Ferdie"), account("Alice")],
        prime: None,
        old_count: 5,
    });
    let three = people.decide(&set, &["Alice", "Bob", "Charlie"]);
    assert_eq!(three, Err(DispatchError::BadOrigin));
    assert!(!members(&people));
    assert_eq!(people.decide(&set, &["Alice", "Bob", "Charlie", "Dave"]), Ok(()));
    assert!(members(&people));
}

#[test]
fn what_the_council_schedules_is_dispatched_in_its_name() {
    let mut people = People { chain: Chain::development(), nonces: BTreeMap::new() };
    let give = pallet_balances::Call::transfer_keep_alive {
        dest: Address::Id(crate::market::Treasury::get()),
        value: CIT,
    };
    people.send("Eve", give).expect("she has it");
    let schedule = |call: RuntimeCall| {
        let call = Box::new(call);
        let when = pallet_scheduler::Call::schedule_after {
            after: 2,
            maybe_periodic: None,
            priority: 0,
            call,
        };
        RuntimeCall::Scheduler(when)
    };
    assert_eq!(people.send("Alice", schedule(spend(CIT))), Err(DispatchError::BadOrigin));
    assert_eq!(people.decide(&schedule(spend(CIT)), &["Alice", "Bob", "Eve"]), Ok(()));
    for _ in 0..3 {
        people.chain.build(&[]);
    }
    let dispatched = |event: &RuntimeEvent| {
        let RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result, .. }) = event
        else {
            return false;
        };
        result.is_ok()
    };
    assert!(people.events().iter().any(dispatched), "{:?}", people.events());
    people.send("Bob", pallet_treasury::Call::payout { index: 0 }).expect("it was approved");
}

#[test]
fn an_upgrade_fits_into_the_schedulers_share() {
    let upgrade = RuntimeCall::System(pallet_system::Call::set_code { code: vec![] });
    let share: Weight = <Runtime as pallet_scheduler::Config>::MaximumWeight::get();
    let needed = upgrade.get_dispatch_info().call_weight;
    // A tenth of it for the task itself: some accesses, and two microseconds for each of 4 million bytes.
    let with_bytes = needed.saturating_add(Weight::from_parts(2_000 * 4 * 1024 * 1024, 0));
    assert!(with_bytes.all_lte(share), "{with_bytes:?} of {share:?}");
    let most: Weight = <Runtime as pallet_collective::Config>::MaxProposalWeight::get();
    assert!(needed.all_lte(most), "and can be proposed");
}

#[test]
fn holders_decide_what_the_council_may_not_and_the_council_can_stop_them() {
    let mut people = People { chain: Chain::development(), nonces: BTreeMap::new() };
    let set = RuntimeCall::Council(pallet_collective::Call::set_members {
        new_members: vec![account("Ferdie")],
        prime: None,
        old_count: 5,
    });
    let submit = || pallet_referenda::Call::submit { proposal: Box::new(set.clone()) };
    let vote = |index, balance| pallet_referenda::Call::vote {
        index,
        aye: true,
        conviction: pallet_referenda::Conviction::Locked1x,
        balance,
    };
    let close = |index| pallet_referenda::Call::close {
        index,
        proposal_weight_bound: set.get_dispatch_info().call_weight,
        length_bound: set.encoded_size() as u32,
    };
    // Who has no seat may propose, and money alone votes.
    for index in [0, 1] {
        people.send("Ferdie", submit()).expect("anybody proposes");
        for who in ["Ferdie", "Eve"] {
            let money = people.free(who) * 9 / 10;
            people.send(who, vote(index, money)).expect("it is open");
        }
    }
    let cancel = RuntimeCall::Referenda(pallet_referenda::Call::cancel { index: 0 });
    assert_eq!(people.send("Alice", cancel.clone()), Err(DispatchError::BadOrigin));
    assert_eq!(people.decide(&cancel, &["Alice", "Bob", "Charlie"]), Ok(()));
    let early = Err(pallet_referenda::Error::<Runtime>::TooEarly.into());
    for (days, expected) in [(0, early), (7, early), (2, Ok(()))] {
        people.chain.head.number += days * DAYS;
        assert_eq!(people.send("Ferdie", close(1)), expected, "{days} days later");
    }
    assert!(people.chain.peek(|| Council::is_member(&account("Ferdie"))));
    let closed = Err(pallet_referenda::Error::<Runtime>::NotOngoing.into());
    assert_eq!(people.send("Ferdie", close(0)), closed, "it was cancelled");
}
