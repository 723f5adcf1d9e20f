//! The most frequent values, from a bounded number of counters (Misra & Gries 1982; merged as Agarwal et al. 2012).
//!
//! 1. A value that has a counter raises it; a new one takes a free counter.
//! 2. Where none is free, every counter is lowered by one and those at 0 are freed: each time, counters + 1 values go.
//! 3. A merge adds counters of equal values and, if too many are left, lowers all by the first that has no room.
//!
//! So no count is too high, each is too low by at most n / (counters + 1), and all are exact as long as there are no
//! more distinct values than counters.

use std::collections::BTreeMap;

use super::bytes::{Item, Reader};
use super::{Sketch, SketchError};

const LAYOUT: u8 = 1;

/// The counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frequent<K: Item> {
    counters: BTreeMap<K, u64>,
    room: usize,
}

impl<K: Item> Frequent<K> {
    /// No values, and room for as many counters, at least one.
    #[must_use]
    pub fn new(room: usize) -> Self {
        Self { counters: BTreeMap::new(), room: room.max(1) }
    }

    /// At most `k` values with the highest counts, in the order of the values; of equal counts the lower values.
    #[must_use]
    pub fn top(&self, k: usize) -> Vec<(&K, u64)> {
        let mut found: Vec<_> = self.counters.iter().map(|(item, count)| (item, *count)).collect();
        found.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
        found.truncate(k);
        found.sort_unstable();
        found
    }

    fn lower(&mut self, by: u64) {
        self.counters.retain(|_, count| {
            *count = count.saturating_sub(by);
            *count > 0
        });
    }

    /// The state as bytes: its layout, the room, how many counters, and each value with its count.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![LAYOUT];
        bytes.extend((self.room as u64).to_le_bytes());
        bytes.extend((self.counters.len() as u64).to_le_bytes());
        for (item, count) in &self.counters {
            item.write(&mut bytes);
            bytes.extend(count.to_le_bytes());
        }
        bytes
    }

    /// Reads what `to_bytes` wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SketchError> {
        let mut reader = Reader::new("Frequent", bytes, LAYOUT)?;
        let mut state = Self::new(usize::try_from(reader.number()?).map_err(|_| reader.damaged())?);
        for _ in 0..reader.number()? {
            let item = K::read(&mut reader)?;
            let count = reader.number()?;
            let again = state.counters.insert(item, count);
            if again.is_some() || count == 0 || state.counters.len() > state.room {
                return Err(reader.damaged());
            }
        }
        reader.end()?;
        Ok(state)
    }
}

impl<K: Item> Sketch for Frequent<K> {
    type Item = K;

    fn update(&mut self, item: K) {
        if let Some(count) = self.counters.get_mut(&item) {
            *count += 1;
        } else if self.counters.len() < self.room {
            self.counters.insert(item, 1);
        } else {
            self.lower(1);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (item, count) in &other.counters {
            *self.counters.entry(item.clone()).or_default() += count;
        }
        if self.counters.len() > self.room {
            let mut counts: Vec<u64> = self.counters.values().copied().collect();
            counts.sort_unstable_by(|left, right| right.cmp(left));
            self.lower(counts[self.room]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[i64], room: usize) -> Frequent<i64> {
        let mut state = Frequent::new(room);
        for value in values {
            state.update(*value);
        }
        state
    }

    #[test]
    fn the_top_is_in_the_order_of_the_values_and_ties_go_to_the_lower() {
        let state = of(&[5, 9, 5, 1, 9, 7], 8);
        assert_eq!(state.top(3), [(&1, 1), (&5, 2), (&9, 2)]);
    }

    #[test]
    fn text_is_written_and_damaged_bytes_are_refused() {
        let mut state = Frequent::new(2);
        for text in ["å", "", "å"] {
            state.update(text.to_owned());
        }
        let bytes = state.to_bytes();
        assert_eq!(Frequent::from_bytes(&bytes), Ok(state));
        assert_eq!(Frequent::<String>::from_bytes(&bytes[..20]), Err(SketchError::Damaged("Frequent")));
        assert_eq!(
            Frequent::<String>::from_bytes(&[bytes, vec![1]].concat()),
            Err(SketchError::Damaged("Frequent"))
        );
    }

    proptest! {
        #[test]
        fn any_tree_of_merges_keeps_the_bound(
            parts in prop::collection::vec(prop::collection::vec(0..20_i64, 0..60), 1..6), room in 1..25_usize,
        ) {
            let all: Vec<i64> = parts.concat();
            let mut left = Frequent::new(room);
            for part in &parts {
                left.merge(&of(part, room));
            }
            let mut right = Frequent::new(room);
            for part in parts.iter().rev() {
                let mut state = of(part, room);
                state.merge(&right);
                right = state;
            }
            for state in [of(&all, room), left, right] {
                prop_assert!(state.counters.len() <= room);
                for value in 0..20 {
                    let exact = all.iter().filter(|seen| **seen == value).count() as u64;
                    let found = state.counters.get(&value).copied().unwrap_or(0);
                    prop_assert!(found <= exact);
                    prop_assert!((exact - found) * (room as u64 + 1) <= all.len() as u64);
                }
                prop_assert_eq!(Frequent::from_bytes(&state.to_bytes()), Ok(state));
            }
        }
    }
}
