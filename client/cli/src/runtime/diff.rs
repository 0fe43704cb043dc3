//! How two runtimes differ, and what that asks for.

use super::blob::Facts;
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
pub(super) fn compare(old: &Facts, new: &Facts) -> Difference {
    let pallets = changes("pallet", &old.schema.pallets, &new.schema.pallets);
    let calls = changes("call", &old.schema.calls, &new.schema.calls);
    let storage = changes("storage", &old.schema.storage, &new.schema.storage);
    let constants = changes("constant", &old.schema.constants, &new.schema.constants);
    let mut lines = Vec::new();
    if old.version.spec_version != new.version.spec_version {
        let (old, new) = (&old.version, &new.version);
        lines.push(format!(
            "~ version {} {} -> {} {}",
            old.spec_name, old.spec_version, new.spec_name, new.spec_version
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
fn unversioned(old: &Facts, new: &Facts, broken: &[String]) -> Vec<String> {
    let version = |facts: &Facts, pallet: &str| {
        facts.storage_versions.get(pallet).copied().unwrap_or_default()
    };
    let mut problems = Vec::new();
    for pallet in old.schema.pallets.keys().filter(|name| new.schema.pallets.contains_key(*name)) {
        let of_pallet = |item: &&String| item.split_once('.').is_some_and(|(p, _)| p == pallet);
        let items: Vec<&str> = broken.iter().filter(of_pallet).map(String::as_str).collect();
        if !items.is_empty() && version(new, pallet) <= version(old, pallet) {
            problems.push(format!(
                "{pallet}'s storage changed ({}), its STORAGE_VERSION did not: raise it, and migrate what is stored",
                items.join(", ")
            ));
        }
    }
    problems
}
