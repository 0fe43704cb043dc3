//! How the chain begins: presets for a chain of one's own and for one of several nodes.

use crate::validators::SessionKeys;
use crate::{
    AccountId, Balance, BalancesConfig, DagConfig, GrandpaConfig, RuntimeGenesisConfig,
    SessionConfig, StakingConfig, SudoConfig, UNIT,
};
use alloc::{string::String, vec::Vec};
use citrate_dag_types::{Authority, Election};
use citrate_support::keyring::Keyring;

/// A chain of one node, Alice's: what `--dev` starts.
pub const DEVELOPMENT: &str = "development";
/// A chain of two validators, Alice and Bob: what `--chain local` starts.
pub const LOCAL_TESTNET: &str = "local_testnet";

/// What every development account has.
const ENDOWMENT: Balance = 1_000_000 * UNIT;
/// What each validator has bonded, in tokens' smallest units.
const STAKE: u64 = 10_000_000_000_000_000;
/// Winners of a slot on average, in millionths.
const LOTTERY_RATE_MILLIONTHS: u32 = 4_200_000;
/// What is issued for each blue block.
const BLOCK_ISSUANCE: u64 = 100_000_000_000;

/// The names of the presets.
pub fn preset_names() -> Vec<String> {
    [DEVELOPMENT, LOCAL_TESTNET].map(String::from).to_vec()
}

/// The configuration of a preset, if there is one of this name.
pub fn preset(name: &str) -> Option<RuntimeGenesisConfig> {
    match name {
        DEVELOPMENT => Some(chain_of(&[Keyring::Alice], Election::EverySlot, 0)),
        LOCAL_TESTNET => {
            let election = Election::Lottery { rate_millionths: LOTTERY_RATE_MILLIONTHS };
            Some(chain_of(&[Keyring::Alice, Keyring::Bob], election, BLOCK_ISSUANCE))
        }
        _ => None,
    }
}

/// A chain of these validators, with equal stakes; Alice has the sudo key.
fn chain_of(
    validators: &[Keyring],
    election: Election,
    block_issuance: u64,
) -> RuntimeGenesisConfig {
    let keys = |who: &Keyring| -> (AccountId, SessionKeys) {
        (who.account(), SessionKeys { dag: who.sr25519(), grandpa: who.ed25519() })
    };
    let validators: Vec<_> = validators.iter().map(keys).collect();
    let accounts = Keyring::ALL.map(|who| (who.account(), ENDOWMENT));
    // Alone, Alice is an authority by the configuration, not by a stake that might be withdrawn.
    let stakes = if election == Election::EverySlot { &[] } else { &validators[..] };
    RuntimeGenesisConfig {
        balances: BalancesConfig { balances: accounts.to_vec() },
        sudo: SudoConfig { key: Some(Keyring::Alice.account()) },
        dag: DagConfig {
            authorities: validators
                .iter()
                .map(|(_, keys)| Authority { key: keys.dag, weight: STAKE })
                .collect(),
            election: Some(election),
            block_issuance,
            ..Default::default()
        },
        staking: StakingConfig {
            validators: stakes.iter().map(|(who, _)| (who.clone(), STAKE)).collect(),
            ..Default::default()
        },
        grandpa: GrandpaConfig {
            authorities: validators.iter().map(|(_, keys)| (keys.grandpa, STAKE)).collect(),
            ..Default::default()
        },
        session: SessionConfig { keys: validators },
        ..Default::default()
    }
}
