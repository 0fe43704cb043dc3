//! `PalletInfo` and the tuples of all pallets.

use super::super::model::Model;
use crate::krate::twox_128;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub(super) fn expand(model: &Model, krate: &TokenStream) -> TokenStream {
    let all: Vec<_> = model.pallets.iter().map(|pallet| &pallet.ident).collect();
    let without_system: Vec<_> = all.iter().filter(|ident| **ident != "System").collect();
    let finds = model.pallets.iter().map(|pallet| {
        let ident = &pallet.ident;
        let name = ident.to_string();
        let index = usize::from(pallet.index);
        let module = pallet.module.to_token_stream().to_string().replace(' ', "");
        quote! {
            if __id == ::core::any::TypeId::of::<#ident>() {
                return ::core::option::Option::Some(#krate::traits::PalletInfoData {
                    index: #index,
                    name: #name,
                    module_name: #module,
                    crate_version:
                        <#ident as #krate::traits::PalletInfoAccess>::crate_version(),
                });
            }
        }
    });
    let option = quote!(::core::option::Option);
    let hashes = model.pallets.iter().map(|pallet| {
        let ident = &pallet.ident;
        let hash = twox_128(&ident.to_string());
        quote! {
            if __id == ::core::any::TypeId::of::<#ident>() {
                return #option::Some([#(#hash),*]);
            }
        }
    });
    quote! {
        /// All pallets, in the order of their indices.
        pub type AllPalletsWithSystem = (#(#all,)*);
        /// All pallets but the system's, in the order of their indices.
        pub type AllPalletsWithoutSystem = (#(#without_system,)*);

        /// What the runtime knows of its pallets.
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::fmt::Debug,
        )]
        pub struct PalletInfo;

        impl PalletInfo {
            fn __find<__P: 'static>() -> #option<#krate::traits::PalletInfoData> {
                let __id = ::core::any::TypeId::of::<__P>();
                #(#finds)*
                #option::None
            }
        }

        impl #krate::traits::PalletInfo for PalletInfo {
            fn index<__P: 'static>() -> #option<usize> {
                Self::__find::<__P>().map(|__info| __info.index)
            }
            fn name<__P: 'static>() -> #option<&'static str> {
                Self::__find::<__P>().map(|__info| __info.name)
            }
            fn name_hash<__P: 'static>() -> #option<[u8; 16]> {
                let __id = ::core::any::TypeId::of::<__P>();
                #(#hashes)*
                #option::None
            }
            fn module_name<__P: 'static>() -> #option<&'static str> {
                Self::__find::<__P>().map(|__info| __info.module_name)
            }
            fn crate_version<__P: 'static>() -> #option<#krate::traits::CrateVersion> {
                Self::__find::<__P>().map(|__info| __info.crate_version)
            }
        }
    }
}
