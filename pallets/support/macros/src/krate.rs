//! Finds the path of the library that generated code names everything through.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// Packages that hold what generated code uses, by the path at which they do: the library itself,
/// and crates that offer it under FRAME's names to pallets that know it by no other.
const LIBRARIES: [(&str, &[&str]); 3] = [
    ("citrate-support", &[]),
    ("frame-support", &[]),
    ("polkadot-sdk-frame", &["deps", "frame_support"]),
];

/// The absolute path of the library in the crate that is being compiled, whatever it is called
/// there.
pub(crate) fn library() -> TokenStream {
    for (package, inner) in LIBRARIES {
        if let Ok(FoundCrate::Name(name)) = crate_name(package) {
            let path = core::iter::once(name.as_str()).chain(inner.iter().copied());
            let path = path.map(|segment| Ident::new(segment, Span::call_site()));
            return quote!(#(::#path)*);
        }
    }
    // The library's own sources declare `extern crate self as citrate_support`, which also
    // serves its integration tests and examples, where `crate` would be the test.
    quote!(::citrate_support)
}

/// The library's path as a string, for the `crate = "..."` of a derive helper attribute.
pub(crate) fn private_path_string(krate: &TokenStream, item: &str) -> String {
    let path = krate.to_string().replace(' ', "");
    format!("{path}::__private::{item}")
}

/// The hash in the fixed part of a storage key.
pub(crate) fn twox_128(text: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    for (seed, half) in (0_u64..).zip(hash.chunks_exact_mut(8)) {
        half.copy_from_slice(&twox_hash::XxHash64::oneshot(seed, text.as_bytes()).to_le_bytes());
    }
    hash
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_substrates() {
        // The published keys of `System` and `System.Number`.
        let hex = |hash: [u8; 16]| hash.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex(super::twox_128("System")), "26aa394eea5630e07c48ae0c9558cef7");
        assert_eq!(hex(super::twox_128("Number")), "02a5c1b19ab7a04f536c519aca4983ac");
    }
}
