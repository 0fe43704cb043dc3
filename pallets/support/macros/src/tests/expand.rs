//! Golden expansions: `tests/expand/*.rs` expand to `*.expanded.rs`; `BLESS=1` writes them.

use proc_macro2::TokenStream;
use std::{fs, path::PathBuf};
use syn::{Item, parse_quote};

/// Expands the one module with an attribute of ours in a file.
fn expand(source: &str) -> String {
    let file = syn::parse_file(source).expect("the source parses");
    let mut output = TokenStream::new();
    for item in file.items {
        let Item::Mod(mut module) = item else { panic!("a source holds modules only") };
        let attribute = module.attrs.remove(0);
        let module = quote::quote!(#module);
        let expansion = if attribute == parse_quote!(#[pallet]) {
            crate::pallet::pallet(&TokenStream::new(), &module)
        } else if attribute == parse_quote!(#[runtime]) {
            crate::runtime::runtime(&TokenStream::new(), &module)
        } else if attribute == parse_quote!(#[benchmarks]) {
            crate::benchmarks::benchmarks(&TokenStream::new(), &module, false)
        } else {
            panic!("the first attribute is `pallet`, `runtime` or `benchmarks`")
        };
        output.extend(expansion);
    }
    prettyplease::unparse(&syn::parse2(output).expect("the expansion parses"))
}

fn check(name: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let source = fs::read_to_string(folder.join(format!("{name}.rs"))).expect("it is there");
    let golden = folder.join(format!("{name}.expanded.rs"));
    let actual = expand(&source);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&golden, &actual).expect("the folder can be written");
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    let differing = actual.lines().zip(expected.lines()).position(|(a, b)| a != b);
    assert!(
        actual == expected,
        "{name}.expanded.rs differs from line {}; BLESS=1 writes it",
        differing.unwrap_or(0) + 1
    );
}

#[test]
fn the_smallest_pallet() {
    check("smallest");
}

#[test]
fn a_pallet() {
    check("pallet");
}

#[test]
fn an_instantiable_pallet() {
    check("instance");
}

#[test]
fn a_runtime() {
    check("runtime");
}

#[test]
fn benchmarks() {
    check("benchmarks");
}
