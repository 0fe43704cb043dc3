//! `#[runtime]`: pallets become a runtime.

mod construct;
mod expand;
mod model;
mod parse;

pub(crate) use construct::construct;

use crate::{attributes::Strip, errors::Errors};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemMod, visit_mut::VisitMut};

/// Expands the attribute.
pub(crate) fn runtime(attr: &TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    if !attr.is_empty() {
        errors.at(attr, "`runtime` takes no argument");
    }
    let module = match syn::parse2::<ItemMod>(item.clone()) {
        Ok(module) => module,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let mut fallback = module.clone();
    let model = parse::module(module, &mut errors);
    let expansion = match model {
        // A composition with a hole would only drown the reason in its consequences.
        Some(model) if errors.is_empty() => expand::module(&model),
        Some(_) | None => {
            Strip::new("runtime").visit_item_mod_mut(&mut fallback);
            // The aliases name modules, not types, until they are expanded.
            if let Some((_, items)) = &mut fallback.content {
                items.retain(|item| !matches!(item, syn::Item::Type(_)));
            }
            quote!(#fallback)
        }
    };
    let errors = errors.into_tokens();
    quote!(#errors #expansion)
}
