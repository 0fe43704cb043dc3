//! Documentation and deprecation notes of an item, as metadata has them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, MetaNameValue, Token, punctuated::Punctuated};

/// The expressions of the item's `#[doc = ...]` attributes, one per line.
pub(crate) fn docs(attrs: &[Attribute]) -> Vec<Expr> {
    attrs
        .iter()
        .filter_map(|attr| match &attr.meta {
            Meta::NameValue(MetaNameValue { path, value, .. }) if path.is_ident("doc") => {
                Some(value.clone())
            }
            Meta::NameValue(_) | Meta::Path(_) | Meta::List(_) => None,
        })
        .collect()
}

/// What `#[deprecated]` says.
#[derive(Clone, Default)]
pub(crate) enum Deprecation {
    /// There is no such attribute.
    #[default]
    None,
    /// No note.
    Bare,
    /// A note, and perhaps since when.
    Note { note: String, since: Option<String> },
}

impl Deprecation {
    /// Reads `#[deprecated]` in all its forms.
    pub(crate) fn of(attrs: &[Attribute]) -> Self {
        let Some(attr) = attrs.iter().find(|attr| attr.path().is_ident("deprecated")) else {
            return Self::None;
        };
        match &attr.meta {
            Meta::Path(_) => Self::Bare,
            Meta::NameValue(pair) => {
                string(&pair.value).map_or(Self::Bare, |note| Self::Note { note, since: None })
            }
            Meta::List(list) => {
                let pairs = list
                    .parse_args_with(Punctuated::<MetaNameValue, Token![,]>::parse_terminated)
                    .unwrap_or_default();
                let value = |name: &str| {
                    pairs.iter().find(|p| p.path.is_ident(name)).and_then(|p| string(&p.value))
                };
                value("note").map_or(Self::Bare, |note| Self::Note { note, since: value("since") })
            }
        }
    }

    /// The value of the metadata type for items.
    pub(crate) fn item(&self, krate: &TokenStream) -> TokenStream {
        let ty = quote!(#krate::__private::metadata_ir::ItemDeprecationInfoIR);
        match self {
            Self::None => quote!(#ty::NotDeprecated),
            Self::Bare => quote!(#ty::DeprecatedWithoutNote),
            Self::Note { note, since } => {
                let since = option(since.as_ref());
                quote!(#ty::Deprecated { note: #note, since: #since })
            }
        }
    }

    /// The value of the metadata type for variants; none if the variant is not deprecated.
    pub(crate) fn variant(&self, krate: &TokenStream) -> Option<TokenStream> {
        let ty = quote!(#krate::__private::metadata_ir::VariantDeprecationInfoIR);
        match self {
            Self::None => None,
            Self::Bare => Some(quote!(#ty::DeprecatedWithoutNote)),
            Self::Note { note, since } => {
                let since = option(since.as_ref());
                Some(quote!(#ty::Deprecated { note: #note, since: #since }))
            }
        }
    }
}

/// The metadata value for the deprecated variants among `variants`, by index.
pub(crate) fn enum_deprecation<'a>(
    krate: &TokenStream,
    variants: impl Iterator<Item = (u8, &'a Deprecation)>,
) -> TokenStream {
    let entries = variants.filter_map(|(index, deprecation)| {
        let info = deprecation.variant(krate)?;
        Some(quote!(__info.0.insert(#index, #info);))
    });
    quote!({
        #[allow(unused_mut)]
        let mut __info =
            #krate::__private::metadata_ir::EnumDeprecationInfoIR::nothing_deprecated();
        #(#entries)*
        __info
    })
}

fn option(value: Option<&String>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn string(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(lit), .. }) => Some(lit.value()),
        _ => None,
    }
}
