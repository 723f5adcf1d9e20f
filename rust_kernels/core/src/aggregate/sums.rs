//! Counts, sums and averages.

use super::{Answer, Fold, Operation};

/// How many values.
#[derive(Debug)]
pub struct Count;

/// The sum of integers, exact in 128 bits, so that no window of them can overflow on the way.
#[derive(Debug)]
pub struct IntegerSum;

/// The sum of floats.
#[derive(Debug)]
pub struct FloatSum;

impl Fold for Count {
    type Value = ();
    type State = u32;
    const EMPTY: u32 = 0;

    #[inline]
    fn prepare((): ()) -> u32 {
        1
    }

    #[inline]
    fn merge(left: u32, right: u32) -> u32 {
        left + right
    }

    #[inline]
    fn finalize(state: u32, _count: u32, _operation: Operation, _t: i64) -> Answer {
        Answer::Integer(i64::from(state))
    }
}

impl Fold for IntegerSum {
    type Value = i64;
    type State = i128;
    const EMPTY: i128 = 0;

    #[inline]
    fn prepare(value: i64) -> i128 {
        i128::from(value)
    }

    #[inline]
    fn merge(left: i128, right: i128) -> i128 {
        left + right
    }

    #[inline]
    fn finalize(state: i128, count: u32, operation: Operation, _t: i64) -> Answer {
        if operation == Operation::Average {
            return Answer::Float(state as f64 / f64::from(count));
        }
        i64::try_from(state).map_or(Answer::Overflow, Answer::Integer)
    }
}

impl Fold for FloatSum {
    type Value = f64;
    type State = f64;
    const EMPTY: f64 = 0.0;

    #[inline]
    fn prepare(value: f64) -> f64 {
        value
    }

    #[inline]
    fn merge(left: f64, right: f64) -> f64 {
        left + right
    }

    #[inline]
    fn finalize(state: f64, count: u32, operation: Operation, _t: i64) -> Answer {
        if !state.is_finite() {
            return Answer::Overflow;
        }
        let divisor = if operation == Operation::Average { f64::from(count) } else { 1.0 };
        Answer::Float(state / divisor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sum_beyond_64_bits_overflows_and_its_average_does_not() {
        let state = IntegerSum::merge(IntegerSum::prepare(i64::MAX), IntegerSum::prepare(i64::MAX));
        assert_eq!(IntegerSum::finalize(state, 2, Operation::Sum, 0), Answer::Overflow);
        assert_eq!(IntegerSum::finalize(state, 2, Operation::Average, 0), Answer::Float(i64::MAX as f64));
        let back = IntegerSum::merge(state, IntegerSum::prepare(-i64::MAX));
        assert_eq!(IntegerSum::finalize(back, 3, Operation::Sum, 0), Answer::Integer(i64::MAX));
    }

    #[test]
    fn a_float_sum_beyond_the_largest_float_overflows() {
        let state = FloatSum::merge(f64::MAX, f64::MAX);
        assert_eq!(FloatSum::finalize(state, 2, Operation::Sum, 0), Answer::Overflow);
        assert_eq!(FloatSum::finalize(state, 2, Operation::Average, 0), Answer::Overflow);
    }

    proptest! {
        #[test]
        fn integer_sums_are_associative_and_commutative(a: i64, b: i64, c: i64) {
            let [a, b, c] = [a, b, c].map(IntegerSum::prepare);
            let left = IntegerSum::merge(IntegerSum::merge(a, b), c);
            prop_assert_eq!(left, IntegerSum::merge(a, IntegerSum::merge(b, c)));
            prop_assert_eq!(left, IntegerSum::merge(IntegerSum::merge(c, a), b));
            prop_assert_eq!(IntegerSum::merge(left, IntegerSum::EMPTY), left);
        }

        #[test]
        fn float_sums_are_associative_up_to_rounding(a in -1e9..1e9_f64, b in -1e9..1e9_f64, c in -1e9..1e9_f64) {
            let left = FloatSum::merge(FloatSum::merge(a, b), c);
            let right = FloatSum::merge(a, FloatSum::merge(b, c));
            let bound = 4.0 * f64::EPSILON * 3.0 * (a.abs() + b.abs() + c.abs());
            prop_assert!((left - right).abs() <= bound);
        }
    }
}
