//! Stands in for crates.io's `docify`, whose macros copy examples into documentation: here they do nothing.
//!
//! `sp-arithmetic` depends on it for its documentation. The published crate brings `regex`, `toml` and twenty more that every
//! chain would build twice, for the host and again for the WASM build's macros (`docs/compile-times.md`). Workspaces put this
//! crate in its place with `[patch.crates-io]`.

use proc_macro::TokenStream;

/// Marks an item as an example; the item stays as it is.
#[proc_macro_attribute]
pub fn export(_name: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Marks an item's body as an example; the item stays as it is.
#[proc_macro_attribute]
pub fn export_content(_name: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// The example of a file, as a literal for `#[doc]`: here always an empty one.
#[proc_macro]
pub fn embed(_example: TokenStream) -> TokenStream {
    TokenStream::from(proc_macro::TokenTree::Literal(proc_macro::Literal::string("")))
}
