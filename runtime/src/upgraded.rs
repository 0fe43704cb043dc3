//! The migration of the runtime with the feature `upgraded`, which tests install on a running chain.
//!
//! The existential deposit grows. An account can spend what it has beyond the deposit, so that every account would lose
//! the difference; the migration gives it to each, once. A second run would give it again, which a test would see.

use crate::constants::{MILLI_CIT, UPGRADED_EXISTENTIAL_DEPOSIT};
use crate::{AccountId, Balance, Balances, Runtime};
use alloc::vec::Vec;
use citrate_support::migrations::{SteppedMigration, SteppedMigrationError};
use citrate_support::traits::TryRuntimeError;
use citrate_support::traits::fungible::{Inspect, Mutate};
use citrate_support::weights::WeightMeter;
use codec::{Decode, Encode};
use pallet_migrations::MigrationId;

/// What each account gets: the growth of the deposit.
pub(crate) const DIFFERENCE: Balance = UPGRADED_EXISTENTIAL_DEPOSIT - MILLI_CIT;

/// Whether one account is migrated in every third block. Without that a block has room for hundreds of accounts, and the
/// migration of a test chain is over with the first one.
const IS_PACED: bool = cfg!(any(test, feature = "paced"));
/// Blocks between two accounts, if the migration is paced.
const PAUSE: u32 = 2;

/// Gives every account the growth of the existential deposit.
#[derive(Debug)]
pub struct KeepSpendable;

fn count_of_accounts() -> u64 {
    let count = pallet_system::Account::<Runtime>::iter_keys().count();
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl SteppedMigration for KeepSpendable {
    /// The last account that has got it, and how many blocks pass before the next one.
    type Cursor = (AccountId, u32);
    type Identifier = MigrationId<8>;

    fn id() -> Self::Identifier {
        MigrationId { pallet_id: *b"balances", version_from: 100, version_to: 101 }
    }

    fn step(
        cursor: Option<Self::Cursor>,
        meter: &mut WeightMeter,
    ) -> Result<Option<Self::Cursor>, SteppedMigrationError> {
        let last = match cursor {
            Some((account, pause)) if pause > 0 => return Ok(Some((account, pause - 1))),
            Some((account, _)) => Some(account),
            None => None,
        };
        let required = <Runtime as pallet_system::Config>::DbWeight::get().reads_writes(3, 2);
        let mut accounts = match last {
            None => pallet_system::Account::<Runtime>::iter_keys(),
            Some(last) => pallet_system::Account::<Runtime>::iter_keys_from_key(last),
        };
        let mut done = None;
        loop {
            if meter.try_consume(required).is_err() {
                let too_little = SteppedMigrationError::InsufficientWeight { required };
                return done.map(|account| Some((account, 0))).ok_or(too_little);
            }
            let Some(account) = accounts.next() else { return Ok(None) };
            // Cannot be minted to: an account without money of its own, kept by another pallet.
            let _ = Balances::mint_into(&account, DIFFERENCE);
            if IS_PACED {
                return Ok(Some((account, PAUSE)));
            }
            done = Some(account);
        }
    }

    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        Ok((count_of_accounts(), Balances::total_issuance()).encode())
    }

    fn post_upgrade(noted: Vec<u8>) -> Result<(), TryRuntimeError> {
        let (accounts, issuance) = <(u64, Balance)>::decode(&mut &noted[..])
            .map_err(|_error| "what the migration noted does not decode")?;
        let most = DIFFERENCE.saturating_mul(accounts.into());
        let grown = Balances::total_issuance().saturating_sub(issuance);
        if grown == 0 || grown > most {
            return Err("the accounts got something else than the growth of the deposit".into());
        }
        Ok(())
    }
}
