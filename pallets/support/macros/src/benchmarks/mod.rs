//! `#[benchmarks]`: functions of a module become benchmarks of its pallet.

mod expand;
mod parse;

use crate::errors::Errors;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, Ident, Item, ItemFn, ItemMod, WherePredicate, punctuated::Punctuated};

/// Expands the attribute.
pub(crate) fn benchmarks(attr: &TokenStream, item: &TokenStream, instance: bool) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = syn::parse2::<ItemMod>(item.clone());
    let Some(module) = errors.take(parsed) else {
        let errors = errors.into_tokens();
        return quote!(#errors #item);
    };
    let model = parse::module(attr, module, instance, &mut errors);
    let expansion = if errors.is_empty() { expand::module(&model) } else { expand::plain(&model) };
    let errors = errors.into_tokens();
    quote!(#errors #expansion)
}

/// `#[benchmark]` where nobody takes it off.
pub(crate) fn alone(item: &TokenStream) -> TokenStream {
    let message = "`#[benchmark]` stands on a function of a module with `#[benchmarks]`";
    let error = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => syn::Error::new_spanned(&function.sig.ident, message),
        Err(_) => syn::Error::new_spanned(item, message),
    };
    let error = error.into_compile_error();
    quote!(#error #item)
}

/// A module of benchmarks.
struct Model {
    /// The module without its content.
    module: ItemMod,
    /// The pallet has instances.
    instance: bool,
    /// Bounds besides `T: Config`.
    bounds: Punctuated<WherePredicate, syn::Token![,]>,
    /// What is in the module besides benchmarks.
    others: Vec<Item>,
    benchmarks: Vec<Benchmark>,
}

/// One benchmark.
struct Benchmark {
    /// The function; of its attributes those that are not ours.
    function: ItemFn,
    /// Attributes that say when it is there at all.
    cfgs: Vec<Attribute>,
    is_extra: bool,
    components: Vec<Component>,
    /// Which of its statements is measured; `None` if it is not known.
    measured: Option<(usize, Measured)>,
}

/// A number that the work grows with.
struct Component {
    name: Ident,
    min: Expr,
    max: Expr,
}

/// What is measured.
enum Measured {
    /// A call of the pallet.
    Call {
        /// Its name.
        name: Ident,
        /// Who makes it.
        origin: Box<Expr>,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// A piece of code.
    Block(syn::Block),
}
