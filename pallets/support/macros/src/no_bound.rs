//! Derives that put no bound on type parameters beyond those the type declares.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields, Ident, Member};

/// Which trait to derive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derive {
    /// `Clone`.
    Clone,
    /// `PartialEq`.
    PartialEq,
    /// `Eq`.
    Eq,
    /// `Debug`.
    Debug,
    /// `Debug` with a bound on each parameter, as the standard derive has.
    DebugBound,
    /// `Default`.
    Default,
}

/// Derives one trait.
pub(crate) fn derive(input: TokenStream, which: Derive) -> TokenStream {
    match syn::parse2::<DeriveInput>(input).and_then(|input| expand(&input, which)) {
        Ok(tokens) => tokens,
        Err(error) => error.into_compile_error(),
    }
}

/// The shape of a struct or of one variant.
struct Shape<'a> {
    /// `Self` or `Self::Variant`.
    path: TokenStream,
    name: &'a Ident,
    fields: &'a Fields,
    default: bool,
}

impl Shape<'_> {
    fn members(&self) -> Vec<Member> {
        self.fields.members().collect()
    }

    fn bindings(&self, prefix: &str) -> Vec<Ident> {
        (0..self.fields.len()).map(|i| format_ident!("__{}_{}", prefix, i)).collect()
    }

    /// A pattern that binds every field.
    fn pattern(&self, prefix: &str) -> TokenStream {
        let Self { path, .. } = self;
        let members = self.members();
        let bindings = self.bindings(prefix);
        quote!(#path { #(#members: #bindings),* })
    }
}

fn expand(input: &DeriveInput, which: Derive) -> syn::Result<TokenStream> {
    let shapes: Vec<Shape<'_>> = match &input.data {
        Data::Struct(data) => {
            let path = quote!(Self);
            vec![Shape { path, name: &input.ident, fields: &data.fields, default: true }]
        }
        Data::Enum(data) => data
            .variants
            .iter()
            .map(|variant| {
                let name = &variant.ident;
                let default = variant.attrs.iter().any(|attr| attr.path().is_ident("default"));
                Shape { path: quote!(Self::#name), name, fields: &variant.fields, default }
            })
            .collect(),
        Data::Union(data) => {
            return Err(syn::Error::new_spanned(data.union_token, "unions are not supported"));
        }
    };
    let body = match which {
        Derive::Clone => clone(&shapes),
        Derive::PartialEq => partial_eq(&shapes),
        Derive::Eq => quote!(),
        Derive::Debug | Derive::DebugBound => debug(&shapes),
        Derive::Default => default(input, &shapes)?,
    };
    let path = match which {
        Derive::Clone => quote!(::core::clone::Clone),
        Derive::PartialEq => quote!(::core::cmp::PartialEq),
        Derive::Eq => quote!(::core::cmp::Eq),
        Derive::Debug | Derive::DebugBound => quote!(::core::fmt::Debug),
        Derive::Default => quote!(::core::default::Default),
    };
    let mut generics = input.generics.clone();
    if which == Derive::DebugBound {
        for parameter in generics.type_params_mut() {
            parameter.bounds.push(syn::parse_quote!(::core::fmt::Debug));
        }
    }
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let name = &input.ident;
    Ok(quote! {
        #[automatically_derived]
        #[allow(deprecated, clippy::all, clippy::pedantic, clippy::nursery)]
        impl #impl_generics #path for #name #ty_generics #where_clause { #body }
    })
}

fn clone(shapes: &[Shape<'_>]) -> TokenStream {
    let arms = shapes.iter().map(|shape| {
        let pattern = shape.pattern("field");
        let path = &shape.path;
        let members = shape.members();
        let bindings = shape.bindings("field");
        quote!(#pattern => #path { #(#members: ::core::clone::Clone::clone(#bindings)),* })
    });
    let body =
        if shapes.is_empty() { quote!(match *self {}) } else { quote!(match self { #(#arms,)* }) };
    quote!(fn clone(&self) -> Self { #body })
}

fn partial_eq(shapes: &[Shape<'_>]) -> TokenStream {
    let arms = shapes.iter().map(|shape| {
        let (left, right) = (shape.pattern("left"), shape.pattern("right"));
        let (lefts, rights) = (shape.bindings("left"), shape.bindings("right"));
        quote!((#left, #right) => true #(&& #lefts == #rights)*)
    });
    let other = (shapes.len() > 1).then(|| quote!(_ => false,));
    let body = if shapes.is_empty() {
        quote!({
            let _ = __other;
            match *self {}
        })
    } else {
        quote!(match (self, __other) { #(#arms,)* #other })
    };
    quote!(fn eq(&self, __other: &Self) -> bool { #body })
}

fn debug(shapes: &[Shape<'_>]) -> TokenStream {
    let arms = shapes.iter().map(|shape| {
        let pattern = shape.pattern("field");
        let bindings = shape.bindings("field");
        let name = shape.name.to_string();
        match shape.fields {
            Fields::Unit => quote!(#pattern => __f.write_str(#name)),
            Fields::Unnamed(_) => quote! {
                #pattern => __f.debug_tuple(#name) #(.field(#bindings))* .finish()
            },
            Fields::Named(fields) => {
                let names =
                    fields.named.iter().filter_map(|f| f.ident.as_ref()).map(Ident::to_string);
                quote! {
                    #pattern => __f.debug_struct(#name) #(.field(#names, #bindings))* .finish()
                }
            }
        }
    });
    let body = if shapes.is_empty() {
        quote!({
            let _ = __f;
            match *self {}
        })
    } else {
        quote!(match self { #(#arms,)* })
    };
    quote! {
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { #body }
    }
}

fn default(input: &DeriveInput, shapes: &[Shape<'_>]) -> syn::Result<TokenStream> {
    let mut marked = shapes.iter().filter(|shape| shape.default);
    let (Some(shape), None) = (marked.next(), marked.next()) else {
        return Err(syn::Error::new(
            Span::call_site(),
            format!("exactly one variant of `{}` must have `#[default]`", input.ident),
        ));
    };
    let path = &shape.path;
    let members = shape.members();
    Ok(quote! {
        fn default() -> Self {
            #path { #(#members: ::core::default::Default::default()),* }
        }
    })
}
