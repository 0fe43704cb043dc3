//! From the model to code. Nothing here can fail.

mod call;
mod config;
mod enums;
mod genesis;
mod hooks;
mod pallet_struct;
mod parts;
mod storage;
mod view;

use super::model::{Arity, Model, Names};
use crate::krate;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The whole module.
pub(super) fn module(model: &Model) -> TokenStream {
    let names = Names::of(model);
    let Model { attrs, vis, ident, items, .. } = model;
    let config = config::expand(model, &names);
    let pallet = pallet_struct::expand(model, &names);
    let storages = storage::expand(model, &names);
    let type_values = genesis::type_values(model, &names);
    let calls = call::expand(model, &names);
    let event = enums::event(model, &names);
    let error = enums::error(model, &names);
    let composites = enums::composites(model, &names);
    let genesis = genesis::config(model, &names);
    let hooks = hooks::expand(model, &names);
    let view = view::metadata(model, &names);
    let parts = parts::expand(model, &names);
    quote! {
        #(#attrs)*
        #vis mod #ident {
            #(#items)*
            #config
            #pallet
            #storages
            #type_values
            #calls
            #event
            #error
            #composites
            #genesis
            #hooks
            #view
            #parts
        }
    }
}

impl Names {
    fn of(model: &Model) -> Self {
        let krate = krate::library();
        let config = if model.instance { quote!(Config<I>) } else { quote!(Config) };
        Self {
            krate,
            system_config: match &model.config.system {
                Some(path) => quote!(#path::Config),
                None => config.clone(),
            },
            impl_generics: if model.instance {
                quote!(T: Config<I>, I: 'static)
            } else {
                quote!(T: Config)
            },
            use_generics: if model.instance { quote!(T, I) } else { quote!(T) },
            config,
        }
    }

    /// The pallet's type.
    fn pallet(&self) -> TokenStream {
        let uses = &self.use_generics;
        quote!(Pallet<#uses>)
    }

    /// The type `ident` with as many of the pallet's parameters as it has.
    fn with(ident: &Ident, arity: Arity) -> TokenStream {
        match arity {
            Arity::None => quote!(#ident),
            Arity::T => quote!(#ident<T>),
            Arity::TI => quote!(#ident<T, I>),
            Arity::I => quote!(#ident<I>),
        }
    }

    /// Attributes for the derives of an enum that goes over the wire.
    fn codec_attributes(&self, arity: Arity) -> TokenStream {
        let krate = &self.krate;
        let skipped = match arity {
            Arity::None => quote!(),
            Arity::T => quote!(skip_type_params(T),),
            Arity::TI => quote!(skip_type_params(T, I),),
            Arity::I => quote!(skip_type_params(I),),
        };
        quote! {
            #[derive(
                #krate::__private::codec::Encode,
                #krate::__private::codec::Decode,
                #krate::__private::codec::DecodeWithMemTracking,
                #krate::__private::scale_info::TypeInfo,
            )]
            #[codec(crate = #krate::__private::codec)]
            #[codec(encode_bound())]
            #[codec(decode_bound())]
            #[codec(decode_with_mem_tracking_bound())]
            #[scale_info(
                crate = #krate::__private::scale_info,
                #skipped
                capture_docs = "always"
            )]
        }
    }
}

/// A variant that uses the parameters and cannot be made; none if there are no parameters.
fn ignore_variant(krate: &TokenStream, arity: Arity) -> Option<TokenStream> {
    let parameters = match arity {
        Arity::None => return None,
        Arity::T => quote!(T,),
        Arity::TI => quote!(T, I,),
        Arity::I => quote!(I,),
    };
    Some(quote! {
        #[doc(hidden)]
        #[codec(skip)]
        __Ignore(::core::marker::PhantomData<(#parameters)>, #krate::__private::Never),
    })
}

/// Derives that the user did not ask for.
fn missing_derives(attrs: &[syn::Attribute], wanted: &[(&str, TokenStream)]) -> TokenStream {
    let missing = wanted
        .iter()
        .filter(|(name, _)| !crate::attributes::derives(attrs, name))
        .map(|(_, path)| path);
    quote!(#[derive(#(#missing),*)])
}

/// `alloc::vec::Vec` of what `items` yields.
fn list(krate: &TokenStream, items: impl IntoIterator<Item = TokenStream>) -> TokenStream {
    let items = items.into_iter();
    quote!(#krate::__private::vec![#(#items),*])
}
