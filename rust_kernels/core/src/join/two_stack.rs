//! A sliding fold over index ranges that only move forward, in amortised constant time a step.
//!
//! `front[i]` is the merge of values i..middle; `back` the merge of values middle..end. A query for `lo..hi` is
//! `front[lo] ⊕ back`. When `lo` passes `middle`, the values lo..hi become the new front. Each value is merged at
//! most twice and none is ever subtracted, so float sums keep the error bound of a plain sum.

use crate::aggregate::{State, Value};

/// The fold; `values` are one key's, in order.
pub struct TwoStack<'a, V: Value> {
    values: &'a [Option<V>],
    front: Vec<State<V>>,
    front_start: usize,
    middle: usize,
    end: usize,
    back: State<V>,
}

impl<'a, V: Value> TwoStack<'a, V> {
    /// An empty fold that reuses `front` as scratch.
    #[must_use]
    pub fn new(values: &'a [Option<V>], mut front: Vec<State<V>>) -> Self {
        front.clear();
        Self { values, front, front_start: 0, middle: 0, end: 0, back: State::EMPTY }
    }

    /// The merge of `lo..hi`; both bounds must be at least those of the call before.
    pub fn fold(&mut self, lo: usize, hi: usize) -> State<V> {
        if lo >= hi {
            return State::EMPTY;
        }
        if lo >= self.middle {
            self.turn_over(lo, hi);
            return self.front[0];
        }
        while self.end < hi {
            self.back.update(self.values[self.end]);
            self.end += 1;
        }
        self.front[lo - self.front_start].merge(self.back)
    }

    fn turn_over(&mut self, lo: usize, hi: usize) {
        self.front.clear();
        self.front.resize(hi - lo, State::EMPTY);
        let mut state = State::EMPTY;
        for index in (lo..hi).rev() {
            state = State::prepare(self.values[index]).merge(state);
            self.front[index - lo] = state;
        }
        (self.front_start, self.middle, self.end, self.back) = (lo, hi, hi, State::EMPTY);
    }

    /// Gives the scratch back.
    #[must_use]
    pub fn into_scratch(self) -> Vec<State<V>> {
        self.front
    }
}

#[cfg(test)]
mod tests {
    use super::TwoStack;
    use crate::aggregate::State;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_forward_moving_range_equals_a_fresh_fold(
            values in prop::collection::vec(prop::option::of(-9_i64..9), 0..30),
            steps in prop::collection::vec((0_usize..6, 0_usize..9), 0..30),
        ) {
            let mut stack = TwoStack::new(&values, Vec::new());
            let (mut lo, mut hi) = (0, 0);
            for (forward, ahead) in steps {
                hi = (hi + ahead).min(values.len());
                lo = (lo + forward).min(values.len());
                let fresh = values[lo.min(hi)..hi].iter().fold(State::EMPTY, |state, &value| {
                    state.merge(State::prepare(value))
                });
                let seen = stack.fold(lo, hi);
                prop_assert_eq!((seen.count, seen.sum), (fresh.count, fresh.sum));
                if seen.count > 0 {
                    prop_assert_eq!((seen.min, seen.max), (fresh.min, fresh.max));
                    prop_assert_eq!((seen.first, seen.last), (fresh.first, fresh.last));
                }
            }
        }
    }
}
