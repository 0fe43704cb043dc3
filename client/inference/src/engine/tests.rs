use super::*;

#[test]
fn the_smaller_limit_counts_and_zero_is_none() {
    assert_eq!([bound(0, 5), bound(3, 5), bound(9, 5)], [5, 3, 5]);
}
