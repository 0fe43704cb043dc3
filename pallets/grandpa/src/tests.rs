//! Tests of the pallet on a small runtime.

use crate::{
    Authorities, Call, Config, CurrentSetId, Equivocators, Error, Event, OnEquivocation,
    PastAuthorities, PendingChange,
};
use citrate_core::{
    AccountId32, Digest, DispatchError, H256, Header, InvalidTransaction, TransactionSource,
    ed25519,
};
use citrate_grandpa_types::{
    AuthorityId, AuthorityList, Equivocation, EquivocationProof, Message, OpaqueKeyOwnershipProof,
    Prevote, RoundNumber, ScheduledChange, SetId, finality_grandpa, localized_payload,
    scheduled_change,
};
use citrate_support::dispatch::{DispatchResult, Pays};
use citrate_support::traits::{ConstU32, ConstU64, Hooks, ValidateUnsigned};
use citrate_support::{assert_noop, assert_ok};
use citrate_testing::TestExternalities;
use pallet_system::RawOrigin;

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system = 0,
        Grandpa: crate = 6,
    }
);

#[citrate_support::derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {
    type AccountId = AccountId32;
    type Lookup = citrate_support::traits::IdentityLookup<AccountId32>;
}

/// Fails for Charlie, whose stake is gone.
#[derive(Debug)]
pub struct Punish;

impl OnEquivocation for Punish {
    fn on_equivocation(offender: &AuthorityId, _: SetId, _: RoundNumber) -> DispatchResult {
        if *offender == pair("//Charlie").public() {
            return Err(DispatchError::Other("no stake"));
        }
        Ok(())
    }
}

impl Config for Test {
    type MaxAuthorities = ConstU32<3>;
    type SetsKept = ConstU64<2>;
    type ReportLongevity = ConstU64<100>;
    type OnEquivocation = Punish;
}

fn pair(name: &str) -> ed25519::Pair {
    ed25519::Pair::from_suri(name, None).expect("a development key")
}

fn voters(names: &[&str]) -> AuthorityList {
    names.iter().map(|name| (pair(name).public(), 1)).collect()
}

fn ext_of(authorities: AuthorityList) -> TestExternalities {
    let config = RuntimeGenesisConfig {
        grandpa: crate::GenesisConfig { authorities, ..Default::default() },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn ext() -> TestExternalities {
    ext_of(voters(&["//Alice", "//Bob", "//Charlie"]))
}

/// Runs a block and returns the change that its digest announces.
fn block(number: u32, act: impl FnOnce()) -> Option<ScheduledChange> {
    System::initialize(&number, &H256::zero(), &Digest::default());
    Grandpa::on_initialize(number);
    act();
    Grandpa::on_finalize(number);
    let header = Header {
        parent_hash: H256::zero(),
        number,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: System::digest(),
    };
    scheduled_change(&header)
}

fn state() -> (SetId, AuthorityList) {
    (Grandpa::current_set_id(), Grandpa::grandpa_authorities())
}

#[test]
fn genesis_sets_the_first_voters() {
    ext().execute_with(|| {
        assert_eq!(state(), (0, voters(&["//Alice", "//Bob", "//Charlie"])));
        assert_eq!(block(1, || ()), None);
        assert_eq!(CurrentSetId::<Test>::get(), 0);
    });
    ext_of(vec![]).execute_with(|| assert_eq!(state(), (0, vec![])));
}

#[test]
#[should_panic(expected = "within the limit")]
fn genesis_refuses_one_voter_too_many() {
    ext_of(voters(&["//Alice", "//Bob", "//Charlie", "//Dave"]));
}

#[test]
fn a_change_without_delay_is_announced_and_enacted_in_its_block() {
    ext().execute_with(|| {
        let next = voters(&["//Dave"]);
        let change = block(1, || {
            assert_ok!(Grandpa::schedule_change(next.clone(), 0));
            assert_eq!(CurrentSetId::<Test>::get(), 0, "not before the block's end");
        });
        assert_eq!(change, Some(ScheduledChange { next_authorities: next.clone(), delay: 0 }));
        assert_eq!(state(), (1, next.clone()));
        assert!(!PendingChange::<Test>::exists());
        System::assert_last_event(Event::NewAuthorities { authority_set: next }.into());
        assert_eq!(block(2, || ()), None);
        assert_eq!(CurrentSetId::<Test>::get(), 1);
    });
}

#[test]
fn a_change_with_a_delay_is_announced_at_once_and_enacted_later() {
    ext().execute_with(|| {
        let before = state();
        let next = voters(&["//Bob", "//Dave"]);
        let change = block(5, || assert_ok!(Grandpa::schedule_change(next.clone(), 2)));
        assert_eq!(change, Some(ScheduledChange { next_authorities: next.clone(), delay: 2 }));
        assert_eq!(state(), before);
        let again = || {
            assert_noop!(
                Grandpa::schedule_change(voters(&["//Eve"]), 0),
                Error::<Test>::ChangePending
            );
        };
        assert_eq!(block(6, again), None);
        assert_eq!(state(), before);
        assert_eq!(block(7, || ()), None);
        assert_eq!(state(), (1, next));
        assert_ok!(Grandpa::schedule_change(voters(&["//Eve"]), 0));
    });
}

#[test]
fn what_is_no_set_of_voters_is_refused() {
    ext().execute_with(|| {
        let alice = pair("//Alice").public();
        let bob = pair("//Bob").public();
        let four = voters(&["//Alice", "//Bob", "//Charlie", "//Dave"]);
        for (next, error) in [
            (vec![], Error::<Test>::NoAuthorities),
            (vec![(alice, 1), (bob, 0)], Error::ZeroWeight),
            (vec![(alice, 1), (alice, 2)], Error::DuplicateAuthority),
            (vec![(alice, u64::MAX), (bob, 1)], Error::WeightOverflow),
            (four, Error::TooManyAuthorities),
        ] {
            assert_noop!(Grandpa::schedule_change(next, 0), error);
        }
        assert_ok!(Grandpa::schedule_change(vec![(alice, u64::MAX - 1), (bob, 1)], 0));
    });
}

#[test]
fn the_voters_of_a_few_past_sets_are_kept() {
    ext().execute_with(|| {
        for (number, name) in [(1, "//Dave"), (2, "//Eve"), (3, "//Ferdie")] {
            block(number, || assert_ok!(Grandpa::schedule_change(voters(&[name]), 0)));
        }
        assert_eq!(Grandpa::authorities_of(3), Some(voters(&["//Ferdie"])));
        assert_eq!(Grandpa::authorities_of(2), Some(voters(&["//Eve"])));
        assert_eq!(Grandpa::authorities_of(1), Some(voters(&["//Dave"])));
        assert_eq!(Grandpa::authorities_of(0), None, "one more than are kept");
        assert_eq!(Grandpa::authorities_of(4), None);
        assert_eq!(PastAuthorities::<Test>::iter().count(), 2);
    });
}

fn proof(name: &str, set_id: SetId, hashes: [u8; 2]) -> EquivocationProof {
    let voter = pair(name);
    let [first, second] = hashes.map(|hash| {
        let vote = Prevote { target_hash: H256::repeat_byte(hash), target_number: 4 };
        let payload = localized_payload(7, set_id, &Message::Prevote(vote.clone()));
        (vote, voter.sign(&payload))
    });
    let votes =
        finality_grandpa::Equivocation { round_number: 7, identity: voter.public(), first, second };
    EquivocationProof { set_id, equivocation: Equivocation::Prevote(votes) }
}

fn unsigned(proof: EquivocationProof) -> Call<Test> {
    Call::report_equivocation_unsigned {
        equivocation_proof: Box::new(proof),
        key_owner_proof: OpaqueKeyOwnershipProof::default(),
    }
}

fn report(proof: EquivocationProof) -> DispatchResult {
    Grandpa::report_equivocation_unsigned(
        RawOrigin::None.into(),
        Box::new(proof),
        OpaqueKeyOwnershipProof::default(),
    )
}

#[test]
fn a_report_that_holds_is_recorded_once_for_each_set() {
    ext().execute_with(|| {
        block(1, || ());
        let alice = pair("//Alice").public();
        assert_ok!(report(proof("//Alice", 0, [1, 2])));
        assert_eq!(Equivocators::<Test>::get(0, alice), Some(7));
        System::assert_last_event(
            Event::EquivocationReported { offender: alice, set_id: 0, round: 7 }.into(),
        );
        assert_noop!(report(proof("//Alice", 0, [1, 3])), Error::<Test>::DuplicateOffenceReport);
        // The next set votes; a vote in the past one is punished all the same.
        block(2, || assert_ok!(Grandpa::schedule_change(voters(&["//Alice"]), 0)));
        assert_ok!(report(proof("//Bob", 0, [1, 2])));
        assert_ok!(report(proof("//Alice", 1, [1, 2])));
    });
}

#[test]
fn a_report_that_does_not_hold_is_refused() {
    ext().execute_with(|| {
        let stranger = Error::<Test>::InvalidKeyOwnershipProof;
        assert_noop!(report(proof("//Dave", 0, [1, 2])), stranger);
        assert_noop!(report(proof("//Alice", 1, [1, 2])), Error::<Test>::InvalidKeyOwnershipProof);
        let bad = Error::<Test>::InvalidEquivocationProof;
        assert_noop!(report(proof("//Alice", 0, [1, 1])), bad);
        let mut forged = proof("//Alice", 0, [1, 2]);
        if let Equivocation::Prevote(votes) = &mut forged.equivocation {
            votes.round_number = 8;
        }
        assert_noop!(report(forged), Error::<Test>::InvalidEquivocationProof);
        assert_noop!(report(proof("//Charlie", 0, [1, 2])), DispatchError::Other("no stake"));
        let ownership = OpaqueKeyOwnershipProof(vec![1]);
        let good = Box::new(proof("//Alice", 0, [1, 2]));
        assert_noop!(
            Grandpa::report_equivocation_unsigned(RawOrigin::None.into(), good, ownership),
            Error::<Test>::InvalidKeyOwnershipProof
        );
        assert_eq!(Equivocators::<Test>::iter().count(), 0);
    });
}

#[test]
fn an_account_may_report_too_and_does_not_pay_for_it() {
    ext().execute_with(|| {
        let origin = || RawOrigin::Signed(AccountId32::from([1; 32])).into();
        let ownership = OpaqueKeyOwnershipProof::default;
        let boxed = Box::new(proof("//Alice", 0, [1, 2]));
        let info = Grandpa::report_equivocation(origin(), boxed.clone(), ownership());
        assert_eq!(info.expect("it holds").pays_fee, Pays::No);
        let again = Grandpa::report_equivocation(origin(), boxed.clone(), ownership());
        assert_eq!(again.expect_err("twice").error, Error::<Test>::DuplicateOffenceReport.into());
        for origin in [RawOrigin::None.into(), RawOrigin::Root.into()] {
            let refused = Grandpa::report_equivocation(origin, boxed.clone(), ownership());
            assert_eq!(refused.expect_err("not signed").error, DispatchError::BadOrigin);
        }
        let refused = Grandpa::report_equivocation_unsigned(origin(), boxed, ownership());
        assert_eq!(refused, Err(DispatchError::BadOrigin));
    });
}

#[test]
fn the_pool_takes_unsigned_reports_of_this_node_and_of_blocks() {
    ext().execute_with(|| {
        let validate = <Grandpa as ValidateUnsigned>::validate_unsigned;
        let good = unsigned(proof("//Alice", 0, [1, 2]));
        for source in [TransactionSource::Local, TransactionSource::InBlock] {
            let valid = validate(source, &good).expect("it holds");
            assert_eq!((valid.provides.len(), valid.longevity, valid.propagate), (1, 100, false));
        }
        let of = |source, call: &Call<Test>| validate(source, call).expect_err("refused");
        let external = TransactionSource::External;
        assert_eq!(of(external, &good), InvalidTransaction::Call.into());
        let local = TransactionSource::Local;
        let bad = unsigned(proof("//Alice", 0, [1, 1]));
        assert_eq!(of(local, &bad), InvalidTransaction::BadProof.into());
        let signed = Call::report_equivocation {
            equivocation_proof: Box::new(proof("//Alice", 0, [1, 2])),
            key_owner_proof: OpaqueKeyOwnershipProof::default(),
        };
        assert_eq!(of(local, &signed), InvalidTransaction::Call.into());
        assert_ok!(report(proof("//Alice", 0, [1, 2])));
        assert_eq!(of(local, &good), InvalidTransaction::Stale.into());
        assert_eq!(Authorities::<Test>::get().len(), 3);
    });
}
