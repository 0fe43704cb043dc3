//! View functions.

use super::super::model::{Model, Names, ViewFunction};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The text that identifies a function: its name with the types of arguments and result.
fn signature(function: &ViewFunction) -> String {
    let text = |tokens: &dyn Fn() -> TokenStream| tokens().to_string().replace(' ', "");
    let arguments: Vec<_> =
        function.args.iter().map(|(_, ty)| text(&|| ty.to_token_stream())).collect();
    let output = text(&|| function.output.to_token_stream());
    format!("{}({}) -> {}", function.ident, arguments.join(","), output)
}

/// Nothing stands in the module for view functions but what [`dispatch`] and [`list`] use.
pub(super) fn metadata(_model: &Model, _names: &Names) -> TokenStream {
    quote!()
}

/// The method of `PalletParts` that runs a view function; none if there are none.
pub(super) fn dispatch(model: &Model, names: &Names) -> Option<TokenStream> {
    if model.view_functions.is_empty() {
        return None;
    }
    let krate = &names.krate;
    let arms = model.view_functions.iter().map(|function| {
        let ident = &function.ident;
        let signature = signature(function);
        let (idents, types): (Vec<_>, Vec<_>) =
            function.args.iter().map(|(ident, ty)| (ident, ty)).unzip();
        quote! {
            if *__id == #krate::parts::view_function_id::<Self>(#signature) {
                #(
                    let #idents =
                        <#types as #krate::__private::codec::DecodeLimit>::decode_with_depth_limit(
                            #krate::parts::VIEW_FUNCTION_DEPTH_MAX,
                            __input,
                        )?;
                )*
                if !__input.is_empty() {
                    return ::core::result::Result::Err(
                        #krate::dispatch::ViewFunctionDispatchError::Codec,
                    );
                }
                return ::core::result::Result::Ok(#krate::__private::codec::Encode::encode(
                    &Self::#ident(#(#idents),*),
                ));
            }
        }
    });
    Some(quote! {
        fn view_function(
            __id: &#krate::dispatch::ViewFunctionId,
            __input: &mut &[u8],
        ) -> ::core::result::Result<
            #krate::__private::Vec<u8>,
            #krate::dispatch::ViewFunctionDispatchError,
        > {
            #(#arms)*
            ::core::result::Result::Err(#krate::dispatch::ViewFunctionDispatchError::NotFound(
                ::core::clone::Clone::clone(__id),
            ))
        }
    })
}

/// The list of view functions for metadata.
pub(super) fn list(model: &Model, names: &Names) -> TokenStream {
    let krate = &names.krate;
    let ir = quote!(#krate::__private::metadata_ir);
    let meta_type = quote!(#krate::__private::scale_info::meta_type);
    super::list(
        krate,
        model.view_functions.iter().map(|function| {
            let ViewFunction { ident, args, output, docs, deprecation } = function;
            let signature = signature(function);
            let name = ident.to_string();
            let inputs = args.iter().map(|(ident, ty)| {
                let name = ident.to_string();
                quote! {
                    #ir::PalletViewFunctionParamMetadataIR { name: #name, ty: #meta_type::<#ty>() }
                }
            });
            let deprecation = deprecation.item(krate);
            quote! {
                #ir::PalletViewFunctionMetadataIR {
                    name: #name,
                    id: #krate::parts::view_function_id::<Self>(#signature).into(),
                    inputs: #krate::__private::vec![#(#inputs),*],
                    output: #meta_type::<#output>(),
                    docs: #krate::__private::vec![#(#docs),*],
                    deprecation_info: #deprecation,
                }
            }
        }),
    )
}
