//! Reads the functions of a module.

use super::{Benchmark, Component, Measured, Model};
use crate::errors::Errors;
use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, FnArg, GenericArgument, Ident, Item, ItemFn, ItemMod, Lit, Meta, Pat,
    PathArguments, Stmt, Token, Type, WherePredicate, parse::Parser, parse_quote,
    punctuated::Punctuated, spanned::Spanned,
};

/// What the two attributes on a statement are called.
const CALL: &str = "extrinsic_call";
const BLOCK: &str = "block";

pub(super) fn module(
    attr: &TokenStream,
    mut module: ItemMod,
    instance: bool,
    errors: &mut Errors,
) -> Model {
    let bounds = bounds.parse2(attr.clone());
    let bounds = errors.take(bounds).unwrap_or_default();
    let mut model = Model {
        bounds,
        instance,
        others: Vec::new(),
        benchmarks: Vec::new(),
        module: module.clone(),
    };
    model.module.content = None;
    let Some((_, items)) = module.content.take() else {
        errors.at(&module.ident, "benchmarks stand in the module's body, not in another file");
        return model;
    };
    for item in items {
        match item {
            Item::Fn(mut function) => match take(&mut function.attrs, "benchmark") {
                Some(attr) => model.benchmarks.push(benchmark(&attr, function, errors)),
                None => model.others.push(Item::Fn(function)),
            },
            other => model.others.push(other),
        }
    }
    model
}

/// `where T: Bound, ..`.
fn bounds(
    input: syn::parse::ParseStream<'_>,
) -> syn::Result<Punctuated<WherePredicate, Token![,]>> {
    if input.is_empty() {
        return Ok(Punctuated::new());
    }
    input.parse::<Token![where]>()?;
    Punctuated::parse_terminated(input)
}

/// Takes an attribute off.
fn take(attrs: &mut Vec<Attribute>, name: &str) -> Option<Attribute> {
    let position = attrs.iter().position(|attr| {
        attr.path().segments.last().is_some_and(|segment| segment.ident == name)
    })?;
    Some(attrs.remove(position))
}

fn benchmark(attr: &Attribute, mut function: ItemFn, errors: &mut Errors) -> Benchmark {
    let is_extra = options(attr, errors);
    let sig = &function.sig;
    if !sig.generics.params.is_empty() || sig.generics.where_clause.is_some() {
        errors.at(
            &sig.generics,
            "a benchmark is generic in `T` already: bounds go to `#[benchmarks(where T: ..)]`",
        );
    }
    if let Some(token) = &sig.asyncness {
        errors.at(token, "a benchmark is not `async`");
    }
    let components = sig.inputs.iter().filter_map(|input| component(input, errors)).collect();
    let measured = measured(&mut function, errors);
    let cfgs = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    Benchmark { function, cfgs, is_extra, components, measured }
}

/// Whether no weight is made of it.
fn options(attr: &Attribute, errors: &mut Errors) -> bool {
    if matches!(attr.meta, Meta::Path(_)) {
        return false;
    }
    let options = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let mut is_extra = false;
    for option in errors.take(options).unwrap_or_default() {
        if option.path().is_ident("extra") {
            is_extra = true;
        } else if !["skip_meta", "pov_mode"].iter().any(|known| option.path().is_ident(known)) {
            errors.at(
                &option,
                "the options of `benchmark` are `extra`, `skip_meta` and `pov_mode = ..`",
            );
        }
    }
    is_extra
}

fn component(input: &FnArg, errors: &mut Errors) -> Option<Component> {
    const MESSAGE: &str = "an argument of a benchmark is a component: `name: Linear<MIN, MAX>`";
    let FnArg::Typed(input) = input else {
        errors.at(input, MESSAGE);
        return None;
    };
    let (Pat::Ident(name), Type::Path(ty)) = (&*input.pat, &*input.ty) else {
        errors.at(input, MESSAGE);
        return None;
    };
    let last = ty.path.segments.last().filter(|segment| segment.ident == "Linear");
    let Some(PathArguments::AngleBracketed(args)) = last.map(|segment| &segment.arguments) else {
        errors.at(&input.ty, MESSAGE);
        return None;
    };
    let bounds: Vec<Expr> = args.args.iter().filter_map(bound).collect();
    let [min, max] = &bounds[..] else {
        errors.at(&input.ty, MESSAGE);
        return None;
    };
    if let (Some(least), Some(most)) = (literal(min), literal(max))
        && least > most
    {
        errors.at(&input.ty, format!("{least} is more than {most}: it is `Linear<MIN, MAX>`"));
    }
    Some(Component { name: name.ident.clone(), min: min.clone(), max: max.clone() })
}

fn bound(argument: &GenericArgument) -> Option<Expr> {
    match argument {
        GenericArgument::Const(expr) => Some(expr.clone()),
        // A constant's name is read as a type's.
        GenericArgument::Type(Type::Path(path)) => Some(parse_quote!(#path)),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<u32> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// Finds the statement that is measured, and takes its attribute off.
fn measured(function: &mut ItemFn, errors: &mut Errors) -> Option<(usize, Measured)> {
    let (ident, mut found) = (function.sig.ident.clone(), None);
    let mut is_marked = false;
    for (position, statement) in function.block.stmts.iter_mut().enumerate() {
        let Stmt::Expr(expr, _) = statement else { continue };
        let Some(attrs) = attributes(expr) else { continue };
        let (call, block) = (take(attrs, CALL), take(attrs, BLOCK));
        let Some(attr) = call.as_ref().or(block.as_ref()) else { continue };
        if is_marked {
            errors.at(attr, "a benchmark measures one thing: there is an `#[extrinsic_call]` or a `#[block]` before this");
            continue;
        }
        is_marked = true;
        let what = if call.is_some() { as_call(expr, &ident) } else { as_block(expr) };
        found = errors.take(what).map(|what| (position, what));
    }
    if !is_marked {
        errors.at(
            &ident,
            "a benchmark has one statement that is measured: `#[extrinsic_call] _(origin, ..);` or `#[block] { .. }`",
        );
    }
    found
}

/// Where the attributes of a statement are.
fn attributes(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
    match expr {
        Expr::Call(expr) => Some(&mut expr.attrs),
        Expr::Block(expr) => Some(&mut expr.attrs),
        Expr::MethodCall(expr) => Some(&mut expr.attrs),
        Expr::Macro(expr) => Some(&mut expr.attrs),
        Expr::Try(expr) => Some(&mut expr.attrs),
        Expr::Path(expr) => Some(&mut expr.attrs),
        _ => None,
    }
}

fn as_call(expr: &Expr, benchmark: &Ident) -> syn::Result<Measured> {
    const MESSAGE: &str = "`#[extrinsic_call]` stands on `_(origin, arguments..);`";
    let Expr::Call(call) = expr else { return Err(syn::Error::new(expr.span(), MESSAGE)) };
    let name = match &*call.func {
        Expr::Infer(_) => benchmark.clone(),
        Expr::Path(path) => path.path.require_ident()?.clone(),
        other => return Err(syn::Error::new_spanned(other, MESSAGE)),
    };
    let mut args = call.args.iter().cloned();
    let Some(origin) = args.next() else {
        return Err(syn::Error::new_spanned(
            call,
            "a call's first argument is its origin, such as `RawOrigin::Root`",
        ));
    };
    Ok(Measured::Call { name, origin: Box::new(origin), args: args.collect() })
}

fn as_block(expr: &Expr) -> syn::Result<Measured> {
    match expr {
        Expr::Block(block) => Ok(Measured::Block(block.block.clone())),
        other => {
            Err(syn::Error::new_spanned(other, "`#[block]` stands on a block: `#[block] { .. }`"))
        }
    }
}
