//! `#[host_functions]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{
    Attribute, Expr, ExprLit, FnArg, Ident, Item, ItemFn, ItemMod, Lit, LitInt, LitStr, Meta, Pat,
    ReturnType, Token, Type, TypeReference,
    parse::{Parse, ParseStream},
    parse_quote,
};

pub(crate) fn run(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let module = match syn::parse2::<ItemMod>(item) {
        Ok(module) => module,
        Err(error) => return error.to_compile_error(),
    };
    match syn::parse2::<Arguments>(arguments).and_then(|a| Interface::parse(&a, &module)) {
        Ok(interface) => expand(&interface),
        Err(error) => with_error(&quote!(#module), &error),
    }
}

/// How generated code names the crate that defines what it uses: a chain may have host functions of its own.
fn host_crate() -> TokenStream {
    match std::env::var("CARGO_PKG_NAME") {
        Ok(name) if name == "citrate-host" => quote!(crate),
        _ => quote!(::citrate_host),
    }
}

fn with_error(item: &TokenStream, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

struct Arguments {
    prefix: String,
    group: Ident,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let prefix: LitStr = input.parse()?;
        let mut group = Ident::new("Standard", Span::call_site());
        if input.parse::<Option<Token![,]>>()?.is_some() {
            let key: Ident = input.parse()?;
            if key != "group" {
                return Err(syn::Error::new(key.span(), "expected `group = ..`"));
            }
            input.parse::<Token![=]>()?;
            group = input.parse()?;
        }
        Ok(Self { prefix: prefix.value(), group })
    }
}

struct Interface {
    attributes: Vec<Attribute>,
    visibility: syn::Visibility,
    name: Ident,
    group: Ident,
    others: Vec<Item>,
    functions: Vec<Function>,
}

struct Function {
    item: ItemFn,
    attributes: Vec<Attribute>,
    import: String,
    context: Context,
    parameters: Vec<(Ident, Type)>,
    output: Type,
}

#[derive(Clone, Copy, PartialEq)]
enum Context {
    None,
    Host,
    Caller,
}

impl Interface {
    fn parse(arguments: &Arguments, module: &ItemMod) -> syn::Result<Self> {
        let Some((_, items)) = &module.content else {
            return Err(syn::Error::new_spanned(module, "the module must have a body"));
        };
        let mut others = Vec::new();
        let mut functions = Vec::new();
        let mut errors: Option<syn::Error> = None;
        for item in items {
            match item {
                Item::Fn(function) if matches!(function.vis, syn::Visibility::Public(_)) => {
                    match Function::parse(&arguments.prefix, function) {
                        Ok(function) => functions.push(function),
                        Err(error) => match &mut errors {
                            Some(errors) => errors.combine(error),
                            None => errors = Some(error),
                        },
                    }
                }
                other => others.push(other.clone()),
            }
        }
        if let Some(error) = errors {
            return Err(error);
        }
        Ok(Self {
            attributes: module.attrs.clone(),
            visibility: module.vis.clone(),
            name: module.ident.clone(),
            group: arguments.group.clone(),
            others,
            functions,
        })
    }
}

impl Function {
    fn parse(prefix: &str, item: &ItemFn) -> syn::Result<Self> {
        let mut name = item.sig.ident.to_string();
        let mut version = 1;
        let mut attributes = Vec::new();
        for attribute in &item.attrs {
            if attribute.path().is_ident("host") {
                attribute.parse_nested_meta(|meta| {
                    if meta.path.is_ident("name") {
                        name = meta.value()?.parse::<LitStr>()?.value();
                    } else if meta.path.is_ident("version") {
                        version = meta.value()?.parse::<LitInt>()?.base10_parse()?;
                    } else {
                        return Err(meta.error("expected `name` or `version`"));
                    }
                    Ok(())
                })?;
            } else {
                attributes.push(attribute.clone());
            }
        }
        if !item.sig.generics.params.is_empty() {
            return Err(syn::Error::new_spanned(
                &item.sig.generics,
                "a host function cannot be generic",
            ));
        }
        let mut context = Context::None;
        let mut parameters = Vec::new();
        for (index, input) in item.sig.inputs.iter().enumerate() {
            let FnArg::Typed(input) = input else {
                return Err(syn::Error::new_spanned(input, "a host function has no `self`"));
            };
            let Pat::Ident(pattern) = input.pat.as_ref() else {
                return Err(syn::Error::new_spanned(&input.pat, "expected a name"));
            };
            match (index, pattern.ident.to_string().as_str()) {
                (0, "host") => context = Context::Host,
                (0, "caller") => context = Context::Caller,
                _ => parameters.push((pattern.ident.clone(), input.ty.as_ref().clone())),
            }
        }
        let output = match &item.sig.output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => ty.as_ref().clone(),
        };
        let output = if context == Context::Caller { success(&output)? } else { output };
        let mut native = item.clone();
        native.vis = parse_quote!(pub(super));
        native.attrs = attributes.iter().filter(|a| !is_doc(a)).cloned().collect();
        let import = format!("ext_{prefix}_{name}_version_{version}");
        Ok(Self { item: native, attributes, import, context, parameters, output })
    }
}

/// `T` of `Result<T, HostError>`: what the guest of a function over a `caller` gets.
fn success(output: &Type) -> syn::Result<Type> {
    if let Type::Path(path) = output
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
        && let syn::PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(syn::GenericArgument::Type(ty)) = arguments.args.first()
    {
        return Ok(ty.clone());
    }
    Err(syn::Error::new_spanned(
        output,
        "a function over a `caller` returns `Result<_, HostError>`",
    ))
}

fn is_doc(attribute: &Attribute) -> bool {
    matches!(&attribute.meta, Meta::NameValue(meta) if meta.path.is_ident("doc")
        && matches!(meta.value, Expr::Lit(ExprLit { lit: Lit::Str(_), .. })))
}

fn expand(interface: &Interface) -> TokenStream {
    let host = host_crate();
    let Interface { attributes, visibility, name, others, functions, group } = interface;
    let guest = functions.iter().map(guest);
    let native = functions.iter().filter(|f| f.context != Context::Caller).map(native);
    let bodies = functions.iter().map(|function| &function.item);
    let entries = functions.iter().map(|function| entry(function, group));
    quote! {
        #(#attributes)*
        #visibility mod #name {
            #(#others)*

            #(#guest)*
            #(#native)*

            /// The node's side: what each function does.
            #[cfg(feature = "std")]
            mod node {
                #[allow(unused_imports, reason = "not every interface names its parent's items")]
                use super::*;
                #(#bodies)*
            }

            /// The table from which an executor serves this interface.
            #[cfg(feature = "std")]
            pub fn functions() -> ::std::vec::Vec<#host::HostFunction> {
                ::std::vec![#(#entries),*]
            }
        }
    }
}

/// The import and the function over it.
fn guest(function: &Function) -> TokenStream {
    let host = host_crate();
    let Function { attributes, import, parameters, output, item, .. } = function;
    let name = &item.sig.ident;
    let names: Vec<_> = parameters.iter().map(|(name, _)| name).collect();
    let types: Vec<_> = parameters.iter().map(|(_, ty)| ty).collect();
    let import = format_ident!("{import}");
    quote! {
        #(#attributes)*
        #[cfg(not(feature = "std"))]
        pub fn #name(#(#names: #types),*) -> #output {
            #[link(wasm_import_module = "env")]
            unsafe extern "C" {
                fn #import(#(#names: <#types as #host::abi::Parameter>::Abi),*)
                    -> <#output as #host::abi::Output>::Abi;
            }
            #(let #names = <#types as #host::abi::Parameter>::hold(#names);)*
            // SAFETY: the pointers passed are to values held here until after the call.
            let output = unsafe {
                #import(#(<#types as #host::abi::Parameter>::lower(&#names)),*)
            };
            #(drop(#names);)*
            <#output as #host::abi::Output>::lift(output)
        }
    }
}

/// The same function on the calling thread's externalities.
fn native(function: &Function) -> TokenStream {
    let host = host_crate();
    let Function { attributes, parameters, output, item, context, .. } = function;
    let name = &item.sig.ident;
    let names: Vec<_> = parameters.iter().map(|(name, _)| name).collect();
    let types: Vec<_> = parameters.iter().map(|(_, ty)| ty).collect();
    let body = match context {
        Context::Host => quote! {
            #host::scope::native(|host| node::#name(host, #(#names),*))
        },
        _ => quote!(node::#name(#(#names),*)),
    };
    quote! {
        #(#attributes)*
        #[cfg(feature = "std")]
        pub fn #name(#(#names: #types),*) -> #output {
            #body
        }
    }
}

/// How one argument gets from WASM to the function.
struct Argument {
    lift: TokenStream,
    pass: TokenStream,
    write_back: TokenStream,
}

fn argument(index: usize, ty: &Type) -> Argument {
    let host = host_crate();
    let held = format_ident!("argument_{index}");
    let value = quote!(#host::abi::argument(arguments, #index)?);
    match ty {
        Type::Reference(TypeReference { mutability: Some(_), .. }) => {
            let target = format_ident!("target_{index}");
            Argument {
                lift: quote! {
                    let #target: u64 = #value;
                    let mut #held = #host::abi::read_fat(caller, #target)?;
                },
                pass: quote!(&mut #held),
                write_back: quote!(#host::abi::write_fat(caller, #target, &#held)?;),
            }
        }
        Type::Reference(TypeReference { elem, .. }) => Argument {
            lift: quote!(let #held = <#elem as #host::abi::Referent>::read(caller, #value)?;),
            pass: quote!(&#held),
            write_back: quote!(),
        },
        other => Argument {
            lift: quote!(let #held = <#other as #host::abi::Received>::read(caller, #value)?;),
            pass: quote!(#held),
            write_back: quote!(),
        },
    }
}

/// The function's entry in the table.
fn entry(function: &Function, group: &Ident) -> TokenStream {
    let host = host_crate();
    let Function { import, parameters, output, item, context, .. } = function;
    let name = &item.sig.ident;
    let types: Vec<_> = parameters.iter().map(|(_, ty)| ty).collect();
    let arguments: Vec<_> = types.iter().enumerate().map(|(i, ty)| argument(i, ty)).collect();
    let lift = arguments.iter().map(|argument| &argument.lift);
    let write_back = arguments.iter().map(|argument| &argument.write_back);
    let pass: Vec<_> = arguments.iter().map(|argument| &argument.pass).collect();
    let run = match context {
        Context::None => quote!(node::#name(#(#pass),*)),
        Context::Host => {
            quote!(#host::scope::try_native(|host| node::#name(host, #(#pass),*))?)
        }
        Context::Caller => quote!(node::#name(caller, #(#pass),*)?),
    };
    quote! {
        #host::HostFunction {
            name: #import,
            params: {
                const TYPES: &[#host::ValueType] = &[
                    #(<<#types as #host::abi::Parameter>::Abi as #host::abi::Abi>::TYPE),*
                ];
                TYPES
            },
            result: <<#output as #host::abi::Output>::Abi as #host::abi::AbiResult>::TYPE,
            group: #host::Group::#group,
            call: |caller, arguments| {
                let _ = (&caller, arguments);
                #(#lift)*
                let output: #output = #run;
                #(#write_back)*
                let output = <#output as #host::abi::Returned>::write(output, caller)?;
                Ok(#host::abi::AbiResult::into_value(output))
            },
        }
    }
}
