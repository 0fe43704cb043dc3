//! Runs benchmarks.

use super::{database::Database, fit::Linear};
use anyhow::{Context, Result, anyhow, bail};
use citrate_api::{BenchmarkComponent, BenchmarkInfo, BenchmarkMetadata, PalletBenchmarks};
use citrate_core::Weight;
use citrate_executor::{Executor, ExecutorError, Limits, Profile, RuntimeCode};
use citrate_host::{Accesses, Measured, Recorder, StateExt};
use citrate_trie::StateView;
use codec::{DecodeAll, Encode};
use std::collections::BTreeSet;
use std::time::Duration;

/// LIMIT: time of one run.
const RUN_TIME_MAX: Duration = Duration::from_secs(60);

/// What runs the runtime's benchmarks.
pub(super) struct Bench<'a> {
    pub(super) executor: &'a Executor,
    pub(super) code: &'a [u8],
    pub(super) database: Database,
    /// Prefixes of keys that count for nothing.
    pub(super) free: Vec<Vec<u8>>,
    pub(super) repeat: u32,
}

/// What a benchmark took with these components.
pub(super) struct Point {
    pub(super) components: Vec<u32>,
    /// The median of what it took without the time in which the state was read, in picoseconds.
    pub(super) time_ps: u64,
    /// The median of the time in which the state was read.
    pub(super) state_ps: u64,
    /// Its keys that count.
    pub(super) accesses: Accesses,
    /// What the call said that it weighed.
    pub(super) declared: Option<Weight>,
}

impl Point {
    pub(super) fn reads(&self) -> u64 {
        self.accesses.reads.len() as u64
    }

    pub(super) fn writes(&self) -> u64 {
        self.accesses.writes.len() as u64
    }
}

/// A benchmark's measurements, and the lines through them.
pub(super) struct Outcome {
    pub(super) info: BenchmarkInfo,
    pub(super) points: Vec<Point>,
    pub(super) time_ps: Linear,
    pub(super) reads: Linear,
    pub(super) writes: Linear,
}

/// What the runtime can measure.
pub(super) fn metadata(executor: &Executor, code: &[u8]) -> Result<BenchmarkMetadata> {
    const METHOD: &str = "Benchmark_benchmark_metadata";
    let mut state = StateExt::new(StateView::empty());
    let (code, limits) = (RuntimeCode::new(code), Limits::default());
    match executor.call(code, Profile::Benchmark, METHOD, &[], &mut state, limits) {
        Ok(answer) => BenchmarkMetadata::decode_all(&mut &answer[..]).context(METHOD),
        Err(ExecutorError::ExportMissing(_)) => {
            bail!("the runtime has no benchmarks: build it with --features runtime-benchmarks")
        }
        Err(error) => Err(error).context(METHOD),
    }
}

impl Bench<'_> {
    /// Measures a benchmark at each of these components.
    pub(super) fn points(
        &mut self,
        pallet: &PalletBenchmarks,
        info: &BenchmarkInfo,
        all: Vec<Vec<u32>>,
    ) -> Result<Vec<Point>> {
        let about =
            |components: &[u32]| format!("{}.{} at {components:?}", pallet.pallet, info.name);
        all.into_iter()
            .map(|components| {
                let context = about(&components);
                self.point(&pallet.pallet, &info.name, components).context(context)
            })
            .collect()
    }

    fn point(&mut self, pallet: &str, name: &str, components: Vec<u32>) -> Result<Point> {
        // The first run warms up what every later one finds warm.
        let (mut declared, mut accesses) =
            self.run(pallet, name, &components).map(|(weight, m)| (weight, m.accesses))?;
        let (mut times, mut states) = (Vec::new(), Vec::new());
        for _ in 0..self.repeat {
            let (weight, measured) = self.run(pallet, name, &components)?;
            times.push(measured.time_ns.saturating_sub(measured.state_ns).saturating_mul(1_000));
            states.push(measured.state_ns.saturating_mul(1_000));
            declared = least(declared, weight);
            accesses.reads.extend(measured.accesses.reads);
            accesses.writes.extend(measured.accesses.writes);
        }
        let free = &self.free;
        let counts = |key: &Vec<u8>| !free.iter().any(|prefix| key.starts_with(prefix));
        accesses.reads.retain(&counts);
        accesses.writes.retain(&counts);
        let (time_ps, state_ps) = (median(times), median(states));
        Ok(Point { components, time_ps, state_ps, accesses, declared })
    }

    fn run(
        &mut self,
        pallet: &str,
        name: &str,
        components: &[u32],
    ) -> Result<(Option<Weight>, Measured)> {
        const METHOD: &str = "Benchmark_dispatch_benchmark";
        let mut state = StateExt::new(self.database.view()?);
        let mut recorder = Recorder::new(&mut state, &mut self.database);
        let (code, input) = (RuntimeCode::new(self.code), (pallet, name, components).encode());
        let limits = Limits { time: RUN_TIME_MAX, ..Limits::default() };
        let profile = Profile::Benchmark;
        let answer = self.executor.call(code, profile, METHOD, &input, &mut recorder, limits)?;
        let measured = recorder.into_measured().context("it measured nothing")?;
        let answer = Result::<Option<Weight>, String>::decode_all(&mut &answer[..])?;
        Ok((answer.map_err(|reason| anyhow!(reason))?, measured))
    }
}

fn least(a: Option<Weight>, b: Option<Weight>) -> Option<Weight> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The middle one; the higher of the two where there are two.
pub(super) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Each component from its least to its most in so many steps, the others at their most.
pub(super) fn grid(components: &[BenchmarkComponent], steps: u32) -> Vec<Vec<u32>> {
    let most: Vec<u32> = components.iter().map(|component| component.max).collect();
    let mut all = BTreeSet::from([most.clone()]);
    for (position, component) in components.iter().enumerate() {
        let range = u64::from(component.max.saturating_sub(component.min));
        let last = u64::from(steps.max(2) - 1);
        for step in 0..=last {
            let offset = u32::try_from(range * step / last).unwrap_or(u32::MAX);
            let mut values = most.clone();
            values[position] = component.min.saturating_add(offset);
            all.insert(values);
        }
    }
    all.into_iter().collect()
}

/// The lines through a benchmark's measurements.
pub(super) fn outcome(info: BenchmarkInfo, points: Vec<Point>) -> Outcome {
    let most: Vec<u32> = info.components.iter().map(|component| component.max).collect();
    let line = |value: fn(&Point) -> u64| {
        let points: Vec<_> = points.iter().map(|p| (&p.components[..], value(p))).collect();
        Linear::through(&points, &most)
    };
    Outcome {
        time_ps: line(|point| point.time_ps),
        reads: line(Point::reads),
        writes: line(Point::writes),
        info,
        points,
    }
}
