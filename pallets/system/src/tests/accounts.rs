use super::mock::*;
use crate::{Account, AccountInfo, DecRefStatus, Event, IncRefStatus};
use citrate_core::DispatchError;
use citrate_support::{assert_noop, assert_ok, traits::StoredMap};
use codec::Encode;

#[test]
fn accounts_live_while_something_provides() {
    ext().execute_with(|| {
        assert_eq!(System::inc_providers(&1), IncRefStatus::Created);
        assert_eq!(System::inc_providers(&1), IncRefStatus::Existed);
        System::assert_has_event(Event::NewAccount { account: 1 }.into());
        assert_ok!(System::inc_consumers(&1));
        assert_eq!(System::dec_providers(&1), Ok(DecRefStatus::Exists));
        assert!(!System::can_dec_provider(&1));
        assert_noop!(System::dec_providers(&1), DispatchError::ConsumerRemaining);
        System::dec_consumers(&1);
        assert_eq!(System::dec_providers(&1), Ok(DecRefStatus::Reaped));
        assert!(!System::account_exists(&1));
        assert_eq!(Killed::take(), vec![1]);
        System::assert_last_event(Event::KilledAccount { account: 1 }.into());
    });
}

#[test]
fn sufficient_references_let_live_without_providers() {
    ext().execute_with(|| {
        assert_eq!(System::inc_sufficients(&2), IncRefStatus::Created);
        assert_eq!(System::reference_count(&2), 1);
        assert_noop!(System::inc_consumers(&2), DispatchError::NoProviders);
        assert_eq!(System::dec_sufficients(&2), DecRefStatus::Reaped);
        assert!(!System::account_exists(&2));
    });
}

#[test]
fn consumers_have_a_limit() {
    ext().execute_with(|| {
        System::inc_providers(&1);
        for _ in 0..3 {
            assert_ok!(System::inc_consumers(&1));
        }
        assert_noop!(System::inc_consumers(&1), DispatchError::TooManyConsumers);
        assert_ok!(System::inc_consumers_without_limit(&1));
        assert_eq!(System::consumers(&1), 4);
    });
}

#[test]
fn data_lives_with_its_account() {
    ext().execute_with(|| {
        assert_ok!(<System as StoredMap<u64, u32>>::insert(&1, 5));
        assert!(!System::account_exists(&1), "nothing provides for it");
        System::inc_providers(&1);
        assert_ok!(<System as StoredMap<u64, u32>>::insert(&1, 5));
        assert_eq!(<System as StoredMap<u64, u32>>::get(&1), 5);
        let failed: Result<(), DispatchError> =
            <System as StoredMap<u64, u32>>::try_mutate_exists(&1, |data| {
                *data = None;
                Err(DispatchError::BadOrigin)
            });
        assert!(failed.is_err());
        assert_eq!(Account::<Test>::get(1).data, 5);
    });
}

#[test]
fn encoding_of_accounts() {
    let account =
        AccountInfo { nonce: 1_u32, consumers: 2, providers: 3, sufficients: 4, data: 5_u32 };
    let expected = [[1_u8, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0], [4, 0, 0, 0], [5, 0, 0, 0]];
    assert_eq!(account.encode(), expected.concat());
    let key = Account::<Test>::hashed_key_for(1);
    assert_eq!(key.len(), 32 + 16 + 8);
    assert_eq!(key[48..], 1_u64.to_le_bytes());
}
