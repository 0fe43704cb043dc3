//! The generated file: an implementation of `WeightInfo` for each pallet, formatted as rustfmt does.

use super::{DEBUG_BUILD, fit::Linear, measure::Outcome};
use citrate_core::hashing::twox_128;
use frame_metadata::v14::RuntimeMetadataV14;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Bytes of the part of a key that names pallet and item.
const PREFIX_BYTES: usize = 32;

/// Names of storage items by the first bytes of their keys.
pub(super) struct Items(BTreeMap<Vec<u8>, String>);

impl Items {
    pub(super) fn new(metadata: &RuntimeMetadataV14) -> Self {
        let storages = metadata.pallets.iter().filter_map(|pallet| pallet.storage.as_ref());
        let items = storages.flat_map(|storage| {
            storage.entries.iter().map(|entry| {
                let prefix = twox_128(storage.prefix.as_bytes());
                let key = [prefix, twox_128(entry.name.as_bytes())].concat();
                (key, format!("{}.{}", storage.prefix, entry.name))
            })
        });
        Self(items.collect())
    }

    fn name(&self, key: &[u8]) -> String {
        let known = key.get(..PREFIX_BYTES).and_then(|prefix| self.0.get(prefix));
        known.cloned().unwrap_or_else(|| "other keys".to_owned())
    }
}

/// The file: each pallet by its crate.
pub(super) fn weights(
    command: &str,
    is_debug: bool,
    pallets: &[(String, Vec<Outcome>)],
    items: &Items,
) -> String {
    let mut file = format!(
        "//! What calls weigh, measured.\n\
         //!\n\
         //! This file is written by a command; what is changed by hand is lost when it runs again:\n\
         //!\n\
         //! ```text\n\
         //! {command}\n\
         //! ```\n"
    );
    if is_debug {
        let _ = writeln!(file, "//!\n//! {DEBUG_BUILD}");
    }
    for (krate, outcomes) in pallets {
        let krate = krate.replace('-', "_");
        let _ = write!(
            file,
            "\n/// Calls of `{krate}`.\n\
             pub mod {krate} {{\n    \
                 use citrate_support::traits::Get;\n    \
                 use citrate_support::weights::Weight;\n    \
                 use core::marker::PhantomData;\n\n    \
                 /// What they weigh.\n    \
                 #[derive(Debug)]\n    \
                 pub struct WeightInfo<T>(PhantomData<T>);\n\n    \
                 impl<T: pallet_system::Config> ::{krate}::WeightInfo for WeightInfo<T> {{\n"
        );
        let functions: Vec<String> =
            outcomes.iter().map(|outcome| function(outcome, items)).collect();
        file.push_str(&functions.join("\n"));
        file.push_str("    }\n}\n");
    }
    file
}

fn function(outcome: &Outcome, items: &Items) -> String {
    let Outcome { info, time_ps, reads, writes, points } = outcome;
    let mut text = format!("        /// `{}`, with the most of each component:\n", info.name);
    for (item, (reads, writes)) in accesses(outcome, items) {
        let _ = writeln!(text, "        /// `{item}` ({reads} read, {writes} written)");
    }
    if points
        .iter()
        .all(|point| point.accesses.reads.is_empty() && point.accesses.writes.is_empty())
    {
        text.push_str("        /// no storage\n");
    }
    let components = &info.components;
    let name = |position: usize| {
        let name = components.get(position).map(|component| component.name.as_str());
        name.unwrap_or_default()
    };
    let arguments: Vec<String> =
        (0..components.len()).map(|i| format!("{}: u32", name(i))).collect();
    let _ = writeln!(text, "        fn {}({}) -> Weight {{", info.name, arguments.join(", "));
    let _ = writeln!(text, "            Weight::from_parts({}, 0)", number(time_ps.base));
    for (position, slope) in time_ps.slopes.iter().enumerate() {
        let slope = format!("Weight::from_parts({}, 0)", number(*slope));
        add(&mut text, &format!("{slope}.saturating_mul({}.into())", name(position)));
    }
    for (method, Linear { base, slopes }) in [("reads", reads), ("writes", writes)] {
        let of = |count: u64| format!("T::DbWeight::get().{method}({})", number(count));
        add(&mut text, &of(*base));
        for (position, slope) in slopes.iter().enumerate().filter(|(_, slope)| **slope > 0) {
            add(&mut text, &format!("{}.saturating_mul({}.into())", of(*slope), name(position)));
        }
    }
    text.push_str("        }\n");
    text
}

fn add(text: &mut String, term: &str) {
    let _ = writeln!(text, "                .saturating_add({term})");
}

/// How often each item is read and written where all components are at their most.
fn accesses(outcome: &Outcome, items: &Items) -> BTreeMap<String, (usize, usize)> {
    let mut counts = BTreeMap::<String, (usize, usize)>::new();
    // Points are in order, the one with the most last.
    let Some(most) = outcome.points.last() else { return counts };
    for key in &most.accesses.reads {
        counts.entry(items.name(key)).or_default().0 += 1;
    }
    for key in &most.accesses.writes {
        counts.entry(items.name(key)).or_default().1 += 1;
    }
    counts
}

/// A number with underscores between thousands.
fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}
