//! `runtime_apis!`.

use blake2::{Blake2b, Digest, digest::consts::U8};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Attribute, Expr, ExprLit, FnArg, Ident, ItemTrait, Lit, LitInt, LitStr, Meta, Pat, ReturnType,
    TraitItem, Type,
    parse::{Parse, ParseStream},
    parse_quote,
};

pub(crate) fn run(input: TokenStream) -> TokenStream {
    match syn::parse2::<Apis>(input) {
        Ok(apis) => apis.0.iter().map(expand).collect(),
        Err(error) => error.to_compile_error(),
    }
}

struct Apis(Vec<Api>);

struct Api {
    item: ItemTrait,
    version: LitInt,
    methods: Vec<Method>,
}

struct Method {
    name: Ident,
    attributes: Vec<Attribute>,
    docs: Vec<LitStr>,
    inputs: Vec<(Ident, Type)>,
    output: Type,
}

impl Parse for Apis {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut apis = Vec::new();
        let mut errors: Option<syn::Error> = None;
        while !input.is_empty() {
            match Api::parse(input.parse()?) {
                Ok(api) => apis.push(api),
                Err(error) => match &mut errors {
                    Some(errors) => errors.combine(error),
                    None => errors = Some(error),
                },
            }
        }
        errors.map_or(Ok(Self(apis)), Err)
    }
}

impl Api {
    fn parse(mut item: ItemTrait) -> syn::Result<Self> {
        let mut version: Option<LitInt> = None;
        for attribute in item.attrs.iter().filter(|a| a.path().is_ident("api")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("version") {
                    version = Some(meta.value()?.parse()?);
                    Ok(())
                } else {
                    Err(meta.error("expected `version = ..`"))
                }
            })?;
        }
        let Some(version) = version else {
            return Err(syn::Error::new(item.ident.span(), "expected `#[api(version = ..)]`"));
        };
        version.base10_parse::<u32>()?;
        item.attrs.retain(|attribute| !attribute.path().is_ident("api"));
        let methods = item.items.iter().map(Method::parse).collect::<syn::Result<_>>()?;
        Ok(Self { item, version, methods })
    }
}

impl Method {
    fn parse(item: &TraitItem) -> syn::Result<Self> {
        let TraitItem::Fn(function) = item else {
            return Err(syn::Error::new_spanned(item, "a runtime API has methods only"));
        };
        if let Some(body) = &function.default {
            return Err(syn::Error::new_spanned(body, "a runtime API's method has no body"));
        }
        let inputs = function
            .sig
            .inputs
            .iter()
            .map(|input| match input {
                FnArg::Typed(input) => match input.pat.as_ref() {
                    Pat::Ident(pattern) => Ok((pattern.ident.clone(), (*input.ty).clone())),
                    other => Err(syn::Error::new_spanned(other, "expected a name")),
                },
                FnArg::Receiver(receiver) => {
                    Err(syn::Error::new_spanned(receiver, "a runtime API's method has no `self`"))
                }
            })
            .collect::<syn::Result<_>>()?;
        let output = match &function.sig.output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => ty.as_ref().clone(),
        };
        Ok(Self {
            name: function.sig.ident.clone(),
            attributes: function.attrs.clone(),
            docs: docs(&function.attrs),
            inputs,
            output,
        })
    }
}

/// The lines of an item's documentation.
fn docs(attributes: &[Attribute]) -> Vec<LitStr> {
    attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        })
        .map(|text| LitStr::new(text.value().trim(), text.span()))
        .collect()
}

/// `TransactionPaymentApi` as `transaction_payment_api`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn expand(api: &Api) -> TokenStream {
    let Api { item, version, methods } = api;
    let ItemTrait { attrs, vis, ident, generics, .. } = item;
    let name = ident.to_string();
    let id = Blake2b::<U8>::digest(name.as_bytes());
    let id = id.as_slice();
    let module = format_ident!("{}", snake_case(&name));
    let summary = format!("Calls of [`{name}`].");
    let (parameters, names) = (&generics.params, generics.type_params().map(|p| &p.ident));
    let bounds =
        names.map(|name| quote!(#name: ::codec::Decode + ::scale_info::TypeInfo + 'static));
    let declarations = methods.iter().map(|method| {
        let Method { name, attributes, inputs, output, .. } = method;
        let inputs = inputs.iter().map(|(name, ty)| quote!(#name: #ty));
        quote!(#(#attributes)* fn #name(#(#inputs),*) -> #output;)
    });
    let calls = methods.iter().map(|method| call(api, method));
    let arms = methods.iter().map(|method| arm(&name, method));
    let metadata = metadata(api);
    quote! {
        #(#attrs)*
        #vis trait #ident<#parameters> where #(#bounds),* {
            /// Blake2-64 of the API's name.
            #[doc(hidden)]
            const __ID: ::citrate_core::ApiId = [#(#id),*];
            /// Version of the API.
            #[doc(hidden)]
            const __VERSION: u32 = #version;

            #(#declarations)*

            /// Runs a method on encoded arguments; `None` if it is not one of this API's.
            #[doc(hidden)]
            fn __dispatch(__method: &str, __data: &[u8])
                -> ::core::option::Option<alloc::vec::Vec<u8>>
            {
                match __method {
                    #(#arms)*
                    _ => ::core::option::Option::None,
                }
            }

            #metadata
        }

        #[doc = #summary]
        #vis mod #module {
            #[allow(unused_imports, reason = "types of the declarations above")]
            use super::*;

            /// The API's name.
            pub const NAME: &str = #name;
            /// Blake2-64 of the API's name.
            pub const ID: ::citrate_core::ApiId = [#(#id),*];
            /// The API's version.
            pub const VERSION: u32 = #version;

            #(#calls)*
        }
    }
}

/// The typed client call of a method.
fn call(api: &Api, method: &Method) -> TokenStream {
    let Method { name, attributes, inputs, output, .. } = method;
    let export = format!("{}_{}", api.item.ident, name);
    let names: Vec<_> = inputs.iter().map(|(name, _)| name).collect();
    let types = inputs.iter().map(|(_, ty)| {
        let generic = api.item.generics.type_params().any(|p| {
            let ident = &p.ident;
            *ty == parse_quote!(#ident)
        });
        if generic { quote!(impl ::codec::Encode) } else { quote!(impl ::codec::EncodeLike<#ty>) }
    });
    quote! {
        #(#attributes)*
        ///
        /// # Errors
        /// When the call fails, or its result does not decode.
        #[cfg(feature = "std")]
        pub fn #name<__Caller: crate::RuntimeCaller + ?Sized>(
            __caller: &__Caller
            #(, #names: #types)*
        ) -> ::core::result::Result<#output, crate::ApiError<__Caller::Error>> {
            #[allow(unused_mut, reason = "a method may have no arguments")]
            let mut __data = ::std::vec::Vec::new();
            #(::codec::Encode::encode_to(&#names, &mut __data);)*
            crate::call(__caller, #export, &__data)
        }
    }
}

/// The method's arm in `__dispatch`.
fn arm(api: &str, method: &Method) -> TokenStream {
    let Method { name, inputs, .. } = method;
    let export = format!("{api}_{name}");
    let names: Vec<_> = inputs.iter().map(|(name, _)| name).collect();
    let types: Vec<_> = inputs.iter().map(|(_, ty)| ty).collect();
    quote! {
        #export => {
            let (#(#names,)*): (#(#types,)*) = crate::__private::arguments(#export, __data);
            ::core::option::Option::Some(::codec::Encode::encode(&Self::#name(#(#names),*)))
        }
    }
}

fn metadata(api: &Api) -> TokenStream {
    let name = api.item.ident.to_string();
    let version = &api.version;
    let docs = docs(&api.item.attrs);
    let methods = api.methods.iter().map(|method| {
        let Method { name, docs, inputs, output, .. } = method;
        let name = name.to_string();
        let inputs = inputs.iter().map(|(name, ty)| {
            let name = name.to_string();
            quote! {
                ::sp_metadata_ir::RuntimeApiMethodParamMetadataIR {
                    name: #name,
                    ty: ::scale_info::meta_type::<#ty>(),
                }
            }
        });
        quote! {
            ::sp_metadata_ir::RuntimeApiMethodMetadataIR {
                name: #name,
                inputs: alloc::vec![#(#inputs),*],
                output: ::scale_info::meta_type::<#output>(),
                docs: alloc::vec![#(#docs),*],
                deprecation_info: ::sp_metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
            }
        }
    });
    quote! {
        /// The API as metadata shows it.
        #[doc(hidden)]
        fn __metadata() -> ::sp_metadata_ir::RuntimeApiMetadataIR {
            ::sp_metadata_ir::RuntimeApiMetadataIR {
                name: #name,
                methods: alloc::vec![#(#methods),*],
                docs: alloc::vec![#(#docs),*],
                deprecation_info: ::sp_metadata_ir::ItemDeprecationInfoIR::NotDeprecated,
                version: ::codec::Compact(#version),
            }
        }
    }
}
