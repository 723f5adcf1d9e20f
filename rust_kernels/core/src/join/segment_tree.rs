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
        Self {
            nodes: vec![State::EMPTY; 2 * leaves],
            leaves,
        }
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
            if node % 2 == 0 {
                state = state.merge(self.nodes[node + 1]);
            }
            node /= 2;
        }
        state
    }
}
