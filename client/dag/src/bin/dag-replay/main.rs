//! Checks files of Kaspa's test data against the DAG core, see `USAGE`.

mod dags;
mod input;
mod replay;
mod subject;
mod topology;

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;

use input::Format;

const USAGE: &str = "\
Usage: dag-replay FILE...

Builds the DAG of each file, checks whatever the file says of the result and the invariants of
the reachability index, and prints a line per file. The format is found out, and so is gzip:
  dag       a JSON object with K, GenesisID and Blocks: selected parents, blues, reds, scores
  topology  a JSON array of blocks with id and parents: ancestors are checked by a search
  replay    a line of parameters, then a block a line: selected parents, blue score and work,
            DAA score, limits
Exits with 1 if a file is malformed or differs.
";

/// What was seen in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Summary {
    /// Blocks that the file lists, the first of a replay left out.
    blocks: usize,
    /// Most blocks in a mergeset, the selected parent included.
    mergeset_max: usize,
    /// Red blocks in all mergesets.
    reds: usize,
    /// Ancestor answers that were compared with a search.
    answers: u64,
}

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr().lock());
    // Nobody is told that nobody listens.
    if files.is_empty() || files.iter().any(|file| file.starts_with('-')) {
        let asks = files.first().is_some_and(|first| first == "--help" || first == "-h");
        let _ = if asks { write!(out, "{USAGE}") } else { write!(err, "{USAGE}") };
        return if asks { ExitCode::SUCCESS } else { ExitCode::from(2) };
    }
    let mut is_good = true;
    for file in &files {
        let start = Instant::now();
        match check(file) {
            Ok((format, summary)) => {
                let Summary { blocks, mergeset_max, reds, answers } = summary;
                let _ = writeln!(
                    out,
                    "{file}: {format}, {blocks} blocks, max mergeset {mergeset_max}, {reds} reds, \
                     {answers} ancestor answers, {} ms",
                    start.elapsed().as_millis()
                );
            }
            Err(error) => {
                is_good = false;
                let _ = writeln!(err, "{file}: {error:#}");
            }
        }
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(file: &str) -> anyhow::Result<(Format, Summary)> {
    let text = input::read(file)?;
    let format = input::detect(&text)?;
    let summary = match format {
        Format::Dag => dags::check(&text),
        Format::Topology => topology::check(&text),
        Format::Replay => replay::check(&text),
    };
    Ok((format, summary.with_context(|| format!("as a file of format {format}"))?))
}
