//! Why a dispatch failed, in the encoding that clients decode.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::{Path, Type, TypeInfo, build::Variants};
pub use sp_arithmetic::ArithmeticError;

/// Bytes of a pallet's encoded error that a [`ModuleError`] carries.
pub const MAX_MODULE_ERROR_BYTES: usize = 4;

/// The result of a dispatch.
pub type DispatchResult = Result<(), DispatchError>;

macro_rules! unit_enum {
    (
        $(#[$doc:meta])* $name:ident in $namespace:literal {
            $($(#[$vdoc:meta])* $variant:ident = $index:literal => $text:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
        )]
        #[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
        pub enum $name { $($(#[$vdoc])* #[codec(index = $index)] $variant,)* }

        impl $name {
            /// The message of this error.
            pub fn as_str(&self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl TypeInfo for $name {
            type Identity = Self;
            fn type_info() -> Type {
                let mut variants = Variants::new();
                $(variants = variants.variant(stringify!($variant), |v| v.index($index));)*
                Type::builder()
                    .path(Path::new(stringify!($name), $namespace))
                    .variant(variants)
            }
        }

        impl From<$name> for &'static str {
            fn from(error: $name) -> Self { error.as_str() }
        }
    };
}

unit_enum! {
    /// Why an operation on a token failed.
    TokenError in "sp_runtime" {
        /// Not enough free funds.
        FundsUnavailable = 0 => "funds are unavailable",
        /// The account keeps alive others' references and cannot go below its minimum.
        OnlyProvider = 1 => "account that must exist would die",
        /// The account would be left with less than the minimum balance.
        BelowMinimum = 2 => "account cannot exist with the funds that would be given",
        /// The account cannot be created.
        CannotCreate = 3 => "account cannot be created",
        /// The asset is not known.
        UnknownAsset = 4 => "the asset in question is unknown",
        /// The funds are frozen.
        Frozen = 5 => "funds exist but are frozen",
        /// The operation is not supported by the asset.
        Unsupported = 6 => "operation is not supported by the asset",
        /// The hold cannot be created on this account.
        CannotCreateHold = 7 => "account cannot be created for a hold",
        /// The account is needed and cannot be reduced so far.
        NotExpendable = 8 => "account that is desired to remain would die",
        /// The account may not receive.
        Blocked = 9 => "account cannot receive the assets",
    }
}

unit_enum! {
    /// Why a storage transaction could not be opened.
    TransactionalError in "sp_runtime" {
        /// Too many nested transactions.
        LimitReached = 0 => "too many transactional layers have been spawned",
        /// A transaction was expected and none is open.
        NoLayer = 1 => "a transactional layer was expected but does not exist",
    }
}

unit_enum! {
    /// Why an operation on a trie failed.
    TrieError in "sp_runtime::proving_trie" {
        /// The state root is not known.
        InvalidStateRoot = 0 => "invalid state root",
        /// A node is missing.
        IncompleteDatabase = 1 => "incomplete trie database",
        /// A value does not match what was expected.
        ValueAtIncompleteKey = 2 => "value at incomplete key",
        /// A node does not decode.
        DecoderError = 3 => "trie decoder error",
        /// A node's hash does not match.
        InvalidHash = 4 => "invalid hash",
        /// The proof has a key twice.
        DuplicateKey = 5 => "duplicate key in the proof",
        /// The proof has nodes that nothing needs.
        ExtraneousNode = 6 => "extraneous node in the proof",
        /// The proof has values that nothing needs.
        ExtraneousValue = 7 => "extraneous value in the proof",
        /// The proof has hash references that nothing needs.
        ExtraneousHashReference = 8 => "extraneous hash reference in the proof",
        /// The proof refers to a child that cannot be.
        InvalidChildReference = 9 => "invalid child reference in the proof",
        /// A value is not what it should be.
        ValueMismatch = 10 => "value mismatch in the proof",
        /// The proof is incomplete.
        IncompleteProof = 11 => "incomplete proof",
        /// The root of the proof is not the expected one.
        RootMismatch = 12 => "root mismatch in the proof",
        /// The proof does not decode.
        DecodeError = 13 => "proof decode error",
    }
}

/// An error that a pallet declared.
#[derive(Clone, Copy, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ModuleError {
    /// Index of the pallet in the runtime.
    pub index: u8,
    /// SCALE encoding of the pallet's error, padded with zeros.
    pub error: [u8; MAX_MODULE_ERROR_BYTES],
    /// Name of the error's variant; not encoded.
    #[codec(skip)]
    #[cfg_attr(feature = "std", serde(skip))]
    pub message: Option<&'static str>,
}

impl PartialEq for ModuleError {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.error == other.error
    }
}

impl TypeInfo for ModuleError {
    type Identity = Self;
    fn type_info() -> Type {
        Type::builder().path(Path::new("ModuleError", "sp_runtime")).composite(
            scale_info::build::Fields::named()
                .field(|f| f.ty::<u8>().name("index").type_name("u8"))
                .field(|f| {
                    f.ty::<[u8; MAX_MODULE_ERROR_BYTES]>()
                        .name("error")
                        .type_name("[u8; MAX_MODULE_ERROR_ENCODED_SIZE]")
                }),
        )
    }
}

/// Why a dispatch failed.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum DispatchError {
    /// Some reason that only a log tells.
    Other(
        #[codec(skip)]
        #[cfg_attr(feature = "std", serde(skip_deserializing))]
        &'static str,
    ),
    /// The address cannot be looked up.
    CannotLookup,
    /// The origin may not do this.
    BadOrigin,
    /// A pallet's own error.
    Module(ModuleError),
    /// A consumer reference keeps the account alive.
    ConsumerRemaining,
    /// There is no provider reference.
    NoProviders,
    /// The account has too many consumer references.
    TooManyConsumers,
    /// An operation on a token failed.
    Token(TokenError),
    /// Arithmetic overflowed, underflowed or divided by zero.
    Arithmetic(ArithmeticError),
    /// A storage transaction could not be opened.
    Transactional(TransactionalError),
    /// A resource is exhausted.
    Exhausted,
    /// The state is corrupt.
    Corruption,
    /// A resource is not available now.
    Unavailable,
    /// Root may not do this.
    RootNotAllowed,
    /// An operation on a trie failed.
    Trie(TrieError),
}

impl TypeInfo for DispatchError {
    type Identity = Self;
    fn type_info() -> Type {
        let unit = |variants: Variants, name, index| variants.variant(name, |v| v.index(index));
        let mut variants = unit(Variants::new(), "Other", 0);
        variants = unit(variants, "CannotLookup", 1);
        variants = unit(variants, "BadOrigin", 2);
        variants = with_field::<ModuleError>(variants, "Module", 3, "ModuleError");
        variants = unit(variants, "ConsumerRemaining", 4);
        variants = unit(variants, "NoProviders", 5);
        variants = unit(variants, "TooManyConsumers", 6);
        variants = with_field::<TokenError>(variants, "Token", 7, "TokenError");
        variants = with_field::<ArithmeticError>(variants, "Arithmetic", 8, "ArithmeticError");
        variants =
            with_field::<TransactionalError>(variants, "Transactional", 9, "TransactionalError");
        variants = unit(variants, "Exhausted", 10);
        variants = unit(variants, "Corruption", 11);
        variants = unit(variants, "Unavailable", 12);
        variants = unit(variants, "RootNotAllowed", 13);
        variants = with_field::<TrieError>(variants, "Trie", 14, "TrieError");
        Type::builder().path(Path::new("DispatchError", "sp_runtime")).variant(variants)
    }
}

fn with_field<T: TypeInfo + 'static>(
    variants: Variants,
    name: &'static str,
    index: u8,
    type_name: &'static str,
) -> Variants {
    variants.variant(name, |v| {
        v.index(index).fields(
            scale_info::build::Fields::unnamed().field(|f| f.ty::<T>().type_name(type_name)),
        )
    })
}

impl From<&'static str> for DispatchError {
    fn from(message: &'static str) -> Self {
        Self::Other(message)
    }
}

impl From<TokenError> for DispatchError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<ArithmeticError> for DispatchError {
    fn from(error: ArithmeticError) -> Self {
        Self::Arithmetic(error)
    }
}

impl From<TransactionalError> for DispatchError {
    fn from(error: TransactionalError) -> Self {
        Self::Transactional(error)
    }
}

impl From<ModuleError> for DispatchError {
    fn from(error: ModuleError) -> Self {
        Self::Module(error)
    }
}

impl From<DispatchError> for &'static str {
    fn from(error: DispatchError) -> Self {
        match error {
            DispatchError::Other(message) => message,
            DispatchError::CannotLookup => "cannot look up",
            DispatchError::BadOrigin => "bad origin",
            DispatchError::Module(module) => module.message.unwrap_or("unknown module error"),
            DispatchError::ConsumerRemaining => "consumer remaining",
            DispatchError::NoProviders => "no providers",
            DispatchError::TooManyConsumers => "too many consumers",
            DispatchError::Token(error) => error.as_str(),
            DispatchError::Arithmetic(error) => error.into(),
            DispatchError::Transactional(error) => error.as_str(),
            DispatchError::Exhausted => "resources exhausted",
            DispatchError::Corruption => "state corrupt",
            DispatchError::Unavailable => "resource unavailable",
            DispatchError::RootNotAllowed => "root not allowed",
            DispatchError::Trie(error) => error.as_str(),
        }
    }
}
