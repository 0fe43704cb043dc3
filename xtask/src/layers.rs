//! The dependency law: primitives below pallets below runtime; the node knows no pallet.

use crate::workspace::{Package, Workspace};
use std::path::Path;

/// Heavy crates and the one member that may depend on each directly.
const SOLE_DEPENDENTS: [(&str, &str); 7] = [
    ("wasmtime", "citrate-executor"),
    ("parity-db", "citrate-db"),
    ("jsonrpsee", "citrate-rpc"),
    ("ort", "citrate-inference"),
    ("libp2p", "citrate-network"),
    ("tokenizers", "citrate-adapter"),
    ("image", "citrate-adapter"),
];
/// What a pallet or primitive must never be built from.
const BANNED_BELOW_CLIENT: [&str; 5] = ["tokio", "wasmtime", "parity-db", "jsonrpsee", "libp2p"];
/// Members that are not part of the product and may depend on anything.
const EXEMPT: [&str; 4] = ["benches", "fuzz", "tests/clients/rust", "xtask"];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Layer {
    Primitives,
    Pallets,
    Runtime,
    Client,
}

fn layer(folder: &Path) -> Option<Layer> {
    match folder.components().next()?.as_os_str().to_str()? {
        "primitives" => Some(Layer::Primitives),
        "pallets" => Some(Layer::Pallets),
        "runtime" => Some(Layer::Runtime),
        "client" => Some(Layer::Client),
        _ => None,
    }
}

/// Every edge that breaks the law.
pub(crate) fn check(workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    for (package, folder) in workspace.members() {
        if EXEMPT.iter().any(|exempt| folder == Path::new(exempt)) {
            continue;
        }
        let Some(own) = layer(folder) else {
            problems.push(format!("{}: {} is in no layer", package.name, folder.display()));
            continue;
        };
        for dependency in package.dependencies.iter().filter_map(|id| workspace.packages.get(id)) {
            problems.extend(edge(package, own, dependency));
        }
        if own < Layer::Client {
            let closure = workspace.closure(package);
            for banned in BANNED_BELOW_CLIENT.iter().filter(|name| closure.contains(*name)) {
                problems.push(format!("{} is built from {banned}", package.name));
            }
        }
    }
    problems
}

fn edge(package: &Package, own: Layer, dependency: &Package) -> Option<String> {
    let (name, on) = (&package.name, &dependency.name);
    if let Some((_, sole)) = SOLE_DEPENDENTS.iter().find(|(heavy, _)| heavy == on) {
        return (name != sole).then(|| format!("{name} depends on {on}; only {sole} may"));
    }
    let other = layer(dependency.folder.as_deref()?)?;
    let is_allowed = match own {
        Layer::Primitives | Layer::Pallets | Layer::Runtime => other <= own,
        Layer::Client => matches!(other, Layer::Primitives | Layer::Client),
    };
    (!is_allowed).then(|| format!("{name} ({own:?}) depends on {on} ({other:?})"))
}
