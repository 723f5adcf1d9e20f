//! A sliding fold over ranges that only move forward, in amortised constant time an event.
//!
//! `front[i]` is the merge of events i..middle, `back` that of middle..end; a window lo..hi is `front[lo] ⊕ back`.
//! Once lo reaches the middle, the events lo..hi become the new front. So each event is merged at most twice, and
//! events that no window ever sees are not touched.

use crate::aggregate::Fold;

/// The fold and its two stacks.
pub struct TwoStack<F: Fold> {
    front: Vec<F::State>,
    front_start: usize,
    middle: usize,
    back: F::State,
    end: usize,
}

impl<F: Fold> TwoStack<F> {
    /// An empty fold.
    #[must_use]
    pub fn new() -> Self {
        Self { front: Vec::new(), front_start: 0, middle: 0, back: F::EMPTY, end: 0 }
    }

    /// Forgets all events, so that ranges may start anew from 0.
    pub fn clear(&mut self) {
        (self.front_start, self.middle, self.back, self.end) = (0, 0, F::EMPTY, 0);
    }

    /// The merge of events `low..high`; both bounds must be at least those of the call before.
    #[inline]
    pub fn fold(&mut self, low: usize, high: usize, event: &impl Fn(usize) -> F::State) -> F::State {
        if low >= high {
            return F::EMPTY;
        }
        if low >= self.middle {
            return self.turn_over(low, high, event);
        }
        for place in self.end..high {
            self.back = F::merge(self.back, event(place));
        }
        self.end = high;
        F::merge(self.front[low - self.front_start], self.back)
    }

    fn turn_over(&mut self, low: usize, high: usize, event: &impl Fn(usize) -> F::State) -> F::State {
        (self.front_start, self.middle, self.back, self.end) = (low, high, F::EMPTY, high);
        if self.front.len() < high - low {
            self.front.resize(high - low, F::EMPTY);
        }
        let mut state = F::EMPTY;
        for (slot, place) in self.front[..high - low].iter_mut().zip(low..high).rev() {
            state = F::merge(event(place), state);
            *slot = state;
        }
        state
    }
}

impl<F: Fold> Default for TwoStack<F> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::{First, IntegerSum};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_folds_what_a_plain_loop_folds(
            values in prop::collection::vec(-9..9_i64, 0..40),
            mut steps in prop::collection::vec((0..40_usize, 0..40_usize), 0..20),
        ) {
            let mut lows: Vec<_> = steps.iter().map(|step| step.0.min(values.len())).collect();
            lows.sort_unstable();
            steps.sort_by_key(|step| step.1);
            let (mut sums, mut firsts) = (TwoStack::<IntegerSum>::new(), TwoStack::<First>::new());
            for (low, (_, high)) in lows.into_iter().zip(steps) {
                let high = high.min(values.len());
                let plain: i128 = values.get(low..high).unwrap_or_default().iter().map(|&v| i128::from(v)).sum();
                prop_assert_eq!(sums.fold(low, high, &|place| i128::from(values[place])), plain);
                let first = if low < high { low as u32 } else { u32::MAX };
                prop_assert_eq!(firsts.fold(low, high, &|place| place as u32), first);
            }
        }
    }
}
