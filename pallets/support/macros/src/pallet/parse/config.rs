//! `#[pallet::config]`.

use super::{
    super::model::{Associated, Config, Constant},
    NAMESPACE,
};
use crate::{
    attributes::{Helper, take},
    docs::{Deprecation, docs},
    errors::Errors,
};
use syn::{
    GenericArgument, Ident, ItemTrait, Path, PathArguments, Token, TraitItem, TraitItemType, Type,
    TypeParamBound, punctuated::Punctuated, visit_mut::VisitMut,
};

/// Parses the config trait.
pub(super) fn config(
    mut item: ItemTrait,
    helpers: &[Helper],
    errors: &mut Errors,
) -> Option<Config> {
    super::only(helpers, &["config", "disable_frame_system_supertrait_check"], errors);
    let Options { automatic, with_default } = Options::of(helpers, errors);
    if item.ident != "Config" {
        errors.at(&item.ident, "the config trait must be called `Config`");
        return None;
    }
    if item.generics.params.len() > 1 {
        errors.at(&item.generics, "`Config` has at most one parameter: `I: 'static = ()`");
    }
    let system = system(&item);
    let others = supertraits(&item).any(|path| last_is(path, "Config"));
    let unchecked = helpers.iter().any(|h| h.is("disable_frame_system_supertrait_check"));
    if system.is_none() && others && !unchecked {
        errors.at(&item.ident, "`Config` must name `pallet_system::Config` as a supertrait");
    }
    let mut constants = Vec::new();
    let mut associated = Vec::new();
    let mut own_event = false;
    let mut defaults = Vec::new();
    for member in &mut item.items {
        let TraitItem::Type(member) = member else { continue };
        let taken = take(&mut member.attrs, NAMESPACE);
        let allowed = ["constant", "no_default", "no_default_bounds", "include_metadata"];
        super::only(&taken, &allowed, errors);
        own_event |= member.ident == "RuntimeEvent";
        if member.generics.params.is_empty() && !taken.iter().any(|h| h.is("no_default")) {
            defaults.push(member.ident.clone());
        }
        if let Some(helper) = taken.iter().find(|h| h.is("constant")) {
            helper.no_args(errors);
            constants.extend(constant(member, errors));
        } else if taken.iter().any(|h| h.is("include_metadata"))
            || (automatic && member.ident != "RuntimeEvent" && has_type_info(member))
        {
            associated.push(Associated { ident: member.ident.clone(), docs: docs(&member.attrs) });
        }
    }
    let syn::Item::Trait(item) = super::checked(syn::Item::Trait(item), errors) else {
        return None;
    };
    let defaults = with_default.then_some(defaults);
    Some(Config { item, system, own_event, defaults, constants, associated })
}

/// What stands in `#[pallet::config(..)]`.
struct Options {
    /// Whether associated types with type information go to metadata by themselves.
    automatic: bool,
    /// Whether there is to be a trait `DefaultConfig`.
    with_default: bool,
}

impl Options {
    fn of(helpers: &[Helper], errors: &mut Errors) -> Self {
        let mut this = Self { automatic: true, with_default: false };
        let Some(helper) = helpers.iter().find(|h| h.is("config")) else { return this };
        if matches!(helper.attr.meta, syn::Meta::Path(_)) {
            return this;
        }
        let parsed = helper.attr.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated);
        for option in errors.take(parsed).into_iter().flatten() {
            match option.to_string().as_str() {
                "without_automatic_metadata" => this.automatic = false,
                "with_default" => this.with_default = true,
                _ => errors.at(
                    option,
                    "the options of `config` are `with_default` and `without_automatic_metadata`",
                ),
            }
        }
        this
    }
}

/// Whether a `RuntimeEvent` of the trait's own, if there is one, can hold the pallet's events.
pub(super) fn event_is_bound(config: &Config, errors: &mut Errors) -> bool {
    // The system pallet's is the runtime's itself.
    let (true, Some(_)) = (config.own_event, &config.system) else { return true };
    let own = config.item.items.iter().find_map(|member| match member {
        TraitItem::Type(member) if member.ident == "RuntimeEvent" => Some(member),
        _ => None,
    });
    let Some(own) = own else { return true };
    let has = |name: &str| {
        own.bounds.iter().any(|bound| match bound {
            TypeParamBound::Trait(bound) => {
                bound.path.segments.last().is_some_and(|segment| segment.ident == name)
            }
            _ => false,
        })
    };
    let bound = has("From") && has("IsType");
    if !bound {
        errors.at(
            &own.ident,
            "`RuntimeEvent` needs the bounds `From<Event<Self>>` and \
             `IsType<<Self as pallet_system::Config>::RuntimeEvent>`, or may be left out",
        );
    }
    bound
}

fn supertraits(item: &ItemTrait) -> impl Iterator<Item = &Path> {
    item.supertraits.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(&bound.path),
        _ => None,
    })
}

fn last_is(path: &Path, name: &str) -> bool {
    path.segments.len() > 1 && path.segments.last().is_some_and(|s| s.ident == name)
}

/// Whether the path is the config of the system pallet, by its module's name.
pub(in crate::pallet) fn is_system_config(path: &Path) -> bool {
    let module = path.segments.iter().rev().nth(1).map(|segment| segment.ident.to_string());
    last_is(path, "Config") && module.is_some_and(|m| m == "system" || m.ends_with("_system"))
}

/// The module of the system pallet.
fn system(item: &ItemTrait) -> Option<Path> {
    let mut path = supertraits(item).find(|path| is_system_config(path))?.clone();
    path.segments.pop();
    path.segments.pop_punct();
    Some(path)
}

fn constant(member: &TraitItemType, errors: &mut Errors) -> Option<Constant> {
    let ty = member.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let segment = bound.path.segments.last()?;
            match &segment.arguments {
                PathArguments::AngleBracketed(arguments) if segment.ident == "Get" => {
                    arguments.args.iter().find_map(|argument| match argument {
                        GenericArgument::Type(ty) => Some(ty.clone()),
                        _ => None,
                    })
                }
                _ => None,
            }
        }
        _ => None,
    });
    let Some(mut ty) = ty else {
        errors.at(&member.ident, "a constant needs the bound `Get<..>` that names its type");
        return None;
    };
    SelfToT.visit_type_mut(&mut ty);
    Some(Constant {
        ident: member.ident.clone(),
        name: member.ident.to_string(),
        ty,
        docs: docs(&member.attrs),
        deprecation: Deprecation::of(&member.attrs),
    })
}

/// `Self` of the config trait is the pallet's `T`.
struct SelfToT;

impl VisitMut for SelfToT {
    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        if ident == "Self" {
            *ident = Ident::new("T", ident.span());
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        syn::visit_mut::visit_type_mut(self, ty);
    }
}

/// Whether the type is bounded by something that has type information.
fn has_type_info(member: &TraitItemType) -> bool {
    member.generics.params.is_empty()
        && member.bounds.iter().any(|bound| match bound {
            TypeParamBound::Trait(bound) => bound
                .path
                .segments
                .last()
                .is_some_and(|s| s.ident == "TypeInfo" || s.ident == "Parameter"),
            _ => false,
        })
}
