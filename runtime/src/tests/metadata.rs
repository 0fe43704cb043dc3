//! The whole of the metadata in words: `metadata.txt`, which `BLESS=1` writes.
//!
//! All versions say the same, so that whatever a client reads, it sees the same chain. A change of the file is a
//! change for every client: where stored values or indices change, it needs a new version and a migration.

use super::golden::metadata;
use frame_metadata::RuntimeMetadata;
use frame_metadata::v14::StorageEntryType;
use scale_info::form::PortableForm;
use scale_info::{Field, PortableRegistry, TypeDef};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The registry of one version, and every named type that was asked for.
struct Types<'a> {
    registry: &'a PortableRegistry,
    seen: BTreeMap<String, String>,
}

impl Types<'_> {
    /// What a type is called: its path, or its structure where it has none.
    fn name(&mut self, id: u32) -> String {
        let ty = self.registry.resolve(id).expect("the type is registered").clone();
        let path = ty.path.segments.join("::");
        match &ty.type_def {
            TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
            TypeDef::Compact(compact) => format!("Compact<{}>", self.name(compact.type_param.id)),
            TypeDef::Sequence(sequence) => format!("[{}]", self.name(sequence.type_param.id)),
            TypeDef::Array(array) => format!("[{}; {}]", self.name(array.type_param.id), array.len),
            TypeDef::Tuple(tuple) => {
                let fields: Vec<_> = tuple.fields.iter().map(|f| self.name(f.id)).collect();
                format!("({})", fields.join(", "))
            }
            TypeDef::BitSequence(_) => "bits".to_owned(),
            TypeDef::Composite(composite) => {
                self.named(path, &ty.type_params, |types| types.fields(&composite.fields))
            }
            TypeDef::Variant(variants) => {
                // An era has 256 variants, and the runtime's own enums are told pallet by pallet.
                let told = variants.variants.len() > 40 || path.starts_with("citrate_runtime");
                self.named(path, &ty.type_params, |types| {
                    if told {
                        return "enum".to_owned();
                    }
                    let each = variants.variants.iter().map(|variant| {
                        format!(
                            "{} {}{}",
                            variant.index,
                            variant.name,
                            types.fields(&variant.fields)
                        )
                    });
                    each.collect::<Vec<_>>().join(" | ")
                })
            }
        }
    }

    /// The name of a type with a path; what it is made of is told once, at the end.
    fn named(
        &mut self,
        path: String,
        parameters: &[scale_info::TypeParameter<PortableForm>],
        definition: impl FnOnce(&mut Self) -> String,
    ) -> String {
        let parameters: Vec<_> =
            parameters.iter().filter_map(|p| p.ty).map(|ty| self.name(ty.id)).collect();
        let name = match parameters.as_slice() {
            [] => path,
            parameters => format!("{path}<{}>", parameters.join(", ")),
        };
        let known = name.starts_with("Option<") || name.starts_with("Result<");
        if !known && !self.seen.contains_key(&name) {
            // Noted before it is followed: a type may contain itself.
            self.seen.insert(name.clone(), String::new());
            let definition = definition(self);
            self.seen.insert(name.clone(), definition);
        }
        name
    }

    fn fields(&mut self, fields: &[Field<PortableForm>]) -> String {
        let all: Vec<_> = fields
            .iter()
            .map(|field| {
                let ty = self.name(field.ty.id);
                field.name.as_ref().map_or(ty.clone(), |name| format!("{name}: {ty}"))
            })
            .collect();
        if all.is_empty() { String::new() } else { format!("({})", all.join(", ")) }
    }

    /// The variants of a pallet's calls, events or errors, one a line.
    fn variants(&mut self, out: &mut String, what: &str, id: u32) {
        let ty = self.registry.resolve(id).expect("the type is registered").clone();
        let TypeDef::Variant(variants) = ty.type_def else { panic!("{what} is an enum") };
        for variant in &variants.variants {
            let fields = self.fields(&variant.fields);
            writeln!(out, "  {what} {} {}{fields}", variant.index, variant.name).unwrap();
        }
    }

    fn storage(&mut self, ty: &StorageEntryType<PortableForm>) -> String {
        match ty {
            StorageEntryType::Plain(value) => self.name(value.id),
            StorageEntryType::Map { hashers, key, value } => {
                let (key, value) = (self.name(key.id), self.name(value.id));
                format!("{hashers:?} {key} => {value}")
            }
        }
    }
}

/// The pallets as one version has them; the versions' types differ, their fields have the same names.
macro_rules! pallets {
    ($metadata:expr) => {{
        let metadata = $metadata;
        let mut types = Types { registry: &metadata.types, seen: BTreeMap::new() };
        let mut out = String::new();
        for pallet in &metadata.pallets {
            writeln!(out, "pallet {} {}", pallet.index, pallet.name).unwrap();
            let storage = pallet.storage.iter();
            for entry in storage.flat_map(|storage| &storage.entries) {
                let ty = types.storage(&entry.ty);
                let default = hex(&entry.default);
                writeln!(out, "  storage {}: {ty}, {:?} {default}", entry.name, entry.modifier)
                    .unwrap();
            }
            if let Some(calls) = &pallet.calls {
                types.variants(&mut out, "call", calls.ty.id);
            }
            if let Some(event) = &pallet.event {
                types.variants(&mut out, "event", event.ty.id);
            }
            if let Some(error) = &pallet.error {
                types.variants(&mut out, "error", error.ty.id);
            }
            for constant in &pallet.constants {
                let ty = types.name(constant.ty.id);
                let value = hex(&constant.value);
                writeln!(out, "  constant {}: {ty} = {value}", constant.name).unwrap();
            }
        }
        for (name, definition) in &types.seen {
            writeln!(out, "type {name} = {definition}").unwrap();
        }
        out
    }};
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| format!("{text}{byte:02x}"))
}

fn words(version: u32) -> String {
    match metadata(version) {
        RuntimeMetadata::V14(metadata) => pallets!(metadata),
        RuntimeMetadata::V15(metadata) => pallets!(metadata),
        RuntimeMetadata::V16(metadata) => pallets!(metadata),
        other => panic!("version {}", other.version()),
    }
}

#[test]
fn the_metadata_is_what_it_was_in_all_versions() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/metadata.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, words(16)).expect("the folder can be written");
    }
    let expected = std::fs::read_to_string(path).expect("the golden file is there");
    for version in [14, 15, 16] {
        let found = words(version);
        let differs =
            found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
        assert!(
            found == expected,
            "version {version}, first: {differs:#?}; BLESS=1 writes the file"
        );
    }
}
