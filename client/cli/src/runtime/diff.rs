//! How two runtimes differ, and what that asks for.

use super::blob::Surface;
use super::schema::Items;

/// How a runtime differs from another.
pub(super) struct Difference {
    /// One line for each thing that is new (+), gone (-) or other (~).
    pub(super) lines: Vec<String>,
    /// What must not be so when a chain goes from the one to the other.
    pub(super) problems: Vec<String>,
}

/// What changed among items of one kind.
#[derive(Default)]
struct Changes {
    lines: Vec<String>,
    /// Names of what is gone or other.
    broken: Vec<String>,
}

/// Compares two runtimes.
pub(super) fn compare(old: &Surface, new: &Surface) -> Difference {
    let pallets = changes("pallet", &old.schema.pallets, &new.schema.pallets);
    let calls = changes("call", &old.schema.calls, &new.schema.calls);
    let storage = changes("storage", &old.schema.storage, &new.schema.storage);
    let constants = changes("constant", &old.schema.constants, &new.schema.constants);
    let mut lines = Vec::new();
    if old.version.spec_version != new.version.spec_version {
        lines.push(format!(
            "~ version {} {} -> {}",
            old.version.spec_name, old.version.spec_version, new.version.spec_version
        ));
    }
    let mut problems = Vec::new();
    if old.version.spec_name != new.version.spec_name {
        problems.push(format!(
            "the runtime is called {} instead of {}: it is another chain's",
            new.version.spec_name, old.version.spec_name
        ));
    }
    let seen = [&pallets, &calls, &storage, &constants].iter().any(|c| !c.lines.is_empty());
    if seen && new.version.spec_version <= old.version.spec_version {
        problems.push(format!("spec_version must be above {}", old.version.spec_version));
    }
    if !calls.broken.is_empty()
        && new.version.transaction_version <= old.version.transaction_version
    {
        problems.push(format!(
            "transaction_version must be above {}: calls that clients have signed mean something else ({})",
            old.version.transaction_version,
            calls.broken.join(", ")
        ));
    }
    problems.extend(unversioned(old, new, &storage.broken));
    for kind in [pallets, calls, storage, constants] {
        lines.extend(kind.lines);
    }
    Difference { lines, problems }
}

fn changes(kind: &str, old: &Items, new: &Items) -> Changes {
    let mut changes = Changes::default();
    for (name, before) in old {
        let line = match new.get(name) {
            None => format!("- {kind} {name}"),
            Some(after) if after != before => format!("~ {kind} {name}: {before} -> {after}"),
            Some(_) => continue,
        };
        changes.lines.push(line);
        changes.broken.push(name.clone());
    }
    let added = new.keys().filter(|name| !old.contains_key(*name));
    changes.lines.extend(added.map(|name| format!("+ {kind} {name}")));
    changes
}

/// Pallets whose stored data have another form, and whose storage has no new version.
fn unversioned(old: &Surface, new: &Surface, broken: &[String]) -> Vec<String> {
    let version = |surface: &Surface, pallet: &str| {
        surface.storage_versions.get(pallet).copied().unwrap_or_default()
    };
    let mut problems = Vec::new();
    for (pallet, place) in &old.schema.pallets {
        // A pallet of another name at the same place: what is stored lies under the old name.
        let same_place = || new.schema.pallets.iter().find(|(_, new_place)| *new_place == place);
        let now = new.schema.pallets.get_key_value(pallet).or_else(same_place);
        // Where the pallet is gone, that its calls are is another problem.
        let Some((now, _)) = now else { continue };
        let of_pallet = |item: &&String| item.split_once('.').is_some_and(|(p, _)| p == pallet);
        let items: Vec<&str> = broken.iter().filter(of_pallet).map(String::as_str).collect();
        if !items.is_empty() && version(new, now) <= version(old, pallet) {
            let moved =
                if now == pallet { String::new() } else { format!(" and lies under {now} now") };
            problems.push(format!(
                "{pallet}'s storage changed{moved} ({}), its STORAGE_VERSION did not: raise it, and migrate what is stored",
                items.join(", ")
            ));
        }
    }
    problems
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::runtime::schema::Schema;
    use citrate_core::RuntimeVersion;

    /// A runtime of one pallet with a call, an item and a constant.
    pub(in crate::runtime) fn surface() -> Surface {
        surface_of("Counter")
    }

    fn surface_of(pallet: &str) -> Surface {
        let items = |name: &str, what: &str| Items::from([(name.to_owned(), what.to_owned())]);
        let item = |name: &str| format!("{pallet}.{name}");
        let version = RuntimeVersion {
            spec_name: "chain".into(),
            spec_version: 7,
            transaction_version: 3,
            ..RuntimeVersion::default()
        };
        let schema = Schema {
            pallets: items(pallet, "index 1"),
            calls: items(&item("hello"), "1.0 ()"),
            storage: items(&item("Total"), "u32"),
            constants: items(&item("Max"), "0x01"),
        };
        Surface { version, schema, storage_versions: [(pallet.to_owned(), 1)].into() }
    }

    /// What is wrong with going from the runtime to one that is changed so.
    fn problems(change: impl FnOnce(&mut Surface)) -> Vec<String> {
        let mut new = surface();
        change(&mut new);
        compare(&surface(), &new).problems
    }

    fn set(items: &mut Items, name: &str, what: &str) {
        items.insert(name.to_owned(), what.to_owned());
    }

    #[test]
    fn what_is_the_same_needs_no_version() {
        let difference = compare(&surface(), &surface());
        assert!(difference.lines.is_empty() && difference.problems.is_empty());
    }

    #[test]
    fn whatever_can_be_seen_needs_a_version() {
        let missing = ["spec_version must be above 7"];
        assert_eq!(problems(|new| set(&mut new.schema.storage, "Counter.More", "u8")), missing);
        assert_eq!(problems(|new| set(&mut new.schema.constants, "Counter.Max", "0x02")), missing);
        let versioned = problems(|new| {
            set(&mut new.schema.storage, "Counter.More", "u8");
            set(&mut new.schema.calls, "Counter.more", "1.1 ()");
            new.version.spec_version = 8;
        });
        assert_eq!(versioned, [""; 0]);
    }

    #[test]
    fn a_call_that_means_something_else_needs_a_version_of_transactions() {
        let change = |new: &mut Surface| {
            new.version.spec_version = 8;
            set(&mut new.schema.calls, "Counter.hello", "1.0 (u32)");
        };
        let found = problems(change);
        assert!(found[0].starts_with("transaction_version must be above 3"), "{found:?}");
        assert!(found[0].contains("Counter.hello"), "{found:?}");
        let gone = problems(|new| {
            new.version.spec_version = 8;
            new.schema.calls.clear();
        });
        assert_eq!(gone.len(), 1, "{gone:?}");
        let versioned = problems(|new| {
            change(new);
            new.version.transaction_version = 4;
        });
        assert_eq!(versioned, [""; 0]);
    }

    #[test]
    fn stored_data_of_another_form_need_a_version_of_their_pallet() {
        let change = |new: &mut Surface| {
            new.version.spec_version = 8;
            set(&mut new.schema.storage, "Counter.Total", "u64");
        };
        let found = problems(change);
        assert!(found[0].starts_with("Counter's storage changed (Counter.Total)"), "{found:?}");
        let versioned = problems(|new| {
            change(new);
            new.storage_versions.insert("Counter".to_owned(), 2);
        });
        assert_eq!(versioned, [""; 0]);
    }

    #[test]
    fn an_item_that_is_gone_needs_a_version_of_its_pallet() {
        let change = |new: &mut Surface| {
            new.version.spec_version = 8;
            new.schema.storage.clear();
        };
        let found = problems(change);
        assert!(found[0].starts_with("Counter's storage changed (Counter.Total)"), "{found:?}");
        let versioned = problems(|new| {
            change(new);
            new.storage_versions.insert("Counter".to_owned(), 2);
        });
        assert_eq!(versioned, [""; 0]);
    }

    #[test]
    fn storage_that_moves_to_another_name_needs_a_version() {
        // Renamed in the runtime, at the same index: what clients call is encoded as before.
        let change = |new: &mut Surface| {
            new.version.spec_version = 8;
            new.version.transaction_version = 4;
            new.schema = surface_of("Tally").schema;
            new.storage_versions = [("Tally".to_owned(), 1)].into();
        };
        let found = problems(change);
        assert!(found[0].contains("lies under Tally now (Counter.Total)"), "{found:?}");
        let versioned = problems(|new| {
            change(new);
            new.storage_versions.insert("Tally".to_owned(), 2);
        });
        assert_eq!(versioned, [""; 0]);
    }

    #[test]
    fn another_chains_runtime_is_told() {
        let found = problems(|new| new.version.spec_name = "other".into());
        assert!(found[0].contains("another chain's"), "{found:?}");
    }
}
