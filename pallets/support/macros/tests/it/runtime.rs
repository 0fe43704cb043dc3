//! A runtime of the system pallet and the demo, and what it answers.

use crate::{demo, mini_system};
use codec::{Decode, Encode};
use framework::{
    dispatch::{DispatchClass, DispatchError, GetCallMetadata, GetDispatchInfo, Pays},
    traits::{
        BuildGenesisConfig, ConstU32, Dispatchable, Everything, GetStorageVersion, OnInitialize,
        OriginTrait, PalletInfoAccess, StorageVersion,
    },
    weights::Weight,
};

#[framework::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeHoldReason)]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = mini_system;

    #[runtime::pallet_index(7)]
    pub type Demo = demo;
}

impl mini_system::Config for Runtime {
    type AccountId = u64;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletInfo = PalletInfo;
    type BaseCallFilter = Everything;
    type BlockHashCount = ConstU32<4096>;
}

pub struct NotShown;
impl framework::traits::Get<u8> for NotShown {
    fn get() -> u8 {
        1
    }
}

impl demo::Config for Runtime {
    type Limit = ConstU32<10>;
    type Unit = u16;
    type NotShown = NotShown;
}

const ALICE: u64 = 1;

fn ext() -> citrate_testing::TestExternalities {
    citrate_testing::new_test_ext(&RuntimeGenesisConfig {
        demo: DemoConfig { first_owners: vec![(5, ALICE)], ..Default::default() },
        ..Default::default()
    })
}

fn set(number: u32) -> RuntimeCall {
    RuntimeCall::Demo(demo::Call::set { number })
}

#[test]
fn calls_have_frames_encoding() {
    let bytes = set(300).encode();
    assert_eq!(bytes, [7, 4, 0xb1, 0x04], "pallet, call, compact argument");
    assert_eq!(RuntimeCall::decode(&mut &bytes[..]), Ok(set(300)));
    for unknown in [&[7, 3][..], &[1, 0], &[7], &[]] {
        assert!(RuntimeCall::decode(&mut &*unknown).is_err(), "{unknown:?}");
    }
    let system = RuntimeCall::System(mini_system::Call::remark { remark: vec![9] });
    assert_eq!(system.encode(), [0, 0, 4, 9]);
}

#[test]
#[expect(deprecated, reason = "deprecated calls dispatch as others do")]
fn weights_see_the_arguments() {
    let info = set(300).get_dispatch_info();
    assert_eq!(info.call_weight, Weight::from_parts(300, 0));
    assert_eq!((info.class, info.pays_fee), (DispatchClass::Normal, Pays::Yes));
    let say = RuntimeCall::from(demo::Call::say { text: vec![], unit: 1 });
    let info = say.get_dispatch_info();
    assert_eq!((info.class, info.pays_fee), (DispatchClass::Mandatory, Pays::No));
    use framework::parts::CheckIfFeeless;
    assert!(say.is_feeless(&RuntimeOrigin::none()));
    assert!(!set(1).is_feeless(&RuntimeOrigin::none()));
}

#[test]
fn a_failed_call_leaves_nothing_behind() {
    ext().execute_with(|| {
        set(3).dispatch(RuntimeOrigin::signed(ALICE)).expect("3 is below the limit");
        let error = set(11).dispatch(RuntimeOrigin::signed(ALICE)).expect_err("above the limit");
        let DispatchError::Module(module) = error.error else { panic!("{error:?}") };
        assert_eq!((module.index, module.error), (7, [0, 0, 0, 0]));
        assert_eq!(module.message, Some("TooMuch"));
        assert!(matches!(
            RuntimeError::from_dispatch_error(error.error),
            Some(RuntimeError::Demo(demo::Error::TooMuch))
        ));
        assert_eq!(demo::Number::<Runtime>::get(), 3);
        let expected = vec![RuntimeEvent::Demo(demo::Event::Set { who: ALICE, number: 3 })];
        assert_eq!(mini_system::Events::<Runtime>::get(), expected);
        assert_eq!(expected.encode(), [4, 7, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0]);
        let error = set(1).dispatch(RuntimeOrigin::none()).expect_err("nobody signed");
        assert_eq!(error.error, DispatchError::BadOrigin);
    });
}

#[test]
fn errors_with_fields_fit_into_four_bytes() {
    ext().execute_with(|| {
        let DispatchError::Module(module) = demo::Error::<Runtime>::Inner(0x0201).into() else {
            panic!("a pallet's error is a module error")
        };
        assert_eq!(module.error, [1, 1, 2, 0]);
    });
}

#[test]
fn storage_has_frames_keys() {
    use citrate_core::hashing::twox_128;
    let key = |item: &str| [twox_128(b"Demo"), twox_128(item.as_bytes())].concat();
    ext().execute_with(|| {
        assert_eq!(demo::Number::<Runtime>::hashed_key().to_vec(), key("Number"));
        assert_eq!(demo::Pallet::<Runtime>::number(), 9, "the type value is the default");
        assert_eq!(demo::Pallet::<Runtime>::owner(5), Some(ALICE), "from genesis");
        demo::Counted::<Runtime>::insert(1, 2);
        assert!(demo::Counted::<Runtime>::hashed_key_for(1).starts_with(&key("Renamed")));
        assert_eq!(demo::Counted::<Runtime>::count(), 1);
        let counter = citrate_host::storage::get(&key("CounterForRenamed"));
        assert_eq!(counter, Some(1_u32.encode()));
        demo::Triples::<Runtime>::insert((1, 2, 3), 4);
        assert_eq!(demo::Triples::<Runtime>::get((1, 2, 3)), Some(4));
        demo::Tickets::<Runtime>::insert((1, 2), 3);
        assert_eq!(demo::Pallet::<Runtime>::ticket((1, 2)), 3);
        let counter = citrate_host::storage::get(&key("CounterForTickets"));
        assert_eq!(counter, Some(1_u32.encode()));
        demo::Pairs::<Runtime>::insert(1, 2, 3);
        assert_eq!(demo::Pairs::<Runtime>::get(1, 2), 3);
        assert_eq!(demo::Pairs::<Runtime>::get(2, 2), 0);
    });
}

#[test]
fn genesis_is_json_and_sets_the_storage_version() {
    let config: RuntimeGenesisConfig =
        serde_json::from_str(r#"{"demo":{"firstOwners":[[5,1]]}}"#).expect("it is valid");
    let json = serde_json::to_string(&config).expect("it has a form");
    assert_eq!(json, r#"{"demo":{"firstOwners":[[5,1]]}}"#, "no field for the system");
    for wrong in [r#"{"dmeo":{}}"#, r#"{"demo":{"owners":[]}}"#, r#"{"system":{"x":1}}"#] {
        assert!(serde_json::from_str::<RuntimeGenesisConfig>(wrong).is_err(), "{wrong}");
    }
    citrate_testing::TestExternalities::new().execute_with(|| {
        config.build();
        assert_eq!(demo::Owner::<Runtime>::get(5), Some(ALICE));
        assert_eq!(Demo::on_chain_storage_version(), StorageVersion::new(3));
        assert_eq!(Demo::in_code_storage_version(), StorageVersion::new(3));
    });
}

#[test]
fn a_pallet_that_joins_starts_at_its_version() {
    use framework::traits::BeforeAllRuntimeMigrations;
    citrate_testing::TestExternalities::new().execute_with(|| {
        Demo::before_all_runtime_migrations();
        assert_eq!(Demo::on_chain_storage_version(), StorageVersion::new(3));
        StorageVersion::new(1).put::<Demo>();
        Demo::before_all_runtime_migrations();
        assert_eq!(Demo::on_chain_storage_version(), StorageVersion::new(1), "has to migrate");
    });
}

#[test]
fn the_runtime_knows_its_pallets() {
    assert_eq!((Demo::index(), Demo::name(), Demo::module_name()), (7, "Demo", "demo"));
    assert_eq!(AllPalletsWithSystem::on_initialize(4), Weight::from_parts(4, 0));
    let names = RuntimeCall::get_module_names();
    assert_eq!(names, ["System", "Demo"]);
    assert_eq!(RuntimeCall::get_call_names("Demo"), ["say", "tick", "set"], "by index");
    let metadata = set(1).get_call_metadata();
    assert_eq!((metadata.pallet_name, metadata.function_name), ("Demo", "set"));
}

#[test]
fn filters_bind_all_but_root() {
    let mut origin = RuntimeOrigin::signed(ALICE);
    origin.add_filter(|call| !matches!(call, RuntimeCall::Demo(_)));
    ext().execute_with(|| {
        let error = set(1).dispatch(origin.clone()).expect_err("the filter refuses it");
        assert_eq!(error.error, mini_system::Error::<Runtime>::CallFiltered.into());
        origin.reset_filter();
        set(1).dispatch(origin.clone()).expect("nothing refuses it");
    });
    let club = RuntimeOrigin::from(demo::Origin::Club(3));
    assert_eq!(club.caller.encode(), [7, 0, 3]);
    let back: Result<demo::Origin, RuntimeOrigin> = club.into();
    assert!(matches!(back, Ok(demo::Origin::Club(3))));
    assert_eq!(RuntimeOrigin::root().caller.encode(), [0, 0]);
}

#[test]
fn inherents_are_made_and_checked() {
    use framework::parts::RuntimeInherents;
    let mut data = citrate_core::InherentData::new();
    assert!(Runtime::create_inherents(&data).is_empty());
    data.put(demo::ID, &1_u8);
    ext().execute_with(|| {
        let calls = Runtime::create_inherents(&data);
        assert_eq!(calls, [RuntimeCall::Demo(demo::Call::tick {})]);
        assert!(Runtime::is_inherent_call(&calls[0]) && !Runtime::is_inherent_call(&set(1)));
        assert!(Runtime::check_inherents(calls.iter(), &data).is_ok());
        let nothing = citrate_core::InherentData::new();
        assert!(Runtime::check_inherents(calls.iter(), &nothing).is_fatal(), "wrong inherent");
        assert!(Runtime::check_inherents(core::iter::empty(), &data).is_fatal(), "missing");
    });
}

#[test]
fn unsigned_calls_are_refused_unless_a_pallet_takes_them() {
    use framework::traits::ValidateUnsigned;
    let source = citrate_core::TransactionSource::External;
    let tick = RuntimeCall::Demo(demo::Call::tick {});
    assert!(Runtime::validate_unsigned(source, &tick).is_ok());
    assert!(Runtime::validate_unsigned(source, &set(1)).is_err());
    let remark = RuntimeCall::System(mini_system::Call::remark { remark: vec![] });
    assert!(Runtime::validate_unsigned(source, &remark).is_err());
    assert!(Runtime::pre_dispatch(&remark).is_err());
}

#[test]
fn view_functions_run_by_id() {
    use framework::dispatch::{DispatchViewFunction, ViewFunctionDispatchError};
    ext().execute_with(|| {
        let id = framework::parts::view_function_id::<Demo>("plus(u32) -> u32");
        let mut output = Vec::new();
        let call = |input: &[u8], output: &mut Vec<u8>| {
            Runtime::dispatch_view_function(&id, &mut &*input, output)
        };
        assert_eq!(call(&2_u32.encode(), &mut output), Ok(()));
        assert_eq!(output, 11_u32.encode());
        assert_eq!(call(&[1], &mut output), Err(ViewFunctionDispatchError::Codec));
        assert_eq!(call(&[0; 5], &mut output), Err(ViewFunctionDispatchError::Codec), "too long");
        let unknown = framework::parts::view_function_id::<Demo>("minus(u32) -> u32");
        let result = Runtime::dispatch_view_function(&unknown, &mut &[][..], &mut output);
        assert_eq!(result, Err(ViewFunctionDispatchError::NotFound(unknown)));
    });
}

#[test]
fn reasons_are_composed() {
    use framework::traits::VariantCount;
    let reason = RuntimeHoldReason::from(demo::HoldReason::Other);
    assert_eq!(reason.encode(), [7, 1]);
    assert_eq!(RuntimeHoldReason::VARIANT_COUNT, 2);
    assert_eq!(RuntimeFreezeReason::VARIANT_COUNT, 0);
    assert!(RuntimeFreezeReason::decode(&mut &[7_u8, 0][..]).is_err());
}

#[test]
fn metadata_says_what_the_pallet_has() {
    use framework::parts::PalletParts;
    let pallet = Demo::metadata();
    assert_eq!((pallet.name, pallet.index), ("Demo", 7));
    assert_eq!(pallet.docs, [" A pallet with one of everything.", "", " Second paragraph."]);
    let storage = pallet.storage.expect("there are items");
    let names: Vec<_> = storage.entries.iter().map(|entry| entry.name).collect();
    assert_eq!(
        names,
        [
            "Number",
            "Owner",
            "Pairs",
            "Triples",
            "Tickets",
            "CounterForTickets",
            "Renamed",
            "CounterForRenamed",
            "Log",
        ]
    );
    assert_eq!(storage.entries[0].default, 9_u32.encode());
    assert_eq!(storage.entries[0].docs, [" One number."]);
    let constants: Vec<_> =
        pallet.constants.iter().map(|c| (c.name, c.value.clone(), c.docs.clone())).collect();
    assert_eq!(
        constants,
        [
            ("Limit", 10_u32.encode(), vec![" The most."]),
            ("Double", 20_u32.encode(), vec![" Twice the limit."]),
        ]
    );
    let associated: Vec<_> = pallet.associated_types.iter().map(|ty| ty.name).collect();
    assert_eq!(associated, ["Unit"]);
    assert_eq!(pallet.view_functions.len(), 1);
    assert!(pallet.calls.expect("there are calls").deprecation_info.is_variant_deprecated(1));
    assert!(pallet.event.expect("there are events").deprecation_info.is_variant_deprecated(2));
}

#[test]
fn metadata_encodes_in_every_version() {
    use framework::metadata::{extrinsic, opaque_at, versions};
    ext().execute_with(|| {
        for version in versions() {
            let extrinsic = extrinsic::<u64, RuntimeCall, u64, ()>();
            let ir = Runtime::metadata_ir(extrinsic, Vec::new());
            let bytes = opaque_at(ir, version).expect("the version is supported").0;
            assert!(bytes.starts_with(b"meta") && u32::from(bytes[4]) == version);
        }
    });
    let info = <RuntimeHoldReason as scale_info::TypeInfo>::type_info();
    assert_eq!(info.path.segments, ["it", "runtime", "RuntimeHoldReason"]);
    let scale_info::TypeDef::Variant(variants) = info.type_def else { panic!("an enum") };
    let names: Vec<_> = variants.variants.iter().map(|v| (v.name, v.index)).collect();
    assert_eq!(names, [("Demo", 7)], "the system has no reasons and so no variant");
}
