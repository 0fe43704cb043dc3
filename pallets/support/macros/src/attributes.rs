//! Takes the macros' own attributes off the user's items.

use crate::errors::Errors;
use syn::{Attribute, Ident, visit_mut::VisitMut};

/// One attribute `namespace::name`, taken off its item.
pub(crate) struct Helper {
    /// The last segment: which attribute it is.
    pub(crate) name: Ident,
    /// The whole attribute.
    pub(crate) attr: Attribute,
}

impl Helper {
    /// Whether it is the attribute `name`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// Parses what is in the parentheses.
    pub(crate) fn args<T: syn::parse::Parse>(&self) -> syn::Result<T> {
        self.attr.parse_args()
    }

    /// Notes an error if the attribute has an argument.
    pub(crate) fn no_args(&self, errors: &mut Errors) {
        if let Err(error) = self.attr.meta.require_path_only() {
            errors.push(error);
        }
    }
}

/// Removes and returns the attributes `namespace::*`.
pub(crate) fn take(attrs: &mut Vec<Attribute>, namespace: &str) -> Vec<Helper> {
    let mut taken = Vec::new();
    attrs.retain(|attr| {
        let path = attr.path();
        let ours = path.segments.len() == 2 && path.segments[0].ident == namespace;
        if ours {
            taken.push(Helper { name: path.segments[1].ident.clone(), attr: attr.clone() });
        }
        !ours
    });
    taken
}

/// Removes all attributes `namespace::*` from a tree, whatever they are, and returns them.
pub(crate) struct Strip<'a> {
    /// The first segment of the attributes to remove.
    pub(crate) namespace: &'a str,
    /// What was removed.
    pub(crate) taken: Vec<Helper>,
}

impl<'a> Strip<'a> {
    /// Removes nothing yet.
    pub(crate) fn new(namespace: &'a str) -> Self {
        Self { namespace, taken: Vec::new() }
    }
}

impl VisitMut for Strip<'_> {
    fn visit_attributes_mut(&mut self, attrs: &mut Vec<Attribute>) {
        self.taken.extend(take(attrs, self.namespace));
    }
}

/// Whether a `#[derive(...)]` names `name`.
pub(crate) fn derives(attrs: &[Attribute], name: &str) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("derive")).any(|attr| {
        let mut found = false;
        // A derive list that does not parse is the compiler's to report.
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.segments.last().is_some_and(|segment| segment.ident == name);
            Ok(())
        });
        found
    })
}
