//! A small seeded generator, so that a failing case is one number.

/// Runs a property for many seeds, or for `CITRATE_SEED` alone. The seed of a failing case is printed.
pub(crate) fn for_seeds(count: u64, property: impl Fn(u64)) {
    let chosen = std::env::var("CITRATE_SEED").ok();
    let chosen: Option<u64> = chosen.map(|seed| seed.parse().expect("CITRATE_SEED is a number"));
    let seeds = chosen.map_or(0..count, |seed| seed..seed + 1);
    for seed in seeds {
        let shown = ShowSeed(seed);
        property(seed);
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

/// SplitMix64.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap();
        usize::try_from(self.next() % bound).unwrap()
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}
