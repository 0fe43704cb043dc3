//! `construct_runtime!`: FRAME's older way to write a runtime, turned into the newer one.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{
    AngleBracketedGenericArguments, Attribute, LitInt, Token, Visibility, braced,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token::Brace,
};

/// `pub enum Runtime { System: frame_system, .. }`.
struct Runtime {
    attrs: Vec<Attribute>,
    vis: Visibility,
    name: Ident,
    pallets: Vec<Pallet>,
}

/// `Balances: pallet_balances::<Instance1>::{Pallet, Call} = 5`.
struct Pallet {
    attrs: Vec<Attribute>,
    name: Ident,
    module: TokenStream,
    instance: Option<AngleBracketedGenericArguments>,
    index: Option<LitInt>,
}

impl Parse for Runtime {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if input.peek(Token![struct]) {
            input.parse::<Token![struct]>()?;
        } else {
            input.parse::<Token![enum]>()?;
        }
        let name = input.parse()?;
        if input.peek(Token![where]) {
            return Err(input.error("a runtime has no `where` clause: blocks are the chain's own"));
        }
        let content;
        braced!(content in input);
        let pallets = Punctuated::<Pallet, Token![,]>::parse_terminated(&content)?;
        Ok(Self { attrs, vis, name, pallets: pallets.into_iter().collect() })
    }
}

impl Parse for Pallet {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let leading: Option<Token![::]> = input.parse()?;
        let mut module = quote!(#leading);
        let mut instance = None;
        let first: Ident = input.call(syn::ext::IdentExt::parse_any)?;
        module.extend(quote!(#first));
        while input.peek(Token![::]) {
            let separator: Token![::] = input.parse()?;
            if input.peek(Token![<]) {
                instance = Some(input.parse()?);
            } else if input.peek(Brace) {
                skip_list(input)?;
            } else {
                let segment: Ident = input.call(syn::ext::IdentExt::parse_any)?;
                module.extend(quote!(#separator #segment));
            }
        }
        // Which parts a pallet has is found out by itself.
        for word in ["exclude_parts", "use_parts"] {
            if input.fork().parse::<Ident>().is_ok_and(|ident| ident == word) {
                input.parse::<Ident>()?;
                skip_list(input)?;
            }
        }
        let index = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self { attrs, name, module, instance, index })
    }
}

/// Reads `{ .. }` and forgets it.
fn skip_list(input: ParseStream<'_>) -> syn::Result<()> {
    let content;
    braced!(content in input);
    content.parse::<TokenStream>().map(drop)
}

/// Expands the macro.
pub(crate) fn construct(input: TokenStream) -> TokenStream {
    let runtime = match syn::parse2::<Runtime>(input) {
        Ok(runtime) => runtime,
        Err(error) => return error.into_compile_error(),
    };
    let Runtime { attrs, vis, name, pallets } = runtime;
    let mut next = 0_u16;
    let aliases = pallets.iter().map(|Pallet { attrs, name, module, instance, index }| {
        let index = match index {
            Some(index) => {
                // A number that does not fit is refused by `#[runtime]`, at its place.
                next = index.base10_parse().unwrap_or(0);
                index.clone()
            }
            None => LitInt::new(&next.to_string(), name.span()),
        };
        next += 1;
        quote! {
            #(#attrs)*
            #[runtime::pallet_index(#index)]
            pub type #name = #module #instance;
        }
    });
    let module = format_ident!("__{}", name.to_string().to_lowercase());
    super::runtime(
        &TokenStream::new(),
        &quote! {
            mod #module {
                #(#attrs)*
                #[runtime::runtime]
                #vis struct #name;
                #(#aliases)*
            }
        },
    )
}
