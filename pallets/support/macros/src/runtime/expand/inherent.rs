//! Inherents, unsigned calls and view functions of all pallets.

use super::super::model::{Model, Pallet};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn expand(model: &Model, krate: &TokenStream) -> TokenStream {
    let inherents = inherents(model, krate);
    let unsigned = unsigned(model, krate);
    let views = views(model, krate);
    quote!(#inherents #unsigned #views)
}

fn callable(model: &Model) -> Vec<&Pallet> {
    model.pallets.iter().filter(|pallet| !pallet.disable_call).collect()
}

fn inherents(model: &Model, krate: &TokenStream) -> TokenStream {
    let runtime = &model.runtime.ident;
    let idents: Vec<_> = callable(model).iter().map(|p| &p.ident).collect();
    let parts = quote!(#krate::parts::PalletParts<__Runtime>);
    let data = quote!(&#krate::__private::InherentData);
    let result = quote!(#krate::__private::CheckInherentsResult);
    quote! {
        impl #krate::parts::RuntimeInherents for #runtime {
            type Call = RuntimeCall;
            fn create_inherents(__data: #data) -> #krate::__private::Vec<RuntimeCall> {
                let mut __calls = #krate::__private::Vec::new();
                #(__calls.extend(
                    <#idents as #parts>::create_inherent(__data).map(RuntimeCall::#idents),
                );)*
                __calls
            }
            fn is_inherent_call(__call: &RuntimeCall) -> bool {
                match __call {
                    #(RuntimeCall::#idents(__call) => <#idents as #parts>::is_inherent(__call),)*
                }
            }
            fn check_inherents<'a>(
                __calls: impl ::core::iter::Iterator<Item = &'a RuntimeCall>,
                __data: #data,
            ) -> #result {
                let mut __checks = #krate::parts::InherentChecks::default();
                for __call in __calls {
                    match __call {
                        #(RuntimeCall::#idents(__call) => {
                            __checks.call::<__Runtime, #idents>(__call, __data);
                        })*
                    }
                }
                #(__checks.missing::<__Runtime, #idents>(__data);)*
                __checks.into_result()
            }
        }
    }
}

fn unsigned(model: &Model, krate: &TokenStream) -> TokenStream {
    let runtime = &model.runtime.ident;
    let (mut checked, mut refused) = (Vec::new(), Vec::new());
    for pallet in callable(model) {
        if pallet.disable_unsigned { &mut refused } else { &mut checked }.push(&pallet.ident);
    }
    let parts = quote!(#krate::parts::PalletParts<__Runtime>);
    let none = quote!(#krate::parts::no_unsigned_validator());
    let error = quote!(#krate::__private::TransactionValidityError);
    quote! {
        impl #krate::traits::ValidateUnsigned for #runtime {
            type Call = RuntimeCall;
            fn validate_unsigned(
                __source: #krate::__private::TransactionSource,
                __call: &RuntimeCall,
            ) -> #krate::__private::TransactionValidity {
                match __call {
                    #(RuntimeCall::#checked(__call) => {
                        <#checked as #parts>::validate_unsigned(__source, __call)
                    })*
                    #(RuntimeCall::#refused(_) => ::core::result::Result::Err(#none),)*
                }
            }
            fn pre_dispatch(__call: &RuntimeCall) -> ::core::result::Result<(), #error> {
                match __call {
                    #(RuntimeCall::#checked(__call) => {
                        <#checked as #parts>::pre_dispatch_unsigned(__call)
                    })*
                    #(RuntimeCall::#refused(_) => ::core::result::Result::Err(#none),)*
                }
            }
        }
    }
}

fn views(model: &Model, krate: &TokenStream) -> TokenStream {
    let runtime = &model.runtime.ident;
    let idents: Vec<_> = model.pallets.iter().map(|p| &p.ident).collect();
    let error = quote!(#krate::dispatch::ViewFunctionDispatchError);
    quote! {
        impl #krate::dispatch::DispatchViewFunction for #runtime {
            fn dispatch_view_function<__O: #krate::__private::codec::Output>(
                __id: &#krate::dispatch::ViewFunctionId,
                __input: &mut &[u8],
                __output: &mut __O,
            ) -> ::core::result::Result<(), #error> {
                #(
                    if __id.prefix == <#idents as #krate::traits::PalletInfoAccess>::name_hash() {
                        let __result =
                            <#idents as #krate::parts::PalletParts<__Runtime>>::view_function(__id, __input)?;
                        __output.write(&__result);
                        return ::core::result::Result::Ok(());
                    }
                )*
                ::core::result::Result::Err(#error::NotFound(::core::clone::Clone::clone(__id)))
            }
        }
    }
}
