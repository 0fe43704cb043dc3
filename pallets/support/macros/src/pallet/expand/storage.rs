//! Storage items: prefixes, aliases, getters, metadata.

use super::super::model::{Arity, Model, Names, Storage};
use crate::krate::twox_128;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{LitStr, spanned::Spanned};

/// All items.
pub(super) fn expand(model: &Model, names: &Names) -> TokenStream {
    let items = model.storages.iter().map(|storage| one(storage, model, names));
    quote!(#(#items)*)
}

fn one(storage: &Storage, model: &Model, names: &Names) -> TokenStream {
    let Storage { item, prefix, name, cfgs, .. } = storage;
    let main = instance(prefix, name, storage, names);
    let counter = storage.kind.is_counted().then(|| {
        let counter = format_ident!("_GeneratedCounterPrefixForStorage{}", item.ident);
        let counter_name = LitStr::new(&format!("CounterFor{}", name.value()), Span::call_site());
        let krate = &names.krate;
        let parameters = parameters(storage.arity);
        let declared = declared(storage.arity, names);
        let instance = instance(&counter, &counter_name, storage, names);
        quote! {
            #instance
            #(#cfgs)*
            impl<#declared> #krate::storage::CountedStorageMapInstance for #prefix<#parameters> {
                type CounterPrefix = #counter<#parameters>;
            }
        }
    });
    let getter = getter(storage, names);
    let checks =
        (!storage.unbounded && !model.pallet.without_storage_info).then(|| bounded(storage, names));
    quote! {
        #[allow(type_alias_bounds)]
        #item
        #main
        #counter
        #getter
        #checks
    }
}

/// `T` or `T, I`.
fn parameters(arity: Arity) -> TokenStream {
    match arity {
        Arity::TI => quote!(T, I),
        Arity::None | Arity::T | Arity::I => quote!(T),
    }
}

/// The parameters with the pallet's bounds.
fn declared(_arity: Arity, names: &Names) -> TokenStream {
    names.impl_generics.clone()
}

/// A type that says where an item lives.
fn instance(prefix: &syn::Ident, name: &LitStr, storage: &Storage, names: &Names) -> TokenStream {
    let krate = &names.krate;
    let item_hash = twox_128(&name.value());
    let parameters = parameters(storage.arity);
    let declared = declared(storage.arity, names);
    let pallet = names.pallet();
    let cfgs = &storage.cfgs;
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(missing_docs, missing_debug_implementations)]
        pub struct #prefix<#parameters>(::core::marker::PhantomData<(#parameters,)>);

        #(#cfgs)*
        impl<#declared> #krate::storage::StorageInstance for #prefix<#parameters> {
            const STORAGE_PREFIX: &'static str = #name;
            fn pallet_prefix() -> &'static str {
                <#pallet as #krate::traits::PalletInfoAccess>::name()
            }
            fn prefix_hash() -> [u8; 32] {
                // Both halves are constants: no hashing on an access.
                #krate::parts::join_hashes(
                    <#pallet as #krate::traits::PalletInfoAccess>::name_hash(),
                    [#(#item_hash),*],
                )
            }
        }
    }
}

/// The function that `#[pallet::getter]` asks for.
fn getter(storage: &Storage, names: &Names) -> Option<TokenStream> {
    let getter = storage.getter.as_ref()?;
    let Names { krate, impl_generics, .. } = names;
    let pallet = names.pallet();
    let (ident, cfgs) = (&storage.item.ident, &storage.cfgs);
    let full = {
        let parameters = parameters(storage.arity);
        quote!(#ident<#parameters>)
    };
    let docs = &storage.docs;
    let keys = &storage.keys;
    let names_of_keys: Vec<_> = (1..=keys.len()).map(|i| format_ident!("k{}", i)).collect();
    let types_of_keys: Vec<_> = (1..=keys.len()).map(|i| format_ident!("KArg{}", i)).collect();
    let bounds = keys.iter().zip(&types_of_keys).map(|(key, ty)| {
        if storage.kind.has_key_tuple() {
            quote! {
                #ty: #krate::storage::EncodeLikeTuple<
                    <#key as #krate::storage::KeyGenerator>::Key
                > + #krate::storage::TupleToEncodedIter
            }
        } else {
            quote!(#ty: #krate::__private::codec::EncodeLike<#key>)
        }
    });
    Some(quote! {
        #(#cfgs)*
        impl<#impl_generics> #pallet {
            #(#[doc = #docs])*
            pub fn #getter<#(#types_of_keys),*>(
                #(#names_of_keys: #types_of_keys),*
            ) -> <#full as #krate::parts::StorageQuery>::Query
            where
                #(#bounds),*
            {
                <#full>::get(#(#names_of_keys),*)
            }
        }
    })
}

/// One assertion per type whose encoded length must have a bound.
fn bounded(storage: &Storage, names: &Names) -> TokenStream {
    let Names { krate, impl_generics, .. } = names;
    let cfgs = &storage.cfgs;
    let required = |ty: &dyn ToTokens, span| quote_spanned!(span => #krate::__private::require::max_encoded_len::<#ty>(););
    let keys = storage.keys.iter().map(|ty| {
        if storage.kind.has_key_tuple() {
            let tuple = quote_spanned!(ty.span() => <#ty as #krate::storage::KeyGenerator>::Key);
            required(&tuple, ty.span())
        } else {
            required(ty, ty.span())
        }
    });
    let checks = keys.chain(storage.value.iter().map(|ty| required(ty, ty.span())));
    quote! {
        #(#cfgs)*
        const _: () = {
            #[allow(dead_code, clippy::extra_unused_type_parameters)]
            fn __bounded<#impl_generics>() { #(#checks)* }
        };
    }
}

/// The expression for the storage part of the pallet's metadata.
pub(super) fn metadata(model: &Model, names: &Names) -> TokenStream {
    let krate = &names.krate;
    if model.storages.is_empty() {
        return quote!(::core::option::Option::None);
    }
    let entries = model.storages.iter().map(|storage| {
        let ident = &storage.item.ident;
        let parameters = parameters(storage.arity);
        let (docs, cfgs) = (&storage.docs, &storage.cfgs);
        let deprecation = storage.deprecation.item(krate);
        // What is wrong with a key or value is told here.
        let item = quote_spanned! {
            storage.item.ty.span() =>
            <#ident<#parameters> as #krate::storage::StorageEntryMetadataBuilder>
        };
        quote! {
            #(#cfgs)*
            #item::build_metadata(
                #deprecation,
                #krate::__private::vec![#(#docs),*],
                &mut __entries,
            );
        }
    });
    quote! {
        ::core::option::Option::Some(#krate::__private::metadata_ir::PalletStorageMetadataIR {
            prefix: <Self as #krate::traits::PalletInfoAccess>::name(),
            entries: {
                let mut __entries = #krate::__private::Vec::new();
                #(#entries)*
                __entries
            },
        })
    }
}
