//! Metadata of the runtime.

use super::super::model::Model;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn expand(model: &Model, krate: &TokenStream) -> TokenStream {
    let runtime = &model.runtime.ident;
    let idents: Vec<_> = model.pallets.iter().map(|p| &p.ident).collect();
    let ir = quote!(#krate::__private::metadata_ir);
    let meta_type = quote!(#krate::__private::scale_info::meta_type);
    quote! {
        impl #runtime {
            /// The runtime's metadata: of its pallets, extrinsics and runtime APIs.
            pub fn metadata_ir(
                extrinsic: #ir::ExtrinsicMetadataIR,
                apis: #krate::__private::Vec<#ir::RuntimeApiMetadataIR>,
            ) -> #ir::MetadataIR {
                #ir::MetadataIR {
                    pallets: #krate::__private::vec![
                        #(<#idents as #krate::parts::PalletParts<__Runtime>>::metadata(),)*
                    ],
                    extrinsic,
                    ty: #meta_type::<#runtime>(),
                    apis,
                    outer_enums: #ir::OuterEnumsIR {
                        call_enum_ty: #meta_type::<RuntimeCall>(),
                        event_enum_ty: #meta_type::<RuntimeEvent>(),
                        error_enum_ty: #meta_type::<RuntimeError>(),
                    },
                }
            }
        }
    }
}
