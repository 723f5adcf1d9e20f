//! A sum whose terms halve with age: Σ x · 2^(−(t − event time) / half-life).
//!
//! A state holds the sum as it stands at the time of its newest event. To merge, the older of two states is brought to
//! the newer one's time, by a factor that is at most 1: what is very old fades to 0, and nothing overflows but a sum of
//! values that does not fit itself.

use super::{Answer, Fold, Operation};

/// The sum as of a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecayedSum {
    /// The time of the newest event, in microseconds.
    pub newest: i64,
    /// The sum as it stands then.
    pub sum: f64,
    /// The time in which a term halves, in microseconds; 0 in a state of no value.
    pub half_life: f64,
}

impl DecayedSum {
    /// The sum as it stands at a time that is not before the newest event.
    #[inline]
    fn at(self, time: i64) -> f64 {
        if time == self.newest {
            return self.sum;
        }
        self.sum * (-(time.abs_diff(self.newest) as f64) / self.half_life).exp2()
    }
}

impl Fold for DecayedSum {
    type Value = Self;
    type State = Self;
    const EMPTY: Self = Self { newest: i64::MIN, sum: 0.0, half_life: 0.0 };

    #[inline]
    fn prepare(value: Self) -> Self {
        value
    }

    #[inline]
    fn merge(left: Self, right: Self) -> Self {
        if left.half_life == 0.0 {
            return right;
        }
        if right.half_life == 0.0 {
            return left;
        }
        let newest = left.newest.max(right.newest);
        Self { newest, sum: left.at(newest) + right.at(newest), half_life: left.half_life }
    }

    #[inline]
    fn finalize(state: Self, _count: u32, _operation: Operation, t: i64) -> Answer {
        let sum = state.at(t);
        // Adding +0.0 turns −0.0, a negative sum that faded, into +0.0.
        if sum.is_finite() { Answer::Float(sum + 0.0) } else { Answer::Overflow }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(newest: i64, sum: f64) -> DecayedSum {
        DecayedSum { newest, sum, half_life: 10.0 }
    }

    #[test]
    fn a_term_halves_and_a_very_old_one_fades_to_nothing() {
        let state = DecayedSum::merge(event(0, 8.0), event(10, 1.0));
        assert_eq!(DecayedSum::finalize(state, 2, Operation::DecayedSum, 20), Answer::Float(2.5));
        let ages = DecayedSum::merge(event(i64::MIN, -f64::MAX), event(i64::MAX - 1, 3.0));
        assert_eq!(DecayedSum::finalize(ages, 2, Operation::DecayedSum, i64::MAX - 1), Answer::Float(3.0));
        let faded = DecayedSum::finalize(event(i64::MIN, -1.0), 1, Operation::DecayedSum, i64::MAX);
        assert!(matches!(faded, Answer::Float(zero) if zero.to_bits() == 0));
    }

    #[test]
    fn a_sum_that_does_not_fit_overflows() {
        let state = DecayedSum::merge(event(5, f64::MAX), event(5, f64::MAX));
        assert_eq!(DecayedSum::finalize(state, 2, Operation::DecayedSum, 6), Answer::Overflow);
    }

    proptest! {
        #[test]
        fn merges_are_associative_and_commutative_up_to_rounding(
            a in (-500..500_i64, -1e6..1e6_f64), b in (-500..500_i64, -1e6..1e6_f64), c in (-500..500_i64, -1e6..1e6_f64),
        ) {
            let [a, b, c] = [a, b, c].map(|(time, value)| event(time, value));
            let left = DecayedSum::merge(DecayedSum::merge(a, b), c);
            for other in [
                DecayedSum::merge(a, DecayedSum::merge(b, c)),
                DecayedSum::merge(DecayedSum::merge(c, a), b),
                DecayedSum::merge(left, DecayedSum::EMPTY),
            ] {
                prop_assert_eq!(other.newest, left.newest);
                prop_assert!((other.sum - left.sum).abs() <= 1e-12 * (a.sum.abs() + b.sum.abs() + c.sum.abs()));
            }
        }
    }
}
