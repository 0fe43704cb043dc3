//! Finds the path of the library that generated code names everything through.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The package that re-exports these macros and holds what generated code uses.
const LIBRARY: &str = "citrate-support";

/// The absolute path of the library in the crate that is being compiled, whatever it is called
/// there.
pub(crate) fn library() -> TokenStream {
    match crate_name(LIBRARY) {
        // The library's own sources declare `extern crate self as citrate_support`, which also
        // serves its integration tests and examples, where `crate` would be the test.
        Ok(FoundCrate::Itself) | Err(_) => quote!(::citrate_support),
        Ok(FoundCrate::Name(name)) => {
            let name = Ident::new(&name, Span::call_site());
            quote!(::#name)
        }
    }
}

/// The library's path as a string, for the `crate = "..."` of a derive helper attribute.
pub(crate) fn private_path_string(krate: &TokenStream, item: &str) -> String {
    let path = krate.to_string().replace(' ', "");
    format!("{path}::__private::{item}")
}
