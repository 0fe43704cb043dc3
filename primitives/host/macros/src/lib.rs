//! Macros that generate host functions and runtime APIs from one definition each.
//!
//! Each macro parses the user's item into a plain model and expands that. Mistakes are reported at
//! the user's span, and the user's item is emitted whenever it parses.

mod declare_apis;
mod host_functions;
mod implement_apis;

use proc_macro::TokenStream;

/// Generates an interface of host functions from a module of plain functions.
///
/// `#[host_functions("storage")]` turns `pub fn get(host: &mut dyn Externalities, key: &[u8]) ->
/// Option<Vec<u8>> { .. }` into the function `get(key)` that runtimes call, the WASM import
/// `ext_storage_get_version_1` behind it, and an entry in the module's `functions()`, the table from
/// which the executor serves that import.
///
/// - A first parameter named `host` is the calling thread's `Externalities`; one named `caller` is
///   the WASM instance, for functions that only make sense there. Both are invisible to callers.
/// - `#[host(name = "root", version = 2)]` on a function sets the import's name and version.
/// - `#[host_functions("inference", group = Inference)]` sets the group.
///
/// A chain's own crate has interfaces of its own in the same way: it depends on `citrate-host`, and has a feature `std`, with
/// which it is the node's side. Its `functions()` go into the node's `Distribution`.
#[proc_macro_attribute]
pub fn host_functions(arguments: TokenStream, item: TokenStream) -> TokenStream {
    host_functions::run(arguments.into(), item.into()).into()
}

/// Declares runtime APIs: `#[api(version = 5)] pub trait Core { fn version() -> RuntimeVersion; }`.
///
/// Generates the trait that a runtime implements and a module named as the trait in snake case, with
/// the API's `NAME`, `ID` and `VERSION` and one typed call per method over a `RuntimeCaller`.
#[proc_macro]
pub fn runtime_apis(input: TokenStream) -> TokenStream {
    declare_apis::run(input.into()).into()
}

/// Implements declared runtime APIs: `impl citrate_api::Core for Runtime { .. }`, several of them.
///
/// Generates the WASM exports (only on WASM), `RUNTIME_API_VERSIONS`, `runtime_api_metadata()` and
/// the native `dispatch(method, data)`.
#[proc_macro]
pub fn impl_runtime_apis(input: TokenStream) -> TokenStream {
    implement_apis::run(input.into()).into()
}
