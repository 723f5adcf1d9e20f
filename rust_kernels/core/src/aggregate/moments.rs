//! The first four central moments, for variance, standard deviation, skew and kurtosis.
//!
//! The state is (n, mean, M2, M3, M4) with Mp = Σ (x − mean)^p, and two states merge by the formulas of Chan, Golub &
//! `LeVeque` (1983) for M2 and Pébay (2008) for M3 and M4. No squares are subtracted, so that a spread that is small
//! beside the mean keeps its digits. All four describe the population: they divide by n.

use super::{Answer, Fold, Operation};

/// The moments of what has been folded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    n: f64,
    mean: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

impl Moments {
    /// Whether the spread is rounding noise of the mean, so that its shape means nothing.
    fn is_flat(&self) -> bool {
        let noise = f64::EPSILON * self.mean;
        self.m2 / self.n <= noise * noise
    }
}

impl Fold for Moments {
    type Value = f64;
    type State = Self;
    const EMPTY: Self = Self { n: 0.0, mean: 0.0, m2: 0.0, m3: 0.0, m4: 0.0 };

    #[inline]
    fn prepare(value: f64) -> Self {
        Self { n: 1.0, mean: value, ..Self::EMPTY }
    }

    #[inline]
    fn merge(left: Self, right: Self) -> Self {
        if left.n == 0.0 {
            return right;
        }
        if right.n == 0.0 {
            return left;
        }
        let (a, b, n) = (left.n, right.n, left.n + right.n);
        let delta = right.mean - left.mean;
        let step = delta / n;
        // δ²·a·b/n, the spread between the two means, is part of every moment.
        let between = delta * step * a * b;
        Self {
            n,
            mean: left.mean + step * b,
            m2: left.m2 + right.m2 + between,
            m3: left.m3 + right.m3 + between * step * (a - b) + 3.0 * step * (a * right.m2 - b * left.m2),
            m4: left.m4
                + right.m4
                + between * step * step * (a * a - a * b + b * b)
                + 6.0 * step * step * (a * a * right.m2 + b * b * left.m2)
                + 4.0 * step * (a * right.m3 - b * left.m3),
        }
    }

    #[inline]
    fn finalize(state: Self, _count: u32, operation: Operation, _t: i64) -> Answer {
        let variance = state.m2 / state.n;
        let answer = match operation {
            Operation::Variance => variance,
            Operation::Stddev => variance.sqrt(),
            _ if state.is_flat() => return Answer::Nothing,
            Operation::Skew => state.m3 / state.n / (variance * variance.sqrt()),
            _ => state.m4 / state.n / (variance * variance) - 3.0,
        };
        if answer.is_finite() { Answer::Float(answer) } else { Answer::Overflow }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(values: &[f64]) -> Moments {
        values.iter().fold(Moments::EMPTY, |state, value| Moments::merge(state, Moments::prepare(*value)))
    }

    fn by_halves(values: &[f64]) -> Moments {
        if values.len() < 2 {
            return fold(values);
        }
        let (left, right) = values.split_at(values.len() / 2);
        Moments::merge(by_halves(left), by_halves(right))
    }

    fn answer(state: Moments, operation: Operation) -> Answer {
        Moments::finalize(state, 0, operation, 0)
    }

    #[test]
    fn one_value_has_no_variance_and_no_shape() {
        assert_eq!(answer(fold(&[7.0]), Operation::Variance), Answer::Float(0.0));
        assert_eq!(answer(fold(&[7.0]), Operation::Skew), Answer::Nothing);
        assert_eq!(answer(fold(&[0.1; 9]), Operation::Kurtosis), Answer::Nothing);
    }

    #[test]
    fn a_small_spread_beside_a_large_mean_keeps_its_digits() {
        let state = fold(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(answer(state, Operation::Variance), Answer::Float(22.5));
    }

    #[test]
    fn what_does_not_fit_overflows() {
        assert_eq!(answer(fold(&[1e200, -1e200]), Operation::Variance), Answer::Overflow);
        assert_eq!(answer(fold(&[1e100, -1e100]), Operation::Kurtosis), Answer::Overflow);
        assert_eq!(answer(fold(&[f64::MAX, f64::MIN]), Operation::Stddev), Answer::Overflow);
    }

    proptest! {
        #[test]
        fn any_tree_of_merges_is_the_definition(values in prop::collection::vec(-1e3..1e3_f64, 1..40)) {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let about = |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>();
            for state in [fold(&values), by_halves(&values)] {
                prop_assert!((state.mean - mean).abs() <= 1e-12 * 1e3);
                prop_assert!((state.m2 - about(2)).abs() <= 1e-11 * n * 1e6);
                prop_assert!((state.m3 - about(3)).abs() <= 1e-11 * n * 1e9);
                prop_assert!((state.m4 - about(4)).abs() <= 1e-11 * n * 1e12);
            }
        }

        #[test]
        fn an_empty_state_changes_nothing(value: f64) {
            let state = Moments::prepare(value);
            prop_assert_eq!(Moments::merge(state, Moments::EMPTY).mean.to_bits(), value.to_bits());
            prop_assert_eq!(Moments::merge(Moments::EMPTY, state).mean.to_bits(), value.to_bits());
        }
    }
}
