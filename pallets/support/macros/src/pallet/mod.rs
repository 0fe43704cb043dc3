//! `#[pallet]`: a module becomes a pallet.

mod expand;
mod model;
mod parse;

use crate::{attributes::Strip, errors::Errors};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemMod, visit_mut::VisitMut};

/// Expands the attribute.
pub(crate) fn pallet(attr: &TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let dev_mode = attr.to_string() == "dev_mode";
    if !attr.is_empty() && !dev_mode {
        errors.at(attr, "the one option of `pallet` is `dev_mode`");
    }
    let module = match syn::parse2::<ItemMod>(item.clone()) {
        Ok(module) => module,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let fallback = module.clone();
    let model = parse::module(module, dev_mode, &mut errors);
    let expansion = match model {
        Some(model) => expand::module(&model),
        None => plain(fallback),
    };
    let errors = errors.into_tokens();
    quote!(#errors #expansion)
}

/// The user's module without our attributes, for when there is too little to expand.
fn plain(mut module: ItemMod) -> TokenStream {
    struct Infer;
    impl VisitMut for Infer {
        fn visit_item_type_mut(&mut self, item: &mut syn::ItemType) {
            syn::visit_mut::visit_item_type_mut(self, item);
            syn::visit_mut::visit_type_mut(&mut Placeholder, &mut item.ty);
        }
        fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
            syn::visit_mut::visit_fields_mut(&mut Placeholder, &mut item.fields);
        }
    }
    /// `_` cannot stand in an item; what it meant does not matter any more.
    struct Placeholder;
    impl VisitMut for Placeholder {
        fn visit_type_mut(&mut self, ty: &mut syn::Type) {
            if matches!(ty, syn::Type::Infer(_)) {
                *ty = syn::parse_quote!(());
            } else {
                syn::visit_mut::visit_type_mut(self, ty);
            }
        }
    }
    Strip::new("pallet").visit_item_mod_mut(&mut module);
    Infer.visit_item_mod_mut(&mut module);
    quote!(#module)
}
