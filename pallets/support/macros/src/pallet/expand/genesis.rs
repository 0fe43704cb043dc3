//! Genesis configs and type values.

use super::super::model::{Model, Names, TypeValue};
use crate::krate::private_path_string;
use proc_macro2::TokenStream;
use quote::quote;

/// The genesis config with its JSON form.
pub(super) fn config(model: &Model, names: &Names) -> TokenStream {
    let Some(genesis) = &model.genesis_config else { return quote!() };
    let krate = &names.krate;
    let serde = private_path_string(krate, "serde");
    let item = &genesis.item;
    quote! {
        #[derive(#krate::__private::serde::Serialize, #krate::__private::serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[serde(deny_unknown_fields)]
        #[serde(bound(serialize = ""))]
        #[serde(bound(deserialize = ""))]
        #[serde(crate = #serde)]
        #item
    }
}

/// Functions that became types.
pub(super) fn type_values(model: &Model, names: &Names) -> TokenStream {
    let krate = &names.krate;
    let all = model.type_values.iter().map(|TypeValue { item, output }| {
        let ident = &item.sig.ident;
        let (vis, block, attrs) = (&item.vis, &item.block, &item.attrs);
        let generics = &item.sig.generics;
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let parameters: Vec<_> = generics.type_params().map(|p| &p.ident).collect();
        quote! {
            #(#attrs)*
            #[allow(missing_debug_implementations)]
            #vis struct #ident<#(#parameters),*>(::core::marker::PhantomData<(#(#parameters,)*)>);

            impl #impl_generics #krate::traits::Get<#output> for #ident #ty_generics #where_clause {
                fn get() -> #output #block
            }
        }
    });
    quote!(#(#all)*)
}
