//! `RuntimeEvent`, `RuntimeError`, `RuntimeHoldReason`, `RuntimeFreezeReason`.

use super::{super::model::Model, Variant, codec_derives, part, type_info};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

pub(super) fn expand(model: &Model, krate: &TokenStream) -> TokenStream {
    let event = events(model, krate);
    let error = errors(model, krate);
    let hold = reasons(model, krate, "HoldReason", "HAS_HOLD_REASON");
    let freeze = reasons(model, krate, "FreezeReason", "HAS_FREEZE_REASON");
    quote!(#event #error #hold #freeze)
}

fn events(model: &Model, krate: &TokenStream) -> TokenStream {
    let idents: Vec<_> = model.pallets.iter().map(|p| &p.ident).collect();
    let indices = model.pallets.iter().map(|p| p.index);
    let types: Vec<_> = model.pallets.iter().map(|p| part(krate, p, "Event")).collect();
    let derives = codec_derives(krate);
    let variants: Vec<_> =
        model.pallets.iter().map(|p| Variant::of(krate, p, "Event", "HAS_EVENT")).collect();
    let info = type_info(krate, "RuntimeEvent", "", &variants);
    quote! {
        /// The events of all pallets.
        #derives
        pub enum RuntimeEvent {
            #(#[codec(index = #indices)] #idents(#types),)*
        }

        #info

        #(
            impl ::core::convert::From<#types> for RuntimeEvent {
                fn from(__event: #types) -> Self { Self::#idents(__event) }
            }

            impl ::core::convert::TryInto<#types> for RuntimeEvent {
                type Error = ();
                #[allow(unreachable_patterns)]
                fn try_into(self) -> ::core::result::Result<#types, ()> {
                    match self {
                        Self::#idents(__event) => ::core::result::Result::Ok(__event),
                        _ => ::core::result::Result::Err(()),
                    }
                }
            }
        )*
    }
}

fn errors(model: &Model, krate: &TokenStream) -> TokenStream {
    let idents: Vec<_> = model.pallets.iter().map(|p| &p.ident).collect();
    let indices: Vec<_> = model.pallets.iter().map(|p| p.index).collect();
    let types: Vec<_> = model.pallets.iter().map(|p| part(krate, p, "Error")).collect();
    let variants: Vec<_> =
        model.pallets.iter().map(|p| Variant::of(krate, p, "Error", "HAS_ERROR")).collect();
    let info = type_info(krate, "RuntimeError", "", &variants);
    let codec = quote!(#krate::__private::codec);
    quote! {
        /// The errors of all pallets.
        #[derive(::core::fmt::Debug, #codec::Encode, #codec::Decode)]
        #[codec(crate = #codec)]
        pub enum RuntimeError {
            #(#[codec(index = #indices)] #idents(#types),)*
        }

        #info

        impl RuntimeError {
            /// The pallet's error that a dispatch error carries, if it carries one.
            pub fn from_dispatch_error(
                __error: #krate::dispatch::DispatchError,
            ) -> ::core::option::Option<Self> {
                let #krate::dispatch::DispatchError::Module(__module) = __error else {
                    return ::core::option::Option::None;
                };
                let mut __bytes: &[u8] = &__module.error;
                match __module.index {
                    #(#indices => <#types as #codec::Decode>::decode(&mut __bytes)
                        .ok()
                        .map(Self::#idents),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// The enum `Runtime<part>`.
fn reasons(model: &Model, krate: &TokenStream, name: &str, flag: &str) -> TokenStream {
    let outer = format!("Runtime{name}");
    let outer_ident = Ident::new(&outer, Span::call_site());
    let idents: Vec<_> = model.pallets.iter().map(|p| &p.ident).collect();
    let indices = model.pallets.iter().map(|p| p.index);
    let types: Vec<_> = model.pallets.iter().map(|p| part(krate, p, name)).collect();
    let derives = codec_derives(krate);
    let variants: Vec<_> =
        model.pallets.iter().map(|p| Variant::of(krate, p, name, flag)).collect();
    let info = type_info(krate, &outer, "", &variants);
    let docs = format!("The `{name}` of all pallets.");
    quote! {
        #[doc = #docs]
        #derives
        #[derive(::core::marker::Copy, #krate::__private::codec::MaxEncodedLen)]
        pub enum #outer_ident {
            #(#[codec(index = #indices)] #idents(#types),)*
        }

        #info

        impl #krate::traits::VariantCount for #outer_ident {
            const VARIANT_COUNT: u32 =
                0 #(+ <#types as #krate::traits::VariantCount>::VARIANT_COUNT)*;
        }

        #(
            impl ::core::convert::From<#types> for #outer_ident {
                fn from(__reason: #types) -> Self { Self::#idents(__reason) }
            }
        )*
    }
}
