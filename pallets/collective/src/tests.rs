//! Tests of the pallet on a small runtime.

use crate::{
    Config, EnsureMember, EnsureMembers, EnsureProportionAtLeast, EnsureProportionMoreThan, Error,
    Event, Members, ProposalOf, Proposals, RawOrigin, Voting,
};
use citrate_core::{DispatchError, H256, Weight};
use citrate_support::dispatch::{DispatchResultWithPostInfo, GetDispatchInfo, Pays};
use citrate_support::traits::{BlakeTwo256, ConstU32, EnsureOrigin, Hash};
use citrate_support::weights::RuntimeDbWeight;
use citrate_support::{assert_err_ignore_postinfo, assert_noop, assert_ok, parameter_types};
use citrate_testing::{TestExternalities, assert_weighed};
use codec::Encode;
use pallet_system::EnsureRoot;

/// Succeeds for three of five members.
#[citrate_support::pallet]
mod guarded {
    use crate::{EnsureProportionAtLeast, RawOrigin};
    use citrate_support::pallet_prelude::*;
    use pallet_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config:
        pallet_system::Config<
            AccountId = u64,
            RuntimeOrigin: From<RawOrigin<u64>>
                               + Into<
                Result<RawOrigin<u64>, <Self as pallet_system::Config>::RuntimeOrigin>,
            >,
        >
    {
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub(super) type Done<T: Config> = StorageValue<_, u32, ValueQuery>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::from_parts(1_000, 0).saturating_add(T::DbWeight::get().writes(1)))]
        pub fn act(origin: OriginFor<T>, what: u32) -> DispatchResult {
            EnsureProportionAtLeast::<u64, 3, 5>::ensure_origin(origin)?;
            Done::<T>::put(what);
            Ok(())
        }
    }
}

#[citrate_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin)]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(1)]
    pub type Council = crate;

    #[runtime::pallet_index(2)]
    pub type Guarded = super::guarded;
}

citrate_testing::system_config!(Test {
    AccountId = u64,
    AccountData = (),
    DbWeight = DbWeight,
});

parameter_types! {
    pub const DbWeight: RuntimeDbWeight = citrate_testing::DB_WEIGHT;
    pub const MostWeight: Weight = Weight::from_parts(2_000_000_000_000, 1_000_000);
}

impl guarded::Config for Test {}

impl Config for Test {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type MotionDuration = ConstU32<10>;
    type MaxProposals = ConstU32<2>;
    type MaxMembers = ConstU32<5>;
    type MaxProposalWeight = MostWeight;
    type SetMembersOrigin = EnsureRoot<u64>;
    type DisapproveOrigin = EnsureRoot<u64>;
}

/// Accounts 1 to 5 are the council.
fn ext() -> TestExternalities {
    let config = RuntimeGenesisConfig {
        council: crate::GenesisConfig { members: vec![5, 4, 3, 2, 1] },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn act(what: u32) -> RuntimeCall {
    RuntimeCall::Guarded(guarded::Call::act { what })
}

fn done() -> u32 {
    guarded::Done::<Test>::get()
}

fn hash(call: &RuntimeCall) -> H256 {
    BlakeTwo256::hash_of(call)
}

fn propose(who: u64, threshold: u32, call: RuntimeCall) -> DispatchResultWithPostInfo {
    let length = call.encoded_size() as u32;
    Council::propose(RuntimeOrigin::signed(who), threshold, Box::new(call), length)
}

fn vote(who: u64, call: &RuntimeCall, index: u32, approve: bool) -> DispatchResultWithPostInfo {
    Council::vote(RuntimeOrigin::signed(who), hash(call), index, approve)
}

fn close(call: &RuntimeCall, index: u32) -> DispatchResultWithPostInfo {
    let weight = call.get_dispatch_info().call_weight;
    let length = call.encoded_size() as u32;
    // Account 9 is no member.
    Council::close(RuntimeOrigin::signed(9), hash(call), index, weight, length)
}

fn events() -> Vec<Event<Test>> {
    let events = System::events().into_iter().filter_map(|r| match r.event {
        RuntimeEvent::Council(event) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn three_of_five_decide_and_two_do_not() {
    ext().execute_with(|| {
        let call = act(7);
        let proposal_hash = hash(&call);
        assert_ok!(propose(1, 3, call.clone()));
        assert_ok!(vote(1, &call, 0, true));
        assert_ok!(vote(2, &call, 0, true));
        assert_noop!(close(&call, 0), Error::<Test>::TooEarly);
        assert_eq!(done(), 0);
        assert_ok!(vote(4, &call, 0, true));
        assert_ok!(close(&call, 0));
        assert_eq!(done(), 7);
        assert_eq!(
            events()[4..],
            [
                Event::Closed { proposal_hash, yes: 3, no: 0 },
                Event::Approved { proposal_hash },
                Event::Executed { proposal_hash, result: Ok(()) },
            ]
        );
        assert_eq!(Proposals::<Test>::get().len(), 0);
        assert!(Voting::<Test>::get(proposal_hash).is_none());
        assert!(ProposalOf::<Test>::get(proposal_hash).is_none());
        assert_noop!(close(&call, 0), Error::<Test>::ProposalMissing);
    });
}

#[test]
fn a_low_threshold_gives_no_more_than_the_votes_it_had() {
    ext().execute_with(|| {
        let call = act(7);
        assert_ok!(propose(1, 2, call.clone()));
        assert_ok!(vote(1, &call, 0, true));
        assert_ok!(vote(2, &call, 0, true));
        assert_ok!(close(&call, 0));
        let result = Err(DispatchError::BadOrigin);
        assert_eq!(events().last(), Some(&Event::Executed { proposal_hash: hash(&call), result }));
        // A threshold of one, or none, is one member's own vote, whatever it says.
        for threshold in [0, 1] {
            assert_ok!(propose(1, threshold, call.clone()));
            assert_eq!(
                events().last(),
                Some(&Event::Executed { proposal_hash: hash(&call), result })
            );
        }
        let length = call.encoded_size() as u32;
        assert_ok!(Council::execute(RuntimeOrigin::signed(1), Box::new(call.clone()), length));
        assert_eq!(
            events().last(),
            Some(&Event::MemberExecuted { proposal_hash: hash(&call), result })
        );
        assert_eq!(done(), 0);
    });
}

#[test]
fn strangers_have_no_say() {
    ext().execute_with(|| {
        let call = act(7);
        assert_noop!(propose(9, 3, call.clone()), Error::<Test>::NotMember);
        assert_ok!(propose(1, 3, call.clone()));
        assert_noop!(vote(9, &call, 0, true), Error::<Test>::NotMember);
        let execute = Council::execute(RuntimeOrigin::signed(9), Box::new(call.clone()), 100);
        assert_noop!(execute, Error::<Test>::NotMember);
        let one = RuntimeOrigin::signed(1);
        let set = Council::set_members(one.clone(), vec![1], None, 5);
        assert_noop!(set, DispatchError::BadOrigin);
        assert_noop!(Council::disapprove_proposal(one, hash(&call)), DispatchError::BadOrigin);
    });
}

#[test]
fn a_vote_can_be_changed_but_counts_once() {
    ext().execute_with(|| {
        let call = act(7);
        assert_ok!(propose(1, 3, call.clone()));
        assert_eq!(vote(1, &call, 0, true).unwrap().pays_fee, Pays::No);
        assert_noop!(vote(1, &call, 0, true), Error::<Test>::DuplicateVote);
        assert_noop!(vote(1, &call, 1, true), Error::<Test>::WrongIndex);
        assert_noop!(vote(1, &act(8), 0, true), Error::<Test>::ProposalMissing);
        assert_eq!(vote(1, &call, 0, false).unwrap().pays_fee, Pays::Yes);
        assert_eq!(Voting::<Test>::get(hash(&call)).unwrap().count(), (0, 1));
        // Three against: three votes for it cannot be reached any more.
        assert_ok!(vote(2, &call, 0, false));
        assert_noop!(close(&call, 0), Error::<Test>::TooEarly);
        assert_ok!(vote(3, &call, 0, false));
        assert_eq!(close(&call, 0).unwrap().pays_fee, Pays::No);
        assert_eq!(events().last(), Some(&Event::Disapproved { proposal_hash: hash(&call) }));
        assert_eq!(done(), 0);
    });
}

#[test]
fn when_time_is_over_the_silent_vote_as_the_prime_did() {
    for (prime, approved) in [(Some(1), true), (Some(2), false), (Some(5), false), (None, false)] {
        ext().execute_with(|| {
            let root = RuntimeOrigin::root();
            assert_ok!(Council::set_members(root, vec![1, 2, 3, 4, 5], prime, 5));
            let call = act(7);
            assert_ok!(propose(1, 4, call.clone()));
            assert_ok!(vote(1, &call, 0, true));
            assert_ok!(vote(2, &call, 0, false));
            System::set_block_number(10);
            assert_noop!(close(&call, 0), Error::<Test>::TooEarly);
            System::set_block_number(11);
            assert_ok!(close(&call, 0));
            assert_eq!(done(), if approved { 7 } else { 0 }, "{prime:?}");
            assert_eq!(Proposals::<Test>::get().len(), 0);
        });
    }
}

#[test]
fn the_votes_of_former_members_are_gone() {
    ext().execute_with(|| {
        let call = act(7);
        assert_ok!(propose(1, 3, call.clone()));
        for who in 1..=3 {
            assert_ok!(vote(who, &call, 0, true));
        }
        let root = || RuntimeOrigin::root();
        assert_ok!(Council::set_members(root(), vec![5, 4, 3, 3, 6], None, 5));
        assert_eq!(Members::<Test>::get().to_vec(), [3, 4, 5, 6]);
        assert_eq!(Voting::<Test>::get(hash(&call)).unwrap().count(), (1, 0));
        assert_noop!(close(&call, 0), Error::<Test>::TooEarly);
        assert_noop!(vote(1, &call, 0, true), Error::<Test>::NotMember);
        let error = Error::<Test>::PrimeAccountNotMember;
        assert_noop!(Council::set_members(root(), vec![1], Some(2), 4), error);
        let error = Error::<Test>::TooManyMembers;
        assert_noop!(Council::set_members(root(), (0..6).collect(), None, 4), error);
    });
}

#[test]
fn proposals_have_limits() {
    ext().execute_with(|| {
        let call = act(7);
        let short = Council::propose(RuntimeOrigin::signed(1), 3, Box::new(call.clone()), 5);
        assert_noop!(short, Error::<Test>::WrongProposalLength);
        let heavy = RuntimeCall::System(pallet_system::Call::set_code { code: vec![] });
        assert_noop!(propose(1, 3, heavy), Error::<Test>::WrongProposalWeight);
        assert_ok!(propose(1, 3, call.clone()));
        assert_noop!(propose(2, 4, call.clone()), Error::<Test>::DuplicateProposal);
        assert_ok!(propose(1, 3, act(8)));
        assert_noop!(propose(1, 3, act(9)), Error::<Test>::TooManyProposals);
        for who in 1..=3 {
            assert_ok!(vote(who, &call, 0, true));
        }
        // Whoever closes pays for what is dispatched.
        let close = |weight, length| {
            Council::close(RuntimeOrigin::signed(9), hash(&call), 0, weight, length)
        };
        assert_err_ignore_postinfo!(
            close(Weight::from_parts(1_000_000_000_999, 0), 100),
            Error::<Test>::WrongProposalWeight
        );
        assert_err_ignore_postinfo!(
            close(Weight::from_parts(1_000_000_001_000, 0), 5),
            Error::<Test>::WrongProposalLength
        );
        assert_ok!(Council::disapprove_proposal(RuntimeOrigin::root(), hash(&call)));
        assert_ok!(propose(1, 3, act(9)));
        let again = Council::disapprove_proposal(RuntimeOrigin::root(), hash(&call));
        assert_noop!(again, Error::<Test>::ProposalMissing);
    });
}

#[test]
fn origins_pass_what_they_say() {
    type At = EnsureProportionAtLeast<u64, 3, 5>;
    type More = EnsureProportionMoreThan<u64, 1, 2>;
    let members = |yes, seats| RuntimeOrigin::from(RawOrigin::Members(yes, seats));
    for (yes, seats, at, more) in
        [(3, 5, true, true), (2, 5, false, false), (2, 4, false, false), (6, 10, true, true)]
    {
        assert_eq!(At::try_origin(members(yes, seats)).is_ok(), at, "{yes} of {seats}");
        assert_eq!(More::try_origin(members(yes, seats)).is_ok(), more, "{yes} of {seats}");
    }
    // Nobody of nobody is no majority.
    assert!(At::try_origin(members(0, 0)).is_err());
    for origin in [RuntimeOrigin::root(), RuntimeOrigin::signed(1), RawOrigin::Member(1).into()] {
        assert!(At::try_origin(origin.clone()).is_err());
        assert!(EnsureMembers::<u64, 1>::try_origin(origin).is_err());
    }
    assert_eq!(EnsureMembers::<u64, 2>::try_origin(members(2, 5)).unwrap(), (2, 5));
    assert!(EnsureMembers::<u64, 3>::try_origin(members(2, 5)).is_err());
    let member = RuntimeOrigin::from(RawOrigin::Member(4));
    assert_eq!(EnsureMember::<u64>::try_origin(member).unwrap(), 4);
    assert!(EnsureMember::<u64>::try_origin(RuntimeOrigin::signed(4)).is_err());
}

#[test]
fn what_is_done_is_within_its_weight() {
    let mut ext = ext();
    let signed = |who| RuntimeOrigin::signed(who);
    let mut run = |origin, call| assert_weighed(&mut ext, origin, RuntimeCall::Council(call));
    let (proposal, proposal_hash) = (|| Box::new(act(7)), hash(&act(7)));
    let (threshold, length_bound) = (3, 100);
    for threshold in [3, 1] {
        let proposal = Box::new(act(threshold));
        run(signed(1), crate::Call::propose { threshold, proposal, length_bound });
    }
    run(signed(1), crate::Call::execute { proposal: proposal(), length_bound });
    run(signed(1), crate::Call::propose { threshold, proposal: proposal(), length_bound });
    for (who, index) in [(1, 1), (2, 1), (3, 1)] {
        run(signed(who), crate::Call::vote { proposal: proposal_hash, index, approve: true });
    }
    let new_members = vec![1, 2, 3, 4];
    let prime = Some(1);
    run(RuntimeOrigin::root(), crate::Call::set_members { new_members, prime, old_count: 5 });
    run(
        signed(9),
        crate::Call::close {
            proposal_hash,
            index: 1,
            proposal_weight_bound: act(7).get_dispatch_info().call_weight,
            length_bound,
        },
    );
    let proposal_hash = hash(&act(3));
    run(RuntimeOrigin::root(), crate::Call::disapprove_proposal { proposal_hash });
    ext.execute_with(|| assert_eq!((done(), Proposals::<Test>::get().len()), (7, 0)));
}

#[test]
fn indices_are_fixed() {
    let call = crate::Call::<Test>::vote { proposal: H256::zero(), index: 0, approve: true };
    assert_eq!(call.encode()[0], 3);
    let call = crate::Call::<Test>::close {
        proposal_hash: H256::zero(),
        index: 0,
        proposal_weight_bound: Weight::zero(),
        length_bound: 0,
    };
    assert_eq!(call.encode()[0], 6);
    assert_eq!(RawOrigin::<u64>::Members(1, 2).encode(), [0, 1, 0, 0, 0, 2, 0, 0, 0]);
    let proposal_hash = H256::zero();
    assert_eq!(Event::<Test>::Closed { proposal_hash, yes: 0, no: 0 }.encode()[0], 6);
}
