//! Folds over every range of a key's events, as events become known in any order.
//!
//! A node holds the merge of the known events below it. Sixteen children a node: an event that becomes known touches
//! four nodes among 64 thousand, one that is taken back merges the children of each, and a suffix is at most fifteen of
//! them a level. A range that ends earlier takes up to
//! fifteen a level on its right side, too.

use crate::aggregate::Fold;

const BITS: u32 = 4;
const CHILDREN: usize = 1 << BITS;

/// The tree; level 0 holds the events in the order of their times.
pub struct SegmentTree<F: Fold> {
    nodes: Vec<F::State>,
    /// Where each level starts among the nodes, and where the last one ends.
    levels: Vec<usize>,
}

impl<F: Fold> SegmentTree<F> {
    /// A tree for no events.
    #[must_use]
    pub fn new() -> Self {
        Self { nodes: Vec::new(), levels: Vec::new() }
    }

    /// Makes room for `events`, none of them known.
    pub fn clear(&mut self, events: usize) {
        self.levels.clear();
        let (mut start, mut width) = (0, events);
        loop {
            self.levels.push(start);
            start += width;
            if width <= CHILDREN {
                break;
            }
            width = width.div_ceil(CHILDREN);
        }
        self.levels.push(start);
        self.nodes.clear();
        self.nodes.resize(start, F::EMPTY);
    }

    /// Makes the event at `place` known.
    #[inline]
    pub fn insert(&mut self, mut place: usize, state: F::State) {
        for &start in &self.levels[..self.levels.len() - 1] {
            let node = &mut self.nodes[start + place];
            *node = F::merge(*node, state);
            place >>= BITS;
        }
    }

    /// Takes back the event at `place`: what held it is merged anew from its other children, never subtracted from.
    #[inline]
    pub fn remove(&mut self, mut place: usize) {
        self.nodes[place] = F::EMPTY;
        for level in 1..self.levels.len() - 1 {
            place >>= BITS;
            let first = self.levels[level - 1] + place * CHILDREN;
            let children = &self.nodes[first..self.levels[level].min(first + CHILDREN)];
            let state = children.iter().fold(F::EMPTY, |left, right| F::merge(left, *right));
            self.nodes[self.levels[level] + place] = state;
        }
    }

    /// The merge of the known events from `place` on.
    #[inline]
    #[must_use]
    pub fn suffix(&self, mut place: usize) -> F::State {
        let mut state = F::EMPTY;
        for (level, bounds) in self.levels.windows(2).enumerate() {
            let width = bounds[1] - bounds[0];
            let is_top = level + 2 == self.levels.len();
            let until = if is_top { width } else { width.min(place.next_multiple_of(CHILDREN)) };
            for node in &self.nodes[bounds[0] + place.min(until)..bounds[0] + until] {
                state = F::merge(state, *node);
            }
            place = place.div_ceil(CHILDREN);
        }
        state
    }

    /// The merge of the known events in `low..high`, which lies within the events.
    #[inline]
    #[must_use]
    pub fn range(&self, mut low: usize, mut high: usize) -> F::State {
        if high == self.levels.get(1).map_or(0, |end| *end) {
            return self.suffix(low);
        }
        let (mut left, mut right) = (F::EMPTY, F::EMPTY);
        for (level, &start) in self.levels[..self.levels.len() - 1].iter().enumerate() {
            if low >= high {
                break;
            }
            let (inner_low, inner_high) = (low.div_ceil(CHILDREN), high / CHILDREN);
            // Whole parents are left to the next level; without any, the rest is merged here from left to right.
            let is_last = inner_low >= inner_high || level + 2 == self.levels.len();
            let until = if is_last { high } else { inner_low * CHILDREN };
            for node in &self.nodes[start + low..start + until] {
                left = F::merge(left, *node);
            }
            if is_last {
                break;
            }
            for node in self.nodes[start + inner_high * CHILDREN..start + high].iter().rev() {
                right = F::merge(*node, right);
            }
            (low, high) = (inner_low, inner_high);
        }
        F::merge(left, right)
    }
}

impl<F: Fold> Default for SegmentTree<F> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::{IntegerSum, Largest};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_suffix_is_what_a_plain_loop_folds(
            events in 0..600_usize,
            arrivals in prop::collection::vec((0..600_usize, -99..99_i64), 0..60),
        ) {
            let (mut sums, mut largest) = (SegmentTree::<IntegerSum>::new(), SegmentTree::<Largest<i64>>::new());
            sums.clear(events);
            largest.clear(events);
            let mut known: Vec<(usize, i64)> = Vec::new();
            for (place, value) in arrivals.into_iter().filter(|arrival| arrival.0 < events) {
                if let Some(seen) = known.iter().position(|seen| seen.0 == place) {
                    known.swap_remove(seen);
                    sums.remove(place);
                    largest.remove(place);
                } else {
                    known.push((place, value));
                    sums.insert(place, i128::from(value));
                    largest.insert(place, value);
                }
                for low in [0, 1, 15, 16, 17, place, place + 1, events / 2, events] {
                    let inside = known.iter().filter(|seen| seen.0 >= low).map(|seen| seen.1);
                    prop_assert_eq!(sums.suffix(low), inside.clone().map(i128::from).sum::<i128>());
                    prop_assert_eq!(largest.suffix(low), inside.max().unwrap_or(i64::MIN));
                    for high in [low, low + 1, low + 17, 256, 272, events / 3, events].map(|high| high.min(events)) {
                        let inside = known.iter().filter(|seen| (low..high).contains(&seen.0));
                        prop_assert_eq!(sums.range(low.min(high), high), inside.map(|seen| i128::from(seen.1)).sum::<i128>());
                    }
                }
            }
        }
    }
}
