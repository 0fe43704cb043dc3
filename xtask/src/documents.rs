//! Paths and functions that the documents name exist.

use crate::workspace::Workspace;
use anyhow::Result;
use std::{fs, path::Path};

/// Every path in a document that leads nowhere, and every function that is not in its file.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let files = workspace.texts(&["*.md"])?;
    Ok(files.iter().flat_map(|(name, text)| judge(name, text, &workspace.root)).collect())
}

fn judge(name: &str, text: &str, root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let mut in_code = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let mut problem = |what: String| problems.push(format!("{name}:{number}: {what}"));
        let mut source: Option<String> = None;
        for (index, span) in line.split('`').enumerate().skip(1) {
            if index % 2 == 0 {
                // Text between two spans: only a list goes on about the same file.
                if !matches!(span.trim(), "" | "," | "and") {
                    source = None;
                }
            } else if is_path(span) {
                source = None;
                match fs::metadata(root.join(span)) {
                    Err(_) => problem(format!("there is no {span}")),
                    Ok(_) if span.ends_with(".rs") => {
                        source = fs::read_to_string(root.join(span)).ok();
                    }
                    Ok(_) => {}
                }
            } else if let (Some(source), Some(function)) = (&source, function(span))
                && !source.contains(&format!("fn {function}"))
                && !source.contains(&format!("struct {function}"))
            {
                problem(format!("`{span}` is not in the file named before it"));
            }
        }
    }
    problems
}

/// Whether a code span names a file or folder of the repository.
fn is_path(span: &str) -> bool {
    const ROOTS: [&str; 11] = [
        "primitives/",
        "pallets/",
        "runtime/",
        "client/",
        "docs/",
        "tests/",
        "scripts/",
        "xtask/",
        "benches/",
        "node-template/",
        "fuzz/",
    ];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    span.chars().all(is_plain) && ROOTS.iter().any(|start| span.starts_with(start))
}

/// The last name of `Type::function`, or `function` itself.
fn function(span: &str) -> Option<&str> {
    let name = span.rsplit("::").next()?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exists_passes_and_what_does_not_is_named() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is in the root");
        let good = "see `xtask/src/documents.rs` `judge`, `Nobody`; `client` then\n";
        assert_eq!(
            judge("a.md", good, root),
            ["a.md:1: `Nobody` is not in the file named before it"]
        );
        assert_eq!(judge("a.md", "`docs/none.md`", root), ["a.md:1: there is no docs/none.md"]);
        assert_eq!(judge("a.md", "```\n`docs/none.md`\n```\n", root), [""; 0]);
        assert_eq!(judge("a.md", "`cargo xtask lint`, `client/*`", root), [""; 0]);
    }
}
