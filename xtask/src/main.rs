//! Checks of the workspace that cargo does not make.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]

mod descriptions;
mod layers;
mod workspace;

use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "usage: cargo xtask <lint|layers|descriptions>

  lint          everything below
  layers        dependencies follow the layers of the design (section 3)
  descriptions  a crate's description, its first doc line and the README's index agree";

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
        "lint" => Ok([layers::check(&workspace), descriptions::check(&workspace)?].concat()),
        "layers" => Ok(layers::check(&workspace)),
        "descriptions" => descriptions::check(&workspace),
        _ => {
            println!("{USAGE}");
            Ok(Vec::new())
        }
    }
}
