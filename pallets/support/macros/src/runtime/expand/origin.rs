//! `RuntimeOrigin` and `OriginCaller`.

use super::{
    super::model::{Model, Pallet},
    Variant, codec_derives, part, system_config, type_info,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn expand(model: &Model, krate: &TokenStream) -> TokenStream {
    let caller = caller(model, krate);
    let origin = origin(model, krate);
    let others = others(model, krate);
    quote!(#caller #origin #others)
}

/// The system pallet's origin.
fn raw(model: &Model, krate: &TokenStream) -> TokenStream {
    let (config, runtime) = (system_config(model), &model.runtime.ident);
    quote!(#krate::dispatch::RawOrigin<<#runtime as #config>::AccountId>)
}

fn is_system(pallet: &Pallet) -> bool {
    pallet.ident == "System"
}

fn caller(model: &Model, krate: &TokenStream) -> TokenStream {
    let raw = raw(model, krate);
    let (config, runtime) = (system_config(model), &model.runtime.ident);
    let account = quote!(<#runtime as #config>::AccountId);
    let derives = codec_derives(krate);
    let variants = model.pallets.iter().map(|pallet| {
        let index = pallet.index;
        if is_system(pallet) {
            quote!(#[codec(index = #index)] system(#raw))
        } else {
            let (ident, ty) = (&pallet.ident, part(krate, pallet, "Origin"));
            quote!(#[codec(index = #index)] #ident(#ty))
        }
    });
    let infos: Vec<_> = model
        .pallets
        .iter()
        .map(|pallet| {
            let mut variant = Variant::of(krate, pallet, "Origin", "HAS_ORIGIN");
            if is_system(pallet) {
                variant.name = "system".to_owned();
                variant.ty = raw.clone();
                variant.present = quote!(true);
            }
            variant
        })
        .collect();
    let info = type_info(krate, "OriginCaller", "", &infos);
    let option = quote!(::core::option::Option);
    quote! {
        /// Who makes a call: the origins of all pallets.
        #derives
        #[derive(#krate::__private::codec::MaxEncodedLen)]
        #[allow(non_camel_case_types)]
        pub enum OriginCaller { #(#variants,)* }

        #info

        impl #krate::traits::CallerTrait<#account> for OriginCaller {
            #[allow(unreachable_patterns)]
            fn into_system(self) -> #option<#raw> {
                match self {
                    Self::system(__raw) => #option::Some(__raw),
                    _ => #option::None,
                }
            }
            #[allow(unreachable_patterns)]
            fn as_system_ref(&self) -> #option<&#raw> {
                match self {
                    Self::system(__raw) => #option::Some(__raw),
                    _ => #option::None,
                }
            }
        }

        impl ::core::convert::From<#raw> for OriginCaller {
            fn from(__raw: #raw) -> Self { Self::system(__raw) }
        }

        impl ::core::convert::TryFrom<OriginCaller> for #raw {
            type Error = OriginCaller;
            #[allow(unreachable_patterns)]
            fn try_from(__caller: OriginCaller) -> ::core::result::Result<Self, OriginCaller> {
                match __caller {
                    OriginCaller::system(__raw) => ::core::result::Result::Ok(__raw),
                    __other => ::core::result::Result::Err(__other),
                }
            }
        }
    }
}

fn origin(model: &Model, krate: &TokenStream) -> TokenStream {
    let raw = raw(model, krate);
    let (config, runtime) = (system_config(model), &model.runtime.ident);
    let account = quote!(<#runtime as #config>::AccountId);
    let filter =
        quote!(<<#runtime as #config>::BaseCallFilter as #krate::traits::Contains<RuntimeCall>>);
    let methods = origin_methods(krate, &raw, &account, &filter);
    let conversions = origin_conversions(krate, &raw, &account);
    quote! {
        /// A caller, and a filter of what it may call.
        #[derive(::core::clone::Clone)]
        pub struct RuntimeOrigin {
            /// Who makes the call.
            pub caller: OriginCaller,
            filter: #krate::__private::Rc<dyn Fn(&RuntimeCall) -> bool>,
        }

        impl ::core::fmt::Debug for RuntimeOrigin {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __f.debug_struct("RuntimeOrigin")
                    .field("caller", &self.caller)
                    .finish_non_exhaustive()
            }
        }

        impl #krate::traits::OriginTrait for RuntimeOrigin {
            type Call = RuntimeCall;
            type PalletsOrigin = OriginCaller;
            type AccountId = #account;
            #methods
        }

        #conversions
    }
}

fn origin_methods(
    krate: &TokenStream,
    raw: &TokenStream,
    account: &TokenStream,
    filter: &TokenStream,
) -> TokenStream {
    let rc = quote!(#krate::__private::Rc);
    quote! {
        fn add_filter(&mut self, __added: impl Fn(&RuntimeCall) -> bool + 'static) {
            let __before = #rc::clone(&self.filter);
            self.filter = #rc::new(move |__call| __before(__call) && __added(__call));
        }
        fn reset_filter(&mut self) {
            self.filter = if #krate::traits::CallerTrait::is_root(&self.caller) {
                #rc::new(|_| true)
            } else {
                #rc::new(#filter::contains)
            };
        }
        fn set_caller(&mut self, __caller: OriginCaller) {
            self.caller = __caller;
        }
        fn set_caller_from(&mut self, __other: impl ::core::convert::Into<Self>) {
            self.caller = ::core::convert::Into::<Self>::into(__other).caller;
        }
        fn filter_call(&self, __call: &RuntimeCall) -> bool {
            // Root bypasses the base filter, and filters that were added bind it as well.
            (self.filter)(__call)
        }
        fn caller(&self) -> &OriginCaller {
            &self.caller
        }
        fn into_caller(self) -> OriginCaller {
            self.caller
        }
        fn try_with_caller<__R>(
            self,
            __f: impl FnOnce(OriginCaller) -> ::core::result::Result<__R, OriginCaller>,
        ) -> ::core::result::Result<__R, Self> {
            let Self { caller: __caller, filter: __filter } = self;
            __f(__caller).map_err(|__caller| Self { caller: __caller, filter: __filter })
        }
        fn none() -> Self {
            ::core::convert::From::from(<#raw>::None)
        }
        fn root() -> Self {
            ::core::convert::From::from(<#raw>::Root)
        }
        fn signed(__by: #account) -> Self {
            ::core::convert::From::from(<#raw>::Signed(__by))
        }
    }
}

fn origin_conversions(
    krate: &TokenStream,
    raw: &TokenStream,
    account: &TokenStream,
) -> TokenStream {
    let result = quote!(::core::result::Result);
    quote! {
        impl RuntimeOrigin {
            /// An account that signed.
            pub fn signed(__by: #account) -> Self {
                <Self as #krate::traits::OriginTrait>::signed(__by)
            }
            /// The chain itself.
            pub fn root() -> Self {
                <Self as #krate::traits::OriginTrait>::root()
            }
            /// Nobody.
            pub fn none() -> Self {
                <Self as #krate::traits::OriginTrait>::none()
            }
        }

        impl ::core::convert::From<OriginCaller> for RuntimeOrigin {
            fn from(__caller: OriginCaller) -> Self {
                let mut __origin =
                    Self { caller: __caller, filter: #krate::__private::Rc::new(|_| true) };
                #krate::traits::OriginTrait::reset_filter(&mut __origin);
                __origin
            }
        }

        impl ::core::convert::From<#raw> for RuntimeOrigin {
            fn from(__raw: #raw) -> Self {
                ::core::convert::From::from(OriginCaller::system(__raw))
            }
        }

        impl ::core::convert::From<::core::option::Option<#account>> for RuntimeOrigin {
            fn from(__signer: ::core::option::Option<#account>) -> Self {
                ::core::convert::From::from(<#raw as ::core::convert::From<_>>::from(__signer))
            }
        }

        impl ::core::convert::From<RuntimeOrigin> for #result<#raw, RuntimeOrigin> {
            #[allow(unreachable_patterns)]
            fn from(__origin: RuntimeOrigin) -> Self {
                match __origin.caller {
                    OriginCaller::system(__raw) => #result::Ok(__raw),
                    __caller => #result::Err(RuntimeOrigin { caller: __caller, ..__origin }),
                }
            }
        }
    }
}

/// Conversions of the other pallets' origins.
fn others(model: &Model, krate: &TokenStream) -> TokenStream {
    let result = quote!(::core::result::Result);
    let all = model.pallets.iter().filter(|pallet| !is_system(pallet)).map(|pallet| {
        let (ident, ty) = (&pallet.ident, part(krate, pallet, "Origin"));
        let alias = format_ident!("__{}Origin", ident);
        quote! {
            #[allow(non_camel_case_types)]
            type #alias = #ty;

            impl ::core::convert::From<#alias> for OriginCaller {
                fn from(__origin: #alias) -> Self { Self::#ident(__origin) }
            }

            impl ::core::convert::From<#alias> for RuntimeOrigin {
                fn from(__origin: #alias) -> Self {
                    ::core::convert::From::from(OriginCaller::#ident(__origin))
                }
            }

            impl ::core::convert::From<RuntimeOrigin> for #result<#alias, RuntimeOrigin> {
                fn from(__origin: RuntimeOrigin) -> Self {
                    match __origin.caller {
                        OriginCaller::#ident(__inner) => #result::Ok(__inner),
                        __caller => #result::Err(RuntimeOrigin { caller: __caller, ..__origin }),
                    }
                }
            }
        }
    });
    quote!(#(#all)*)
}
