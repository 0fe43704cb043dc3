//! Installing a new runtime.

use crate::{AuthorizedUpgrade, CodeUpgradeAuthorization, Config, Error, Event, Pallet};
use alloc::vec::Vec;
use citrate_core::{DigestItem, DispatchResult, H256, RuntimeVersion, Weight, well_known_keys};
use citrate_support::{
    dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
    ensure,
    storage::unhashed,
    traits::{Get, Hash},
};
use codec::Decode;

/// What installing a runtime does.
pub trait SetCode<T> {
    /// Installs it.
    ///
    /// # Errors
    /// It cannot be installed.
    fn set_code(code: Vec<u8>) -> DispatchResult;
}

impl<T: Config> SetCode<T> for () {
    fn set_code(code: Vec<u8>) -> DispatchResult {
        Pallet::<T>::update_code_in_storage(&code);
        Ok(())
    }
}

impl<T: Config> Pallet<T> {
    /// Whether a runtime can be installed.
    ///
    /// # Errors
    /// Its name is another, or its version is not higher.
    pub fn can_set_code(code: &[u8], check_version: bool) -> Result<(), Error<T>> {
        if !check_version {
            return Ok(());
        }
        let current = T::Version::get();
        let new = citrate_host::misc::runtime_version(code)
            .and_then(|bytes| RuntimeVersion::decode(&mut bytes.as_slice()).ok());
        let Some(new) = new else {
            return Err(Error::FailedToExtractRuntimeVersion);
        };
        if new.spec_name != current.spec_name {
            Err(Error::InvalidSpecName)
        } else if new.spec_version <= current.spec_version {
            Err(Error::SpecVersionNeedsToIncrease)
        } else {
            Ok(())
        }
    }

    /// Writes the code, and says so in the digest and in an event.
    pub fn update_code_in_storage(code: &[u8]) {
        unhashed::put_raw(well_known_keys::CODE, code);
        Self::deposit_log(DigestItem::RuntimeEnvironmentUpdated);
        Self::deposit_event(Event::CodeUpdated);
    }

    /// The runtime that anybody may install.
    pub fn authorized_upgrade() -> Option<CodeUpgradeAuthorization> {
        AuthorizedUpgrade::<T>::get()
    }

    /// Lets anybody install the runtime with this hash.
    pub fn do_authorize_upgrade(code_hash: H256, check_version: bool) {
        AuthorizedUpgrade::<T>::put(CodeUpgradeAuthorization { code_hash, check_version });
        Self::deposit_event(Event::UpgradeAuthorized { code_hash, check_version });
    }

    /// Installs the authorised runtime; free for whoever brings the right one.
    ///
    /// # Errors
    /// This is not the authorised runtime.
    pub fn do_apply_authorize_upgrade(code: Vec<u8>) -> DispatchResultWithPostInfo {
        let authorized = AuthorizedUpgrade::<T>::get().ok_or(Error::<T>::NothingAuthorized)?;
        let code_hash = T::Hashing::hash(&code);
        ensure!(code_hash == authorized.code_hash, Error::<T>::Unauthorized);
        match Self::can_set_code(&code, authorized.check_version) {
            Ok(()) => T::OnSetCode::set_code(code)?,
            // The call succeeds, so that the authorisation of a bad runtime goes away.
            Err(error) => {
                let error = error.into();
                Self::deposit_event(Event::RejectedInvalidAuthorizedUpgrade { code_hash, error });
            }
        }
        AuthorizedUpgrade::<T>::kill();
        Ok(PostDispatchInfo { actual_weight: Some(Self::set_code_weight()), pays_fee: Pays::No })
    }

    /// What installing a runtime weighs: a part of a block, for hashing and looking at the code.
    pub(crate) fn set_code_weight() -> Weight {
        T::BlockWeights::get().max_block.saturating_div(4)
    }

    /// What a remark weighs: its bytes are hashed.
    pub(crate) fn remark_weight(len: usize) -> Weight {
        let len = u64::try_from(len).unwrap_or(u64::MAX);
        Weight::from_parts(2_000_u64.saturating_mul(len).saturating_add(5_000_000), 0)
    }

    /// What writing this many storage items weighs.
    pub(crate) fn writes_weight(count: usize) -> Weight {
        T::DbWeight::get().writes(u64::try_from(count).unwrap_or(u64::MAX))
    }
}
