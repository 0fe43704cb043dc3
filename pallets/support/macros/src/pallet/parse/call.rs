//! `#[pallet::call]`.

use super::{
    super::model::{Call, CallArg, Calls},
    NAMESPACE,
};
use crate::{
    attributes::{Helper, take},
    docs::{Deprecation, docs},
    errors::Errors,
};
use proc_macro2::TokenStream;
use quote::ToTokens;
use std::collections::BTreeMap;
use syn::{
    Expr, FnArg, Ident, ImplItem, ImplItemFn, Item, ItemImpl, LitInt, Pat, ReturnType, Token, Type,
    Visibility,
    parse::{Parse, ParseStream},
};

/// `weight(T::WeightInfo)` or `weight = T::WeightInfo`.
struct DefaultWeight(Type);

impl Parse for DefaultWeight {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        if name != "weight" {
            return Err(syn::Error::new_spanned(name, "write `#[pallet::call(weight(Type))]`"));
        }
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Ok(Self(input.parse()?));
        }
        let content;
        syn::parenthesized!(content in input);
        Ok(Self(content.parse()?))
    }
}

/// Parses the block of calls.
pub(super) fn calls(
    mut item: ItemImpl,
    helpers: &[Helper],
    dev_mode: bool,
    errors: &mut Errors,
) -> Option<Calls> {
    super::only(helpers, &["call"], errors);
    let helper = helpers.first()?;
    let default_weight = match helper.attr.meta {
        syn::Meta::Path(_) => None,
        syn::Meta::List(_) | syn::Meta::NameValue(_) => {
            errors.take(helper.args::<DefaultWeight>()).map(|DefaultWeight(ty)| ty)
        }
    };
    let mut fallback =
        Fallback { weight: default_weight, next_index: dev_mode.then_some(0), dev_mode };
    if let Some((_, path, _)) = &item.trait_ {
        errors.at(path, "the calls stand in an inherent block: `impl<T: Config> Pallet<T> { .. }`");
    }
    let mut calls = Vec::new();
    let mut indices = BTreeMap::new();
    for member in &mut item.items {
        let ImplItem::Fn(function) = member else {
            errors.at(member, "a block of calls holds functions only");
            continue;
        };
        let Some(call) = call(function, &fallback, errors) else { continue };
        if dev_mode {
            fallback.next_index = call.index.checked_add(1);
        }
        if let Some(other) = indices.insert(call.index, call.ident.clone()) {
            errors.at(
                &call.ident,
                format!("the call index {} belongs to `{other}` already", call.index),
            );
            continue;
        }
        calls.push(call);
    }
    let docs = docs(&item.attrs);
    let Item::Impl(item) = super::checked(Item::Impl(item), errors) else { return None };
    Some(Calls { item, calls, docs })
}

/// What a call has that does not say it itself.
struct Fallback {
    /// The type whose function of the call's name is its weight.
    weight: Option<Type>,
    /// The index after the last call's, in a sketch.
    next_index: Option<u8>,
    /// Whether the pallet is a sketch, whose calls weigh nothing.
    dev_mode: bool,
}

fn call(function: &mut ImplItemFn, fallback: &Fallback, errors: &mut Errors) -> Option<Call> {
    let helpers = take(&mut function.attrs, NAMESPACE);
    super::only(&helpers, &["call_index", "weight", "feeless_if"], errors);
    let ident = function.sig.ident.clone();
    if !matches!(function.vis, Visibility::Public(_)) {
        errors.at(&ident, "a call must be `pub`");
    }
    if !function.sig.generics.params.is_empty() {
        errors.at(&function.sig.generics, "a call has no type parameters");
    }
    let index = match helpers.iter().find(|h| h.is("call_index")) {
        Some(helper) => {
            let index = helper.args::<LitInt>().and_then(|literal| {
                let wrong = "a call index is a number from 0 to 255";
                literal
                    .base10_parse::<u8>()
                    .map_err(|_error| syn::Error::new_spanned(literal, wrong))
            });
            errors.take(index)
        }
        None if fallback.next_index.is_some() => fallback.next_index,
        None => {
            errors.at(&ident, "a call needs `#[pallet::call_index(n)]`, which never changes");
            None
        }
    };
    let weight = match (helpers.iter().find(|h| h.is("weight")), &fallback.weight) {
        (Some(helper), _) => errors.take(helper.args::<Expr>()),
        (None, Some(ty)) => {
            let args = argument_names(function);
            Some(syn::parse_quote!(<#ty>::#ident(#(#args),*)))
        }
        (None, None) if fallback.dev_mode => Some(syn::parse_quote!(0_u64)),
        (None, None) => {
            errors.at(&ident, "a call needs `#[pallet::weight(..)]`");
            None
        }
    };
    let feeless_if = helpers
        .iter()
        .find(|h| h.is("feeless_if"))
        .and_then(|helper| errors.take(helper.args::<Expr>()));
    let args = arguments(function, errors);
    let output = output(function, errors)?;
    let krate = crate::krate::library();
    wrap(function, &output, &krate);
    Some(Call {
        index: index?,
        weight: weight?,
        feeless_if,
        args: args?,
        output,
        docs: docs(&function.attrs),
        deprecation: Deprecation::of(&function.attrs),
        deprecated_attr: function.attrs.iter().find(|a| a.path().is_ident("deprecated")).cloned(),
        cfgs: function.attrs.iter().filter(|a| a.path().is_ident("cfg")).cloned().collect(),
        ident,
    })
}

/// A benchmarked weight function of the same name takes no argument in the simplest case.
fn argument_names(_function: &ImplItemFn) -> Vec<Ident> {
    Vec::new()
}

/// The arguments after the origin.
fn arguments(function: &mut ImplItemFn, errors: &mut Errors) -> Option<Vec<CallArg>> {
    let name = function.sig.ident.clone();
    let mut inputs = function.sig.inputs.iter_mut();
    match inputs.next() {
        Some(FnArg::Typed(argument)) if is_origin(&argument.ty) => {}
        Some(other) => {
            errors.at(other, "the first argument of a call is `origin: OriginFor<T>`");
            return None;
        }
        None => {
            errors.at(name, "the first argument of a call is `origin: OriginFor<T>`");
            return None;
        }
    }
    let mut arguments = Vec::new();
    for input in inputs {
        let FnArg::Typed(argument) = input else {
            errors.at(input, "a call has no receiver");
            return None;
        };
        let helpers = take(&mut argument.attrs, NAMESPACE);
        super::only(&helpers, &["compact"], errors);
        let Pat::Ident(pattern) = &*argument.pat else {
            errors.at(&argument.pat, "an argument of a call is a plain name");
            return None;
        };
        if matches!(&*argument.ty, Type::Reference(_) | Type::ImplTrait(_)) {
            errors.at(&argument.ty, "an argument of a call is an owned, named type");
            return None;
        }
        arguments.push(CallArg {
            ident: pattern.ident.clone(),
            ty: (*argument.ty).clone(),
            compact: !helpers.is_empty(),
        });
    }
    Some(arguments)
}

fn is_origin(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|s| s.ident == "OriginFor" || s.ident == "RuntimeOrigin"),
        _ => false,
    }
}

fn output(function: &ImplItemFn, errors: &mut Errors) -> Option<Type> {
    match &function.sig.output {
        ReturnType::Type(_, ty) if !is_no_result(ty) => Some((**ty).clone()),
        ReturnType::Type(_, ty) => {
            errors.at(ty, RESULTS);
            None
        }
        ReturnType::Default => {
            errors.at(&function.sig.ident, RESULTS);
            None
        }
    }
}

const RESULTS: &str = "a call returns `DispatchResult` or `DispatchResultWithPostInfo`";

/// Whether a type is known not to be a result. What else is none is found out by its bounds.
fn is_no_result(ty: &Type) -> bool {
    const KNOWN: [&str; 15] = [
        "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "bool", "Vec",
        "Option", "Weight", "String",
    ];
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| KNOWN.iter().any(|name| segment.ident == name)),
        Type::Tuple(_) | Type::Array(_) | Type::Reference(_) => true,
        _ => false,
    }
}

/// Puts the body in a storage layer of its own: a call that fails leaves nothing behind.
fn wrap(function: &mut ImplItemFn, output: &Type, krate: &TokenStream) {
    let body = function.block.to_token_stream();
    function.block = syn::parse_quote!({
        #krate::storage::with_storage_layer(|| -> #output #body)
    });
}
