//! `#[transactional]`.

use crate::krate;
use proc_macro2::TokenStream;
use quote::quote;

/// Wraps the body in a storage layer.
pub(crate) fn transactional(attr: &TokenStream, item: &TokenStream) -> TokenStream {
    if !attr.is_empty() {
        let error = syn::Error::new_spanned(attr, "`transactional` takes no argument");
        let error = error.into_compile_error();
        return quote!(#error #item);
    }
    let mut function = match syn::parse2::<syn::ItemFn>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let krate = krate::library();
    let block = &function.block;
    let output = &function.sig.output;
    *function.block = syn::parse_quote!({
        #krate::storage::with_storage_layer(|| #output #block)
    });
    quote!(#function)
}
