//! Hooks: the pallet's side of what happens around blocks.

use super::super::model::{Model, Names};
use proc_macro2::TokenStream;
use quote::quote;

/// One trait per hook, each passing on to the pallet's `Hooks`.
pub(super) fn expand(model: &Model, names: &Names) -> TokenStream {
    let Names { krate, impl_generics, .. } = names;
    let pallet = names.pallet();
    let number = quote!(#krate::__private::primitives::BlockNumber);
    let hooks = quote!(<Self as #krate::traits::Hooks<#number>>);
    let weight = quote!(#krate::weights::Weight);
    let fault = quote!(#krate::traits::TryRuntimeError);
    let default = (!model.hooks)
        .then(|| quote!(impl<#impl_generics> #krate::traits::Hooks<#number> for #pallet {}));
    let initial_version = model.pallet.storage_version.as_ref().map(|version| {
        quote! {
            // A pallet that joins the runtime has nothing to migrate.
            if !#krate::parts::has_storage::<Self>() {
                let __version: #krate::traits::StorageVersion = #version;
                __version.put::<Self>();
            }
        }
    });
    quote! {
        #default

        impl<#impl_generics> #krate::traits::OnInitialize<#number> for #pallet {
            fn on_initialize(__n: #number) -> #weight { #hooks::on_initialize(__n) }
        }

        impl<#impl_generics> #krate::traits::OnFinalize<#number> for #pallet {
            fn on_finalize(__n: #number) { #hooks::on_finalize(__n) }
        }

        impl<#impl_generics> #krate::traits::OnIdle<#number> for #pallet {
            fn on_idle(__n: #number, __remaining: #weight) -> #weight {
                #hooks::on_idle(__n, __remaining)
            }
        }

        impl<#impl_generics> #krate::traits::OnPoll<#number> for #pallet {
            fn on_poll(__n: #number, __weight: &mut #krate::weights::WeightMeter) {
                #hooks::on_poll(__n, __weight)
            }
        }

        impl<#impl_generics> #krate::traits::BeforeAllRuntimeMigrations for #pallet {
            fn before_all_runtime_migrations() -> #weight {
                #initial_version
                #weight::zero()
            }
        }

        impl<#impl_generics> #krate::traits::OnRuntimeUpgrade for #pallet {
            fn on_runtime_upgrade() -> #weight { #hooks::on_runtime_upgrade() }
            fn pre_upgrade() -> ::core::result::Result<#krate::__private::Vec<u8>, #fault> {
                #hooks::pre_upgrade()
            }
            fn post_upgrade(
                __noted: #krate::__private::Vec<u8>,
            ) -> ::core::result::Result<(), #fault> {
                #hooks::post_upgrade(__noted)
            }
        }

        impl<#impl_generics> #krate::traits::TryState<#number> for #pallet {
            fn try_state(__n: #number) -> ::core::result::Result<(), #fault> {
                #hooks::try_state(__n)
            }
        }

        impl<#impl_generics> #krate::traits::OffchainWorker<#number> for #pallet {
            fn offchain_worker(__n: #number) { #hooks::offchain_worker(__n) }
        }

        impl<#impl_generics> #krate::traits::IntegrityTest for #pallet {
            fn integrity_test() { #hooks::integrity_test() }
        }
    }
}
