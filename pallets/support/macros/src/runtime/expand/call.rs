//! `RuntimeCall`.

use super::{
    super::model::{Model, Pallet},
    Variant, codec_derives, part, type_info,
};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn expand(model: &Model, krate: &TokenStream) -> TokenStream {
    let pallets: Vec<&Pallet> = model.pallets.iter().filter(|p| !p.disable_call).collect();
    let idents: Vec<_> = pallets.iter().map(|p| &p.ident).collect();
    let indices: Vec<_> = pallets.iter().map(|p| p.index).collect();
    let types: Vec<_> = pallets.iter().map(|p| part(krate, p, "Call")).collect();
    let names: Vec<_> = idents.iter().map(ToString::to_string).collect();
    let derives = codec_derives(krate);
    let variants: Vec<_> =
        pallets.iter().map(|p| Variant::of(krate, p, "Call", "HAS_CALL")).collect();
    let info = type_info(krate, "RuntimeCall", "", &variants);
    let dispatch = dispatch(model, &idents, krate);
    quote! {
        /// The calls of all pallets.
        #derives
        pub enum RuntimeCall {
            #(#[codec(index = #indices)] #idents(#types),)*
        }

        #info
        #dispatch

        #(
            impl ::core::convert::From<#types> for RuntimeCall {
                fn from(__call: #types) -> Self { Self::#idents(__call) }
            }

            impl #krate::traits::IsSubType<#types> for RuntimeCall {
                #[allow(unreachable_patterns)]
                fn is_sub_type(&self) -> ::core::option::Option<&#types> {
                    match self {
                        Self::#idents(__call) => ::core::option::Option::Some(__call),
                        _ => ::core::option::Option::None,
                    }
                }
            }
        )*

        impl #krate::dispatch::GetCallMetadata for RuntimeCall {
            fn get_module_names() -> &'static [&'static str] {
                const __ALL: &[(&str, bool)] = &[
                    #((#names, <#idents as #krate::parts::PalletParts<__Runtime>>::HAS_CALL),)*
                ];
                const __NAMES: [&str; #krate::parts::count(__ALL)] = #krate::parts::select(__ALL);
                &__NAMES
            }
            fn get_call_names(__module: &str) -> &'static [&'static str] {
                match __module {
                    #(#names => <#types as #krate::dispatch::GetCallName>::get_call_names(),)*
                    _ => &[],
                }
            }
            fn get_call_metadata(&self) -> #krate::dispatch::CallMetadata {
                let (function_name, pallet_name) = match self {
                    #(Self::#idents(__call) => {
                        (#krate::dispatch::GetCallName::get_call_name(__call), #names)
                    })*
                };
                #krate::dispatch::CallMetadata { function_name, pallet_name }
            }
        }
    }
}

fn dispatch(model: &Model, idents: &[&syn::Ident], krate: &TokenStream) -> TokenStream {
    let system = &model.system;
    let runtime = &model.runtime.ident;
    quote! {
        impl #krate::dispatch::GetDispatchInfo for RuntimeCall {
            fn get_dispatch_info(&self) -> #krate::dispatch::DispatchInfo {
                match self {
                    #(Self::#idents(__call) => {
                        #krate::dispatch::GetDispatchInfo::get_dispatch_info(__call)
                    })*
                }
            }
        }

        impl #krate::parts::CheckIfFeeless for RuntimeCall {
            type Origin = RuntimeOrigin;
            fn is_feeless(&self, __origin: &RuntimeOrigin) -> bool {
                match self {
                    #(Self::#idents(__call) => {
                        #krate::parts::CheckIfFeeless::is_feeless(__call, __origin)
                    })*
                }
            }
        }

        impl #krate::dispatch::UnfilteredDispatchable for RuntimeCall {
            type RuntimeOrigin = RuntimeOrigin;
            fn dispatch_bypass_filter(
                self,
                __origin: RuntimeOrigin,
            ) -> #krate::dispatch::DispatchResultWithPostInfo {
                match self {
                    #(Self::#idents(__call) => {
                        #krate::dispatch::UnfilteredDispatchable::dispatch_bypass_filter(
                            __call, __origin,
                        )
                    })*
                }
            }
        }

        impl #krate::dispatch::Dispatchable for RuntimeCall {
            type RuntimeOrigin = RuntimeOrigin;
            type Info = #krate::dispatch::DispatchInfo;
            type PostInfo = #krate::dispatch::PostDispatchInfo;
            fn dispatch(
                self,
                __origin: RuntimeOrigin,
            ) -> #krate::dispatch::DispatchResultWithPostInfo {
                if !#krate::traits::OriginTrait::filter_call(&__origin, &self) {
                    let __error: #krate::dispatch::DispatchError =
                        ::core::convert::Into::into(#system::Error::<#runtime>::CallFiltered);
                    return ::core::result::Result::Err(::core::convert::Into::into(__error));
                }
                #krate::dispatch::UnfilteredDispatchable::dispatch_bypass_filter(self, __origin)
            }
        }
    }
}
