//! The pallet's struct and what it knows of itself.

use super::super::model::{Model, Names};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The struct and its info traits.
pub(super) fn expand(model: &Model, names: &Names) -> TokenStream {
    let Names { krate, system_config, impl_generics, .. } = names;
    let pallet = names.pallet();
    let item = &model.pallet.item;
    let version = version(krate);
    let info = quote!(<<T as #system_config>::PalletInfo as #krate::traits::PalletInfo>);
    let missing =
        "the pallet is part of the runtime: every pallet type that `#[runtime]` names has an entry";
    let in_code = match &model.pallet.storage_version {
        Some(version) => quote! {
            type InCodeStorageVersion = #krate::traits::StorageVersion;
            fn in_code_storage_version() -> #krate::traits::StorageVersion { #version }
        },
        None => quote! {
            type InCodeStorageVersion = #krate::traits::NoStorageVersionSet;
            fn in_code_storage_version() -> #krate::traits::NoStorageVersionSet {
                #krate::traits::NoStorageVersionSet
            }
        },
    };
    let on_genesis = model.pallet.storage_version.as_ref().map(|version| {
        quote! {
            let __version: #krate::traits::StorageVersion = #version;
            __version.put::<Self>();
        }
    });
    quote! {
        #[derive(
            #krate::CloneNoBound,
            #krate::EqNoBound,
            #krate::PartialEqNoBound,
            #krate::DebugNoBound,
        )]
        #item

        impl<#impl_generics> #krate::traits::PalletInfoAccess for #pallet {
            fn index() -> usize {
                #info::index::<Self>().expect(#missing)
            }
            fn name() -> &'static str {
                #info::name::<Self>().expect(#missing)
            }
            fn name_hash() -> [u8; 16] {
                #info::name_hash::<Self>().expect(#missing)
            }
            fn module_name() -> &'static str {
                #info::module_name::<Self>().expect(#missing)
            }
            fn crate_version() -> #krate::traits::CrateVersion {
                #version
            }
        }

        impl<#impl_generics> #krate::traits::PalletsInfoAccess for #pallet {
            fn accumulate(
                __all: &mut #krate::__private::Vec<#krate::traits::PalletInfoData>,
            ) {
                __all.push(#krate::traits::PalletInfoData {
                    index: <Self as #krate::traits::PalletInfoAccess>::index(),
                    name: <Self as #krate::traits::PalletInfoAccess>::name(),
                    module_name: <Self as #krate::traits::PalletInfoAccess>::module_name(),
                    crate_version: <Self as #krate::traits::PalletInfoAccess>::crate_version(),
                });
            }
        }

        impl<#impl_generics> #krate::traits::GetStorageVersion for #pallet {
            #in_code
            fn on_chain_storage_version() -> #krate::traits::StorageVersion {
                #krate::traits::StorageVersion::get::<Self>()
            }
        }

        impl<#impl_generics> #krate::traits::OnGenesis for #pallet {
            fn on_genesis() { #on_genesis }
        }
    }
}

/// The version of the crate that is being compiled.
fn version(krate: &TokenStream) -> TokenStream {
    let part = |name: &str| -> u16 {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or_default()
    };
    let small = |name: &str| Literal::u8_suffixed(u8::try_from(part(name)).unwrap_or(u8::MAX));
    let major = Literal::u16_suffixed(part("CARGO_PKG_VERSION_MAJOR"));
    let (minor, patch) = (small("CARGO_PKG_VERSION_MINOR"), small("CARGO_PKG_VERSION_PATCH"));
    quote!(#krate::traits::CrateVersion::new(#major, #minor, #patch))
}
