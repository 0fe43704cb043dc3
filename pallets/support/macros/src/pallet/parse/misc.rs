//! The small parts: `type_value`, `genesis_config`, `origin`, `extra_constants`, `view_functions`.

use super::{
    super::model::{Arity, Constant, GenesisConfig, Origin, TypeValue, ViewFunction},
    NAMESPACE,
};
use crate::{
    attributes::{Helper, take},
    docs::{Deprecation, docs},
    errors::Errors,
};
use syn::{
    FnArg, GenericArgument, Ident, ImplItem, Item, ItemFn, ItemImpl, Pat, PathArguments,
    ReturnType, Type, Visibility,
};

/// Checks that hooks are for the chain's block numbers; those that are not are emptied, so that
/// nothing else is said of them.
pub(super) fn hooks(mut item: ItemImpl, errors: &mut Errors) -> ItemImpl {
    const NUMBERS: [&str; 3] = ["BlockNumberFor", "BlockNumber", "u32"];
    let Some((_, path, _)) = &mut item.trait_ else {
        errors.at(
            &item.self_ty,
            "hooks are an `impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T>`",
        );
        return item;
    };
    let Some(PathArguments::AngleBracketed(arguments)) =
        path.segments.last_mut().map(|segment| &mut segment.arguments)
    else {
        return item;
    };
    let Some(GenericArgument::Type(number)) = arguments.args.first_mut() else { return item };
    let known = match &*number {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| NUMBERS.iter().any(|name| last.ident == name)),
        _ => false,
    };
    if !known {
        let message = "hooks are for `BlockNumberFor<T>`: block numbers are the chain's own type";
        errors.at(&*number, message);
        let krate = crate::krate::library();
        *number = syn::parse_quote!(#krate::__private::primitives::BlockNumber);
        item.items.clear();
    }
    item
}

/// Parses a function that becomes a type.
pub(super) fn type_value(item: ItemFn, helper: &Helper, errors: &mut Errors) -> Option<TypeValue> {
    helper.no_args(errors);
    if !item.sig.inputs.is_empty() {
        errors.at(&item.sig.inputs, "a type value takes no arguments");
        return None;
    }
    match &item.sig.output {
        ReturnType::Type(_, ty) => {
            let output = (**ty).clone();
            Some(TypeValue { item, output })
        }
        ReturnType::Default => {
            errors.at(&item.sig.ident, "a type value returns its value");
            None
        }
    }
}

/// Parses the genesis config.
pub(super) fn genesis_config(
    item: Item,
    helper: &Helper,
    errors: &mut Errors,
) -> Option<GenesisConfig> {
    helper.no_args(errors);
    let (ident, generics) = match &item {
        Item::Struct(item) => (&item.ident, &item.generics),
        Item::Enum(item) => (&item.ident, &item.generics),
        _ => return None,
    };
    if ident != "GenesisConfig" {
        errors.at(ident, "the genesis config must be called `GenesisConfig`");
        return None;
    }
    Some(GenesisConfig { arity: Arity::of(generics), item })
}

/// Parses the origin.
pub(super) fn origin(item: &Item, helper: &Helper, errors: &mut Errors) -> Option<Origin> {
    helper.no_args(errors);
    let (ident, generics) = match item {
        Item::Type(item) => (&item.ident, &item.generics),
        Item::Struct(item) => (&item.ident, &item.generics),
        Item::Enum(item) => (&item.ident, &item.generics),
        _ => return None,
    };
    if ident != "Origin" {
        errors.at(ident, "the pallet's origin must be called `Origin`");
        return None;
    }
    Some(Origin { ident: ident.clone(), arity: Arity::of(generics) })
}

/// Parses the functions whose values metadata shows as constants.
pub(super) fn extra_constants(
    mut item: ItemImpl,
    helper: &Helper,
    errors: &mut Errors,
) -> (ItemImpl, Vec<Constant>) {
    helper.no_args(errors);
    let mut constants = Vec::new();
    for member in &mut item.items {
        let ImplItem::Fn(function) = member else {
            errors.at(member, "a block of extra constants holds functions only");
            continue;
        };
        let helpers = take(&mut function.attrs, NAMESPACE);
        super::only(&helpers, &["constant_name"], errors);
        let name = helpers
            .first()
            .and_then(|helper| errors.take(helper.args::<Ident>()))
            .unwrap_or_else(|| function.sig.ident.clone());
        if !function.sig.inputs.is_empty() {
            errors.at(&function.sig.inputs, "an extra constant takes no arguments");
            continue;
        }
        let ReturnType::Type(_, ty) = &function.sig.output else {
            errors.at(&function.sig.ident, "an extra constant returns its value");
            continue;
        };
        constants.push(Constant {
            ident: function.sig.ident.clone(),
            name: name.to_string(),
            ty: (**ty).clone(),
            docs: docs(&function.attrs),
            deprecation: Deprecation::of(&function.attrs),
        });
    }
    (item, constants)
}

/// Parses the functions that clients may call without a transaction.
pub(super) fn view_functions(
    item: &ItemImpl,
    helper: &Helper,
    errors: &mut Errors,
) -> Vec<ViewFunction> {
    helper.no_args(errors);
    item.items.iter().filter_map(|member| view_function(member, errors)).collect()
}

fn view_function(member: &ImplItem, errors: &mut Errors) -> Option<ViewFunction> {
    let ImplItem::Fn(function) = member else {
        errors.at(member, "a block of view functions holds functions only");
        return None;
    };
    if !matches!(function.vis, Visibility::Public(_)) {
        errors.at(&function.sig.ident, "a view function must be `pub`");
    }
    let mut args: Vec<(Ident, Type)> = Vec::new();
    for input in &function.sig.inputs {
        match input {
            FnArg::Typed(argument) => match &*argument.pat {
                Pat::Ident(pattern) => {
                    args.push((pattern.ident.clone(), (*argument.ty).clone()));
                }
                other => {
                    errors.at(other, "an argument of a view function is a plain name");
                    return None;
                }
            },
            FnArg::Receiver(receiver) => {
                errors.at(receiver, "a view function has no receiver");
                return None;
            }
        }
    }
    let ReturnType::Type(_, ty) = &function.sig.output else {
        errors.at(&function.sig.ident, "a view function returns something");
        return None;
    };
    Some(ViewFunction {
        ident: function.sig.ident.clone(),
        args,
        output: (**ty).clone(),
        docs: docs(&function.attrs),
        deprecation: Deprecation::of(&function.attrs),
    })
}
