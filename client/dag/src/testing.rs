//! A small seeded generator, so that a failing case is one number.

/// Runs a property for many seeds, or for `CITRATE_SEED` alone. The seed of a failing case is printed.
///
/// # Panics
/// As the property does, and when `CITRATE_SEED` is no number.
pub fn for_seeds(count: u64, property: impl Fn(&mut Random)) {
    let chosen = std::env::var("CITRATE_SEED").ok();
    let chosen: Option<u64> = chosen.map(|seed| seed.parse().expect("CITRATE_SEED is a number"));
    let seeds = chosen.map_or(0..count, |seed| seed..seed + 1);
    for seed in seeds {
        let shown = ShowSeed(seed);
        property(&mut Random(seed));
        drop(shown);
    }
}

/// Names the seed if the property panics.
struct ShowSeed(u64);

impl Drop for ShowSeed {
    #[expect(clippy::print_stderr, reason = "a failing test says how to repeat it")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with CITRATE_SEED={}", self.0);
        }
    }
}

/// SplitMix64. The same seed gives the same numbers.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(self.draw() % bound.max(1)).unwrap_or(0)
    }

    /// A number from `low` to `high`.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.draw() % high.saturating_sub(low).saturating_add(1).max(1)
    }

    /// True in one of so many cases.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// True in so many of a thousand cases.
    pub fn permille(&mut self, chance: u64) -> bool {
        self.within(0, 999) < chance
    }

    /// One of a list that is not empty.
    ///
    /// # Panics
    /// The list is empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Another generator, independent of what this one gives later.
    pub fn fork(&mut self) -> Self {
        Self(self.draw())
    }
}
