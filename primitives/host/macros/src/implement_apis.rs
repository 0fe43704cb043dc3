//! `impl_runtime_apis!`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    ImplItem, ItemImpl, Path, Type,
    parse::{Parse, ParseStream},
    spanned::Spanned,
};

pub(crate) fn run(input: TokenStream) -> TokenStream {
    match syn::parse2::<Impls>(input) {
        Ok(impls) => expand(&impls.0),
        Err(error) => error.to_compile_error(),
    }
}

struct Impls(Vec<Api>);

struct Api {
    item: ItemImpl,
    path: Path,
    runtime: Type,
}

impl Parse for Impls {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut apis = Vec::new();
        while !input.is_empty() {
            let item: ItemImpl = input.parse()?;
            let Some((None, path, _)) = &item.trait_ else {
                return Err(syn::Error::new(item.span(), "expected `impl Api for Runtime`"));
            };
            apis.push(Api { path: path.clone(), runtime: (*item.self_ty).clone(), item });
        }
        if apis.is_empty() {
            return Err(input.error("expected `impl Api for Runtime`"));
        }
        Ok(Self(apis))
    }
}

fn expand(apis: &[Api]) -> TokenStream {
    let items = apis.iter().map(|api| &api.item);
    let exports = apis.iter().map(exports);
    let (runtimes, paths): (Vec<_>, Vec<_>) =
        apis.iter().map(|api| (&api.runtime, &api.path)).unzip();
    let conditions: Vec<_> = apis.iter().map(conditions).collect();
    quote! {
        #(#items)*

        /// Identifiers and versions of the APIs of this runtime.
        pub const RUNTIME_API_VERSIONS: &[(::citrate_api::__private::ApiId, u32)] = &[
            #(#conditions (
                <#runtimes as #paths>::__ID,
                <#runtimes as #paths>::__VERSION,
            )),*
        ];

        /// The runtime's APIs as metadata shows them.
        pub fn runtime_api_metadata()
            -> ::citrate_api::__private::Vec<::citrate_api::__private::RuntimeApiMetadataIR>
        {
            ::citrate_api::__private::vec![
                #(#conditions <#runtimes as #paths>::__metadata()),*
            ]
        }

        /// Runs a method natively on encoded arguments; `None` if there is no such method.
        ///
        /// # Panics
        /// When the arguments do not decode, as the method in WASM does.
        pub fn dispatch(
            method: &str,
            data: &[u8],
        ) -> ::core::option::Option<::citrate_api::__private::Vec<u8>> {
            #(#conditions if let ::core::option::Option::Some(__output) =
                <#runtimes as #paths>::__dispatch(method, data)
            {
                return ::core::option::Option::Some(__output);
            })*
            ::core::option::Option::None
        }

        #(#exports)*
    }
}

/// The `#[cfg]`s of an implementation, which hold for all that is generated from it.
fn conditions(api: &Api) -> TokenStream {
    let conditions = api.item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    quote!(#(#conditions)*)
}

/// The exports of an API, and its record in the custom section.
fn exports(api: &Api) -> TokenStream {
    let Api { item, path, runtime } = api;
    let Some(name) = path.segments.last().map(|segment| &segment.ident) else {
        return quote!();
    };
    let conditions = conditions(api);
    let exports = item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) => {
            let export = format!("{}_{}", name, function.sig.ident);
            let ident = format_ident!("{export}");
            Some(quote! {
                #[unsafe(no_mangle)]
                extern "C" fn #ident(address: *const u8, len: usize) -> u64 {
                    // SAFETY: the node calls exports with the address and length of its arguments.
                    unsafe {
                        ::citrate_api::__private::entry(address, len, |data| {
                            <#runtime as #path>::__dispatch(#export, data)
                        })
                    }
                }
            })
        }
        _ => None,
    });
    quote! {
        #conditions
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, non_snake_case, reason = "exports have fixed names and take addresses")]
        const _: () = {
            #[used]
            #[unsafe(link_section = "runtime_apis")]
            static __RECORD: [u8; 12] = ::citrate_api::__private::api_record(
                <#runtime as #path>::__ID,
                <#runtime as #path>::__VERSION,
            );
            #(#exports)*
        };
    }
}
