//! The laws that every engine relies on: merging is associative, keeps order, and has the empty state as its unit.

use bighead_kernels_core::aggregate::State;
use proptest::prelude::*;

type Facts = (i64, i128, i64, i64, i64, i64);

fn facts(state: &State<i64>) -> Facts {
    let State { count, sum, min, max, first, last } = *state;
    if count == 0 { (0, 0, 0, 0, 0, 0) } else { (count, sum, min, max, first, last) }
}

fn folded(values: &[Option<i64>]) -> State<i64> {
    values.iter().fold(State::EMPTY, |state, &value| state.merge(State::prepare(value)))
}

fn values() -> impl Strategy<Value = Vec<Option<i64>>> {
    prop::collection::vec(prop::option::of(any::<i64>()), 0..12)
}

proptest! {
    #[test]
    fn merge_is_associative_and_splits_anywhere(a in values(), b in values(), c in values()) {
        let (x, y, z) = (folded(&a), folded(&b), folded(&c));
        let left = x.merge(y).merge(z);
        let right = x.merge(y.merge(z));
        let whole = folded(&[a, b, c].concat());
        prop_assert_eq!(facts(&left), facts(&right));
        prop_assert_eq!(facts(&left), facts(&whole));
    }

    #[test]
    fn the_empty_state_changes_nothing(a in values()) {
        let state = folded(&a);
        prop_assert_eq!(facts(&state), facts(&state.merge(State::EMPTY)));
        prop_assert_eq!(facts(&state), facts(&State::EMPTY.merge(state)));
    }

    #[test]
    fn a_state_is_what_a_plain_loop_finds(a in values()) {
        let present: Vec<i64> = a.iter().flatten().copied().collect();
        let state = folded(&a);
        prop_assert_eq!(state.count, present.len() as i64);
        prop_assert_eq!(state.sum, present.iter().map(|&v| i128::from(v)).sum::<i128>());
        if let (Some(&first), Some(&last)) = (present.first(), present.last()) {
            prop_assert_eq!((state.first, state.last), (first, last));
            prop_assert_eq!(Some(&state.min), present.iter().min());
            prop_assert_eq!(Some(&state.max), present.iter().max());
        }
    }

    #[test]
    fn float_sums_stay_within_the_bound_of_a_plain_sum(
        a in prop::collection::vec(-1e6_f64..1e6, 0..40), split in 0_usize..40,
    ) {
        let cut = split.min(a.len());
        let fold = |part: &[f64]| part.iter().fold(State::EMPTY, |s, &v| s.merge(State::prepare(Some(v))));
        let merged = fold(&a[..cut]).merge(fold(&a[cut..]));
        let plain: f64 = a.iter().sum();
        let scale: f64 = a.iter().map(|v| v.abs()).sum();
        prop_assert!((merged.sum - plain).abs() <= 4.0 * f64::EPSILON * a.len() as f64 * scale);
    }
}
