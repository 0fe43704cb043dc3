//! `#[pallet::storage]`.

use super::super::model::{Arity, Storage, StorageKind};
use crate::{
    attributes::Helper,
    docs::{Deprecation, docs},
    errors::Errors,
};
use quote::format_ident;
use syn::{
    Expr, ExprLit, GenericArgument, Ident, ItemType, Lit, LitStr, Meta, PathArguments, PathSegment,
    Token, Type,
    parse::{Parse, ParseStream},
};

const HELPERS: [&str; 6] = [
    "storage",
    "getter",
    "storage_prefix",
    "unbounded",
    "whitelist_storage",
    "disable_try_decode_storage",
];

/// `fn name`.
struct Getter(Ident);

impl Parse for Getter {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.parse::<Token![fn]>()?;
        Ok(Self(input.parse()?))
    }
}

impl StorageKind {
    fn of(ident: &Ident) -> Option<Self> {
        Some(match ident.to_string().as_str() {
            "StorageValue" => Self::Value,
            "StorageMap" => Self::Map,
            "StorageDoubleMap" => Self::DoubleMap,
            "StorageNMap" => Self::NMap,
            "CountedStorageMap" => Self::CountedMap,
            "CountedStorageNMap" => Self::CountedNMap,
            _ => return None,
        })
    }

    /// The parameters after the prefix, and how many of them must be given.
    fn parameters(self) -> (&'static [&'static str], usize) {
        match self {
            Self::Value => (&["Value", "QueryKind", "OnEmpty"], 1),
            Self::Map | Self::CountedMap => {
                (&["Hasher", "Key", "Value", "QueryKind", "OnEmpty", "MaxValues"], 3)
            }
            Self::DoubleMap => (
                &[
                    "Hasher1",
                    "Key1",
                    "Hasher2",
                    "Key2",
                    "Value",
                    "QueryKind",
                    "OnEmpty",
                    "MaxValues",
                ],
                5,
            ),
            Self::NMap | Self::CountedNMap => {
                (&["Key", "Value", "QueryKind", "OnEmpty", "MaxValues"], 2)
            }
        }
    }
}

/// Parses a storage alias; gives it back, without a placeholder, if it is beyond use.
pub(super) fn storage(
    mut item: ItemType,
    helpers: &[Helper],
    dev_mode: bool,
    errors: &mut Errors,
) -> Result<Storage, Box<ItemType>> {
    super::only(helpers, &HELPERS, errors);
    if !helpers.iter().any(|h| h.is("storage")) {
        errors.at(&item.ident, "a storage item needs `#[pallet::storage]`");
    }
    let prefix = format_ident!("_GeneratedPrefixForStorage{}", item.ident);
    let arity = Arity::of(&item.generics);
    let parsed = shape(&mut item, &prefix, arity, dev_mode, errors);
    let Some((kind, arguments)) = parsed else {
        // An empty type keeps the name alive, so that uses of it do not add to the noise.
        *item.ty = syn::parse_quote!(());
        item.generics = syn::Generics::default();
        return Err(Box::new(item));
    };
    let (names, _) = kind.parameters();
    let argument =
        |name: &str| names.iter().position(|n| *n == name).and_then(|i| arguments.get(i)).cloned();
    let keys = ["Key", "Key1", "Key2"].into_iter().filter_map(argument).collect();
    Ok(Storage {
        kind,
        prefix,
        name: name(&item, helpers, errors),
        arity,
        getter: helpers
            .iter()
            .find(|h| h.is("getter"))
            .and_then(|helper| errors.take(helper.args::<Getter>()))
            .map(|Getter(ident)| ident),
        unbounded: helpers.iter().any(|h| h.is("unbounded")),
        keys,
        value: argument("Value"),
        docs: docs(&item.attrs),
        deprecation: Deprecation::of(&item.attrs),
        cfgs: item.attrs.iter().filter(|a| a.path().is_ident("cfg")).cloned().collect(),
        item,
    })
}

/// The item's name in keys: `#[pallet::storage_prefix = ".."]` or the alias.
fn name(item: &ItemType, helpers: &[Helper], errors: &mut Errors) -> LitStr {
    let default = LitStr::new(&item.ident.to_string(), item.ident.span());
    let Some(helper) = helpers.iter().find(|h| h.is("storage_prefix")) else { return default };
    match &helper.attr.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) if !name.value().is_empty() => {
                return name.clone();
            }
            other => errors.at(other, "a storage prefix is a string that is not empty"),
        },
        Meta::Path(_) | Meta::List(_) => {
            errors.at(&helper.attr, "write `#[pallet::storage_prefix = \"Name\"]`");
        }
    }
    default
}

/// Puts the prefix in and orders named arguments; gives the kind and all arguments after the prefix.
fn shape(
    item: &mut ItemType,
    prefix: &Ident,
    arity: Arity,
    dev_mode: bool,
    errors: &mut Errors,
) -> Option<(StorageKind, Vec<Type>)> {
    if matches!(arity, Arity::None | Arity::I) {
        errors.at(&item.ident, "a storage item has the parameter `T`: `type Name<T> = ..`");
        return None;
    }
    const KINDS: &str = "a storage item is a `StorageValue`, `StorageMap`, `StorageDoubleMap`, \
        `StorageNMap`, `CountedStorageMap` or `CountedStorageNMap`";
    let Type::Path(path) = &mut *item.ty else {
        errors.at(&item.ty, KINDS);
        return None;
    };
    let segment = path.path.segments.last_mut()?;
    let Some(kind) = StorageKind::of(&segment.ident) else {
        errors.at(&*segment, KINDS);
        return None;
    };
    let mut arguments = arguments(segment, kind, errors)?;
    name_hashers(kind, &mut arguments, dev_mode, errors)?;
    let prefix_arguments: Vec<Ident> = match arity {
        Arity::TI => vec![format_ident!("T"), format_ident!("I")],
        Arity::None | Arity::T | Arity::I => vec![format_ident!("T")],
    };
    segment.arguments = PathArguments::AngleBracketed(
        syn::parse_quote!(<#prefix<#(#prefix_arguments),*>, #(#arguments),*>),
    );
    Some((kind, arguments))
}

/// Puts a hasher in the place of `_`, in a sketch; an error elsewhere.
fn name_hashers(
    kind: StorageKind,
    arguments: &mut [Type],
    dev_mode: bool,
    errors: &mut Errors,
) -> Option<()> {
    let (names, _) = kind.parameters();
    for (name, ty) in names.iter().zip(arguments) {
        if !matches!(ty, Type::Infer(_)) {
            continue;
        }
        if !dev_mode || !name.starts_with("Hasher") {
            errors.at(&*ty, format!("name the `{name}`: only the first argument is `_`"));
            return None;
        }
        let krate = crate::krate::library();
        *ty = syn::parse_quote!(#krate::Blake2_128Concat);
    }
    Some(())
}

/// The arguments after the prefix, in order.
fn arguments(segment: &PathSegment, kind: StorageKind, errors: &mut Errors) -> Option<Vec<Type>> {
    let (names, required) = kind.parameters();
    let list = match &segment.arguments {
        PathArguments::AngleBracketed(list) => list,
        PathArguments::None | PathArguments::Parenthesized(_) => {
            errors.at(segment, format!("`{}` needs arguments", segment.ident));
            return None;
        }
    };
    if list.args.iter().any(|argument| matches!(argument, GenericArgument::AssocType(_))) {
        return named_arguments(segment, names, required, errors);
    }
    let mut arguments = Vec::new();
    for argument in &list.args {
        match argument {
            GenericArgument::Type(ty) => arguments.push(ty.clone()),
            other => {
                errors.at(other, "a storage item's arguments are types");
                return None;
            }
        }
    }
    if !matches!(arguments.first(), Some(Type::Infer(_))) {
        errors.at(segment, "the first argument of a storage item is `_`: its prefix is generated");
        return None;
    }
    arguments.remove(0);
    if arguments.len() < required || arguments.len() > names.len() {
        errors.at(segment, format!("`{}` takes `_`, then: {}", segment.ident, names.join(", ")));
        return None;
    }
    Some(arguments)
}

fn named_arguments(
    segment: &PathSegment,
    names: &[&str],
    required: usize,
    errors: &mut Errors,
) -> Option<Vec<Type>> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else { return None };
    let mut given: Vec<Option<Type>> = vec![None; names.len()];
    for argument in &list.args {
        let GenericArgument::AssocType(pair) = argument else {
            errors.at(argument, "name all arguments of a storage item, or none");
            return None;
        };
        let Some(position) = names.iter().position(|name| pair.ident == name) else {
            errors.at(&pair.ident, format!("unknown argument; known are: {}", names.join(", ")));
            return None;
        };
        if given[position].replace(pair.ty.clone()).is_some() {
            errors.at(&pair.ident, "this argument is here twice");
        }
    }
    let last = given.iter().rposition(Option::is_some)?;
    let krate = crate::krate::library();
    let mut arguments = Vec::new();
    for (position, (name, ty)) in
        names.iter().zip(given).enumerate().take(last.max(required - 1) + 1)
    {
        arguments.push(match (ty, *name) {
            (Some(ty), _) => ty,
            (None, "QueryKind") => syn::parse_quote!(#krate::storage::types::OptionQuery),
            (None, "OnEmpty") => syn::parse_quote!(#krate::traits::GetDefault),
            (None, name) => {
                debug_assert!(position < required);
                errors.at(segment, format!("the argument `{name}` is missing"));
                return None;
            }
        });
    }
    Some(arguments)
}
