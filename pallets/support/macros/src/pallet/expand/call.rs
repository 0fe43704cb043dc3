//! The call enum and its dispatch.

use super::super::model::{Call, CallArg, Calls, Model, Names};
use crate::docs::enum_deprecation;
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// The enum, the traits of it, and the user's block.
pub(super) fn expand(model: &Model, names: &Names) -> TokenStream {
    let block = model.calls.as_ref().map(|calls| &calls.item);
    let calls: &[Call] = model.calls.as_ref().map_or(&[], |calls| &calls.calls);
    let declaration = declaration(model.calls.as_ref(), calls, names, model.instance);
    let weights = weights(calls, names);
    let dispatch = dispatch(calls, names);
    let info = info(calls, names);
    let checks = checks(calls, names);
    quote! {
        #block
        #declaration
        #weights
        #dispatch
        #info
        #checks
    }
}

fn declaration(
    block: Option<&Calls>,
    calls: &[Call],
    names: &Names,
    instance: bool,
) -> TokenStream {
    let Names { krate, impl_generics, config, use_generics, .. } = names;
    let arity = if instance { super::Arity::TI } else { super::Arity::T };
    let ignore = super::ignore_variant(krate, arity);
    let attributes = names.codec_attributes(arity);
    let default_docs = syn::parse_quote!("The pallet's calls.");
    let docs = block.map(|block| block.docs.clone()).filter(|docs| !docs.is_empty());
    let docs = docs.unwrap_or_else(|| vec![default_docs]);
    let variants = calls.iter().map(|call| {
        let Call { ident, index, docs, args, deprecated_attr, cfgs, .. } = call;
        let fields = args.iter().map(|CallArg { ident, ty, compact }| {
            let compact = compact.then(|| quote!(#[codec(compact)]));
            quote!(#compact #[allow(missing_docs)] #ident: #ty)
        });
        quote! {
            #(#cfgs)*
            #(#[doc = #docs])*
            #[codec(index = #index)]
            #deprecated_attr
            #ident { #(#fields),* }
        }
    });
    let constructors = calls.iter().map(|call| {
        let Call { ident, args, cfgs, .. } = call;
        let function = format_ident!("new_call_variant_{}", ident);
        let (idents, types): (Vec<_>, Vec<_>) = args.iter().map(|a| (&a.ident, &a.ty)).unzip();
        let docs = format!("Makes the call `{ident}`.");
        quote! {
            #(#cfgs)*
            #[doc = #docs]
            pub fn #function(#(#idents: #types),*) -> Self { Self::#ident { #(#idents),* } }
        }
    });
    let parameters =
        if instance { quote!(T: #config, I: 'static = ()) } else { quote!(T: #config) };
    quote! {
        #(#[doc = #docs])*
        #[derive(
            #krate::CloneNoBound,
            #krate::EqNoBound,
            #krate::PartialEqNoBound,
            #krate::DebugNoBound,
        )]
        #attributes
        #[allow(non_camel_case_types, clippy::large_enum_variant)]
        pub enum Call<#parameters> {
            #(#variants,)*
            #ignore
        }

        #[allow(deprecated, clippy::too_many_arguments)]
        impl<#impl_generics> Call<#use_generics> { #(#constructors)* }
    }
}

/// One function per call that computes its weight: the expression sees the arguments by reference.
fn weights(calls: &[Call], names: &Names) -> TokenStream {
    let Names { krate, impl_generics, .. } = names;
    let pallet = names.pallet();
    let functions = calls.iter().map(|call| {
        let Call { ident, weight, args, cfgs, .. } = call;
        let function = format_ident!("__weight_of_{}", ident);
        let (idents, types): (Vec<_>, Vec<_>) = args.iter().map(|a| (&a.ident, &a.ty)).unzip();
        let checked = quote_spanned!(weight.span() => #krate::__private::require::weight(__weight));
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            fn #function(#(#idents: &#types),*) -> (
                #krate::weights::Weight,
                #krate::dispatch::DispatchClass,
                #krate::dispatch::Pays,
            ) {
                let __weight = #weight;
                #checked
            }
        }
    });
    quote! {
        #[allow(
            unused_variables,
            deprecated,
            clippy::ptr_arg,
            clippy::trivially_copy_pass_by_ref,
            clippy::too_many_arguments,
            clippy::borrowed_box,
            clippy::let_and_return
        )]
        impl<#impl_generics> #pallet { #(#functions)* }
    }
}

fn dispatch(calls: &[Call], names: &Names) -> TokenStream {
    let Names { krate, system_config, impl_generics, use_generics, .. } = names;
    let pallet = names.pallet();
    let never = quote!(Self::__Ignore(_, __never) => match __never {});
    let arms = calls.iter().map(|call| {
        let Call { ident, args, cfgs, .. } = call;
        let idents: Vec<_> = args.iter().map(|a| &a.ident).collect();
        let bound: Vec<_> = (0..args.len()).map(|i| format_ident!("__arg{}", i)).collect();
        quote! {
            #(#cfgs)*
            Self::#ident { #(#idents: #bound),* } => #krate::__private::CallOutput::into_full(
                <#pallet>::#ident(__origin, #(#bound),*),
            )
        }
    });
    quote! {
        #[allow(deprecated)]
        impl<#impl_generics> #krate::dispatch::UnfilteredDispatchable for Call<#use_generics> {
            type RuntimeOrigin = <T as #system_config>::RuntimeOrigin;
            fn dispatch_bypass_filter(
                self,
                __origin: Self::RuntimeOrigin,
            ) -> #krate::dispatch::DispatchResultWithPostInfo {
                let _ = &__origin;
                match self { #(#arms,)* #never }
            }
        }

        impl<#impl_generics> #krate::dispatch::Callable<T> for #pallet {
            type RuntimeCall = Call<#use_generics>;
        }
    }
}

fn info(calls: &[Call], names: &Names) -> TokenStream {
    let Names { krate, system_config, impl_generics, use_generics, .. } = names;
    let pallet = names.pallet();
    let never = quote!(Self::__Ignore(_, __never) => match *__never {});
    let bind = |call: &Call| {
        let idents: Vec<_> = call.args.iter().map(|a| a.ident.clone()).collect();
        let bound: Vec<_> = (0..idents.len()).map(|i| format_ident!("__arg{}", i)).collect();
        (idents, bound)
    };
    let weights = calls.iter().map(|call| {
        let Call { ident, cfgs, .. } = call;
        let (idents, bound) = bind(call);
        let function = format_ident!("__weight_of_{}", ident);
        quote! {
            #(#cfgs)*
            Self::#ident { #(#idents: #bound),* } => <#pallet>::#function(#(#bound),*)
        }
    });
    let feeless = calls.iter().filter_map(|call| {
        let Call { ident, cfgs, feeless_if, .. } = call;
        let condition = feeless_if.as_ref()?;
        let (idents, bound) = bind(call);
        let types = call.args.iter().map(|a| &a.ty);
        Some(quote! {
            #(#cfgs)*
            Self::#ident { #(#idents: #bound),* } => {
                let __feeless: fn(&<T as #system_config>::RuntimeOrigin, #(&#types),*) -> bool =
                    #condition;
                __feeless(__origin, #(#bound),*)
            }
        })
    });
    let identity = identity(calls, names);
    quote! {
        // Without calls nothing after the `match` can be reached, which is no news to the user.
        #[allow(deprecated, unreachable_code)]
        impl<#impl_generics> #krate::dispatch::GetDispatchInfo for Call<#use_generics> {
            fn get_dispatch_info(&self) -> #krate::dispatch::DispatchInfo {
                let (call_weight, class, pays_fee): (
                    #krate::weights::Weight,
                    #krate::dispatch::DispatchClass,
                    #krate::dispatch::Pays,
                ) = match self { #(#weights,)* #never };
                #krate::dispatch::DispatchInfo {
                    call_weight,
                    extension_weight: ::core::default::Default::default(),
                    class,
                    pays_fee,
                }
            }
        }

        #[allow(deprecated, unreachable_patterns)]
        impl<#impl_generics> #krate::parts::CheckIfFeeless for Call<#use_generics> {
            type Origin = <T as #system_config>::RuntimeOrigin;
            fn is_feeless(&self, __origin: &Self::Origin) -> bool {
                let _ = __origin;
                match self { #(#feeless,)* _ => false }
            }
        }

        #identity
    }
}

/// Names and indices of the calls.
fn identity(calls: &[Call], names: &Names) -> TokenStream {
    let Names { krate, impl_generics, use_generics, .. } = names;
    let never = quote!(Self::__Ignore(_, __never) => match *__never {});
    let mut sorted: Vec<&Call> = calls.iter().collect();
    sorted.sort_by_key(|call| call.index);
    let all_names = sorted.iter().map(|call| call.ident.to_string());
    let all_indices = sorted.iter().map(|call| call.index);
    let name_arms = calls.iter().map(|Call { ident, cfgs, .. }| {
        let name = ident.to_string();
        quote!(#(#cfgs)* Self::#ident { .. } => #name)
    });
    let index_arms = calls
        .iter()
        .map(|Call { ident, index, cfgs, .. }| quote!(#(#cfgs)* Self::#ident { .. } => #index));
    quote! {
        #[allow(deprecated)]
        impl<#impl_generics> #krate::dispatch::GetCallName for Call<#use_generics> {
            fn get_call_names() -> &'static [&'static str] { &[#(#all_names),*] }
            fn get_call_name(&self) -> &'static str {
                match self { #(#name_arms,)* #never }
            }
        }

        #[allow(deprecated)]
        impl<#impl_generics> #krate::dispatch::GetCallIndex for Call<#use_generics> {
            fn get_call_indices() -> &'static [u8] { &[#(#all_indices),*] }
            fn get_call_index(&self) -> u8 {
                match self { #(#index_arms,)* #never }
            }
        }
    }
}

/// One assertion per argument and result, at the user's span.
fn checks(calls: &[Call], names: &Names) -> TokenStream {
    let Names { krate, impl_generics, .. } = names;
    let asserts = calls.iter().flat_map(|call| {
        let (output, cfgs) = (&call.output, &call.cfgs);
        let output = quote_spanned! {
            output.span() => #krate::__private::require::call_output::<#output>();
        };
        let args = call.args.iter().map(|argument| {
            let ty = &argument.ty;
            quote_spanned!(ty.span() => #krate::__private::require::parameter::<#ty>();)
        });
        std::iter::once(output)
            .chain(args)
            .map(|check| quote!(#(#cfgs)* #check))
            .collect::<Vec<_>>()
    });
    quote! {
        const _: () = {
            #[allow(dead_code, clippy::extra_unused_type_parameters)]
            fn __calls<#impl_generics>() { #(#asserts)* }
        };
    }
}

/// The type of the calls and the deprecated ones, for metadata.
pub(super) fn metadata(model: &Model, names: &Names) -> (TokenStream, TokenStream) {
    let Names { krate, use_generics, .. } = names;
    let calls: &[Call] = model.calls.as_ref().map_or(&[], |calls| &calls.calls);
    let deprecation =
        enum_deprecation(krate, calls.iter().map(|call| (call.index, &call.deprecation)));
    (quote!(#krate::__private::scale_info::meta_type::<Call<#use_generics>>()), deprecation)
}
