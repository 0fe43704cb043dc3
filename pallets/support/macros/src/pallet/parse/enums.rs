//! `#[pallet::event]`, `#[pallet::error]` and `#[pallet::composite_enum]`.

use super::super::model::{Arity, Composite, Event, PalletErrors};
use crate::{attributes::Helper, errors::Errors};
use syn::{
    Fields, Ident, Item, ItemEnum, Token, Visibility,
    parse::{Parse, ParseStream},
};

/// `pub(super) fn deposit_event`.
struct Deposit(Visibility, Ident);

impl Parse for Deposit {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let vis = input.parse()?;
        input.parse::<Token![fn]>()?;
        Ok(Self(vis, input.parse()?))
    }
}

/// The item after a check that none of our attributes is left inside it.
fn checked(item: ItemEnum, errors: &mut Errors) -> Option<ItemEnum> {
    match super::checked(Item::Enum(item), errors) {
        Item::Enum(item) => Some(item),
        _ => None,
    }
}

/// Errors if the enum is not public or not called `name`.
fn named(item: &ItemEnum, name: &str, errors: &mut Errors) -> bool {
    if item.ident != name {
        errors.at(&item.ident, format!("this enum must be called `{name}`"));
        return false;
    }
    if !matches!(item.vis, Visibility::Public(_)) {
        errors.at(&item.ident, format!("`{name}` must be `pub`"));
    }
    true
}

/// Parses the event enum.
pub(super) fn event(item: ItemEnum, helpers: &[Helper], errors: &mut Errors) -> Option<Event> {
    super::only(helpers, &["event", "generate_deposit"], errors);
    let item = checked(item, errors)?;
    if !named(&item, "Event", errors) {
        return None;
    }
    if !helpers.iter().any(|h| h.is("event")) {
        errors.at(&item.ident, "the event enum needs `#[pallet::event]`");
    }
    let deposit = helpers
        .iter()
        .find(|h| h.is("generate_deposit"))
        .and_then(|helper| errors.take(helper.args::<Deposit>()))
        .map(|Deposit(vis, ident)| (vis, ident));
    Some(Event { arity: Arity::of(&item.generics), item, deposit, unbound: false })
}

/// Parses the error enum.
pub(super) fn error(item: ItemEnum, helper: &Helper, errors: &mut Errors) -> Option<PalletErrors> {
    helper.no_args(errors);
    let item = checked(item, errors)?;
    if !named(&item, "Error", errors) {
        return None;
    }
    let arity = Arity::of(&item.generics);
    if !matches!(arity, Arity::T | Arity::TI) {
        errors.at(&item.ident, "the error enum must read `pub enum Error<T> { .. }`");
        return None;
    }
    if item.variants.len() > 256 {
        errors.at(&item.ident, "an error enum has at most 256 variants");
    }
    let variants = item.variants.iter().map(|v| (v.ident.clone(), v.fields.clone())).collect();
    Some(PalletErrors { item, arity, variants })
}

/// Parses a composite enum.
pub(super) fn composite(item: ItemEnum, helper: &Helper, errors: &mut Errors) -> Option<Composite> {
    helper.no_args(errors);
    let item = checked(item, errors)?;
    if item.ident != "HoldReason" && item.ident != "FreezeReason" {
        errors.at(&item.ident, "a composite enum is called `HoldReason` or `FreezeReason`");
        return None;
    }
    for variant in &item.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.at(variant, "a reason has no fields");
        }
    }
    Some(Composite { arity: Arity::of(&item.generics), item })
}
