//! Types in the signatures of host functions.

use codec::{Decode, Encode};

/// What clearing many keys at once did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum KillStorageResult {
    /// Nothing is left; how many keys the state below had.
    AllRemoved(u32),
    /// The limit was reached; how many keys of the state below were removed.
    SomeRemaining(u32),
}

/// Why no key could be recovered from an ECDSA signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum EcdsaVerifyError {
    /// R or S is out of range.
    BadRS,
    /// V is out of range.
    BadV,
    /// No key could have made it.
    BadSignature,
}

/// How important a log line is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Something is broken.
    Error,
    /// Something is odd.
    Warn,
    /// Something that an operator wants to know.
    Info,
    /// Something that a developer wants to know.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// The level's number in the host's interface.
    pub fn number(self) -> u32 {
        match self {
            Self::Error => 0,
            Self::Warn => 1,
            Self::Info => 2,
            Self::Debug => 3,
            Self::Trace => 4,
        }
    }

    /// The level of a number; anything above is [`Self::Trace`].
    pub fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Error,
            1 => Self::Warn,
            2 => Self::Info,
            3 => Self::Debug,
            _ => Self::Trace,
        }
    }
}

/// Which log lines are written: those up to a level, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LevelFilter(Option<Level>);

impl LevelFilter {
    /// The filter of a number: 0 none, 1 errors, to 5 everything.
    pub fn from_number(number: u32) -> Self {
        Self(number.checked_sub(1).map(Level::from_number))
    }
}

impl PartialEq<LevelFilter> for Level {
    fn eq(&self, filter: &LevelFilter) -> bool {
        filter.0 == Some(*self)
    }
}

impl PartialOrd<LevelFilter> for Level {
    fn partial_cmp(&self, filter: &LevelFilter) -> Option<core::cmp::Ordering> {
        Some(Some(*self).cmp(&filter.0))
    }
}

/// Which of a node's off-chain databases.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub enum StorageKind {
    /// Survives reorganisations of the chain and restarts of the node.
    Persistent,
    /// Survives reorganisations of the chain, and is gone when the node stops.
    Local,
}

impl StorageKind {
    /// The kind's number in the host's interface.
    pub fn number(self) -> u32 {
        match self {
            Self::Persistent => 1,
            Self::Local => 2,
        }
    }

    /// The kind of a number.
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Persistent),
            2 => Some(Self::Local),
            _ => None,
        }
    }
}
