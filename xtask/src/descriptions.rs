//! One description of one thing: Cargo.toml, the crate's first line, and the README's index.

use crate::workspace::Workspace;
use anyhow::{Context, Result};

/// Every crate whose descriptions differ.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let readme = std::fs::read_to_string(workspace.root.join("README.md")).context("README.md")?;
    let mut problems = Vec::new();
    for (package, folder) in workspace.members() {
        let source = workspace.root.join(folder).join("src");
        let file = ["lib.rs", "main.rs"].map(|name| source.join(name));
        let file = file.iter().find(|path| path.exists()).context("a crate without source")?;
        let text = std::fs::read_to_string(file)?;
        let first = text.lines().next().unwrap_or_default();
        if first.strip_prefix("//! ") != Some(&package.description) {
            problems.push(format!("{}: first doc line is not the description", package.name));
        }
        let folder = folder.display();
        if !readme.contains(&format!("[{folder}]({folder}): {}", package.description)) {
            problems.push(format!(
                "{}: README.md has no line `- [{folder}]({folder}): {}`",
                package.name, package.description
            ));
        }
    }
    Ok(problems)
}
