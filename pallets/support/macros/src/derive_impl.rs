//! `#[derive_impl]` and `#[register_default_impl]`: a config takes what it does not say from defaults.
//!
//! The defaults are a type that implements the pallet's `DefaultConfig`. What a compiler does not
//! tell a macro is which associated types there are: so that registering an `impl` makes a macro
//! of the same name as the type, which hands their names, and nothing else, to [`fill`].

use crate::{
    errors::Errors,
    krate::{library, twox_128},
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    ImplItem, ItemImpl, Path, Token, braced,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

/// Marks a default that is the runtime's type of the same name.
const INJECT: &str = "inject_runtime_type";

/// The trait that `#[pallet::config(with_default)]` generates.
const DEFAULT_CONFIG: &str = "DefaultConfig";

/// Expands `#[register_default_impl(Name)]`.
pub(crate) fn register(attr: &TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let name = errors.take(syn::parse2::<Ident>(attr.clone()));
    let mut item = match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let (mut names, mut injected) = (Vec::new(), Vec::new());
    for member in &mut item.items {
        let ImplItem::Type(member) = member else {
            errors.at(member, "defaults are associated types");
            continue;
        };
        let before = member.attrs.len();
        member.attrs.retain(|attr| {
            attr.path().segments.last().is_none_or(|segment| segment.ident != INJECT)
        });
        let list = if member.attrs.len() < before { &mut injected } else { &mut names };
        list.push(member.ident.clone());
    }
    let registered = name.map(|name| {
        let exported = exported(&name, &item);
        quote! {
            #[doc(hidden)]
            #[macro_export]
            macro_rules! #exported {
                ({ $($callback:tt)* } $($rest:tt)*) => {
                    $($callback)* ! { { #(#names),* } { #(#injected),* } $($rest)* }
                };
            }
            // A type and a macro may have one name: a path to either is a path to both.
            #[doc(hidden)]
            #[allow(unused_imports, unreachable_pub)]
            pub use #exported as #name;
        }
    });
    let errors = errors.into_tokens();
    quote!(#errors #item #registered)
}

/// A name for the macro that no other macro of the crate has.
fn exported(name: &Ident, item: &ItemImpl) -> Ident {
    let text = format!("{:?}:{}", name.span(), item.to_token_stream());
    let hash =
        twox_128(&text).iter().take(8).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    format_ident!("__citrate_defaults_{}_{:x}", name, hash)
}

/// What stands in `#[derive_impl(..)]`.
struct Arguments {
    default: Path,
    of: Option<Path>,
    aggregated: bool,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let default = input.call(Path::parse_mod_style)?;
        let mut arguments = Self { default, of: None, aggregated: true };
        if input.peek(Token![as]) {
            input.parse::<Token![as]>()?;
            arguments.of = Some(input.call(Path::parse_mod_style)?);
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                return Ok(arguments);
            }
            let option = input.call(Ident::parse_any)?;
            if option != "no_aggregated_types" {
                let message = "the one option of `derive_impl` is `no_aggregated_types`";
                return Err(syn::Error::new_spanned(option, message));
            }
            arguments.aggregated = false;
        }
        Ok(arguments)
    }
}

/// Expands `#[derive_impl(path::TestDefaultConfig)]`: the macro of that name calls [`fill`].
pub(crate) fn derive(attr: &TokenStream, item: &TokenStream) -> TokenStream {
    let parsed = syn::parse2::<ItemImpl>(item.clone());
    let arguments = syn::parse2::<Arguments>(attr.clone());
    let (item, Arguments { default, of, aggregated }) = match (parsed, arguments) {
        (Ok(item), Ok(arguments)) => (item, arguments),
        (Err(error), _) | (_, Err(error)) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let Some((_, config, _)) = &item.trait_ else {
        let message = "`derive_impl` completes an `impl path::Config for Runtime`";
        let error = syn::Error::new_spanned(&item.self_ty, message).into_compile_error();
        return quote!(#error #item);
    };
    let of = of.unwrap_or_else(|| defaults_of(&default, config));
    let krate = library();
    quote! {
        #default ! {
            { #krate::__private::fill_impl } { #default } { #of } { #aggregated } { #item }
        }
    }
}

/// The trait that the defaults implement, when the user does not say: that of the pallet whose
/// `config_preludes` they stand in, or else that beside the trait that is implemented.
fn defaults_of(default: &Path, config: &Path) -> Path {
    let mut path = if default.segments.len() > 1 { default.clone() } else { config.clone() };
    path.segments.pop();
    if path.segments.last().is_some_and(|segment| segment.ident == "config_preludes") {
        path.segments.pop();
    }
    let span = default.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    path.segments.push(Ident::new(DEFAULT_CONFIG, span).into());
    path
}

/// What the registered macro hands over.
struct Filling {
    names: Vec<Ident>,
    injected: Vec<Ident>,
    default: Path,
    of: Path,
    aggregated: bool,
    item: ItemImpl,
}

impl Parse for Filling {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        fn idents(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
            let content;
            braced!(content in input);
            let list = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
            Ok(list.into_iter().collect())
        }
        fn one<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
            let content;
            braced!(content in input);
            content.parse()
        }
        Ok(Self {
            names: idents(input)?,
            injected: idents(input)?,
            default: one(input)?,
            of: one(input)?,
            aggregated: one::<syn::LitBool>(input)?.value,
            item: one(input)?,
        })
    }
}

/// Completes the `impl` with the types that it does not name.
pub(crate) fn fill(input: TokenStream) -> TokenStream {
    let filling = match syn::parse2::<Filling>(input) {
        Ok(filling) => filling,
        Err(error) => return error.into_compile_error(),
    };
    let Filling { names, injected, default, of, aggregated, mut item } = filling;
    let given: Vec<Ident> = item
        .items
        .iter()
        .filter_map(|member| match member {
            ImplItem::Type(member) => Some(member.ident.clone()),
            _ => None,
        })
        .collect();
    let missing = |name: &&Ident| !given.contains(name);
    // Names at the user's span are looked up where the user stands, and errors are shown there.
    let span = default.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let at_user = |name: &Ident| Ident::new(&name.to_string(), span);
    for name in names.iter().filter(missing).map(at_user) {
        item.items.push(syn::parse_quote!(type #name = <#default as #of>::#name;));
    }
    for name in injected.iter().filter(missing).map(at_user) {
        item.items.push(if aggregated {
            syn::parse_quote!(type #name = #name;)
        } else {
            syn::parse_quote!(type #name = <#default as #of>::#name;)
        });
    }
    item.into_token_stream()
}
