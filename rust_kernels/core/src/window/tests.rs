//! Windows against their definitions, edge by edge.

use proptest::prelude::*;

use super::{DAY, Window};

fn start(window: Window, t: i64) -> i64 {
    window.start(t, |_| None)
}

fn end(window: Window, t: i64) -> Option<i64> {
    window.end(t, |_| None)
}

#[test]
fn a_sawtooth_floors_towards_minus_infinity() {
    let window = Window::Sawtooth { length: 10, hop: 4 };
    assert_eq!(start(window, 10), 0);
    assert_eq!(start(window, 13), 0);
    assert_eq!(start(window, 14), 4);
    assert_eq!(start(window, 9), -4);
    assert_eq!(start(window, i64::MIN + 3), i64::MIN);
}

#[test]
fn a_sliding_window_is_exact_and_an_unbounded_one_has_no_start() {
    assert_eq!(start(Window::Sliding { length: 10 }, 3), -7);
    assert_eq!(start(Window::Unbounded, 3), i64::MIN);
    assert_eq!(end(Window::Unbounded, 3), None);
}

#[test]
fn a_tumbling_window_is_the_last_complete_bucket() {
    let window = Window::Tumbling { length: 10, offset: 0 };
    for (t, bucket) in [(20, (10, 20)), (19, (0, 10)), (0, (-10, 0)), (-1, (-20, -10))] {
        assert_eq!((start(window, t), end(window, t)), (bucket.0, Some(bucket.1)), "t = {t}");
    }
    let shifted = Window::Tumbling { length: 10, offset: 4 };
    assert_eq!((start(shifted, 13), end(shifted, 13)), (-6, Some(4)));
    assert_eq!((start(shifted, 14), end(shifted, 14)), (4, Some(14)));
}

#[test]
fn a_snapshot_ends_at_the_newest_midnight_that_has_landed() {
    let window = Window::Snapshot { length: 2 * DAY, landing: 10 };
    assert_eq!((start(window, DAY + 10), end(window, DAY + 10)), (-DAY, Some(DAY)));
    assert_eq!((start(window, DAY + 9), end(window, DAY + 9)), (-2 * DAY, Some(0)));
    let slow = Window::Snapshot { length: DAY, landing: 3 * DAY };
    assert_eq!((start(slow, 0), end(slow, 0)), (-4 * DAY, Some(-3 * DAY)));
}

#[test]
fn bounds_come_from_columns_and_null_is_no_bound() {
    let window = Window::Bounds { start: Some(0), end: Some(1) };
    let of = |column: usize| [Some(3), None][column];
    assert_eq!((window.start(9, of), window.end(9, of)), (3, None));
    assert_eq!(start(Window::Bounds { start: None, end: None }, 9), i64::MIN);
}

proptest! {
    #[test]
    fn buckets_follow_one_another_without_gap(t in -1_000_000..1_000_000_i64, length in 1..5_000_i64, offset in -9_000..9_000_i64) {
        let window = Window::Tumbling { length, offset };
        let (first, last) = (start(window, t), end(window, t).unwrap());
        prop_assert_eq!(last - first, length);
        prop_assert_eq!((last - offset).rem_euclid(length), 0);
        prop_assert!(last <= t && t < last + length, "the bucket of t itself is not complete");
    }

    #[test]
    fn starts_and_ends_only_move_forward(t in any::<i64>(), later in 0..i64::MAX, length in 1..400 * DAY, hop in 1..DAY) {
        let then = t.saturating_add(later);
        for window in [
            Window::Sawtooth { length, hop },
            Window::Sliding { length },
            Window::Tumbling { length, offset: hop },
            Window::Snapshot { length, landing: hop },
        ] {
            prop_assert!(start(window, t) <= start(window, then));
            prop_assert!(end(window, t) <= end(window, then));
            prop_assert_eq!(end(window, t).is_some(), window.ends_early());
        }
    }
}
