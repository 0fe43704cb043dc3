//! The attribute macros that turn a module into a pallet and pallets into a runtime.
//!
//! Every macro goes the same way: *parse* the user's items into a model (plain data with spans),
//! then *expand* the model (which cannot fail). Mistakes are collected and reported together, each
//! at the user's span, and the user's items are emitted again whether or not there were mistakes.
//! Generated code names everything by absolute path through the crate that re-exports these
//! macros, so that a renamed dependency and user types called `Result` or `Vec` do no harm.
//!
//! Nothing passes tokens between macros: a runtime learns what a pallet has through the trait
//! `PalletParts` that `#[pallet]` implements, and that can be implemented by hand.

mod attributes;
mod benchmarks;
mod derive_impl;
mod docs;
mod errors;
mod krate;
mod no_bound;
mod pallet;
mod runtime;
mod storage_alias;
mod transactional;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Turns a module into a pallet.
///
/// The module's items carry attributes with the same names and shapes as FRAME's: `config`,
/// `pallet`, `storage`, `call`, `event`, `error`, `hooks`, `genesis_config`, `genesis_build`,
/// `constant`, `type_value`, `origin`, `composite_enum`, `inherent`, `validate_unsigned`,
/// `extra_constants`, `view_functions`.
///
/// `#[pallet(dev_mode)]` is for sketches: calls need neither index nor weight, storage needs no
/// bounds, and a hasher may be `_`, which is `Blake2_128Concat`. Name all of it before the chain has
/// users: an index that changes changes what a signed transaction does.
#[proc_macro_attribute]
pub fn pallet(attr: TokenStream, item: TokenStream) -> TokenStream {
    pallet::pallet(&attr.into(), &item.into()).into()
}

/// Composes pallets into a runtime.
///
/// The module declares one `#[runtime::runtime]` struct and one type alias per pallet with
/// `#[runtime::pallet_index(n)]`.
#[proc_macro_attribute]
pub fn runtime(attr: TokenStream, item: TokenStream) -> TokenStream {
    runtime::runtime(&attr.into(), &item.into()).into()
}

/// Composes pallets into a runtime, as `#[runtime]` does, in fewer lines.
///
/// ```text
/// construct_runtime!(
///     pub enum Test {
///         System: pallet_system,
///         Balances: pallet_balances,
///         Council: pallet_collective::<Instance1> = 7,
///     }
/// );
/// ```
///
/// A pallet without a number has that of the one before it plus one. Lists of parts
/// (`::{Pallet, Call}`) are read and not needed.
#[proc_macro]
pub fn construct_runtime(input: TokenStream) -> TokenStream {
    runtime::construct(input.into()).into()
}

/// Completes the configuration of a pallet with defaults.
///
/// `#[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]` on an
/// `impl pallet_system::Config for Runtime` adds every associated type that the block does not
/// have and the defaults do. Types that belong to the runtime (`RuntimeCall`, `RuntimeEvent`,
/// `PalletInfo` and so on) are those in scope.
///
/// After a comma stands `no_aggregated_types` if these are to be the defaults' as well. `as
/// path::Trait` after the path names the trait that the defaults implement, where it is not the
/// `DefaultConfig` of the module that `config_preludes` is in.
#[proc_macro_attribute]
pub fn derive_impl(attr: TokenStream, item: TokenStream) -> TokenStream {
    derive_impl::derive(&attr.into(), &item.into()).into()
}

/// Makes defaults known to [`macro@derive_impl`]: stands on an `impl DefaultConfig for Name` and is
/// given the `Name`. `#[inject_runtime_type]` on a type in it means the runtime's type of that name.
#[proc_macro_attribute]
pub fn register_default_impl(attr: TokenStream, item: TokenStream) -> TokenStream {
    derive_impl::register(&attr.into(), &item.into()).into()
}

/// What a registered `impl` calls with the names of its types. Not part of the public API.
#[doc(hidden)]
#[proc_macro]
pub fn fill_impl(input: TokenStream) -> TokenStream {
    derive_impl::fill(input.into()).into()
}

/// Makes benchmarks of a module's functions that carry `#[benchmark]`; see `citrate_support::benchmarking`.
///
/// The module must have the pallet's `Config`, `Pallet` and `Call` in scope, as after `use super::*`. Further bounds stand in
/// `#[benchmarks(where T: ...)]`.
#[proc_macro_attribute]
pub fn benchmarks(attr: TokenStream, item: TokenStream) -> TokenStream {
    benchmarks::benchmarks(&attr.into(), &item.into(), false).into()
}

/// As [`macro@benchmarks`], for a pallet with instances.
#[proc_macro_attribute]
pub fn instance_benchmarks(attr: TokenStream, item: TokenStream) -> TokenStream {
    benchmarks::benchmarks(&attr.into(), &item.into(), true).into()
}

/// Marks a function in a module with [`macro@benchmarks`].
///
/// Its arguments are numbers that the work grows with, of type `Linear<MIN, MAX>`. One of its statements is measured:
/// `#[extrinsic_call] _(origin, arguments..);` is the pallet's call of the function's name (or another one, named in place of
/// `_`), `#[block] { .. }` any code. What stands before prepares the state, what stands after checks it.
///
/// `#[benchmark(extra)]` makes no weight of it. `skip_meta` and `pov_mode = ..`, which FRAME has, are read and not needed.
#[proc_macro_attribute]
pub fn benchmark(_attr: TokenStream, item: TokenStream) -> TokenStream {
    benchmarks::alone(&item.into()).into()
}

/// Runs the function in a storage transaction that is rolled back if it returns an error.
#[proc_macro_attribute]
pub fn transactional(attr: TokenStream, item: TokenStream) -> TokenStream {
    transactional::transactional(&attr.into(), &item.into()).into()
}

/// Names an item of the storage that no pallet here declares: of an earlier version, or of another pallet.
///
/// ```text
/// #[storage_alias]
/// type Old<T: Config> = StorageValue<Pallet<T>, u32>;               // under the pallet's name in the runtime
/// #[storage_alias]
/// type Other = StorageMap<Staking, Twox64Concat, u32, u32>;         // under `Staking`
/// #[storage_alias(dynamic)]
/// type Given<P: Get<&'static str>> = StorageValue<P, u32>;          // under what a type says
/// ```
///
/// The alias's name is the item's. `pallet_name` and `verbatim` say of a prefix what it is where it could be both.
#[proc_macro_attribute]
pub fn storage_alias(attr: TokenStream, item: TokenStream) -> TokenStream {
    storage_alias::storage_alias(&attr.into(), &item.into()).into()
}

/// `Clone` for a generic type, with no bound on its parameters.
#[proc_macro_derive(CloneNoBound)]
pub fn derive_clone_no_bound(input: TokenStream) -> TokenStream {
    no_bound::derive(input.into(), no_bound::Derive::Clone).into()
}

/// `PartialEq` for a generic type, with no bound on its parameters.
#[proc_macro_derive(PartialEqNoBound)]
pub fn derive_partial_eq_no_bound(input: TokenStream) -> TokenStream {
    no_bound::derive(input.into(), no_bound::Derive::PartialEq).into()
}

/// `Eq` for a generic type, with no bound on its parameters.
#[proc_macro_derive(EqNoBound)]
pub fn derive_eq_no_bound(input: TokenStream) -> TokenStream {
    no_bound::derive(input.into(), no_bound::Derive::Eq).into()
}

/// `Debug` for a generic type, with no bound on its parameters.
#[proc_macro_derive(DebugNoBound)]
pub fn derive_debug_no_bound(input: TokenStream) -> TokenStream {
    no_bound::derive(input.into(), no_bound::Derive::Debug).into()
}

/// `Debug` for a generic type of the runtime, with no bound on its parameters.
#[proc_macro_derive(RuntimeDebugNoBound)]
pub fn derive_runtime_debug_no_bound(input: TokenStream) -> TokenStream {
    no_bound::derive(input.into(), no_bound::Derive::Debug).into()
}

/// `Debug` for a type of the runtime.
#[proc_macro_derive(RuntimeDebug)]
pub fn derive_runtime_debug(input: TokenStream) -> TokenStream {
    no_bound::derive(input.into(), no_bound::Derive::DebugBound).into()
}

/// `Default` for a generic type, with no bound on its parameters; an enum marks its variant with
/// `#[default]`.
#[proc_macro_derive(DefaultNoBound, attributes(default))]
pub fn derive_default_no_bound(input: TokenStream) -> TokenStream {
    no_bound::derive(input.into(), no_bound::Derive::Default).into()
}
