//! The trait by which a runtime learns what the pallet has.

use super::{
    super::model::{Constant, Model, Names},
    call, enums, storage, view,
};
use crate::docs::{Deprecation, docs};
use proc_macro2::TokenStream;
use quote::quote;

/// The implementation of `PalletParts`.
pub(super) fn expand(model: &Model, names: &Names) -> TokenStream {
    let Names { krate, impl_generics, use_generics, .. } = names;
    let pallet = names.pallet();
    let absent = quote!(#krate::parts::Absent<Self>);
    let or_absent = |ty: Option<TokenStream>| ty.unwrap_or_else(|| absent.clone());
    let with = |ident: &syn::Ident, arity| Names::with(ident, arity);
    let event = or_absent(model.event.as_ref().map(|e| with(&e.item.ident, e.arity)));
    let error = or_absent(model.error.as_ref().map(|e| with(&e.item.ident, e.arity)));
    let origin = or_absent(model.origin.as_ref().map(|o| with(&o.ident, o.arity)));
    let hold = or_absent(enums::composite_type(model, "HoldReason"));
    let freeze = or_absent(enums::composite_type(model, "FreezeReason"));
    let genesis = match &model.genesis_config {
        Some(genesis) => {
            let ident = quote::format_ident!("GenesisConfig");
            Names::with(&ident, genesis.arity)
        }
        None => quote!(#krate::parts::AbsentGenesis<Self>),
    };
    let has_call = model.calls.as_ref().is_some_and(|calls| !calls.calls.is_empty());
    let has_event = model.event.is_some();
    let has_error = model.error.is_some();
    let has_origin = model.origin.is_some();
    let has_hold = enums::composite_type(model, "HoldReason").is_some();
    let has_freeze = enums::composite_type(model, "FreezeReason").is_some();
    let has_genesis = model.genesis_config.is_some();
    let metadata = metadata(model, names);
    let inherent = inherent(model, names);
    let unsigned = unsigned(model, names);
    let view = view::dispatch(model, names);
    quote! {
        #[allow(deprecated)]
        impl<#impl_generics> #krate::parts::PalletParts<T> for #pallet {
            type Call = Call<#use_generics>;
            type Event = #event;
            type Error = #error;
            type Origin = #origin;
            type HoldReason = #hold;
            type FreezeReason = #freeze;
            type GenesisConfig = #genesis;
            const HAS_CALL: bool = #has_call;
            const HAS_EVENT: bool = #has_event;
            const HAS_ERROR: bool = #has_error;
            const HAS_ORIGIN: bool = #has_origin;
            const HAS_HOLD_REASON: bool = #has_hold;
            const HAS_FREEZE_REASON: bool = #has_freeze;
            const HAS_GENESIS_CONFIG: bool = #has_genesis;
            fn parts_metadata() -> #krate::parts::PartsMetadata { #metadata }
            #inherent
            #unsigned
            #view
        }
    }
}

fn metadata(model: &Model, names: &Names) -> TokenStream {
    let Names { krate, config, .. } = names;
    let ir = quote!(#krate::__private::metadata_ir);
    let pallet_docs = docs(&model.attrs);
    let deprecation = Deprecation::of(&model.attrs).item(krate);
    let storage = storage::metadata(model, names);
    let (call_type, call_deprecation) = call::metadata(model, names);
    let event = enums::event_metadata(model, names);
    let error = enums::error_metadata(model, names);
    let constant = |constant: &Constant, value: TokenStream| {
        let Constant { name, ty, docs, deprecation, .. } = constant;
        let deprecation = deprecation.item(krate);
        quote! {
            #ir::PalletConstantMetadataIR {
                name: #name,
                ty: #krate::__private::scale_info::meta_type::<#ty>(),
                value: {
                    let __value: #ty = #value;
                    #krate::__private::codec::Encode::encode(&__value)
                },
                docs: #krate::__private::vec![#(#docs),*],
                deprecation_info: #deprecation,
            }
        }
    };
    let constants = model
        .config
        .constants
        .iter()
        .map(|item| {
            let (ident, ty) = (&item.ident, &item.ty);
            let get = quote! {
                <<T as #config>::#ident as #krate::traits::Get<#ty>>::get()
            };
            constant(item, get)
        })
        .chain(model.extra_constants.iter().map(|item| {
            let ident = &item.ident;
            constant(item, quote!(Self::#ident()))
        }));
    let constants = super::list(krate, constants);
    let associated = model.config.associated.iter().map(|item| {
        let (ident, docs) = (&item.ident, &item.docs);
        let name = ident.to_string();
        quote! {
            #ir::PalletAssociatedTypeMetadataIR {
                name: #name,
                ty: #krate::__private::scale_info::meta_type::<<T as #config>::#ident>(),
                docs: #krate::__private::vec![#(#docs),*],
            }
        }
    });
    let associated = super::list(krate, associated);
    let view_functions = view::list(model, names);
    quote! {
        #krate::parts::PartsMetadata {
            docs: #krate::__private::vec![#(#pallet_docs),*],
            deprecation: #deprecation,
            storage: #storage,
            call_type: #call_type,
            call_deprecation: #call_deprecation,
            event: #event,
            error: #error,
            constants: #constants,
            associated_types: #associated,
            view_functions: #view_functions,
        }
    }
}

fn inherent(model: &Model, names: &Names) -> Option<TokenStream> {
    let krate = &names.krate;
    let provide = quote!(<Self as #krate::traits::ProvideInherent>);
    let data = quote!(&#krate::__private::InherentData);
    let fault = quote!(#krate::__private::InherentFault);
    model.inherent.then(|| {
        quote! {
            fn create_inherent(__data: #data) -> ::core::option::Option<Self::Call> {
                #provide::create_inherent(__data)
            }
            fn is_inherent(__call: &Self::Call) -> bool {
                #provide::is_inherent(__call)
            }
            fn check_inherent(__call: &Self::Call, __data: #data) -> ::core::option::Option<#fault> {
                #provide::check_inherent(__call, __data)
                    .err()
                    .map(|__error| #fault::new::<Self>(&__error))
            }
            fn missing_inherent(__data: #data) -> ::core::option::Option<#fault> {
                match #provide::is_inherent_required(__data) {
                    ::core::result::Result::Ok(__missing) => {
                        __missing.map(|__error| #fault::new::<Self>(&__error))
                    }
                    ::core::result::Result::Err(__error) => {
                        ::core::option::Option::Some(#fault::new::<Self>(&__error))
                    }
                }
            }
        }
    })
}

fn unsigned(model: &Model, names: &Names) -> Option<TokenStream> {
    let krate = &names.krate;
    let validate = quote!(<Self as #krate::traits::ValidateUnsigned>);
    model.validate_unsigned.then(|| {
        quote! {
            fn validate_unsigned(
                __source: #krate::__private::TransactionSource,
                __call: &Self::Call,
            ) -> #krate::__private::TransactionValidity {
                #validate::validate_unsigned(__source, __call)
            }
            fn pre_dispatch_unsigned(
                __call: &Self::Call,
            ) -> ::core::result::Result<(), #krate::__private::TransactionValidityError> {
                #validate::pre_dispatch(__call)
            }
        }
    })
}
