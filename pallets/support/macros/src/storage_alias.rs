//! `#[storage_alias]`: an item that no pallet declares, such as one of an earlier version.

use crate::{errors::Errors, krate::library};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{GenericArgument, GenericParam, Generics, Ident, ItemType, LitStr, PathArguments, Type};

/// What can be named.
const KINDS: [&str; 6] = [
    "StorageValue",
    "StorageMap",
    "StorageDoubleMap",
    "StorageNMap",
    "CountedStorageMap",
    "CountedStorageNMap",
];

/// What the first argument is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prefix {
    /// A name: `StorageValue<Staking, u32>` lies under `Staking`.
    Verbatim,
    /// A pallet, whose name in the runtime counts.
    PalletName,
    /// A type that gives the name: `Get<&'static str>`.
    Dynamic,
}

/// Gives the alias a prefix of its own.
pub(crate) fn storage_alias(attr: &TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(item) = errors.take(syn::parse2::<ItemType>(item.clone())) else {
        return errors.into_tokens();
    };
    let (vis, ident) = (item.vis.clone(), item.ident.clone());
    expand(attr, item, &mut errors).unwrap_or_else(|| {
        // The name stays, so that its uses are no mistakes of their own.
        let errors = errors.into_tokens();
        quote!(#errors #vis type #ident = ();)
    })
}

fn expand(attr: &TokenStream, mut item: ItemType, errors: &mut Errors) -> Option<TokenStream> {
    let krate = library();
    let kind = kind(&item, errors)?;
    let Type::Path(path) = &*item.ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        errors.at(&item.ty, format!("`{kind}` needs arguments: a prefix first"));
        return None;
    };
    let mut arguments = arguments.args.iter();
    let place = match arguments.next() {
        Some(GenericArgument::Type(place)) if !matches!(place, Type::Infer(_)) => place,
        _ => {
            errors.at(&item.ty, "the first argument is the prefix: a pallet, or a name");
            return None;
        }
    };
    let prefix = prefix(attr, place, errors)?;
    let pallet = match prefix {
        Prefix::PalletName => quote!(<#place as #krate::traits::PalletInfoAccess>::name()),
        Prefix::Dynamic => quote!(<#place as #krate::traits::Get<&'static str>>::get()),
        Prefix::Verbatim => {
            let Some(name) = name_of(place) else {
                errors.at(
                    place,
                    "a name is one word; a pallet asks for `#[storage_alias(pallet_name)]`",
                );
                return None;
            };
            let name = LitStr::new(&name.to_string(), name.span());
            quote!(#name)
        }
    };
    let rest: Vec<_> = arguments.collect();
    let parameters = names(&item.generics, errors)?;
    let (declared, _, bounds) = item.generics.split_for_impl();
    let name = LitStr::new(&item.ident.to_string(), item.ident.span());
    let instance = format_ident!("_GeneratedPrefixForStorageAlias{}", item.ident);
    let instances = [(instance.clone(), name.clone())].into_iter();
    let counter = kind.to_string().starts_with("Counted").then(|| {
        let name = LitStr::new(&format!("CounterFor{}", name.value()), name.span());
        (format_ident!("_GeneratedCounterPrefixForStorageAlias{}", item.ident), name)
    });
    let counted = counter.as_ref().map(|(counter, _)| {
        quote! {
            impl #declared #krate::storage::CountedStorageMapInstance for #instance<#(#parameters),*> #bounds {
                type CounterPrefix = #counter<#(#parameters),*>;
            }
        }
    });
    let instances = instances.chain(counter).map(|(instance, name)| {
        quote! {
            #[doc(hidden)]
            #[allow(missing_docs, missing_debug_implementations, unreachable_pub)]
            pub struct #instance<#(#parameters),*>(::core::marker::PhantomData<(#(#parameters,)*)>);

            impl #declared #krate::storage::StorageInstance for #instance<#(#parameters),*> #bounds {
                const STORAGE_PREFIX: &'static str = #name;
                fn pallet_prefix() -> &'static str {
                    #pallet
                }
            }
        }
    });
    let instances = quote!(#(#instances)*);
    item.ty = syn::parse_quote! {
        #krate::storage::types::#kind<#instance<#(#parameters),*>, #(#rest),*>
    };
    Some(quote! {
        #[allow(type_alias_bounds)]
        #item
        #instances
        #counted
    })
}

/// The kind of storage that the alias is of.
fn kind(item: &ItemType, errors: &mut Errors) -> Option<Ident> {
    if let Type::Path(path) = &*item.ty
        && let Some(segment) = path.path.segments.last()
        && KINDS.iter().any(|kind| segment.ident == kind)
    {
        return Some(segment.ident.clone());
    }
    errors.at(&item.ty, format!("a storage alias is one of: {}", KINDS.join(", ")));
    None
}

/// What the attribute says of the prefix; without a word, one that is a single name is meant as it stands.
fn prefix(attr: &TokenStream, place: &Type, errors: &mut Errors) -> Option<Prefix> {
    match attr.to_string().as_str() {
        "" if name_of(place).is_some() => Some(Prefix::Verbatim),
        "" | "pallet_name" => Some(Prefix::PalletName),
        "verbatim" => Some(Prefix::Verbatim),
        "dynamic" => Some(Prefix::Dynamic),
        _ => {
            errors.at(attr, "write `pallet_name`, `verbatim`, `dynamic`, or nothing");
            None
        }
    }
}

/// A type that is one word.
fn name_of(place: &Type) -> Option<&Ident> {
    let Type::Path(path) = place else { return None };
    path.path.get_ident()
}

/// The parameters' names, without bounds and defaults.
fn names(generics: &Generics, errors: &mut Errors) -> Option<Vec<Ident>> {
    let mut names = Vec::new();
    for parameter in &generics.params {
        let GenericParam::Type(parameter) = parameter else {
            errors.at(parameter, "a storage alias has types as parameters, and no others");
            return None;
        };
        names.push(parameter.ident.clone());
    }
    Some(names)
}
