use super::mock::*;
use crate::{AuthorizedUpgrade, Error, Event, RawOrigin};
use citrate_core::{DigestItem, H256, RuntimeVersion, hashing::blake2_256, well_known_keys};
use citrate_host::{ReadRuntimeVersion, ReadRuntimeVersionExt};
use citrate_support::{
    assert_err_ignore_postinfo, assert_noop, assert_ok, dispatch::Pays, storage::unhashed,
};
use citrate_testing::TestExternalities;
use codec::{Decode, Encode};
use std::sync::Arc;

/// Takes the code to be the encoded version itself.
#[derive(Debug)]
struct CodeIsVersion;

impl ReadRuntimeVersion for CodeIsVersion {
    fn read_runtime_version(&self, code: &[u8]) -> Option<Vec<u8>> {
        RuntimeVersion::decode(&mut &code[..]).ok().map(|version| version.encode())
    }
}

fn ext_with_versions() -> TestExternalities {
    let mut ext = ext();
    ext.register(ReadRuntimeVersionExt(Arc::new(CodeIsVersion)));
    ext
}

fn code(name: &'static str, spec_version: u32) -> Vec<u8> {
    RuntimeVersion { spec_name: name.into(), spec_version, ..Default::default() }.encode()
}

#[test]
fn only_a_later_version_of_the_same_runtime_is_installed() {
    ext_with_versions().execute_with(|| {
        let set = |code| System::set_code(RawOrigin::Root.into(), code);
        let cases = [
            ("no runtime", vec![1], Error::<Test>::FailedToExtractRuntimeVersion),
            ("another name", code("other", 4), Error::InvalidSpecName),
            ("the same version", code("test", 3), Error::SpecVersionNeedsToIncrease),
        ];
        for (desc, bytes, expected) in cases {
            let result = set(bytes).map(|_| ()).map_err(|e| e.error);
            assert_eq!(result, Err(expected.into()), "{desc}");
        }
        assert!(System::set_code(RawOrigin::Signed(1).into(), code("test", 4)).is_err());
        assert_ok!(set(code("test", 4)));
        assert_eq!(unhashed::get_raw(well_known_keys::CODE), Some(code("test", 4)));
        assert_eq!(System::digest().logs, vec![DigestItem::RuntimeEnvironmentUpdated]);
        System::assert_last_event(Event::CodeUpdated.into());
        assert_ok!(System::set_code_without_checks(RawOrigin::Root.into(), vec![7]));
        assert_eq!(unhashed::get_raw(well_known_keys::CODE), Some(vec![7]));
    });
}

#[test]
fn anybody_may_bring_the_authorised_code() {
    ext_with_versions().execute_with(|| {
        let bytes = code("test", 4);
        let apply = |code| System::apply_authorized_upgrade(RawOrigin::None.into(), code);
        assert_err_ignore_postinfo!(apply(bytes.clone()), Error::<Test>::NothingAuthorized);
        let hash = H256(blake2_256(&bytes));
        assert_noop!(
            System::authorize_upgrade(RawOrigin::Signed(1).into(), hash),
            citrate_core::DispatchError::BadOrigin
        );
        assert_ok!(System::authorize_upgrade(RawOrigin::Root.into(), hash));
        assert_err_ignore_postinfo!(apply(code("test", 5)), Error::<Test>::Unauthorized);
        assert_eq!(apply(bytes.clone()).unwrap().pays_fee, Pays::No);
        assert_eq!(unhashed::get_raw(well_known_keys::CODE), Some(bytes));
        assert_eq!(AuthorizedUpgrade::<Test>::get(), None);
    });
}

#[test]
fn a_bad_authorised_code_loses_its_authorisation() {
    ext_with_versions().execute_with(|| {
        let bytes = code("test", 2);
        let hash = H256(blake2_256(&bytes));
        assert_ok!(System::authorize_upgrade(RawOrigin::Root.into(), hash));
        assert_ok!(System::apply_authorized_upgrade(RawOrigin::None.into(), bytes));
        assert_eq!(AuthorizedUpgrade::<Test>::get(), None);
        assert_eq!(unhashed::get_raw(well_known_keys::CODE), None);
        assert!(matches!(
            System::events().pop().unwrap().event,
            RuntimeEvent::System(Event::RejectedInvalidAuthorizedUpgrade { .. })
        ));
    });
}

#[test]
fn root_writes_storage() {
    ext().execute_with(|| {
        let root = || RuntimeOrigin::from(RawOrigin::Root);
        let items = (0..4_u8).map(|n| (vec![b'k', n], vec![n])).collect();
        assert_ok!(System::set_storage(root(), items));
        assert_ok!(System::kill_storage(root(), vec![vec![b'k', 0]]));
        assert_ok!(System::kill_prefix(root(), vec![b'k'], 2));
        assert_eq!(unhashed::get_raw(&[b'k', 3]), Some(vec![3]), "no more than it was paid for");
        assert_eq!(unhashed::get_raw(&[b'k', 2]), None);
        assert_ok!(System::set_heap_pages(root(), 8));
        assert_eq!(unhashed::get_raw(well_known_keys::HEAP_PAGES), Some(8_u64.encode()));
    });
}
