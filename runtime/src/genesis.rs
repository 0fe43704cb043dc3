//! The state at genesis: presets for development chains, and how a configuration becomes state.

use crate::constants::{BLOCK_ISSUANCE, CIT, LOTTERY_RATE_MILLIONTHS};
use crate::{
    AccountId, BalancesConfig, CouncilConfig, DagConfig, GrandpaConfig, RuntimeGenesisConfig,
    SessionConfig, SessionKeys, StakingConfig, SudoConfig,
};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use citrate_core::{Balance, ed25519, sr25519};
use citrate_dag_types::{Authority, Election};
use citrate_support::traits::BuildGenesisConfig;
use serde_json::Value;

/// A chain of one node, Alice's.
pub const DEVELOPMENT: &str = "development";
/// A chain of four validators, for nodes on one machine or a few.
pub const LOCAL_TESTNET: &str = "local_testnet";

/// What every development account has.
const ENDOWMENT: Balance = 1_000_000 * CIT;

/// Public sr25519 keys of `//Alice`, `//Bob`, ...: everybody knows their secrets.
pub const DEV_KEYS: [(&str, [u8; 32]); 6] = [
    ("Alice", key(b"d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d")),
    ("Bob", key(b"8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48")),
    ("Charlie", key(b"90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22")),
    ("Dave", key(b"306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20")),
    ("Eve", key(b"e659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e")),
    ("Ferdie", key(b"1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c")),
];

/// Public ed25519 keys of the same paths, for those who validate in [`LOCAL_TESTNET`].
pub const FINALITY_KEYS: [[u8; 32]; 4] = [
    key(b"88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"),
    key(b"d17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69"),
    key(b"439660b36c6c03afafca027b910b4fecf99801834c62a5e6006f27d978de234f"),
    key(b"5e639b43e0052c47447dac87d6fd2b6ec50bdd4d0f614e4299c665249bbd09d9"),
];

/// What each validator of [`LOCAL_TESTNET`] has bonded.
const STAKE: Balance = 10_000 * CIT;

/// The account of one of [`DEV_KEYS`].
const ALICE: [u8; 32] = DEV_KEYS[0].1;

/// The names of the presets.
pub fn preset_names() -> Vec<String> {
    [DEVELOPMENT, LOCAL_TESTNET].map(String::from).to_vec()
}

/// The configuration of a preset as JSON, or the empty one for no name.
pub fn preset(name: Option<&str>) -> Option<Vec<u8>> {
    let config = match name {
        None => RuntimeGenesisConfig::default(),
        Some(DEVELOPMENT) => development(),
        Some(LOCAL_TESTNET) => local_testnet(),
        Some(_) => return None,
    };
    serde_json::to_vec(&config).ok()
}

/// One authority, Alice, who wins every slot. Nothing is issued for blocks, so that balances change by what one does
/// oneself.
fn development() -> RuntimeGenesisConfig {
    RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: DEV_KEYS.iter().map(|(_, k)| (AccountId::from(*k), ENDOWMENT)).collect(),
        },
        sudo: SudoConfig { key: Some(ALICE.into()) },
        dag: DagConfig {
            authorities: alloc::vec![Authority { key: sr25519::Public(ALICE), weight: 1 }],
            election: Some(Election::EverySlot),
            ..Default::default()
        },
        grandpa: GrandpaConfig {
            authorities: alloc::vec![(ed25519::Public(FINALITY_KEYS[0]), 1)],
            ..Default::default()
        },
        session: SessionConfig { keys: session_keys().take(1).collect() },
        council: CouncilConfig {
            // Five, so that three can decide: all but Ferdie.
            members: DEV_KEYS.iter().take(5).map(|(_, key)| AccountId::from(*key)).collect(),
        },
        ..Default::default()
    }
}

/// Everybody's keys are of their own names.
fn session_keys() -> impl Iterator<Item = (AccountId, SessionKeys)> {
    DEV_KEYS.iter().zip(FINALITY_KEYS).map(|((_, key), finality)| {
        let dag = sr25519::Public(*key);
        let grandpa = ed25519::Public(finality);
        (AccountId::from(*key), SessionKeys { dag, grandpa, provider: dag })
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

/// Builds the state of a configuration, given as JSON; what it leaves out is as in the empty configuration.
///
/// # Errors
/// When the bytes are not such a configuration.
pub fn build_state(json: &[u8]) -> Result<(), String> {
    // The direct way first: a JSON value of this crate holds no number above 64 bits.
    if let Ok(config) = serde_json::from_slice::<RuntimeGenesisConfig>(json) {
        config.build();
        return Ok(());
    }
    let given: Value = serde_json::from_slice(json).map_err(|e| format!("bad JSON: {e}"))?;
    let mut config = serde_json::to_value(RuntimeGenesisConfig::default())
        .map_err(|e| format!("the empty configuration has no JSON: {e}"))?;
    merge(&mut config, given);
    let config: RuntimeGenesisConfig =
        serde_json::from_value(config).map_err(|e| format!("not a genesis configuration: {e}"))?;
    config.build();
    Ok(())
}

/// Lays `given` over `base`, member by member; what is unknown is kept, so that it is refused by name.
fn merge(base: &mut Value, given: Value) {
    match (base, given) {
        (Value::Object(base), Value::Object(given)) => {
            for (name, value) in given {
                merge(base.entry(name).or_insert(Value::Null), value);
            }
        }
        (base, given) => *base = given,
    }
}

/// Reads 64 hexadecimal digits.
#[expect(clippy::panic, reason = "evaluated by the compiler")]
const fn key(hex: &[u8; 64]) -> [u8; 32] {
    const fn digit(c: u8) -> u8 {
        match c {
            b'0'..=b'9' => c - b'0',
            b'a'..=b'f' => c - b'a' + 10,
            _ => panic!("not a hexadecimal digit"),
        }
    }
    let mut out = [0; 32];
    let mut i = 0;
    while i < 32 {
        out[i] = digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]);
        i += 1;
    }
    out
}
