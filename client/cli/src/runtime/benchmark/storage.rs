//! `citrate benchmark storage`: what a read and a write of the state take, for a runtime's `DbWeight`.

use super::{
    args::StorageArgs,
    database::{Database, time_read},
    micros,
};
use crate::output;
use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// Times of one kind of access.
struct Series {
    /// Picoseconds of each, ascending.
    times: Vec<u64>,
}

impl Series {
    fn new(mut times: Vec<u64>) -> Self {
        times.sort_unstable();
        Self { times }
    }

    fn average(&self) -> u64 {
        let sum: u128 = self.times.iter().copied().map(u128::from).sum();
        let count = u128::try_from(self.times.len()).unwrap_or(1).max(1);
        u64::try_from(sum / count).unwrap_or(u64::MAX)
    }

    /// What so many hundredths of the times are not above.
    fn percentile(&self, hundredths: usize) -> u64 {
        let last = self.times.len().saturating_sub(1);
        self.times.get(last * hundredths / 100).copied().unwrap_or_default()
    }

    fn line(&self, what: &str) -> String {
        format!(
            "{what}: {} us on average, {} median, {} at 99 %, {} at most",
            micros(self.average()),
            micros(self.percentile(50)),
            micros(self.percentile(99)),
            micros(self.percentile(100))
        )
    }

    fn json(&self) -> Value {
        json!({
            "averagePs": self.average(),
            "medianPs": self.percentile(50),
            "p99Ps": self.percentile(99),
            "mostPs": self.percentile(100),
            "count": self.times.len(),
        })
    }
}

/// Reads accounts one by one, then changes them block by block: a key's part of what the new root and the block's commit
/// take. Their keys are hashes, so that neighbours in number are not neighbours in the state.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) fn measure(args: &StorageArgs, database: &mut Database) -> Result<()> {
    let accounts = args.database.accounts;
    ensure!(accounts > 0, "there is nothing to read: --accounts 0");
    let view = database.view()?;
    let read = |position| time_read(&view, position % accounts);
    let reads = (0..args.reads).map(read).collect::<Result<Vec<u64>>>()?;
    drop(view);
    let mut writes = Vec::new();
    for block in 0..args.blocks {
        let first = block.saturating_mul(args.writes);
        let chosen = (first..first.saturating_add(args.writes)).map(|n| n % accounts);
        writes.push(database.time_writes(chosen, block)? / u64::from(args.writes));
    }
    let (reads, writes) = (Series::new(reads), Series::new(writes));
    if args.json {
        let both = json!({ "read": reads.json(), "write": writes.json() });
        output::line(&serde_json::to_string_pretty(&both)?);
        return Ok(());
    }
    output::line(&reads.line("a read"));
    output::line(&writes.line(&format!("a write, of {} in a block", args.writes)));
    let (read, write) = (reads.average(), writes.average());
    output::line(&format!("RuntimeDbWeight {{ read: {read}, write: {write} }}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Series;

    #[test]
    fn a_series_is_told_by_average_and_percentiles() {
        let series = Series::new((1..=100).rev().map(|number| number * 1_000_000).collect());
        assert_eq!(series.average(), 50_500_000);
        assert_eq!((series.percentile(50), series.percentile(99)), (50_000_000, 99_000_000));
        assert_eq!(
            series.line("a read"),
            "a read: 50.5 us on average, 50.0 median, 99.0 at 99 %, 100.0 at most"
        );
        assert_eq!(Series::new(Vec::new()).line("none").matches("0.0").count(), 4);
    }
}
