//! What tests and simulations of DAGs need: a small seeded generator, so that a failing case is one number, and sets.

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

/// A set of positions in a list.
#[derive(Clone, Debug, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// Whether a position is in the set.
    pub fn contains(&self, position: usize) -> bool {
        self.0.get(position / 64).is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    /// Puts a position in.
    pub fn insert(&mut self, position: usize) {
        self.0.resize(self.0.len().max(position / 64 + 1), 0);
        self.0[position / 64] |= 1 << (position % 64);
    }

    /// Puts all of another set in.
    pub fn extend(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    /// The positions, lowest first.
    pub fn members(&self) -> impl Iterator<Item = usize> + '_ {
        self.without(const { &Self(Vec::new()) })
    }

    /// The positions that are not in the other set, lowest first.
    pub fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = usize> + 'a {
        let words = self.0.iter().enumerate();
        let words = words.map(|(at, word)| (at, word & !other.0.get(at).copied().unwrap_or(0)));
        words.flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        })
    }
}
