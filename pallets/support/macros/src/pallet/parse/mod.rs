//! From the user's module to the model.

mod call;
mod config;
mod enums;
mod misc;
mod pallet_struct;
mod storage;

pub(super) use self::config::is_system_config;
use super::model::Model;
use crate::{
    attributes::{Helper, Strip, take},
    errors::Errors,
};
use syn::{Attribute, Item, ItemMod, visit_mut::VisitMut};

const NAMESPACE: &str = "pallet";

const KNOWN: &str = "config, pallet, storage, type_value, call, event, error, hooks, \
    genesis_config, genesis_build, origin, composite_enum, inherent, validate_unsigned, \
    extra_constants, view_functions";

/// Parts as they are found; those that every pallet must have are optional here.
#[derive(Default)]
struct Draft {
    /// Whether the pallet is a sketch: calls need neither index nor weight, and storage no bounds
    /// and no hashers.
    dev_mode: bool,
    items: Vec<Item>,
    config: Option<super::model::Config>,
    pallet: Option<super::model::Pallet>,
    storages: Vec<super::model::Storage>,
    type_values: Vec<super::model::TypeValue>,
    calls: Option<super::model::Calls>,
    event: Option<super::model::Event>,
    error: Option<super::model::PalletErrors>,
    genesis_config: Option<super::model::GenesisConfig>,
    genesis_build: bool,
    hooks: bool,
    inherent: bool,
    validate_unsigned: bool,
    origin: Option<super::model::Origin>,
    composites: Vec<super::model::Composite>,
    extra_constants: Vec<super::model::Constant>,
    view_functions: Vec<super::model::ViewFunction>,
}

impl Draft {
    /// Adds a storage item unless another one has its prefix, also that of a counter.
    fn add_storage(&mut self, storage: super::model::Storage, errors: &mut Errors) {
        let prefixes = storage.prefixes();
        let taken = |other: &&super::model::Storage| {
            other.prefixes().iter().any(|prefix| prefixes.contains(prefix))
        };
        // Of items that are compiled on conditions only one may be there.
        match self.storages.iter().filter(|other| other.cfgs.is_empty()).find(taken) {
            Some(other) if storage.cfgs.is_empty() => {
                let name = &other.item.ident;
                errors.at(
                    &storage.item.ident,
                    format!("the prefix `{}` belongs to `{name}` already", prefixes[0]),
                );
                if *name == storage.item.ident {
                    return;
                }
            }
            Some(_) | None => {}
        }
        self.storages.push(storage);
    }
}

/// Parses the module; `None` if there is too little to expand, with the reason in `errors`.
pub(super) fn module(module: ItemMod, dev_mode: bool, errors: &mut Errors) -> Option<Model> {
    let Some((_, items)) = module.content else {
        errors.at(&module.ident, "a pallet's module must be inline: `mod pallet { .. }`");
        return None;
    };
    let mut draft = Draft { dev_mode, ..Draft::default() };
    for item in items {
        one(item, &mut draft, errors);
    }
    if draft.config.is_none() {
        errors.at(&module.ident, "a pallet needs a trait `Config` with `#[pallet::config]`");
    }
    if draft.pallet.is_none() {
        errors.at(&module.ident, "a pallet needs a struct `Pallet` with `#[pallet::pallet]`");
    }
    let (config, mut pallet) = (draft.config?, draft.pallet?);
    pallet.without_storage_info |= dev_mode;
    if let Some(event) = &mut draft.event {
        event.unbound = !config::event_is_bound(&config, errors);
    }
    match (&draft.genesis_config, draft.genesis_build) {
        (Some(genesis), false) => errors.at(
            item_ident(&genesis.item),
            "a genesis config needs an `impl BuildGenesisConfig` with `#[pallet::genesis_build]`",
        ),
        (None, true) => errors.at(
            &module.ident,
            "`#[pallet::genesis_build]` needs a struct with `#[pallet::genesis_config]`",
        ),
        (Some(_), true) | (None, false) => {}
    }
    Some(Model {
        attrs: module.attrs,
        vis: module.vis,
        ident: module.ident,
        items: draft.items,
        instance: !config.item.generics.params.is_empty(),
        config,
        pallet,
        storages: draft.storages,
        type_values: draft.type_values,
        calls: draft.calls,
        event: draft.event,
        error: draft.error,
        genesis_config: draft.genesis_config,
        hooks: draft.hooks,
        inherent: draft.inherent,
        validate_unsigned: draft.validate_unsigned,
        origin: draft.origin,
        composites: draft.composites,
        extra_constants: draft.extra_constants,
        view_functions: draft.view_functions,
    })
}

/// Sorts one item into the draft.
#[expect(clippy::too_many_lines, reason = "a table: one arm an attribute")]
fn one(mut item: Item, draft: &mut Draft, errors: &mut Errors) {
    let helpers = match item_attrs(&mut item) {
        Some(attrs) => take(attrs, NAMESPACE),
        None => Vec::new(),
    };
    let Some(first) = helpers.first() else {
        draft.items.push(checked(item, errors));
        return;
    };
    let name = first.name.to_string();
    match (name.as_str(), item) {
        ("config", Item::Trait(item)) => {
            set(&mut draft.config, config::config(item, &helpers, errors), first, errors);
        }
        (
            "pallet" | "storage_version" | "without_storage_info" | "generate_store",
            Item::Struct(item),
        ) => {
            let parsed = pallet_struct::pallet(item, &helpers, errors);
            set(&mut draft.pallet, parsed, first, errors);
        }
        (
            "storage"
            | "getter"
            | "storage_prefix"
            | "unbounded"
            | "whitelist_storage"
            | "disable_try_decode_storage",
            Item::Type(item),
        ) => match storage::storage(item, &helpers, draft.dev_mode, errors) {
            Ok(storage) => draft.add_storage(storage, errors),
            Err(item) => draft.items.push(Item::Type(*item)),
        },
        ("type_value", Item::Fn(item)) => {
            draft.type_values.extend(misc::type_value(item, first, errors));
        }
        ("call", Item::Impl(item)) => {
            let calls = call::calls(item, &helpers, draft.dev_mode, errors);
            set(&mut draft.calls, calls, first, errors);
        }
        ("event" | "generate_deposit", Item::Enum(item)) => {
            set(&mut draft.event, enums::event(item, &helpers, errors), first, errors);
        }
        ("error", Item::Enum(item)) => {
            set(&mut draft.error, enums::error(item, first, errors), first, errors);
        }
        ("composite_enum", Item::Enum(item)) => {
            draft.composites.extend(enums::composite(item, first, errors));
        }
        ("genesis_config", item @ (Item::Struct(_) | Item::Enum(_))) => {
            let parsed = misc::genesis_config(checked(item, errors), first, errors);
            set(&mut draft.genesis_config, parsed, first, errors);
        }
        ("origin", item @ (Item::Type(_) | Item::Struct(_) | Item::Enum(_))) => {
            let item = checked(item, errors);
            set(&mut draft.origin, misc::origin(&item, first, errors), first, errors);
            draft.items.push(item);
        }
        ("extra_constants", Item::Impl(item)) => {
            let (item, constants) = misc::extra_constants(item, first, errors);
            draft.extra_constants.extend(constants);
            draft.items.push(checked(Item::Impl(item), errors));
        }
        ("view_functions", Item::Impl(item)) => {
            draft.view_functions.extend(misc::view_functions(&item, first, errors));
            draft.items.push(checked(Item::Impl(item), errors));
        }
        ("hooks", Item::Impl(item)) => {
            let item = Item::Impl(misc::hooks(item, errors));
            mark(&mut draft.hooks, first, errors, item, &mut draft.items);
        }
        ("genesis_build", item @ Item::Impl(_)) => {
            mark(&mut draft.genesis_build, first, errors, item, &mut draft.items);
        }
        ("inherent", item @ Item::Impl(_)) => {
            mark(&mut draft.inherent, first, errors, item, &mut draft.items);
        }
        ("validate_unsigned", item @ Item::Impl(_)) => {
            mark(&mut draft.validate_unsigned, first, errors, item, &mut draft.items);
        }
        (name, item) => {
            errors.at(&first.attr, misplaced(name));
            draft.items.push(strip(item));
        }
    }
}

/// What is wrong with an attribute that was not expected where it stands.
fn misplaced(name: &str) -> String {
    match (name, expected_item(name)) {
        (_, Some(kind)) => format!("`#[pallet::{name}]` belongs on {kind}"),
        ("tasks" | "tasks_experimental" | "task_list" | "task_condition" | "task_index"
        | "task_weight" | "task_enum", None) => {
            "there are no tasks: work that anybody may start is a call with `#[pallet::feeless_if]`, \
             or an unsigned one that `#[pallet::validate_unsigned]` checks"
                .to_owned()
        }
        ("authorize" | "weight_of_authorize", None) => {
            "calls are not authorised one by one: check them in `#[pallet::validate_unsigned]`"
                .to_owned()
        }
        (_, None) => format!("unknown attribute `pallet::{name}`; known are: {KNOWN}"),
    }
}

/// What an attribute belongs on, if it is one that stands on items.
fn expected_item(name: &str) -> Option<&'static str> {
    Some(match name {
        "config" => "a trait",
        "pallet" | "storage_version" | "without_storage_info" => "a struct",
        "storage" | "getter" | "storage_prefix" | "unbounded" | "whitelist_storage" => {
            "a type alias"
        }
        "type_value" => "a function",
        "event" | "generate_deposit" | "error" | "composite_enum" => "an enum",
        "genesis_config" => "a struct or enum",
        "origin" => "a type alias, struct or enum",
        "call" | "hooks" | "genesis_build" | "inherent" | "validate_unsigned"
        | "extra_constants" | "view_functions" => "an `impl` block",
        "call_index" | "weight" | "feeless_if" => "a function of the `#[pallet::call]` block",
        "compact" => "an argument of a call",
        "constant" => "an associated type of the `#[pallet::config]` trait",
        _ => return None,
    })
}

/// Stores a part that may exist once.
fn set<T>(place: &mut Option<T>, value: Option<T>, helper: &Helper, errors: &mut Errors) {
    if place.is_some() {
        errors.at(&helper.attr, format!("`#[pallet::{}]` is here twice", helper.name));
    } else {
        *place = value;
    }
}

/// Notes a block that only has to be there.
fn mark(flag: &mut bool, helper: &Helper, errors: &mut Errors, item: Item, items: &mut Vec<Item>) {
    helper.no_args(errors);
    if *flag {
        errors.at(&helper.attr, format!("`#[pallet::{}]` is here twice", helper.name));
    }
    *flag = true;
    items.push(checked(item, errors));
}

/// The item, with an error for each of our attributes that is still inside it.
fn checked(mut item: Item, errors: &mut Errors) -> Item {
    let mut strip = Strip::new(NAMESPACE);
    strip.visit_item_mut(&mut item);
    for helper in strip.taken {
        errors.at(&helper.attr, misplaced(&helper.name.to_string()));
    }
    item
}

/// The item without any of our attributes; what is wrong with it has been said.
fn strip(mut item: Item) -> Item {
    Strip::new(NAMESPACE).visit_item_mut(&mut item);
    item
}

/// Errors for those of `helpers` that are not in `allowed`.
fn only(helpers: &[Helper], allowed: &[&str], errors: &mut Errors) {
    for helper in helpers.iter().filter(|helper| !allowed.iter().any(|name| helper.is(name))) {
        errors.at(&helper.attr, format!("`#[pallet::{}]` cannot stand here", helper.name));
    }
}

fn item_ident(item: &Item) -> syn::Ident {
    match item {
        Item::Struct(item) => item.ident.clone(),
        Item::Enum(item) => item.ident.clone(),
        Item::Type(item) => item.ident.clone(),
        _ => syn::Ident::new("pallet", proc_macro2::Span::call_site()),
    }
}

fn item_attrs(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    Some(match item {
        Item::Const(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Macro(item) => &mut item.attrs,
        Item::Mod(item) => &mut item.attrs,
        Item::Static(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Trait(item) => &mut item.attrs,
        Item::Type(item) => &mut item.attrs,
        Item::Use(item) => &mut item.attrs,
        _ => return None,
    })
}
