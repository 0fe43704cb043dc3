//! Checks of the workspace that cargo does not make.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]

mod checks;
mod descriptions;
mod documents;
mod layers;
mod sources;
mod workspace;

use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "usage: cargo xtask <ci|lint|layers|descriptions|documents|sources>

  ci            every check that runs no test: format, lint, clippy, documentation
  lint          everything below
  layers        dependencies follow the layers of the design (section 3)
  descriptions  a crate's description, its first doc line and the README's index agree
  documents     paths and functions that the documents name exist
  sources       no file is too long, not ASCII, or unfinished without an issue's number";

fn main() -> ExitCode {
    match run() {
        Ok(problems) if problems.is_empty() => ExitCode::SUCCESS,
        Ok(problems) => {
            for problem in &problems {
                eprintln!("{problem}");
            }
            eprintln!("{} problems", problems.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<Vec<String>> {
    let command = std::env::args().nth(1).unwrap_or_default();
    let workspace = Workspace::read()?;
    match command.as_str() {
        "ci" => checks::run(&workspace.root).map(|()| Vec::new()),
        "lint" => Ok([
            layers::check(&workspace),
            descriptions::check(&workspace)?,
            documents::check(&workspace)?,
            sources::check(&workspace)?,
        ]
        .concat()),
        "layers" => Ok(layers::check(&workspace)),
        "descriptions" => descriptions::check(&workspace),
        "documents" => documents::check(&workspace),
        "sources" => sources::check(&workspace),
        "" | "help" | "--help" => {
            println!("{USAGE}");
            Ok(Vec::new())
        }
        other => anyhow::bail!("there is no check `{other}`\n\n{USAGE}"),
    }
}
