//! From the user's module to the model.

use super::model::{Model, Pallet};
use crate::{
    attributes::{Helper, Strip, take},
    errors::Errors,
};
use quote::ToTokens;
use std::collections::BTreeMap;
use syn::{
    Fields, GenericArgument, Ident, Item, ItemMod, ItemStruct, ItemType, LitInt, Path,
    PathArguments, Token, Type, TypeParamBound, punctuated::Punctuated, visit_mut::VisitMut,
};

const NAMESPACE: &str = "runtime";

/// What `#[runtime::derive(..)]` may name. All of it is generated in any case.
const DERIVES: [&str; 10] = [
    "RuntimeCall",
    "RuntimeEvent",
    "RuntimeError",
    "RuntimeOrigin",
    "RuntimeFreezeReason",
    "RuntimeHoldReason",
    "RuntimeSlashReason",
    "RuntimeLockId",
    "RuntimeTask",
    "RuntimeViewFunction",
];

/// Parses the module; `None` if there is too little to expand, with the reason in `errors`.
pub(super) fn module(module: ItemMod, errors: &mut Errors) -> Option<Model> {
    let Some((_, items)) = module.content else {
        errors.at(&module.ident, "a runtime's module must be inline: `mod runtime { .. }`");
        return None;
    };
    let mut runtime = None;
    let mut aliases = Vec::new();
    let mut others = Vec::new();
    for mut item in items {
        let helpers = match &mut item {
            Item::Struct(item) => take(&mut item.attrs, NAMESPACE),
            Item::Type(item) => take(&mut item.attrs, NAMESPACE),
            _ => Vec::new(),
        };
        match (helpers.first(), item) {
            (Some(first), Item::Struct(item)) => {
                if runtime.is_some() {
                    errors.at(&first.attr, "a module has one `#[runtime::runtime]`");
                }
                check_runtime(&item, &helpers, errors);
                runtime = Some(item);
            }
            (Some(_), Item::Type(item)) => aliases.push((item, helpers)),
            (_, mut item) => {
                let mut strip = Strip::new(NAMESPACE);
                strip.visit_item_mut(&mut item);
                for helper in strip.taken {
                    let name = &helper.name;
                    errors.at(&helper.attr, format!("`#[runtime::{name}]` cannot stand here"));
                }
                others.push(item);
            }
        }
    }
    let Some(runtime) = runtime else {
        errors.at(&module.ident, "a runtime needs a `#[runtime::runtime] pub struct Runtime;`");
        return None;
    };
    let pallets = pallets(aliases, &runtime.ident, errors);
    let Some(system) = pallets.iter().find(|p| p.ident == "System").map(|p| p.module.clone())
    else {
        errors.at(&module.ident, "a runtime needs a pallet called `System`");
        return None;
    };
    Some(Model {
        attrs: module.attrs,
        vis: module.vis,
        ident: module.ident,
        items: others,
        runtime,
        pallets,
        system,
    })
}

fn check_runtime(item: &ItemStruct, helpers: &[Helper], errors: &mut Errors) {
    if !helpers.iter().any(|h| h.is("runtime")) {
        errors.at(&item.ident, "the runtime's struct needs `#[runtime::runtime]`");
    }
    if !matches!(item.fields, Fields::Unit) || !item.generics.params.is_empty() {
        errors.at(&item.ident, "the runtime's struct has no fields and no parameters");
    }
    for helper in helpers.iter().filter(|h| !h.is("runtime")) {
        if !helper.is("derive") {
            errors.at(&helper.attr, format!("unknown attribute `runtime::{}`", helper.name));
            continue;
        }
        let names = helper.attr.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated);
        for name in errors.take(names).into_iter().flatten() {
            if !DERIVES.iter().any(|known| name == known) {
                errors.at(&name, format!("unknown; known are: {}", DERIVES.join(", ")));
            }
        }
    }
}

fn pallets(
    aliases: Vec<(ItemType, Vec<Helper>)>,
    runtime: &Ident,
    errors: &mut Errors,
) -> Vec<Pallet> {
    let mut pallets: Vec<Pallet> = Vec::new();
    let mut indices: BTreeMap<u8, Ident> = BTreeMap::new();
    for (item, helpers) in aliases {
        let Some(pallet) = pallet(item, &helpers, runtime, errors) else { continue };
        if pallets.iter().any(|other| other.ident == pallet.ident) {
            errors.at(&pallet.ident, format!("there is a pallet `{}` already", pallet.ident));
            continue;
        }
        if let Some(other) = indices.get(&pallet.index) {
            errors.at(
                &pallet.ident,
                format!("the pallet index {} belongs to `{other}` already", pallet.index),
            );
            continue;
        }
        indices.insert(pallet.index, pallet.ident.clone());
        pallets.push(pallet);
    }
    pallets.sort_by_key(|pallet| pallet.index);
    pallets
}

fn pallet(
    item: ItemType,
    helpers: &[Helper],
    runtime: &Ident,
    errors: &mut Errors,
) -> Option<Pallet> {
    for helper in helpers {
        let known = ["pallet_index", "disable_call", "disable_unsigned"];
        if !known.iter().any(|name| helper.is(name)) {
            errors.at(&helper.attr, format!("unknown attribute `runtime::{}`", helper.name));
        }
    }
    let Some(helper) = helpers.iter().find(|h| h.is("pallet_index")) else {
        errors.at(&item.ident, "a pallet needs `#[runtime::pallet_index(n)]`, which never changes");
        return None;
    };
    let index =
        errors.take(helper.args::<LitInt>().and_then(|literal| literal.base10_parse::<u8>()))?;
    let (module, ty) = pallet_type(&item.ty, runtime, errors)?;
    Some(Pallet {
        ident: item.ident,
        attrs: item.attrs,
        vis: item.vis,
        index,
        ty,
        module,
        disable_call: helpers.iter().any(|h| h.is("disable_call")),
        disable_unsigned: helpers.iter().any(|h| h.is("disable_unsigned")),
    })
}

/// The module and the type of a pallet from `module`, `module<Instance>` or
/// `module::Pallet<Runtime>`.
fn pallet_type(ty: &Type, runtime: &Ident, errors: &mut Errors) -> Option<(Path, Type)> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        // `pallet_x + Call + Storage`: the parts are found by themselves.
        Type::TraitObject(object) => match object.bounds.first() {
            Some(TypeParamBound::Trait(bound)) => &bound.path,
            _ => {
                errors.at(ty, "a pallet is given by its module: `pub type Name = pallet_name;`");
                return None;
            }
        },
        _ => {
            errors.at(ty, "a pallet is given by its module: `pub type Name = pallet_name;`");
            return None;
        }
    };
    let last = path.segments.last()?;
    let arguments: Vec<GenericArgument> = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().cloned().collect(),
        PathArguments::None => Vec::new(),
        PathArguments::Parenthesized(arguments) => {
            errors.at(arguments, "a pallet is given by its module: `pub type Name = pallet_name;`");
            return None;
        }
    };
    let mut module = path.clone();
    if last.ident == "Pallet" {
        let own = arguments
            .first()
            .is_some_and(|a| a.to_token_stream().to_string() == *runtime.to_string());
        if !own {
            errors.at(ty, format!("the pallet's first argument is the runtime, `{runtime}`"));
            return None;
        }
        module.segments.pop();
        module.segments.pop_punct();
        return Some((module, ty.clone()));
    }
    if let Some(last) = module.segments.last_mut() {
        last.arguments = PathArguments::None;
    }
    let ty = syn::parse_quote!(#module::Pallet<#runtime #(, #arguments)*>);
    Some((module, ty))
}
