//! Blocks with transactions of every pallet.

use crate::runtime::*;
use citrate_core::{
    AccountId32, Digest, H256, Header, ModuleError, MultiAddress, MultiSigner, sr25519,
};
use citrate_testing::TestExternalities;
use frame_support::transaction_extension::{SignedPayload, TransactionExtension};
use frame_support::{DispatchError, traits::Currency};

/// Who acts; Alice may also act as root.
#[derive(Clone, Copy)]
enum Who {
    Alice = 1,
    Bob = 2,
}

impl Who {
    fn pair(self) -> sr25519::Pair {
        sr25519::Pair::from_seed(&[self as u8; 32]).expect("32 bytes are a seed")
    }

    fn account(self) -> AccountId32 {
        MultiSigner::from(self.pair().public()).into_account()
    }

    /// A transaction, signed as a wallet does.
    fn signs(self, call: impl Into<RuntimeCall>) -> Extrinsic {
        let call = call.into();
        let checks: Checks = (
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckNonce::from(System::account_nonce(self.account())),
            frame_system::CheckWeight::new(),
        );
        let implicit = TransactionExtension::<RuntimeCall>::implicit(&checks).expect("it is there");
        let payload = SignedPayload::from_raw(call.clone(), checks.clone(), implicit);
        let signature = payload.using_bytes(|bytes| self.pair().sign(bytes)).into();
        Extrinsic::new_signed(call, MultiAddress::Id(self.account()), signature, checks)
    }
}

fn genesis() -> TestExternalities {
    let balances = [Who::Alice, Who::Bob].map(|who| (who.account(), 10_000)).to_vec();
    TestExternalities::from_genesis(&RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        template: crate::template::GenesisConfig { level: Some(7), ..Default::default() },
        sudo: pallet_sudo::GenesisConfig { key: Some(Who::Alice.account()) },
        nodes: pallet_node_authorization::GenesisConfig {
            nodes: vec![(peer(1), Who::Bob.account())],
        },
        ..Default::default()
    })
}

fn peer(byte: u8) -> sp_core::OpaquePeerId {
    sp_core::OpaquePeerId(vec![byte; 8])
}

/// One block with a transaction; what became of its call.
fn block(who: Who, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    let number = System::block_number() + 1;
    Executive::initialize_block(&Header {
        parent_hash: H256::repeat_byte(u8::try_from(number).expect("tests are short")),
        number,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest::default(),
    });
    let result = Executive::apply_extrinsic(who.signs(call)).expect("it may be in the block");
    let header = Executive::finalize_block();
    assert_eq!(header.number, number);
    result
}

/// A call of root's.
fn sudo(call: impl Into<RuntimeCall>) -> pallet_sudo::Call<Runtime> {
    pallet_sudo::Call::sudo { call: Box::new(call.into()) }
}

fn module_error(result: Result<(), DispatchError>) -> Option<&'static str> {
    match result {
        Err(DispatchError::Module(ModuleError { message, .. })) => message,
        _ => None,
    }
}

#[test]
fn the_template() {
    genesis().execute_with(|| {
        use crate::template::{Call, Level};
        assert_eq!(Level::<Runtime>::get(), Some(7), "from genesis");
        block(Who::Bob, Call::raise_level {}).expect("there is a level");
        assert_eq!(Level::<Runtime>::get(), Some(8));
        block(Who::Bob, Call::set_level { level: 100 }).expect("100 is the most");
        let event = crate::template::Event::LevelSet { level: 100, who: Who::Bob.account() };
        System::assert_has_event(event.into());
        let result = block(Who::Bob, Call::set_level { level: 101 });
        assert_eq!(module_error(result), Some("TooHigh"));
        assert_eq!(Level::<Runtime>::get(), Some(100));
        Level::<Runtime>::kill();
        assert_eq!(module_error(block(Who::Bob, Call::raise_level {})), Some("NoLevel"));
    });
}

#[test]
fn a_remark_is_told_with_its_hash() {
    genesis().execute_with(|| {
        use pallet_remark::{Call, Event};
        block(Who::Alice, Call::store { remark: b"hello".to_vec() }).expect("anybody may");
        let content_hash = citrate_core::hashing::blake2_256(b"hello").into();
        System::assert_has_event(
            Event::Stored { sender: Who::Alice.account(), content_hash }.into(),
        );
        let result = block(Who::Alice, Call::store { remark: vec![] });
        assert_eq!(module_error(result), Some("Empty"));
    });
}

#[test]
fn nodes_are_known_and_owned() {
    genesis().execute_with(|| {
        use pallet_node_authorization::{Call, Owners, WellKnownNodes};
        assert!(WellKnownNodes::<Runtime>::get().contains(&peer(1)), "from genesis");
        let add = Call::add_well_known_node {
            node: peer(2),
            owner: MultiAddress::Id(Who::Alice.account()),
        };
        assert_eq!(block(Who::Bob, add.clone()), Err(DispatchError::BadOrigin));
        block(Who::Alice, sudo(add)).expect("Alice has the key");
        assert_eq!(Owners::<Runtime>::get(peer(2)), Some(Who::Alice.account()));
        assert_eq!(WellKnownNodes::<Runtime>::get().len(), 2);
        let result = block(Who::Alice, Call::claim_node { node: peer(1) });
        assert_eq!(module_error(result), Some("AlreadyClaimed"));
    });
}

#[test]
fn a_swap_moves_reserved_money_to_whoever_knows_the_secret() {
    genesis().execute_with(|| {
        use pallet_atomic_swap::{BalanceSwapAction, Call};
        let hashed_proof = citrate_core::hashing::blake2_256(b"secret");
        let action = || BalanceSwapAction::new(500);
        let target = Who::Bob.account();
        let create = Call::create_swap { target, hashed_proof, action: action(), duration: 10 };
        block(Who::Alice, create).expect("Alice has 10,000");
        assert_eq!(Balances::reserved_balance(&Who::Alice.account()), 500);
        let claim = |proof: &[u8]| Call::claim_swap { proof: proof.to_vec(), action: action() };
        assert_eq!(module_error(block(Who::Bob, claim(b"guess"))), Some("InvalidProof"));
        block(Who::Bob, claim(b"secret")).expect("it is the proof");
        assert_eq!(Balances::free_balance(&Who::Bob.account()), 10_500);
        assert_eq!(Balances::reserved_balance(&Who::Alice.account()), 0);
    });
}

#[test]
fn the_lottery_pays_a_winner_in_a_hook() {
    genesis().execute_with(|| {
        use pallet_lottery::{Call, Event};
        let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![1] });
        block(Who::Alice, sudo(Call::set_calls { calls: vec![remark.clone()] })).expect("root");
        let start = Call::start_lottery { price: 100, length: 3, delay: 1, repeat: false };
        block(Who::Alice, sudo(start)).expect("none runs");
        let buy = Call::buy_ticket { call: Box::new(remark) };
        block(Who::Bob, buy).expect("the call is good by itself");
        let bought = Event::TicketBought { who: Who::Bob.account(), call_index: (0, 0) };
        System::assert_has_event(bought.into());
        let pot = Lottery::account_id();
        assert_eq!(<Balances as Currency<_>>::free_balance(&pot), 110, "the ticket, and to exist");
        let winner = Who::Bob.account();
        let won = RuntimeEvent::from(Event::Winner { winner, lottery_balance: 100 });
        let is_over = || System::events().iter().any(|record| record.event == won);
        while !is_over() {
            assert!(System::block_number() < 10, "it ends 4 blocks after its start");
            let nothing = frame_system::Call::remark { remark: vec![] };
            block(Who::Alice, nothing).expect("anybody may");
        }
        assert_eq!(Balances::free_balance(&Who::Bob.account()), 10_000, "the only ticket won");
    });
}

#[test]
fn a_proxy_does_what_its_kind_may() {
    genesis().execute_with(|| {
        use pallet_proxy::Call;
        let bob = MultiAddress::Id(Who::Bob.account());
        let add = Call::add_proxy { delegate: bob, proxy_type: ProxyType::Levels, delay: 0 };
        block(Who::Alice, add).expect("Alice can pay the deposit");
        assert_eq!(Balances::reserved_balance(&Who::Alice.account()), 11);
        let for_alice = |call: RuntimeCall| Call::proxy {
            real: MultiAddress::Id(Who::Alice.account()),
            force_proxy_type: None,
            call: Box::new(call),
        };
        let level = crate::template::Call::set_level { level: 3 };
        block(Who::Bob, for_alice(level.into())).expect("Bob is Alice's proxy");
        let event = crate::template::Event::LevelSet { level: 3, who: Who::Alice.account() };
        System::assert_has_event(event.into());
        let dest = MultiAddress::Id(Who::Bob.account());
        let theft = pallet_balances::Call::transfer_allow_death { dest, value: 5_000 };
        block(Who::Bob, for_alice(theft.into())).expect("the outer call is good");
        assert_eq!(Balances::free_balance(&Who::Bob.account()), 10_000, "the inner was refused");
    });
}

#[test]
fn a_batch_is_all_or_nothing() {
    genesis().execute_with(|| {
        use crate::template::{Call, Level};
        let level = |level: u32| RuntimeCall::from(Call::set_level { level });
        let batch = pallet_utility::Call::batch_all { calls: vec![level(1), level(101)] };
        assert_eq!(module_error(block(Who::Bob, batch)), Some("TooHigh"));
        assert_eq!(Level::<Runtime>::get(), Some(7));
        let batch = pallet_utility::Call::batch { calls: vec![level(1), level(101), level(2)] };
        block(Who::Bob, batch).expect("a batch stops at the first error");
        assert_eq!(Level::<Runtime>::get(), Some(1));
    });
}

#[test]
fn root_alone_fills_a_block() {
    genesis().execute_with(|| {
        let fill = pallet_root_testing::Call::fill_block {
            _ratio: citrate_core::Perbill::from_percent(5),
        };
        assert_eq!(block(Who::Bob, fill.clone()), Err(DispatchError::BadOrigin));
        let light = System::block_weight().total();
        block(Who::Alice, sudo(fill)).expect("Alice has the key");
        let twentieth = frame_system::limits::BlockWeights::default().max_block.ref_time() / 20;
        assert!(twentieth > 0 && System::block_weight().total().ref_time() > twentieth);
        assert!(light.ref_time() > twentieth, "announced before the origin is looked at");
    });
}

#[test]
fn benchmarks_of_a_published_pallet_run() {
    use frame_benchmarking::{Benchmarking, test_all};
    let names: Vec<String> = Remark::benchmarks().into_iter().map(|info| info.name).collect();
    assert_eq!(names, ["store"]);
    let genesis = RuntimeGenesisConfig::default();
    let problems = test_all::<Remark>(|run| citrate_testing::new_test_ext(&genesis).execute_with(run));
    assert!(problems.is_empty(), "{problems:?}");
}
