//! Lines through measurements, in whole numbers.

use std::collections::BTreeMap;

/// `base + slopes[0] * components[0] + ..`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Linear {
    pub(super) base: u64,
    pub(super) slopes: Vec<u64>,
}

impl Linear {
    /// A line that lies below none of the points. Its slope in a component is the median of the slopes between any two points
    /// that differ in that component alone, the others being at their most; its base is what the point that lies highest
    /// above such a line needs.
    pub(super) fn through(points: &[(&[u32], u64)], most: &[u32]) -> Self {
        let slopes = (0..most.len()).map(|position| slope(points, most, position)).collect();
        let line = Self { base: 0, slopes };
        let above = |(components, value): &(&[u32], u64)| value.saturating_sub(line.at(components));
        let base = points.iter().map(above).max().unwrap_or_default();
        Self { base, ..line }
    }

    /// The line's value.
    pub(super) fn at(&self, components: &[u32]) -> u64 {
        let terms = self.slopes.iter().zip(components);
        terms.fold(self.base, |sum, (slope, component)| {
            sum.saturating_add(slope.saturating_mul(u64::from(*component)))
        })
    }
}

fn slope(points: &[(&[u32], u64)], most: &[u32], position: usize) -> u64 {
    let others_at_most = |components: &[u32]| {
        let mut others = components.iter().zip(most).enumerate();
        others.all(|(other, (value, most))| other == position || value == most)
    };
    let mut values = BTreeMap::new();
    for (components, value) in points.iter().filter(|(components, _)| others_at_most(components)) {
        values.insert(components[position], i128::from(*value));
    }
    let values: Vec<(u32, i128)> = values.into_iter().collect();
    let mut slopes = Vec::new();
    for (index, (from, low)) in values.iter().enumerate() {
        for (to, high) in &values[index + 1..] {
            let (rise, run) = (high - low, i128::from(to - from));
            // Rounded up.
            slopes.push((rise + run - 1).div_euclid(run));
        }
    }
    slopes.sort_unstable();
    let median = slopes.get(slopes.len() / 2).copied().unwrap_or_default();
    u64::try_from(median.max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Linear;

    fn through(points: &[(Vec<u32>, u64)], most: &[u32]) -> Linear {
        let points: Vec<_> = points.iter().map(|(at, value)| (&at[..], *value)).collect();
        Linear::through(&points, most)
    }

    #[test]
    fn a_line_is_found_again() {
        let value = |a: u32, b: u32| 1_000 + 7 * u64::from(a) + 3 * u64::from(b);
        let mut points: Vec<_> = (0..=10).map(|a| (vec![a, 20], value(a, 20))).collect();
        points.extend((5..20).map(|b| (vec![10, b], value(10, b))));
        assert_eq!(through(&points, &[10, 20]), Linear { base: 1_000, slopes: vec![7, 3] });
    }

    #[test]
    fn one_slow_run_does_not_tilt_the_line_but_lifts_it() {
        let mut points: Vec<_> = (0..=20).map(|a| (vec![a], 100 + 5 * u64::from(a))).collect();
        points[7].1 += 50;
        let line = through(&points, &[20]);
        assert_eq!(line, Linear { base: 150, slopes: vec![5] });
        assert!(points.iter().all(|(at, value)| line.at(at) >= *value));
    }

    #[test]
    fn what_falls_or_stays_has_no_slope_and_steps_are_rounded_up() {
        let falling: Vec<_> = (0..=4).map(|a| (vec![a], 100 - u64::from(a))).collect();
        assert_eq!(through(&falling, &[4]), Linear { base: 100, slopes: vec![0] });
        let halves: Vec<_> = (0..=8).map(|a| (vec![a], u64::from(a / 2))).collect();
        assert_eq!(through(&halves, &[8]), Linear { base: 0, slopes: vec![1] });
        assert_eq!(through(&[(vec![], 9)], &[]), Linear { base: 9, slopes: vec![] });
    }
}
