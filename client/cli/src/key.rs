//! `citrate key`.

use crate::{
    Distribution,
    args::{KeyCommand, KeyScheme},
    output, paths,
};
use anyhow::{Context, Result, anyhow, bail};
use citrate_core::{AccountId32, KeyTypeId, MultiSigner, crypto::suri};
use citrate_keystore::{KeyPair, LocalKeystore, Scheme};
use citrate_service::ServiceError;

pub(crate) fn execute(command: KeyCommand, distribution: &Distribution) -> Result<()> {
    match command {
        KeyCommand::Generate { scheme } => {
            let phrase = suri::generate_phrase();
            print_key(&phrase, scheme, distribution.token.ss58_prefix)
        }
        KeyCommand::Inspect { uri, public, scheme, prefix } => {
            let prefix = prefix.unwrap_or(distribution.token.ss58_prefix);
            // A seed and a public key look alike; an address looks like neither.
            let is_secret = uri.starts_with("0x") && !public;
            match uri.parse::<AccountId32>() {
                Ok(account) if !is_secret => print_account(&account, prefix),
                _ if public => bail!("not a public key or an address"),
                _ => print_key(&uri, scheme, prefix)?,
            }
            Ok(())
        }
        KeyCommand::Insert { chain, key_type, suri, scheme, password } => {
            let key_type = KeyTypeId::try_from(&key_type[..])
                .map_err(|()| anyhow!("a key type has four characters, such as gdag"))?;
            let (_, folders) = paths::chain(&chain, distribution)?;
            let keystore = LocalKeystore::open(&folders.keystore(), password.as_deref())
                .map_err(ServiceError::from)?;
            let public = keystore.insert_suri(key_type, scheme.into(), &suri)?;
            line("Stored", &format!("{key_type} 0x{}", hex::encode(public)));
            Ok(())
        }
    }
}

impl From<KeyScheme> for Scheme {
    fn from(scheme: KeyScheme) -> Self {
        match scheme {
            KeyScheme::Sr25519 => Self::Sr25519,
            KeyScheme::Ed25519 => Self::Ed25519,
            KeyScheme::Ecdsa => Self::Ecdsa,
        }
    }
}

fn print_key(text: &str, scheme: KeyScheme, prefix: u16) -> Result<()> {
    let pair = KeyPair::from_suri(scheme.into(), text).context("not a secret or an address")?;
    let public = pair.public();
    let wrong = || anyhow!("a public key of {} bytes", public.len());
    let signer = match scheme {
        KeyScheme::Sr25519 => MultiSigner::Sr25519(public[..].try_into().map_err(|()| wrong())?),
        KeyScheme::Ed25519 => MultiSigner::Ed25519(public[..].try_into().map_err(|()| wrong())?),
        KeyScheme::Ecdsa => MultiSigner::Ecdsa(public[..].try_into().map_err(|()| wrong())?),
    };
    line("Secret", text);
    line("Public key", &format!("0x{}", hex::encode(&public)));
    print_account(&signer.into_account(), prefix);
    Ok(())
}

fn print_account(account: &AccountId32, prefix: u16) {
    line("Account", &format!("0x{}", hex::encode(account)));
    line("SS58 address", &account.to_ss58(prefix));
}

fn line(name: &str, value: &str) {
    output::line(&format!("{name:<14}{value}"));
}
