//! The development accounts: everybody knows their secrets.

use citrate_core::{AccountId32, ed25519, sr25519};

/// An account whose secret is its name, `//Alice` and so on, derived from Substrate's development phrase.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Keyring {
    /// `//Alice`.
    Alice,
    /// `//Bob`.
    Bob,
    /// `//Charlie`.
    Charlie,
    /// `//Dave`.
    Dave,
    /// `//Eve`.
    Eve,
    /// `//Ferdie`.
    Ferdie,
}

impl Keyring {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Alice, Self::Bob, Self::Charlie, Self::Dave, Self::Eve, Self::Ferdie];

    /// The secret's path.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Alice => "//Alice",
            Self::Bob => "//Bob",
            Self::Charlie => "//Charlie",
            Self::Dave => "//Dave",
            Self::Eve => "//Eve",
            Self::Ferdie => "//Ferdie",
        }
    }

    /// The account, which is the sr25519 key.
    pub const fn account(self) -> AccountId32 {
        AccountId32::new(self.sr25519().0)
    }

    /// The sr25519 key of this path.
    pub const fn sr25519(self) -> sr25519::Public {
        sr25519::Public(key(match self {
            Self::Alice => b"d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d",
            Self::Bob => b"8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48",
            Self::Charlie => b"90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22",
            Self::Dave => b"306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20",
            Self::Eve => b"e659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e",
            Self::Ferdie => b"1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c",
        }))
    }

    /// The ed25519 key of this path.
    pub const fn ed25519(self) -> ed25519::Public {
        ed25519::Public(key(match self {
            Self::Alice => b"88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee",
            Self::Bob => b"d17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69",
            Self::Charlie => b"439660b36c6c03afafca027b910b4fecf99801834c62a5e6006f27d978de234f",
            Self::Dave => b"5e639b43e0052c47447dac87d6fd2b6ec50bdd4d0f614e4299c665249bbd09d9",
            Self::Eve => b"1dfe3e22cc0d45c70779c1095f7489a8ef3cf52d62fbd8c2fa38c9f1723502b5",
            Self::Ferdie => b"568cb4a574c6d178feb39c27dfc8b3f789e5f5423e19c71633c748b9acf086b5",
        }))
    }
}

/// Reads 64 hexadecimal digits.
#[expect(clippy::panic, reason = "its arguments are constants, all of which a test reads")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_paths() {
        for name in Keyring::ALL {
            let sr25519 = sr25519::Pair::from_suri(name.uri(), None).expect("a sound path");
            assert_eq!(sr25519.public(), name.sr25519(), "{name:?}");
            let ed25519 = ed25519::Pair::from_suri(name.uri(), None).expect("a sound path");
            assert_eq!(ed25519.public(), name.ed25519(), "{name:?}");
        }
    }
}
