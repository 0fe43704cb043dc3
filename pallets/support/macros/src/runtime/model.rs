//! What a runtime's module says: plain data with spans.

use syn::{Attribute, Ident, Item, ItemStruct, Path, Type, Visibility};

/// A whole runtime.
pub(crate) struct Model {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// Items that are none of our business.
    pub(crate) items: Vec<Item>,
    pub(crate) runtime: ItemStruct,
    /// In the order of the indices.
    pub(crate) pallets: Vec<Pallet>,
    /// The module of the system pallet.
    pub(crate) system: Path,
}

/// One pallet of the runtime.
pub(crate) struct Pallet {
    /// Its name: the alias.
    pub(crate) ident: Ident,
    /// Attributes of the alias, docs included.
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) index: u8,
    /// The pallet's type, `path::Pallet<Runtime>`.
    pub(crate) ty: Type,
    /// The pallet's module.
    pub(crate) module: Path,
    /// Whether its calls are left out.
    pub(crate) disable_call: bool,
    /// Whether its unsigned calls are left out.
    pub(crate) disable_unsigned: bool,
}
