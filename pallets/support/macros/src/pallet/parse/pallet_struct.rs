//! `#[pallet::pallet]`.

use super::super::model::Pallet;
use crate::{attributes::Helper, errors::Errors};
use syn::{Expr, Fields, ItemStruct};

/// Parses the pallet's struct and completes it.
pub(super) fn pallet(
    mut item: ItemStruct,
    helpers: &[Helper],
    errors: &mut Errors,
) -> Option<Pallet> {
    let allowed = ["pallet", "storage_version", "without_storage_info", "generate_store"];
    super::only(helpers, &allowed, errors);
    if !helpers.iter().any(|h| h.is("pallet")) {
        errors.at(&item.ident, "the pallet's struct needs `#[pallet::pallet]`");
    }
    if item.ident != "Pallet" {
        errors.at(&item.ident, "the pallet's struct must be called `Pallet`");
        return None;
    }
    let parameters: Vec<_> = item.generics.type_params().map(|p| p.ident.clone()).collect();
    let fits = parameters.first().is_some_and(|p| p == "T")
        && parameters.get(1).is_none_or(|p| p == "I")
        && parameters.len() <= 2;
    if !fits || !matches!(&item.fields, Fields::Unnamed(fields) if fields.unnamed.len() == 1) {
        errors.at(
            &item.ident,
            "the pallet's struct must read `pub struct Pallet<T>(_);` or \
             `pub struct Pallet<T, I = ()>(_);`",
        );
        return None;
    }
    item.fields =
        Fields::Unnamed(syn::parse_quote!((::core::marker::PhantomData<(#(#parameters,)*)>)));
    let storage_version = helpers
        .iter()
        .find(|h| h.is("storage_version"))
        .and_then(|helper| errors.take(helper.args::<Expr>()));
    let without_storage_info = helpers.iter().any(|h| h.is("without_storage_info"));
    Some(Pallet { item, storage_version, without_storage_info })
}
