//! Every mistake is reported once, in words, and the user's items survive it.

use proc_macro2::TokenStream;
use quote::quote;
use std::str::FromStr;

const CONFIG: &str = "#[pallet::config] pub trait Config: pallet_system::Config {} \
     #[pallet::pallet] pub struct Pallet<T>(_);";

/// The messages of all `compile_error!`s in an expansion.
fn messages(expansion: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(expansion).expect("an expansion parses");
    file.items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Macro(item)
                if item.mac.path.segments.last().is_some_and(|s| s.ident == "compile_error") =>
            {
                let message: syn::LitStr = item.mac.parse_body().expect("a message is a string");
                Some(message.value())
            }
            _ => None,
        })
        .collect()
}

fn of_pallet(items: &str) -> Vec<String> {
    let items = TokenStream::from_str(items).expect("the items are tokens");
    let expansion = crate::pallet::pallet(&quote!(), &quote!(pub mod pallet { #items }));
    messages(expansion)
}

fn of_runtime(items: &str) -> Vec<String> {
    let items = TokenStream::from_str(items).expect("the items are tokens");
    messages(crate::runtime::runtime(&quote!(), &quote!(mod runtime { #items })))
}

/// One mistake, one message that contains `expected`.
fn one_mistake(items: &str, expected: &str) {
    let found = of_pallet(&format!("{CONFIG} {items}"));
    assert!(found.len() == 1 && found[0].contains(expected), "{items}\n{found:#?}");
}

#[test]
fn a_correct_pallet_has_no_message() {
    assert_eq!(of_pallet(CONFIG), [""; 0]);
}

#[test]
fn mistakes_in_storage() {
    let table = [
        ("#[pallet::storage] type A<T> = StorageValue<u32>;", "the first argument"),
        ("#[pallet::storage] type A = StorageValue<_, u32>;", "the parameter `T`"),
        ("#[pallet::storage] type A<T> = StorageMap<_, _, u8, u8>;", "name the `Hasher`"),
        ("#[pallet::storage] type A<T> = Vec<_>;", "a storage item is a `StorageValue`"),
        ("#[pallet::storage] type A<T> = StorageMap<_, Identity>;", "takes `_`, then: Hasher"),
        ("#[pallet::storage] type A<T> = StorageMap<Value = u8>;", "`Hasher` is missing"),
        ("#[pallet::storage] type A<T> = StorageValue<Vlaue = u8>;", "unknown argument"),
        ("#[pallet::storage] struct A<T>(T);", "belongs on a type alias"),
        (
            "#[pallet::storage] #[pallet::weight(1)] type A<T> = StorageValue<_, u8>;",
            "`#[pallet::weight]` cannot stand here",
        ),
        (
            "#[pallet::storage] #[pallet::storage_prefix = 4] type A<T> = StorageValue<_, u8>;",
            "a storage prefix is a string",
        ),
        (
            "#[pallet::storage] #[pallet::getter(a)] type A<T> = StorageValue<_, u8>;",
            "expected `fn`",
        ),
        ("#[pallet::getter(fn a)] type A<T> = StorageValue<_, u8>;", "needs `#[pallet::storage]`"),
    ];
    for (items, expected) in table {
        one_mistake(items, expected);
    }
}

#[test]
fn mistakes_in_calls() {
    let index = "#[pallet::call_index(0)]";
    let weight = "#[pallet::weight(W)]";
    let good = "(origin: OriginFor<T>) -> DispatchResult { Ok(()) }";
    let table = [
        (format!("{weight} pub fn a{good}"), "needs `#[pallet::call_index(n)]`"),
        (format!("{index} pub fn a{good}"), "needs `#[pallet::weight(..)]`"),
        (format!("{index} {weight} fn a{good}"), "must be `pub`"),
        (format!("{index} {weight} pub fn a<X>{good}"), "no type parameters"),
        (format!("#[pallet::call_index(256)] {weight} pub fn a{good}"), "from 0 to 255"),
        (format!("{index} {weight} pub fn a(x: u8) -> DispatchResult {{}}"), "the first argument"),
        (format!("{index} {weight} pub fn a() -> DispatchResult {{}}"), "the first argument"),
        (format!("{index} {weight} pub fn a(origin: OriginFor<T>) {{}}"), "a call returns"),
        (
            format!("{index} {weight} pub fn a(origin: OriginFor<T>, x: &u8) -> R {{}}"),
            "an owned, named type",
        ),
        (
            format!("{index} {weight} pub fn a(origin: OriginFor<T>, (x, y): (u8, u8)) -> R {{}}"),
            "a plain name",
        ),
        (
            format!("{index} {weight} pub fn a{good} {index} {weight} pub fn b{good}"),
            "the call index 0 belongs to `a` already",
        ),
        (format!("{index} {weight} #[pallet::wieght(1)] pub fn a{good}"), "cannot stand here"),
        ("const A: u8 = 1;".to_owned(), "functions only"),
    ];
    for (functions, expected) in table {
        let items = format!("#[pallet::call] impl<T: Config> Pallet<T> {{ {functions} }}");
        one_mistake(&items, expected);
    }
}

#[test]
fn mistakes_in_other_parts() {
    let table = [
        ("#[pallet::evnet] pub enum Event<T> {}", "unknown attribute `pallet::evnet`; known are"),
        ("#[pallet::event] pub enum Evnet<T> {}", "must be called `Event`"),
        ("#[pallet::event] enum Event<T> {}", "must be `pub`"),
        ("#[pallet::event] pub struct Event<T>(T);", "belongs on an enum"),
        ("#[pallet::error] pub enum Error {}", "must read `pub enum Error<T>"),
        ("#[pallet::error] pub enum Error<T> {} #[pallet::error] pub enum Error<T> {}", "twice"),
        ("#[pallet::genesis_config] pub struct GenesisConfig;", "needs an `impl BuildGenesis"),
        ("#[pallet::genesis_build] impl B for G {}", "needs a struct"),
        ("#[pallet::composite_enum] pub enum Hold { A }", "`HoldReason` or `FreezeReason`"),
        ("#[pallet::composite_enum] pub enum HoldReason { A(u8) }", "a reason has no fields"),
        ("#[pallet::type_value] fn D() {}", "returns its value"),
        ("#[pallet::hooks(x)] impl Hooks for Pallet {}", "unexpected token"),
        ("#[pallet::view_functions] impl X { pub fn a(&self) -> u8 { 1 } }", "no receiver"),
        ("#[pallet::pallet] pub struct Pallet<T>(_);", "`#[pallet::pallet]` is here twice"),
        ("pub fn a(#[pallet::compact] x: u8) {}", "belongs on an argument of a call"),
    ];
    for (items, expected) in table {
        one_mistake(items, expected);
    }
}

#[test]
fn mistakes_in_what_every_pallet_has() {
    let pallet = "#[pallet::pallet] pub struct Pallet<T>(_);";
    let config = "#[pallet::config] pub trait Config: pallet_system::Config {}";
    let table = [
        (pallet.to_owned(), "needs a trait `Config`"),
        (config.to_owned(), "needs a struct `Pallet`"),
        (
            format!("{pallet} #[pallet::config] pub trait Config: pallet_balances::Config {{}}"),
            "must name `pallet_system::Config`",
        ),
        (
            format!(
                "{pallet} #[pallet::config] pub trait Config: pallet_system::Config {{ \
                 #[pallet::constant] type A: Copy; }}"
            ),
            "needs the bound `Get<..>`",
        ),
    ];
    for (items, expected) in table {
        let found = of_pallet(&items);
        assert!(found.len() == 1 && found[0].contains(expected), "{items}\n{found:#?}");
    }
    let found = messages(crate::pallet::pallet(
        &quote!(),
        &quote!(
            pub mod pallet;
        ),
    ));
    assert!(found.len() == 1 && found[0].contains("must be inline"), "{found:?}");
    let found = of_pallet(&format!("{config} #[pallet::pallet] pub struct Pallet;"));
    assert!(found.iter().any(|m| m.contains("must read `pub struct Pallet<T>(_);`")), "{found:?}");
}

#[test]
fn all_mistakes_are_reported_at_once_and_items_survive() {
    let items = format!(
        "{CONFIG} #[pallet::storage] type A<T> = StorageValue<u32>; \
         #[pallet::event] enum Event<T> {{}} pub fn helper() {{}}"
    );
    assert_eq!(of_pallet(&items).len(), 2);
    let tokens = TokenStream::from_str(&items).expect("the items are tokens");
    let expansion = crate::pallet::pallet(&quote!(), &quote!(pub mod pallet { #tokens }));
    let text = expansion.to_string();
    for kept in ["fn helper", "trait Config", "struct Pallet", "enum Event", "type A"] {
        assert!(text.contains(kept), "{kept} is gone");
    }
    assert!(!text.contains("pallet :: storage"), "no attribute of ours is left over");
}

#[test]
fn mistakes_in_a_runtime() {
    let runtime = "#[runtime::runtime] pub struct Runtime;";
    let system = "#[runtime::pallet_index(0)] pub type System = pallet_system;";
    let table = [
        (system.to_owned(), "needs a `#[runtime::runtime]"),
        (runtime.to_owned(), "needs a pallet called `System`"),
        (
            format!("{runtime} {system} #[runtime::pallet_index(0)] pub type B = b;"),
            "the pallet index 0 belongs to `System` already",
        ),
        (
            format!("{runtime} {system} #[runtime::pallet_index(300)] pub type B = b;"),
            "number too large",
        ),
        (
            format!("{runtime} {system} #[runtime::disable_call] pub type B = b;"),
            "needs `#[runtime::pallet_index(n)]`",
        ),
        (
            format!("{runtime} {system} #[runtime::pallet_index(1)] pub type B = [u8; 2];"),
            "given by its module",
        ),
        (
            format!("{runtime} {system} #[runtime::pallet_index(1)] pub type B = b::Pallet<X>;"),
            "the pallet's first argument is the runtime, `Runtime`",
        ),
        (
            format!("#[runtime::runtime] pub struct Runtime(u8); {system}"),
            "no fields and no parameters",
        ),
        (
            format!("#[runtime::runtime] #[runtime::derive(Call)] pub struct Runtime; {system}"),
            "unknown; known are",
        ),
        (format!("{runtime} {system} #[runtime::call] fn a() {{}}"), "cannot stand here"),
    ];
    for (items, expected) in table {
        let found = of_runtime(&items);
        assert!(found.len() == 1 && found[0].contains(expected), "{items}\n{found:#?}");
    }
}

#[test]
fn mistakes_in_benchmarks() {
    let call = "#[extrinsic_call] _(RawOrigin::Root);";
    let table = [
        (format!("#[benchmark] fn a() {{ {call} {call} }}"), "measures one thing"),
        ("#[benchmark] fn a() { setup(); }".into(), "one statement that is measured"),
        ("#[benchmark] fn a() { #[extrinsic_call] _(); }".into(), "first argument is its origin"),
        ("#[benchmark] fn a() { #[extrinsic_call] x::y(o); }".into(), "expected this path to be"),
        ("#[benchmark] fn a() { #[extrinsic_call] { f() } }".into(), "stands on `_(origin"),
        ("#[benchmark] fn a() { #[block] f(); }".into(), "stands on a block"),
        (format!("#[benchmark] fn a(n: u32) {{ {call} }}"), "is a component"),
        (format!("#[benchmark] fn a(n: Linear<1>) {{ {call} }}"), "is a component"),
        (format!("#[benchmark] fn a(&self) {{ {call} }}"), "is a component"),
        (format!("#[benchmark] fn a(n: Linear<9, 3>) {{ {call} }}"), "9 is more than 3"),
        (format!("#[benchmark] fn a<X>() {{ {call} }}"), "generic in `T` already"),
        (format!("#[benchmark] async fn a() {{ {call} }}"), "not `async`"),
        (format!("#[benchmark(xtra)] fn a() {{ {call} }}"), "the options of `benchmark`"),
    ];
    for (items, expected) in table {
        let tokens = TokenStream::from_str(&items).expect("the items are tokens");
        let module = quote!(mod benchmarks { #tokens });
        let found = messages(crate::benchmarks::benchmarks(&quote!(), &module, false));
        assert!(found.len() == 1 && found[0].contains(expected), "{items}\n{found:#?}");
    }
    let whole = messages(crate::benchmarks::benchmarks(
        &quote!(),
        &quote!(
            fn a() {}
        ),
        false,
    ));
    assert_eq!(whole, ["expected `mod`"]);
    let elsewhere = messages(crate::benchmarks::alone(&quote!(
        fn a() {}
    )));
    assert_eq!(elsewhere, ["`#[benchmark]` stands on a function of a module with `#[benchmarks]`"]);
}
