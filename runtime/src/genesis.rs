//! The state at genesis: presets for development chains, and how a configuration becomes state.

use crate::constants::{BLOCK_ISSUANCE, CIT, LOTTERY_RATE_MILLIONTHS};
use crate::{
    AccountId, BalancesConfig, CouncilConfig, DagConfig, GrandpaConfig, RuntimeGenesisConfig,
    SessionConfig, SessionKeys, StakingConfig, SudoConfig,
};
use alloc::string::String;
use alloc::vec::Vec;
use citrate_core::Balance;
use citrate_dag_types::{Authority, Election};
use citrate_support::keyring::Keyring;

/// A chain of one node, Alice's.
pub const DEVELOPMENT: &str = "development";
/// A chain of four validators, for nodes on one machine or a few.
pub const LOCAL_TESTNET: &str = "local_testnet";

/// What every development account has.
const ENDOWMENT: Balance = 1_000_000 * CIT;

/// What each validator of [`LOCAL_TESTNET`] has bonded.
const STAKE: Balance = 10_000 * CIT;

/// The names of the presets.
pub fn preset_names() -> Vec<String> {
    [DEVELOPMENT, LOCAL_TESTNET].map(String::from).to_vec()
}

/// The configuration of a preset, if there is one of this name.
pub fn preset(name: &str) -> Option<RuntimeGenesisConfig> {
    match name {
        DEVELOPMENT => Some(development()),
        LOCAL_TESTNET => Some(local_testnet()),
        _ => None,
    }
}

/// One authority, Alice, who wins every slot. Nothing is issued for blocks, so that balances change by what one does
/// oneself.
fn development() -> RuntimeGenesisConfig {
    RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: Keyring::ALL.map(|who| (who.account(), ENDOWMENT)).to_vec(),
        },
        sudo: SudoConfig { key: Some(Keyring::Alice.account()) },
        dag: DagConfig {
            authorities: alloc::vec![Authority { key: Keyring::Alice.sr25519(), weight: 1 }],
            election: Some(Election::EverySlot),
            ..Default::default()
        },
        grandpa: GrandpaConfig {
            authorities: alloc::vec![(Keyring::Alice.ed25519(), 1)],
            ..Default::default()
        },
        session: SessionConfig { keys: session_keys().take(1).collect() },
        council: CouncilConfig {
            // Five, so that three can decide: all but Ferdie.
            members: Keyring::ALL.into_iter().take(5).map(Keyring::account).collect(),
        },
        ..Default::default()
    }
}

/// The keys of the four who validate, of their own names.
fn session_keys() -> impl Iterator<Item = (AccountId, SessionKeys)> {
    Keyring::ALL.into_iter().take(4).map(|who| {
        let dag = who.sr25519();
        (who.account(), SessionKeys { dag, grandpa: who.ed25519(), provider: dag })
    })
}

/// Alice, Bob, Charlie and Dave validate with equal stakes, by lottery, with keys of their own names.
fn local_testnet() -> RuntimeGenesisConfig {
    let development = development();
    let validators: Vec<_> = session_keys().collect();
    let small = |amount: Balance| u64::try_from(amount).unwrap_or(u64::MAX);
    let weight = small(STAKE);
    RuntimeGenesisConfig {
        dag: DagConfig {
            authorities: validators
                .iter()
                .map(|(_, keys)| Authority { key: keys.dag, weight })
                .collect(),
            election: Some(Election::Lottery { rate_millionths: LOTTERY_RATE_MILLIONTHS }),
            block_issuance: small(BLOCK_ISSUANCE),
            ..Default::default()
        },
        staking: StakingConfig {
            validators: validators.iter().map(|(who, _)| (who.clone(), small(STAKE))).collect(),
            ..Default::default()
        },
        grandpa: GrandpaConfig {
            authorities: validators.iter().map(|(_, keys)| (keys.grandpa, weight)).collect(),
            ..Default::default()
        },
        session: SessionConfig { keys: validators },
        ..development
    }
}
