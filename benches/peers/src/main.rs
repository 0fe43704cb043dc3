//! The DAG core beside rusty-kaspa's, see `USAGE`.

mod input;
#[cfg(feature = "rusty-kaspa")]
mod kaspa;
mod ours;
mod usage;

use std::fmt;
use std::process::{Command, ExitCode};
use std::str::FromStr;

use anyhow::{Context, bail, ensure};
use citrate_core::hashing::blake2_256;
use serde::{Deserialize, Serialize};

use input::Topology;

/// The one of our node. rusty-kaspa's brings its own, too.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const USAGE: &str = "\
Usage: citrate-bench-peers [--rounds N] [--blocks N] [--only TEXT] [FILE...]

Inserts the same DAGs into our core and into rusty-kaspa's GHOSTDAG and reachability managers, in memory and
on disk, in turns, each time in a process of its own. Prints the median of all rounds: blocks for each second of CPU
time, of all threads, and the peak of resident memory above what the process had before, with and without mapped
files, which the system takes back when it needs the room. Exits with 1 if they disagree on a selected parent, a blue score, or the mergeset of any block.

FILE is one of Kaspa's reachability files (k 18), inserted over and over. Without any, those among our golden data are taken.
";
/// The seed of all synthetic DAGs.
const SEED: u64 = 2018;
/// A file is repeated until there are about so many blocks.
const FILE_BLOCKS: usize = 100_000;
const GOLDEN: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../client/dag/tests/golden/kaspa/reachability");

/// What both sides must agree on: everything about each block, in order.
#[derive(Default)]
struct Agreed([u8; 32]);

impl Agreed {
    fn add(
        &mut self,
        selected_parent: [u8; 32],
        blue_score: u64,
        blues: impl ExactSizeIterator<Item = [u8; 32]>,
        reds: impl ExactSizeIterator<Item = [u8; 32]>,
    ) {
        let mut bytes = [self.0, selected_parent].concat();
        bytes.extend(blue_score.to_le_bytes());
        bytes.extend((blues.len() as u64).to_le_bytes());
        blues.for_each(|blue| bytes.extend(blue));
        reds.for_each(|red| bytes.extend(red));
        self.0 = blake2_256(&bytes);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Ours,
    Kaspa,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Memory,
    Disk,
}

/// What a DAG is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    File(String),
    Synthetic { blocks: usize, width: usize },
}

/// A DAG and how it is inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Case {
    source: Source,
    k: u16,
    place: Place,
}

/// What a process measured.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    blocks: usize,
    cpu_seconds: f64,
    memory_kib: u64,
    own_kib: u64,
    agreed: [u8; 32],
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place {
            Place::Memory => "memory",
            Place::Disk => "disk",
        };
        match &self.source {
            Source::File(path) => {
                let name = path.rsplit('/').next().and_then(|name| name.split('-').next());
                write!(f, "{place}, file {}, k {}", name.unwrap_or_default(), self.k)
            }
            Source::Synthetic { width, .. } => write!(f, "{place}, width {width}, k {}", self.k),
        }
    }
}

/// As the arguments of a child: `memory|disk K file PATH` or `memory|disk K synthetic BLOCKS WIDTH`.
impl Case {
    fn arguments(&self) -> Vec<String> {
        let place = match self.place {
            Place::Memory => "memory",
            Place::Disk => "disk",
        };
        let mut arguments = vec![place.to_owned(), self.k.to_string()];
        match &self.source {
            Source::File(path) => arguments.extend(["file".to_owned(), path.clone()]),
            Source::Synthetic { blocks, width } => {
                arguments.extend(["synthetic".to_owned(), blocks.to_string(), width.to_string()]);
            }
        }
        arguments
    }

    fn parse(arguments: &[&str]) -> anyhow::Result<Self> {
        let [place, k, source @ ..] = arguments else { bail!("too few arguments") };
        let place = match *place {
            "memory" => Place::Memory,
            "disk" => Place::Disk,
            other => bail!("{other} is no place"),
        };
        let source = match source {
            ["file", path] => Source::File((*path).to_owned()),
            ["synthetic", blocks, width] => {
                Source::Synthetic { blocks: blocks.parse()?, width: width.parse()? }
            }
            _ => bail!("no such source"),
        };
        Ok(Self { source, k: k.parse()?, place })
    }

    fn topology(&self) -> anyhow::Result<Topology> {
        match &self.source {
            Source::File(path) => Topology::read(path),
            Source::Synthetic { blocks, width } => Topology::synthetic(*blocks, *width, SEED),
        }
    }

    /// How often the DAG is built: a short one takes too little time to measure.
    fn times(&self, topology: &Topology) -> usize {
        match (&self.source, self.place) {
            (Source::File(_), Place::Memory) => FILE_BLOCKS.div_ceil(topology.len()),
            _ => 1,
        }
    }
}

/// Measures this process while it inserts.
fn measure(side: Side, case: &Case) -> anyhow::Result<Measured> {
    let topology = case.topology()?;
    let times = case.times(&topology);
    let folder = tempfile::tempdir()?;
    let resident = usage::reset_peak()?;
    let sampler = usage::Sampler::start()?;
    let start = usage::cpu()?;
    let stop = || {
        let (cpu, peak) = (usage::cpu()? - start, usage::peak()?);
        anyhow::Ok((cpu, peak.saturating_sub(resident), sampler.stop()?))
    };
    let (used, agreed) = match (side, case.place) {
        (Side::Ours, Place::Memory) => {
            for _ in 1..times {
                ours::in_memory(&topology, case.k)?;
            }
            let dag = ours::in_memory(&topology, case.k)?;
            (stop()?, ours::agreed(&dag, &topology)?)
        }
        (Side::Ours, Place::Disk) => {
            ours::on_disk(&topology, case.k, folder.path())?;
            let used = stop()?;
            (used, ours::agreed(&ours::reopen(case.k, folder.path())?, &topology)?)
        }
        #[cfg(feature = "rusty-kaspa")]
        (Side::Kaspa, Place::Memory) => {
            for _ in 1..times {
                kaspa::in_memory(&topology, case.k)?;
            }
            let store = kaspa::in_memory(&topology, case.k)?;
            (stop()?, kaspa::agreed(store.as_ref(), &topology)?)
        }
        #[cfg(feature = "rusty-kaspa")]
        (Side::Kaspa, Place::Disk) => {
            kaspa::on_disk(&topology, case.k, folder.path())?;
            let used = stop()?;
            (used, kaspa::agreed(kaspa::reopen(folder.path())?.as_ref(), &topology)?)
        }
        #[cfg(not(feature = "rusty-kaspa"))]
        (Side::Kaspa, _) => bail!("built without rusty-kaspa"),
    };
    let (cpu, memory_kib, own_kib) = used;
    let blocks = (topology.len() - 1) * times;
    Ok(Measured { blocks, cpu_seconds: cpu.as_secs_f64(), memory_kib, own_kib, agreed: agreed.0 })
}

/// Measures a process that does nothing else.
fn spawn(side: Side, case: &Case) -> anyhow::Result<Measured> {
    let name = match side {
        Side::Ours => "ours",
        Side::Kaspa => "kaspa",
    };
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(["--measure", name]).args(case.arguments()).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{case}, {name}: {errors}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The medians of the blocks for each second, and of all and of the process's own memory in MiB.
fn medians(rounds: &[Measured]) -> [f64; 3] {
    let middle = |of: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    };
    [
        middle(|round| round.blocks as f64 / round.cpu_seconds),
        middle(|round| round.memory_kib as f64 / 1024.0),
        middle(|round| round.own_kib as f64 / 1024.0),
    ]
}

fn compare(case: &Case, rounds: usize) -> anyhow::Result<()> {
    let sides: &[Side] =
        if cfg!(feature = "rusty-kaspa") { &[Side::Ours, Side::Kaspa] } else { &[Side::Ours] };
    let mut measured: Vec<Vec<Measured>> = sides.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (side, results) in sides.iter().zip(&mut measured) {
            results.push(spawn(*side, case)?);
        }
    }
    let mut all = measured.iter().flatten();
    let first = all.next().context("there is a round")?;
    ensure!(all.all(|other| other.agreed == first.agreed), "{case}: the results differ");
    let medians: Vec<[f64; 3]> = measured.iter().map(|rounds| medians(rounds)).collect();
    let cells = (0..3).map(|at| {
        let digits = usize::from(at > 0);
        match medians[..] {
            [ours, theirs] => {
                let ratio = ours[at] / theirs[at];
                format!("{:.digits$} | {:.digits$} | {ratio:.2}", ours[at], theirs[at])
            }
            _ => format!("{:.digits$} | - | -", medians[0][at]),
        }
    });
    println!("| {case} | {} |", cells.collect::<Vec<_>>().join(" | "));
    Ok(())
}

struct Options {
    rounds: usize,
    blocks: usize,
    only: String,
    files: Vec<String>,
}

fn options(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Options> {
    let mut options =
        Options { rounds: 3, blocks: 100_000, only: String::new(), files: Vec::new() };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--rounds" => options.rounds = usize::from_str(&value()?)?.max(1),
            "--blocks" => options.blocks = usize::from_str(&value()?)?.max(2),
            "--only" => options.only = value()?,
            other if other.starts_with('-') => bail!("no such option: {other}\n{USAGE}"),
            file => options.files.push(file.to_owned()),
        }
    }
    if options.files.is_empty() {
        for entry in std::fs::read_dir(GOLDEN).context(GOLDEN)? {
            options.files.extend(entry?.path().to_str().map(str::to_owned));
        }
        options.files.sort_unstable();
    }
    Ok(options)
}

fn run(options: &Options) -> anyhow::Result<()> {
    println!(
        "| case | ours, blocks/CPU s | rusty-kaspa | ratio | ours, MiB | rusty-kaspa | ratio | ours without files, MiB | rusty-kaspa | ratio |"
    );
    println!("|{}", " --- |".repeat(10));
    for place in [Place::Memory, Place::Disk] {
        let files = options.files.iter().map(|file| (Source::File(file.clone()), 18));
        let synthetic = [(5, 18), (5, 124), (10, 18), (10, 124)]
            .map(|(width, k)| (Source::Synthetic { blocks: options.blocks, width }, k));
        for (source, k) in files.chain(synthetic) {
            let case = Case { source, k, place };
            if case.to_string().contains(&options.only) {
                compare(&case, options.rounds)?;
            }
        }
    }
    Ok(())
}

fn start() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--help" | "-h"] => print!("{USAGE}"),
        ["--measure", side, ref case @ ..] => {
            let side = if side == "ours" { Side::Ours } else { Side::Kaspa };
            println!("{}", serde_json::to_string(&measure(side, &Case::parse(case)?)?)?);
        }
        _ => run(&options(arguments.into_iter())?)?,
    }
    Ok(())
}

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
