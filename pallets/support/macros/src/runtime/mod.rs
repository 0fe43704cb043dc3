//! `#[runtime]`: pallets become a runtime.

use proc_macro2::TokenStream;
pub(crate) fn runtime(_attr: TokenStream, item: TokenStream) -> TokenStream {
    item
}
