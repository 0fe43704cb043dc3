//! `RuntimeGenesisConfig`.

use super::{super::model::Model, part};
use crate::krate::private_path_string;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

pub(super) fn expand(model: &Model, krate: &TokenStream) -> TokenStream {
    let serde = private_path_string(krate, "serde");
    let fields: Vec<Ident> = model
        .pallets
        .iter()
        .map(|pallet| Ident::new(&snake_case(&pallet.ident.to_string()), pallet.ident.span()))
        .collect();
    let absent: Vec<Ident> = fields.iter().map(|field| format_ident!("__no_{}", field)).collect();
    let absent_paths = absent.iter().map(|name| format!("RuntimeGenesisConfig::{name}"));
    let idents: Vec<_> = model.pallets.iter().map(|p| &p.ident).collect();
    let types: Vec<_> = model.pallets.iter().map(|p| part(krate, p, "GenesisConfig")).collect();
    let aliases = idents.iter().map(|ident| format_ident!("{}Config", ident));
    let docs = idents.iter().map(|ident| format!("The genesis config of `{ident}`."));
    let alias_docs = docs.clone();
    quote! {
        #(
            #[doc = #alias_docs]
            pub type #aliases = #types;
        )*

        /// The genesis config of all pallets. In JSON a pallet that is left out has its default.
        #[derive(
            ::core::default::Default,
            #krate::__private::serde::Serialize,
            #krate::__private::serde::Deserialize,
        )]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default, crate = #serde)]
        pub struct RuntimeGenesisConfig {
            #(
                #[doc = #docs]
                #[serde(skip_serializing_if = #absent_paths)]
                pub #fields: #types,
            )*
        }

        impl RuntimeGenesisConfig {
            #(
                fn #absent<__G>(_: &__G) -> bool {
                    !<#idents as #krate::parts::PalletParts<__Runtime>>::HAS_GENESIS_CONFIG
                }
            )*
        }

        impl #krate::traits::BuildGenesisConfig for RuntimeGenesisConfig {
            fn build(&self) {
                #(#krate::traits::BuildGenesisConfig::build(&self.#fields);)*
                <AllPalletsWithSystem as #krate::traits::OnGenesis>::on_genesis();
            }
        }
    }
}

/// `TransactionPayment` as `transaction_payment`.
fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    let characters: Vec<char> = name.chars().collect();
    for (position, character) in characters.iter().enumerate() {
        let next_lower = characters.get(position + 1).is_some_and(|c| c.is_lowercase());
        if character.is_uppercase() {
            if position > 0 && (previous_lower || next_lower) && !out.ends_with('_') {
                out.push('_');
            }
            out.extend(character.to_lowercase());
        } else {
            out.push(*character);
        }
        previous_lower = character.is_lowercase() || character.is_ascii_digit();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_become_fields() {
        let table = [
            ("System", "system"),
            ("TransactionPayment", "transaction_payment"),
            ("EVMChain", "evm_chain"),
            ("Dag2Finality", "dag2_finality"),
        ];
        for (name, expected) in table {
            assert_eq!(snake_case(name), expected);
        }
    }
}
