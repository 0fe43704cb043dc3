//! The functions, and the trait by which they are found.

use super::{Benchmark, Component, Measured, Model};
use crate::krate;
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, ReturnType};

/// The module with the benchmarks in it.
pub(super) fn module(model: &Model) -> TokenStream {
    let krate = krate::library();
    let (params, args) = if model.instance {
        (quote!(T: Config<I>, I: 'static), quote!(T, I))
    } else {
        (quote!(T: Config), quote!(T))
    };
    let bounds = &model.bounds;
    let functions =
        model.benchmarks.iter().map(|benchmark| function(benchmark, &krate, &params, &args, model));
    let infos = model.benchmarks.iter().map(|benchmark| info(benchmark, &krate));
    let arms = model.benchmarks.iter().map(|benchmark| {
        let Benchmark { function, cfgs, components, .. } = benchmark;
        let (name, run) = (function.sig.ident.to_string(), run_name(benchmark));
        let names: Vec<_> = components.iter().map(|component| &component.name).collect();
        quote! {
            #(#cfgs)*
            (#name, &[#(#names),*]) => #run::<#args>(#(#names,)* __recording)
        }
    });
    let (attrs, vis, ident) = (&model.module.attrs, &model.module.vis, &model.module.ident);
    let others = &model.others;
    quote! {
        #(#attrs)*
        #vis mod #ident {
            #(#others)*
            #(#functions)*

            impl<#params> #krate::benchmarking::Benchmarking for Pallet<#args>
            where
                #bounds
            {
                fn benchmarks() -> #krate::__private::Vec<#krate::benchmarking::BenchmarkInfo> {
                    let mut __all = #krate::__private::Vec::new();
                    #(#infos)*
                    __all
                }

                fn run(
                    __name: &str,
                    __components: &[u32],
                    __recording: &mut #krate::benchmarking::Recording<'_>,
                ) -> ::core::result::Result<(), #krate::benchmarking::BenchmarkError> {
                    match (__name, __components) {
                        #(#arms,)*
                        _ => ::core::result::Result::Err(
                            #krate::benchmarking::BenchmarkError::Unknown,
                        ),
                    }
                }
            }
        }
    }
}

/// The module without benchmarks, for when there is a mistake in one: its own items are checked all the same.
pub(super) fn plain(model: &Model) -> TokenStream {
    let (attrs, vis, ident) = (&model.module.attrs, &model.module.vis, &model.module.ident);
    let others = &model.others;
    // What only the benchmarks use is no mistake then.
    quote! {
        #(#attrs)*
        #[allow(unused_imports, dead_code)]
        #vis mod #ident {
            #(#others)*
        }
    }
}

fn run_name(benchmark: &Benchmark) -> syn::Ident {
    let ident = &benchmark.function.sig.ident;
    format_ident!("__benchmark_{}", ident, span = ident.span())
}

fn function(
    benchmark: &Benchmark,
    krate: &TokenStream,
    params: &TokenStream,
    args: &TokenStream,
    model: &Model,
) -> TokenStream {
    let (attrs, name) = (&benchmark.function.attrs, run_name(benchmark));
    let names = benchmark.components.iter().map(|component| &component.name);
    let bounds = &model.bounds;
    let statements = benchmark.function.block.stmts.iter().enumerate();
    let statements = statements.map(|(position, statement)| match &benchmark.measured {
        Some((measured, what)) if *measured == position => measure(what, krate, args),
        _ => quote!(#statement),
    });
    let result = quote!(::core::result::Result<(), #krate::benchmarking::BenchmarkError>);
    let (output, end) = match &benchmark.function.sig.output {
        ReturnType::Default => (result, Some(quote!(::core::result::Result::Ok(())))),
        ReturnType::Type(_, ty) => (quote!(#ty), None),
    };
    quote! {
        #(#attrs)*
        #[allow(clippy::too_many_lines, clippy::unnecessary_wraps)]
        fn #name<#params>(
            #(#names: u32,)*
            __recording: &mut #krate::benchmarking::Recording<'_>,
        ) -> #output
        where
            #bounds
        {
            #(#statements)*
            #end
        }
    }
}

fn measure(what: &Measured, krate: &TokenStream, args: &TokenStream) -> TokenStream {
    match what {
        Measured::Block(block) => quote! {
            __recording.begin();
            #block
            __recording.end();
        },
        Measured::Call { name, origin, args: arguments } => {
            let call = format_ident!("new_call_variant_{}", name, span = name.span());
            let origin_type = quote! {
                <Call<#args> as #krate::dispatch::UnfilteredDispatchable>::RuntimeOrigin
            };
            // `origin as Type` says which type it has; nothing is cast.
            let origin = match &**origin {
                Expr::Cast(cast) => {
                    let (expr, ty) = (&cast.expr, &cast.ty);
                    quote!({ let __origin: #ty = #expr; __origin })
                }
                expr => quote!(::core::convert::Into::<#origin_type>::into(#expr)),
            };
            quote_spanned! { name.span() =>
                let __call = <Call<#args>>::#call(#(#arguments),*);
                __recording.measure_call(&__call, #origin)?;
            }
        }
    }
}

fn info(benchmark: &Benchmark, krate: &TokenStream) -> TokenStream {
    let Benchmark { function, cfgs, is_extra, components, .. } = benchmark;
    let name = function.sig.ident.to_string();
    let components = components.iter().map(|Component { name, min, max }| {
        let name = name.to_string();
        quote! {
            #krate::benchmarking::BenchmarkComponent {
                name: ::core::convert::Into::into(#name),
                min: #min,
                max: #max,
            }
        }
    });
    quote! {
        #(#cfgs)*
        __all.push(#krate::benchmarking::BenchmarkInfo {
            name: ::core::convert::Into::into(#name),
            is_extra: #is_extra,
            components: #krate::__private::vec![#(#components),*],
        });
    }
}
