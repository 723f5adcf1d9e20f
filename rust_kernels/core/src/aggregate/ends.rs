//! The first and the last value, and the time since, by the position of their events in (event time, available at, tie break) order.

use super::{Answer, Fold, Operation};

/// The position of the earliest event.
#[derive(Debug)]
pub struct First;

/// The position of the latest event.
#[derive(Debug)]
pub struct Last;

impl Fold for First {
    type Value = u32;
    type State = u32;
    const EMPTY: u32 = u32::MAX;

    #[inline]
    fn prepare(position: u32) -> u32 {
        position
    }

    #[inline]
    fn merge(left: u32, right: u32) -> u32 {
        left.min(right)
    }

    #[inline]
    fn finalize(state: u32, _count: u32, operation: Operation, _t: i64) -> Answer {
        if operation.is_elapsed() { Answer::Since(state) } else { Answer::At(state) }
    }
}

impl Fold for Last {
    type Value = u32;
    type State = u32;
    const EMPTY: u32 = 0;

    #[inline]
    fn prepare(position: u32) -> u32 {
        position
    }

    #[inline]
    fn merge(left: u32, right: u32) -> u32 {
        left.max(right)
    }

    #[inline]
    fn finalize(state: u32, _count: u32, operation: Operation, _t: i64) -> Answer {
        if operation.is_elapsed() { Answer::Since(state) } else { Answer::At(state) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn merges_are_associative_and_commutative(a in 0..u32::MAX, b in 0..u32::MAX, c in 0..u32::MAX) {
            prop_assert_eq!(First::merge(First::merge(a, b), c), First::merge(a, First::merge(c, b)));
            prop_assert_eq!(Last::merge(Last::merge(a, b), c), Last::merge(a, Last::merge(c, b)));
            prop_assert_eq!((First::merge(a, First::EMPTY), Last::merge(a, Last::EMPTY)), (a, a));
        }
    }
}
