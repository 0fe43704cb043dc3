use citrate_core::{Weight, sr25519};
use citrate_dag_types::{Authority, DagConfiguration, Election};

use crate::ghostdag::{DagRules, K_MAX, KError, k_for};

/// One block per second more in each line; the delay is 5 s and a hundredth of the blocks may be red.
const KASPAS: [u16; 32] = [
    18, 31, 43, 55, 67, 79, 90, 102, 113, 124, 135, 146, 157, 168, 179, 190, 201, 212, 223, 234,
    244, 255, 266, 277, 288, 298, 309, 320, 330, 341, 352, 362,
];

#[test]
fn k_is_that_of_kaspas_table() {
    for (rate, k) in (1..).zip(KASPAS) {
        assert_eq!(k_for(rate * 1_000, 5_000, 10_000_000), Ok(k), "{rate} blocks per second");
    }
}

/// From the table of `specs/dag-pos.md` section 7: for delays of 0.5, 1, 2 and 5 s the k for shares of
/// 1e-2, 1e-3 and 1e-6.
#[test]
fn k_is_that_of_other_delays_and_shares() {
    let table: [(u32, [[u16; 3]; 4]); 4] = [
        (1, [[4, 5, 9], [6, 8, 12], [9, 11, 17], [18, 21, 28]]),
        (5, [[11, 13, 19], [18, 21, 28], [31, 35, 45], [67, 73, 87]]),
        (10, [[18, 21, 28], [31, 35, 45], [55, 61, 73], [124, 132, 151]]),
        (20, [[31, 35, 45], [55, 61, 73], [102, 109, 126], [234, 245, 271]]),
    ];
    for (rate, by_delay) in table {
        for (delay_ms, expected) in [500, 1_000, 2_000, 5_000].into_iter().zip(by_delay) {
            let got = [10_000_000, 1_000_000, 1_000]
                .map(|delta| k_for(rate * 1_000, delay_ms, delta).unwrap());
            assert_eq!(got, expected, "{rate} blocks per second, {delay_ms} ms");
        }
    }
}

#[test]
fn k_has_limits() {
    assert_eq!(k_for(0, 5_000, 1), Ok(0), "no block, no anticone");
    assert_eq!(k_for(1_000, 0, 1), Ok(0));
    assert_eq!(k_for(1_000, 5_000, 0), Err(KError::Delta));
    assert_eq!(k_for(1_000, 5_000, 1_000_000_000), Err(KError::Delta));
    assert_eq!(k_for(1_000, 5_000, 999_999_999), Ok(0));
    assert_eq!(k_for(u32::MAX, u32::MAX, 1), Err(KError::TooLarge));
    // An average of 4000 blocks in parallel has k near 4000; one of 4200 has none.
    assert!(k_for(2_000_000, 1_000, 500_000_000).is_ok_and(|k| k > 3_950 && k < K_MAX));
    assert_eq!(k_for(2_100_000, 1_000, 500_000_000), Err(KError::TooLarge));
    assert_eq!(k_for(2_048_000, 1_000, 1), Err(KError::TooLarge));
}

/// Blocks per second, then k, parents, mergeset and pruning depth of `specs/ghostdag.md` section 1.5, where
/// the last is a floor of 30 hours, and without that floor.
#[test]
fn limits_are_those_of_kaspas_table() {
    let table = [
        (1, 18, 10, 180, 108_000, 63_398),
        (2, 31, 15, 180, 216_000, 123_184),
        (5, 67, 16, 180, 540_000, 300_376),
        (10, 124, 16, 248, 1_080_000, 627_258),
        (20, 234, 16, 468, 2_160_000, 1_446_518),
        (32, 362, 16, 512, 3_456_000, 2_354_902),
    ];
    for (rate, k, parents_max, mergeset_max, pruning_depth, least) in table {
        let rules = DagRules::derived(k, 3_600 * rate, 43_200 * rate, 108_000 * rate);
        assert_eq!(rules.parents_max, parents_max, "{rate} blocks per second");
        assert_eq!(rules.mergeset_max, mergeset_max);
        assert_eq!(rules.pruning_depth, pruning_depth);
        let rules = DagRules::derived(k, 3_600 * rate, 43_200 * rate, 0);
        assert_eq!(rules.pruning_depth, least);
    }
}

#[test]
fn limits_follow_from_the_chains_parameters() {
    let authority = |byte| Authority { key: sr25519::Public([byte; 32]), weight: 1 };
    let configuration = |election, authors: u8| DagConfiguration {
        slot_duration_ms: 500,
        epoch_length: 240,
        election,
        authorities: (0..authors).map(authority).collect(),
        randomness: [0; 32],
        payload_bytes_max: 1_000,
        payload_weight_max: Weight::MAX,
        mergeset_max: 180,
        delay_bound_ms: 1_000,
    };
    let of = |election, authors| DagRules::of(&configuration(election, authors));
    let lottery = |rate_millionths| Election::Lottery { rate_millionths };
    // 5 blocks a second, and 1.5 s until everybody has one: 15 others on average.
    let rules = of(lottery(2_500_000), 4).unwrap();
    assert_eq!(rules.k, k_for(5_000, 1_500, 10_000_000).unwrap());
    assert_eq!((rules.parents_max, rules.mergeset_max), (16, 180));
    assert_eq!((rules.merge_slots_max, rules.merge_depth), (Some(240), 720));
    assert_eq!(of(Election::EverySlot, 3), of(lottery(3_000_000), 4));
    let alone = of(Election::EverySlot, 1).unwrap();
    assert_eq!((alone.k, alone.merge_depth), (1, 240));
    assert_eq!(of(lottery(u32::MAX), 1), Err(KError::TooLarge));
    // A chain that merges more at a time is pruned deeper.
    let wide = DagConfiguration { mergeset_max: 720, ..configuration(lottery(2_500_000), 4) };
    let wide = DagRules::of(&wide).unwrap();
    assert_eq!(wide.pruning_depth, rules.pruning_depth + 4 * 540 * u64::from(rules.k));
    let no_time = DagConfiguration { slot_duration_ms: 0, ..configuration(lottery(1_000), 1) };
    assert!(DagRules::of(&no_time).is_ok(), "a duration of 0 counts as 1");
}
