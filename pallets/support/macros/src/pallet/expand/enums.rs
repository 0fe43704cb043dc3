//! Events, errors, reasons for holds and freezes.

use super::super::model::{Arity, Composite, Model, Names};
use crate::docs::{Deprecation, enum_deprecation};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, ItemEnum, spanned::Spanned};

fn no_bound_derives(krate: &TokenStream) -> [(&'static str, TokenStream); 4] {
    [
        ("Clone", quote!(#krate::CloneNoBound)),
        ("PartialEq", quote!(#krate::PartialEqNoBound)),
        ("Eq", quote!(#krate::EqNoBound)),
        ("Debug", quote!(#krate::DebugNoBound)),
    ]
}

/// The user's enum with a variant that uses its parameters.
fn with_ignore(item: &ItemEnum, ignore: Option<&TokenStream>) -> TokenStream {
    let ItemEnum { attrs, vis, ident, generics, variants, .. } = item;
    let variants = variants.iter();
    let where_clause = &generics.where_clause;
    quote! {
        #(#attrs)*
        #vis enum #ident #generics #where_clause {
            #(#variants,)*
            #ignore
        }
    }
}

/// The indices of an enum's variants as the codec counts them: `#[codec(index = n)]`, an explicit
/// discriminant, or the position.
fn indexed(item: &ItemEnum) -> impl Iterator<Item = (u8, Deprecation)> + '_ {
    item.variants.iter().enumerate().map(|(position, variant)| {
        let mut index = u8::try_from(position).unwrap_or(u8::MAX);
        if let Some((_, syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(lit), .. }))) =
            &variant.discriminant
        {
            index = lit.base10_parse().unwrap_or(index);
        }
        for attr in variant.attrs.iter().filter(|attr| attr.path().is_ident("codec")) {
            // Other arguments of the attribute are the codec's to check.
            let _ = attr.parse_nested_meta(|meta| {
                if meta.path.is_ident("index") {
                    index = meta.value()?.parse::<syn::LitInt>()?.base10_parse()?;
                }
                Ok(())
            });
        }
        (index, Deprecation::of(&variant.attrs))
    })
}

fn type_and_deprecation(item: &ItemEnum, ty: &TokenStream, krate: &TokenStream) -> TokenStream {
    let indexed: Vec<_> = indexed(item).collect();
    let deprecation = enum_deprecation(krate, indexed.iter().map(|(index, d)| (*index, d)));
    quote! {
        ::core::option::Option::Some((
            #krate::__private::scale_info::meta_type::<#ty>(),
            #deprecation,
        ))
    }
}

/// The event enum and the function that deposits one.
pub(super) fn event(model: &Model, names: &Names) -> TokenStream {
    let Some(event) = &model.event else { return quote!() };
    let Names { krate, system_config, impl_generics, config, .. } = names;
    let derives = super::missing_derives(&event.item.attrs, &no_bound_derives(krate));
    let attributes = names.codec_attributes(event.arity);
    let item = with_ignore(&event.item, super::ignore_variant(krate, event.arity).as_ref());
    let ty = Names::with(&event.item.ident, event.arity);
    let deposit = event.deposit.as_ref().map(|(vis, ident)| {
        let pallet = names.pallet();
        let system = match &model.config.system {
            Some(path) => quote!(#path::Pallet::<T>),
            None => quote!(Self),
        };
        let own = if model.config.own_event {
            quote!(<T as #config>::RuntimeEvent)
        } else {
            quote!(<T as #system_config>::RuntimeEvent)
        };
        let body = if event.unbound {
            quote!(let _ = __event;)
        } else {
            quote! {
                let __event = <#own as ::core::convert::From<#ty>>::from(__event);
                let __event = <#own as ::core::convert::Into<
                    <T as #system_config>::RuntimeEvent,
                >>::into(__event);
                #system::deposit_event(__event);
            }
        };
        quote! {
            impl<#impl_generics> #pallet {
                /// Deposits an event of this pallet.
                #vis fn #ident(__event: #ty) { #body }
            }
        }
    });
    quote! {
        #derives
        #attributes
        #item
        #deposit
    }
}

/// Type and deprecations of the events, for metadata.
pub(super) fn event_metadata(model: &Model, names: &Names) -> TokenStream {
    match &model.event {
        Some(event) => {
            let ty = Names::with(&event.item.ident, event.arity);
            type_and_deprecation(&event.item, &ty, &names.krate)
        }
        None => quote!(::core::option::Option::None),
    }
}

/// The error enum and its way into a dispatch error.
pub(super) fn error(model: &Model, names: &Names) -> TokenStream {
    let Some(error) = &model.error else { return quote!() };
    let Names { krate, impl_generics, .. } = names;
    let attributes = names.codec_attributes(error.arity);
    let item = with_ignore(&error.item, super::ignore_variant(krate, error.arity).as_ref());
    let ty = Names::with(&error.item.ident, error.arity);
    let pallet = names.pallet();
    let plain = match error.arity {
        Arity::TI => quote!(T, I),
        Arity::None | Arity::T | Arity::I => quote!(T),
    };
    let arms = error.variants.iter().map(|(ident, _)| {
        let name = ident.to_string();
        quote!(Self::#ident { .. } => #name)
    });
    let sizes = error.variants.iter().map(|(_, fields)| {
        let types = fields.iter().map(|field| {
            let ty = &field.ty;
            quote_spanned! {
                ty.span() => <#ty as #krate::__private::PalletError>::MAX_ENCODED_SIZE
            }
        });
        quote!(__size = __max(__size, 0 #(+ #types)*);)
    });
    quote! {
        #attributes
        #item

        impl<#plain> #ty {
            #[doc(hidden)]
            pub fn as_str(&self) -> &'static str {
                match self {
                    #(#arms,)*
                    Self::__Ignore(_, __never) => match *__never {},
                }
            }
        }

        impl<#plain> ::core::convert::From<#ty> for &'static str {
            fn from(__error: #ty) -> Self { __error.as_str() }
        }

        impl<#plain> ::core::fmt::Debug for #ty {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __f.write_str(self.as_str())
            }
        }

        impl<#plain> #krate::__private::PalletError for #ty {
            const MAX_ENCODED_SIZE: usize = {
                #[allow(dead_code)]
                const fn __max(a: usize, b: usize) -> usize { if a > b { a } else { b } }
                #[allow(unused_mut)]
                let mut __size = 0;
                #(#sizes)*
                1 + __size
            };
        }

        impl<#impl_generics> ::core::convert::From<#ty> for #krate::dispatch::DispatchError {
            fn from(__error: #ty) -> Self {
                #krate::__private::ensure_error_fits::<#ty>();
                #krate::parts::module_error::<#pallet, #ty>(&__error, __error.as_str())
            }
        }
    }
}

/// Type and deprecations of the errors, for metadata.
pub(super) fn error_metadata(model: &Model, names: &Names) -> TokenStream {
    match &model.error {
        Some(error) => {
            let ty = Names::with(&error.item.ident, error.arity);
            type_and_deprecation(&error.item, &ty, &names.krate)
        }
        None => quote!(::core::option::Option::None),
    }
}

/// The composite enums.
pub(super) fn composites(model: &Model, names: &Names) -> TokenStream {
    let all = model.composites.iter().map(|composite| one(composite, names));
    quote!(#(#all)*)
}

fn one(composite: &Composite, names: &Names) -> TokenStream {
    let krate = &names.krate;
    let Composite { item, arity } = composite;
    let attributes = names.codec_attributes(*arity);
    let mut wanted = no_bound_derives(krate).to_vec();
    wanted.push(("Copy", quote!(::core::marker::Copy)));
    wanted.push(("MaxEncodedLen", quote!(#krate::__private::codec::MaxEncodedLen)));
    let derives = super::missing_derives(&item.attrs, &wanted);
    let count = u32::try_from(item.variants.len()).unwrap_or(u32::MAX);
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    let ident = &item.ident;
    let whole = with_ignore(item, super::ignore_variant(krate, *arity).as_ref());
    quote! {
        #derives
        #attributes
        #whole

        impl #impl_generics #krate::traits::VariantCount for #ident #ty_generics #where_clause {
            const VARIANT_COUNT: u32 = #count;
        }
    }
}

/// The type of the composite enum `name`, if the pallet has it.
pub(super) fn composite_type(model: &Model, name: &str) -> Option<TokenStream> {
    let composite = model.composites.iter().find(|composite| composite.item.ident == name)?;
    Some(Names::with(&Ident::new(name, Span::call_site()), composite.arity))
}
