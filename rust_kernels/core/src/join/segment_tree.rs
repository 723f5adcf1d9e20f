//! A fold over any index range whose values are switched on in any order: for events that arrive late.

use crate::aggregate::{State, Value};

/// A bottom-up segment tree; leaves are in event order, so that merges keep it.
pub struct SegmentTree<V: Value> {
    nodes: Vec<State<V>>,
    leaves: usize,
}

impl<V: Value> SegmentTree<V> {
    /// A tree of `length` leaves, all switched off.
    #[must_use]
    pub fn new(length: usize) -> Self {
        let leaves = length.next_power_of_two();
        Self { nodes: vec![State::EMPTY; 2 * leaves], leaves }
    }

    /// Switches leaf `index` on.
    pub fn activate(&mut self, index: usize, value: Option<V>) {
        let mut node = self.leaves + index;
        self.nodes[node] = State::prepare(value);
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node].merge(self.nodes[2 * node + 1]);
        }
    }

    /// The merge of all active leaves from `lo` on.
    #[must_use]
    pub fn suffix(&self, lo: usize) -> State<V> {
        if lo >= self.leaves {
            return State::EMPTY;
        }
        // From the leaf upwards, each right sibling holds the next later range.
        let mut node = self.leaves + lo;
        let mut state = self.nodes[node];
        while node > 1 {
            if node.is_multiple_of(2) {
                state = state.merge(self.nodes[node + 1]);
            }
            node /= 2;
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::SegmentTree;
    use crate::aggregate::State;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_suffix_holds_the_active_leaves_in_their_order(
            values in prop::collection::vec(-9_i64..9, 1..20),
            activations in prop::collection::vec(0_usize..20, 0..20),
            lo in 0_usize..25,
        ) {
            let mut tree = SegmentTree::new(values.len());
            let mut active = vec![None; values.len()];
            for index in activations.into_iter().filter(|&index| index < values.len()) {
                tree.activate(index, Some(values[index]));
                active[index] = Some(values[index]);
            }
            let fresh = active[lo.min(values.len())..].iter().fold(State::EMPTY, |state, &value| {
                state.merge(State::prepare(value))
            });
            let seen = tree.suffix(lo);
            prop_assert_eq!((seen.count, seen.sum), (fresh.count, fresh.sum));
            if seen.count > 0 {
                prop_assert_eq!((seen.min, seen.max), (fresh.min, fresh.max));
                prop_assert_eq!((seen.first, seen.last), (fresh.first, fresh.last));
            }
        }
    }
}
