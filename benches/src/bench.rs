//! Runs benches, and prints what came out of them.

use std::fmt::Write;
use std::time::Duration;

use criterion::{Criterion, Throughput};

use crate::turns::{Comparison, Timed, compare, percentile};

/// How long criterion measures one thing; `make bench` is to end while one waits for it.
const MEASUREMENT: Duration = Duration::from_millis(1500);
/// How long it runs before that.
const WARM_UP: Duration = Duration::from_millis(400);
/// How many samples the measurement is cut into.
const SAMPLES: usize = 15;

/// One of two things that are compared.
pub struct Side<'a> {
    label: &'a str,
    run: &'a mut Timed<'a>,
}

impl<'a> Side<'a> {
    /// What it is, in a word or two, and how to run it.
    pub fn new(label: &'a str, run: &'a mut Timed<'a>) -> Self {
        Self { label, run }
    }
}

impl std::fmt::Debug for Side<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Side").field("label", &self.label).finish_non_exhaustive()
    }
}

/// Runs benches; [`Bench::finish`] prints the table.
pub struct Bench {
    criterion: Criterion,
    rows: Vec<Row>,
    filter: String,
    /// Everything runs once, to see that it works.
    is_trial: bool,
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("rows", &self.rows).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Row {
    name: String,
    /// Seconds of one run.
    seconds: f64,
    /// How many things one run does, and what they are.
    things: (u64, &'static str),
    peer: Option<(String, Comparison)>,
}

impl Bench {
    /// As the command line says: as `cargo bench` and `cargo test --benches` call a bench.
    pub fn from_args() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
        let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
        let criterion = Criterion::default()
            .measurement_time(MEASUREMENT)
            .warm_up_time(WARM_UP)
            .sample_size(SAMPLES)
            .without_plots()
            .configure_from_args();
        Self {
            criterion,
            rows: Vec::new(),
            filter: filter.cloned().unwrap_or_default(),
            is_trial: has("--test") || !has("--bench"),
        }
    }

    /// Whether everything is to run once only.
    pub fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// Whether a bench whose name begins so may be asked for.
    pub fn wants(&self, name: &str) -> bool {
        name.starts_with(&self.filter) || self.filter.starts_with(name)
    }

    /// Measures `run`, which does so many things at a time.
    pub fn solo(&mut self, name: &str, things: (u64, &'static str), run: &mut Timed<'_>) {
        if !name.starts_with(&self.filter) {
            return;
        }
        let seconds = self.sample(name, things.0, run);
        self.rows.push(Row { name: name.to_owned(), seconds, things, peer: None });
    }

    /// Measures ours, then ours and the peer in turns. Both do so many things at a time.
    #[expect(clippy::needless_pass_by_value, reason = "each side is measured once")]
    pub fn duel(
        &mut self,
        name: &str,
        things: (u64, &'static str),
        ours: Side<'_>,
        peer: Side<'_>,
    ) {
        if !name.starts_with(&self.filter) {
            return;
        }
        self.sample(&format!("{name}/{}", ours.label), things.0, ours.run);
        if self.is_trial {
            (peer.run)(1);
            return;
        }
        let found = compare(ours.run, peer.run);
        let peer = Some((peer.label.to_owned(), found));
        self.rows.push(Row { name: name.to_owned(), seconds: found.ours, things, peer });
    }

    /// Prints the table.
    #[expect(clippy::print_stdout, reason = "the benches' result")]
    pub fn finish(self) {
        self.criterion.final_summary();
        if !self.is_trial {
            println!("{}", table(&self.rows));
        }
    }

    /// The median of criterion's samples, in seconds.
    fn sample(&mut self, name: &str, things: u64, run: &mut Timed<'_>) -> f64 {
        let mut samples = Vec::new();
        let (group, rest) = name.split_once('/').unwrap_or((name, "all"));
        let mut group = self.criterion.benchmark_group(group);
        group.throughput(Throughput::Elements(things));
        group.bench_function(rest, |bencher| {
            bencher.iter_custom(|times| {
                let took = run(times);
                samples.push(took.as_secs_f64() / times as f64);
                took
            });
        });
        group.finish();
        percentile(&mut samples, 50)
    }
}

/// Name, time, throughput, and how that is to the peer.
fn table(rows: &[Row]) -> String {
    let heads = ["bench", "time", "throughput", "peer", "its time", "ours : peer"];
    let mut lines = vec![heads.map(String::from)];
    lines.extend(rows.iter().map(cells));
    let mut widths = [0; 6];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.len());
        }
    }
    let mut table = String::from("\n");
    for line in &lines {
        for (width, cell) in widths.iter().zip(line) {
            // Writing to a string cannot fail.
            let _ = write!(table, "{cell:<width$}  ");
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    table.push_str(
        "\nours : peer is of the times, below 1 is faster; in brackets 80 % of all rounds.\n",
    );
    table
}
fn cells(row: &Row) -> [String; 6] {
    let (things, unit) = row.things;
    let throughput = format!("{:.0} {unit}/s", things as f64 / row.seconds);
    let (peer, its_time, ratio) = match &row.peer {
        None => (String::new(), String::new(), String::new()),
        Some((label, found)) => {
            let [ratio, low, high] = found.ratio;
            (label.clone(), time(found.peer), format!("{ratio:.2} [{low:.2}-{high:.2}]"))
        }
    };
    [row.name.clone(), time(row.seconds), throughput, peer, its_time, ratio]
}

/// A time with three digits or so.
fn time(seconds: f64) -> String {
    for (scale, unit) in [(1.0, "s"), (1e3, "ms"), (1e6, "us")] {
        if seconds * scale >= 1.0 {
            return format!("{:.2} {unit}", seconds * scale);
        }
    }
    format!("{:.0} ns", seconds * 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_units_and_aligns() {
        let found = Comparison { ours: 0.002, peer: 0.001, ratio: [2.0, 1.9, 2.25] };
        let rows = [
            Row { name: "a/b".into(), seconds: 5e-8, things: (1, "calls"), peer: None },
            Row {
                name: "execution/100".into(),
                seconds: 0.002,
                things: (100, "transfers"),
                peer: Some(("native".into(), found)),
            },
        ];
        let table = table(&rows);
        let lines: Vec<&str> = table.lines().skip(1).collect();
        assert_eq!(lines[1], "a/b            50 ns    20000000 calls/s");
        let expected =
            "execution/100  2.00 ms  50000 transfers/s  native  1.00 ms   2.00 [1.90-2.25]";
        assert_eq!(lines[2], expected);
        assert_eq!(lines[0].find("peer"), lines[2].find("native"));
    }
}
