//! What a pallet's module says: plain data with spans.

use crate::docs::Deprecation;
use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, Fields, Generics, Ident, Item, ItemEnum, ItemFn, ItemImpl, ItemStruct,
    ItemTrait, ItemType, LitStr, Path, Type, Visibility,
};

/// A whole pallet.
pub(crate) struct Model {
    /// Attributes of the module, docs included.
    pub(crate) attrs: Vec<Attribute>,
    /// Visibility of the module.
    pub(crate) vis: Visibility,
    /// Name of the module.
    pub(crate) ident: Ident,
    /// Items that are none of our business, and those that only lost their attribute.
    pub(crate) items: Vec<Item>,
    /// Whether the pallet is instantiable: `Config<I>`.
    pub(crate) instance: bool,
    pub(crate) config: Config,
    pub(crate) pallet: Pallet,
    pub(crate) storages: Vec<Storage>,
    pub(crate) type_values: Vec<TypeValue>,
    pub(crate) calls: Option<Calls>,
    pub(crate) event: Option<Event>,
    pub(crate) error: Option<PalletErrors>,
    pub(crate) genesis_config: Option<GenesisConfig>,
    pub(crate) hooks: bool,
    pub(crate) inherent: bool,
    pub(crate) validate_unsigned: bool,
    pub(crate) origin: Option<Origin>,
    pub(crate) composites: Vec<Composite>,
    pub(crate) extra_constants: Vec<Constant>,
    pub(crate) view_functions: Vec<ViewFunction>,
}

/// How many of the pallet's parameters an item has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arity {
    /// None.
    None,
    /// `T`.
    T,
    /// `T` and `I`.
    TI,
    /// Only `I`, as a composite enum may have.
    I,
}

impl Arity {
    /// Reads an item's parameters.
    pub(crate) fn of(generics: &Generics) -> Self {
        let has = |name: &str| generics.type_params().any(|p| p.ident == name);
        match (has("T"), has("I")) {
            (false, false) => Self::None,
            (true, false) => Self::T,
            (true, true) => Self::TI,
            (false, true) => Self::I,
        }
    }
}

/// `#[pallet::config]`.
pub(crate) struct Config {
    pub(crate) item: ItemTrait,
    /// The module of the system pallet; none in the system pallet itself.
    pub(crate) system: Option<Path>,
    /// Whether the trait has its own `RuntimeEvent`.
    pub(crate) own_event: bool,
    /// The types that may have defaults, if there is to be a trait `DefaultConfig`.
    pub(crate) defaults: Option<Vec<Ident>>,
    pub(crate) constants: Vec<Constant>,
    pub(crate) associated: Vec<Associated>,
}

/// A constant that metadata shows.
pub(crate) struct Constant {
    pub(crate) ident: Ident,
    /// The name that metadata has, if it is not the identifier.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) docs: Vec<Expr>,
    pub(crate) deprecation: Deprecation,
}

/// An associated type of the config that metadata shows.
pub(crate) struct Associated {
    pub(crate) ident: Ident,
    pub(crate) docs: Vec<Expr>,
}

/// `#[pallet::pallet]`.
pub(crate) struct Pallet {
    pub(crate) item: ItemStruct,
    pub(crate) storage_version: Option<Expr>,
    pub(crate) without_storage_info: bool,
}

/// Kinds of storage items.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StorageKind {
    Value,
    Map,
    DoubleMap,
    NMap,
    CountedMap,
    CountedNMap,
}

impl StorageKind {
    /// Whether the keys are one tuple, with their hashers.
    pub(crate) fn has_key_tuple(self) -> bool {
        matches!(self, Self::NMap | Self::CountedNMap)
    }

    /// Whether a counter stands beside it.
    pub(crate) fn is_counted(self) -> bool {
        matches!(self, Self::CountedMap | Self::CountedNMap)
    }
}

/// `#[pallet::storage]`.
pub(crate) struct Storage {
    /// The alias with the prefix in place of `_` and the arguments in order.
    pub(crate) item: ItemType,
    pub(crate) kind: StorageKind,
    /// The type that holds the prefix.
    pub(crate) prefix: Ident,
    /// The item's name in keys and metadata.
    pub(crate) name: LitStr,
    pub(crate) arity: Arity,
    pub(crate) getter: Option<Ident>,
    pub(crate) unbounded: bool,
    /// The keys of a value (none), map (one), double map (two) or n-map (the key tuple type).
    pub(crate) keys: Vec<Type>,
    pub(crate) value: Option<Type>,
    pub(crate) docs: Vec<Expr>,
    pub(crate) deprecation: Deprecation,
    pub(crate) cfgs: Vec<Attribute>,
}

impl Storage {
    /// The names under which it stores something.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        let name = self.name.value();
        let counter = self.kind.is_counted().then(|| format!("CounterFor{name}"));
        core::iter::once(name).chain(counter).collect()
    }
}

/// `#[pallet::type_value]`.
pub(crate) struct TypeValue {
    pub(crate) item: ItemFn,
    pub(crate) output: Type,
}

/// `#[pallet::call]`.
pub(crate) struct Calls {
    /// The block, with every body in a storage layer.
    pub(crate) item: ItemImpl,
    pub(crate) calls: Vec<Call>,
    pub(crate) docs: Vec<Expr>,
}

/// One call.
pub(crate) struct Call {
    pub(crate) ident: Ident,
    pub(crate) index: u8,
    pub(crate) weight: Expr,
    pub(crate) feeless_if: Option<Expr>,
    pub(crate) args: Vec<CallArg>,
    pub(crate) output: Type,
    pub(crate) docs: Vec<Expr>,
    pub(crate) deprecation: Deprecation,
    pub(crate) deprecated_attr: Option<Attribute>,
    pub(crate) cfgs: Vec<Attribute>,
}

/// One argument of a call.
pub(crate) struct CallArg {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) compact: bool,
}

/// `#[pallet::event]`.
pub(crate) struct Event {
    pub(crate) item: ItemEnum,
    pub(crate) arity: Arity,
    /// Visibility of the function that `#[pallet::generate_deposit]` asks for, and its name.
    pub(crate) deposit: Option<(Visibility, Ident)>,
    /// Whether the config's own `RuntimeEvent` cannot hold it, which has been said.
    pub(crate) unbound: bool,
}

/// `#[pallet::error]`.
pub(crate) struct PalletErrors {
    pub(crate) item: ItemEnum,
    pub(crate) arity: Arity,
    pub(crate) variants: Vec<(Ident, Fields)>,
}

/// `#[pallet::genesis_config]`.
pub(crate) struct GenesisConfig {
    pub(crate) item: Item,
    pub(crate) arity: Arity,
}

/// `#[pallet::origin]`.
pub(crate) struct Origin {
    pub(crate) ident: Ident,
    pub(crate) arity: Arity,
}

/// `#[pallet::composite_enum]`.
pub(crate) struct Composite {
    pub(crate) item: ItemEnum,
    pub(crate) arity: Arity,
}

/// One function of `#[pallet::view_functions]`.
pub(crate) struct ViewFunction {
    pub(crate) ident: Ident,
    pub(crate) args: Vec<(Ident, Type)>,
    pub(crate) output: Type,
    pub(crate) docs: Vec<Expr>,
    pub(crate) deprecation: Deprecation,
}

/// What every part of the expansion needs.
pub(crate) struct Names {
    /// The library's path.
    pub(crate) krate: TokenStream,
    /// The system pallet's config trait.
    pub(crate) system_config: TokenStream,
    /// `T: Config` or `T: Config<I>, I: 'static`.
    pub(crate) impl_generics: TokenStream,
    /// `T` or `T, I`.
    pub(crate) use_generics: TokenStream,
    /// `Config` or `Config<I>`.
    pub(crate) config: TokenStream,
}
