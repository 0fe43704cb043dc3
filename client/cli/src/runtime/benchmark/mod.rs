//! `citrate benchmark`: measures a runtime's calls, and checks what they say that they weigh.

mod args;
mod database;
mod file;
mod fit;
mod measure;
mod storage;

pub(crate) use args::BenchmarkCommand;

use super::blob::{Blob, Facts};
use crate::{Distribution, output};
use anyhow::{Context, Result, bail, ensure};
use args::{PalletArgs, StorageArgs};
use citrate_api::{BenchmarkInfo, BenchmarkMetadata, PalletBenchmarks};
use citrate_executor::Executor;
use codec::Decode;
use database::{Database, Measurable};
use measure::{Bench, Outcome, Point};
use serde_json::{Value, json};

/// What is said of times where host functions were compiled without optimisation.
const DEBUG_BUILD: &str = "Times are those of a debug build of the node, many times too long: measure with a release build.";

/// `citrate benchmark`.
///
/// # Errors
/// When the runtime has no such benchmarks, one of them fails, or a call weighs less than it takes.
pub(crate) fn benchmark(command: &BenchmarkCommand, distribution: &Distribution) -> Result<()> {
    let executor = Executor::new(&distribution.executor())?;
    match command {
        BenchmarkCommand::Pallet(args) => pallet(args, &executor),
        BenchmarkCommand::Storage(args) => storage(args, &executor),
    }
}

fn pallet(args: &PalletArgs, executor: &Executor) -> Result<()> {
    let blob = Blob::load(&args.runtime)?;
    let BenchmarkMetadata { pallets, free } = measure::metadata(executor, &blob.bytes)?;
    let chosen = choose(args, &pallets)?;
    let facts = blob.facts_by(&Measurable(executor))?;
    let database = Database::new(executor, &blob.bytes, &args.database)?;
    warn_of_debug_build(args.json);
    let (code, repeat) = (&blob.bytes[..], args.repeat);
    let mut bench = Bench { executor, code, database, free, repeat };
    if args.check {
        check(&mut bench, &chosen, db_weight(&facts)?)
    } else {
        weigh(args, &mut bench, &chosen, &facts)
    }
}

fn storage(args: &StorageArgs, executor: &Executor) -> Result<()> {
    let blob = Blob::load(&args.runtime)?;
    let mut database = Database::new(executor, &blob.bytes, &args.database)?;
    warn_of_debug_build(args.json);
    storage::measure(args, &mut database)
}

fn warn_of_debug_build(is_silent: bool) {
    if cfg!(debug_assertions) && !is_silent {
        output::line(DEBUG_BUILD);
    }
}

/// Measures, and says what was measured.
fn weigh(
    args: &PalletArgs,
    bench: &mut Bench<'_>,
    chosen: &[PalletBenchmarks],
    facts: &Facts,
) -> Result<()> {
    let mut pallets = Vec::new();
    for pallet in chosen {
        let mut outcomes = Vec::new();
        for info in &pallet.benchmarks {
            let grid = measure::grid(&info.components, args.steps);
            let points = bench.points(pallet, info, grid)?;
            let outcome = measure::outcome(info.clone(), points);
            if !args.json {
                output::line(&line(&pallet.pallet, &outcome));
            }
            outcomes.push(outcome);
        }
        pallets.push((pallet.krate.clone(), outcomes));
    }
    if args.json {
        let all = pallets
            .iter()
            .flat_map(|(krate, outcomes)| outcomes.iter().map(|outcome| as_json(krate, outcome)));
        output::line(&serde_json::to_string_pretty(&all.collect::<Vec<_>>())?);
    }
    if let Some(path) = &args.output {
        for (_, outcomes) in &mut pallets {
            outcomes.retain(|outcome| !outcome.info.is_extra);
        }
        let items = file::Items::new(&facts.metadata);
        let text = file::weights(&args.repeated(), cfg!(debug_assertions), &pallets, &items);
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// Compares what calls say that they weigh with what they take and with the keys that they touch.
fn check(bench: &mut Bench<'_>, chosen: &[PalletBenchmarks], db: (u64, u64)) -> Result<()> {
    let (mut problems, mut reads, mut state_ps) = (Vec::new(), 0_u64, 0_u64);
    for pallet in chosen {
        for info in &pallet.benchmarks {
            let name = format!("{}.{}", pallet.pallet, info.name);
            for point in bench.points(pallet, info, measure::grid(&info.components, 2))? {
                let takes = point
                    .time_ps
                    .saturating_add(db.0.saturating_mul(point.reads()))
                    .saturating_add(db.1.saturating_mul(point.writes()));
                reads = reads.saturating_add(point.reads());
                state_ps = state_ps.saturating_add(point.state_ps);
                let Some(declared) = point.declared else {
                    output::line(&format!("  {name} measures no call: {}", took(&point)));
                    continue;
                };
                let is_enough = declared.ref_time() >= takes;
                let (mark, at) = (if is_enough { ' ' } else { '!' }, at(info, &point));
                let weighs = micros(declared.ref_time());
                let line = format!(
                    "{name}{at} weighs {weighs} us and takes {} us: {}",
                    micros(takes),
                    took(&point)
                );
                output::line(&format!("{mark} {line}"));
                if !is_enough {
                    problems.push(format!("{name}{at}"));
                }
            }
        }
    }
    let per_read = state_ps.checked_div(reads).unwrap_or_default();
    output::line(&format!(
        "a read of the state took {} us on average and weighs {} us",
        micros(per_read),
        micros(db.0)
    ));
    ensure!(problems.is_empty(), "these take more than they weigh: {}", problems.join(", "));
    Ok(())
}

/// The pallets and benchmarks that the command line names.
fn choose(args: &PalletArgs, pallets: &[PalletBenchmarks]) -> Result<Vec<PalletBenchmarks>> {
    let is_all = |names: &[String]| names.iter().any(|name| name == "*");
    let is_called = |pallet: &PalletBenchmarks, name: &str| {
        name.eq_ignore_ascii_case(&pallet.pallet) || name.replace('-', "_") == pallet.krate
    };
    for name in args.pallet.iter().filter(|name| *name != "*") {
        ensure!(
            pallets.iter().any(|pallet| is_called(pallet, name)),
            "no pallet {name} has benchmarks; these have: {}",
            pallets.iter().map(|pallet| &pallet.krate[..]).collect::<Vec<_>>().join(", ")
        );
    }
    let all_calls = is_all(&args.extrinsic);
    // A file with a part of a pallet's functions would not compile.
    ensure!(
        all_calls || args.output.is_none(),
        "--output takes all benchmarks of a pallet: --extrinsic '*'"
    );
    let mut chosen: Vec<PalletBenchmarks> = pallets
        .iter()
        .filter(|p| is_all(&args.pallet) || args.pallet.iter().any(|name| is_called(p, name)))
        .cloned()
        .collect();
    for pallet in &mut chosen {
        pallet.benchmarks.retain(|info| all_calls || args.extrinsic.contains(&info.name));
    }
    chosen.retain(|pallet| !pallet.benchmarks.is_empty());
    if chosen.is_empty() {
        bail!("no benchmark is called {}", args.extrinsic.join(" or "));
    }
    Ok(chosen)
}

/// What a read and a write weigh in the runtime.
fn db_weight(facts: &Facts) -> Result<(u64, u64)> {
    let system = facts.metadata.pallets.iter().find(|pallet| pallet.name == "System");
    let constants = system.map(|system| &system.constants[..]).unwrap_or_default();
    let weight = constants.iter().find(|constant| constant.name == "DbWeight");
    let weight = weight.context("the runtime does not say what access to its database weighs")?;
    Ok(<(u64, u64)>::decode(&mut &weight.value[..])?)
}

/// The components of a point, if the benchmark has any.
fn at(info: &BenchmarkInfo, point: &Point) -> String {
    let named = info.components.iter().zip(&point.components);
    let named: Vec<String> = named.map(|(c, value)| format!("{} = {value}", c.name)).collect();
    if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) }
}

fn took(point: &Point) -> String {
    format!("{} us, {} read, {} written", micros(point.time_ps), point.reads(), point.writes())
}

/// Microseconds with one digit after the point.
fn micros(picoseconds: u64) -> String {
    let tenths = picoseconds / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn line(pallet: &str, outcome: &Outcome) -> String {
    let mut text = format!("{pallet}.{}: {} us", outcome.info.name, micros(outcome.time_ps.base));
    for (component, slope) in outcome.info.components.iter().zip(&outcome.time_ps.slopes) {
        text = format!("{text} + {} ns * {}", slope / 1_000, component.name);
    }
    for (what, line) in [("read", &outcome.reads), ("written", &outcome.writes)] {
        text = format!("{text}, {} {what}", line.base);
        for (component, slope) in outcome.info.components.iter().zip(&line.slopes) {
            if *slope > 0 {
                text = format!("{text} + {slope} * {}", component.name);
            }
        }
    }
    text
}

fn as_json(krate: &str, outcome: &Outcome) -> Value {
    let line = |line: &fit::Linear| json!({ "base": line.base, "slopes": line.slopes });
    let point = |point: &Point| {
        json!({
            "components": point.components,
            "timePs": point.time_ps,
            "statePs": point.state_ps,
            "reads": point.reads(),
            "writes": point.writes(),
            "declaredPs": point.declared.map(|weight| weight.ref_time()),
        })
    };
    json!({
        "pallet": krate,
        "benchmark": outcome.info.name,
        "components": outcome.info.components.iter().map(|c| &c.name).collect::<Vec<_>>(),
        "timePs": line(&outcome.time_ps),
        "reads": line(&outcome.reads),
        "writes": line(&outcome.writes),
        "points": outcome.points.iter().map(point).collect::<Vec<_>>(),
    })
}
