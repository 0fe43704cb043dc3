//! From the model to code. Nothing here can fail.

mod call;
mod event;
mod genesis;
mod info;
mod inherent;
mod metadata;
mod origin;

use super::model::{Model, Pallet};
use crate::krate;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Ident;

/// The module with the composition in it, and its names in the scope around it.
pub(super) fn module(model: &Model) -> TokenStream {
    let krate = krate::library();
    let runtime_ident = &model.runtime.ident;
    let Model { attrs, vis, ident, items, runtime, .. } = model;
    let aliases = model
        .pallets
        .iter()
        .map(|Pallet { ident, attrs, vis, ty, .. }| quote!(#(#attrs)* #vis type #ident = #ty;));
    let parts = [
        info::expand(model, &krate),
        call::expand(model, &krate),
        event::expand(model, &krate),
        origin::expand(model, &krate),
        genesis::expand(model, &krate),
        inherent::expand(model, &krate),
        metadata::expand(model, &krate),
    ];
    let integrity_test = integrity_test(&krate);
    quote! {
        #(#attrs)*
        #[allow(
            missing_docs,
            missing_debug_implementations,
            unreachable_pub,
            unused_imports,
            clippy::large_enum_variant
        )]
        #vis mod #ident {
            use super::*;
            #(#items)*

            #[derive(
                ::core::clone::Clone,
                ::core::marker::Copy,
                ::core::cmp::PartialEq,
                ::core::cmp::Eq,
                ::core::fmt::Debug,
                #krate::__private::scale_info::TypeInfo,
            )]
            #[scale_info(crate = #krate::__private::scale_info)]
            #runtime

            type __Runtime = #runtime_ident;
            #(#aliases)*
            #(#parts)*
            #integrity_test
        }
        #[allow(unused_imports, unreachable_pub)]
        pub use #ident::*;
    }
}

/// A test in the crate of the runtime: every pallet's check of its configuration.
fn integrity_test(krate: &TokenStream) -> TokenStream {
    quote! {
        #[cfg(test)]
        mod __integrity {
            #[test]
            fn every_pallet_accepts_its_configuration() {
                <super::AllPalletsWithSystem as #krate::traits::IntegrityTest>::integrity_test();
            }
        }
    }
}

/// The associated type `part` of a pallet.
fn part(krate: &TokenStream, pallet: &Pallet, part: &str) -> TokenStream {
    let ident = &pallet.ident;
    let part = Ident::new(part, proc_macro2::Span::call_site());
    quote!(<#ident as #krate::parts::PalletParts<__Runtime>>::#part)
}

/// A variant of a composed enum in its type information.
struct Variant {
    name: String,
    index: u8,
    ty: TokenStream,
    /// Whether the variant is there; a constant expression.
    present: TokenStream,
    /// What the type is called in the source.
    type_name: String,
}

impl Variant {
    fn of(krate: &TokenStream, pallet: &Pallet, part_name: &str, flag: &str) -> Self {
        let ident = &pallet.ident;
        let flag = Ident::new(flag, proc_macro2::Span::call_site());
        let module = pallet.module.to_token_stream().to_string().replace(' ', "");
        Self {
            name: ident.to_string(),
            index: pallet.index,
            ty: part(krate, pallet, part_name),
            present: quote!(<#ident as #krate::parts::PalletParts<__Runtime>>::#flag),
            type_name: format!("{module}::{part_name}"),
        }
    }
}

/// Type information of a composed enum: only the variants that can exist.
fn type_info(krate: &TokenStream, name: &str, docs: &str, variants: &[Variant]) -> TokenStream {
    let ident = Ident::new(name, proc_macro2::Span::call_site());
    let scale_info = quote!(#krate::__private::scale_info);
    let additions = variants.iter().map(|Variant { name, index, ty, present, type_name }| {
        quote! {
            if #present {
                __variants = __variants.variant(#name, |__v| {
                    __v.index(#index).fields(
                        #scale_info::build::Fields::unnamed()
                            .field(|__f| __f.ty::<#ty>().type_name(#type_name)),
                    )
                });
            }
        }
    });
    let _ = docs;
    quote! {
        impl #scale_info::TypeInfo for #ident {
            type Identity = Self;
            fn type_info() -> #scale_info::Type {
                #[allow(unused_mut)]
                let mut __variants = #scale_info::build::Variants::new();
                #(#additions)*
                #scale_info::Type::builder()
                    .path(#krate::parts::outer_path(#name, ::core::module_path!()))
                    .variant(__variants)
            }
        }
    }
}

/// Derives for an enum that goes over the wire, without type information.
fn codec_derives(krate: &TokenStream) -> TokenStream {
    quote! {
        #[derive(
            ::core::clone::Clone,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::fmt::Debug,
            #krate::__private::codec::Encode,
            #krate::__private::codec::Decode,
            #krate::__private::codec::DecodeWithMemTracking,
        )]
        #[codec(crate = #krate::__private::codec)]
    }
}

/// The config trait of the system pallet.
fn system_config(model: &Model) -> TokenStream {
    let system = &model.system;
    quote!(#system::Config)
}
