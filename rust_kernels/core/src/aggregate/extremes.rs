//! The smallest and the largest value.

use std::marker::PhantomData;

use super::{Answer, Fold, Operation};

/// The smallest of the values of type `V`.
#[derive(Debug)]
pub struct Smallest<V>(PhantomData<V>);

/// The largest of the values of type `V`.
#[derive(Debug)]
pub struct Largest<V>(PhantomData<V>);

// Floats are finite here and −0.0 was turned into +0.0 when they were read: a comparison decides, and ±Inf, which
// no value is, may stand for an empty window. Where i64::MAX is a value, the window's count tells it from none.
macro_rules! extremes {
    ($value:ty, $greatest:expr, $least:expr, $answer:path) => {
        impl Fold for Smallest<$value> {
            type Value = $value;
            type State = $value;
            const EMPTY: $value = $greatest;

            #[inline]
            fn prepare(value: $value) -> $value {
                value
            }

            #[inline]
            fn merge(left: $value, right: $value) -> $value {
                if right < left { right } else { left }
            }

            #[inline]
            fn finalize(state: $value, _count: u32, _operation: Operation, _t: i64) -> Answer {
                $answer(state)
            }
        }

        impl Fold for Largest<$value> {
            type Value = $value;
            type State = $value;
            const EMPTY: $value = $least;

            #[inline]
            fn prepare(value: $value) -> $value {
                value
            }

            #[inline]
            fn merge(left: $value, right: $value) -> $value {
                if right > left { right } else { left }
            }

            #[inline]
            fn finalize(state: $value, _count: u32, _operation: Operation, _t: i64) -> Answer {
                $answer(state)
            }
        }
    };
}

extremes!(i64, i64::MAX, i64::MIN, Answer::Integer);
extremes!(f64, f64::INFINITY, f64::NEG_INFINITY, Answer::Float);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Low = Smallest<f64>;
    type High = Largest<i64>;

    proptest! {
        #[test]
        fn merges_are_associative_and_commutative(
            a in -1e300..1e300_f64, b in -1e300..1e300_f64, c in -1e300..1e300_f64, x: i64, y: i64, z: i64,
        ) {
            let (left, right) = (Low::merge(Low::merge(a, b), c), Low::merge(a, Low::merge(c, b)));
            prop_assert_eq!(left.to_bits(), right.to_bits());
            prop_assert_eq!(Low::merge(a, Low::EMPTY).to_bits(), a.to_bits());
            prop_assert_eq!(High::merge(High::merge(x, y), z), High::merge(x, High::merge(z, y)));
            prop_assert_eq!(High::merge(High::EMPTY, x), x);
        }
    }
}
