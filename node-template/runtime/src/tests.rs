//! Tests of the whole runtime.

use crate::configs::Treasury;
use crate::{Balances, Runtime, RuntimeGenesisConfig, Sudo, UNIT, genesis};
use citrate_support::keyring::Keyring;
use citrate_support::traits::BuildGenesisConfig as _;
use citrate_support::traits::fungible::Inspect as _;

#[test]
fn every_preset_builds() {
    for name in genesis::preset_names() {
        let config: RuntimeGenesisConfig = genesis::preset(&name).expect("it is listed");
        citrate_testing::TestExternalities::new().execute_with(|| {
            config.build();
            assert_eq!(Sudo::key(), Some(Keyring::Alice.account()), "{name}");
            let alice = Balances::total_balance(&Keyring::Alice.account());
            assert_eq!(alice, 1_000_000 * UNIT, "{name}: what is bonded is still Alice's");
        });
    }
    assert!(genesis::preset("nowhere").is_none());
}

#[test]
fn nobody_has_the_key_of_the_treasury() {
    assert!(Keyring::ALL.iter().all(|who| who.account() != Treasury::get()));
}

#[test]
fn clients_can_read_the_metadata() {
    for version in <Runtime as citrate_api::Metadata>::metadata_versions() {
        let metadata = <Runtime as citrate_api::Metadata>::metadata_at_version(version);
        assert!(metadata.is_some_and(|metadata| metadata.0.starts_with(b"meta")), "{version}");
    }
}
