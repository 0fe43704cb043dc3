//! What a released runtime looks like to clients and to the state, in a file that is kept with the source.

use super::blob::{Blob, Surface};
use super::schema::Schema;
use anyhow::{Context, Result, ensure};
use citrate_core::RuntimeVersion;
use citrate_executor::Executor;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// LIMIT: bytes of a snapshot.
const SNAPSHOT_BYTES_MAX: u64 = 16 << 20;
/// How a snapshot's file is called.
const EXTENSION: &str = "json";

/// The surface of what is named: a blob's file, a node's URL, a snapshot, or a folder of snapshots, of which the one
/// with the highest version counts.
pub(super) fn surface(source: &str, executor: &Executor) -> Result<Surface> {
    let path = Path::new(source);
    if path.is_dir() {
        return newest(path);
    }
    if is_one(source) {
        return read(path);
    }
    Ok(Blob::load(source)?.facts(executor)?.surface)
}

/// Whether a snapshot or a folder of them is named, and no runtime that runs.
pub(super) fn is_one(source: &str) -> bool {
    let path = Path::new(source);
    path.is_dir() || path.extension().is_some_and(|extension| extension == EXTENSION)
}

fn newest(folder: &Path) -> Result<Surface> {
    let about = || folder.display().to_string();
    let mut newest: Option<Surface> = None;
    for entry in std::fs::read_dir(folder).with_context(about)? {
        let path: PathBuf = entry.with_context(about)?.path();
        if path.extension().is_none_or(|extension| extension != EXTENSION) {
            continue;
        }
        let found = read(&path)?;
        let is_newer =
            newest.as_ref().is_none_or(|n| found.version.spec_version >= n.version.spec_version);
        if is_newer {
            newest = Some(found);
        }
    }
    newest.with_context(|| format!("{} has no snapshot: no runtime was released", about()))
}

fn read(path: &Path) -> Result<Surface> {
    let about = || format!("snapshot {}", path.display());
    let size = std::fs::metadata(path).with_context(about)?.len();
    ensure!(size <= SNAPSHOT_BYTES_MAX, "{} is larger than {SNAPSHOT_BYTES_MAX} bytes", about());
    let text = std::fs::read_to_string(path).with_context(about)?;
    let json = serde_json::from_str(&text).with_context(about)?;
    parse(&json).with_context(about)
}

/// The snapshot of a runtime.
pub(super) fn json(surface: &Surface) -> Value {
    let Surface { version, schema, storage_versions } = surface;
    let Schema { pallets, calls, storage, constants } = schema;
    json!({
        "specName": version.spec_name,
        "specVersion": version.spec_version,
        "transactionVersion": version.transaction_version,
        "storageVersions": storage_versions,
        "pallets": pallets,
        "storage": storage,
        "calls": calls,
        "constants": constants,
    })
}

fn parse(json: &Value) -> Result<Surface> {
    let items = |name: &str| -> Result<BTreeMap<String, String>> {
        let text = |(key, value): (&String, &Value)| {
            let value = value.as_str().with_context(|| format!("{name}.{key} is a text"))?;
            Ok((key.clone(), value.to_owned()))
        };
        object(json, name)?.iter().map(text).collect()
    };
    let number = |name: &str| -> Result<u32> {
        let number = json[name].as_u64().and_then(|number| u32::try_from(number).ok());
        number.with_context(|| format!("{name} is a number"))
    };
    let version_of = |(pallet, value): (&String, &Value)| {
        let version = value.as_u64().and_then(|version| u16::try_from(version).ok());
        Ok((pallet.clone(), version.context("a storage version is a number")?))
    };
    let version = RuntimeVersion {
        spec_name: json["specName"].as_str().context("specName is a text")?.to_owned().into(),
        spec_version: number("specVersion")?,
        transaction_version: number("transactionVersion")?,
        ..RuntimeVersion::default()
    };
    Ok(Surface {
        version,
        schema: Schema {
            pallets: items("pallets")?,
            calls: items("calls")?,
            storage: items("storage")?,
            constants: items("constants")?,
        },
        storage_versions: object(json, "storageVersions")?
            .iter()
            .map(version_of)
            .collect::<Result<_>>()?,
    })
}

fn object<'a>(json: &'a Value, name: &str) -> Result<&'a Map<String, Value>> {
    json[name].as_object().with_context(|| format!("{name} is an object"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::diff::{compare, tests::surface};

    #[test]
    fn a_snapshot_is_read_as_it_was_written() {
        let surface = surface();
        let read = parse(&json(&surface)).unwrap();
        let difference = compare(&surface, &read);
        assert!(difference.lines.is_empty() && difference.problems.is_empty());
        assert_eq!(json(&read), json(&surface));
    }

    #[test]
    fn of_a_folder_the_newest_counts_and_an_empty_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(newest(folder.path()).is_err());
        let mut snapshot = json(&surface());
        for version in [9, 12, 10] {
            snapshot["specVersion"] = version.into();
            std::fs::write(folder.path().join(format!("{version}.json")), snapshot.to_string())
                .unwrap();
        }
        std::fs::write(folder.path().join("README.md"), "not one").unwrap();
        assert_eq!(newest(folder.path()).unwrap().version.spec_version, 12);
    }

    #[test]
    fn what_is_no_snapshot_is_told() {
        for text in ["{}", "[]", r#"{"specName": 7}"#] {
            assert!(parse(&serde_json::from_str(text).unwrap()).is_err(), "{text}");
        }
        let mut snapshot = json(&surface());
        snapshot["storageVersions"]["Counter"] = 70_000.into();
        assert!(parse(&snapshot).is_err());
    }
}
