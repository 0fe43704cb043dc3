//! The config trait with the bound on the runtime's event, and the trait of its defaults.

use super::super::{
    model::{Model, Names},
    parse::is_system_config,
};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{PathArguments, TypeParamBound};

/// The traits.
pub(super) fn expand(model: &Model, _names: &Names) -> TokenStream {
    let mut item = model.config.item.clone();
    if let Some(event) = model.event.as_ref().filter(|_| !model.config.own_event) {
        let event = match event.arity {
            super::Arity::None | super::Arity::I => quote!(Event),
            super::Arity::T => quote!(Event<Self>),
            super::Arity::TI => quote!(Event<Self, I>),
        };
        let system = item.supertraits.iter_mut().find_map(|bound| match bound {
            TypeParamBound::Trait(bound) if is_system_config(&bound.path) => {
                bound.path.segments.last_mut()
            }
            _ => None,
        });
        if let Some(segment) = system {
            let bound = quote!(RuntimeEvent: ::core::convert::From<#event>);
            let arguments = match &segment.arguments {
                PathArguments::AngleBracketed(existing) => {
                    let existing = existing.args.iter();
                    quote!(<#(#existing,)* #bound>)
                }
                PathArguments::None | PathArguments::Parenthesized(_) => quote!(<#bound>),
            };
            segment.arguments = PathArguments::AngleBracketed(syn::parse_quote!(#arguments));
        }
    }
    let defaults = defaults(model);
    quote!(#item #defaults)
}

/// The trait that defaults implement. Bounds are checked where a runtime takes a default: many of
/// them name types that only a runtime has.
fn defaults(model: &Model) -> Option<TokenStream> {
    let names = model.config.defaults.as_ref()?;
    let generics = &model.config.item.generics;
    let vis = &model.config.item.vis;
    Some(quote! {
        /// Defaults for the types of [`Config`], taken by `#[derive_impl]`.
        #vis trait DefaultConfig #generics {
            #(
                /// The default of the type of this name.
                type #names;
            )*
        }
    })
}
